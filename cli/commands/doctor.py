"""`cutroom doctor`: what is installed, which versions, what is missing and how to get it.

Every part is looked at on its own, so that it answers in a broken install too.
"""

import argparse
import importlib
import importlib.metadata
import json
import platform
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Final

from cli.errors import CommandFailed, ExitCode
from cli.findings import Finding
from exporter.errors import ExporterError
from exporter.prober import Prober
from kit.box import Level, filters_calls

SUMMARY: Final = "tell what is installed, which versions, and what is missing"
SAFE_FFMPEG: Final = ((7, 1, 5), (8, 0, 3), (8, 1, 2))  # CVE-2026-8461: first releases with the fix
FREE_BYTES_MIN: Final = 1 << 30
NETWORK: Final = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "ceph", "glusterfs", "fuse.s3fs")
LIBRARIES: Final = ("av", "numpy", "pycrdt", "fastapi", "sqlalchemy", "skia-python", "uvicorn")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="findings as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    looks: tuple[Callable[[], list[Finding]], ...] = (_python, _libraries, _ffmpeg, _text, _browser)
    findings = [finding for look in looks for finding in look()]
    wrong_setting: CommandFailed | None = None
    try:
        findings += _servers()
    except CommandFailed as failed:
        wrong_setting = failed
    _tell(findings, as_json=arguments.json)
    if wrong_setting is not None:
        raise wrong_setting
    needed = [finding for finding in findings if finding.state == "missing"]
    return ExitCode.FAILED if needed else ExitCode.DONE


def _tell(findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"findings": [asdict(finding) for finding in findings]}))
        return
    for finding in findings:
        remedy = f" -> {finding.remedy}" if finding.remedy else ""
        print(f"{finding.state:8} {finding.part:14} {finding.detail}{remedy}")


def _python() -> list[Finding]:
    return [Finding("python", "ok", platform.python_version())]


def _libraries() -> list[Finding]:
    findings: list[Finding] = []
    for name in LIBRARIES:
        try:
            findings.append(Finding(name, "ok", importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            findings.append(Finding(name, "missing", "not installed", "./dev run installs it"))
    return findings


def _ffmpeg() -> list[Finding]:
    try:
        settings_module = importlib.import_module("exporter.settings")
        settings = settings_module.read_settings()
        found = settings_module.find_ffmpeg(settings)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        return [Finding("ffmpeg", "missing", str(error), "./dev run installs the pinned wheel")]
    detail = f"{found.version}, build {found.build_id[:16]}, {found.path}"
    state = "ok" if is_safe(found.version) else "warning"
    remedy = "" if state == "ok" else "use the pinned wheel: unset CUTROOM_FFMPEG"
    findings = [Finding("ffmpeg", state, detail, remedy), _box(found.level), _calls(found.level)]
    return [*findings, _headers(found.prober)]


def _box(level: Level) -> Finding:
    if level == "strict":
        return Finding("box", "ok", "strict (bubblewrap)")
    if shutil.which("bwrap") is None:
        remedy = "apt-get install bubblewrap"
    else:
        remedy = "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    return Finding("box", "warning", level, f"for the strict box: {remedy}")


def _calls(level: Level) -> Finding:
    if filters_calls(level):
        return Finding("system calls", "ok", "filtered in the box (seccomp)")
    if level == "strict":
        remedy = "run on x86_64 or aarch64, where the numbers of system calls are known"
    else:
        remedy = "comes with the strict box"
    return Finding("system calls", "warning", "not filtered", remedy)


def _headers(prober: Prober) -> Finding:
    try:
        with closing(prober):
            prober.start()
    except (ExporterError, OSError) as error:
        remedy = "let the user who runs Cutroom read its Python"
        return Finding("headers", "missing", str(error), remedy)
    return Finding("headers", "ok", "of media are read in the box")


def is_safe(version: str) -> bool:
    """Whether a version of ffmpeg has the fixes that hostile media needs."""
    found = re.match(r"n?(\d+)\.(\d+)(?:\.(\d+))?", version)
    if found is None:
        return False
    number = (int(found[1]), int(found[2]), int(found[3] or 0))
    same = [safe for safe in SAFE_FFMPEG if safe[:2] == number[:2]]
    return number >= same[0] if same else number > SAFE_FFMPEG[-1]


def _text() -> list[Finding]:
    try:
        importlib.import_module("skia")
    except ImportError as error:
        remedy = "apt-get install libgl1 libegl1"
        return [Finding("text drawing", "missing", str(error), remedy)]
    return [Finding("text drawing", "ok", "skia")]


def _browser() -> list[Finding]:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path is not None:
            return [Finding("browser", "ok", path)]
    return [Finding("browser", "warning", "none, only tests need one", "apt-get install chromium")]


def _servers() -> list[Finding]:
    """What the settings of a server name: its disk, and the parts that several machines share."""
    try:
        settings_module = importlib.import_module("backend.settings")
        cluster = importlib.import_module("cli.cluster_doctor")
    except ImportError as error:
        return [_disk(Path()), Finding("server", "missing", str(error), "./dev run installs it")]
    try:
        settings = settings_module.Settings.read()
    except settings_module.BadSettings as bad:
        raise CommandFailed(bad.detail, bad.name, ExitCode.BAD_INPUT) from bad
    return [_disk(settings.data_dir), *cluster.cluster_findings(settings)]


def _disk(folder: Path) -> Finding:
    """Room where data and scratch lie, and whether SQLite may lie there."""
    whole = folder.absolute()
    place = next(found for found in (whole, *whole.parents) if found.is_dir())
    free = shutil.disk_usage(place).free
    detail = f"{free >> 20} MiB free in {place}"
    kind = file_system(place, Path("/proc/mounts"))
    if kind.startswith(NETWORK):
        remedy = "put CUTROOM_DATA_DIR on a local disk: SQLite breaks on a network's"
        return Finding("disk", "warning", f"{detail}, on {kind}", remedy)
    if free < FREE_BYTES_MIN:
        remedy = "make room, or set CUTROOM_DATA_DIR to a larger disk"
        return Finding("disk", "warning", detail, remedy)
    return Finding("disk", "ok", detail)


def file_system(folder: Path, mounts: Path) -> str:
    """The kind of file system that a folder lies on, as Linux lists it in `mounts`; empty where nobody tells."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    above = {str(folder.resolve()), *(str(parent) for parent in folder.resolve().parents)}
    found = [(len(line[1]), place, line[2]) for place, line in enumerate(lines) if line[1] in above]
    return max(found)[2] if found else ""
