"""Run the pinned ffmpeg in the box: progress, limits, no stalling, and an end when somebody cancels.

One call is one process, started and awaited by the same thread, because the kernel ends it with
that thread. A guard thread beside it reads stderr and watches; it alone kills. Arguments name
files as `/in/NAME` and `/out/NAME`.
"""

import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TypeAlias

from exporter.errors import BoxVerdict, Cancelled, ExporterError, NoRoom, ToolFailed, ToolStalled
from exporter.prober import Prober
from kit.box import FARM, Level, Limits, boxed_command
from kit.processes import named, sweep

HEAD: Final = ("-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.5")
STALL_SECONDS: Final = 60.0  # export-X19: nothing new for this long is dead, not slow
TERM_SECONDS: Final = 0.5
POLL_SECONDS: Final = 0.1
MEMORY_SECONDS: Final = (
    0.5  # how often memory is looked at: reading /proc costs us more than the rest
)
STDERR_BYTES_MAX: Final = 8192  # the end says why; all of it could be gigabytes
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
FULL_MESSAGES: Final = ("No space left on device", "Disk quota exceeded")

Read: TypeAlias = Callable[[int], bytes]
"""Up to that many bytes of ffmpeg's `pipe:1`; b"" at the end."""


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """The binary, its identity (sha256 of its bytes, in every content key), its box, and who reads headers there.

    Whoever found it closes the prober.
    """

    path: Path
    build_id: str
    level: Level
    prober: Prober
    version: str = ""


def sweep_boxes() -> None:
    """Remove the folders of boxes whose process was killed; whoever starts to work calls it once."""
    sweep(Path(tempfile.gettempdir()), FARM)


def run_ffmpeg(
    ffmpeg: Ffmpeg,
    arguments: Sequence[str],
    *,
    inputs: Mapping[str, Path],
    output_dir: Path,
    limits: Limits,
    cancelled: Callable[[], bool],
    on_frames: Callable[[int], None] | None = None,
    stall_seconds: float = STALL_SECONDS,
) -> None:
    """Run to the end. `arguments` come after the program's name and ask for `-progress pipe:1`.

    `on_frames` gets the frames done so far. Raises Cancelled, ToolFailed, ToolStalled, BoxVerdict,
    NoRoom; what was half written stays in `output_dir`.
    """
    with _running(ffmpeg, arguments, inputs, output_dir, limits, cancelled, stall_seconds) as run:
        run.close_stdin()
        for line in iter(run.stdout.readline, b""):
            name, _, value = line.decode("ascii", "replace").strip().partition("=")
            if name == "out_time_us" or (name == "progress" and value == "end"):
                run.progressed(value)
            elif name == "frame" and value.isdigit():
                run.progressed(f"frame {value}")
                if on_frames is not None:
                    on_frames(int(value))


@contextmanager
def ffmpeg_stream(
    ffmpeg: Ffmpeg,
    arguments: Sequence[str],
    *,
    inputs: Mapping[str, Path],
    output_dir: Path | None,
    limits: Limits,
    cancelled: Callable[[], bool],
    feed: Iterable[bytes] | None = None,
    stall_seconds: float = STALL_SECONDS,
) -> Generator[Read]:
    """Run with pipes: a thread writes `feed` to `pipe:0`, what is yielded reads `pipe:1`.

    Read until b"" comes: leaving the block earlier by an exception ends ffmpeg, and leaving it
    quietly reads the rest away. Raises as `run_ffmpeg` does, and whatever `feed` raised.
    """
    with _running(ffmpeg, arguments, inputs, output_dir, limits, cancelled, stall_seconds) as run:
        feeder = _Feeder(run, feed or ())
        feeder.start()
        try:

            def read(size: int) -> bytes:
                chunk = run.stdout.read(size)
                run.progressed(None)
                return chunk

            yield read
            while read(1 << 16):
                pass
        except BaseException:
            run.end()
            raise
        finally:
            feeder.join()
        if feeder.error is not None:
            run.end()
            raise feeder.error


