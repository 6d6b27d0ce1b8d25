"""Add the audit log: acts in chains, their heads, and the triggers that guard them."""

import sqlalchemy as sa
from alembic import op

from backend.db.metadata import Moment, PlainJson

revision = "audit_log"
down_revision = "payments_2"
branch_labels = None
depends_on = None

HASH_OF_LAST = "(select hash from audit_acts where chain = new.chain and seq = new.seq)"
# What a trigger refuses, by the name that the error carries: (table, when, what must hold).
GUARDS = {
    "audit_acts_append_only": ("audit_acts", "update or delete", ""),
    "audit_acts_follow_on": (
        "audit_acts",
        "insert",
        (
            "exists (select 1 from audit_heads where chain = new.chain and seq = new.seq"
            " and hash = new.previous) and new.previous = coalesce((select hash from audit_acts"
            " where chain = new.chain and seq = new.seq - 1), '')"
        ),
    ),
    "audit_heads_kept": ("audit_heads", "delete", ""),
    "audit_heads_follow_acts": (
        "audit_heads",
        "update",
        (
            "new.chain = old.chain and ((new.seq = old.seq + 1 and new.hash = old.hash)"
            f" or (new.seq = old.seq and new.hash = coalesce({HASH_OF_LAST}, '')))"
        ),
    ),
}
POSTGRES_REFUSE = """
create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'integrity_constraint_violation', message = tg_argv[0],
        constraint = tg_argv[0], table = tg_table_name;
end $$
"""
POSTGRES_GUARD = """
create function {name}() returns trigger language plpgsql as $$
begin
    if not ({kept}) then
        raise exception using errcode = 'integrity_constraint_violation', message = '{name}',
            constraint = '{name}', table = tg_table_name;
    end if;
    return new;
end $$
"""
CHECKED = tuple(name for name, guard in GUARDS.items() if guard[2])


def upgrade() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_audit_heads_seq")),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "audit_acts",
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("act", "actor", "via", "target")
        ),
        sa.Column("detail", PlainJson, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_audit_acts_seq")),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_audit_acts")),
    )
    op.create_index("ix_audit_acts_actor", "audit_acts", ["actor"])
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgres()


def guard_sqlite() -> None:
    for name, (table, events, kept) in GUARDS.items():
        when = f"when not ({kept}) " if kept else ""
        for event in events.split(" or "):
            op.execute(
                f"create trigger {name}_{event} before {event} on {table} {when}"
                f"begin select raise(abort, '{name}'); end"
            )


def guard_postgres() -> None:
    op.execute(POSTGRES_REFUSE)
    for name, (table, events, kept) in GUARDS.items():
        if kept:
            op.execute(POSTGRES_GUARD.format(name=name, kept=kept))
            call = f"{name}()"
        else:
            call = f"audit_refuse('{name}')"
            op.execute(
                f"create trigger {name}_whole before truncate on {table} for each statement "
                f"execute function {call}"
            )
        op.execute(
            f"create trigger {name} before {events} on {table} for each row execute function {call}"
        )


def downgrade() -> None:
    op.drop_table("audit_acts")
    op.drop_table("audit_heads")
    if op.get_bind().dialect.name != "sqlite":
        for function in ("audit_refuse", *CHECKED):
            op.execute(f"drop function {function}()")
