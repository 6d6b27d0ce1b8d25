"""Asks for the headers of files, which are read in the box [export-X53].

Starting Python and PyAV costs a tenth of a second, reading headers a few milliseconds: so a helper stands by, and
forks for each file. What a file does to its reader ends with that reader.
"""

import os
import selectors
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from exporter.errors import MediaUnusable, ToolFailed
from exporter.probe import Probe
from exporter.probe_wire import ANSWER_BYTES_MAX, NAME_BYTES, READY, read_answer
from kit.box import FARM, GIB, Level, Limits, boxed_command, interpreter
from kit.processes import named

SECONDS: Final = 20
CLOSING_SECONDS: Final = 1.0
START_SECONDS: Final = 60.0  # on a machine that is busy with other things
ATTEMPTS: Final = 2  # a helper may have ended for reasons that are not this file's
LIMITS: Final = Limits(address_space_bytes=GIB, output_bytes=0, open_files=64)
SERVE: Final = (
    "import sys; sys.path.insert(0, '/in/'); from exporter.probe_helper import serve; serve({})"
)
PACKAGES: Final = ("exporter", "kit", "av")


class Prober:
    """Reads headers at one level of confinement; safe from any thread. Starts its helper when it is first needed."""

    def __init__(self, level: Level, *, seconds: int = SECONDS) -> None:
        self._level: Level = level
        self._seconds = seconds
        self._lock = threading.Lock()
        self._helper: _Helper | None = None

    def probe(self, path: Path, demuxer: str) -> Probe:
        """Read the headers of `path` with one forced demuxer; MediaUnusable says what is wrong.

        OSError where the file cannot be opened, ToolFailed where no helper starts.
        """
        for _ in range(ATTEMPTS):
            answer = self._answer(path, demuxer)
            if answer:
                return read_answer(answer, demuxer)
        raise MediaUnusable("media_damaged", "its headers break whatever reads them")

    def start(self) -> None:
        """Start the helper now, to see that it does; ToolFailed."""
        with self._lock:
            self._helper = self._helper or _Helper(self._level, self._seconds)

    def close(self) -> None:
        """End the helper; a later probe starts another."""
        with self._lock:
            helper, self._helper = self._helper, None
        if helper is not None:
            helper.let_go(CLOSING_SECONDS)
            helper.join()

    def _answer(self, path: Path, demuxer: str) -> bytes:
        """What the reader of one file wrote; nothing where it ended without a word."""
        reading, writing = os.pipe()
        try:
            with path.open("rb") as file:
                helper = self._asked(demuxer, file.fileno(), writing)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)  # so that the end of the reader is the end of the answer
        with os.fdopen(reading, "rb", buffering=0):
            try:
                answer = _read_all(reading, self._seconds)
            except TimeoutError as late:
                self._retire(helper)
                told = f"its headers take more than {self._seconds} s"
                raise MediaUnusable("media_damaged", told) from late
        if not answer:
            self._retire(helper)
        return answer

    def _asked(self, demuxer: str, file: int, answer: int) -> "_Helper":
        """The helper that this was asked of; it may be gone, then no answer comes."""
        with self._lock:
            if self._helper is None:
                self._helper = _Helper(self._level, self._seconds)
            self._helper.ask(demuxer, file, answer)
            return self._helper

    def _retire(self, helper: "_Helper") -> None:
        """Ask this helper nothing more; what it has begun goes on."""
        with self._lock:
            if self._helper is helper:
                self._helper = None
            helper.let_go(self._seconds)


class _Helper:
    """One helper process. A thread starts it and waits for it, because the kernel ends it with that thread.

    ToolFailed where it does not start.
    """

    def __init__(self, level: Level, seconds: int) -> None:
        packages = _packages()
        self._patience = 0.0
        self._ended_with = (-1, "")
        self._left = threading.Event()
        self._requests, theirs = socket.socketpair()
        self._requests.settimeout(START_SECONDS)
        self._thread = threading.Thread(
            target=self._live,
            args=(level, theirs, seconds, packages),
            name="probe-helper",
            daemon=True,
        )
        self._thread.start()
        try:
            is_ready = self._requests.recv(len(READY)) == READY
        except TimeoutError:
            is_ready = False
        if not is_ready:
            self.let_go(CLOSING_SECONDS)
            self.join()
            raise ToolFailed(*self._ended_with, tool="the reader of headers")

    def ask(self, demuxer: str, file: int, answer: int) -> None:
        name = demuxer.encode().ljust(NAME_BYTES, b"\0")
        with suppress(OSError):
            socket.send_fds(self._requests, [name], [file, answer])

    def let_go(self, patience: float) -> None:
        """It ends when it has answered what it was asked; what takes longer than so many seconds is killed."""
        with suppress(OSError):
            self._requests.shutdown(socket.SHUT_WR)
        self._patience = patience
        self._left.set()

    def join(self) -> None:
        self._thread.join()

    def _live(
        self, level: Level, theirs: socket.socket, seconds: int, packages: Mapping[str, Path]
    ) -> None:
        python, folder = interpreter()
        with (
            self._requests,
            theirs,
            tempfile.TemporaryDirectory(prefix=named(FARM)) as farm,
            boxed_command(
                level,
                python,
                ["-I", "-S", "-B", "-c", SERVE.format(seconds)],
                inputs=packages,
                output_dir=None,
                farm=Path(farm),
                limits=LIMITS,
                shown=[folder],
            ) as command,
        ):
            try:
                process = subprocess.Popen(
                    command.argv,
                    cwd=command.cwd,
                    pass_fds=command.pass_fds,
                    env={},
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
            except OSError as error:
                self._ended_with = (-1, str(error))
                return
            theirs.close()
            self._left.wait()
            self._ended_with = _ended(process, self._patience)


def _packages() -> dict[str, Path]:
    """What the helper imports, by name: our code, PyAV, and the libraries beside it; ToolFailed where there is none."""
    found = {name: find_spec(name) for name in PACKAGES}
    folders = {
        name: Path(spec.submodule_search_locations[0])
        for name, spec in found.items()
        if spec is not None and spec.submodule_search_locations
    }
    if len(folders) < len(PACKAGES):
        raise ToolFailed(-1, "PyAV is not installed", tool="the reader of headers")
    libraries = folders["av"].with_name("av.libs")
    return {**folders, "av.libs": libraries} if libraries.is_dir() else folders


def _ended(process: "subprocess.Popen[bytes]", patience: float) -> tuple[int, str]:
    """Exit code and what it said, of a process that has been let go; killed with all it started where it hangs."""
    try:
        _, said = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        _, said = process.communicate()
    return process.returncode, said.decode("utf-8", "replace")


def _read_all(descriptor: int, seconds: int) -> bytes:
    """Until the end, or a little beyond the limit; TimeoutError."""
    deadline = time.monotonic() + seconds
    told = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while len(told) <= ANSWER_BYTES_MAX:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            chunk = os.read(descriptor, ANSWER_BYTES_MAX)
            if not chunk:
                break
            told += chunk
    return told
