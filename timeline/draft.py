"""One edit while it is being worked out: writes gather here, the document outside never changes.

An edit is computed first and written last, so a refusal half-way leaves nothing behind
[timeline-E3]. `edit()` answers each written key once, in one canonical order [timeline-E10]:
created records in the order of their creation, then keys by (root, record id, key).
"""

from collections.abc import Mapping
from typing import Final, cast

from timeline.errors import EditRefused
from timeline.media import AssetFacts, AssetTable
from timeline.model import (
    RECORD_ROOTS,
    ROOTS,
    Change,
    Document,
    Edit,
    Json,
    NewId,
    Record,
    RecordRoot,
    Root,
)
from timeline.seen import Lane, Piece, Placed, Seen, live, text

PLACEMENT_KEYS: Final = ("track", "start", "duration", "source_in", "speed_num", "speed_den")
_LAYOUT_KEYS: Final = frozenset({*PLACEMENT_KEYS, "removed", "kind", "asset"})


class Draft:
    """The document as it becomes, what people see of it, and the list of changes so far."""

    def __init__(self, document: Document, assets: AssetTable, new_id: NewId) -> None:
        self.base: Final = document
        self.assets: Final = assets
        self.new_id: Final = new_id
        self._meta: dict[str, Json] = dict(document.meta)
        self._roots: dict[RecordRoot, dict[str, Record]] = {
            root: dict(document.records(root)) for root in RECORD_ROOTS
        }
        self._owned: set[tuple[RecordRoot, str]] = set()
        self._created: dict[tuple[RecordRoot, str], None] = {}
        self._before: dict[tuple[Root, str, str], Json] = {}
        self._clamped: dict[str, None] = {}
        self._halves: dict[str, list[str]] = {}
        self._indexes: dict[tuple[RecordRoot, str], dict[str, dict[str, None]]] = {}
        self.names: Final[dict[str, str]] = {}
        self.seen: Final = Seen(self._meta, self._roots, assets)

    # reading

    def records(self, root: RecordRoot) -> Mapping[str, Record]:
        return self._roots[root]

    def record(self, root: RecordRoot, record_id: str) -> Record:
        """A live record; raises `not_found`."""
        found = self._roots[root].get(record_id)
        if found is None or not live(found):
            raise EditRefused("not_found", record_id, f"no such record in {root}")
        return found

    def meta(self, key: str) -> Json:
        return self._meta.get(key)

    def owned_by(self, root: RecordRoot, key: str, owner: str) -> list[str]:
        """Live records of `root` whose `key` is `owner`, by (order, id)."""
        records = self._roots[root]
        found = [
            name
            for name in self._index(root, key).get(owner, ())
            if records[name].get(key) == owner and live(records[name])
        ]
        return sorted(found, key=lambda name: (text(records[name].get("order")), name))

    def _index(self, root: RecordRoot, key: str) -> dict[str, dict[str, None]]:
        """Records by the text under `key`, made at the first question; it may hold former ones, too."""
        if (root, key) not in self._indexes:
            index: dict[str, dict[str, None]] = {}
            for name, record in self._roots[root].items():
                if isinstance(value := record.get(key), str):
                    index.setdefault(value, {})[name] = None
            self._indexes[root, key] = index
        return self._indexes[root, key]

    def lane_of(self, clip: str) -> Lane:
        """The lane that a clip stands on; raises `not_found` where it is on none."""
        lane = self.seen.lane(text(self.record("clips", clip).get("track")))
        if lane is None:
            raise EditRefused("not_found", clip, "the clip is on no track")
        return lane

    def lane(self, track: str) -> Lane:
        """A live track; raises `not_found`."""
        lane = self.seen.lane(track)
        if lane is None:
            raise EditRefused("not_found", track, "no such track")
        return lane

    def unlocked(self, track: str) -> Lane:
        """A live track that may be changed; raises `track_locked` [timeline-E4]."""
        lane = self.lane(track)
        if lane.locked:
            raise EditRefused("track_locked", track, "the track is locked")
        return lane

    def where(self, clip: str) -> Placed:
        """The stored placement of a clip with defaults; raises `not_found` where it is not placed."""
        lane = self.lane_of(clip)
        found = self.seen.placement(clip, lane.kind)
        if found is None:
            raise EditRefused("not_found", clip, "the clip has no valid place")
        return found

    def pieces(self, clip: str) -> tuple[Piece, ...]:
        """The visible pieces of a clip, in time order."""
        lane = self.lane_of(clip)
        where = self.seen.placement(clip, lane.kind)
        near = lane.within(where.start, where.end) if where is not None else ()
        return tuple(piece for piece in near if piece.clip == clip)

    def facts(self, clip: str) -> AssetFacts | None:
        """Facts of a media clip's asset, None where there are none."""
        record = self._roots["clips"][clip]
        return self.assets.get(text(record.get("asset")))

    def sequence(self, named: str | None = None) -> str:
        """That sequence, or the main one; raises `not_found`."""
        if named is not None:
            self.record("sequences", named)
            return named
        main = self.seen.main_sequence()
        if main is None:
            raise EditRefused("not_found", "", "the document has no sequence")
        return main

    # writing

    def write(self, root: RecordRoot, record_id: str, key: str, value: Json) -> None:
        """Set one key of an existing record."""
        record = self._roots[root][record_id]
        before = record.get(key)
        if _same(before, value):
            return
        if (root, record_id) not in self._created:
            self._before.setdefault((root, record_id, key), before)
        if (root, record_id) not in self._owned:
            self._owned.add((root, record_id))
            record = dict(record)
            self._roots[root][record_id] = record
        owned = cast("dict[str, Json]", record)
        if value is None and (root, record_id) in self._created:
            owned.pop(key, None)
        else:
            owned[key] = value
        if (root, key) in self._indexes and isinstance(value, str):
            self._indexes[root, key].setdefault(value, {})[record_id] = None
        self._note(root, record_id, key, before, value)

    def write_meta(self, key: str, value: Json) -> None:
        before = self._meta.get(key)
        if not _same(before, value):
            self._before.setdefault(("meta", "", key), before)
            self._meta[key] = value
            self.seen.forget_all()

    def create(self, root: RecordRoot, record: Record, record_id: str | None = None) -> str:
        """Add a record; its id is fresh unless given. Keys that are null are left out."""
        name = self.new_id() if record_id is None else record_id
        self._roots[root][name] = {key: item for key, item in record.items() if item is not None}
        self._owned.add((root, name))
        self._created[root, name] = None
        for (indexed, key), index in self._indexes.items():
            if indexed == root and isinstance(value := record.get(key), str):
                index.setdefault(value, {})[name] = None
        if root == "clips":
            self.seen.moved(name, "", text(record.get("track")))
        elif root in ("tracks", "sequences"):
            self.seen.forget_all()
        return name

    def place(self, clip: str, **keys: int | str) -> None:
        """Write placement keys of a clip."""
        for key, value in keys.items():
            self.write("clips", clip, key, value)

    def remove(self, root: RecordRoot, record_id: str) -> None:
        """Delete softly [timeline-W4]."""
        self.write(root, record_id, "removed", value=True)

    def clamp(self, clip: str) -> None:
        """Report that this clip could not go as far as asked."""
        self._clamped[clip] = None

    def halved(self, right: str) -> None:
        """`right` is a new half or copy: `settle` gives it a link value of its own [timeline-E6]."""
        link = text(self._roots["clips"][right].get("link"))
        if link:
            self._halves.setdefault(link, []).append(right)

    def _note(self, root: RecordRoot, record_id: str, key: str, before: Json, after: Json) -> None:
        if root in ("tracks", "sequences"):
            self.seen.forget_all()
        elif root == "clips" and key == "track":
            self.seen.moved(record_id, text(before), text(after))
        elif root == "clips" and key in _LAYOUT_KEYS:
            self.seen.forget(text(self._roots["clips"][record_id].get("track")))

    # ending

    def settle(self) -> None:
        """Give new halves their links; remove transitions whose clips were separated [timeline-E6, E7]."""
        self.settle_links()
        self._remove_separated()

    def settle_links(self) -> None:
        """New link values, one for each set of two or more new halves or copies [timeline-E6]."""
        for halves in self._halves.values():
            alive = [half for half in halves if live(self._roots["clips"][half])]
            link = self.new_id() if len(alive) > 1 else None
            for half in alive:
                self.write("clips", half, "link", link)
        self._halves.clear()

    def _remove_separated(self) -> None:
        touched = {
            name for root, name, key in self._before if root == "clips" and key in _LAYOUT_KEYS
        }
        if not touched:
            return
        before = Seen(
            self.base.meta, {root: self.base.records(root) for root in RECORD_ROOTS}, self.assets
        )
        for name, base in self.base.transitions.items():
            now = self._roots["transitions"][name]
            sides = [text(base.get(side)) for side in ("left", "right")]
            if live(now) and not touched.isdisjoint(sides) and self._separated(base, now, before):
                self.remove("transitions", name)

    def _separated(self, base: Record, now: Record, before: Seen) -> bool:
        clips = self._roots["clips"]
        sides = [text(now.get(side)) for side in ("left", "right")]
        if any(side and not live(clips.get(side)) for side in sides):
            return True
        were = [text(base.get(side)) for side in ("left", "right")]
        if not all(sides) or not all(were):
            return False
        return adjacent(before, self.base.clips, were[0], were[1]) and not adjacent(
            self.seen, clips, sides[0], sides[1]
        )

    def edit(self) -> Edit:
        """The changes so far, each key once, in canonical order."""
        changes = [
            Change(root, name, None, None, dict(self._roots[root][name]))
            for root, name in self._created
            if live(self._roots[root][name])  # what came and went within the edit never was
        ]
        for (root, name, key), before in sorted(
            self._before.items(), key=lambda item: (ROOTS.index(item[0][0]), *item[0][1:])
        ):
            after = self._meta.get(key) if root == "meta" else self._roots[root][name].get(key)
            if not _same(before, after):
                changes.append(Change(root, name, key, before, after))
        return Edit(tuple(changes), tuple(self._clamped), dict(self.names))


