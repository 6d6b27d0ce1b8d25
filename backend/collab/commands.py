"""Structural edits as transactions of the server: computed at their turn, durable when answered."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.collab.errors import DocumentTooLarge, RoomUnavailable
from backend.collab.facts import assets_named, facts_table, read_assets
from backend.collab.log import LogAway
from backend.collab.pending import EditLost
from backend.collab.scan import TooLarge
from backend.collab.service import CollabService
from backend.collab.wire import BadMessage
from backend.db.session import Database
from kit.ids import random_id
from timeline.commands import check_expected, run_commands
from timeline.errors import EditRefused
from timeline.model import Change, Document, Edit, Json, applied
from timeline.resolve import resolve
from timeline.resolved import Diagnostic


@dataclass(frozen=True, slots=True)
class Written:
    """An edit that is durable: `seq` is its place in the log."""

    seq: int
    edit: Edit
    diagnostics: tuple[Diagnostic, ...]


def new_record_id() -> str:
    return random_id("r")


class Commands:
    """Runs commands on documents."""

    def __init__(self, collab: CollabService, database: Database) -> None:
        self._collab = collab
        self._database = database

    async def run(
        self,
        project_id: str,
        workspace_id: str,
        commands: Sequence[Mapping[str, Json]],
        *,
        origin: str,
        after: bytes | None = None,
        expect: Mapping[str, Json] | None = None,
    ) -> Written:
        """All commands as one transaction; raises EditRefused, DocumentTooLarge, RoomUnavailable.

        `after` is a state vector whose edits must have arrived, `expect` what must still hold.
        """
        try:
            if after is not None and not await self._collab.wait_for(project_id, after):
                raise EditRefused("stale", "after", "these edits have not arrived here")
            return await self._write(project_id, workspace_id, commands, expect or {}, origin)
        except BadMessage as error:
            raise EditRefused("bad_argument", "after", str(error)) from error
        except TooLarge as error:
            raise DocumentTooLarge(str(error)) from error
        except (EditLost, LogAway) as error:
            raise RoomUnavailable from error

    async def _write(
        self,
        project_id: str,
        workspace_id: str,
        commands: Sequence[Mapping[str, Json]],
        expect: Mapping[str, Json],
        origin: str,
    ) -> Written:
        before = await self._collab.read_document(project_id)
        named = assets_named(before, [dict(command) for command in commands])
        assets = facts_table(await read_assets(self._database, workspace_id, named))
        done: list[tuple[Document, Edit]] = []

        def make_changes(document: Document) -> tuple[Change, ...]:
            check_expected(document, expect)
            edit = run_commands(document, assets, commands, new_record_id)
            done.append((document, edit))
            return edit.changes

        seq = await self._collab.edit(project_id, make_changes, origin)
        document, edit = done[-1]
        diagnostics = await asyncio.to_thread(
            lambda: resolve(applied(document, edit.changes), assets).diagnostics
        )
        return Written(seq, edit, tuple(diagnostics))
