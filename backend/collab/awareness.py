"""Presence: the latest entry of each client, as bytes. Never stored [collab-A1 to collab-A7].

An entry is client id, clock and JSON. Stock clients send back everything that they receive, so an
entry under an id that a socket does not own is skipped, never punished.
"""

import json
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
    """`owner` is None once the socket has gone, until `freed_until`.

    `is_lifted` where the clock is higher than the owner knows: then the owner must hear it too.
    `packed` is how it goes out: client, clock and `raw` behind its length.
    """

    clock: int
    raw: bytes
    packed: bytes
    owner: Speaker | None
    person_id: str
    freed_until: float = 0.0
    is_lifted: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """Body of a message with what changed; `speaker` is who said all of it and need not hear it."""

    body: bytes
    speaker: Speaker | None


@dataclass(slots=True)
class _Voice:
    """The id that a socket has claimed last, and how each of its messages about it begins."""

    head: bytes
    client: int
    entry: _Entry


class Awareness:
    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._voices: dict[Speaker, _Voice] = {}
        self._shown: dict[int, bytes] = {}
        self._changed: dict[int, None] = {}

    @property
    def has_changes(self) -> bool:
        return bool(self._changed)

    def receive(self, speaker: Speaker, entries: bytes, now: float) -> None:
        """Take what a socket says about its own ids; raises BadMessage on bytes cut off."""
        voice = self._voices.get(speaker)
        if voice is not None and entries.startswith(voice.head) and voice.entry.owner is speaker:
            clock, at = read_varint(entries, len(voice.head))
            raw, at = read_bytes(entries, at)
            if len(raw) <= ENTRY_BYTES_MAX:
                self._renew(voice.client, voice.entry, clock, raw, entries[1:at])
            count = 1
        else:
            count, at = self._take_each(speaker, entries, now)
        if count <= ENTRIES_READ_MAX and at != len(entries):
            raise BadMessage("bytes after the end of an awareness message")

    def _take_each(self, speaker: Speaker, entries: bytes, now: float) -> tuple[int, int]:
        """How many there are, and where those end that were read."""
        count, at = read_varint(entries, 0)
        for _ in range(min(count, ENTRIES_READ_MAX)):
            start = at
            client, at = read_varint(entries, at)
            clock, at = read_varint(entries, at)
            raw, at = read_bytes(entries, at)
            if len(raw) <= ENTRY_BYTES_MAX:
                told = _Entry(clock, raw, entries[start:at], speaker, speaker.person_id)
                self._take(speaker, client, told, now)
        return count, at

    def _renew(self, client: int, entry: _Entry, clock: int, raw: bytes, packed: bytes) -> None:
        """What its owner says now, where that is newer."""
        if clock > entry.clock or (clock == entry.clock and raw == NULL != entry.raw):
            entry.clock = clock
            entry.raw = raw
            entry.packed = packed
            entry.is_lifted = False
            self._changed[client] = None

    def _take(self, speaker: Speaker, client: int, told: _Entry, now: float) -> None:
        entry = self._entries.get(client)
        if entry is not None and entry.owner is speaker:
            self._renew(client, entry, told.clock, told.raw, told.packed)
            return
        if entry is not None and entry.owner is None and entry.freed_until <= now:
            entry = None
        if entry is None:
            if told.raw != NULL and self._ids_of(speaker) < IDS_PER_SOCKET_MAX:
                self._set(client, told)
            return
        if entry.owner is not None and entry.person_id != speaker.person_id:
            return
        self._take_over(speaker, client, entry, told)

    def _take_over(self, speaker: Speaker, client: int, entry: _Entry, told: _Entry) -> None:
        """A free id, or one that another socket of the same person holds.

        Only the client itself can be ahead of us. One that comes back announces its old clock as
        the first thing on its socket; peers would ignore that, so it goes out one higher.
        """
        owned = self._ids_of(speaker)
        if told.clock > entry.clock and owned < IDS_PER_SOCKET_MAX:
            self._set(client, told)
        elif owned == 0 and told.raw != NULL and entry.person_id == speaker.person_id:
            told.clock = entry.clock + 1
            told.packed = _packed(client, told.clock, told.raw)
            told.is_lifted = True
            self._set(client, told)

    def _set(self, client: int, entry: _Entry) -> None:
        before = self._entries.get(client)
        if before is not None:
            before.owner = None  # whoever had it speaks through it no more
        self._entries[client] = entry
        self._changed[client] = None
        if entry.owner is not None:
            self._voices[entry.owner] = _Voice(b"\x01" + varint(client), client, entry)

    def _ids_of(self, speaker: Speaker) -> int:
        return sum(entry.owner is speaker for entry in self._entries.values())

    def leave(self, speaker: Speaker, now: float) -> None:
        """The socket has gone: its ids go out as null with the next clock."""
        self._voices.pop(speaker, None)
        for client, entry in self._entries.items():
            if entry.owner is speaker:
                entry.owner = None
                entry.freed_until = now + FREED_SECONDS
                if entry.raw != NULL:
                    entry.clock += 1
                    entry.raw = NULL
                    entry.packed = _packed(client, entry.clock, NULL)
                    self._changed[client] = None
        for client in [
            client
            for client, entry in self._entries.items()
            if entry.owner is None and entry.freed_until <= now
        ]:
            del self._entries[client]

    def take_changes(self) -> Changes | None:
        """The entries that changed since; None where there are none to show."""
        changed, self._changed = self._changed, {}
        out: list[bytes] = []
        speakers: set[Speaker | None] = set()
        for client in changed:
            entry = self._entries.get(client)
            if entry is None or not self._show(client, entry):
                continue
            out.append(entry.packed)
            speakers.add(None if entry.is_lifted else entry.owner)
        if not out:
            return None
        speaker = speakers.pop() if len(speakers) == 1 else None
        return Changes(varint(len(out)) + b"".join(out), speaker)

    def _show(self, client: int, entry: _Entry) -> bool:
        """Note what is shown from now on; False where the entry goes to nobody."""
        if not _is_valid(entry.raw, entry.person_id):
            return False
        if entry.raw == NULL:
            return self._shown.pop(client, None) is not None
        self._shown[client] = entry.packed
        return True

    def table(self) -> bytes | None:
        """All that is shown, for a newcomer; None where nobody is here."""
        if not self._shown:
            return None
        return varint(len(self._shown)) + b"".join(self._shown.values())


def _packed(client: int, clock: int, raw: bytes) -> bytes:
    return varint(client) + varint(clock) + with_length(raw)


def _no_constant(name: str) -> None:
    raise ValueError(name)


_STRICT: Final = json.JSONDecoder(parse_constant=_no_constant)
_SCAN: Final = cast("Any", _STRICT).scan_once


def _parsed(text: str) -> Any:
    """Strict JSON; raises ValueError. Without the decoder's search for blanks around it."""
    try:
        value, end = _SCAN(text, 0)
    except StopIteration:
        return _STRICT.decode(text)
    return value if end == len(text) else _STRICT.decode(text)


def _is_valid(raw: bytes, person_id: str) -> bool:
    """Strict JSON, an object or null, and not in another person's name.

    One bad entry would throw in every browser and take the whole message with it.
    """
    try:
        value = _parsed(raw.decode())
    except (ValueError, RecursionError):
        return False
    if value is None:
        return True
    if not isinstance(value, dict):
        return False
    user = cast("dict[str, Any]", value).get("user")
    claimed = cast("dict[str, Any]", user).get("id", person_id) if isinstance(user, dict) else None
    return claimed is None or claimed == person_id
