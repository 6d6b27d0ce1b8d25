"""Exports pay: held when ordered, captured with `done`, released with any other end; on both databases."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import func, select, update

from backend.credits import repository
from backend.credits.prices import WELCOME_CREDITS
from backend.credits.service import open_wallet
from backend.credits.tables import HoldRow
from backend.credits.wallet import Cause
from backend.db.event_log import EventRow
from backend.exports.planning import planned
from backend.exports.service import snapshot_of
from backend.exports.tables import ExportRow, QuoteRow, TaskRow
from backend.projects.tables import ProjectRow
from kit.ids import sortable_id
from tests.backend.exports.test_exports import film_report, finish, order, stitching, with_title
from tests.backend.support import Person, TestServer, running_server
from timeline.film_options import FilmOptions
from timeline.jobs import Failure, MadeSegment, TaskResult

PRICE = 3  # of the film below: 60 frames of 1080p at 40 thousandths
DRAWN = MadeSegment("encoded", "k1", 60)
FOUND = MadeSegment("reused", "k1", 60)


@pytest.fixture(params=["sqlite", "postgres"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[TestServer]:
    postgres = request.param == "postgres"
    url = str(request.getfixturevalue("postgres_copy_url")) if postgres else ""
    async with running_server(tmp_path, database_url=url) as running:
        yield running


async def wallet(person: Person) -> tuple[int, int, int]:
    """Available, held, debt."""
    told = (await person.client.get(f"/api/v1/workspaces/{person.workspace}/wallet")).json()
    return told["available"], told["held"], told["debt"]


async def journal(person: Person, **query: Any) -> dict[str, Any]:
    path = f"/api/v1/workspaces/{person.workspace}/wallet/journal"
    answer = await person.client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return cast("dict[str, Any]", answer.json())


async def left_with(
    server: TestServer, person: Person, amount: int, *, frozen: bool = False
) -> None:
    """Bring the wallet to so many available credits; below zero is debt.

    In a thread: a coroutine of the server may be writing, and goes on only while the loop does.
    """

    def bring() -> None:
        now = server.parts.clock.now()
        with server.parts.database.write_in_thread() as session:
            found = open_wallet(session, person.workspace, "sandbox", now=now)
            change = amount - (found.available - found.debt)
            if change:
                cause = Cause(f"adjust:{sortable_id('t')}", "adjust", "t", "usr_1", now)
                repository.adjust(session, found.id, change, cause)
            repository.set_frozen(session, found.id, frozen=frozen, at=now)

    await asyncio.to_thread(bring)


def count(server: TestServer, table: type[ExportRow | TaskRow | HoldRow]) -> int:
    with server.parts.database.read_in_thread() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


async def ordered(person: Person, project: str, key: str = "k1", **body: Any) -> str:
    answer = await order(person, project, key, **body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


@pytest.mark.rule("credits-L11", "credits-P2", "credits-P4")
async def test_an_export_is_held_when_ordered_and_captured_when_done(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    assert await wallet(asha) == (WELCOME_CREDITS, 0, 0)
    export = await ordered(asha, project)
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE, PRICE, 0)
    assert (await asha.client.get(f"/api/v1/exports/{export}")).json()["credits_held"] == PRICE
    finish(server, export, DRAWN)
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE, 0, 0)
    told = (await asha.client.get(f"/api/v1/exports/{export}")).json()
    assert (told["credits_held"], told["credits_captured"]) == (0, PRICE)
    newest, older = (await journal(asha, limit=2))["items"]
    assert (newest["kind"], newest["ref"]) == ("capture", {"kind": "export", "id": export})
    assert newest["postings"] == [
        {"account": "held", "amount": -PRICE},
        {"account": "spent", "amount": PRICE},
    ]
    assert older["kind"] == "hold"
    assert older["actor"] == asha.id
    assert older["after"] == {"available": WELCOME_CREDITS - PRICE, "held": PRICE, "debt": 0}


@pytest.mark.rule("credits-P2", "credits-L7")
async def test_what_was_cheaper_than_quoted_gives_the_rest_back(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    parts = (MadeSegment("encoded", "k1", 30), MadeSegment("copied", "c1", 30))
    finish(server, await ordered(asha, project), *parts)
    assert await wallet(asha) == (WELCOME_CREDITS - 2, 0, 0)  # 30 x 40 + 30 x 1 thousandths


@pytest.mark.rule("credits-P2")
async def test_a_film_that_costs_more_than_was_held_costs_the_hold(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    export = await ordered(asha, project)
    stitch = stitching(server, export)
    report = film_report(export, DRAWN)
    dearer = replace(report, size=(3840, 2160))
    assert server.app.state.board.commit(stitch, TaskResult(report=dearer))
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE, 0, 0)


@pytest.mark.rule("credits-L11")
async def test_a_failed_and_a_cancelled_export_give_all_back(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    board = server.app.state.board
    await ordered(asha, project, "k1")
    board.fail(board.claim("w"), Failure("transient", "stalled", "again"))
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE, PRICE, 0)
    with server.parts.database.write_in_thread() as session:
        session.execute(update(TaskRow).values(not_before=0.0))
    board.fail(board.claim("w"), Failure("poison", "limit_memory", "too much"))
    assert await wallet(asha) == (WELCOME_CREDITS, 0, 0)
    second = await ordered(asha, project, "k2")
    path = f"/api/v1/exports/{second}/cancel"
    answers = [(await asha.client.post(path)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["state"], answers[0]["credits_released"]) == ("cancelled", PRICE)
    assert await wallet(asha) == (WELCOME_CREDITS, 0, 0)
    kinds = [item["kind"] for item in (await journal(asha))["items"]]
    assert kinds == ["release", "hold", "release", "hold", "grant"]


@pytest.mark.rule("credits-P1")
async def test_too_few_credits_are_told_and_the_same_key_may_try_again(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    await left_with(server, asha, PRICE - 1)
    path = f"/api/v1/projects/{project}/exports"
    refused = await order(asha, project)
    assert refused.status_code == 402
    assert refused.json() == {
        "type": "/problems/insufficient-credits",
        "title": "Insufficient credits",
        "status": 402,
        "detail": f"needs {PRICE} credits, {PRICE - 1} available",
        "instance": path,
        "required": PRICE,
        "available": PRICE - 1,
        "debt": 0,
    }
    assert (count(server, ExportRow), count(server, TaskRow), count(server, HoldRow)) == (0, 0, 0)
    await left_with(server, asha, PRICE)
    assert (await order(asha, project)).status_code == 202
    assert await wallet(asha) == (0, PRICE, 0)


@pytest.mark.rule("credits-P1")
@pytest.mark.parametrize(
    ("amount", "frozen", "problem"),
    [(-5, False, "wallet-in-debt"), (500, True, "wallet-frozen")],
)
async def test_debt_and_dispute_stop_spending(
    server: TestServer, amount: int, problem: str, *, frozen: bool
) -> None:
    asha = await server.person()
    project = await with_title(asha)
    await left_with(server, asha, amount, frozen=frozen)
    quoted = await asha.client.post(f"/api/v1/projects/{project}/quotes", json={})
    assert (quoted.status_code, quoted.json()["enough"]) == (201, False)
    refused = await order(asha, project)
    assert (refused.status_code, refused.json()["type"]) == (402, f"/problems/{problem}")
    assert refused.json()["debt"] == max(0, -amount)
    assert count(server, ExportRow) == 0


@pytest.mark.rule("credits-P1", "credits-R1")
async def test_two_exports_with_credits_for_one(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    await left_with(server, asha, PRICE)
    answers = await asyncio.gather(*(order(asha, project, f"k{n}") for n in range(2)))
    assert sorted(answer.status_code for answer in answers) == [202, 402]
    assert await wallet(asha) == (0, PRICE, 0)


@pytest.mark.rule("db-B2", "credits-L11")
async def test_a_double_click_is_one_order_with_one_answer(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    answers = await asyncio.gather(*(order(asha, project) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert count(server, ExportRow) == 1
    assert (await order(asha, project, preset="draft")).status_code == 422


@pytest.mark.rule("credits-P2")
async def test_the_quoted_price_is_held_even_when_the_film_became_cheaper(
    server: TestServer,
) -> None:
    asha = await server.person()
    project = await with_title(asha)
    quote = (await asha.client.post(f"/api/v1/projects/{project}/quotes", json={})).json()
    assert (quote["credits"], quote["available"], quote["enough"]) == (PRICE, WELCOME_CREDITS, True)
    with server.parts.database.write_in_thread() as session:
        session.execute(update(QuoteRow).values(credits=PRICE + 4))
    await ordered(asha, project, quote=quote["id"])
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE - 4, PRICE + 4, 0)


@pytest.mark.rule("credits-P2")
async def test_no_client_names_an_amount(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    quotes = f"/api/v1/projects/{project}/quotes"
    for field in ("amount", "credits", "price"):
        for value in (1, 0, -1, 1.5, "NaN", 10**30):
            body: dict[str, Any] = {field: value}
            assert (await order(asha, project, **body)).status_code == 422
            assert (await asha.client.post(quotes, json=body)).status_code == 422
    assert count(server, ExportRow) == 0


@pytest.mark.rule("credits-L12")
async def test_a_zombie_captures_nothing_and_the_next_attempt_keeps_the_hold(
    server: TestServer,
) -> None:
    asha = await server.person()
    project = await with_title(asha)
    export = await ordered(asha, project)
    board = server.app.state.board
    zombie = stitching(server, export)
    assert board.take_back_all() == 1
    assert not board.commit(zombie, TaskResult(report=film_report(export, DRAWN)))
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE, PRICE, 0)
    again = board.claim("w2")
    assert board.commit(again, TaskResult(report=film_report(export, DRAWN)))
    assert not board.commit(zombie, TaskResult(report=film_report(export, DRAWN)))
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE, 0, 0)


@pytest.mark.rule("credits-L12")
async def test_only_the_stitch_that_the_export_names_hands_in_its_film(server: TestServer) -> None:
    """The task's own fence is right here; the token of the export alone says no."""
    asha = await server.person()
    project = await with_title(asha)
    export = await ordered(asha, project)
    stitch = stitching(server, export)
    board = server.app.state.board
    with server.parts.database.write_in_thread() as session:
        session.execute(update(ExportRow).values(lease_token=stitch.fence + 1))
    assert not board.commit(stitch, TaskResult(report=film_report(export, DRAWN)))
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE, PRICE, 0)
    with server.parts.database.write_in_thread() as session:
        session.execute(update(ExportRow).values(lease_token=stitch.fence))
    assert board.commit(stitch, TaskResult(report=film_report(export, DRAWN)))


