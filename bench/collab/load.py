"""The load generator: built from `load.c` once, run on the second core."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.collab.servers import ROOT, TASKSET, Served, put_first

SOURCE: Final = Path(__file__).with_name("load.c")
PROGRAM: Final = ROOT / ".cache/bench/load"
LOAD_CORE: Final = 1


def build() -> None:
    """Compile the generator where its source is newer."""
    if PROGRAM.exists() and PROGRAM.stat().st_mtime > SOURCE.stat().st_mtime:
        return
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([shutil.which("cc") or "cc", "-O2", "-o", str(PROGRAM), str(SOURCE)], check=True)


def run(server: Served, mode: str, *options: str, framed: bool) -> dict[str, Any]:
    """Load a server; what the generator has measured."""
    with _started(server, mode, *options, framed=framed) as process:
        told, complaint = process.communicate()
    if process.returncode:
        raise RuntimeError(complaint.strip())
    return json.loads(told)


@contextmanager
def held(server: Served, *, framed: bool) -> Generator[None]:
    """Everybody connected and quiet while the block runs."""
    with _started(server, "hold", framed=framed) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if not process.stdout.readline():
            raise RuntimeError(process.communicate()[1])
        yield
        process.stdin.close()


@contextmanager
def _started(
    server: Served, mode: str, *options: str, framed: bool
) -> Generator["subprocess.Popen[str]"]:
    with tempfile.NamedTemporaryFile("w", suffix=".clients") as file:
        file.writelines(f"{guest.room} {guest.document} {guest.path}\n" for guest in server.guests)
        file.flush()
        command = [
            *(TASKSET, "-c", str(LOAD_CORE), str(PROGRAM), mode, *options),
            *("--port", str(server.port), "--clients", file.name),
            *("--pids", ",".join(map(str, server.pids))),
            *(["--framed"] if framed else []),
        ]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        ) as process:
            put_first(process.pid)
            yield process
