"""Hostile updates are refused before pycrdt sees them [collab-H1 to collab-H6].

One pass over the bytes of a Yjs update (encoding v1), without recursion. What it finds tells the
room which clocks an update brings, on what it builds, and which records it makes.
"""

import struct
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from timeline.model import RECORD_ROOTS, ROOTS

VARINT_MAX: Final = 2**53
INTEGER_MAX: Final = 2**53 - 1
STRUCTS_MAX: Final = 200_000
VALUE_BYTES_MAX: Final = 65_536
KEY_LENGTH_MAX: Final = 128
DEPTH_MAX: Final = 4
VALUES_MAX: Final = 20_000  # of one JSON value: more is no clip

GC: Final = 0
DELETED: Final = 1
TYPE: Final = 7
ANY: Final = 8
SKIP: Final = 10
Y_MAP: Final = 1

HAS_ORIGIN: Final = 128
HAS_RIGHT_ORIGIN: Final = 64
HAS_KEY: Final = 32

_FLOAT: Final = struct.Struct(">f")
_DOUBLE: Final = struct.Struct(">d")
_INFINITE: Final = float("inf")
_NAMES: Final[Mapping[bytes, str]] = {name.encode(): name for name in ROOTS}
_RECORDS: Final = frozenset(RECORD_ROOTS)


class Refused(Exception):
    """An update that no honest client makes; 4400."""


class TooLarge(Exception):
    """An update or document over a limit of size; 4413."""


ItemId: TypeAlias = tuple[int, int]
"""Client id and clock."""

META_ITEM: Final[ItemId] = (-1, -1)


@dataclass(slots=True)
class Scanned:
    """What an update holds.

    `brings`: client -> [start, end) of its clocks. `needs`: client -> how many clocks of it must be
    known, because something refers to them. `made`: record root -> ids set in it. `keys`: the item
    of a record (META_ITEM for `meta`) -> keys set in it that name no earlier value. `deletes`: whose
    items it deletes, which stands from byte `deletions_at` on.
    """

    brings: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    needs: dict[int, int] = field(default_factory=dict[int, int])
    made: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    keys: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    record_items: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    structs: int = 0
    has_hole: bool = False
    deletes: set[int] = field(default_factory=set[int])
    deletions_at: int = 0


def scan(update: bytes, record_items: AbstractSet[ItemId], *, trusted: bool = False) -> Scanned:
    """Read an update; raises Refused or TooLarge.

    `record_items` are the known items that stand directly under a record root: only there may a
    map stand [collab-H2]. Those found are in the answer and become known when the update is queued.
    `trusted` reads our own log or snapshot, which may hold more structs than one message.
    """
    return _Scan(update, record_items, trusted=trusted).run()


class _Beside(NamedTuple):
    """An item that takes its parent from another one, `origin`, not known to be a record's."""

    item: ItemId
    length: int
    origin: ItemId
    is_map: bool
    is_value: bool


