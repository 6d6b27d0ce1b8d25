"""One trace from the click to the film, through processes that know of each other by rows and messages only."""

from pathlib import Path

import httpx
import pytest

from tests.cli.cluster import cluster
from tests.cli.orders import is_done, order, project_of
from tests.cli.up_process import cutroom, up, wait_until
from tests.media import Clip, Clips
from tests.otlp import Collector, Received, running_collector
from tests.redis_server import RedisServer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CLICK = "00f067aa0ba902b7"
CLIP = Clip(frames=60, width=320, height=180)
TASKS = ("task.plan", "task.segments", "task.stitch")


def film_in_a_trace(client: httpx.Client, clip: Path) -> None:
    """Order a film with a trace of the caller's, hear of its end, and go on without that trace."""
    project = project_of(client, clip, "one")
    client.headers["traceparent"] = f"00-{TRACE}-{CLICK}-01"
    export = order(client, project, "one")
    del client.headers["traceparent"]
    with client.stream(
        "GET", "/events", params={"project": project}, headers={"Last-Event-ID": "0"}
    ) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: ") and '"state":"done"' in line and export in line:
                break
    wait_until(lambda: is_done(client, export))


def names_above(spans: list[Received], one: Received) -> list[str]:
    """From a span up to the click, by name."""
    by_id = {span.id: span for span in spans}
    found: list[str] = []
    while one.parent != CLICK:
        one = by_id[one.parent]
        found.append(one.name)
    return found


@pytest.mark.rule("operations-O5")
def test_one_trace_leads_from_the_click_over_messages_and_tasks_to_the_events(
    tmp_path: Path, clips: Clips, postgres_url: str, redis: RedisServer
) -> None:
    clip = clips.make(CLIP)
    with running_collector() as collector:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with cluster(tmp_path, postgres_url, redis.url, **settings) as nodes:
            server, worker = nodes.serve(), nodes.work()
            with server.owner() as client:
                film_in_a_trace(client, clip)
            assert worker.stop() == 143  # what waits is sent at the end
            assert server.stop() == 143
        check(collector, click_service="cutroom-serve", task_service="cutroom-work")
    spans = collector.of(TRACE)
    sent = [one for one in spans if one.name == "message.send"]
    received = {one.parent for one in spans if one.name == "message.receive"}
    assert received <= {one.id for one in sent}
    for task in TASKS:
        above = [names_above(spans, one) for one in spans if one.name == task]
        assert above == [["message.receive", "message.send", EXPORTS] for _ in above], task


@pytest.mark.rule("operations-O5")
def test_the_same_trace_in_one_process(tmp_path: Path, clips: Clips) -> None:
    clip = clips.make(CLIP)
    with running_collector() as collector, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        with up(tmp_path / "data") as running:
            with running.client() as client:
                film_in_a_trace(client, clip)
            assert running.stop() == 143
        check(collector, click_service="cutroom-up", task_service="cutroom-up")
    scenes = [one for one in collector.spans if one.name == "POST /projects/{project_id}/scenes"]
    commits = [one for one in collector.spans if one.name == "room.commit"]
    assert any(one.links == {scenes[0].trace} for one in commits)


EXPORTS = "POST /projects/{project_id}/exports"


def check(collector: Collector, *, click_service: str, task_service: str) -> None:
    """Everything is there, hangs together, and came from the process that did it."""
    spans = collector.of(TRACE)
    services = {(one.name, one.service) for one in spans}
    assert {(EXPORTS, click_service), ("event.send", click_service)} <= services
    wanted = (*TASKS, "segment.make", "film.stitch", "film.check", "film.publish", "event.append")
    assert {(name, task_service) for name in wanted} <= services
    assert any(name.startswith("sql.") and service == task_service for name, service in services)
    known = {CLICK, *(one.id for one in spans)}
    assert [one for one in spans if one.parent not in known] == []
    segments = [one for one in spans if one.name == "segment.make"]
    assert {names_above(spans, one)[0] for one in segments} == {"task.segments"}


@pytest.mark.rule("operations-O4", "cli-U3")
def test_a_way_to_send_that_is_not_spoken_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    answer = cutroom("up", "--data", str(tmp_path / "data"))
    assert answer.returncode == 2
    assert answer.stderr.startswith("cutroom: ")
    assert "OTEL_EXPORTER_OTLP_PROTOCOL" in answer.stderr
