import json
from dataclasses import dataclass

import pytest

from backend.collab.awareness import Awareness, Changes
from backend.collab.wire import BadMessage, read_bytes, read_varint, varint, with_length


@dataclass(eq=False)
class Socket:
    person_id: str


def entries(*items: tuple[int, int, object]) -> bytes:
    return varint(len(items)) + b"".join(
        varint(client) + varint(clock) + with_length(json.dumps(state).encode())
        for client, clock, state in items
    )


def read(told: Changes | bytes | None) -> dict[int, tuple[int, object]]:
    if told is None:
        return {}
    body = told.body if isinstance(told, Changes) else told
    count, at = read_varint(body, 0)
    found: dict[int, tuple[int, object]] = {}
    for _ in range(count):
        client, at = read_varint(body, at)
        clock, at = read_varint(body, at)
        raw, at = read_bytes(body, at)
        found[client] = (clock, json.loads(raw))
    return found


ANN, ANN_2, BEA = Socket("ann"), Socket("ann"), Socket("bea")


@pytest.mark.rule("collab-A1")
def test_only_the_newest_entry_goes_out() -> None:
    presence = Awareness()
    for clock in (1, 2, 5, 4, 5):
        presence.receive(ANN, entries((7, clock, {"at": clock})), 0)
    assert read(presence.take_changes()) == {7: (5, {"at": 5})}
    assert presence.take_changes() is None
    presence.receive(ANN, entries((7, 5, None)), 0)
    assert read(presence.take_changes()) == {7: (5, None)}


@pytest.mark.rule("collab-A2")
def test_a_stock_echo_changes_nothing() -> None:
    presence = Awareness()
    presence.receive(ANN, entries((7, 1, {"a": 1})), 0)
    presence.receive(BEA, entries((8, 1, {"b": 1})), 0)
    presence.take_changes()
    presence.receive(BEA, entries((7, 1, {"a": 1})), 0)
    presence.receive(BEA, entries((7, 9, {"forged": 1})), 0)
    presence.receive(BEA, entries((7, 1, None)), 0)
    assert presence.take_changes() is None


@pytest.mark.rule("collab-A2")
def test_a_socket_speaks_for_four_ids_and_is_read_eight_entries_far() -> None:
    presence = Awareness()
    presence.receive(ANN, entries(*[(n, 1, {"n": n}) for n in range(20)]), 0)
    assert sorted(read(presence.take_changes())) == [0, 1, 2, 3]
    presence = Awareness()
    presence.receive(BEA, entries(*[(n, 1, {"n": n}) for n in range(3)]), 0)
    presence.receive(ANN, entries(*[(n, 9, {"n": n}) for n in (0, 1, 2, 0, 1, 2, 0, 1, 50)]), 0)
    assert 50 not in read(presence.take_changes())


@pytest.mark.rule("collab-A3")
def test_a_newer_socket_of_the_same_person_takes_over() -> None:
    presence = Awareness()
    presence.receive(ANN, entries((7, 3, {"a": 1})), 0)
    presence.take_changes()
    presence.receive(ANN_2, entries((7, 3, {"a": 1})), 0)
    assert read(presence.take_changes()) == {7: (4, {"a": 1})}
    presence.leave(ANN, 1)
    assert presence.take_changes() is None
    presence.leave(ANN_2, 1)
    assert read(presence.take_changes()) == {7: (5, None)}


@pytest.mark.rule("collab-A4")
def test_who_leaves_is_gone_and_a_late_echo_does_not_revive() -> None:
    presence = Awareness()
    presence.receive(BEA, entries((8, 1, {})), 0)
    presence.receive(ANN, entries((7, 3, {"a": 1})), 0)
    presence.take_changes()
    presence.leave(ANN, 1)
    assert read(presence.take_changes()) == {7: (4, None)}
    presence.receive(BEA, entries((7, 3, {"a": 1})), 2)
    assert presence.take_changes() is None
    assert sorted(read(presence.table())) == [8]


@pytest.mark.rule("collab-S5")
def test_it_is_known_who_alone_said_what_changed() -> None:
    presence = Awareness()

    def speaker() -> object:
        changes = presence.take_changes()
        return changes and changes.speaker

    presence.receive(ANN, entries((7, 1, {"a": 1})), 0)
    assert speaker() is ANN
    presence.receive(ANN, entries((7, 2, {"a": 2})), 0)
    presence.receive(BEA, entries((8, 1, {})), 0)
    assert speaker() is None
    presence.receive(ANN_2, entries((7, 2, {"a": 3})), 0)
    assert speaker() is None  # its clock was lifted, and it must learn that
    presence.receive(ANN_2, entries((7, 9, {"a": 3})), 0)
    assert speaker() is ANN_2
    presence.leave(BEA, 1)
    assert speaker() is None


@pytest.mark.rule("collab-A5")
def test_who_comes_back_with_an_old_clock_is_seen_at_once() -> None:
    presence = Awareness()
    presence.receive(ANN, entries((7, 3, {"a": 1})), 0)
    presence.leave(ANN, 1)
    presence.take_changes()
    presence.receive(ANN_2, entries((7, 3, {"a": 2})), 2)
    assert read(presence.take_changes()) == {7: (5, {"a": 2})}


@pytest.mark.rule("collab-A6")
@pytest.mark.parametrize(
    "raw",
    [b'{"a": NaN}', b'{"a": "\xff"}', b"{", b"[1]", b'"text"', b'{"user": {"id": "bea"}}',
     b'{"a": "' + b"x" * 4100 + b'"}', b"[" * 4000],
)  # fmt: skip
def test_an_entry_that_would_throw_in_browsers_never_goes_out(raw: bytes) -> None:
    presence = Awareness()
    presence.receive(ANN, varint(1) + varint(7) + varint(1) + with_length(raw), 0)
    assert presence.take_changes() is None
    assert presence.table() is None
    presence.receive(ANN, entries((7, 2, {"user": {"id": "ann", "name": "Ann"}})), 0)
    assert sorted(read(presence.take_changes())) == [7]


@pytest.mark.rule("collab-A7")
def test_the_table_holds_all_that_are_here() -> None:
    presence = Awareness()
    presence.receive(ANN, entries((7, 1, {"a": 1})), 0)
    presence.receive(BEA, entries((8, 4, {"b": 1})), 0)
    presence.take_changes()
    assert read(presence.table()) == {7: (1, {"a": 1}), 8: (4, {"b": 1})}


@pytest.mark.parametrize("body", [b"", b"\x01", b"\x01\x01\x01\x09a", b"\x00\x00"])
def test_entries_that_are_cut_off_are_refused(body: bytes) -> None:
    with pytest.raises(BadMessage):
        Awareness().receive(ANN, body, 0)
