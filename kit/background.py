"""Work beside a request, with an owner that keeps, reports and awaits it.

For coroutines of which one failure must not end the others; all else belongs in a TaskGroup.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

STOP_SECONDS_MAX: Final = 2.0  # a Ctrl-C answers within this


class Background:
    """Keeps the tasks it starts, logs those that fail, and ends all of them in `stop`."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._log = structlog.stdlib.get_logger()

    def start(
        self,
        name: str,
        work: Coroutine[Any, Any, Any],
        *,
        told: tuple[type[Exception], ...] = (),
    ) -> asyncio.Task[Any]:
        """Run `work` until it ends or `stop` is called.

        A failure of the kinds in `told` is not logged: whoever awaits the task hears of it.
        """
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, told))
        return task

    def repeat(
        self,
        name: str,
        work: Callable[[], Any],
        *,
        every_seconds: float,
        first_seconds: float = 0.0,
    ) -> None:
        """Call blocking `work` in a thread, again and again; a failure is logged and it goes on."""
        self.start(name, self._repeated(name, work, every_seconds, first_seconds))

    async def _repeated(
        self, name: str, work: Callable[[], Any], every_seconds: float, first_seconds: float
    ) -> None:
        await asyncio.sleep(first_seconds)
        while True:
            try:
                await _in_thread(work)
            except Exception:  # noqa: BLE001 - the outermost loop of this work: report, go on
                self._log.exception("background.failed", task=name)
            await asyncio.sleep(every_seconds)

    def _ended(self, task: asyncio.Task[Any], told: tuple[type[Exception], ...]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, told):
            self._log.error("background.failed", task=task.get_name(), exc_info=error)

    async def stop(self) -> None:
        """Cancel what still runs, and wait for its end (at most STOP_SECONDS_MAX)."""
        running = [task for task in self._tasks if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS_MAX)


async def _in_thread(work: Callable[[], Any]) -> None:
    """Blocking `work` to its end, even when cancelled: what it works on is closed afterwards."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait((running,))
        raise
