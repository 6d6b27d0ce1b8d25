"""`cutroom up` as people start it: a process of its own on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

ROOT: Final = Path(__file__).resolve().parents[2]
TOKEN: Final = "a-bootstrap-token-of-tests"  # noqa: S105 - opens nothing but these servers
START_SECONDS_MAX: Final = 90.0
STOP_SECONDS_MAX: Final = 20.0


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def cutroom(*words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        cwd=ROOT,
        env={**os.environ, "CUTROOM_BOOTSTRAP_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Up:
    """A running `cutroom up`."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "cli.main", "up", "--port", str(self.port)),
                *("--data", str(folder), "--no-demo", *words),
            ],
            cwd=ROOT,
            env={**os.environ, "CUTROOM_BOOTSTRAP_TOKEN": TOKEN},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.first_line = self._first_line()

    def _first_line(self) -> str:
        stdout = self.process.stdout
        line = stdout.readline() if stdout else ""
        if not line and self.process.stderr:
            raise AssertionError(self.process.stderr.read())
        return line.strip()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.address}/api/v1",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=60,
        )

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and answer the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS_MAX)

    def kill(self) -> None:
        """SIGKILL, as a machine would."""
        self.process.kill()
        self.process.wait(STOP_SECONDS_MAX)

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


@contextmanager
def up(folder: Path, *words: str) -> Generator[Up]:
    running = Up(folder, *words)
    try:
        yield running
    finally:
        running.close()


def wait_until(question: object, *, seconds: float = START_SECONDS_MAX) -> object:
    """Ask until the answer is true; it fails when that takes too long."""
    assert callable(question)
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def children_of(pid: int) -> list[int]:
    """Processes whose parent it is."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(entry.name))
    return found
