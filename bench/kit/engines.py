"""The programs that make the PDF: ours and the peers, each with its input made from the same document.

All of them see the same fonts, ours built in, the peers' through a font configuration that knows these alone.
"""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from kit import provide
from kit.grids import Json
from kit.places import BENCH, LOGS, OUT, ROOT
from kit.provide import Missing
from kit.webpage import webpage

BUILDING = 3600  # seconds


@dataclass(frozen=True)
class Engine:
    """A program that is ready to be run: the command makes the output."""

    name: str
    command: list[str]
    output: Path
    environment: dict[str, str] = field(default_factory=dict)


def ours(document: Path, output: Path, forms: list[Path], binary: Path | None = None) -> Engine:
    """Our own program, from the report document."""
    command = [str(binary or release()), "convert", "--quiet", str(document), str(output)]
    for form in forms:
        command += ["--form", str(form)]
    return Engine("kaikaku", command, output)


def release(program: str = "kaikaku") -> Path:
    """A program's release build of this working tree; cargo says where it lies."""
    provide.say("リリース版をビルドしています（初回は数分かかります）")
    provide.logged([str(ROOT / "scripts" / "setup")], "setup")
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / "build.log"
    command = ["cargo", "build", "--release", "--workspace", "--message-format=json-render-diagnostics"]
    with log.open("wb") as out:
        try:
            built = subprocess.run(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=out,
                timeout=BUILDING,
                check=True,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise Missing(f"ビルドできません（{log}）") from error
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    made = {message["target"]["name"]: message["executable"] for message in messages if message.get("executable")}
    return Path(made[program])


def libreoffice(document: Path, folder: Path, may_install: bool) -> Engine:
    """LibreOffice without a window, from the workbook, with the settings that a user gets."""
    office = provide.command(["soffice"], ["libreoffice-calc-nogui"], may_install)
    python = provide.python(may_install)
    workbook = folder / "report.xlsx"
    provide.logged([python, "-B", "-m", "kit.workbook", str(document), str(workbook)], "workbook", BENCH)
    profile = f"-env:UserInstallation=file://{OUT / 'libreoffice-profile'}"
    target = folder / "libreoffice"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(target), str(workbook)]
    return Engine("LibreOffice（xlsx）", command, target / "report.pdf", fonts())


def chromium(content: Json, folder: Path, may_install: bool) -> Engine:
    """Chromium without a window, printing the web page."""
    browser = provide.command(["chromium", "chromium-browser", "google-chrome"], ["chromium"], may_install)
    output = folder / "chromium.pdf"
    command = [browser, "--headless", "--disable-gpu", f"--user-data-dir={OUT / 'chromium-profile'}"]
    if os.getuid() == 0:
        command.append("--no-sandbox")  # it refuses to start as root with one
    command += ["--no-pdf-header-footer", f"--print-to-pdf={output}", page(content, folder).as_uri()]
    return Engine("Chromium（html）", command, output, fonts())


def weasyprint(content: Json, folder: Path, may_install: bool) -> Engine:
    """WeasyPrint, typesetting the web page as PDF/UA-1."""
    python = provide.python(may_install)
    if subprocess.run([python, "-c", "import weasyprint"], capture_output=True, check=False).returncode != 0:
        provide.install(["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"], may_install)
    output = folder / "weasyprint.pdf"
    command = [python, "-m", "weasyprint", "--pdf-variant", "pdf/ua-1", str(page(content, folder)), str(output)]
    return Engine("WeasyPrint（pdf/ua-1）", command, output, fonts())


def page(content: Json, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(webpage(content), encoding="utf-8")
    return path


def fonts() -> dict[str, str]:
    """The environment in which a program sees the fonts of this repository and no others."""
    path = OUT / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{ROOT / 'fonts'}</dir><cachedir>{OUT / 'font-cache'}</cachedir></fontconfig>\n"
    )
    return {"FONTCONFIG_FILE": str(path)}
