"""`cutroom payments`: an operator decides and reconciles beside a running server, or without one."""

from pathlib import Path

import pytest

from backend.db.migrations import migrate
from backend.db.session import Database
from backend.payments import repository
from cli.main import main
from kit.clock import SystemClock
from kit.event_bus import LocalBus


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with one open anomaly."""
    url = f"sqlite:///{tmp_path / 'cutroom.db'}"
    migrate(url)
    with Database(url, LocalBus()).write_in_thread() as session:
        repository.note_anomaly(
            session, "paid_twice", "pay_1", {"order": "cro_1"}, now=SystemClock().now()
        )
    return tmp_path


@pytest.mark.rule("payments-A1")
def test_anomalies_are_listed_and_resolved(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["payments", "anomalies", "--data", str(folder)]) == 1
    shown = capsys.readouterr().out.split()
    assert shown[1:4] == ["open", "paid_twice", "pay_1"]
    assert main(["payments", "resolve", shown[0], "--data", str(folder)]) == 0
    assert main(["payments", "anomalies", "--data", str(folder)]) == 0
    assert main(["payments", "resolve", shown[0], "--data", str(folder)]) == 1
    assert "no open anomaly" in capsys.readouterr().err


@pytest.mark.rule("payments-C1", "payments-A1")
def test_reconcile_replay_and_refund_extra_answer_without_a_server(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["payments", "reconcile", "--data", str(folder)]) == 0
    assert "swept: True" in capsys.readouterr().out
    assert main(["payments", "replay", "--data", str(folder)]) == 0
    assert main(["payments", "replay", "evt_x", "--data", str(folder)]) == 1
    assert main(["payments", "refund-extra", "pay_x", "--data", str(folder)]) == 1
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert captured.err.count("cutroom: ") == 2


@pytest.mark.rule("payments-S8")
def test_half_a_configuration_stops_the_start_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUTROOM_RAZORPAY_KEY_ID", "rzp_test_abc")
    assert main(["up", "--port", "0", "--data", str(folder)]) == 2
    assert "CUTROOM_RAZORPAY_KEY_SECRET" in capsys.readouterr().err
