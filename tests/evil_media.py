# pyright: basic
# PyAV's stubs leave packets untyped.
"""Media that lies or is broken, made of marked clips: each keeps the marks, so a wrong frame is seen."""

import random
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import av

CLUSTER: Final = b"\x1f\x43\xb6\x75"
DURATION_BOXES: Final = {b"mvhd": 24, b"tkhd": 28, b"mdhd": 24, b"elst": 16}
"""Where the 32-bit duration stands, counted from the box's size; of `elst` that of its first edit."""


def with_durations(whole: bytes, factor: float) -> bytes:
    """An MP4 whose every box claims another duration."""
    body = bytearray(whole)
    for name, place in DURATION_BOXES.items():
        at = whole.find(name)
        while at >= 0:
            (claimed,) = struct.unpack_from(">I", whole, at - 4 + place)
            struct.pack_into(">I", body, at - 4 + place, round(claimed * factor))
            at = whole.find(name, at + 4)
    return bytes(body)


def with_claimed_seconds(whole: bytes, seconds: float) -> bytes:
    """A Matroska file that claims another duration; its times count milliseconds."""
    at = whole.index(b"\x44\x89\x88") + 3
    return whole[:at] + struct.pack(">d", 1000.0 * seconds) + whole[at + 8 :]


def without_sync_table(whole: bytes) -> bytes:
    """An MP4 that claims that each of its pictures is a sync picture: a box of another name is skipped."""
    return whole.replace(b"stss", b"free")


def with_steps(whole: bytes, steps: Sequence[tuple[int, int]]) -> bytes:
    """An MP4 whose first track of pictures of constant rate has these (count, duration) pairs instead."""
    at = whole.index(b"stts") - 4
    (size,) = struct.unpack_from(">I", whole, at)
    table = struct.pack(">II", 0, len(steps)) + b"".join(
        struct.pack(">II", *pair) for pair in steps
    )
    return _with_box(whole, at, size, b"stts" + table)


def _with_box(whole: bytes, at: int, size: int, box: bytes) -> bytes:
    """Another box in the place of one; the tables must stand behind the pictures, whose places stay as they are."""
    grown = len(box) + 4 - size
    body = bytearray(whole[:at] + struct.pack(">I", len(box) + 4) + box + whole[at + size :])
    for parent in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        place = whole.rindex(parent, 0, at) - 4
        (length,) = struct.unpack_from(">I", whole, place)
        struct.pack_into(">I", body, place, length + grown)
    return bytes(body)


def with_clusters(whole: bytes, moved: Callable[[int, int], int]) -> bytes:
    """A Matroska file whose clusters begin elsewhere: `moved(number, milliseconds)`, in as many bytes."""
    body, at, number = bytearray(whole), whole.find(CLUSTER), 0
    while at >= 0:
        place = whole.index(b"\xe7", at + 4, at + 24)
        length = whole[place + 1] & 0x7F
        time = int.from_bytes(whole[place + 2 : place + 2 + length])
        body[place + 2 : place + 2 + length] = moved(number, time).to_bytes(length)
        at, number = whole.find(CLUSTER, at + 4), number + 1
    return bytes(body)


def rewritten(source: Path, out: Path, change: Callable[[int, Any], Any]) -> Path:
    """The pictures of a file in another one, packet by packet in decoding order; None leaves one out."""
    options = {"cluster_time_limit": "200", "avoid_negative_ts": "disabled"}
    with av.open(str(source)) as given, av.open(str(out), "w", options=options) as made:
        pictures = given.streams.video[0]
        stream = made.add_stream_from_template(pictures)
        for number, packet in enumerate(
            item for item in given.demux(pictures) if item.dts is not None
        ):
            changed = change(number, packet)
            if changed is not None:
                changed.stream = stream
                made.mux(changed)
    return out


def joined(sources: Sequence[Path], out: Path) -> Path:
    """Pictures of several files one after the other as one stream with the first one's header."""
    with av.open(str(out), "w", options={"cluster_time_limit": "200"}) as made:
        stream, end = None, 0
        for source in sources:
            with av.open(str(source)) as given:
                pictures = given.streams.video[0]
                stream = stream or made.add_stream_from_template(pictures)
                last = end
                for packet in given.demux(pictures):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + end, packet.dts + end
                    last = max(last, packet.pts + (packet.duration or 0))
                    packet.stream = stream
                    made.mux(packet)
                end = last
    return out


def flipped(whole: bytes, seed: int, count: int, span: tuple[float, float] = (0.1, 0.9)) -> bytes:
    """A file with `count` flipped bits somewhere in a part of it."""
    body, chance = bytearray(whole), random.Random(seed)
    for _ in range(count):
        body[chance.randrange(int(len(body) * span[0]), int(len(body) * span[1]))] ^= (
            1 << chance.randrange(8)
        )
    return bytes(body)
