"""Edits while the database has no room left: refused, never half kept; what was acknowledged is read again."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Pool, create_engine, event

from backend.collab.log import Batch, Entry, LogAway
from tests.backend.collab.server import open_log

SEED = Entry("server:seed", b"\x00\x00")
EDIT_BYTES = 2000
ROOM_PAGES = 12
PLENTY = 1_000_000


@contextmanager
def limited(room: list[int]) -> Generator[None]:
    """Every connection that is taken from now on may fill so many pages."""

    def limit(connection: Any, *_: Any) -> None:
        connection.execute(f"pragma max_page_count = {room[0]}")

    event.listen(Pool, "checkout", limit)
    try:
        yield
    finally:
        event.remove(Pool, "checkout", limit)


def pages_of(folder: Path) -> int:
    engine = create_engine(f"sqlite:///{folder / 'cutroom.db'}")
    with engine.connect() as connection:
        found = int(connection.exec_driver_sql("pragma page_count").scalar_one())
    engine.dispose()
    return found


@pytest.mark.rule("operations-D1")
def test_a_full_disk_refuses_edits_and_loses_none_that_was_acknowledged(tmp_path: Path) -> None:
    with closing(open_log(tmp_path)) as log:
        log.begin("prj", [SEED])
        epoch = log.claim("prj").epoch

        def edited(number: int) -> bool:
            entry = Entry("ann", bytes([number]) * EDIT_BYTES)
            try:
                return log.append([Batch("prj", epoch, (entry,))]) != [None]
            except LogAway:
                return False

        room = [pages_of(tmp_path) + ROOM_PAGES]
        with limited(room):
            kept = sum(edited(number) for number in range(100))
            assert 0 < kept < 100
            assert not edited(100)
            stored = log.read("prj")
            assert (len(stored.rows), stored.is_whole) == (1 + kept, True)
            room[0] = PLENTY
            assert edited(101)
        stored = log.read("prj")
        assert (len(stored.rows), stored.is_whole) == (2 + kept, True)
        assert stored.rows[-1].entries == (Entry("ann", bytes([101]) * EDIT_BYTES),)