class _Scan:
    __slots__ = ("_at", "_beside", "_data", "_end", "_found", "_known", "_trusted")

    def __init__(self, update: bytes, known: AbstractSet[ItemId], *, trusted: bool) -> None:
        self._data = update
        self._at = 0
        self._end = len(update)
        self._known = known
        self._trusted = trusted
        self._found = Scanned()
        self._beside: list[_Beside] = []

    def run(self) -> Scanned:
        for _ in range(self._count()):
            self._block()
        self._found.deletions_at = self._at
        self._delete_set()
        if self._at != self._end:
            raise Refused("bytes after the end of an update")
        self._judge_beside()
        return self._found

    # --- reading ---

    def _varint(self) -> int:
        data = self._data
        at = self._at
        try:
            byte = data[at]
            at += 1
            if byte < 128:
                self._at = at
                return byte
            number = byte & 127
            shift = 7
            while True:
                byte = data[at]
                at += 1
                number |= (byte & 127) << shift
                if byte < 128:
                    break
                shift += 7
                if shift > 49:
                    raise Refused("a number is too large")
        except IndexError:
            raise Refused("the update is cut off") from None
        if number >= VARINT_MAX:
            raise Refused("a number is too large")
        self._at = at
        return number

    def _byte(self) -> int:
        at = self._at
        if at >= self._end:
            raise Refused("the update is cut off")
        self._at = at + 1
        return self._data[at]

    def _count(self) -> int:
        """A number of things of which each takes at least a byte."""
        count = self._varint()
        if count > self._end - self._at:
            raise Refused("a count reaches past the end")
        return count

    def _text(self) -> bytes:
        length = self._varint()
        start = self._at
        end = start + length
        if end > self._end:
            raise Refused("a text reaches past the end")
        self._at = end
        text = self._data[start:end]
        if not text.isascii():
            try:
                text.decode()
            except UnicodeDecodeError:
                raise Refused("a text is not UTF-8") from None
        return text

    # --- structs ---

    def _block(self) -> None:
        count = self._count()
        client = self._varint()
        start = clock = self._varint()
        if client in self._found.brings:
            raise Refused("a client comes twice")
        if count == 0:
            return
        self._found.structs += count
        if self._found.structs > STRUCTS_MAX and not self._trusted:
            raise TooLarge(f"more than {STRUCTS_MAX} structs in one update")
        self._found.brings[client] = (start, start)
        for _ in range(count):
            clock += self._struct(client, clock)
            if clock >= VARINT_MAX:
                raise Refused("a clock is too large")
            self._found.brings[client] = (start, clock)

    def _struct(self, client: int, clock: int) -> int:
        info = self._byte()
        if info == GC:
            return self._length()
        kind = info & 31
        if kind == SKIP:
            self._found.has_hole = True
            return self._length()
        return self._item((client, clock), info, kind)

    def _length(self) -> int:
        length = self._varint()
        if length == 0:
            raise Refused("a struct without length")
        return length

    def _item(self, item: ItemId, info: int, kind: int) -> int:
        origin = self._id(item) if info & HAS_ORIGIN else None
        if info & HAS_RIGHT_ORIGIN:
            right = self._id(item)
            origin = origin or right
        parent = None if origin else self._parent(item, info)
        length, is_map = self._content(kind)
        is_value = kind == ANY
        if origin is not None:
            self._beside.append(_Beside(item, length, origin, is_map, is_value))
        elif parent in _RECORDS:
            self._stands_in_root(item, length, is_value=is_value)
        elif is_map:
            raise Refused("a map inside a record")
        return length

    def _id(self, item: ItemId) -> ItemId:
        """An item that this one stands beside or in; of the same client only an older one."""
        client, clock = self._varint(), self._varint()
        if client == item[0]:
            if clock >= item[1]:
                raise Refused("an item refers to itself or to a later one")
        elif self._found.needs.get(client, 0) <= clock:
            self._found.needs[client] = clock + 1
        return client, clock

    def _parent(self, item: ItemId, info: int) -> str:
        """The root it stands in, "" inside a record."""
        root = ""
        record = META_ITEM
        if self._varint() == 1:
            name = self._text()
            if name not in _NAMES:
                raise Refused("a root map that is not ours")
            root = _NAMES[name]
        else:
            record = self._id(item)
        if not info & HAS_KEY:
            raise Refused("a list or text where records stand")
        key = self._text()
        if len(key) > KEY_LENGTH_MAX and len(key.decode()) > KEY_LENGTH_MAX:
            raise TooLarge(f"a key over {KEY_LENGTH_MAX} characters")
        if root in _RECORDS:
            self._found.made.setdefault(root, set()).add(key.decode())
        else:
            self._found.keys[record] = self._found.keys.get(record, 0) + 1
        return root

    def _content(self, kind: int) -> tuple[int, bool]:
        """How many clocks it takes, and whether it is a map."""
        if kind == ANY:
            count = self._count()
            if count == 0:
                raise Refused("a struct without length")
            for _ in range(count):
                self._value()
            return count, False
        if kind == DELETED:
            return self._length(), False
        if kind == TYPE and self._varint() == Y_MAP:
            return 1, True
        raise Refused("content that is neither JSON nor a record")

    def _stands_in_root(self, item: ItemId, length: int, *, is_value: bool) -> None:
        if is_value:
            raise Refused("a plain value where a record stands")
        client, clock = item
        self._found.record_items.add(item)
        self._found.record_items.add((client, clock + length - 1))

    def _judge_beside(self) -> None:
        """An item has the parent of the one it stands beside: follow from those in the roots."""
        followers: dict[ItemId, list[_Beside]] = {}
        ready: list[_Beside] = []
        for beside in self._beside:
            if beside.origin in self._known or beside.origin in self._found.record_items:
                ready.append(beside)
            else:
                followers.setdefault(beside.origin, []).append(beside)
        while ready:
            beside = ready.pop()
            self._stands_in_root(beside.item, beside.length, is_value=beside.is_value)
            client, clock = beside.item
            for reached in {beside.item, (client, clock + beside.length - 1)}:
                ready.extend(followers.pop(reached, ()))
        if any(beside.is_map for group in followers.values() for beside in group):
            raise Refused("a map inside a record")

    def _delete_set(self) -> None:
        seen: set[int] = set()
        for _ in range(self._count()):
            client = self._varint()
            if client in seen:
                raise Refused("a client comes twice")
            seen.add(client)
            for _ in range(self._count()):
                start = self._varint()
                end = start + self._length()
                self._found.deletes.add(client)
                if self._found.needs.get(client, 0) < end:
                    self._found.needs[client] = end

    # --- values ---

    def _value(self) -> None:
        """One JSON value: without recursion, depth and size counted."""
        begin = self._at
        open_lists: list[list[int]] = []
        values = 0
        while True:
            values += 1
            if values > VALUES_MAX:
                raise TooLarge(f"a value of more than {VALUES_MAX} parts")
            inside = self._scalar()
            if inside:
                open_lists.append(inside)
                if len(open_lists) > DEPTH_MAX:
                    raise Refused(f"JSON deeper than {DEPTH_MAX}")
            while open_lists and open_lists[-1][0] == 0:
                open_lists.pop()
            if not open_lists:
                break
            open_lists[-1][0] -= 1
            if open_lists[-1][1]:
                self._text()
        if self._at - begin > VALUE_BYTES_MAX:
            raise TooLarge(f"a value over {VALUE_BYTES_MAX} bytes")

    def _scalar(self) -> list[int]:
        """Reads a scalar, or the head of a list or object: [members left, has keys]."""
        kind = self._byte()
        if kind == 119:
            self._text()
        elif kind == 125:
            self._signed()
        elif kind == 124:
            self._number(_FLOAT)
        elif kind == 123:
            self._number(_DOUBLE)
        elif kind == 117 or kind == 118:  # noqa: PLR1714 - quicker than a tuple
            return [self._count(), int(kind == 118)]
        elif kind not in (120, 121, 126, 127):
            raise Refused("a value that is not JSON")
        return []

    def _signed(self) -> None:
        byte = self._byte()
        number = byte & 63
        shift = 6
        while byte & 128:
            byte = self._byte()
            number |= (byte & 127) << shift
            shift += 7
            if shift > 62:
                raise Refused("a number is too large")
        if number > INTEGER_MAX:
            raise Refused("a number is too large")

    def _number(self, form: struct.Struct) -> None:
        at = self._at
        self._at = at + form.size
        if self._at > self._end:
            raise Refused("the update is cut off")
        number = form.unpack_from(self._data, at)[0]
        if not -_INFINITE < number < _INFINITE:
            raise Refused("a number that is not finite")