@pytest.mark.rule("credits-L11", "credits-L12")
async def test_cancel_races_with_done_and_one_of_them_settles(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    board = server.app.state.board
    spent = 0
    for number in range(8):
        export = await ordered(asha, project, f"k{number}")
        stitch = stitching(server, export)
        result = TaskResult(report=film_report(export, MadeSegment("encoded", export, 60)))
        done, cancelled = await asyncio.gather(
            asyncio.to_thread(board.commit, stitch, result),
            asyncio.to_thread(board.cancel, export),
        )
        assert done != cancelled
        spent += PRICE if done else 0
        assert await wallet(asha) == (WELCOME_CREDITS - spent, 0, 0)


@pytest.mark.rule("credits-P3")
async def test_what_was_cancelled_at_its_end_costs_its_full_price_the_second_time(
    server: TestServer,
) -> None:
    asha = await server.person()
    project = await with_title(asha)
    first = await ordered(asha, project, "k1")
    stitching(server, first)
    assert (await asha.client.post(f"/api/v1/exports/{first}/cancel")).status_code == 200
    finish(server, await ordered(asha, project, "k2"), FOUND)
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE, 0, 0)


@pytest.mark.rule("credits-P3")
async def test_what_was_paid_for_costs_nothing_again_and_only_for_who_paid(
    server: TestServer,
) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    project, other = await with_title(asha), await with_title(ravi)
    finish(server, await ordered(asha, project, "k1"), DRAWN)
    finish(server, await ordered(asha, project, "k2"), FOUND)
    assert await wallet(asha) == (WELCOME_CREDITS - PRICE - 1, 0, 0)  # a film is at least one
    finish(server, await ordered(ravi, other), FOUND)
    assert await wallet(ravi) == (WELCOME_CREDITS - PRICE, 0, 0)


