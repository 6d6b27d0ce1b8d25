"""Leases of nodes: who may own a document, on both databases, by a clock that tests move."""

from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from backend.collab.lease import (
    GIVE_UP_SECONDS,
    LEASE_SECONDS,
    RENEW_SECONDS,
    NodeLease,
)
from backend.collab.log import Batch, Entry, LogAway, NoDocument, OwnedElsewhere
from backend.collab.store import SqlLog
from backend.db.migrations import migrate
from kit.clock import Clock, ManualClock
from kit.folder_store import FolderStore

SEED = Entry("server:seed", b"\x00\x00")
TAKEOVER_SECONDS_PROMISED = 10.0


class Nodes:
    """Nodes on one database; their leases end when `expire` says so."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.clock = ManualClock()
        self._folder = folder
        self._open: list[SqlLog] = []
        self.leases: list[NodeLease] = []

    def node(self, name: str, clock: Clock | None = None) -> tuple[NodeLease, SqlLog]:
        lease = NodeLease(self.url, clock or self.clock, f"http://{name}")
        lease.begin()
        log = SqlLog(self.url, FolderStore(self._folder), clock or self.clock, lease)
        self.leases.append(lease)
        self._open.append(log)
        return lease, log

    def expire(self, lease: NodeLease) -> None:
        """As if this lease had begun long ago: on Postgres the clock is the database's own."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(
                text(
                    "update collab_nodes set lease_until = '2001-01-01 00:00:00+00' where id = :id"
                ),
                {"id": lease.node},
            )
        engine.dispose()

    def close(self) -> None:
        for log in self._open:
            log.close()
        for lease in self.leases:
            lease.close()


@pytest.fixture(params=["sqlite", "postgres"])
def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Nodes]:
    url = (
        f"sqlite:///{tmp_path / 'cutroom.db'}"
        if request.param == "sqlite"
        else str(request.getfixturevalue("postgres_url"))
    )
    migrate(url)
    opened = Nodes(url, tmp_path / "objects")
    yield opened
    opened.close()


def append(log: SqlLog, epoch: int) -> int | None:
    return log.append([Batch("prj", epoch, (SEED,))])[0]


@pytest.mark.rule("collab-N1")
def test_only_one_node_owns_a_document_and_a_dead_one_does_not(nodes: Nodes) -> None:
    dead, first = nodes.node("first")
    _, second = nodes.node("second")
    first.begin("prj", [SEED])
    first.begin("prj_2", [SEED])
    owned = first.claim("prj")
    with pytest.raises(OwnedElsewhere) as elsewhere:
        second.claim("prj")
    assert elsewhere.value.address == "http://first"
    assert first.claim("prj").epoch == owned.epoch + 1  # its own again, after a fault
    nodes.expire(dead)
    assert second.claim("prj").epoch == owned.epoch + 2
    with pytest.raises(LogAway):
        first.claim("prj_2")  # without a lease nobody owns anything
    with pytest.raises(NoDocument):
        second.claim("prj_none")


@pytest.mark.rule("collab-N1", "collab-D3")
def test_who_owned_a_document_before_writes_nothing(nodes: Nodes) -> None:
    dead, first = nodes.node("first")
    _, second = nodes.node("second")
    first.begin("prj", [SEED])
    old = first.claim("prj")
    assert append(first, old.epoch) == 2
    nodes.expire(dead)
    new = second.claim("prj")
    assert append(first, old.epoch) is None
    assert append(second, new.epoch) == 3
    first.release("prj", old.epoch)  # a late word of the former owner frees nothing
    third = nodes.node("third")[1]
    with pytest.raises(OwnedElsewhere):
        third.claim("prj")


@pytest.mark.rule("collab-N3")
def test_released_documents_and_those_of_an_ended_node_are_free_at_once(nodes: Nodes) -> None:
    lease, first = nodes.node("first")
    _, second = nodes.node("second")
    first.begin("prj", [SEED])
    first.release("prj", first.claim("prj").epoch)
    epoch = second.claim("prj").epoch
    second.release("prj", epoch)
    first.claim("prj")
    lease.end()
    second.claim("prj")


@pytest.mark.rule("collab-N3")
def test_a_lease_lives_while_it_is_renewed_in_time_and_is_never_revived(nodes: Nodes) -> None:
    lease, _ = nodes.node("first")
    for _ in range(5):
        nodes.clock.advance(RENEW_SECONDS)
        assert lease.renew()
    assert lease.is_live
    nodes.clock.advance(GIVE_UP_SECONDS)
    assert not lease.is_live
    assert not lease.renew()  # whatever the database says
    node = lease.node
    lease.begin()
    assert lease.node != node
    assert lease.is_live
    nodes.expire(lease)
    assert not lease.renew()


@pytest.mark.rule("collab-N3")
def test_a_node_gives_up_before_others_take_over_and_they_do_in_time() -> None:
    assert GIVE_UP_SECONDS + RENEW_SECONDS <= LEASE_SECONDS
    assert 2 * RENEW_SECONDS <= GIVE_UP_SECONDS
    assert LEASE_SECONDS + RENEW_SECONDS < TAKEOVER_SECONDS_PROMISED
