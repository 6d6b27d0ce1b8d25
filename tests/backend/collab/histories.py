"""Seeded histories: people who edit, go offline, come back, while the server restarts under them.

The room is the real one, with time that stands still and commits by hand; each person is a Y.Doc
with a socket. What a person writes may be nonsense, as long as it is something that the wire allows.
"""

import random
from typing import Any, Final

from pycrdt import Doc, Map

from backend.collab.document import YDoc, apply_updates, new_ydoc, read_model
from backend.collab.live import LiveDocument, index_of
from backend.collab.log import Entry, LogRow, Stored
from backend.collab.room import Room, RoomSettings
from backend.collab.socket import Admission, Connection
from backend.collab.wire import (
    SyncStep1,
    SyncStep2,
    Update,
    awareness_message,
    step_1,
    step_2,
    update_message,
    varint,
    with_length,
)
from tests.backend.collab.fakes import SEED, FakeCarrier, FakeKeeper, FakeTimers
from timeline.timing import TICKS


def ydoc_of(*updates: bytes) -> YDoc:
    ydoc = new_ydoc()
    apply_updates(ydoc, updates)
    return ydoc


PEOPLE: Final = 3
STEPS: Final = 24
CLIPS: Final = [f"c{number}" for number in range(6)]
FILM: Final = read_model(ydoc_of(SEED.update))
TRACKS: Final = [*FILM.tracks]
SEQUENCE: Final = str(FILM.meta["main_sequence"])
NONSENSE: Final[list[Any]] = [
    *(None, True, -1, 0, "", "text for a number", 1e300, -1e300, 5e-324, 2**53 - 1, -(2**53) + 1),
    *(0.5, [], {}, [[1, [2, [3]]]], {"a": {"b": {"c": 1}}}, "\u0000", "\U0001f3ac" * 40),
]
HOSTILE: Final = [
    b"",
    b"\x00",
    b"\x00\x02\x7f\x01",
    b"\x00\x02\x02\x01\x01\x05",  # a block that is cut off
    update_message(
        b"\x01\x01\x07\x00\x28\x01\x05clips\x01x\x01\x7b\x7f\xf8\x00\x00\x00\x00\x00\x00\x00"
    ),
    update_message(b"\x01\x01\x07\x00\x28\x01\x04evil\x01x\x01\x7e\x00"),
    update_message(b"\x01\x01\x07\x00\x28\x01\x04meta\x01x\x01" + b"\x75\x01" * 9 + b"\x7e\x00"),
    update_message(b"\x01\x01\x07\x00\x28\x01\x04meta\x01x\x01\x7a" + bytes(8) + b"\x00"),
]


class Person:
    """A document, and the socket it has at the moment."""

    def __init__(self, name: str, client_id: int) -> None:
        self.name = name
        self.doc: Doc[Any] = Doc(client_id=client_id)
        self.carrier = FakeCarrier()
        self.connection: Connection | None = None
        self._unsent: list[bytes] = []
        self._heard = 0
        self._is_hearing = False
        self._subscription = self.doc.observe(self._wrote)

    def _wrote(self, event: Any) -> None:
        if not self._is_hearing:
            self._unsent.append(event.update)

    def connect(self, room: Room, timers: FakeTimers) -> None:
        self.carrier, self._heard = FakeCarrier(), 0
        self.connection = Connection(self.carrier, timers)
        self.connection.admit(Admission(self.name, "prj", "editor"))
        room.join(self.connection)
        self.connection.receive(step_1(self.doc.get_state()))
        self._unsent.clear()  # the answer to the room's step 1 has it

    def disconnect(self) -> None:
        if self.connection is not None:
            self.connection.lost()
        self.connection = None

    def speak(self) -> None:
        """Send what was written since."""
        for update in self._unsent:
            if self.connection is not None:
                self.connection.receive(update_message(update))
        self._unsent.clear()

    def listen(self) -> bool:
        """Take what the room has sent; True where there was something."""
        if self.connection is None:
            return False
        assert self.carrier.close_code() is None, self.carrier.frames()[-1]
        messages = self.carrier.messages()
        fresh, self._heard = messages[self._heard :], len(messages)
        for message in fresh:
            if isinstance(message, SyncStep1):
                self.connection.receive(step_2(self.doc.get_update(message.state)))
            elif isinstance(message, SyncStep2 | Update):
                self._is_hearing = True
                self.doc.apply_update(message.update)
                self._is_hearing = False
        return bool(fresh)

    def edit(self, dice: random.Random) -> None:
        """A gesture: a few changes as one transaction."""
        with self.doc.transaction():
            for _ in range(dice.randint(1, 3)):
                self._change(dice)

    def _change(self, dice: random.Random) -> None:
        what = dice.random()
        root = "clips" if what < 0.8 else dice.choice(["tracks", "transitions", "markers", "cues"])
        names = CLIPS if root == "clips" else TRACKS[:3]
        records: Map[Any] = self.doc.get(root, type=Map)
        record_id = dice.choice(names)
        if what > 0.97:
            self.doc.get("meta", type=Map)[dice.choice(["name", "main_sequence"])] = _value(dice)
        elif record_id not in records:
            records[record_id] = Map(_record(root, dice))
        elif what < 0.04:
            record: Map[Any] = records[record_id]
            for key in list(record.keys())[:1]:
                del record[key]
        else:
            key, value = dice.choice(list(_record(root, dice).items()))
            records[record_id][key] = value


