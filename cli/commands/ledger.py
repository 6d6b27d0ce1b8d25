"""`cutroom ledger audit|grant|adjust`: replay the ledger and compare; give or take credits with a reason."""

import argparse
import sys
from pathlib import Path
from typing import Final, cast

from sqlalchemy.orm import Session

from backend.auth.tables import WorkspaceRow
from backend.credits import repository
from backend.credits.audit import Audit, audited
from backend.credits.ledger import CREDITS_MAX
from backend.credits.service import open_wallet
from backend.credits.wallet import Cause, Wallet
from backend.db.audit_log import check_acts
from backend.db.session import Database
from backend.exports.audit import audit_exports
from backend.settings import Settings
from cli.errors import CommandFailed, ExitCode
from cli.wiring import database_faults, open_database, read_settings
from kit.clock import SystemClock
from kit.ids import sortable_id

SUMMARY: Final = "replay the ledger and compare; grant or adjust credits"
ACTOR: Final = "operator"
REASON_LENGTH_MAX: Final = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="audit|grant|adjust", required=True)
    audit = verbs.add_parser("audit", help="replay every journal; exit 1 where anything differs")
    _add_data(audit)
    for verb, words in (
        ("grant", "give credits without a payment"),
        ("adjust", "put a mistake right; CREDITS may be negative"),
    ):
        change = verbs.add_parser(verb, help=words)
        change.add_argument("workspace", metavar="WORKSPACE", help="its id")
        change.add_argument("credits", metavar="CREDITS", type=int)
        change.add_argument("--reason", required=True, metavar="TEXT", help="kept in the journal")
        change.add_argument(
            "--ticket",
            metavar="ID",
            help="the same ticket is booked once, however often it is sent",
        )
        _add_data(change)


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    with open_database(settings) as database, database_faults(settings):
        if arguments.verb == "audit":
            return _audit(database)
        return _change(database, settings, arguments)


def _audit(database: Database) -> int:
    with database.snapshot() as connection:
        audit = audited(connection)
        audit_exports(connection, audit)
        acts = check_acts(connection, audit.differs)
    for line in audit.differences:
        print(line)
    if audit.wrong > len(audit.differences):
        print(f"and {audit.wrong - len(audit.differences)} more")
    if audit.wrong:
        raise CommandFailed(f"{audit.wrong} differences in the ledger", _looked_at(audit, acts))
    print(f"nothing differs: {_looked_at(audit, acts)}")
    return ExitCode.DONE


def _looked_at(audit: Audit, acts: int) -> str:
    return (
        f"{audit.wallets} wallets, {audit.entries} entries, {audit.postings} postings, "
        f"{audit.holds} holds, {acts} acts"
    )


def _change(database: Database, settings: Settings, arguments: argparse.Namespace) -> int:
    amount = cast("int", arguments.credits)
    verb = cast("str", arguments.verb)
    if not 0 < abs(amount) <= CREDITS_MAX or (verb == "grant" and amount < 0):
        raise CommandFailed("not a number of credits", f"CREDITS {amount}", ExitCode.BAD_INPUT)
    reason = cast("str", arguments.reason).strip()
    if not 0 < len(reason) <= REASON_LENGTH_MAX:
        raise CommandFailed(
            f"needs 1 to {REASON_LENGTH_MAX} characters", "--reason", ExitCode.BAD_INPUT
        )
    ticket = cast("str | None", arguments.ticket) or sortable_id("tkt")
    now = SystemClock().now()
    workspace = cast("str", arguments.workspace)
    cause = Cause(f"{verb}:{ticket}", "ticket", ticket, ACTOR, now, reason)
    with database.write_in_thread() as session:
        _require_workspace(session, workspace)
        opened = open_wallet(session, workspace, settings.payment_mode, now=now)
        wallet = repository.lock_wallet(
            session, opened.id
        )  # its twin waits, and then sees the entry
        if not repository.effect_exists(session, cause.effect_key):
            change = repository.grant if verb == "grant" else repository.adjust
            wallet = change(session, wallet.id, amount, cause)
    print(_told(wallet), file=sys.stdout)
    return ExitCode.DONE


def _require_workspace(session: Session, workspace_id: str) -> None:
    if session.get(WorkspaceRow, workspace_id) is None:
        raise CommandFailed("no such workspace", workspace_id, ExitCode.BAD_INPUT)


def _told(wallet: Wallet) -> str:
    return (
        f"{wallet.workspace_id} ({wallet.mode}): {wallet.available} available, "
        f"{wallet.held} held, {wallet.debt} owed"
    )


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder (./data)")
