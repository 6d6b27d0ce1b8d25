"""What waits in a room for its commit."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from backend.collab.log import Entry
from backend.collab.scan import Scanned
from backend.collab.socket import Connection
from kit.logs import bound_traceparent
from timeline.model import Change, Document


class EditLost(Exception):
    """The room ended before the edit was durable; the caller may try again."""


@dataclass(slots=True)
class ServerEdit:
    """An edit of the server, waiting for its turn.

    `done` gets the seq of its row, or the last one where nothing changed. `traceparent` is of who asked for it.
    """

    origin: str
    make_changes: Callable[[Document], Iterable[Change]]
    done: "asyncio.Future[int]"
    traceparent: str = field(default_factory=bound_traceparent)


@dataclass(slots=True)
class Queued:
    """An admitted update of a client; `heard_at` by the clock of the room's timers."""

    connection: Connection
    entry: Entry
    found: Scanned
    heard_at: float


@dataclass(slots=True)
class Flight:
    """What is being committed; `shown` are its updates as they are applied and go out."""

    queued: list[Queued]
    entries: list[Entry]
    shown: list[bytes]
    edits: list[ServerEdit] = field(default_factory=list[ServerEdit])
