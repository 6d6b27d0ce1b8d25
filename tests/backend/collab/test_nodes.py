"""Several nodes on one store: who owns a document, and how everybody reaches the owner."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from backend.collab.handshake import read_handshake, relayed_head
from backend.collab.lease import NodeLease
from backend.collab.log import OwnedElsewhere
from backend.collab.marks import GOOD_SECONDS, RelayMarks
from backend.collab.relay import FrameEnds
from backend.collab.wire import close_frame, frame, step_1
from kit.clock import ManualClock, SystemClock
from tests.backend.collab.fakes import until
from tests.backend.collab.guests import Guest, guest
from tests.backend.collab.server import Running, open_log, running
from tests.backend.collab.test_port import close_code


@asynccontextmanager
async def two_nodes(folder: Path) -> AsyncGenerator[tuple[Running, Running, str]]:
    """The owner of a document, another node, and the document."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(running(folder, is_node=True))
        second = await stack.enter_async_context(running(folder, is_node=True))
        yield first, second, first.begin()


@pytest.mark.rule("collab-N1", "collab-N2")
async def test_people_on_different_nodes_are_in_one_room(tmp_path: Path) -> None:
    async with (
        two_nodes(tmp_path) as (first, second, project),
        guest(first.url(project, "ann-token", ack=True)) as ann,
        guest(second.url(project, "bea-token", ack=True)) as bea,
    ):
        await ann.edit("a1", start=1)
        await bea.edit("b1", start=2)
        await ann.sees("a1", "b1")
        await bea.sees("a1", "b1")
        assert first.service.rooms.loaded(project) is not None
        assert second.service.rooms.loaded(project) is None


