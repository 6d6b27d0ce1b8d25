"""Who changed what: stretches of work read out of the update log, in words.

A stretch is what people did without a pause of PAUSE, an hour at most. Where few turns were taken in
it, each person's part is told apart; else all of it together, with everybody named.
"""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.assets.tables import AssetRow
from backend.auth.tables import UserRow
from backend.collab.facts import assets_named
from backend.collab.live import LiveDocument, index_of
from backend.collab.log import Entry, UpdateLog, unpacked, unpacked_rows
from backend.collab.tables import CollabHeadRow, CollabLogRow, CollabSnapshotRow
from backend.collab.wire import BadMessage
from backend.db.session import Database
from kit.object_store import ObjectStore, StoreError
from timeline.model import Change, Document, applied
from timeline.what_changed import Difference, changes_between, what_changed

PAUSE: Final = timedelta(minutes=10)
STRETCH_MAX: Final = timedelta(hours=1)
TURNS_MAX: Final = 40  # each turn costs a reading of the whole document
ROWS_READ_MAX: Final = 2000
IDS_MAX: Final = 500  # of media that is named in one answer; the rest is "a clip"


@dataclass(frozen=True, slots=True)
class Turn:
    """Rows in a row by one actor: a user id, or an origin such as `run:gen_42`."""

    actor: str
    entries: tuple[Entry, ...]

    @property
    def updates(self) -> list[bytes]:
        return [entry.update for entry in self.entries]


@dataclass(slots=True)
class Stretch:
    """Work without a pause; `first` and `last` are places in the log."""

    first: int
    last: int
    begun_at: datetime
    ended_at: datetime
    turns: list[Turn] = field(default_factory=list[Turn])

    @property
    def actors(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(turn.actor for turn in self.turns))


