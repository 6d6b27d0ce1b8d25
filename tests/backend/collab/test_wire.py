import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.collab import wire
from backend.collab.handshake import plain_upgrade, read_handshake
from backend.collab.wire import BadMessage, read_message, read_state


@given(st.integers(0, wire.VARINT_MAX))
def test_a_number_comes_back_as_it_went(number: int) -> None:
    assert wire.read_varint(wire.varint(number), 0) == (number, len(wire.varint(number)))


@pytest.mark.rule("collab-W1")
def test_messages_of_the_protocol_are_read() -> None:
    assert read_message(wire.step_1(b"\x00")) == wire.SyncStep1(b"\x00")
    assert read_message(wire.step_2(b"ab")) == wire.SyncStep2(b"ab")
    assert read_message(wire.update_message(b"ab")) == wire.Update(b"ab")
    assert read_message(wire.awareness_message(b"\x00")) == wire.Awareness(b"\x00")
    assert read_message(b"\x03") == wire.QueryAwareness()
    assert read_message(b"\x02\x00\x02no") == wire.Ignored(2)
    assert read_message(b"\x65anything") == wire.Ignored(101)


@pytest.mark.rule("collab-W2")
@pytest.mark.parametrize(
    "data",
    [b"\x80", b"\x00", b"\x00\x00", b"\x00\x00\x05ab", b"\x00\x09\x00", b"\x00\x00\x01\x00\x00",
     b"\x01\x02a", b"\xff" * 9 + b"\x01"],
)  # fmt: skip
def test_a_message_that_is_cut_off_or_too_long_is_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        read_message(data)


@pytest.mark.rule("collab-W2")
@given(st.binary(max_size=40))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        read_message(data)
    except BadMessage:
        return
    assert data


def test_a_state_vector_is_read() -> None:
    assert read_state(b"\x02\x01\x05\x80\x01\x07") == {1: 5, 128: 7}
    for bad in (b"", b"\x01", b"\x01\x01", b"\x00\x00", b"\xff\xff\x03\x01\x01"):
        with pytest.raises(BadMessage):
            read_state(bad)


@pytest.mark.rule("collab-W7")
@given(st.binary(min_size=1, max_size=3000), st.integers(1, 700))
def test_pieces_are_one_message(payload: bytes, size: int) -> None:
    frames = wire.pieces(payload, size)
    opcodes = [frame[0] for frame in frames]
    assert opcodes[0] & 15 == 2
    assert all(opcode & 15 == 0 for opcode in opcodes[1:])
    assert [opcode >= 128 for opcode in opcodes] == [False] * (len(frames) - 1) + [True]
    heads = [4 if frame[1] == 126 else 2 for frame in frames]
    assert b"".join(frame[head:] for frame, head in zip(frames, heads, strict=True)) == payload


def test_a_reason_fits_into_a_close_frame() -> None:
    frame = wire.close_frame(4400, "ä" * 200)
    assert len(frame) <= 127
    assert frame[2:4] == (4400).to_bytes(2, "big")
    frame[4:].decode()


HEAD = (
    b"GET /collab/prj_1?token=a%2Bb&ack=1 HTTP/1.1\r\nhost: here:1\r\n"
    b"connection: keep-alive, Upgrade\r\ncookie: cutroom=k\r\n"
    b"authorization: Bearer cut_x\r\norigin: http://here:1\r\n\r\n"
)


@pytest.mark.rule("collab-W4")
def test_a_handshake_is_read() -> None:
    shake = read_handshake(HEAD, is_secure=False)
    assert shake is not None
    assert (shake.project_id, shake.token, shake.bearer) == ("prj_1", "a+b", "cut_x")
    assert (shake.origin, shake.host, shake.cookies) == ("http://here:1", "here:1", "cutroom=k")
    assert shake.wants_ack
    assert b"connection: upgrade\r\n" in plain_upgrade(HEAD)


@pytest.mark.rule("collab-W4")
@pytest.mark.parametrize(
    "target", ["/other", "/collab/", "/collab/a/b", "/collab/..", "/collab/" + "a" * 65]
)
def test_only_rooms_are_upgraded(target: str) -> None:
    assert read_handshake(f"GET {target} HTTP/1.1\r\n\r\n".encode(), is_secure=False) is None
