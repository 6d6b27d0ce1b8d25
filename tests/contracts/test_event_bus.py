"""What every event bus promises, run against each of them, and across processes where it can."""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass

import pytest

from kit.event_bus import HINTS_WAITING_MAX, EventBus, LocalBus
from kit.redis_bus import CHANNEL, RedisBus
from tests.redis_server import RedisServer, redis_server

SECONDS = 10.0


@dataclass(frozen=True)
class Ends:
    """Where is published, and where it is heard: one bus, or two that only Redis joins."""

    says: EventBus
    hears: EventBus


@pytest.fixture(params=["local", "redis", "redis, another process"])
def ends(request: pytest.FixtureRequest) -> Generator[Ends]:
    if request.param == "local":
        bus = LocalBus()
        yield Ends(bus, bus)
        return
    redis: RedisServer = request.getfixturevalue("redis")
    with closing(RedisBus(redis.url)) as here, closing(RedisBus(redis.url)) as there:
        assert here.start(wait_seconds=SECONDS)
        assert there.start(wait_seconds=SECONDS)
        yield Ends(here, here if request.param == "redis" else there)


@pytest.mark.rule("operations-B1")
async def test_a_hint_reaches_those_who_asked_for_its_topic_once_and_in_order(ends: Ends) -> None:
    async with ends.hears.subscribe("rows", "work.*") as hints, ends.hears.subscribe("x") as others:
        for number in range(3):
            ends.says.publish("rows", {"n": str(number)})
        ends.says.publish("work.ready")
        got = [await hints.next(SECONDS) for _ in range(4)]
        assert [hint.topic for hint in got if hint] == ["rows", "rows", "rows", "work.ready"]
        assert [hint.body.get("n") for hint in got if hint] == ["0", "1", "2", None]
        ends.says.publish("x")
        assert await others.next(SECONDS) is not None  # all that came before has come, too
        assert await hints.next(0) is None


@pytest.mark.rule("operations-B2")
async def test_any_thread_may_publish_and_a_slow_reader_loses_the_oldest(ends: Ends) -> None:
    async with ends.hears.subscribe("rows") as hints, ends.hears.subscribe("end") as end:
        thread = threading.Thread(
            target=lambda: [
                *(ends.says.publish("rows", {"n": str(n)}) for n in range(900)),
                ends.says.publish("end"),
            ]
        )
        thread.start()
        await asyncio.to_thread(thread.join)
        assert await end.next(SECONDS) is not None
        got: list[str] = []
        while (hint := await hints.next(0)) is not None:
            got.append(hint.body["n"])
    assert got == [str(n) for n in range(900 - HINTS_WAITING_MAX, 900)]


@pytest.mark.rule("operations-B1")
async def test_who_has_left_hears_nothing_more(ends: Ends) -> None:
    async with ends.hears.subscribe("rows") as gone:
        pass
    async with ends.hears.subscribe("rows") as hints:
        ends.says.publish("rows")
        assert await hints.next(SECONDS) is not None
    assert await gone.next(0) is None


@pytest.mark.rule("operations-B3")
async def test_without_redis_a_process_hears_itself_and_others_once_it_is_back() -> None:
    with (
        redis_server() as redis,
        closing(RedisBus(redis.url)) as here,
        closing(RedisBus(redis.url)) as there,
    ):
        assert here.start(wait_seconds=SECONDS)
        assert there.start(wait_seconds=SECONDS)
        redis.kill()
        async with here.subscribe("rows") as near, there.subscribe("rows") as far:
            here.publish("rows", {"n": "lost"})
            assert await near.next(SECONDS) is not None
            await _until(lambda: not (here.is_up or there.is_up))
            redis.start()
            await _until(lambda: here.is_up and there.is_up)
            here.publish("rows", {"n": "heard"})
            heard = await far.next(SECONDS)
            assert heard is not None
            assert heard.body == {"n": "heard"}


@pytest.mark.rule("operations-B3")
async def test_what_is_no_hint_is_skipped(redis: RedisServer) -> None:
    with closing(RedisBus(redis.url)) as here, closing(RedisBus(redis.url)) as there:
        assert here.start(wait_seconds=SECONDS)
        assert there.start(wait_seconds=SECONDS)
        async with here.subscribe("*") as hints:
            for strange in ("", "{", "[1]", '["n", 2, {}]', '["n", "t", []]', "[" * 5000):
                redis.publish(CHANNEL, strange)
            there.publish("rows")
            heard = await hints.next(SECONDS)
            assert heard is not None
            assert heard.topic == "rows"


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110 - threads of the bus have no event for it
            await asyncio.sleep(0.02)
