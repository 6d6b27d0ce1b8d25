"""Work beside a request."""

import asyncio
import threading
from typing import Final

import structlog

from kit.background import Background

TURNS: Final = 50  # of the loop: many more than a stop takes that waits for nobody


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


async def test_stopping_waits_for_repeated_work_that_is_in_hand() -> None:
    background, begun, may_end = Background(), threading.Event(), threading.Event()
    done: list[str] = []

    def work() -> None:
        begun.set()
        may_end.wait(timeout=30)
        done.append("work")

    background.repeat("work", work, every_seconds=60)
    await asyncio.to_thread(begun.wait, 30)
    stopping = asyncio.ensure_future(background.stop())
    for _ in range(TURNS):
        await asyncio.sleep(0)
    assert not stopping.done()
    may_end.set()
    await stopping
    assert done == ["work"]
