"""Two `cutroom serve` as two machines: one document, an owner that dies, moves, or is frozen."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from backend.collab.live import LiveDocument
from backend.collab.wire import step_1
from tests.backend.collab.guests import Guest
from tests.cli.cluster import SECONDS, Cluster, Member, Server, cluster
from tests.cli.editors import Editor, at_work, check_nothing_lost, durable
from tests.redis_server import RedisServer


class House:
    """Two nodes, two people, one project."""

    def __init__(self, house: Cluster) -> None:
        self.nodes = nodes = [house.serve(), house.serve()]
        self.asha, self.bea = Member(nodes[0], "asha"), Member(nodes[1], "bea")
        self.asha.post(
            nodes[1],
            f"/workspaces/{self.asha.workspace}/members",
            {"email": self.bea.email, "role": "editor"},
        )
        made: Any = self.asha.post(
            nodes[0], "/projects", {"name": "Film", "workspace": self.asha.workspace}
        )
        self.project = str(made["id"])
        self._house = house

    def token(self, member: Member, node: Server) -> str:
        answer: Any = member.post(node, f"/projects/{self.project}/collab-token", {})
        return str(answer["token"])

    def clips(self, node: Server) -> set[str]:
        answer = self.asha.client.get(f"{node.api}/projects/{self.project}/timeline")
        assert answer.status_code == 200, answer.text
        return set(answer.json()["clips"])

    def durable(self) -> LiveDocument:
        """What a fresh process would load; no number of the log was given twice."""
        seqs = [seq for seq, _ in self.rows()]
        assert len(seqs) == len(set(seqs))
        return durable(self._house, self.project)

    def epoch(self) -> int:
        """How often the document was claimed."""
        engine = create_engine(self._house.database)
        with engine.connect() as connection:
            epoch = connection.execute(text("select epoch from collab_heads")).scalar_one()
        engine.dispose()
        return int(epoch)

    def rows(self) -> list[tuple[int, int]]:
        """(seq, epoch) of what is in the log itself: compaction takes the older ones out."""
        engine = create_engine(self._house.database)
        with engine.connect() as connection:
            found = connection.execute(text("select seq, epoch from collab_log order by seq"))
            rows = [(int(row[0]), int(row[1])) for row in found]
        engine.dispose()
        return rows


@pytest.fixture
def house(tmp_path: Path, postgres_url: str, redis: RedisServer) -> Generator[House]:
    with cluster(tmp_path, postgres_url, redis.url) as nodes:
        house = House(nodes)
        with closing(house.asha.client), closing(house.bea.client):
            yield house


@pytest.mark.rule("collab-N1", "collab-N2", "collab-N3", "collab-D1")
async def test_an_owner_is_killed_and_the_other_node_goes_on(house: House) -> None:
    owner, other = house.nodes
    tokens = [house.token(member, owner) for member in (house.asha, house.bea)]
    asha, bea = Editor("asha"), Editor("bea")
    at_owner = [node.room(house.project, tokens[0]) for node in (owner, other)]
    at_other = [other.room(house.project, tokens[1])]
    async with at_work((asha, at_owner)):
        await asha.saves()  # the owner is who was asked first
        async with at_work((bea, at_other)):
            await asyncio.gather(asha.saves(), bea.saves())
            command = {"commands": [{"op": "set", "map": "meta", "values": {"name": "Cut"}}]}
            path = f"/projects/{house.project}/commands"
            answer: Any = await asyncio.to_thread(house.bea.post, other, path, command)
            assert [change["after"] for change in answer["changes"]] == ["Cut"]
            owner.kill()
            await asyncio.gather(asha.saves(), bea.saves())
            await asyncio.to_thread(owner.restart)
            await asyncio.gather(asha.saves(), bea.saves())
            # A deploy: the node says so, and the other one has the document at once.
            assert await asyncio.to_thread(other.stop) == 128 + signal.SIGTERM
            await asyncio.to_thread(other.restart)
            await asyncio.gather(asha.saves(), bea.saves())
            assert 1013 in bea.codes
    check_nothing_lost(house.durable(), asha, bea)
    assert house.durable().model().meta["name"] == "Cut"
    assert house.epoch() >= 3  # three owners at least, one after the other


@pytest.mark.rule("collab-N3", "collab-D3")
async def test_an_owner_that_was_frozen_beyond_its_lease_writes_nothing(house: House) -> None:
    owner, other = house.nodes
    asha, bea = Editor("asha"), Editor("bea")
    token = house.token(house.asha, owner)
    async with at_work((asha, [owner.room(house.project, token)])):
        await asha.saves()
        owner.signal(signal.SIGSTOP)
        there = other.room(house.project, house.token(house.bea, other))
        async with at_work((bea, [there])):
            await bea.saves()
            epoch = house.epoch()
            owner.signal(signal.SIGCONT)
            await asha.saves()  # closed by its former owner, and passed on by it
            assert house.epoch() == epoch
            assert {found for _, found in house.rows()[-3:]} == {epoch}
            assert 1013 in asha.codes
    check_nothing_lost(house.durable(), asha, bea)


@pytest.mark.rule("collab-C4", "operations-B1")
async def test_who_is_put_out_is_out_on_every_node(house: House) -> None:
    owner, other = house.nodes
    token = house.token(house.bea, owner)
    addresses = [node.room(house.project, token) for node in (owner, other)]
    async with connect(addresses[0]) as near, connect(addresses[1]) as far:
        for socket in (near, far):
            await socket.send(step_1(b"\x00"))
            await Guest(socket).edit(f"clip_{id(socket)}")
        member = f"{other.api}/workspaces/{house.asha.workspace}/members/{house.bea.id}"
        gone = await asyncio.to_thread(house.asha.client.delete, member)
        assert gone.status_code == 204, gone.text
        codes = [await _code(socket) for socket in (near, far)]
    assert codes == [4403, 4403]
    assert (await asyncio.to_thread(house.clips, owner)) == house.clips(other)


async def _code(socket: Any) -> int | None:
    try:
        async with asyncio.timeout(SECONDS):
            while True:
                await socket.recv()
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else None
