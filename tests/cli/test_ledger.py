"""`cutroom ledger`: an operator replays the books, and gives or takes credits with a reason."""

from pathlib import Path

import pytest
from sqlalchemy import text

from backend.auth.tables import WorkspaceRow
from backend.db.migrations import migrate
from backend.db.session import WRITES, Database
from cli.main import main
from kit.clock import SystemClock
from kit.event_bus import LocalBus

GUARDS = "select name from sqlite_master where type = 'trigger' and tbl_name = 'wallets'"
WRONG = (
    ("audit", "ws_1"),
    ("grant", "ws_1", "100"),
    ("grant", "ws_1", "1.5", "--reason", "x"),
    ("grant", "ws_1", "-5", "--reason", "x"),
    ("grant", "ws_1", str(2**63), "--reason", "x"),
    ("adjust", "ws_1", "0", "--reason", "x"),
    ("adjust", "ws_1", "5", "--reason", "  "),
    ("adjust", "ws_1", "5", "--reason", "x" * 501),
    ("adjust", "ws_x", "5", "--reason", "x"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with one workspace, `ws_1`, that nobody owns: no welcome, an empty wallet."""
    migrate(address(tmp_path))
    with Database(address(tmp_path), LocalBus()).write_in_thread() as session:
        session.add(WorkspaceRow(id="ws_1", name="Studio", created_at=SystemClock().now()))
    return tmp_path


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'cutroom.db'}"


def ledger(folder: Path, *words: str) -> int:
    return main(["ledger", *words, "--data", str(folder)])


def change(folder: Path, verb: str, credits_: int, ticket: str) -> int:
    return ledger(folder, verb, "ws_1", str(credits_), "--reason", "a test", "--ticket", ticket)


@pytest.mark.rule("credits-A2", "credits-A1")
def test_credits_are_given_and_taken_with_a_reason_and_the_books_agree(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert change(folder, "grant", 100, "T-1") == 0
    assert change(folder, "adjust", -130, "T-2") == 0
    assert capsys.readouterr().out.splitlines() == [
        "ws_1 (sandbox): 100 available, 0 held, 0 owed",
        "ws_1 (sandbox): 0 available, 0 held, 30 owed",
    ]
    assert ledger(folder, "audit") == 0
    assert "1 wallets, 2 entries" in capsys.readouterr().out
    with Database(address(folder), LocalBus()).snapshot() as connection:
        told = connection.execute(text("select kind, actor, reason from entries order by seq"))
        assert [tuple(row) for row in told] == [
            ("grant", "operator", "a test"),
            ("adjust", "operator", "a test"),
        ]


@pytest.mark.rule("credits-A2")
def test_a_ticket_is_booked_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert change(folder, "grant", 100, "T-1") == 0
    assert change(folder, "grant", 100, "T-2") == 0
    assert "200 available" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.rule("credits-A1", "cli-C1")
def test_what_differs_is_listed_and_is_exit_code_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert change(folder, "grant", 100, "T-1") == 0
    engine = Database(address(folder), LocalBus()).engine.execution_options(**{WRITES: True})
    with engine.begin() as connection:
        for name in connection.scalars(text(GUARDS)).all():
            connection.execute(text(f"drop trigger {name}"))
        connection.execute(text("update wallets set available = 101"))
    capsys.readouterr()
    assert ledger(folder, "audit") == 1
    told = capsys.readouterr()
    assert "available" in told.out
    assert "101" in told.out
    assert told.err.startswith("cutroom: 1 differences in the ledger: 1 wallets, 1 entries")


@pytest.mark.rule("credits-A2", "cli-C1", "cli-C2")
def test_wrong_usage_is_exit_code_2_one_line_and_no_entry(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger"]) == 2
    for words in WRONG:
        capsys.readouterr()
        assert ledger(folder, *words) == 2, words
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert ledger(folder, "audit") == 0
    assert "0 entries" in capsys.readouterr().out
