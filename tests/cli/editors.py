"""Two people who edit without pause on whichever node answers, and what must be true afterwards."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from backend.collab.document import read_model
from backend.collab.live import LiveDocument, index_of
from backend.collab.store import SqlLog
from backend.collab.wire import read_state, step_1, update_message
from kit.clock import SystemClock
from tests.backend.collab.guests import Guest
from tests.backend.collab.updates import Writer
from tests.cli.cluster import Cluster

SECONDS = 40.0
PAUSE_SECONDS = 0.05


class Editor:
    """Edits without pause, on whichever node answers; resends what was not acknowledged."""

    def __init__(self, name: str) -> None:
        self.writer = Writer()
        self.guest: Guest | None = None
        self.acked = 0
        self.count = 0
        self.codes: list[int] = []
        self._name = name

    async def work(self, addresses: list[str]) -> None:
        """Try one after the other, for ever."""
        attempt = 0
        while True:
            address = addresses[attempt % len(addresses)]
            attempt += 1
            with suppress(WebSocketException, OSError):
                await self._edit_at(address)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _edit_at(self, address: str) -> None:
        async with connect(address, max_size=None, open_timeout=SECONDS) as socket:
            guest = self.guest = Guest(socket, self.writer)
            try:
                await socket.send(step_1(b"\x00"))
                await socket.send(update_message(self.writer.doc.get_update()))
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._listen(guest))
                    while True:
                        edit = self.writer.clip(f"{self._name}_{self.count % 40}", n=self.count)
                        self.count += 1
                        await socket.send(update_message(edit))
                        await asyncio.sleep(PAUSE_SECONDS)
            except* ConnectionClosed as ended:
                self.codes += [
                    error.rcvd.code
                    for error in ended.exceptions
                    if isinstance(error, ConnectionClosed) and error.rcvd
                ]

    async def _listen(self, guest: Guest) -> None:
        def noted() -> bool:
            self.acked = max(self.acked, guest.acked)
            return False

        await guest.until(noted, seconds=None)

    async def saves(self, more: int = 5) -> None:
        """Until so many edits made from now on are acknowledged."""
        clock = read_state(self.writer.doc.get_state()).get(self.writer.client_id, 0)
        async with asyncio.timeout(SECONDS):
            while self.acked < clock + more:  # noqa: ASYNC110 - the socket's reader tells nobody
                await asyncio.sleep(PAUSE_SECONDS)


@asynccontextmanager
async def at_work(*jobs: tuple[Editor, list[str]]) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(editor.work(addresses)) for editor, addresses in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def durable(nodes: Cluster, project: str) -> LiveDocument:
    """What a fresh process would load."""
    log = SqlLog(nodes.database, nodes.store(), SystemClock())
    stored = log.read(project)
    log.close()
    assert stored.is_whole
    return LiveDocument(stored, index_of(stored))


def check_nothing_lost(live: LiveDocument, *editors: Editor) -> None:
    """Every acknowledged edit, and every edit that a peer saw, is in what a load would give."""
    clocks = read_state(live.state())
    for editor in editors:
        assert clocks.get(editor.writer.client_id, 0) >= editor.acked > 0
        assert editor.guest is not None
        for client, clock in read_state(editor.guest.seen.get_state()).items():
            assert clocks.get(client, 0) >= clock
        assert set(read_model(editor.guest.seen).clips) <= set(live.model().clips)
