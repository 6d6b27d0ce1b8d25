"""Add the ledger: wallets, entries, postings, holds, and the triggers that guard them."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_1"
down_revision = "0004"
branch_labels = None
depends_on = None

# What a trigger refuses, by the name that the error carries: (table, when, condition on old and new).
REFUSED = {
    "wallets_kept": ("wallets", "delete", ""),
    "wallets_move_by_entries": (
        "wallets",
        "update",
        (
            "new.id <> old.id or new.workspace_id <> old.workspace_id or new.mode <> old.mode"
            " or new.seq not in (old.seq, old.seq + 1) or (new.seq = old.seq and (new.available <> old.available"
            " or new.held <> old.held or new.debt <> old.debt or new.granted_left <> old.granted_left))"
        ),
    ),
    "holds_kept": ("holds", "delete", ""),
    "holds_settled_once": ("holds", "update", "old.state <> 'active'"),
    "holds_unchanged": (
        "holds",
        "update",
        (
            "new.id <> old.id or new.wallet_id <> old.wallet_id or new.kind <> old.kind"
            " or new.ref_id <> old.ref_id or new.amount <> old.amount"
        ),
    ),
    "entries_append_only": ("entries", "update or delete", ""),
    "postings_append_only": ("postings", "update or delete", ""),
}

SUM = "(select coalesce(sum(amount), 0) from postings where entry_id = new.id{})"
OWN = " and account = '{}'"
PREVIOUS = (
    "coalesce((select {}_after from entries where wallet_id = new.wallet_id"
    " and seq = new.seq - 1), 0)"
)


def moved(account: str) -> str:
    return SUM.format(OWN.format(account))


# What must hold when an entry seals its postings; each is false where it is broken.
SEALED = {
    "entries_sum_to_zero": (
        f"exists (select 1 from postings where entry_id = new.id) and {SUM.format('')} = 0"  # noqa: S608 - no values in it
    ),
    "entries_without_gaps": (
        "new.seq = 1 or exists"
        " (select 1 from entries where wallet_id = new.wallet_id and seq = new.seq - 1)"
    ),
    "entries_follow_on": (
        f"new.available_after = {PREVIOUS.format('available')} + {moved('available')}"
        f" and new.held_after = {PREVIOUS.format('held')} + {moved('held')}"
        f" and new.debt_after = {PREVIOUS.format('debt')} - {moved('debt')}"
    ),
    "entries_equal_the_wallet": (
        "exists (select 1 from wallets where id = new.wallet_id and seq = new.seq"
        " and available = new.available_after and held = new.held_after"
        " and debt = new.debt_after)"
    ),
}
SEALED_POSTINGS = "exists (select 1 from entries where id = new.entry_id)"

POSTGRES_REFUSE = """
create function ledger_refuse() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'integrity_constraint_violation', message = tg_argv[0],
        constraint = tg_argv[0], table = tg_table_name;
end $$
"""
# One look at the postings and one at the entry before, because this runs with every entry.
POSTGRES_SEAL = """
create function ledger_seal() returns trigger language plpgsql as $$
declare
    lines bigint; total numeric; moved_available numeric; moved_held numeric; moved_debt numeric;
    earlier record; broken text;
begin
    select count(*), coalesce(sum(amount), 0),
        coalesce(sum(amount) filter (where account = 'available'), 0),
        coalesce(sum(amount) filter (where account = 'held'), 0),
        coalesce(sum(amount) filter (where account = 'debt'), 0)
    into lines, total, moved_available, moved_held, moved_debt
    from postings where entry_id = new.id;
    select available_after, held_after, debt_after into earlier
    from entries where wallet_id = new.wallet_id and seq = new.seq - 1;
    if lines = 0 or total <> 0 then
        broken := 'entries_sum_to_zero';
    elsif new.seq <> 1 and earlier is null then
        broken := 'entries_without_gaps';
    elsif new.available_after <> coalesce(earlier.available_after, 0) + moved_available
        or new.held_after <> coalesce(earlier.held_after, 0) + moved_held
        or new.debt_after <> coalesce(earlier.debt_after, 0) - moved_debt then
        broken := 'entries_follow_on';
    elsif not exists (select 1 from wallets where id = new.wallet_id and seq = new.seq
        and available = new.available_after and held = new.held_after
        and debt = new.debt_after) then
        broken := 'entries_equal_the_wallet';
    end if;
    if broken is not null then
        raise exception using errcode = 'integrity_constraint_violation', message = broken,
            constraint = broken, table = tg_table_name;
    end if;
    return new;
end $$
"""
POSTGRES_POSTINGS = """
create function ledger_postings_first() returns trigger language plpgsql as $$
begin
    if exists (select 1 from entries where id = new.entry_id) then
        raise exception using errcode = 'integrity_constraint_violation',
            message = 'postings_sealed', constraint = 'postings_sealed', table = tg_table_name;
    end if;
    return new;
