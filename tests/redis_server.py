# pyright: reportUnknownMemberType=false
"""A real Redis for tests: the system's own server on a free port of loopback, keeping nothing."""

import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as NotThere
from redis.retry import Retry

PROGRAMS: Final = ("redis-server", "valkey-server")
TRIES: Final = 200
TRY_PAUSE_SECONDS: Final = 0.05


class RedisServer:
    """Can be taken away and brought back, on the same address, to see who minds."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: Final = int(free.getsockname()[1])
        self.url: Final = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns when it answers."""
        self._process = subprocess.Popen(
            [
                _program(),
                *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", self._folder),
                *("--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"),
            ],
            stdout=subprocess.DEVNULL,
        )
        patience = Retry(ConstantBackoff(TRY_PAUSE_SECONDS), TRIES, supported_errors=(NotThere,))
        with Redis.from_url(self.url, retry=patience) as client:
            client.ping()

    def publish(self, channel: str, message: str) -> None:
        """What somebody else on this Redis might say."""
        with Redis.from_url(self.url) as client:
            client.publish(channel, message)

    def forget_everything(self) -> None:
        """FLUSHALL."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def set(self, name: str, value: str) -> None:
        """One of its settings, until it is set back."""
        with Redis.from_url(self.url) as client:
            client.config_set(name, value)

    def freeze(self) -> None:
        """As a cut network: it neither answers nor hangs up."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def redis_server() -> Generator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="cutroom-redis-") as folder:
        server = RedisServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _program() -> str:
    for name in PROGRAMS:
        found = shutil.which(name)
        if found is not None:
            return found
    raise FileNotFoundError("no redis-server here; `./dev setup` installs it")
