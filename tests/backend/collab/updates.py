"""Yjs updates made by hand: what no honest client would send, and small honest ones."""

import struct
from collections.abc import Sequence
from typing import Any

from pycrdt import Doc, Map

from backend.collab.wire import varint, with_length


def text(value: str) -> bytes:
    return with_length(value.encode())


def number(value: float) -> bytes:
    return b"\x7b" + struct.pack(">d", value)


def any_content(*values: bytes) -> bytes:
    return varint(len(values)) + b"".join(values)


def in_root(root: str, key: str, content: bytes, kind: int = 8) -> bytes:
    """An item in a root map under a new key."""
    return bytes((kind | 32,)) + varint(1) + text(root) + text(key) + content


def in_item(client: int, clock: int, key: str, content: bytes, kind: int = 8) -> bytes:
    """An item inside the record that stands at (client, clock)."""
    return bytes((kind | 32,)) + varint(0) + varint(client) + varint(clock) + text(key) + content


def beside(client: int, clock: int, content: bytes, kind: int = 8) -> bytes:
    """An item that takes the place of the one at (client, clock)."""
    return bytes((kind | 128,)) + varint(client) + varint(clock) + content


def update(
    *blocks: tuple[int, int, Sequence[bytes]],
    deletes: Sequence[tuple[int, Sequence[tuple[int, int]]]] = (),
) -> bytes:
    """Blocks of (client, first clock, structs), and deletions of (client, [(clock, length)])."""
    body = varint(len(blocks))
    for client, clock, structs in blocks:
        body += varint(len(structs)) + varint(client) + varint(clock) + b"".join(structs)
    body += varint(len(deletes))
    for client, ranges in deletes:
        body += varint(client) + varint(len(ranges))
        body += b"".join(varint(clock) + varint(length) for clock, length in ranges)
    return body


Y_MAP = b"\x01"


class Writer:
    """A small honest client: each edit gives its update."""

    def __init__(self, client_id: int | None = None) -> None:
        self.doc: Doc[Any] = Doc(client_id=client_id)

    @property
    def client_id(self) -> int:
        return self.doc.client_id

    def clip(self, clip_id: str, **keys: object) -> bytes:
        """Create a clip, or write keys of one."""
        clips: Map[Any] = self.doc.get("clips", type=Map)
        updates: list[bytes] = []
        watching = self.doc.observe(lambda event: updates.append(event.update))
        try:
            with self.doc.transaction(origin="test"):
                if clip_id not in clips:
                    clips[clip_id] = Map(keys)
                else:
                    for key, value in keys.items():
                        clips[clip_id][key] = value
        finally:
            self.doc.unobserve(watching)  # else the document never goes
        return updates[-1]

    def take(self, other: bytes) -> None:
        self.doc.apply_update(other)
