"""Gets what a bench needs, where that is allowed, and says what is missing where it is not."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from kit.places import BENCH, LOGS, OUT

PATIENCE = 1200  # seconds for the package manager


class Missing(Exception):
    """Something is not there: the bench goes on without it."""


def command(names: list[str], packages: list[str], may_install: bool) -> str:
    """The path of the first of these commands that is there, after installing the packages if need be."""
    for attempt in (False, True):
        found = next((path for path in map(shutil.which, names) if path), None)
        if found:
            return found
        if not attempt:
            install(packages, may_install)
    raise Missing(f"{names[0]} がありません")


def install(packages: list[str], may_install: bool) -> None:
    """Installs Debian packages."""
    wanted = " ".join(packages)
    if not (may_install and os.getuid() == 0 and shutil.which("apt-get")):
        raise Missing(f"次のパッケージを入れてください: {wanted}")
    say(f"{wanted} を入れています")
    refresh()
    logged(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], "apt-install")


@cache
def refresh() -> None:
    """Fetches the package lists, once a run."""
    logged(["apt-get", "update", "-q"], "apt-update")


def python(may_install: bool, requirements: Path = BENCH / "requirements.txt") -> str:
    """An interpreter with the packages of a list, in a private environment that is made once."""
    folder = OUT / "-".join(["venv", *requirements.parent.relative_to(BENCH).parts])
    wanted = requirements.read_text()
    interpreter, stamp = folder / "bin" / "python", folder / "requirements.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return str(interpreter)
    if not may_install:
        raise Missing(f"{requirements.relative_to(BENCH.parent)} のPythonパッケージがありません")
    say("Pythonのパッケージを用意しています")
    try:
        logged([sys.executable, "-m", "venv", "--clear", str(folder)], "venv")
    except Missing:
        install(["python3-venv"], may_install)
        logged([sys.executable, "-m", "venv", "--clear", str(folder)], "venv")
    logged([str(interpreter), "-m", "pip", "install", "-q", "-r", str(requirements)], "pip")
    stamp.write_text(wanted)
    return str(interpreter)


def logged(command: list[str], name: str, folder: Path | None = None) -> None:
    """Runs a preparing command; what it says goes to a file that an error names."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("wb") as out:
        try:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                cwd=folder,
                timeout=PATIENCE,
                check=True,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise Missing(f"{command[0]} に失敗しました（{log}）") from error


def say(text: str) -> None:
    """Progress, on standard error: standard output is the table's."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
