"""Orders of films: what they freeze, what they refuse, how they end. The board is real, the workers are us."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.assets.tables import AssetRow
from backend.db.event_log import EventRow
from backend.exports.queue import add_task
from backend.exports.tables import ExportRow, TaskRow
from kit.clock import ManualClock, SystemClock
from tests.backend.support import Person, TestServer, running_server
from timeline.jobs import (
    ExportReport,
    Failure,
    Lease,
    MadeSegment,
    NewTask,
    SegmentCounts,
    TaskResult,
)
from timeline.media import AssetFacts, MediaFacts
from timeline.media_json import media_json
from timeline.timing import TICKS

FILM = b"not really a film, but bytes"


async def with_title(person: Person) -> str:
    """A project with a title of two seconds: a film that needs no media."""
    project = await person.project()
    path = f"/api/v1/projects/{project}/timeline"
    document = (await person.client.get(path)).json()
    track = next(name for name, row in document["tracks"].items() if row["kind"] == "video")
    clip = {
        "track": track,
        "kind": "generator",
        "generator": {"kind": "solid", "color": "#204060"},
        "start": 0,
        "duration": 2 * TICKS,
    }
    document["clips"] = {"c1": clip}
    answer = await person.client.post(f"{path}?replace=1", content=json.dumps(document))
    assert answer.status_code < 300, answer.text
    return project


async def order(person: Person, project: str, key: str = "k1", **body: Any) -> httpx.Response:
    return await person.client.post(
        f"/api/v1/projects/{project}/exports",
        json={"preset": "source", **body},
        headers={"Idempotency-Key": key},
    )


def add_export(server: TestServer, project: str, person: Person) -> str:
    """An export row by itself, for tests that do not care how it came to be."""
    now = server.parts.clock.now()
    with server.parts.database.write_in_thread() as session:
        session.add(
            ExportRow(
                id="exp_1",
                workspace_id=person.workspace,
                project_id=project,
                requested_by=person.id,
                requested_name="Asha",
                name="Film",
                state="queued",
                preset="source",
                job={"document": {}, "assets": {}, "captions": "burn", "on_missing": "slate"},
                credits_held=0,
                lease_token=0,
                tasks_left=1,
                frames_done=0,
                traceparent="",
                created_at=now,
            )
        )
    return "exp_1"


def film_report(export_id: str, *made: MadeSegment) -> ExportReport:
    """A film of 60 frames at 1080p, made of these segments; of one unnamed where there are none."""
    return ExportReport(
        f"films/{export_id}/f1.mp4",
        "ab" * 32,
        60,
        "30/1",
        2.0,
        SegmentCounts(1, 1, 0, 0),
        60,
        0,
        0,
        1.0,
        size=(1920, 1080),
        made=made,
    )


def stitching(server: TestServer, export_id: str) -> Lease:
    """Be the workers, up to the lease of the last task: plan, one stretch."""
    board = server.app.state.board
    plan = board.claim("w")
    assert plan.job.id == export_id
    new = (NewTask("segments", 1, {}), NewTask("stitch", 9, {}, blocked=True))
    assert board.commit(plan, TaskResult(new_tasks=new, frames_total=60))
    segment = board.claim("w")
    board.heartbeat({segment.key: 60})
    assert board.commit(segment, TaskResult())
    stitch = board.claim("w")
    assert isinstance(stitch, Lease)
    return stitch


def finish(server: TestServer, export_id: str, *made: MadeSegment) -> None:
    """Be the workers to the end."""
    stitch = stitching(server, export_id)
    server.parts.store.put(f"films/{export_id}/f1.mp4", FILM)
    report = film_report(export_id, *made)
    assert server.app.state.board.commit(stitch, TaskResult(report=report))


@pytest.mark.rule("operations-Q1", "operations-W1")
async def test_an_order_stands_with_its_first_task_and_event(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    answer = await order(asha, project)
    assert answer.status_code == 202, answer.text
    export = answer.json()
    assert (export["state"], export["credits_held"]) == ("queued", 3)
    with server.parts.database.read_in_thread() as session:
        tasks = session.scalars(select(TaskRow.kind).where(TaskRow.export_id == export["id"])).all()
        events = session.scalars(select(EventRow).where(EventRow.kind == "export")).all()
    assert list(tasks) == ["plan"]
    assert [event.body["state"] for event in events] == ["queued"]
    lease = server.app.state.board.claim("w")
    assert "c1" in lease.job.document["clips"]


@pytest.mark.rule("db-B2")
async def test_the_same_key_orders_once_and_another_body_is_refused(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    first, again = await order(asha, project), await order(asha, project)
    assert again.status_code == 202
    assert again.content == first.content
    assert (await order(asha, project, preset="draft")).status_code == 422
    bare = await asha.client.post(f"/api/v1/projects/{project}/exports", json={})
    assert bare.status_code == 400
    failed = await order(asha, project, key="k2", preset="nonesuch")
    assert failed.status_code == 422
    assert (await order(asha, project, key="k2")).status_code == 202
    with server.parts.database.read_in_thread() as session:
        assert session.scalar(select(func.count()).select_from(ExportRow)) == 2


@pytest.mark.rule("operations-Q5")
async def test_what_cannot_become_a_film_is_refused_before_anything_is_written(
    server: TestServer,
) -> None:
    asha = await server.person()
    empty, project = await asha.project(), await with_title(asha)
    beyond = {"start": 90 * TICKS, "end": 91 * TICKS}
    answers = {
        "empty_timeline": await order(asha, empty),
        "unknown_preset": await order(asha, project, preset="vhs"),
        "empty_range": await order(asha, project, range=beyond),
    }
    for code, answer in answers.items():
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert (await order(asha, project, colour="red")).status_code == 422
    with server.parts.database.read_in_thread() as session:
        assert session.scalar(select(func.count()).select_from(ExportRow)) == 0


@pytest.mark.rule("operations-Q2")
async def test_a_quote_tells_frames_and_credits_and_ends(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    path = f"/api/v1/projects/{project}/quotes"
    quote = (await asha.client.post(path, json={"preset": "source"})).json()
    assert (quote["frames"], quote["enough"]) == (60, True)
    assert quote["credits"] == 3  # 60 frames of 2.07 megapixels at 40 thousandths
    assert [(line["kind"], line["frames"], line["bound"]) for line in quote["lines"]] == [
        ("encoded", 60, "at_most"),
        ("copied", 0, "at_least"),
        ("reused", 0, "at_least"),
    ]
    assert (await order(asha, project, quote=quote["id"])).status_code == 202


@pytest.mark.rule("operations-Q2")
async def test_a_stale_quote_comes_back_as_a_new_one_that_holds(tmp_path: Path) -> None:
    clock = ManualClock()
    async with running_server(tmp_path, clock=clock) as server:
        asha = await server.person()
        project = await with_title(asha)
        path = f"/api/v1/projects/{project}"
        old = (await asha.client.post(f"{path}/quotes", json={"preset": "source"})).json()
        clock.advance(16 * 60)
        stale = await order(asha, project, quote=old["id"])
        assert (stale.status_code, stale.json()["reason"]) == (409, "expired")
        fresh = stale.json()["quote"]
        assert (fresh["credits"], fresh["lines"]) == (old["credits"], old["lines"])
        longer = {"op": "set", "map": "clips", "id": "c1", "values": {"duration": 20 * TICKS}}
        edited = await asha.client.post(f"{path}/commands", json={"commands": [longer]})
        assert edited.status_code == 200, edited.text
        dearer = await order(asha, project, quote=fresh["id"])
        assert (dearer.status_code, dearer.json()["reason"]) == (409, "dearer")
        assert dearer.json()["quote"]["credits"] == 24
        with server.parts.database.read_in_thread() as session:
            assert session.scalar(select(func.count()).select_from(ExportRow)) == 0
        taken = await order(asha, project, quote=dearer.json()["quote"]["id"])
        assert taken.status_code == 202, taken.text


@pytest.mark.rule("operations-Q3", "operations-W1")
async def test_a_cancelled_export_stays_cancelled_and_ends_its_tasks(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    export_id = (await order(asha, project)).json()["id"]
    lease = server.app.state.board.claim("w")
    path = f"/api/v1/exports/{export_id}/cancel"
    first = await asha.client.post(path)
    assert (first.json()["state"], first.json()["credits_released"]) == ("cancelled", 3)
    assert (await asha.client.post(path)).json() == first.json()
    assert server.app.state.board.cancelled(lease)
    with server.parts.database.read_in_thread() as session:
        open_tasks = session.scalars(
            select(TaskRow).where(TaskRow.state.in_(("ready", "leased", "blocked")))
        ).all()
    assert list(open_tasks) == []


@pytest.mark.rule("operations-Q4", "operations-Q3")
async def test_a_finished_film_is_downloaded_with_its_hash_as_etag(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    export_id = (await order(asha, project)).json()["id"]
    path = f"/api/v1/exports/{export_id}"
    assert (await asha.client.get(f"{path}/file")).status_code == 404
    finish(server, export_id)
    told = (await asha.client.get(path)).json()
    assert (told["state"], told["progress"]["done"], told["file"]) == ("done", 60, f"{path}/file")
    assert told["report"]["segments"] == {"total": 1, "encoded": 1, "copied": 0, "reused": 0}
    film = await asha.client.get(f"{path}/file", headers={"Range": "bytes=0-2"})
    assert (film.status_code, film.content) == (206, FILM[:3])
    assert film.headers["etag"] == f'"{"ab" * 32}"'
    assert (await asha.client.post(f"{path}/cancel")).status_code == 409
    listed = (await asha.client.get(f"/api/v1/projects/{project}/exports")).json()["items"]
    assert [item["id"] for item in listed] == [export_id]


@pytest.mark.rule("operations-W1")
async def test_a_failed_export_tells_why(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    export_id = (await order(asha, project)).json()["id"]
    board = server.app.state.board
    board.fail(board.claim("w"), Failure("poison", "disk_full", "no room for segment 3"))
    told = (await asha.client.get(f"/api/v1/exports/{export_id}")).json()
    assert told["state"] == "failed"
    assert told["problem"]["title"] == "The server's disk is full"
    assert told["ended_at"] is not None


@pytest.mark.rule("operations-W9")
async def test_a_second_persons_few_tasks_do_not_wait_for_the_firsts_many(
    server: TestServer,
) -> None:
    asha, ravi = await server.person("asha"), await server.person("ravi")
    database, board = server.parts.database, server.app.state.board
    for person, project, count in (
        (asha, await asha.project(), 8),
        (ravi, await ravi.project(), 2),
    ):
        with database.write_in_thread() as session:
            for number in range(count):
                add_task(
                    session,
                    workspace_id=person.workspace,
                    kind="asset_ingest",
                    asset_id=added_asset(session, person, project, number),
                )
    owners = [lease.job.name.split("-")[0] for lease in (board.claim("w") for _ in range(5))]
    assert owners.count("ravi") == 2


def added_asset(session: Session, person: Person, project: str, number: int) -> str:
    """An asset row to hang a task on."""
    name = person.email.split("@")[0]
    asset_id = f"as_{name}_{number}"
    session.add(
        AssetRow(
            id=asset_id,
            workspace_id=person.workspace,
            project_id=project,
            name=f"{name}-{number}",
            kind="image",
            media_type="image/png",
            size_bytes=1,
            sha256="0",
            original_key="k",
            state="pending",
            views_state="pending",
            created_by=person.id,
            created_at=SystemClock().now(),
        )
    )
    session.flush()
    return asset_id


@pytest.mark.rule("operations-W10", "operations-W11")
async def test_leases_come_back_by_a_sweep_or_all_at_once(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    await order(asha, project)
    board = server.app.state.board
    lost = board.claim("killed")
    assert board.sweep() == 0
    assert board.take_back_all() == 1
    taken = board.claim("w")
    assert taken.task.id == lost.task.id
    assert not board.commit(lost, TaskResult())


async def with_pending_clip(person: Person) -> tuple[str, str]:
    """A project whose one clip shows an asset that nobody has read yet; project and asset id."""
    project = await with_title(person)
    form = {"file": ("clip.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(64), "video/mp4")}
    answer = await person.client.post(
        f"/api/v1/workspaces/{person.workspace}/assets", files=form, data={"project": project}
    )
    assert answer.status_code == 201, answer.text
    asset = answer.json()["id"]
    path = f"/api/v1/projects/{project}/timeline"
    document = (await person.client.get(path)).json()
    document["clips"]["c1"] |= {"kind": "media", "asset": asset, "generator": None}
    imported = await person.client.post(f"{path}?replace=1", content=json.dumps(document))
    assert imported.status_code < 300, imported.text
    return project, asset


@pytest.mark.rule("operations-Q6")
@pytest.mark.parametrize("readable", [True, False])
async def test_an_order_waits_until_its_media_has_been_read(
    server: TestServer, *, readable: bool
) -> None:
    asha = await server.person()
    project, asset = await with_pending_clip(asha)
    export = (await order(asha, project)).json()["id"]
    board = server.app.state.board
    assert (await asha.client.get(f"/api/v1/exports/{export}")).json()["state"] == "planning"
    ingest = board.claim("w")
    assert ingest.task.kind == "asset_ingest"
    assert board.claim("w") is None
    if readable:
        facts = AssetFacts(duration=2 * TICKS, has_video=True)
        board.commit(ingest, TaskResult(body={"media": media_json(MediaFacts(facts, "clip.mp4"))}))
    else:
        board.fail(ingest, Failure("poison", "unreadable", "no picture in it"))
    claimed = [board.claim("w"), board.claim("w")]
    plan = next(lease for lease in claimed if lease is not None and lease.task.kind == "plan")
    assert plan.job.id == export
    assert (asset in plan.job.assets) is readable


@pytest.mark.rule("operations-Q7")
async def test_presets_tell_what_they_would_make_of_a_project(server: TestServer) -> None:
    asha, ben = await server.person(), await server.person("ben")
    body = {"name": "Film", "width": 1920, "height": 1080, "fps": "30000/1001"}
    project = (await asha.client.post("/api/v1/projects", json=body)).json()["id"]
    plain = (await asha.client.get("/api/v1/export-presets")).json()
    assert plain["version"] >= 2
    assert all(item["width"] is None for item in plain["items"])
    answer = await asha.client.get(f"/api/v1/export-presets?project={project}")
    items = {item["name"]: item for item in answer.json()["items"]}
    source, vertical, gif = items["source"], items["vertical"], items["gif"]
    assert (source["width"], source["height"]) == (1920, 1080)
    assert (source["fps_num"], source["fps_den"]) == (30000, 1001)
    assert (vertical["reshapes"], source["reshapes"]) == (True, False)
    assert (gif["width"], gif["fps_num"], gif["fps_den"]) == (640, 25, 2)
    assert {item["use"] for item in items.values()} == {
        "watch",
        "social",
        "edit",
        "sound",
        "picture",
    }
    master = items["h264-master"]
    assert (master["width"], master["height"], master["extension"]) == (1920, 1080, ".mp4")
    assert items["audio-wav"]["extension"] == ".wav"
    assert not items["audio-wav"]["has_picture"]
    foreign = await ben.client.get(f"/api/v1/export-presets?project={project}")
    assert foreign.status_code == 404


@pytest.mark.rule("operations-Q8")
async def test_an_order_keeps_its_options_and_hands_them_on(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    wanted: dict[str, Any] = {
        "captions": "soft",
        "on_missing": "slate",
        "fit": "cover",
        "loudness": -14,
        "poster": TICKS,
    }
    export = (await order(asha, project, preset="vertical", **wanted)).json()
    assert export["options"] == wanted
    lease = server.app.state.board.claim("w")
    options = lease.job.options
    assert (options.captions, options.fit, options.loudness) == ("soft", "cover", -14.0)
    assert (options.on_missing, options.poster) == ("slate", TICKS)


@pytest.mark.rule("operations-Q8")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("captions", "burned"),
        ("on_missing", "skip"),
        ("fit", "stretch"),
        ("loudness", -15),
        ("loudness", "loud"),
        ("poster", -1),
        ("colour", "blue"),
    ],
)
async def test_an_option_that_is_none_is_refused_with_its_name(
    server: TestServer, field: str, value: Any
) -> None:
    asha = await server.person()
    project = await with_title(asha)
    answer = await order(asha, project, **{field: value})
    assert answer.status_code == 422
    assert any(field in error["field"] for error in answer.json()["errors"])
    with server.parts.database.read_in_thread() as session:
        assert session.scalar(select(func.count()).select_from(ExportRow)) == 0


@pytest.mark.rule("operations-Q5")
async def test_missing_media_and_what_a_preset_cannot_hold_are_refused(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    silent = await order(asha, project, preset="audio-wav")
    assert (silent.status_code, silent.json()["code"]) == (422, "no_sound")
    path = f"/api/v1/projects/{project}/timeline"
    document = (await asha.client.get(path)).json()
    document["clips"]["c1"]["duration"] = 61 * TICKS
    await asha.client.post(f"{path}?replace=1", content=json.dumps(document))
    long = await order(asha, project, preset="gif")
    assert (long.status_code, long.json()["code"]) == (422, "too_long")
    document["clips"]["c2"] = {**document["clips"]["c1"], "kind": "media", "asset": "as_gone"}
    document["clips"]["c2"]["start"] = 61 * TICKS
    await asha.client.post(f"{path}?replace=1", content=json.dumps(document))
    missing = await order(asha, project, on_missing="fail")
    assert (missing.status_code, missing.json()["code"]) == (422, "media_missing")
    assert (await order(asha, project)).status_code == 202


@pytest.mark.rule("operations-Q9")
async def test_captions_and_posters_lie_beside_the_film(server: TestServer) -> None:
    asha = await server.person()
    project = await with_title(asha)
    export = (await order(asha, project, captions="soft")).json()["id"]
    early = await asha.client.get(f"/api/v1/exports/{export}/captions.vtt")
    assert early.status_code == 404
    server.parts.store.put(f"films/{export.lower()}/f1.vtt", b"WEBVTT\n")
    finish(server, export)
    shown = (await asha.client.get(f"/api/v1/exports/{export}")).json()
    assert shown["captions_file"] == f"/api/v1/exports/{export}/captions.vtt"
    assert shown["poster_file"] is None
    answer = await asha.client.get(shown["captions_file"])
    assert (answer.status_code, answer.content) == (200, b"WEBVTT\n")
    assert answer.headers["content-type"].startswith("text/vtt")
    assert (await asha.client.get(f"/api/v1/exports/{export}/poster.jpg")).status_code == 404
