"""The parameter sets that stand in the header of an H.264 track [export-X12]."""

from dataclasses import dataclass

from exporter.h264 import BadBitstream
from exporter.mp4 import Track


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What `avcC` holds: one SPS, one PPS, and the bytes that name a NAL unit's length."""

    sps: bytes
    pps: bytes
    length_size: int


def parameter_sets(track: Track) -> ParameterSets:
    """Of an `avc1` track with exactly one set; BadBitstream."""
    body = track.entry_box("avcC")
    if track.entry_type != "avc1" or body is None or len(body) < 8:
        raise BadBitstream("not H.264 with parameter sets in its header")
    sets: list[bytes] = []
    at = 5
    for mask in (31, 255):
        if at >= len(body) or body[at] & mask != 1:
            raise BadBitstream("not exactly one parameter set of each kind")
        length = int.from_bytes(body[at + 1 : at + 3], "big")
        sets.append(body[at + 3 : at + 3 + length])
        at += 3 + length
    if at > len(body) or not all(sets):
        raise BadBitstream("avcC is cut off")
    return ParameterSets(sets[0], sets[1], (body[4] & 3) + 1)
