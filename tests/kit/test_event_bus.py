"""Hints between parts of a process, and work beside a request."""

import asyncio
import threading

import structlog

from kit.background import Background
from kit.event_bus import HINTS_WAITING_MAX, LocalBus


async def test_a_hint_reaches_those_who_asked_for_its_topic_in_order() -> None:
    bus = LocalBus()
    async with bus.subscribe("rows", "work.*") as hints, bus.subscribe("other") as others:
        for number in range(3):
            bus.publish("rows", {"n": str(number)})
        bus.publish("work.ready")
        got = [await hints.next(1) for _ in range(4)]
        assert [hint.topic for hint in got if hint] == ["rows", "rows", "rows", "work.ready"]
        assert [hint.body.get("n") for hint in got if hint] == ["0", "1", "2", None]
        assert await others.next(0.01) is None


async def test_any_thread_may_publish_and_a_slow_reader_loses_the_oldest() -> None:
    bus = LocalBus()
    async with bus.subscribe("rows") as hints:
        thread = threading.Thread(
            target=lambda: [bus.publish("rows", {"n": str(n)}) for n in range(1000)]
        )
        thread.start()
        await asyncio.to_thread(thread.join)
        await asyncio.sleep(0)
        got = 0
        last = None
        while (hint := await hints.next(0.05)) is not None:
            got, last = got + 1, hint
    assert got == HINTS_WAITING_MAX
    assert last is not None
    assert last.body == {"n": "999"}


async def test_a_failing_task_is_reported_and_the_others_go_on() -> None:
    background = Background()

    async def broken() -> None:
        raise ZeroDivisionError

    done = asyncio.Event()

    async def well() -> None:
        done.set()
        await asyncio.Event().wait()

    with structlog.testing.capture_logs() as logs:
        background.start("broken", broken())
        task = background.start("well", well())
        await asyncio.wait_for(done.wait(), 1)
        await asyncio.sleep(0)
    assert [log["event"] for log in logs] == ["background.failed"]
    await background.stop()
    assert task.cancelled()


async def test_repeated_work_survives_a_failure() -> None:
    background = Background()
    calls: list[int] = []
    thrice = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        calls.append(1)
        if len(calls) >= 3:
            loop.call_soon_threadsafe(thrice.set)
        raise OSError

    with structlog.testing.capture_logs():
        background.repeat("work", work, every_seconds=0.001)
        await asyncio.wait_for(thrice.wait(), 5)
        await background.stop()
