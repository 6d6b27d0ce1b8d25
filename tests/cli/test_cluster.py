"""`serve` and `work` on many machines: a film is made, whoever stops, forgets or dies meanwhile."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kit.logs import trace_id_of
from tests.cli.cluster import cluster
from tests.cli.orders import film_of, is_done, is_rendering, order_film
from tests.cli.up_process import children_of, cutroom, wait_until
from tests.media import Clip, Clips
from tests.redis_server import RedisServer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACES = {  # where the trace of an order is kept
    "exports": "select traceparent from exports",
    "events": "select traceparent from events where kind = 'export'",
    "entries": "select trace_id from entries where kind in ('hold', 'capture')",
}
CLIP = Clip(frames=90, width=640, height=360)


def traces(database: str) -> dict[str, set[str]]:
    """The trace ids that stand in rows about exports."""
    engine = create_engine(database)
    with engine.connect() as connection:
        found = {
            name: {str(row[0]) for row in connection.execute(text(query))}
            for name, query in TRACES.items()
        }
    engine.dispose()
    return {name: {trace_id_of(told) or told for told in values} for name, values in found.items()}


@pytest.mark.rule("cli-U5", "operations-W10", "operations-O1")
def test_an_export_outlives_a_worker_that_drains_and_a_redis_that_forgets(
    tmp_path: Path, clips: Clips, postgres_url: str, redis: RedisServer
) -> None:
    clip = clips.make(CLIP)
    with cluster(tmp_path, postgres_url, redis.url) as nodes:
        server, first = nodes.serve(), nodes.work()
        with server.owner() as client:
            client.headers["traceparent"] = f"00-{TRACE}-00f067aa0ba902b7-01"
            export = order_film(client, clip, "one")
            wait_until(lambda: is_rendering(client, export))
            redis.forget_everything()
            nodes.work()
            assert first.stop() == 143
            assert children_of(first.process.pid) == []
            wait_until(lambda: is_done(client, export))
            film_of(client, export)
            ready = client.get(f"{server.address}/readyz").json()["parts"]
            assert ready["workers"] == {"state": "ok", "detail": "1"}
            assert "cutroom_slots 1.0" in client.get(f"{server.address}/metrics").text
        assert traces(postgres_url) == {key: {TRACE} for key in TRACES}


@pytest.mark.rule("cli-U3")
def test_a_worker_without_its_stores_is_told_which_one_is_missing() -> None:
    answer = cutroom("work")
    assert answer.returncode == 2
    assert "CUTROOM_DATABASE_URL" in answer.stderr
