"""Updates of several people as one: they say the same, and the scan lets the one through."""

import random
from typing import Any

import pytest
from pycrdt import Doc

from backend.collab.document import read_model
from backend.collab.joined import CLIENTS_MAX, PART_BYTES_MAX, joined
from backend.collab.scan import Scanned, scan
from backend.collab.wire import read_state
from tests.backend.collab.updates import Writer, any_content, in_root, number, update

PEOPLE = 6


def scanned(*updates: bytes) -> list[tuple[bytes, Scanned]]:
    known: set[tuple[int, int]] = set()
    parts: list[tuple[bytes, Scanned]] = []
    for one in updates:
        found = scan(one, known)
        known |= found.record_items
        parts.append((one, found))
    return parts


def made(client: int, clip: str) -> bytes:
    """A new clip."""
    return Writer(client).clip(clip, start=1, name=clip)


def meta(client: int, *, clock: int = 0, deletes: int | None = None) -> bytes:
    deletions = [] if deletes is None else [(deletes, [(0, 1)])]
    item = in_root("meta", f"k{client}", any_content(number(1)))
    return update((client, clock, [item]), deletes=deletions)


@pytest.mark.rule("collab-S6")
def test_ticks_of_several_people_say_the_same_as_one_update_each() -> None:
    dice = random.Random(3)
    writers = [Writer(dice.randrange(1, 2**32)) for _ in range(PEOPLE)]
    there: Doc[Any] = Doc()
    one_by_one: Doc[Any] = Doc()
    known: set[tuple[int, int]] = set()
    went_as_one = 0
    for tick in range(200):
        parts: list[tuple[bytes, Scanned]] = []
        for writer in dice.sample(writers, dice.randint(1, PEOPLE)):
            clip = f"c{dice.randrange(12)}"  # often of somebody else, whose items it then deletes
            edit = writer.clip(clip, start=tick, by=dice.choice(["x", "é"]))
            found = scan(edit, known)
            known |= found.record_items
            parts.append((edit, found))
            one_by_one.apply_update(edit)
        together = joined(parts)
        went_as_one += len(together) < len(parts)
        for told in together:
            scan(told, known)
            there.apply_update(told)
        for writer in writers:
            for told in together:
                writer.take(told)
        assert read_state(there.get_state()) == read_state(one_by_one.get_state())
        assert read_model(there) == read_model(one_by_one) == read_model(writers[0].doc)
    assert went_as_one > 100


@pytest.mark.rule("collab-S6")
def test_one_alone_stays_as_it_was() -> None:
    edit = made(7, "c1")
    assert joined(scanned(edit)) == [edit]
    assert joined([]) == []


@pytest.mark.rule("collab-S6")
@pytest.mark.parametrize(
    ("edits", "updates"),
    [
        ([meta(1), meta(2), meta(3)], 1),
        ([meta(1), meta(1, clock=1), meta(2)], 2),
        ([meta(1, deletes=9), meta(2, deletes=8)], 1),
        ([meta(1, deletes=9), meta(2, deletes=9)], 2),
        ([meta(number) for number in range(1, CLIENTS_MAX + 2)], 2),
    ],
)
def test_a_client_stands_once_in_an_update(edits: list[bytes], updates: int) -> None:
    together = joined(scanned(*edits))
    assert len(together) == updates
    for told in together:
        scan(told, set())


@pytest.mark.rule("collab-S6")
def test_what_cannot_stand_beside_others_goes_in_its_place_unchanged() -> None:
    small = [meta(1), meta(2)]
    big = Writer(3).clip("c3", name="x" * PART_BYTES_MAX)
    item = in_root("meta", "k", any_content(number(1)))
    several = update((4, 0, [item]), (5, 0, [item]))
    wide = meta(6)
    assert wide[0] == 1
    wide = b"\x81\x00" + wide[1:]  # its count written in more bytes than it takes
    assert scan(wide, set()).brings == {6: (0, 1)}
    for odd in (big, several, wide):
        assert joined(scanned(small[0], odd, small[1])) == [small[0], odd, small[1]]
