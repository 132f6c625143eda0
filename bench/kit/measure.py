"""Runs a program to its end and says what it took; asks a PDF what it is."""

import ctypes
import os
import re
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

PR_SET_CHILD_SUBREAPER = 36
LIMIT = 180.0  # seconds: far more than any of the programs needs, so that a bench ends by itself


class Failed(Exception):
    """A measured program did not do its work."""


@dataclass(frozen=True)
class Run:
    """What one run took."""

    seconds: float  # from start to end
    cpu: float  # seconds of all processors together, user and system: less moved by what else the machine does
    peak: int  # bytes


@dataclass(frozen=True)
class Pdf:
    """What a finished PDF says of itself."""

    size: int  # bytes
    pages: int
    is_tagged: bool
    claims: str  # the PDF/UA part that its metadata names, or nothing
    characters: int  # that can be read back, blanks not counted


def run(command: list[str], log: Path, environment: dict[str, str] | None = None) -> Run:
    """Runs a command, from before its start until it has ended.

    The peak is the kernel's `ru_maxrss`: the largest single process of all that the command started, not their sum.
    It cannot be lower than what this interpreter itself held (about 20 MB) when it started them.
    """
    adopt_orphans()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=os.environ | (environment or {}),
                start_new_session=True,
            )
        except OSError as error:
            raise Failed(f"{command[0]} を動かせません（{error.strerror}）") from error
        alarm = Timer(LIMIT, end_group, [process.pid])
        alarm.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    alarm.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    end_group(process.pid)
    if seconds >= LIMIT:
        raise Failed(f"{LIMIT:.0f}秒で終わりませんでした（{log}）")
    if process.returncode != 0:
        raise Failed(f"終了コード{process.returncode}で終わりました（{log}）")
    usages = [usage, *left_behind()]
    cpu = sum(each.ru_utime + each.ru_stime for each in usages)
    return Run(seconds, cpu, max(each.ru_maxrss for each in usages) * 1024)


def adopt_orphans() -> None:
    """Makes this process the parent of those whose own parent ends: a browser does not wait for its children, and what
    nobody has waited for is missing from the kernel's account."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def left_behind() -> Iterator[resource.struct_rusage]:
    """Ends what a command has left running and says what each of those took."""
    while True:
        for child in children():
            os.kill(child, signal.SIGKILL)
        try:
            yield os.wait4(-1, 0)[2]
        except ChildProcessError:
            return


def children() -> list[int]:
    """This process's own children, adopted ones too; none has been waited for, so that each number is still theirs."""
    lists = (path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    return [int(child) for text in lists for child in text.split()]


def end_group(leader: int) -> None:
    """Ends what is left of a command's process group, which `run` has made for it alone."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


def inspect(path: Path) -> Pdf:
    """Asks poppler about a finished PDF."""
    if not path.exists():
        raise Failed(f"{path} ができませんでした")
    facts = dict(re.findall(r"^(\w[\w ]*):\s*(.*)$", ask("pdfinfo", str(path)), re.MULTILINE))
    part = re.search(r"pdfuaid:part(?:>|=\")(\d)", ask("pdfinfo", "-meta", str(path)))
    text = ask("pdftotext", str(path), "-")
    return Pdf(
        size=path.stat().st_size,
        pages=int(facts["Pages"]),
        is_tagged=facts.get("Tagged") == "yes",
        claims=f"UA-{part[1]}" if part else "",
        characters=len("".join(text.split())),
    )


def ask(*command: str) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=True)
    return done.stdout.decode("utf-8", errors="replace")
