"""What the role that a server runs as may do on Postgres: work with every table, but not unwrite the books.

The triggers refuse it too; whoever owns the tables could take those away, so the server need not own them.
"""

from typing import Final

from sqlalchemy import Connection, create_engine, inspect, text

from backend.db.session import foreign_errors

WRITTEN_ONCE: Final = frozenset(("entries", "postings", "audit_acts", "paid_segments", "invoices"))
NEVER_REMOVED: Final = frozenset(
    (
        *("wallets", "holds", "audit_heads", "invoice_series", "credit_orders", "payments"),
        *("refunds", "disputes", "webhook_events", "anomalies"),
    )
)
READ_ONLY: Final = frozenset(("alembic_version",))
KNOWN: Final = text("select rolsuper from pg_roles where rolname = :role")
OWNED: Final = text(
    "select count(*) from pg_tables where schemaname = current_schema()"
    " and pg_has_role(:role, tableowner, 'member')"
)

UNREADABLE: Final = text(
    "select tablename from pg_tables where schemaname = current_schema()"
    " and not has_table_privilege(format('%I.%I', schemaname, tablename), 'select')"
    " order by tablename"
)


class UnfitRole(Exception):
    """No such role, or one that may do anything anyway."""


def rights_on(table: str) -> str:
    """What the server's role may do with a table; truncating, triggers and keys it never may."""
    if table in READ_ONLY:
        return "select"
    if table in WRITTEN_ONCE:
        return "select, insert"
    return "select, insert, update" if table in NEVER_REMOVED else "select, insert, update, delete"


def grant_to_app_role(url: str, role: str) -> None:
    """Give a role exactly these rights, as the owner of the tables; again after each migration. UnfitRole."""
    engine = create_engine(url)
    try:
        with foreign_errors(), engine.begin() as connection:
            _require_fit(connection, role)
            _grant(connection, role)
    finally:
        engine.dispose()


def _require_fit(connection: Connection, role: str) -> None:
    if connection.scalar(KNOWN, {"role": role}) is None:
        raise UnfitRole("there is no such role; create it first")
    if _may_do_anything(connection, role):
        raise UnfitRole("it owns the tables or is a superuser, so nothing can be kept from it")


def _may_do_anything(connection: Connection, role: str) -> bool:
    return bool(
        connection.scalar(KNOWN, {"role": role}) or connection.scalar(OWNED, {"role": role})
    )


def is_held_off(connection: Connection) -> bool:
    """Whether the role of this connection to Postgres owns nothing of the tables."""
    return not _may_do_anything(connection, str(connection.scalar(text("select current_user"))))


def unreadable_tables(connection: Connection) -> list[str]:
    """Tables of ours on Postgres that the role of this connection has no rights on."""
    return [str(row[0]) for row in connection.execute(UNREADABLE)]


def _grant(connection: Connection, role: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote
    told = inspect(connection)
    schema = quoted(told.default_schema_name or "public")
    connection.exec_driver_sql(f"grant usage on schema {schema} to {quoted(role)}")
    for table in told.get_table_names():
        name = f"{schema}.{quoted(table)}"
        connection.exec_driver_sql(f"revoke all on {name} from {quoted(role)}")
        connection.exec_driver_sql(f"grant {rights_on(table)} on {name} to {quoted(role)}")
