"""From ready tasks to messages: who is told, how often, and who keeps order."""

from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.db.session import Database
from backend.exports.carrier import CarrierAway
from backend.exports.keeper import KEEPER_SECONDS, Keeper
from backend.exports.pump import TOLD_AGAIN_SECONDS
from backend.exports.queue import LEASE_SECONDS
from backend.exports.tables import TaskRow
from backend.exports.workers import SEEN_SECONDS, Worker, show_worker
from kit.clock import ManualClock
from tests.backend.sql_desk import SqlDesk
from tests.backend.support import migrated_database


class Messages:
    """A carrier that keeps what it was given, or is away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.traces: set[str] = set()
        self.canaries: list[str] = []
        self.is_away = False

    def send(self, task_id: str, queue: str, traceparent: str) -> None:
        if self.is_away:
            raise CarrierAway("no broker")
        self.traces.add(traceparent)
        self.sent.append((task_id, queue))

    def send_canary(self, worker: str) -> None:
        self.canaries.append(worker)


class Plant:
    """A board with its desk, two slots somewhere, and keepers on one clock."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.desk = SqlDesk(database)
        self.carrier = Messages()
        self.clock = ManualClock()
        self.keeper = self.new_keeper()
        self.show("w1", 2)

    def seconds(self, _session: Session) -> float:
        return 1000.0 + self.clock.monotonic()

    def new_keeper(self) -> Keeper:
        return Keeper(self.database, self.clock, carrier=self.carrier, seconds=self.seconds)

    def show(self, name: str, slots: int, *, draining: bool = False) -> None:
        worker = Worker(name, "host", slots, "9", "strict")
        show_worker(self.database, worker, draining=draining, seconds=self.seconds)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.desk.let_pass(seconds)


@pytest.fixture
def plant(tmp_path: Path) -> Generator[Plant]:
    made = Plant(migrated_database(tmp_path / "data"))
    yield made
    made.desk.close()


@pytest.mark.rule("operations-W9", "operations-W12")
def test_twice_as_many_messages_as_slots_are_in_flight_and_the_rest_waits(plant: Plant) -> None:
    for _ in range(6):
        plant.desk.order()
    assert plant.keeper.pump() == 4
    assert plant.keeper.pump() == 0
    first = plant.carrier.sent[0]
    assert first[1] == "plan"
    lease = plant.desk.board.claim("w1", first[0])
    assert lease is not None
    assert plant.keeper.pump() == 0  # it is in hand now: still four on their way or in hand


@pytest.mark.rule("operations-W12")
def test_a_message_that_nobody_acted_on_is_sent_again(plant: Plant) -> None:
    plant.desk.order()
    plant.keeper.pump()
    plant.advance(TOLD_AGAIN_SECONDS + 1)
    assert plant.keeper.pump() == 1
    assert plant.carrier.sent[0] == plant.carrier.sent[1]


@pytest.mark.rule("operations-W12")
def test_a_message_that_comes_twice_does_a_task_once(plant: Plant) -> None:
    plant.desk.order()
    plant.keeper.pump()
    task = plant.carrier.sent[0][0]
    assert plant.desk.board.claim("w1", task) is not None
    assert plant.desk.board.claim("w2", task) is None


@pytest.mark.rule("operations-W12")
def test_a_broker_that_is_away_loses_nothing(plant: Plant) -> None:
    plant.desk.order()
    plant.carrier.is_away = True
    assert plant.keeper.pump() == 0
    plant.carrier.is_away = False
    plant.advance(TOLD_AGAIN_SECONDS + 1)
    assert plant.keeper.pump() == 1


@pytest.mark.rule("operations-W12")
def test_who_drains_or_was_not_seen_for_a_minute_is_sent_nothing(plant: Plant) -> None:
    plant.desk.order()
    plant.show("w1", 2, draining=True)
    assert plant.keeper.pump() == 0
    plant.show("w2", 1)
    assert plant.keeper.pump() == 1
    plant.advance(SEEN_SECONDS + 1)
    assert plant.keeper.pump() == 0
    plant.keeper.send_canaries()
    assert plant.carrier.canaries == []


@pytest.mark.rule("operations-W10", "operations-W13")
def test_one_keeper_keeps_order_and_another_takes_over_when_it_is_gone(plant: Plant) -> None:
    plant.desk.order()
    other = plant.new_keeper()
    assert plant.keeper.pump() == 1
    plant.advance(TOLD_AGAIN_SECONDS + 1)
    assert other.pump() == 0
    plant.advance(KEEPER_SECONDS + 1)
    assert other.pump() == 1
    assert plant.keeper.pump() == 0


@pytest.mark.rule("operations-W10", "operations-W13")
def test_a_dead_worker_s_task_goes_to_another_after_its_lease(plant: Plant) -> None:
    plant.desk.order()
    plant.keeper.pump()
    task = plant.carrier.sent[0][0]
    assert plant.desk.board.claim("w1", task) is not None
    assert plant.keeper.sweep() == 0
    plant.advance(LEASE_SECONDS + 1)
    plant.show("w2", 1)
    assert (
        plant.desk.board.claim("w2", task) is None
    )  # only the keeper knows whether there was an outage
    assert plant.keeper.sweep() == 1
    assert plant.keeper.pump() == 1
    second = plant.desk.board.claim("w2", task)
    assert second is not None
    assert second.fence == 3  # the first claim, the sweep, the second claim


@pytest.mark.rule("operations-W9", "operations-W12")
def test_a_second_person_s_tasks_are_told_beside_the_first_one_s_many(plant: Plant) -> None:
    for _ in range(8):
        plant.desk.order()
    other = plant.desk.order()
    with plant.database.write_in_thread() as session:
        session.execute(
            update(TaskRow).where(TaskRow.export_id == other).values(workspace_id="ws_other")
        )
    plant.keeper.pump()
    with plant.database.read_in_thread() as session:
        told = [session.get_one(TaskRow, task).workspace_id for task, _ in plant.carrier.sent]
    assert told.count("ws_other") == 1
    assert told.index("ws_other") <= 1
