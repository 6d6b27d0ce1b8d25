"""The database goes away under orders over HTTP, and comes back."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.credits.audit import audited
from backend.credits.prices import WELCOME_CREDITS
from backend.credits.tables import HoldRow
from tests.backend.exports.test_exports import order, with_title
from tests.backend.exports.test_paying import PRICE, wallet
from tests.backend.support import Person, running_server
from tests.postgres import new_database, own_postgres

ORDERS = 6


async def until_taken(person: Person, project: str, key: str) -> bytes:
    """Order with the same key until it is answered; away means 503 and nothing else."""
    while True:
        answer = await order(person, project, key)
        if answer.status_code == 202:
            return answer.content
        assert answer.status_code == 503, answer.text
        assert answer.json()["type"] == "/problems/database-away"
        assert int(answer.headers["retry-after"]) > 0
        await asyncio.sleep(0.05)


@pytest.mark.rule("credits-R2", "db-B2")
async def test_a_database_that_restarts_mid_request_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    with own_postgres() as postgres:
        async with running_server(tmp_path, database_url=new_database(postgres.address)) as server:
            asha = await server.person()
            project = await with_title(asha)
            async with asyncio.TaskGroup() as group:
                asked = [
                    group.create_task(until_taken(asha, project, f"k{number}"))
                    for number in range(ORDERS)
                ]
                await asked[0]
                await asyncio.to_thread(postgres.restart)
            told = [task.result() for task in asked]
            again = [await until_taken(asha, project, f"k{number}") for number in range(ORDERS)]
            assert again == told
            assert await wallet(asha) == (WELCOME_CREDITS - ORDERS * PRICE, ORDERS * PRICE, 0)
            with server.parts.database.read_in_thread() as session:
                assert session.scalar(select(func.count()).select_from(HoldRow)) == ORDERS
            with server.parts.database.snapshot() as connection:
                assert audited(connection).differences == []
