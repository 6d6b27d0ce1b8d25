"""`GET /events?project=`: what happens in a project, as server-sent events [events-V1].

The rows are the truth; the bus only says "something new", and without it a 2 s poll does. Progress
is read from the board, at most twice a second, without an id, and never falls.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any, Final, Protocol

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse

from backend.auth.caller import Caller, CallerDep
from backend.auth.errors import TooMany
from backend.auth.roles import may
from backend.db.event_log import TOPIC, EventRow, events_after, head_of, oldest_of
from backend.db.session import Database, DatabaseDep
from backend.projects.access import find_access, require_project
from kit.event_bus import EventBus
from kit.tracing import span
from timeline.model import Json

router = APIRouter(tags=["events"])

STREAMS_PER_SIGN_IN_MAX: Final = 8
ACCESS_SECONDS: Final = 2.0  # who lost access hears nothing more after this
PROGRESS_SECONDS: Final = 0.5
COMMENT_SECONDS: Final = 15.0
RETRY_MILLISECONDS: Final = 2000
SEQ_DIGITS_MAX: Final = 18


class ProgressSource(Protocol):
    async def running(self, project_id: str) -> Sequence[tuple[str, dict[str, Json]]]:
        """What of a project is worked on now: kinds of events (`export`, `asset`) and their bodies."""
        ...


class EventStreams:
    """Counts the open streams of each sign-in."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()

    def enter(self, caller: Caller) -> None:
        if self.open[caller.credential_id] >= STREAMS_PER_SIGN_IN_MAX:
            raise TooMany("too many event streams are open", retry_seconds=5)
        self.open[caller.credential_id] += 1

    def leave(self, caller: Caller) -> None:
        self.open[caller.credential_id] -= 1
        if self.open[caller.credential_id] <= 0:
            del self.open[caller.credential_id]


def read_bus(request: Request) -> EventBus:
    return request.app.state.bus


def read_progress(request: Request) -> ProgressSource:
    return request.app.state.progress_source


def read_streams(request: Request) -> EventStreams:
    return request.app.state.event_streams


BusDep = Annotated[EventBus, Depends(read_bus)]
ProgressDep = Annotated[ProgressSource, Depends(read_progress)]
StreamsDep = Annotated[EventStreams, Depends(read_streams)]


@router.get("/events")
async def stream_events(
    request: Request,
    project: Annotated[str, Query(max_length=100)],
    caller: CallerDep,
    database: DatabaseDep,
    bus: BusDep,
    progress: ProgressDep,
    streams: StreamsDep,
) -> StreamingResponse:
    """Events after `Last-Event-ID`, or from now on."""
    async with database.read() as session:
        access = await require_project(session, caller, project, "read")
        workspace_id = access.project.workspace_id
        start, lost = await _start(session, workspace_id, request.headers.get("last-event-id"))
    streams.enter(caller)
    follower = Follower(database, caller, workspace_id, project, start)
    stream = _stream(follower, bus, progress, request.app.state.stopping, lost=lost)
    return StreamingResponse(
        _counted(stream, streams, caller),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class Follower:
    """Reads on in the event log of one project, for as long as the caller may."""

    def __init__(
        self, database: Database, caller: Caller, workspace_id: str, project_id: str, seq: int
    ) -> None:
        self._database = database
        self._caller = caller
        self.workspace_id: Final = workspace_id
        self.project_id: Final = project_id
        self.seq = seq

    async def next(self) -> tuple[Sequence[EventRow], bool]:
        """The next events, and whether the caller may still read."""
        async with self._database.read() as session:
            access = await find_access(session, self._caller, self.project_id)
            rows = await events_after(
                session, workspace_id=self.workspace_id, project_id=self.project_id, seq=self.seq
            )
        if rows:
            self.seq = rows[-1].seq
        if access is None:
            return (), False
        # A guest sees one project and never the workspace's credits [auth-A8].
        sees_credits = may(access.role, "see credits") and self._caller.project_id is None
        return [row for row in rows if sees_credits or row.kind != "wallet"], True


async def _start(session: AsyncSession, workspace_id: str, last_id: str | None) -> tuple[int, bool]:
    """Where to read on, and whether events in between are gone."""
    head = await head_of(session, workspace_id)
    if last_id is None:
        return head, False
    if not last_id.isdigit() or len(last_id) > SEQ_DIGITS_MAX or int(last_id) > head:
        return head, True
    oldest = await oldest_of(session, workspace_id)
    return int(last_id), bool(oldest) and int(last_id) < oldest - 1


async def _stream(
    follower: Follower,
    bus: EventBus,
    progress: ProgressSource,
    stopping: asyncio.Event,
    *,
    lost: bool,
) -> AsyncGenerator[str]:
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    if lost:
        yield message("reset", {"reason": "too old"}, seq=follower.seq)
    told: dict[str, str] = {}
    loop = asyncio.get_running_loop()
    quiet_since = loop.time()
    async with bus.subscribe(TOPIC + follower.workspace_id) as hints:
        while not stopping.is_set():
            rows, allowed = await follower.next()
            if not allowed:
                return
            for row in rows:
                with span("event.send", kind="consumer", parent=row.traceparent, event=row.kind):
                    text = message(row.kind, row.body, seq=row.seq)
                yield text
            running = () if rows else await progress.running(follower.project_id)
            for kind, body in running:
                text = message(kind, body)
                if told.get(str(body["id"])) != text:
                    told[str(body["id"])] = text
                    quiet_since = loop.time()
                    yield text
            if rows:
                quiet_since = loop.time()
            elif loop.time() - quiet_since >= COMMENT_SECONDS:
                quiet_since = loop.time()
                yield ": still here\n\n"
            await hints.next(PROGRESS_SECONDS if rows or running else ACCESS_SECONDS)


async def _counted(
    stream: AsyncGenerator[str], streams: EventStreams, caller: Caller
) -> AsyncGenerator[str]:
    try:
        async for text in stream:
            yield text
    finally:
        streams.leave(caller)


def message(kind: str, body: Any, *, seq: int | None = None) -> str:
    """One event; only those of the log have an id to resume from."""
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {kind}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n"
