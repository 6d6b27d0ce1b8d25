"""One document in memory: what it holds, who wrote it, and what may still come.

`judge` looks at an update without touching the document; `apply` comes later, with the group commit.
In between, clocks already count what is queued, so that order within a connection is checked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from backend.collab.document import (
    YDoc,
    apply_updates,
    new_ydoc,
    read_model,
    read_name,
    whole_update,
    write_changes,
)
from backend.collab.limits import KEYS_PER_RECORD_MAX, check_changes
from backend.collab.log import Entry, Stored
from backend.collab.scan import META_ITEM, ItemId, Refused, Scanned, TooLarge, scan
from backend.collab.small_edits import small_edit
from backend.collab.wire import EMPTY_UPDATE, read_state
from timeline.errors import TimelineError
from timeline.model import Change, Document, Json
from timeline.schema import QUOTAS

STATE_BYTES_MAX: Final = 32 * 2**20
STATE_MEASURE_STEP: Final = 2**20
NEW_IDS_PER_CONNECTION_MAX: Final = 16
SERVER: Final = "server"


class DocumentBroken(Exception):
    """The document did not take an update that the scan had let through; it must be reloaded."""


@dataclass(slots=True)
class Index:
    """What the scan of everything written so far has found."""

    clocks: dict[int, int] = field(default_factory=dict[int, int])
    writers: dict[int, str] = field(default_factory=dict[int, str])
    record_items: set[ItemId] = field(default_factory=set[ItemId])
    ids: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    keys: dict[ItemId, int] = field(default_factory=dict[ItemId, int])
    sound: list[bytes] = field(default_factory=list[bytes])
    held: list[Entry] = field(default_factory=list[Entry])

    def take(self, entry: Entry) -> None:
        """Read an entry of the log: it may be applied, or it is held back."""
        try:
            found = scan(entry.update, self.record_items, trusted=True)
        except (Refused, TooLarge):
            self.held.append(entry)
            return
        if self.has_gap(found):
            self.held.append(entry)
        else:
            self.add(found, entry.actor)
            self.sound.append(entry.update)

    def add(self, found: Scanned, actor: str) -> None:
        for client, (_, end) in found.brings.items():
            if end > self.clocks.get(client, 0):
                self.clocks[client] = end
            self.writers.setdefault(client, actor)
        self.record_items |= found.record_items
        for root, made in found.made.items():
            self.ids.setdefault(root, set()).update(made)
        for item, count in found.keys.items():
            self.keys[item] = self.keys.get(item, 0) + count

    def has_gap(self, found: Scanned) -> bool:
        """Whether an update builds on something that is not here."""
        clocks, brings = self.clocks, found.brings
        if found.has_hole:
            return True
        for client, (start, _) in brings.items():
            if start > clocks.get(client, 0):
                return True
        for client, needed in found.needs.items():
            if needed > clocks.get(client, 0) and needed > brings.get(client, (0, 0))[1]:
                return True
        return False


def index_of(stored: Stored) -> Index:
    """Scan what is stored, in order. Works on bytes alone: may run on another thread.

    In a damaged document updates that build on lost ones are held back: pycrdt would take them and
    never take the lost ones any more [collab-D4].
    """
    index = Index()
    if stored.snapshot is not None:
        index.writers.update(stored.snapshot.writers)
        index.take(Entry(SERVER, stored.snapshot.update))
    for row in stored.rows:
        for entry in row.entries or ():
            index.take(entry)
    return index


class LiveDocument:
    """A Y.Doc with its index; lives on one thread."""

    def __init__(self, stored: Stored, index: Index) -> None:
        self._ydoc: YDoc = new_ydoc()
        self.is_whole: Final = stored.is_whole and not index.held
        self.index: Final = index
        self._state = apply_updates(self._ydoc, index.sound)
        self._size = sum(map(len, index.sound))
        index.sound.clear()
        self._measured_at = 0
        self._model: Document | None = None

    @property
    def writers(self) -> Mapping[int, str]:
        return self.index.writers

    @property
    def size_bytes(self) -> int:
        """The log since it was last measured, at least as long as the state."""
        return self._size

    def scan(self, update: bytes) -> Scanned:
        """Raises Refused (4400) and TooLarge (4413). Only reads: may run on another thread."""
        known = self.index.record_items
        return small_edit(update, known) or scan(update, known)

    def judge(self, found: Scanned, size: int, person_id: str, new_ids: set[int]) -> Scanned | None:
        """Judge an update of a person that was scanned; None on a gap, which a new step 1 mends.

        What is admitted counts as known from now on. `new_ids` are the client ids that this
        connection has brought in; raises Refused and TooLarge.
        """
        if self.index.has_gap(found):
            return None
        self._check_writers(found, person_id, new_ids)
        self._check_quotas(found, size)
        self.index.add(found, person_id)
        self._size += size
        return found

    def _check_writers(self, found: Scanned, person_id: str, new_ids: set[int]) -> None:
        for client, (_, end) in found.brings.items():
            if end <= self.index.clocks.get(client, 0):
                continue
            writer = self.index.writers.get(client)
            if writer is None:
                new_ids.add(client)
                if len(new_ids) > NEW_IDS_PER_CONNECTION_MAX:
                    raise Refused("too many new client ids on one connection")
            elif writer != person_id:
                raise Refused("structs in another person's name")

    def _check_quotas(self, found: Scanned, size: int) -> None:
        for root, made in found.made.items():
            known = self.index.ids.get(root, set())
            fresh = len(made - known)
            if fresh and len(known) + fresh > QUOTAS[root]:
                raise TooLarge(f"more than {QUOTAS[root]} {root}")
        for item, count in found.keys.items():
            if self.index.keys.get(item, 0) + count > KEYS_PER_RECORD_MAX:
                where = "meta" if item == META_ITEM else "a record"
                raise TooLarge(f"more than {KEYS_PER_RECORD_MAX} keys in {where}")
        if self._size + size > STATE_BYTES_MAX:
            self._measure(size)

    def _measure(self, size: int) -> None:
        """The log is longer than the state; count the state itself, a MiB of log at a time."""
        if self._size - self._measured_at >= STATE_MEASURE_STEP:
            self._size = self._measured_at = len(whole_update(self._ydoc))
        if self._size + size > STATE_BYTES_MAX:
            raise TooLarge(f"a document over {STATE_BYTES_MAX} bytes")

    def apply(self, updates: Sequence[bytes], *, several_clients: bool) -> None:
        """Admitted updates, in order, as one transaction; raises DocumentBroken.

        Blocks of several clients in one update of a person may refer to each other in a circle,
        which would wait for ever: then the document's own clocks are compared.
        """
        self._model = None
        try:
            self._state = apply_updates(self._ydoc, updates)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic in Rust is no Exception
            raise DocumentBroken(str(error)) from error
        if several_clients:
            own = read_state(self.state())
            if any(own.get(client, 0) < clock for client, clock in self.index.clocks.items()):
                raise DocumentBroken("structs that refer to each other in a circle")
        if self.index.held:
            self._try_held()

    def _try_held(self) -> None:
        """Something lost may have come back from a client: what waited for it may go in."""
        held = list(self.index.held)
        self.index.held.clear()
        for entry in held:
            self.index.take(entry)
        self._state = apply_updates(self._ydoc, self.index.sound)
        self.index.sound.clear()

    def edit(
        self, origin: str, make_changes: Callable[[Document], Iterable[Change]]
    ) -> Entry | None:
        """An edit of the server: compute, then write; None where nothing changes.

        What `make_changes` raises passes, and nothing is written.
        """
        changes = tuple(make_changes(self.model()))
        if not changes:
            return None
        check_changes(changes, self.index.ids)
        if self._size > STATE_BYTES_MAX:
            self._measure(0)
        self._model = None
        try:
            update = write_changes(self._ydoc, changes, origin)
        except TimelineError:
            raise
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            raise DocumentBroken(str(error)) from error
        if update == EMPTY_UPDATE:
            return None
        try:
            self.index.add(scan(update, self.index.record_items, trusted=True), SERVER)
        except (Refused, TooLarge) as error:
            raise DocumentBroken(str(error)) from error
        self._size += len(update)
        self._state = self._ydoc.get_state()
        return Entry(origin, update)

    def model(self) -> Document:
        if self._model is None:
            self._model = read_model(self._ydoc)
        return self._model

    @property
    def name(self) -> Json:
        """What stands as the document's name, whatever it is."""
        return read_name(self._ydoc)

    def state(self) -> bytes:
        """The state vector of all that is applied."""
        return self._state

    def update_since(self, state: bytes) -> bytes:
        """What a client with this state vector lacks."""
        return self._ydoc.get_update(state)
