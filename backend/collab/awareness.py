"""Presence: the latest entry of each client, as bytes. Never stored [collab-A1 to collab-A7].

An entry is client id, clock and JSON. Stock clients send back everything that they receive, so an
entry under an id that a socket does not own is skipped, never punished.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from backend.collab.wire import BadMessage, read_bytes, read_varint, varint, with_length

ENTRY_BYTES_MAX: Final = 4096
ENTRIES_READ_MAX: Final = 8
IDS_PER_SOCKET_MAX: Final = 4
FREED_SECONDS: Final = 60.0  # so long an echo may come late and must not revive who left
NULL: Final = b"null"


class Speaker(Protocol):
    """The socket behind an entry."""

    @property
    def person_id(self) -> str: ...


@dataclass(slots=True)
class _Entry:
    """`owner` is None once the socket has gone, until `freed_until`."""

    clock: int
    raw: bytes
    owner: Speaker | None
    person_id: str
    freed_until: float = 0.0


class Awareness:
    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._shown: dict[int, tuple[int, bytes]] = {}
        self._changed: dict[int, None] = {}

    @property
    def has_changes(self) -> bool:
        return bool(self._changed)

    def receive(self, speaker: Speaker, entries: bytes, now: float) -> None:
        """Take what a socket says about its own ids; raises BadMessage on bytes cut off."""
        for client, clock, raw in _read(entries):
            if len(raw) <= ENTRY_BYTES_MAX:
                self._take(speaker, client, clock, raw, now)

    def _take(self, speaker: Speaker, client: int, clock: int, raw: bytes, now: float) -> None:
        entry = self._entries.get(client)
        if entry is not None and entry.owner is None and entry.freed_until <= now:
            entry = None
        if entry is None:
            if raw != NULL and self._ids_of(speaker) < IDS_PER_SOCKET_MAX:
                self._set(client, _Entry(clock, raw, speaker, speaker.person_id))
            return
        if entry.owner is speaker:
            if clock > entry.clock or (clock == entry.clock and raw == NULL != entry.raw):
                self._set(client, _Entry(clock, raw, speaker, speaker.person_id))
            return
        if entry.owner is not None and entry.person_id != speaker.person_id:
            return
        self._take_over(speaker, client, entry, clock=clock, raw=raw)

    def _take_over(
        self, speaker: Speaker, client: int, entry: _Entry, *, clock: int, raw: bytes
    ) -> None:
        """A free id, or one that another socket of the same person holds.

        Only the client itself can be ahead of us. One that comes back announces its old clock as
        the first thing on its socket; peers would ignore that, so it goes out one higher.
        """
        owned = self._ids_of(speaker)
        if clock > entry.clock and owned < IDS_PER_SOCKET_MAX:
            self._set(client, _Entry(clock, raw, speaker, speaker.person_id))
        elif owned == 0 and raw != NULL and entry.person_id == speaker.person_id:
            self._set(client, _Entry(entry.clock + 1, raw, speaker, speaker.person_id))

    def _set(self, client: int, entry: _Entry) -> None:
        self._entries[client] = entry
        self._changed[client] = None

    def _ids_of(self, speaker: Speaker) -> int:
        return sum(entry.owner is speaker for entry in self._entries.values())

    def leave(self, speaker: Speaker, now: float) -> None:
        """The socket has gone: its ids go out as null with the next clock."""
        for client, entry in self._entries.items():
            if entry.owner is speaker:
                entry.owner = None
                entry.freed_until = now + FREED_SECONDS
                if entry.raw != NULL:
                    entry.clock += 1
                    entry.raw = NULL
                    self._changed[client] = None
        for client in [
            client
            for client, entry in self._entries.items()
            if entry.owner is None and entry.freed_until <= now
        ]:
            del self._entries[client]

    def take_changes(self) -> bytes | None:
        """The entries that changed since, as one body of a message; None where there are none."""
        out: list[bytes] = []
        for client in self._changed:
            entry = self._entries.get(client)
            if entry is None or not _is_valid(entry.raw, entry.person_id):
                continue
            if entry.raw == NULL:
                if self._shown.pop(client, None) is None:
                    continue
            else:
                self._shown[client] = (entry.clock, entry.raw)
            out.append(_packed(client, entry.clock, entry.raw))
        self._changed.clear()
        return varint(len(out)) + b"".join(out) if out else None

    def table(self) -> bytes | None:
        """All that is shown, for a newcomer; None where nobody is here."""
        if not self._shown:
            return None
        return varint(len(self._shown)) + b"".join(
            _packed(client, clock, raw) for client, (clock, raw) in self._shown.items()
        )


def _packed(client: int, clock: int, raw: bytes) -> bytes:
    return varint(client) + varint(clock) + with_length(raw)


def _read(entries: bytes) -> Iterator[tuple[int, int, bytes]]:
    count, at = read_varint(entries, 0)
    for _ in range(min(count, ENTRIES_READ_MAX)):
        client, at = read_varint(entries, at)
        clock, at = read_varint(entries, at)
        raw, at = read_bytes(entries, at)
        yield client, clock, raw
    if count <= ENTRIES_READ_MAX and at != len(entries):
        raise BadMessage("bytes after the end of an awareness message")


def _is_valid(raw: bytes, person_id: str) -> bool:
    """Strict JSON, an object or null, and not in another person's name.

    One bad entry would throw in every browser and take the whole message with it.
    """
    try:
        value = json.loads(raw.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    if value is None:
        return True
    if not isinstance(value, dict):
        return False
    user = cast("dict[str, Any]", value).get("user")
    claimed = cast("dict[str, Any]", user).get("id", person_id) if isinstance(user, dict) else None
    return claimed is None or claimed == person_id


def _no_constant(name: str) -> None:
    raise ValueError(name)
