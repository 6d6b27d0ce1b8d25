"""Each statement and each commit of an order, its end and its cancelling fails once, on both databases."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.credits.audit import audited
from backend.credits.prices import WELCOME_CREDITS
from backend.credits.tables import EntryRow
from backend.db.session import DatabaseAway
from tests.backend.breaking import broken_at
from tests.backend.exports.test_exports import film_report, order, stitching, with_title
from tests.backend.exports.test_paying import DRAWN, PRICE, wallet
from tests.backend.support import TestServer, running_server
from timeline.jobs import TaskResult

STEPS_MIN = 10  # fewer were watched than there are


@pytest.fixture(params=["sqlite", "postgres"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[TestServer]:
    postgres = request.param == "postgres"
    url = str(request.getfixturevalue("postgres_copy_url")) if postgres else ""
    async with running_server(tmp_path, database_url=url) as running:
        yield running


async def broken(server: TestServer, step: int, work: Callable[[], Awaitable[object]]) -> bool:
    """Do it with a failure at that step; answers whether there was such a step."""
    with broken_at(server.parts.database, step) as steps:
        try:
            await work()
        except DatabaseAway:
            assert steps.broke
    return bool(steps.broke)


def effects(server: TestServer, kind: str, export: str) -> int:
    asked = select(func.count()).where(EntryRow.kind == kind, EntryRow.ref_id == export)
    with server.parts.database.read_in_thread() as session:
        return session.scalar(asked) or 0


def balanced(server: TestServer) -> None:
    with server.parts.database.snapshot() as connection:
        assert audited(connection).differences == []


@pytest.mark.rule("credits-L11", "db-B2")
async def test_an_order_holds_once_and_a_cancel_releases_once_wherever_they_break(
    server: TestServer,
) -> None:
    asha = await server.person()
    project = await with_title(asha)
    for step in count(1):
        key = f"k{step}"
        order_broke = await broken(server, step, lambda key=key: order(asha, project, key))
        told = await order(asha, project, key)
        assert told.status_code == 202, told.text
        assert (await order(asha, project, key)).content == told.content
        export = told.json()["id"]
        assert effects(server, "hold", export) == 1
        assert await wallet(asha) == (WELCOME_CREDITS - PRICE, PRICE, 0)
        path = f"/api/v1/exports/{export}/cancel"
        cancel_broke = await broken(server, step, lambda path=path: asha.client.post(path))
        assert (await asha.client.post(path)).status_code == 200
        assert effects(server, "release", export) == 1
        assert await wallet(asha) == (WELCOME_CREDITS, 0, 0)
        balanced(server)
        if not order_broke and not cancel_broke:
            assert step > STEPS_MIN
            return


@pytest.mark.rule("credits-L11")
async def test_a_film_that_is_done_is_captured_once_wherever_it_breaks(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    board = server.app.state.board
    for step in count(1):
        export = (await order(asha, project, f"k{step}")).json()["id"]
        stitch = await asyncio.to_thread(stitching, server, export)
        result = TaskResult(report=film_report(export, DRAWN))

        async def hand_in(stitch: object = stitch, result: TaskResult = result) -> None:
            await asyncio.to_thread(board.commit, stitch, result)

        was_broken = await broken(server, step, hand_in)
        await hand_in()
        assert effects(server, "capture", export) == 1
        assert await wallet(asha) == (WELCOME_CREDITS - step * PRICE, 0, 0)
        balanced(server)
        if not was_broken:
            assert step > STEPS_MIN
            return
