"""History: versions that people named and those that kept themselves, what changed, and by whom."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from backend.collab.history import Turn, person_of, stretches
from backend.collab.history import _Row as Row  # pyright: ignore[reportPrivateUsage]
from backend.collab.log import Entry
from backend.collab.tables import CollabVersionRow
from backend.collab.version_keeper import (
    ALL_KEPT,
    DAILY_KEPT,
    EVERY,
    HOURLY_KEPT,
    QUIET,
    Edited,
    is_due,
    thinned,
)
from kit.clock import ManualClock
from tests.backend.support import Person, TestServer, running_server

NOW = datetime(2026, 5, 20, 12, 30, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def server(tmp_path: Path, clock: ManualClock) -> AsyncGenerator[TestServer]:
    async with running_server(tmp_path, clock=clock) as running:
        yield running


class Film:
    """A project of Asha's in which Bea edits too."""

    def __init__(self, asha: Person, bea: Person, project: str) -> None:
        self.asha, self.bea, self.project = asha, bea, project

    async def call(
        self, person: Person, method: str, path: str, body: Any = None, *, status: int = 200
    ) -> Any:
        address = f"/api/v1/projects/{self.project}{path}"
        answer = await person.client.request(method, address, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def edit(self, person: Person, *commands: dict[str, Any]) -> Any:
        return await self.call(person, "POST", "/commands", {"commands": list(commands)})

    async def name(self, name: str) -> str:
        made = await self.call(self.asha, "POST", "/versions", {"name": name}, status=201)
        return str(made["id"])

    async def versions(self) -> list[dict[str, Any]]:
        return (await self.call(self.asha, "GET", "/versions"))["items"]


@pytest.fixture
async def film(server: TestServer) -> Film:
    asha, bea = await server.person("asha"), await server.person("bea")
    members = f"/api/v1/workspaces/{asha.workspace}/members"
    added = await asha.client.post(members, json={"email": bea.email, "role": "editor"})
    assert added.status_code < 300, added.text
    return Film(asha, bea, await asha.project("Film"))


def renamed(name: str) -> dict[str, Any]:
    return {"op": "set", "map": "meta", "values": {"name": name}}


def marked(name: str) -> dict[str, Any]:
    return {"op": "add_marker", "name": name, "t": 0}


@pytest.mark.rule("collab-V1")
async def test_a_version_reads_as_it_was_and_can_be_named_later(film: Film) -> None:
    await film.edit(film.asha, renamed("First cut"))
    first = await film.name("One")
    await film.edit(film.bea, renamed("Second cut"))
    then = await film.call(film.bea, "GET", f"/versions/{first}")
    now = await film.call(film.bea, "GET", "/timeline")
    assert (then["meta"]["name"], now["meta"]["name"]) == ("First cut", "Second cut")
    resolved = await film.call(film.bea, "GET", f"/versions/{first}?resolved=1")
    assert set(resolved) == set(await film.call(film.bea, "GET", "/timeline?resolved=1"))
    otio = await film.call(film.bea, "GET", f"/versions/{first}?format=otio")
    assert otio["OTIO_SCHEMA"] == "Timeline.1"
    await film.call(film.bea, "PATCH", f"/versions/{first}", {"name": "The one"})
    assert [item["name"] for item in await film.versions()] == ["The one"]
    for path in ("/versions/ver_none", "/versions/ver_none/changes"):
        await film.call(film.bea, "GET", path, status=404)


@pytest.mark.rule("collab-V1")
async def test_versions_are_for_those_who_may_read_the_project(
    film: Film, server: TestServer
) -> None:
    version = await film.name("One")
    cem = await server.person("cem")
    paths = ("", f"/{version}", f"/{version}/changes")
    for path in (*(f"/versions{path}" for path in paths), "/activity"):
        await film.call(cem, "GET", path, status=404)
    await film.call(cem, "PATCH", f"/versions/{version}", {"name": "Mine"}, status=404)
    await film.call(cem, "POST", f"/versions/{version}/restore", status=404)


@pytest.mark.rule("collab-V4")
async def test_what_changed_is_told_in_words_with_who_did_it(film: Film) -> None:
    await film.name("Empty")
    await film.edit(film.asha, renamed("Launch"))
    await film.edit(film.bea, marked("Intro"))
    second = await film.name("Two")
    told = await film.call(film.asha, "GET", f"/versions/{second}/changes")
    assert [person["name"] for person in told["people"]] == ["Asha", "Bea"]
    assert [change["text"] for change in told["changes"]] == [
        "Renamed the project from “Film” to “Launch”",
        "Added marker “Intro”",
    ]
    assert told["more"] == 0
    await film.edit(film.bea, renamed("Later"))
    since = await film.call(film.asha, "GET", f"/versions/{second}/changes?until=now")
    assert [change["text"] for change in since["changes"]] == [
        "Renamed the project from “Launch” to “Later”"
    ]
    assert [person["name"] for person in since["people"]] == ["Bea"]


@pytest.mark.rule("collab-V4")
async def test_activity_tells_each_persons_part_of_a_stretch(
    film: Film, clock: ManualClock
) -> None:
    assert (await film.call(film.asha, "GET", "/activity"))["items"] == []
    await film.edit(film.asha, renamed("Launch"))
    await film.edit(film.bea, marked("Intro"))
    clock.advance(QUIET.total_seconds() + 1)
    await film.edit(film.bea, renamed("Launch film"))
    told = await film.call(film.asha, "GET", "/activity")
    work = [
        [
            (part["people"][0]["name"], [change["text"] for change in part["changes"]])
            for part in item["parts"]
        ]
        for item in told["items"]
    ]
    assert work == [
        [("Bea", ["Renamed the project from “Launch” to “Launch film”"])],
        [
            ("Asha", ["Renamed the project from “Film” to “Launch”"]),
            ("Bea", ["Added marker “Intro”"]),
        ],
    ]
    newest = await film.call(film.asha, "GET", "/activity?limit=1")
    assert [item["id"] for item in newest["items"]] == [told["items"][0]["id"]]
    older = await film.call(film.asha, "GET", f"/activity?cursor={newest['next_cursor']}")
    assert [item["id"] for item in older["items"]] == [told["items"][1]["id"]]
    await film.call(film.asha, "GET", "/activity?cursor=xyz", status=422)


@pytest.mark.rule("collab-V4")
async def test_what_one_made_and_another_removed_is_told_of_each_as_it_was(film: Film) -> None:
    made = await film.edit(film.asha, marked("Intro"), marked("End"))
    ids = [change["id"] for change in made["changes"] if change["key"] is None]
    values = {"removed": True}
    await film.edit(film.bea, {"op": "set", "map": "markers", "id": ids[0], "values": values})
    values = {"name": "The end"}
    await film.edit(film.bea, {"op": "set", "map": "markers", "id": ids[1], "values": values})
    (stretch,) = (await film.call(film.asha, "GET", "/activity"))["items"]
    told = {
        part["people"][0]["name"]: [change["text"] for change in part["changes"]]
        for part in stretch["parts"]
    }
    assert told == {
        "Asha": ["Added marker “The end”"],
        "Bea": ["Removed marker “Intro”", "Changed name of marker “The end”"],
    }


@pytest.mark.rule("collab-V5")
async def test_a_restore_is_an_edit_that_another_person_can_undo(film: Film) -> None:
    first = await film.name("Empty")
    await film.edit(film.bea, marked("Intro"), renamed("Launch"))
    restored = await film.call(film.asha, "POST", f"/versions/{first}/restore")
    then = await film.call(film.asha, "GET", "/timeline")
    assert then["meta"]["name"] == "Film"
    assert all(marker["removed"] for marker in then["markers"].values())
    kept = (await film.versions())[0]
    assert (kept["kind"], kept["name"], kept["author"]["name"]) == (
        "automatic",
        "before Empty",
        "Asha",
    )
    await film.edit(film.bea, {"op": "undo", "changes": restored["changes"]})
    now = await film.call(film.asha, "GET", "/timeline")
    assert now["meta"]["name"] == "Launch"
    assert not any(marker.get("removed") for marker in now["markers"].values())
    people = await film.call(film.asha, "GET", f"/versions/{first}/changes?until=now")
    assert {person["name"] for person in people["people"]} == {"Asha", "Bea"}


@pytest.mark.rule("collab-V2")
async def test_a_version_keeps_itself_when_people_pause_and_each_hour(
    film: Film, server: TestServer, clock: ManualClock
) -> None:
    keeper = server.app.state.version_keeper
    assert await keeper.keep_due() == 0
    await film.edit(film.asha, renamed("Launch"))
    await server.app.state.collab._notes.tell_all()
    assert await keeper.keep_due() == 0
    clock.advance(QUIET.total_seconds())
    assert await keeper.keep_due() == 1
    assert await keeper.keep_due() == 0  # the same state is kept once
    (kept,) = await film.versions()
    assert (kept["kind"], kept["name"], kept["author"]) == (
        "automatic",
        "",
        {"id": "", "name": "Cutroom"},
    )


def edited(*, head: int = 5, seq: int = 1, quiet: timedelta, since: timedelta) -> Edited:
    return Edited("prj", head, NOW - quiet, seq, NOW - since)


@pytest.mark.rule("collab-V2")
def test_when_a_version_by_time_is_due() -> None:
    second, hour = timedelta(seconds=1), timedelta(hours=1)
    assert is_due(edited(quiet=QUIET, since=QUIET), NOW)
    assert not is_due(edited(quiet=QUIET - second, since=EVERY - second), NOW)
    assert is_due(edited(quiet=second, since=EVERY), NOW)
    assert not is_due(edited(head=5, seq=5, quiet=hour, since=2 * hour), NOW)
    assert not is_due(edited(head=1, seq=0, quiet=hour, since=2 * hour), NOW)  # the seed alone


@pytest.mark.rule("collab-V3")
@given(hours=st.lists(st.integers(0, 24 * 120), max_size=80), minutes=st.integers(0, 59))
def test_versions_thin_out_as_they_age(hours: list[int], minutes: int) -> None:
    versions = [
        (f"v{place}", NOW - timedelta(hours=hour, minutes=minutes))
        for place, hour in enumerate(hours)
    ]
    at = dict(versions)
    gone = set(thinned(versions, NOW))
    kept = [at[name] for name, _ in versions if name not in gone]
    assert all(NOW - at[name] >= ALL_KEPT for name in gone)
    assert all(NOW - moment < DAILY_KEPT for moment in kept)
    hourly = [moment for moment in kept if ALL_KEPT <= NOW - moment < HOURLY_KEPT]
    daily = [moment for moment in kept if NOW - moment >= HOURLY_KEPT]
    assert len({moment.strftime("%d %H") for moment in hourly}) == len(hourly)
    assert len({moment.date() for moment in daily}) == len(daily)
    for name in gone:  # something of that hour or day is left, until all of it is too old
        moment = at[name]
        same_day = [one for one in kept if one.date() == moment.date()]
        assert same_day or NOW - moment >= DAILY_KEPT
    assert thinned([one for one in versions if one[0] not in gone], NOW) == []


@pytest.mark.rule("collab-V3")
async def test_named_versions_stay_and_old_automatic_ones_go(
    film: Film, server: TestServer, clock: ManualClock
) -> None:
    keeper = server.app.state.version_keeper
    await film.name("One")
    for number in range(3):
        await film.edit(film.asha, renamed(f"Cut {number}"))
        await server.app.state.collab._notes.tell_all()
        clock.advance(QUIET.total_seconds())
        assert await keeper.keep_due() == 1
    assert await keeper.thin_some() == 0
    clock.advance(ALL_KEPT.total_seconds() + 3600)
    assert await keeper.thin_some() in {1, 2}  # of one hour, or of two
    clock.advance(DAILY_KEPT.total_seconds())
    await keeper.thin_some()
    async with server.parts.database.read() as session:
        left = (await session.scalars(select(CollabVersionRow.name))).all()
    assert left == ["One"]


def row(seq: int, seconds: int, *actors: str) -> Row:
    entries = tuple(Entry(actor, b"\x00\x00") for actor in actors)
    return Row(seq, START + timedelta(seconds=seconds), entries)


@pytest.mark.rule("collab-V4")
def test_work_is_cut_where_people_pause_and_after_an_hour() -> None:
    pause = int(QUIET.total_seconds())
    found = stretches([row(2, 0, "a"), row(3, 5, "a", "b"), row(4, 5 + pause, "b")])
    assert [(item.first, item.last) for item in found] == [(2, 3), (4, 4)]
    assert [turn.actor for turn in found[0].turns] == ["a", "b"]
    assert found[0].turns[0] == Turn("a", row(0, 0, "a", "a").entries)
    busy = stretches([row(number, number * 60, "a") for number in range(130)])
    assert [item.first for item in busy] == [0, 60, 120]


@pytest.mark.rule("collab-V4")
def test_edits_of_the_server_are_of_whoever_asked_for_them() -> None:
    assert person_of("usr_1") == "usr_1"
    assert person_of("command:usr_1") == "usr_1"
    assert person_of("restore:ver_1:usr_1") == "usr_1"
    assert person_of("run:gen_42") == "run:gen_42"
    assert person_of("server:purge") == "server:purge"
