"""Projects: made with their document, listed, renamed, deleted."""

import errno
from typing import cast

import pytest
from sqlalchemy import func, select

from backend.auth.schemas import NAME_LENGTH_MAX
from backend.collab.tables import CollabHeadRow
from backend.db.event_log import TOPIC
from backend.projects.schemas import rate_of
from backend.projects.service import EditedProjectRows
from backend.projects.tables import ProjectRow
from kit.event_bus import Subscription
from tests.backend.support import Person, TestServer
from timeline.model import Json
from timeline.timing import Rate


class BrokenSeeder:
    async def seed(self, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.rule("projects-P1")
async def test_a_project_is_made_with_its_document(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project("Launch film")
    timeline = (await asha.client.get(f"/api/v1/projects/{project}/timeline")).json()
    assert timeline["meta"]["name"] == "Launch film"
    with server.parts.database.read_in_thread() as session:
        assert session.get(CollabHeadRow, project) is not None


@pytest.mark.rule("projects-P1", "db-B6")
async def test_a_document_that_cannot_be_seeded_leaves_no_project(server: TestServer) -> None:
    asha = await server.person()
    server.app.state.documents = BrokenSeeder()
    answer = await asha.client.post("/api/v1/projects", json={"name": "Film"})
    assert answer.status_code == 507
    assert answer.json()["type"] == "/problems/storage-full"
    with server.parts.database.read_in_thread() as session:
        assert session.scalar(select(func.count()).select_from(ProjectRow)) == 0


@pytest.mark.rule("projects-P2")
async def test_the_list_pages_without_loss_or_repeat(server: TestServer) -> None:
    asha = await server.person()
    made = [await asha.project(f"Film {number}") for number in range(5)]
    await asha.client.patch(f"/api/v1/projects/{made[0]}", json={"name": "Newest"})
    found: list[str] = []
    cursor = None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await asha.client.get("/api/v1/projects", params=query)).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [made[0], *reversed(made[1:])]


@pytest.mark.rule("projects-P3")
async def test_a_deleted_project_is_gone_and_its_rooms_are_told(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    async with server.parts.bus.subscribe("access.revoked") as hints:
        assert (await asha.client.delete(f"/api/v1/projects/{project}")).status_code == 204
        hint = await hints.next(2)
    assert hint is not None
    assert hint.body == {"project": project}
    assert (await asha.client.get(f"/api/v1/projects/{project}")).status_code == 404
    assert (await asha.client.get("/api/v1/projects")).json()["items"] == []


async def command(person: Person, project: str, **fields: object) -> None:
    answer = await person.client.post(
        f"/api/v1/projects/{project}/commands", json={"commands": [fields]}
    )
    assert answer.status_code == 200, answer.text


async def told(events: Subscription, person: Person, project: str) -> dict[str, str]:
    """The project as it is after the next event of its workspace."""
    assert await events.next(5) is not None
    return (await person.client.get(f"/api/v1/projects/{project}")).json()


@pytest.mark.rule("projects-P5")
async def test_a_rename_is_an_edit_of_the_document(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project("Film")
    async with server.parts.bus.subscribe(TOPIC + asha.workspace) as events:
        renamed = await asha.client.patch(f"/api/v1/projects/{project}", json={"name": "  Launch "})
        assert (renamed.status_code, renamed.json()["name"]) == (200, "Launch")
        assert (await told(events, asha, project))["name"] == "Launch"
    timeline = (await asha.client.get(f"/api/v1/projects/{project}/timeline")).json()
    assert timeline["meta"]["name"] == "Launch"
    again = await asha.client.patch(f"/api/v1/projects/{project}", json={"name": "Launch"})
    assert (again.status_code, again.json()["name"]) == (200, "Launch")


@pytest.mark.rule("projects-P5")
async def test_a_name_given_in_the_editor_is_the_project_s(server: TestServer) -> None:
    asha = await server.person()
    first, second = await asha.project("Film"), await asha.project("Other")
    made = (await asha.client.get(f"/api/v1/projects/{first}")).json()
    async with server.parts.bus.subscribe(TOPIC + asha.workspace) as events:
        await command(asha, first, op="set", map="meta", values={"name": "Cut\x07 two "})
        now = await told(events, asha, first)
    assert now["name"] == "Cut two"
    assert now["updated_at"] > made["updated_at"]
    listed = (await asha.client.get("/api/v1/projects")).json()["items"]
    assert [item["id"] for item in listed] == [first, second]


@pytest.mark.rule("projects-P5")
@pytest.mark.parametrize("name", [" \t", 7, None])
async def test_what_is_no_name_leaves_the_project_s_own(server: TestServer, name: object) -> None:
    asha = await server.person()
    project = await asha.project("Film")
    rows = EditedProjectRows(server.parts.database, server.parts.clock)
    await rows.edited({project: cast("Json", name)})
    assert (await asha.client.get(f"/api/v1/projects/{project}")).json()["name"] == "Film"
    await rows.edited({"prj_gone": "Nobody's", project: "x" * 1000})
    long = (await asha.client.get(f"/api/v1/projects/{project}")).json()["name"]
    assert long == "x" * NAME_LENGTH_MAX


@pytest.mark.rule("projects-P4")
@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (30, Rate(30)),
        (29.97, Rate(30000, 1001)),
        ("30000/1001", Rate(30000, 1001)),
        (12.5, Rate(25, 2)),
        ("24", Rate(24)),
    ],
)
def test_a_rate_may_be_said_in_several_ways(fps: float | str, rate: Rate) -> None:
    assert rate_of(fps) == rate


@pytest.mark.rule("projects-P4")
@pytest.mark.parametrize("fps", [0, -30, 241, "fast", "1/0", 1e308, True])
async def test_what_is_no_rate_is_422(server: TestServer, fps: object) -> None:
    asha = await server.person()
    answer = await asha.client.post("/api/v1/projects", json={"name": "Film", "fps": fps})
    assert answer.status_code == 422
    assert answer.json()["errors"]