class Everything:
    """An engine whose cache holds every segment."""

    build_id = "b1"

    def cached(self, keys: Iterable[str]) -> frozenset[str]:
        return frozenset(keys)


@pytest.mark.rule("credits-P3", "operations-Q2")
async def test_a_quote_knows_what_is_cached_and_paid_for(server: TestServer) -> None:
    server.app.state.segments = Everything()
    asha, ravi = await server.person("asha"), await server.person("ravi")
    project, other = await with_title(asha), await with_title(ravi)

    async def quoted(person: Person, where: str) -> tuple[int, list[int]]:
        answer = (await person.client.post(f"/api/v1/projects/{where}/quotes", json={})).json()
        return answer["credits"], [line["frames"] for line in answer["lines"]]

    assert await quoted(asha, project) == (PRICE, [60, 0, 0])
    keys = await plan_keys(server, project)
    finish(server, await ordered(asha, project), *(MadeSegment("encoded", *key) for key in keys))
    assert await quoted(asha, project) == (1, [0, 0, 60])
    assert await quoted(ravi, other) == (PRICE, [60, 0, 0])
    assert (await order(asha, project, "k2")).json()["credits_held"] == 1


async def plan_keys(server: TestServer, project: str) -> list[tuple[str, int]]:
    """Key and frames of each segment of the film, as the server plans it."""
    async with server.parts.database.read() as session:
        row = await session.get_one(ProjectRow, project)
    snapshot = await snapshot_of(server.parts.database, server.app.state.documents, row)
    plan = planned(snapshot, "source", None, FilmOptions(), Everything.build_id).plan
    return [(segment.key, segment.frames) for segment in plan.segments]


