"""EBML (RFC 8794): the elements that a WebM file is made of, in both directions."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Final, TypeAlias

Bytes: TypeAlias = bytes | mmap

UNKNOWN_SIZE: Final = (1 << 56) - 1
SIZE_BYTES: Final = 8


class BadEbml(Exception):
    """Bytes that are no elements; says why."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its id, and where its body lies."""

    id: int
    start: int
    end: int


def element(identity: int, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return identity_bytes(identity) + size_bytes(len(body)) + body


def identity_bytes(identity: int) -> bytes:
    return identity.to_bytes((identity.bit_length() + 7) // 8, "big")


def size_bytes(size: int) -> bytes:
    """Always eight bytes, so that a size never depends on itself."""
    return ((1 << 56) | size).to_bytes(SIZE_BYTES, "big")


def number(identity: int, value: int) -> bytes:
    return element(identity, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def fraction(identity: int, value: float) -> bytes:
    return element(identity, struct.pack(">d", value))


def text(identity: int, value: str) -> bytes:
    return element(identity, value.encode("utf-8"))


def elements(body: Bytes, start: int, end: int) -> Iterator[Element]:
    """The elements between two offsets; BadEbml where one does not fit."""
    at = start
    while at < end:
        identity, at = _variable(body, at, end, keep_marker=True)
        size, at = _variable(body, at, end, keep_marker=False)
        if at + size > end:
            raise BadEbml(f"element {identity:x} is larger than what holds it")
        yield Element(identity, at, at + size)
        at += size


def _variable(body: Bytes, at: int, end: int, *, keep_marker: bool) -> tuple[int, int]:
    if at >= end or not body[at]:
        raise BadEbml(f"no element at {at}")
    length = 9 - body[at].bit_length()
    if at + length > end:
        raise BadEbml(f"an element at {at} is cut off")
    value = int.from_bytes(body[at : at + length], "big")
    return (value if keep_marker else value & ((1 << (7 * length)) - 1)), at + length


def unsigned(body: Bytes, item: Element) -> int:
    return int.from_bytes(body[item.start : item.end], "big")