def _value(dice: random.Random) -> Any:
    return dice.choice(NONSENSE)


def _record(root: str, dice: random.Random) -> dict[str, Any]:
    record: dict[str, Any] = {
        "track": dice.choice(TRACKS),
        "kind": dice.choice(["media", "generator", "text"]),
        "generator": {"kind": "solid", "color": "#204060"},
        "start": dice.randrange(20) * TICKS // 4,
        "duration": dice.randrange(1, 12) * TICKS // 4,
        "source_in": dice.randrange(4) * TICKS,
        "removed": dice.random() < 0.2,
    }
    if root == "tracks":
        record |= {"kind": "video", "order": dice.choice(["a0", "a1", "Zz"]), "sequence": SEQUENCE}
    if root == "transitions":
        record |= {"left": dice.choice(CLIPS), "right": dice.choice(CLIPS), "kind": "dissolve"}
    if dice.random() < 0.25:
        record[dice.choice(list(record))] = _value(dice)
    return record


class History:
    """One seed, played to its end; then everybody is online and all is said."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self.rows: list[LogRow] = [LogRow(1, (SEED,), len(SEED.update))]
        self.timers = FakeTimers()
        self.people = [
            Person(f"p{number}", self._dice.randrange(2, 2**31)) for number in range(PEOPLE)
        ]
        self.room, self.keeper = self._opened()

    def _opened(self) -> tuple[Room, FakeKeeper]:
        stored = Stored(1, len(self.rows), None, tuple(self.rows), is_whole=True)
        keeper = FakeKeeper()
        live = LiveDocument(stored, index_of(stored))
        assert not live.index.held
        return Room(
            "prj",
            live,
            epoch=1,
            head=len(self.rows),
            keeper=keeper,
            timers=self.timers,
            settings=RoomSettings(),
        ), keeper

    def play(self) -> None:
        for _ in range(STEPS):
            self._step(self._dice.random(), self._dice.choice(self.people))
        for person in self.people:
            if person.connection is None:
                person.connect(self.room, self.timers)
        while True:
            for person in self.people:
                person.speak()
            self._commit()
            if sum(person.listen() for person in self.people) == 0:
                break

    def _step(self, what: float, person: Person) -> None:
        self.timers.advance(0.4)
        if what < 0.5:
            person.edit(self._dice)
            person.speak()
        elif what < 0.65:
            self._commit()
        elif what < 0.8:
            person.listen()
        elif what < 0.9:
            if person.connection is None:
                person.connect(self.room, self.timers)
            else:
                person.disconnect()
        elif what < 0.95:
            self._restart()
        else:
            self._attack()

    def _commit(self) -> None:
        self.keeper.wanted.clear()
        batch = self.room.take()
        if batch is not None:
            seq = len(self.rows) + 1
            size = sum(len(entry.update) for entry in batch.entries)
            self.rows.append(LogRow(seq, batch.entries, size))
            self.room.committed(seq)
        self.timers.advance(0.05)

    def _restart(self) -> None:
        """The process ends at once: what was not committed is gone from the server."""
        for person in self.people:
            person.disconnect()
        self.room, self.keeper = self._opened()

    def _attack(self) -> None:
        carrier = FakeCarrier()
        mallory = Connection(carrier, self.timers)
        mallory.admit(Admission("mallory", "prj", "editor"))
        self.room.join(mallory)
        mallory.receive(
            awareness_message(varint(1) + varint(9) + varint(1) + with_length(b'{"a": 1}'))
        )
        mallory.receive(self._dice.choice(HOSTILE))
        assert carrier.close_code() == 4400

    @property
    def entries(self) -> list[Entry]:
        return [entry for row in self.rows for entry in row.entries or ()]