class _Run:
    """One ffmpeg process and the guard that watches it."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        limits: Limits,
        cancelled: Callable[[], bool],
        stall_seconds: float,
    ) -> None:
        self.process = process
        self.stderr_tail = b""
        self.verdict: ExporterError | None = None
        self._limits = limits
        self._cancelled = cancelled
        self._stall_seconds = stall_seconds
        self._began = self._moved = time.monotonic()
        self._weighed = self._began
        self._mark: str | None = ""
        self._kill_lock = threading.Lock()

    @property
    def stdout(self) -> IO[bytes]:
        return _pipe(self.process.stdout)

    @property
    def stdin(self) -> IO[bytes]:
        return _pipe(self.process.stdin)

    def close_stdin(self) -> None:
        with suppress(BrokenPipeError):
            self.stdin.close()

    def progressed(self, mark: str | None) -> None:
        """Something moved; with a mark, only where it is another one than before."""
        if mark is None or mark != self._mark:
            self._mark = mark
            self._moved = time.monotonic()

    def guard(self) -> None:
        """Read stderr until it ends; kill the process group when it is time."""
        stderr = _pipe(self.process.stderr)
        with selectors.DefaultSelector() as selector:
            selector.register(stderr, selectors.EVENT_READ)
            while True:
                if selector.select(POLL_SECONDS):
                    chunk = os.read(stderr.fileno(), 65_536)
                    if not chunk:
                        return
                    self.stderr_tail = (self.stderr_tail + chunk)[-STDERR_BYTES_MAX:]
                if self.verdict is None:
                    self.verdict = self._judged()
                    if self.verdict is not None:
                        self.end()

    def end(self) -> None:
        """End the whole process group: SIGTERM, half a second, SIGKILL."""
        with self._kill_lock:
            if self.process.poll() is not None:
                return
            _signal_group(self.process.pid, signal.SIGTERM)
            deadline = time.monotonic() + TERM_SECONDS
            while self.process.poll() is None:
                if time.monotonic() > deadline:
                    _signal_group(self.process.pid, signal.SIGKILL)
                    self.process.wait()
                    return
                time.sleep(0.01)

    def _judged(self) -> ExporterError | None:
        now = time.monotonic()
        if self._cancelled():
            return Cancelled()
        if now - self._moved > self._stall_seconds:
            return ToolStalled(-1, f"nothing new for {self._stall_seconds:.0f} s")
        if now - self._began > self._limits.wall_seconds:
            return BoxVerdict("time", f"not done in {self._limits.wall_seconds:.0f} s")
        if now - self._weighed < MEMORY_SECONDS:
            return None
        self._weighed = now
        resident = _resident_bytes(self.process.pid)
        if resident > self._limits.resident_bytes:
            return BoxVerdict("memory", f"{resident >> 20} MiB resident")
        return None

    def raise_for_end(self) -> None:
        """Raise what went wrong, after the process has ended."""
        if self.verdict is not None:
            raise self.verdict
        code = self.process.returncode
        if code == 0:
            return
        tail = self.stderr_tail.decode("utf-8", "replace")
        if code in (-signal.SIGXFSZ, 128 + signal.SIGXFSZ) or "File too large" in tail:
            raise BoxVerdict("output", f"more than {self._limits.output_bytes} bytes")
        if any(message in tail for message in FULL_MESSAGES):
            raise NoRoom("scratch folder")
        if "Cannot allocate memory" in tail:
            raise BoxVerdict("memory", "the address space is used up")
        raise ToolFailed(code, tail)


class _Feeder(threading.Thread):
    """Writes to ffmpeg's stdin; a broken pipe is ffmpeg's story, told by its exit."""

    def __init__(self, run: _Run, feed: Iterable[bytes]) -> None:
        super().__init__(name="ffmpeg-feeder", daemon=True)
        self.error: Exception | None = None
        self._run = run
        self._feed = feed

    def run(self) -> None:
        try:
            for chunk in self._feed:
                self._run.stdin.write(chunk)
                self._run.progressed(None)
            self._run.stdin.flush()
        except BrokenPipeError:
            pass
        except Exception as error:  # noqa: BLE001 - raised again where the caller waits
            self.error = error
        finally:
            self._run.close_stdin()


@contextmanager
def _running(
    ffmpeg: Ffmpeg,
    arguments: Sequence[str],
    inputs: Mapping[str, Path],
    output_dir: Path | None,
    limits: Limits,
    cancelled: Callable[[], bool],
    stall_seconds: float,
) -> Generator[_Run]:
    with tempfile.TemporaryDirectory(prefix=named(FARM)) as farm:
        with boxed_command(
            ffmpeg.level,
            ffmpeg.path,
            arguments,
            inputs=inputs,
            output_dir=output_dir,
            farm=Path(farm),
            limits=limits,
        ) as command:
            process = subprocess.Popen(
                command.argv,
                cwd=command.cwd,
                pass_fds=command.pass_fds,
                env={},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        run = _Run(process, limits, cancelled, stall_seconds)
        guard = threading.Thread(target=run.guard, name="ffmpeg-guard", daemon=True)
        guard.start()
        try:
            yield run
            process.wait()
        finally:
            run.end()
            run.close_stdin()
            guard.join()
            run.stdout.close()
            _pipe(process.stderr).close()
        run.raise_for_end()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("ffmpeg was started without this pipe")
    return stream


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def _resident_bytes(root: int) -> int:
    """Resident memory of a process and all that it started; 0 where /proc does not tell."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except (OSError, IndexError):
            continue
        waiting.extend(int(child) for child in children.split())
    return total
