"""The quick reader of usual updates says what the whole scan says, or nothing."""

import random
from collections.abc import Iterator

import pytest

from backend.collab.scan import ItemId, Refused, Scanned, TooLarge, scan
from backend.collab.small_edits import small_edit
from tests.backend.collab.updates import Writer, any_content, beside, number, text, update

MUTANTS = 20_000
RECORD: ItemId = (5, 0)


def usual(dice: random.Random) -> Iterator[bytes]:
    """Drags, renames and switches as clients write them, over values of their own and of others."""
    writer, other = Writer(dice.randrange(1, 2**31)), Writer(dice.randrange(1, 2**31))
    first = writer.clip("c1", start=0, track="v1", by="x", on=True, mixed=1.5)
    other.take(first)
    for count in range(120):
        by = dice.choice([writer, other])
        value = dice.choice([count * 705_600_000, 0.25, None, False, "x" * count, "\u00e9"])
        edit = by.clip("c1", start=count * 40, **{dice.choice(["track", "on", "by"]): value})
        (other if by is writer else writer).take(edit)
        yield edit


def said(edit: bytes) -> Scanned | None:
    try:
        return scan(edit, {RECORD})
    except (Refused, TooLarge):
        return None


@pytest.mark.rule("collab-H1")
def test_usual_edits_are_read_quickly_and_the_same() -> None:
    edits = list(usual(random.Random(1)))
    quick = [small_edit(edit, {RECORD}) for edit in edits]
    assert sum(found is not None for found in quick) > len(edits) * 0.7
    for edit, found in zip(edits, quick, strict=True):
        assert found is None or found == said(edit)


@pytest.mark.rule("collab-H1", "collab-H2", "collab-H3", "collab-H4", "collab-H6")
def test_what_is_changed_or_cut_is_never_read_otherwise() -> None:
    dice = random.Random(2)
    edits = list(usual(dice))
    for _ in range(MUTANTS):
        mutant = bytearray(dice.choice(edits))
        for _ in range(dice.randint(1, 3)):
            mutant[dice.randrange(len(mutant))] = dice.choice(
                [0, 1, 127, 128, 255, dice.randrange(256)]
            )
        if dice.random() < 0.3:
            del mutant[dice.randrange(len(mutant)) :]
        found = small_edit(bytes(mutant), {RECORD})
        assert found is None or found == said(bytes(mutant)), bytes(mutant).hex()


@pytest.mark.parametrize(
    "edit",
    [
        update((7, 3, [beside(*RECORD, any_content(number(1)))])),
        update((7, 3, [beside(7, 3, any_content(number(1)))])),
        update((7, 3, [beside(7, 1, any_content(number(float("nan"))))])),
        update((7, 3, [beside(7, 1, any_content(b"\x77" + text("\u00e9")))])),
        update((7, 3, [beside(7, 1, any_content(b"\x77\x09abc"))])),
        update((7, 3, [beside(7, 1, any_content(number(1)))]), deletes=[(7, [(1, 0)])]),
        update((7, 3, [beside(7, 1, any_content(number(1)))])) + b"\x00",
        update((7, 3, [beside(7, 1, any_content(b"\x75\x01\x7e"))])),
        update((7, 3, [])),
        b"",
    ],
)
def test_what_is_odd_is_left_to_the_whole_scan(edit: bytes) -> None:
    assert small_edit(edit, {RECORD}) is None