end $$
"""
POSTGRES_FUNCTIONS = ("ledger_refuse", "ledger_seal", "ledger_postings_first")


def upgrade() -> None:
    add_tables()
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgres()


def guard_sqlite() -> None:
    for name, (table, events, condition) in REFUSED.items():
        when = f"when {condition} " if condition else ""
        for event in events.split(" or "):
            op.execute(
                f"create trigger {name}_{event} before {event} on {table} {when}"
                f"begin select raise(abort, '{name}'); end"
            )
    for name, kept in SEALED.items():
        op.execute(
            f"create trigger {name} before insert on entries when not ({kept}) "
            f"begin select raise(abort, '{name}'); end"
        )
    op.execute(
        f"create trigger postings_sealed before insert on postings when {SEALED_POSTINGS} "
        "begin select raise(abort, 'postings_sealed'); end"
    )


def guard_postgres() -> None:
    for function in (POSTGRES_REFUSE, POSTGRES_SEAL, POSTGRES_POSTINGS):
        op.execute(function)
    for name, (table, events, condition) in REFUSED.items():
        when = f"when ({condition}) " if condition else ""
        op.execute(
            f"create trigger {name} before {events} on {table} for each row {when}"
            f"execute function ledger_refuse('{name}')"
        )
    for table in ("wallets", "holds", "entries", "postings"):
        name = f"{table}_append_only" if table in {"entries", "postings"} else f"{table}_kept"
        op.execute(
            f"create trigger {name}_whole before truncate on {table} for each statement "
            f"execute function ledger_refuse('{name}')"
        )
    op.execute(
        "create trigger entries_sealed before insert on entries for each row "
        "execute function ledger_seal()"
    )
    op.execute(
        "create trigger postings_sealed before insert on postings for each row "
        "execute function ledger_postings_first()"
    )


def add_tables() -> None:
    op.create_table(
        "wallets",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("granted_left", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallets")),
        sa.UniqueConstraint("workspace_id", "mode", name=op.f("uq_wallets_workspace_id_mode")),
        sa.CheckConstraint("mode in ('sandbox', 'test', 'live')", name=op.f("ck_wallets_mode")),
        sa.CheckConstraint("available >= 0", name=op.f("ck_wallets_available")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_wallets_held")),
        sa.CheckConstraint("debt >= 0", name=op.f("ck_wallets_debt")),
        sa.CheckConstraint("granted_left >= 0", name=op.f("ck_wallets_granted_left")),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_wallets_seq")),
        sa.CheckConstraint(
            "debt = 0 or available = 0", name=op.f("ck_wallets_debt_excludes_available")
        ),
        sa.CheckConstraint(
            "granted_left <= available + held", name=op.f("ck_wallets_granted_is_there")
        ),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("wallet_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("effect_key", sa.String(), nullable=False),
        sa.Column("ref_kind", sa.String(), nullable=False),
        sa.Column("ref_id", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("available_after", sa.BigInteger(), nullable=False),
        sa.Column("held_after", sa.BigInteger(), nullable=False),
        sa.Column("debt_after", sa.BigInteger(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.id"], name=op.f("fk_entries_wallet_id")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_entries_effect_key")),
        sa.UniqueConstraint("wallet_id", "seq", name=op.f("uq_entries_wallet_id_seq")),
        sa.CheckConstraint(
            "kind in ('grant', 'purchase', 'clawback', 'hold', 'capture', 'release', 'adjust')",
            name=op.f("ck_entries_kind"),
        ),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_entries_seq")),
        sa.CheckConstraint(
            "available_after >= 0 and held_after >= 0 and debt_after >= 0",
            name=op.f("ck_entries_after"),
        ),
        sa.CheckConstraint(
            "debt_after = 0 or available_after = 0",
            name=op.f("ck_entries_debt_excludes_available"),
        ),
    )
    op.create_table(
        "postings",
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "account", name=op.f("pk_postings")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
            name=op.f("fk_postings_entry_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint(
            "account in ('available', 'held', 'debt', 'purchased', 'granted', 'spent', 'adjusted')",
            name=op.f("ck_postings_account"),
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_postings_amount")),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("wallet_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref_id", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallets.id"], name=op.f("fk_holds_wallet_id")),
        sa.UniqueConstraint("kind", "ref_id", name=op.f("uq_holds_kind_ref_id")),
        sa.CheckConstraint("kind in ('export', 'refund')", name=op.f("ck_holds_kind")),
        sa.CheckConstraint(
            "state in ('active', 'captured', 'released')", name=op.f("ck_holds_state")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_holds_amount")),
        sa.CheckConstraint("captured >= 0 and captured <= amount", name=op.f("ck_holds_captured")),
        sa.CheckConstraint(
            "(state = 'captured') = (captured > 0)", name=op.f("ck_holds_captured_is_told")
        ),
        sa.CheckConstraint(
            "(state = 'active') = (settled_at is null)", name=op.f("ck_holds_settled_is_told")
        ),
    )
    op.create_index("ix_holds_wallet_id_state", "holds", ["wallet_id", "state"])


def downgrade() -> None:
    for table in ("holds", "postings", "entries", "wallets"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for function in POSTGRES_FUNCTIONS:
            op.execute(f"drop function {function}()")
