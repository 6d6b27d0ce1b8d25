"""A worker shows its own numbers, of real work on real stores."""

from pathlib import Path

import httpx
import pytest

from cli.commands.work import CANARY_SECONDS_MAX
from tests.cli.cluster import cluster
from tests.cli.orders import film_of, is_done, order_film
from tests.cli.up_process import cutroom, free_port, wait_until
from tests.media import Clip, Clips
from tests.numbers import numbers
from tests.redis_server import RedisServer

CLIP = Clip(frames=30, width=320, height=180)
SETTINGS = {"CUTROOM_METRICS_TOKEN": "count-me"}
TOKEN = {"Authorization": "Bearer count-me"}


@pytest.mark.rule("operations-O2")
def test_a_worker_shows_what_it_did_to_who_has_the_token(
    tmp_path: Path, clips: Clips, postgres_url: str, redis: RedisServer
) -> None:
    place = f"127.0.0.1:{free_port()}"
    clip = clips.make(CLIP)
    with cluster(tmp_path, postgres_url, redis.url, **SETTINGS) as nodes:
        server = nodes.serve()
        worker = nodes.work(place=place)
        with server.owner() as client:
            export = order_film(client, clip, "one")
            wait_until(lambda: is_done(client, export))
            film_of(client, export)
        for headers in ({}, {"Authorization": "Bearer guess"}):
            assert httpx.get(f"http://{place}/metrics", headers=headers).status_code == 401
        assert httpx.get(f"http://{place}/other", headers=TOKEN).status_code == 404
        told = numbers(httpx.get(f"http://{place}/metrics", headers=TOKEN).text)
        seen = numbers(httpx.get(f"{server.address}/metrics", headers=TOKEN).text)
        assert worker.stop() == 143
    for kind in ("asset_ingest", "plan", "segments", "stitch"):
        attempts = f'cutroom_task_attempts_total{{end="done",kind="{kind}"}}'
        assert told[attempts] >= 1, kind
    assert told["cutroom_frames_encoded_total"] >= 30
    assert told['cutroom_export_seconds_count{end="done"}'] == 1
    assert told['cutroom_store_seconds_count{verb="put"}'] > 0
    assert told["cutroom_bus_up"] == 1
    assert 0 <= told["cutroom_canary_age_seconds"] < CANARY_SECONDS_MAX
    assert seen["cutroom_ready"] == 1
    assert seen['cutroom_exports{state="done"}'] == 1
    assert seen['cutroom_store_seconds_count{verb="open"}'] > 0


@pytest.mark.rule("operations-O2", "cli-U3")
@pytest.mark.parametrize("place", ["9100", "here:", ":9100", "127.0.0.1:many", "127.0.0.1:70000"])
def test_a_place_that_is_no_address_is_told(place: str) -> None:
    answer = cutroom("work", "--metrics", place)
    assert answer.returncode == 2
    assert answer.stderr == "cutroom: must be HOST:PORT: CUTROOM_METRICS_ADDRESS\n"
