"""What the sandbox remembers: plain JSON records in one table, so that a restart forgets nothing.

SQLite beside the data, or a schema of its own on Postgres, where every process shares it. One
transaction at a time, whoever asks: an order is never paid twice by accident.
"""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, text
from sqlalchemy.engine import make_url

from backend.payments.sandbox.errors import NoConnection

Record: TypeAlias = dict[str, Any]

SCHEMA: Final = "razorpay_sandbox"
LOCK_KEY: Final = 0x72_61_7A_6F  # any number that nobody else takes
MEMORY: Final = "sqlite://"


class Records:
    """The records of one open transaction, oldest first."""

    def __init__(self, connection: Connection, table: str) -> None:
        self._connection = connection
        self._table = table

    def find(self, kind: str, record_id: str) -> Record | None:
        found = self._connection.execute(
            text(f"select body from {self._table} where kind = :kind and id = :id"),  # noqa: S608 - our own name
            {"kind": kind, "id": record_id},
        ).scalar()
        return json.loads(found) if found is not None else None

    def put(
        self, kind: str, record_id: str, body: Record, *, parent: str = "", due: float | None = None
    ) -> None:
        """Keep `body` under its kind and id; a record keeps the place it first had."""
        self._connection.execute(
            text(
                f"insert into {self._table} (kind, id, parent, place, due, body) values "  # noqa: S608 - our own name
                f"(:kind, :id, :parent, (select coalesce(max(place), 0) + 1 from {self._table}), "
                ":due, :body) on conflict (kind, id) do update "
                "set parent = excluded.parent, due = excluded.due, body = excluded.body"
            ),
            {
                "kind": kind,
                "id": record_id,
                "parent": parent,
                "due": due,
                "body": json.dumps(body, separators=(",", ":")),
            },
        )

    def list_of(self, kind: str, *, parent: str | None = None) -> list[Record]:
        where = "" if parent is None else "and parent = :parent"
        found = self._connection.execute(
            text(f"select body from {self._table} where kind = :kind {where} order by place"),  # noqa: S608 - our own name
            {"kind": kind, "parent": parent},
        ).scalars()
        return [json.loads(body) for body in found]

    def list_due(self, kind: str, now: float, *, most: int) -> list[Record]:
        """What is due by `now`, the earliest first."""
        found = self._connection.execute(
            text(
                f"select body from {self._table} where kind = :kind and due <= :now "  # noqa: S608 - our own name
                "order by due, place limit :most"
            ),
            {"kind": kind, "now": now, "most": most},
        ).scalars()
        return [json.loads(body) for body in found]

    def remove(self, kind: str, record_id: str) -> None:
        self._connection.execute(
            text(f"delete from {self._table} where kind = :kind and id = :id"),  # noqa: S608 - our own name
            {"kind": kind, "id": record_id},
        )

    def clear(self, *, keep: str) -> None:
        """Forget everything but one kind."""
        self._connection.execute(
            text(f"delete from {self._table} where kind <> :keep"),  # noqa: S608 - our own name
            {"keep": keep},
        )


class Store:
    """Opens transactions on the table; makes it where it is missing."""

    def __init__(self, url: str = MEMORY) -> None:
        self._is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._table = "records" if self._is_sqlite else f"{SCHEMA}.records"
        self._engine = _engine(url)
        self._one_at_a_time = threading.RLock()
        self._is_closed = False
        self._make_table()

    @contextmanager
    def transaction(self) -> Generator[Records]:
        """Everything or nothing; nobody else is in one meanwhile. NoConnection once it is closed."""
        with self._one_at_a_time:
            if self._is_closed:
                raise NoConnection
            with self._engine.begin() as connection:
                if not self._is_sqlite:
                    connection.execute(
                        text("select pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY}
                    )
                yield Records(connection, self._table)

    def close(self) -> None:
        """Wait for the transaction that is open, and let no other begin.

        sqlite3 takes the process down when a connection is closed while another thread uses it.
        """
        with self._one_at_a_time:
            self._is_closed = True
            self._engine.dispose()

    def _make_table(self) -> None:
        with self._one_at_a_time, self._engine.begin() as connection:
            if not self._is_sqlite:
                connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
                connection.execute(text(f"create schema if not exists {SCHEMA}"))
            connection.execute(
                text(
                    f"create table if not exists {self._table} (kind text not null, "
                    "id text not null, parent text not null, place bigint not null, "
                    "due double precision, body text not null, primary key (kind, id))"
                )
            )
            for name, columns in (
                ("parents", "kind, parent, place"),
                ("dues", "kind, due"),
                ("places", "place"),
            ):
                connection.execute(
                    text(f"create index if not exists records_{name} on {self._table} ({columns})")
                )


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    memory = {"poolclass": StaticPool} if url == MEMORY else {}
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30}, **memory)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