@dataclass(frozen=True, slots=True)
class Part:
    """What some people did in a stretch."""

    actors: tuple[str, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Told:
    stretch: Stretch
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    at: datetime
    entries: tuple[Entry, ...]


def person_of(actor: str) -> str:
    """Whose act an entry of the log is: `command:u` and `restore:v:u` are of the person u."""
    kind, _, rest = actor.partition(":")
    if kind in {"command", "rename", "import"} and rest:
        return rest
    if kind == "restore":
        return rest.partition(":")[2] or "server:restore"
    return actor


def stretches(rows: Sequence[_Row]) -> list[Stretch]:
    """Rows, oldest first, cut where people paused."""
    found: list[Stretch] = []
    for row in rows:
        newest = found[-1] if found else None
        if (
            newest is None
            or row.at - newest.ended_at >= PAUSE
            or row.at - newest.begun_at >= STRETCH_MAX
        ):
            newest = Stretch(row.seq, row.seq, row.at, row.at)
            found.append(newest)
        newest.last, newest.ended_at = row.seq, row.at
        for entry in row.entries:
            _add(newest.turns, entry)
    return found


def _add(turns: list[Turn], entry: Entry) -> None:
    actor = person_of(entry.actor)
    if turns and turns[-1].actor == actor:
        turns[-1] = Turn(actor, (*turns[-1].entries, entry))
    else:
        turns.append(Turn(actor, (entry,)))


class History:
    """Reads the log of documents; blocking work runs on threads."""

    def __init__(self, log: UpdateLog, database: Database, objects: ObjectStore) -> None:
        self._log = log
        self._database = database
        self._objects = objects

    async def read_at(self, project_id: str, seq: int) -> Document:
        """The document as it was at a place of its log; raises NoDocument, LogAway."""
        return await asyncio.to_thread(self._replay, project_id, seq)

    async def differences(
        self, project_id: str, workspace_id: str, since: int, until: int
    ) -> tuple[tuple[str, ...], tuple[Difference, ...]]:
        """Who acted between two places of the log, and what came of it."""
        return await asyncio.to_thread(self._differences, project_id, workspace_id, since, until)

    async def activity(
        self, project_id: str, workspace_id: str, *, up_to: int | None, limit: int
    ) -> tuple[list[Told], int | None]:
        """The newest stretches up to a place, newest first; the place to read on from."""
        return await asyncio.to_thread(self._activity, project_id, workspace_id, up_to, limit)

    async def head(self, project_id: str) -> int:
        """The newest place of its log; 0 where there is none."""
        return await asyncio.to_thread(self._head, project_id)

    # --- on a thread ---

    def _replay(self, project_id: str, seq: int) -> Document:
        return self._live(project_id, seq).model()

    def _live(self, project_id: str, seq: int) -> LiveDocument:
        stored = self._log.read(project_id, seq)
        return LiveDocument(stored, index_of(stored))

    def _differences(
        self, project_id: str, workspace_id: str, since: int, until: int
    ) -> tuple[tuple[str, ...], tuple[Difference, ...]]:
        before, after = self._replay(project_id, since), self._replay(project_id, until)
        rows = self._rows(project_id, above=since, up_to=until)
        actors = dict.fromkeys(person_of(entry.actor) for row in rows for entry in row.entries)
        names = self._asset_names(workspace_id, before, after)
        return tuple(actors), what_changed(before, after, names)

    def _activity(
        self, project_id: str, workspace_id: str, up_to: int | None, limit: int
    ) -> tuple[list[Told], int | None]:
        head = self._head(project_id) if up_to is None else up_to
        above = max(1, head - ROWS_READ_MAX)  # the seed is nobody's work
        rows = self._rows(project_id, above=above, up_to=head)
        found = stretches(rows)[-limit:]
        if not found:
            return [], None
        live = self._live(project_id, found[0].first - 1)
        names = self._asset_names(workspace_id, live.model(), self._replay(project_id, head))
        told = [Told(stretch, _parts(live, stretch, names)) for stretch in found]
        following = found[0].first - 1
        return told[::-1], following if following > 1 else None

    def _head(self, project_id: str) -> int:
        with self._database.read_in_thread() as session:
            head = select(CollabHeadRow.head).where(CollabHeadRow.project_id == project_id)
            return session.execute(head).scalar_one_or_none() or 0

    def _asset_names(self, workspace_id: str, *documents: Document) -> dict[str, str]:
        """Media by id, as people named it."""
        wanted = {name for document in documents for name in assets_named(document)}
        with self._database.read_in_thread() as session:
            rows = session.execute(
                select(AssetRow.id, AssetRow.name).where(
                    AssetRow.workspace_id == workspace_id, AssetRow.id.in_(sorted(wanted)[:IDS_MAX])
                )
            )
            return {row[0]: row[1] for row in rows}

    def _rows(self, project_id: str, *, above: int, up_to: int) -> list[_Row]:
        """Rows of the log and of the history that compaction has packed, in order."""
        with self._database.read_in_thread() as session:
            packs = session.execute(
                select(CollabSnapshotRow.object_key)
                .where(
                    CollabSnapshotRow.project_id == project_id,
                    CollabSnapshotRow.kind == "rows",
                    CollabSnapshotRow.seq > above,
                )
                .order_by(CollabSnapshotRow.seq)
            ).scalars()
            packed = list(packs)
            found = session.execute(
                select(CollabLogRow.seq, CollabLogRow.at, CollabLogRow.entries)
                .where(
                    CollabLogRow.project_id == project_id,
                    CollabLogRow.seq > above,
                    CollabLogRow.seq <= up_to,
                )
                .order_by(CollabLogRow.seq)
            ).all()
        rows = [
            _Row(seq, datetime.fromtimestamp(milliseconds / 1000, UTC), _entries(raw))
            for key in packed
            for seq, milliseconds, raw in self._pack(key)
            if above < seq <= up_to
        ]
        rows += (_Row(seq, at, _entries(raw)) for seq, at, raw in found)
        return rows

    def _pack(self, key: str) -> list[tuple[int, int, bytes]]:
        """Unreadable history is left out: what was done stands in the document all the same."""
        try:
            with self._objects.open(key) as stream:
                return unpacked_rows(stream.read())
        except (StoreError, BadMessage, zlib.error):
            return []


def _entries(raw: bytes) -> tuple[Entry, ...]:
    try:
        return unpacked(raw)
    except (BadMessage, UnicodeDecodeError):
        return ()


def _parts(live: LiveDocument, stretch: Stretch, names: Mapping[str, str]) -> tuple[Part, ...]:
    """What each did, where turns are few; `live` stands before the stretch, and after it then."""
    start = live.model()
    if len(stretch.actors) < 2 or len(stretch.turns) > TURNS_MAX:
        for turn in stretch.turns:
            live.apply(turn.updates, several_clients=False)
        return (Part(stretch.actors, what_changed(start, live.model(), names)),)
    # For each person the stretch as it would have been without them: what they did is the rest.
    without: dict[str, Document] = dict.fromkeys(stretch.actors, start)
    for turn in stretch.turns:
        before = live.model()
        live.apply(turn.updates, several_clients=False)
        changes = changes_between(before, live.model())
        for actor in without.keys() - {turn.actor}:
            without[actor] = applied(without[actor], _possible(without[actor], changes))
    end = live.model()
    return tuple(
        Part((actor,), what_changed(others, end, names)) for actor, others in without.items()
    )


def _possible(document: Document, changes: Sequence[Change]) -> list[Change]:
    """Changes of what is there: of a record that somebody else has made nothing can be written."""
    return [
        change
        for change in changes
        if change.map == "meta" or change.key is None or change.id in document.records(change.map)
    ]


async def actor_names(session: AsyncSession, actors: Sequence[str]) -> dict[str, str]:
    """What people call those who acted: persons by their account, programs by what they ran."""
    users = await session.execute(
        select(UserRow.id, UserRow.name).where(UserRow.id.in_(list(actors)))
    )
    names = {row[0]: row[1] for row in users}
    for actor in actors:
        kind, _, rest = actor.partition(":")
        names.setdefault(actor, f"Generated scenes ({rest})" if kind == "run" else "Cutroom")
    return names
