"""The update log as its users see it: values, the port, and how a row is packed. Pure."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, Protocol, TypeAlias

from backend.collab.wire import read_bytes, read_varint, varint, with_length

SnapshotKind: TypeAlias = Literal["state", "rows"]


class LogError(Exception):
    """Root of what the log raises."""


class NoDocument(LogError):
    """No document was ever begun under this project id."""


class OwnedElsewhere(LogError):
    """Another node owns this document now, and is reached at `address`."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address: Final = address


class LogAway(LogError):
    """The log cannot be written or read now: database away, locked or full. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One original update and who sent it: a user id, or an origin such as `run:gen_42`."""

    actor: str
    update: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one room appends with one commit; refused unless `epoch` still owns the document.

    `after` is the seq that it comes after, where the owner knows it: then one statement serves all.
    """

    project_id: str
    epoch: int
    entries: tuple[Entry, ...]
    after: int | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """`entries` is None where the row cannot be read."""

    seq: int
    entries: tuple[Entry, ...] | None
    size: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state that stands for all rows up to `seq`; `writers` is client id -> user id."""

    seq: int
    update: bytes
    writers: Mapping[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it lies in the log: a snapshot, and the rows above it in order.

    `is_whole` is False when something could not be read; then nothing may be compacted or deleted.
    """

    epoch: int
    head: int
    snapshot: Snapshot | None
    rows: tuple[LogRow, ...]
    is_whole: bool


class UpdateLog(Protocol):
    """Blocking; the verbs of one document each run in one transaction."""

    def begin(self, project_id: str, entries: Sequence[Entry]) -> None:
        """Create the head of a new document, with its first row; nothing where it is there."""
        ...

    def claim(self, project_id: str) -> Stored:
        """Become the owner: `epoch` goes up, what is stored is read.

        Raises NoDocument, OwnedElsewhere, LogAway.
        """
        ...

    def release(self, project_id: str, epoch: int) -> None:
        """Let others own it from now on; nothing where the epoch is over; raises LogAway."""
        ...

    def append(self, batches: Sequence[Batch]) -> list[int | None]:
        """All batches in one durable transaction; each one's seq, None where the epoch is over."""
        ...

    def read(self, project_id: str, up_to: int | None = None) -> Stored:
        """What is stored, up to a seq; changes nothing; raises NoDocument, LogAway."""
        ...

    def compact(self, project_id: str, epoch: int, snapshot: Snapshot) -> bool:
        """Put the snapshot in place of the rows up to its seq; False where the epoch is over."""
        ...


def packed(entries: Sequence[Entry]) -> bytes:
    return b"".join(
        with_length(entry.actor.encode()) + with_length(entry.update) for entry in entries
    )


def unpacked(raw: bytes) -> tuple[Entry, ...]:
    """Raises BadMessage on bytes that `packed` did not write."""
    entries: list[Entry] = []
    at = 0
    while at < len(raw):
        actor, at = read_bytes(raw, at)
        update, at = read_bytes(raw, at)
        entries.append(Entry(actor.decode(), update))
    return tuple(entries)


def packed_rows(rows: Sequence[tuple[int, datetime, bytes]]) -> bytes:
    """History for the object store: (seq, time, entries)*, compressed."""
    return zlib.compress(
        b"".join(
            varint(seq) + varint(int(at.timestamp() * 1000)) + with_length(raw)
            for seq, at, raw in rows
        ),
        6,
    )


def unpacked_rows(raw: bytes) -> list[tuple[int, int, bytes]]:
    """(seq, milliseconds since 1970, entries)*."""
    data = zlib.decompress(raw)
    rows: list[tuple[int, int, bytes]] = []
    at = 0
    while at < len(data):
        seq, at = read_varint(data, at)
        milliseconds, at = read_varint(data, at)
        body, at = read_bytes(data, at)
        rows.append((seq, milliseconds, body))
    return rows