async def members(server: TestServer, asha: Person) -> dict[str, httpx.AsyncClient]:
    """A person of each role in Asha's workspace."""
    found: dict[str, httpx.AsyncClient] = {"owner": asha.client}
    for role in ("billing", "editor", "commenter", "viewer"):
        person = await server.person(role)
        path = f"/api/v1/workspaces/{asha.workspace}/members"
        added = await asha.client.post(path, json={"email": person.email, "role": role})
        assert added.status_code == 201, added.text
        found[role] = person.client
    return found


@pytest.mark.rule("credits-P4", "auth-A7")
async def test_who_sees_the_wallet_and_who_the_journal(server: TestServer) -> None:
    asha, stranger = await server.person("asha"), await server.person("stranger")
    path = f"/api/v1/workspaces/{asha.workspace}/wallet"
    people = await members(server, asha)
    seen = {role: (await client.get(path)).status_code for role, client in people.items()}
    assert seen == {
        "owner": 200,
        "billing": 200,
        "editor": 200,
        "commenter": 403,
        "viewer": 403,
    }
    read = {
        role: (await client.get(f"{path}/journal")).status_code for role, client in people.items()
    }
    assert read == {
        "owner": 200,
        "billing": 200,
        "editor": 403,
        "commenter": 403,
        "viewer": 403,
    }
    for where in (path, f"{path}/journal"):
        assert (await stranger.client.get(where)).status_code == 404
        assert (await server.client().get(where)).status_code == 401


@pytest.mark.rule("credits-P4", "auth-A8")
async def test_a_guest_spends_nothing_and_sees_no_wallet(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    link = await asha.client.post(
        f"/api/v1/projects/{project}/share-links", json={"role": "editor"}
    )
    guest = server.client()
    signed = await guest.post("/api/v1/session", json={"share": link.json()["key"], "name": "Bea"})
    assert signed.status_code == 200, signed.text
    headers = {"Idempotency-Key": "k1"}
    path = f"/api/v1/projects/{project}"
    assert (await guest.post(f"{path}/exports", json={}, headers=headers)).status_code == 403
    assert (await guest.post(f"{path}/quotes", json={})).status_code == 403
    assert (await guest.get(f"/api/v1/workspaces/{asha.workspace}/wallet")).status_code == 404
    assert await wallet(asha) == (WELCOME_CREDITS, 0, 0)


@pytest.mark.rule("credits-P4")
async def test_the_journal_pages_from_the_newest_on(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    for number in range(3):
        await ordered(asha, project, f"k{number}")
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = await journal(asha, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["seq"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [4, 3, 2, 1]
    path = f"/api/v1/workspaces/{asha.workspace}/wallet/journal"
    for bad in ("x", "WyIxZTMiXQ", "WyItMSJd"):
        assert (await asha.client.get(path, params={"cursor": bad})).status_code == 422


@pytest.mark.rule("credits-L13", "credits-L11")
async def test_events_tell_the_wallet_beside_the_export(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    await wallet(asha)
    finish(server, await ordered(asha, project), DRAWN)
    with server.parts.database.read_in_thread() as session:
        told = session.scalars(
            select(EventRow)
            .where(EventRow.workspace_id == asha.workspace, EventRow.kind.in_(("wallet", "export")))
            .order_by(EventRow.seq)
        ).all()
    said = [
        f"{row.body['available']}+{row.body['held']}" if row.kind == "wallet" else row.body["state"]
        for row in told
    ]
    rest = WELCOME_CREDITS - PRICE
    assert said == [
        f"{WELCOME_CREDITS}+0",
        f"{rest}+{PRICE}",
        "queued",
        "planning",
        "rendering",
        "stitching",
        f"{rest}+0",
        "done",
    ]