def adjacent(seen: Seen, clips: Mapping[str, Record], left: str, right: str) -> bool:
    """Whether a visible piece of `left` ends where one of `right` begins, on one track [timeline-R8]."""
    if not (live(clips.get(left)) and live(clips.get(right))):
        return False
    lane = seen.lane(text(clips[left].get("track")))
    if lane is None or clips[right].get("track") != lane.track:
        return False
    ends = {piece.end for piece in lane.pieces_of(left)}
    return any(piece.start in ends for piece in lane.pieces_of(right))


def members(draft: Draft, clip: str, *, linked: bool, grouped: bool = False) -> list[str]:
    """The clip, then the rest of its link set (and group) by (track, start, id) [timeline-E6].

    Only clips on live tracks of the clip's own sequence count. Raises `track_locked` where one of
    them stands on a locked track [timeline-E4].
    """
    lane = draft.lane_of(clip)
    found = [clip]
    if linked:
        others = _set_of(draft, clip, "link")
        if grouped:
            # Whatever is grouped comes with the picture or sound that it is linked to.
            for name in _set_of(draft, clip, "group"):
                others |= {name: None} | _set_of(draft, name, "link")
        others.pop(clip, None)
        same = [
            name
            for name in others
            if (other := draft.seen.lane(text(draft.records("clips")[name].get("track"))))
            is not None
            and other.sequence == lane.sequence
        ]
        found += sorted(same, key=lambda name: standing(draft, name))
    for name in found:
        draft.unlocked(draft.lane_of(name).track)
    return found


def _set_of(draft: Draft, clip: str, key: str) -> dict[str, None]:
    """The live clips with the same link or group value; empty where the clip has none."""
    value = text(draft.record("clips", clip).get(key))
    return dict.fromkeys(draft.owned_by("clips", key, value)) if value else {}


def standing(draft: Draft, clip: str) -> tuple[str, str, int, str]:
    """Sorts clips bottom to top, then in time."""
    lane = draft.lane_of(clip)
    where = draft.seen.placement(clip, lane.kind)
    return (lane.order, lane.track, where.start if where else 0, clip)


def _same(left: Json, right: Json) -> bool:
    """Equal as JSON values: true is not 1."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)
