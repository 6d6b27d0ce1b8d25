"""Threads, as two people and a guest see them."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.comments import service
from tests.backend.events.test_events import plain_client, stream, take
from tests.backend.support import Person, TestServer, listening


async def start(client: httpx.AsyncClient, project: str, **more: Any) -> dict[str, Any]:
    body = {"text": "Too long", "t": 705_600_000, **more}
    answer = await client.post(f"/api/v1/projects/{project}/comments", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def threads(client: httpx.AsyncClient, project: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1/projects/{project}/comments")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def guest(server: TestServer, owner: Person, project: str, role: str) -> httpx.AsyncClient:
    made = await owner.client.post(f"/api/v1/projects/{project}/share-links", json={"role": role})
    client = server.client()
    answer = await client.post("/api/v1/session", json={"share": made.json()["key"], "name": "Gus"})
    assert answer.status_code == 200, answer.text
    return client


@pytest.mark.rule("comments-C1")
async def test_a_thread_stands_where_it_was_put_with_its_drawing(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    stroke = {"color": "#ff0000", "width": 4.0, "points": [[10.0, 20.5], [11.0, 22.0]]}
    placed = {"t": 1_411_200_000, "duration": 705_600_000, "clip": "c1", "sequence": "seq_1"}
    made = await start(asha.client, project, **placed, drawing=[stroke])
    (found,) = await threads(asha.client, project)
    assert found == made
    assert {key: found[key] for key in placed} == placed
    assert found["drawing"] == [stroke]
    assert found["comments"][0]["author"] == {"id": asha.id, "name": "Asha"}


@pytest.mark.rule("comments-C2")
@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("commenter", 201), ("editor", 201)])
async def test_a_guest_comments_as_far_as_their_link_allows(
    server: TestServer, role: str, status: int
) -> None:
    asha = await server.person()
    project = await asha.project()
    thread = await start(asha.client, project)
    gus = await guest(server, asha, project, role)
    address = f"/api/v1/projects/{project}/comments"
    assert len(await threads(gus, project)) == 1
    assert (await gus.post(address, json={"text": "Hi", "t": 0})).status_code == status
    replied = await gus.post(f"{address}/{thread['id']}/replies", json={"text": "Yes"})
    assert replied.status_code == status


@pytest.mark.rule("comments-C2")
async def test_a_thread_is_answered_resolved_and_opened_again(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    thread = await start(asha.client, project)
    address = f"/api/v1/projects/{project}/comments/{thread['id']}"
    replied = await asha.client.post(f"{address}/replies", json={"text": "Cut it at the door"})
    assert [said["text"] for said in replied.json()["comments"]] == [
        "Too long",
        "Cut it at the door",
    ]
    resolved = (await asha.client.patch(address, json={"resolved": True})).json()
    assert resolved["resolved_by"] == "Asha"
    assert resolved["resolved_at"] is not None
    opened = (await asha.client.patch(address, json={"resolved": False})).json()
    assert opened["resolved_at"] is None


@pytest.mark.rule("comments-C3")
async def test_words_are_changed_by_their_author_alone(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    gus = await guest(server, asha, project, "commenter")
    thread = await start(asha.client, project)
    first = thread["comments"][0]["id"]
    address = f"/api/v1/projects/{project}/comments/{thread['id']}/replies"
    assert (await gus.patch(f"{address}/{first}", json={"text": "Fine"})).status_code == 403
    assert (await gus.delete(f"{address}/{first}")).status_code == 403
    changed = await asha.client.patch(f"{address}/{first}", json={"text": "Much too long"})
    said = changed.json()["comments"][0]
    assert said["text"] == "Much too long"
    assert said["edited_at"] is not None


@pytest.mark.rule("comments-C3")
async def test_a_thread_goes_with_its_first_comment_and_an_editor_may_remove_any(
    server: TestServer,
) -> None:
    asha = await server.person()
    project = await asha.project()
    gus = await guest(server, asha, project, "commenter")
    thread = await start(gus, project)
    address = f"/api/v1/projects/{project}/comments/{thread['id']}/replies"
    answered = (await gus.post(address, json={"text": "More"})).json()
    first, second = (said["id"] for said in answered["comments"])
    assert (await asha.client.delete(f"{address}/{second}")).status_code == 204
    assert len((await threads(asha.client, project))[0]["comments"]) == 1
    assert (await asha.client.delete(f"{address}/{first}")).status_code == 204
    assert await threads(asha.client, project) == []


@pytest.mark.rule("comments-C4")
async def test_only_people_of_the_project_are_mentioned(server: TestServer) -> None:
    asha, eve = await server.person("asha"), await server.person("eve")
    project = await asha.project()
    gus = await guest(server, asha, project, "commenter")
    people = (await gus.get(f"/api/v1/projects/{project}/people")).json()["items"]
    assert [(person["name"], person["role"]) for person in people] == [
        ("Asha", "member"),
        ("Gus", "guest"),
    ]
    made = await start(asha.client, project, mentions=[people[1]["id"]])
    assert made["comments"][0]["mentions"] == [people[1]["id"]]
    refused = await asha.client.post(
        f"/api/v1/projects/{project}/comments", json={"text": "Hi", "t": 0, "mentions": [eve.id]}
    )
    assert refused.status_code == 422


@pytest.mark.rule("comments-C5")
async def test_everybody_in_the_project_hears_of_a_thread(server: TestServer) -> None:
    asha = await server.person()
    project = await asha.project()
    reader = plain_client(asha)
    async with listening(server) as address, stream(address, reader, project, "1") as told:
        thread = await start(asha.client, project)
        await asha.client.patch(
            f"/api/v1/projects/{project}/comments/{thread['id']}", json={"resolved": True}
        )
        events = await take(told, 2)
    await reader.client.aclose()
    assert [(event.kind, event.body) for event in events] == [("comment", {"id": thread["id"]})] * 2


DOT = {"color": "#ff0000", "width": 1}
BAD: list[dict[str, Any]] = [
    {"text": "", "t": 0},
    {"text": " \n ", "t": 0},
    {"text": "x" * 5_001, "t": 0},
    {"text": "x", "t": -1},
    {"text": "x", "t": 0.5},
    {"text": "x", "t": 1 << 51},
    {"text": "x", "t": 0, "clip": "../c"},
    {"text": "x", "t": 0, "drawing": [{**DOT, "color": "red", "points": [[0, 0]]}]},
    {"text": "x", "t": 0, "drawing": [{**DOT, "points": []}]},
    {"text": "x", "t": 0, "drawing": [{**DOT, "points": [[1]]}]},
]


@pytest.mark.rule("comments-C6")
@pytest.mark.parametrize("body", BAD)
async def test_what_is_no_comment_is_refused(server: TestServer, body: dict[str, Any]) -> None:
    asha = await server.person()
    project = await asha.project()
    answer = await asha.client.post(f"/api/v1/projects/{project}/comments", json=body)
    assert answer.status_code == 422, answer.text
    assert await threads(asha.client, project) == []


@pytest.mark.rule("comments-C6")
async def test_a_full_project_takes_no_more(
    server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "THREADS_MAX", 1)
    monkeypatch.setattr(service, "REPLIES_MAX", 1)
    asha = await server.person()
    project = await asha.project()
    thread = await start(asha.client, project)
    address = f"/api/v1/projects/{project}/comments"
    more = await asha.client.post(address, json={"text": "One more", "t": 0})
    assert (more.status_code, more.json()["type"]) == (409, "/problems/too-many-comments")
    reply = await asha.client.post(f"{address}/{thread['id']}/replies", json={"text": "And more"})
    assert reply.status_code == 409


@pytest.mark.rule("comments-C6")
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 4))
async def test_the_list_pages_without_loss_or_repeat(server: TestServer, limit: int) -> None:
    asha = await server.person(f"asha{limit}-{id(object())}")
    project = await asha.project()
    made = [(await start(asha.client, project, text=f"No {n}"))["id"] for n in range(5)]
    found: list[str] = []
    cursor: str | None = None
    while True:
        asked = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
        page = (await asha.client.get(f"/api/v1/projects/{project}/comments", params=asked)).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == made
