"""`cutroom payments`: what an operator does about money; safe beside a running server."""

import argparse
import getpass
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from backend.db.session import Database
from backend.payments import repository, webhooks
from backend.payments.errors import NotRefundable
from backend.payments.work import PaymentWork, payment_work
from cli.errors import CommandFailed, ExitCode
from cli.razorpay import open_till
from cli.wiring import open_database, read_settings
from kit.clock import SystemClock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, summary in (
        ("reconcile", "ask Razorpay about every order of the last week, refunds and disputes"),
        ("replay", "work on a webhook event again, or on all dead ones"),
        ("anomalies", "list what a person has to decide about; exit 1 when there is something"),
        ("resolve", "mark an anomaly as decided"),
        ("refund-extra", "send back captured money that bought nothing"),
    ):
        action = actions.add_parser(name, help=summary)
        action.add_argument("--data", type=Path, metavar="DIR", help="the data folder (./data)")
        if name == "replay":
            action.add_argument("event", nargs="?", help="the event's id (all dead ones)")
        if name == "anomalies":
            action.add_argument("--all", action="store_true", help="decided ones, too")
        if name == "resolve":
            action.add_argument("anomaly", help="the anomaly's id")
        if name == "refund-extra":
            action.add_argument("payment", help="Razorpay's id of the payment")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(data_dir=arguments.data)
    with open_database(settings) as database, open_till(settings, delivers=False) as till:
        work = payment_work(database, till.keys, SystemClock())
        return ACTIONS[arguments.action](work, database, arguments)


def _reconcile(work: PaymentWork, _database: Database, _arguments: argparse.Namespace) -> int:
    if work.reconciler is None:
        raise CommandFailed("no keys are set", "CUTROOM_RAZORPAY_KEY_ID", ExitCode.BAD_INPUT)
    done = work.reconciler.run_fully()
    print(f"{done.orders} orders, {done.refunds} open refunds, swept: {done.swept}")
    if done.stopped:
        raise CommandFailed(done.stopped, "the rest is for later")
    return ExitCode.DONE


def _replay(_work: PaymentWork, database: Database, arguments: argparse.Namespace) -> int:
    with database.write_in_thread() as session:
        count = webhooks.replay(session, event_id=arguments.event, now=SystemClock().now())
    if arguments.event and not count:
        raise CommandFailed("no such event, or its body is gone", arguments.event)
    print(f"{count} events wait to be worked on again")
    return ExitCode.DONE


def _anomalies(_work: PaymentWork, database: Database, arguments: argparse.Namespace) -> int:
    with database.read_in_thread() as session:
        rows = repository.list_anomalies(session, state=None if arguments.all else "open")
    for row in rows:
        print(row.id, row.state, row.kind, row.ref, json.dumps(row.detail, sort_keys=True))
    is_open = any(row.state == "open" for row in rows)
    return ExitCode.FAILED if is_open else ExitCode.DONE


def _resolve(_work: PaymentWork, database: Database, arguments: argparse.Namespace) -> int:
    with database.write_in_thread() as session:
        count = repository.resolve_anomalies(session, by=_operator(), anomaly_id=arguments.anomaly)
    if not count:
        raise CommandFailed("no open anomaly of that id", arguments.anomaly)
    return ExitCode.DONE


def _refund_extra(work: PaymentWork, _database: Database, arguments: argparse.Namespace) -> int:
    try:
        print(work.payments.refund_extra(arguments.payment, actor=_operator()))
    except NotRefundable as refused:
        raise CommandFailed(str(refused), arguments.payment) from refused
    return ExitCode.DONE


def _operator() -> str:
    return f"operator:{getpass.getuser()}"


ACTIONS: Final[dict[str, Callable[[PaymentWork, Database, argparse.Namespace], int]]] = {
    "reconcile": _reconcile,
    "replay": _replay,
    "anomalies": _anomalies,
    "resolve": _resolve,
    "refund-extra": _refund_extra,
}