@pytest.mark.rule("collab-N2")
async def test_a_long_message_passes_through_another_node_whole(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as (first, second, project):
        async with (
            guest(first.url(project, "ann-token", ack=True)) as ann,
            guest(second.url(project, "bea-token", ack=True)) as bea,
        ):
            for number in range(4):
                await bea.edit(f"b{number}", note="x" * 60_000)
            await ann.sees("b0", "b3")
        async with guest(second.url(project, "cem-token", ack=True)) as cem:
            await cem.sees("b0", "b1", "b2", "b3")


@pytest.mark.rule("collab-N2", "collab-C4")
async def test_the_owner_closes_for_revocation_through_another_node(tmp_path: Path) -> None:
    async with (
        two_nodes(tmp_path) as (first, second, project),
        guest(first.url(project, "ann-token", ack=True)) as ann,
        guest(second.url(project, "bea-token", ack=True)) as bea,
    ):
        await ann.edit("a1")
        await bea.sees("a1")
        first.access.outside.add("bea")
        first.bus.publish("access.revoked", {"user": "bea"})
        assert await close_code(bea.socket) == 4403
        await ann.edit("a2")


@pytest.mark.rule("collab-N2", "collab-C1")
async def test_who_may_not_enter_is_told_where_they_came_in(tmp_path: Path) -> None:
    async with (
        two_nodes(tmp_path) as (first, second, project),
        guest(first.url(project, "ann-token", ack=True)) as ann,
        connect(second.url(project, "nobody")) as nobody,
    ):
        assert await close_code(nobody) == 4401
        await ann.edit("a1")


@pytest.mark.rule("collab-N2", "collab-C2")
async def test_a_client_cannot_claim_that_it_was_passed_on(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as (_, second, project):
        address = f"ws://127.0.0.1:{second.port}/collab/{project}"
        forged = {"X-Cutroom-Relay": "1.00", "Origin": "http://evil.example"}
        with pytest.raises(InvalidStatus):
            await connect(address, additional_headers=forged)


@pytest.mark.rule("collab-N3")
async def test_a_node_that_stops_hands_its_documents_over_at_once(tmp_path: Path) -> None:
    async with running(tmp_path, is_node=True) as second:
        async with AsyncExitStack() as life_of_first:
            first = await life_of_first.enter_async_context(running(tmp_path, is_node=True))
            project = first.begin()
            sockets: list[ClientConnection] = []
            for node, name in ((first, "ann"), (second, "bea")):
                socket = await connect(node.url(project, f"{name}-token", ack=True))
                await socket.send(step_1(b"\x00"))
                await Guest(socket).edit(name)
                sockets.append(socket)
            await life_of_first.aclose()
            assert [await close_code(socket) for socket in sockets] == [1013, 1013]
        async with guest(second.url(project, "cem-token", ack=True)) as cem:
            await cem.sees("ann", "bea")
            await cem.edit("cem")


@pytest.mark.rule("collab-N3", "collab-D3")
async def test_a_node_without_its_lease_writes_nothing_and_closes_its_rooms(
    tmp_path: Path,
) -> None:
    async with two_nodes(tmp_path) as (first, second, project):
        lease = first.lease
        assert lease is not None
        lost = lease.node
        async with connect(first.url(project, "ann-token", ack=True)) as socket:
            await socket.send(step_1(b"\x00"))
            ann = Guest(socket)
            await ann.edit("a1")
            lease.end()  # as if it had not renewed for too long
            async with guest(second.url(project, "bea-token", ack=True)) as bea:
                await bea.sees("a1")
                await bea.edit("b1")
            assert await close_code(socket) == 1013
        await until(lambda: lease.node != lost)
        async with guest(first.url(project, "ann-token", ack=True), ann.writer) as again:
            await again.edit("a2")
            await again.sees("a1", "b1")


@pytest.mark.rule("collab-N3")
async def test_who_waits_for_a_dead_owner_is_served_once_its_lease_is_over(tmp_path: Path) -> None:
    async with running(tmp_path, is_node=True) as node:
        project = node.begin()
        dead = NodeLease(node.log.url, SystemClock(), "http://127.0.0.1:9")  # nobody answers there
        dead.begin()
        log = open_log(tmp_path, owner=dead)
        log.claim(project)
        with pytest.raises(OwnedElsewhere):
            node.log.claim(project)
        async with guest(node.url(project, "ann-token", ack=True)) as ann:
            waiting = asyncio.create_task(ann.edit("a1"))
            await asyncio.sleep(0.5)
            assert not waiting.done()
            dead.end()
            await waiting
        log.close()
        await dead.stop()


@pytest.mark.rule("collab-N2")
def test_a_mark_is_good_for_its_subject_for_a_minute_and_from_our_keys() -> None:
    clock = ManualClock()
    marks = RelayMarks([b"new", b"old"], clock)
    mark = marks.mark("prj_1")
    assert marks.is_ours(mark, "prj_1")
    assert not marks.is_ours(mark, "prj_2")
    assert not RelayMarks([b"other"], clock).is_ours(mark, "prj_1")
    assert RelayMarks([b"newer", b"new"], clock).is_ours(mark, "prj_1")
    for nonsense in ("", ".", "x.y", "1", "٣.00", "9" * 400 + ".00"):
        assert not marks.is_ours(nonsense, "prj_1")
    clock.advance(GOOD_SECONDS + 1)
    assert not marks.is_ours(mark, "prj_1")


@pytest.mark.rule("collab-N2")
def test_the_head_that_is_passed_on_carries_our_mark_alone() -> None:
    head = (
        b"GET /collab/prj_1?token=t&ack=1 HTTP/1.1\r\nhost: cutroom.test\r\n"
        b"X-CUTROOM-RELAY: mine\r\nconnection: keep-alive, Upgrade\r\ncookie: a=b\r\n\r\n"
    )
    passed = relayed_head(head, "1.ours")
    assert passed.endswith(b"\r\n\r\n")
    handshake = read_handshake(passed, is_secure=False)
    assert handshake is not None
    assert (handshake.relay_mark, handshake.token, handshake.cookies) == ("1.ours", "t", "a=b")
    assert b"mine" not in passed


@pytest.mark.rule("collab-N2")
def test_a_close_frame_of_ours_stands_only_between_frames() -> None:
    frames = [frame(b"x" * size) for size in (0, 1, 125, 126, 65_535, 65_536)]
    whole = b"".join(frames)
    ends = {sum(map(len, frames[:count])) for count in range(len(frames) + 1)}
    for step in (1, 7, 4096):
        follower = FrameEnds()
        for at in range(0, len(whole), step):
            assert follower.may_close == (at in ends)
            follower.take(whole[at : at + step])
        assert follower.may_close
    follower.take(close_frame(1013, "moving"))
    assert not follower.may_close
