"""The servers that are measured: ours, and the peer. Each runs until the bench ends and says where it listens."""

import argparse
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kit import engines, provide
from kit.grids import Json
from kit.longer import with_sheets
from kit.measure import Failed
from kit.places import BENCH, EXAMPLE, LOGS, OUT
from visitor import Visitor

WEB = BENCH / "web"
FOLDER = OUT / "web"
PEER = WEB / "peer"
PATIENCE = 60  # seconds until a server listens
CLERK = "clerk"


@dataclass(frozen=True)
class Site:
    """A server that runs, and somebody who is signed in there."""

    visitor: Visitor
    group: int | None  # of its processes, when they were started here

    def cpu(self) -> float:
        """Seconds of processor time that its processes have taken so far; nothing is known of those of others."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(errors="replace").rpartition(") ")[2].split()  # from the third, its state, on
            except OSError:
                continue  # it has ended meanwhile
            if int(fields[2]) == self.group:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def add_ours(parser: argparse.ArgumentParser) -> None:
    """The options that say how our server is started and signed in to."""
    parser.add_argument("--command", help="starts our server (the release build's `kaikaku demo`); prints its address")
    parser.add_argument("--address", help="ours runs already, at http://127.0.0.1:PORT")
    parser.add_argument("--sign-in-page", default="/session/new", metavar="PATH", help="its page with the form")
    parser.add_argument("--sign-in", default="/demo/session", metavar="PATH", help="where that form goes to")
    parser.add_argument(
        "--field", action="append", default=[], metavar="NAME=VALUE", help="what is filled in; else the first button"
    )
    parser.add_argument("--no-install", dest="install", action="store_false", help="install nothing")


@contextmanager
def ours(arguments: argparse.Namespace) -> Iterator[Site]:
    """Our server, which keeps its data in `FOLDER / "ours"` when it is started here."""
    with started_ours(arguments) as (address, group):
        visitor = Visitor(address)
        values = dict(each.split("=", 1) for each in arguments.field)
        visitor.sign_in(arguments.sign_in_page, arguments.sign_in, values)
        yield Site(visitor, group)


@contextmanager
def ours_with(rows: int, arguments: argparse.Namespace) -> Iterator[Site]:
    """Our server over a record with so many rows in its list, and its secretariat signed in."""
    if arguments.address or arguments.command:
        with ours(arguments) as site:
            yield site
        return
    binary, data = str(engines.release()), fresh(FOLDER / "rows") / "record"
    first = recorded(binary, data, rows)
    with running([binary, "serve", "--data", str(data), "--listen", "127.0.0.1:0"], "web-ours", {}) as started:
        address, group = started
        visitor = Visitor(address)
        visitor.sign_in("/session/new", "/session", {"name": CLERK, "password": first})
        own = secrets.token_hex()
        form = visitor.form("/account", "/account/password")
        visitor.post(form.action, form.filled({"current": first, "new": own, "again": own}))
        yield Site(visitor, group)


def recorded(binary: str, data: Path, rows: int) -> str:
    """Loads a report whose list has so many rows, one a lead department, and gives the secretariat's password."""
    document = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    count = next(count for count in range(1, rows + 1) if lines(with_sheets(document, count)) >= rows)
    report = data.parent / "report.json"
    report.write_text(json.dumps(with_sheets(document, count), ensure_ascii=False), encoding="utf-8")
    town = document["municipality"]
    place = ["--data", str(data)]
    load = [binary, "load", str(report), *place, "--town", town["code"], "--name", town["name"]]
    provide.logged(load, "web-load")
    add = [binary, "user", "add", CLERK, "測定", "--role", "事務局", *place]
    provide.logged(add, "web-user")
    told = (LOGS / "web-user.log").read_text(encoding="utf-8")
    return told.split("最初のパスワード:")[1].split()[0]


def lines(document: Json) -> int:
    return sum(len(sheet["lead_departments"]) for sheet in document["sheets"])


@contextmanager
def started_ours(arguments: argparse.Namespace) -> Iterator[tuple[str, int | None]]:
    if arguments.address:
        yield arguments.address.rstrip("/"), None
        return
    command = shlex.split(arguments.command) if arguments.command else [str(engines.release()), "demo"]
    data = fresh(FOLDER / "ours")
    with running(command, "web-ours", {"TMPDIR": str(data)}) as started:
        yield started


@contextmanager
def peer(rows: int, workers: int, threads: int, may_install: bool) -> Iterator[Site]:
    """Django under gunicorn, with as many rows as asked for."""
    python = provide.python(may_install, WEB / "requirements.txt")
    password = secrets.token_hex()
    environment = {
        "PEER_DATA": str(fresh(FOLDER / "peer")),
        "PEER_SECRET": secrets.token_hex(),
        "PEER_PASSWORD": password,
    }
    fill = ["env", *(f"{name}={value}" for name, value in environment.items()), python, "-B", "fill.py"]
    provide.logged([*fill, str(EXAMPLE), str(rows)], "web-fill", PEER)
    command = [python, "-B", "-m", "gunicorn", "wsgi:application", "--chdir", str(PEER), "--bind", "127.0.0.1:0"]
    command += ["--workers", str(workers), "--threads", str(threads)]
    settings = environment | {"DJANGO_SETTINGS_MODULE": "settings"}
    with running(command, "web-peer", settings) as (address, group):
        visitor = Visitor(address)
        visitor.sign_in("/session/new", "/session/new", {"username": CLERK, "password": password})
        yield Site(visitor, group)


@contextmanager
def running(command: list[str], name: str, environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Runs a server in a process group of its own, ended at the end: the address that it prints, and the group."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("wb") as out:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=os.environ | environment,
                start_new_session=True,
            )
        except OSError as error:
            raise Failed(f"{command[0]} を動かせません（{error.strerror}）") from error
    try:
        yield printed_address(process, log), process.pid
    finally:
        end(process)


def printed_address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found[0]
        time.sleep(0.02)
    raise Failed(f"サーバーが起動しません（{log}）")


def end(process: subprocess.Popen[bytes]) -> None:
    """Asks it to end, then ends what is left of its group."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def fresh(folder: Path) -> Path:
    """An empty folder for a server's data."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
