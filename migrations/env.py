"""How Alembic meets our tables; `backend/db/migrations.py` hands the connection over."""

import importlib
from typing import Final

from alembic import context
from sqlalchemy import Connection, create_engine

from backend.db.metadata import Row
from backend.settings import Settings

# Every module with tables; importing one registers its rows.
TABLES: Final = (
    "backend.db.event_log",
    "backend.auth.tables",
    "backend.projects.tables",
    "backend.assets.tables",
    "backend.collab.tables",
    "backend.credits.tables",
    "backend.comments.tables",
    "backend.exports.tables",
    "backend.payments.tables",
    "backend.db.idempotency",
)
for name in TABLES:
    importlib.import_module(name)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(Settings.read().sqlalchemy_url)
    with engine.begin() as opened:
        run(opened)
