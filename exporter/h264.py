"""What we read of H.264: parameter sets (ITU-T H.264, 7.3.2.1 and annex E) and the kinds of NAL units.

Nothing here decodes a picture. `tagged_bt709` rewrites the colour tags of an SPS and leaves every other bit alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

NAL_SLICE: Final = 1
NAL_IDR: Final = 5
NAL_SPS: Final = 7
NAL_PPS: Final = 8
PARAMETER_SET_BYTES_MAX: Final = 4096  # real ones have under 100; more is an attack
GOLOMB_ZEROS_MAX: Final = 31
HIGH_PROFILES: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
# fmt: off
SAMPLE_ASPECTS: Final = {
    1: (1, 1), 2: (12, 11), 3: (10, 11), 4: (16, 11), 5: (40, 33), 6: (24, 11), 7: (20, 11), 8: (32, 11),
    9: (80, 33), 10: (18, 11), 11: (15, 11), 12: (64, 33), 13: (160, 99), 14: (4, 3), 15: (3, 2), 16: (2, 1),
}
# fmt: on
EXTENDED_ASPECT: Final = 255
BT709: Final = (1, 1, 1)


class BadBitstream(Exception):
    """Bytes that are not the H.264 they claim to be."""


@dataclass(frozen=True, slots=True)
class Sps:
    """A sequence parameter set. `size` is in pixels after cropping; `colour` is primaries, transfer, matrix."""

    id: int
    profile: int
    level: int
    chroma_format: int
    bit_depth: int
    progressive: bool
    width: int
    height: int
    sample_aspect: tuple[int, int]
    full_range: bool | None
    colour: tuple[int, int, int] | None


class _Bits:
    def __init__(self, body: bytes) -> None:
        self._number = int.from_bytes(body, "big")
        self.length = 8 * len(body)
        self.at = 0

    def take(self, count: int) -> int:
        if self.at + count > self.length:
            raise BadBitstream("a parameter set ends too early")
        self.at += count
        return self._number >> (self.length - self.at) & ((1 << count) - 1)

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > GOLOMB_ZEROS_MAX:
                raise BadBitstream("a number in a parameter set is too long")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        code = self.golomb()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def unescaped(nal: bytes) -> bytes:
    """The payload without emulation prevention bytes."""
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")


def escaped(payload: bytes) -> bytes:
    """The payload with emulation prevention bytes (7.4.1.1)."""
    whole = bytearray()
    zeros = 0
    for byte in payload:
        if zeros == 2 and byte <= 3:
            whole.append(3)
            zeros = 0
        whole.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(whole)


def nal_units(sample: bytes, length_size: int = 4) -> Iterator[bytes]:
    """The NAL units of an MP4 sample; BadBitstream when the lengths do not fill it."""
    at = 0
    while at < len(sample):
        length = int.from_bytes(sample[at : at + length_size], "big")
        at += length_size
        if length == 0 or at + length > len(sample):
            raise BadBitstream("a NAL unit is longer than its sample")
        yield sample[at : at + length]
        at += length


def nal_type(nal: bytes) -> int:
    return nal[0] & 31


def is_idr(sample: bytes, length_size: int = 4) -> bool:
    """Whether the first slice of a sample is an IDR slice [export-X10]."""
    for nal in nal_units(sample, length_size):
        if nal_type(nal) in (NAL_SLICE, NAL_IDR):
            return nal_type(nal) == NAL_IDR
    return False


def _skip_scaling_lists(bits: _Bits, chroma_format: int) -> None:
    for index in range(8 if chroma_format != 3 else 12):
        if not bits.take(1):
            continue
        last = following = 8
        for _ in range(16 if index < 6 else 64):
            if following:
                following = (last + bits.signed()) % 256
            last = following or last


@dataclass(frozen=True, slots=True)
class _Head:
    """Everything in front of the VUI, and where its flag stands."""

    sps: Sps
    vui_flag_at: int


def _head(bits: _Bits) -> _Head:
    if bits.take(8) & 31 != NAL_SPS:
        raise BadBitstream("not a sequence parameter set")
    profile, _, level, identity = bits.take(8), bits.take(8), bits.take(8), bits.golomb()
    chroma_format, bit_depth = 1, 8
    if profile in HIGH_PROFILES:
        chroma_format = bits.golomb()
        if chroma_format == 3:
            bits.take(1)
        bit_depth = 8 + max(bits.golomb(), bits.golomb())
        bits.take(1)
        if bits.take(1):
            _skip_scaling_lists(bits, chroma_format)
    bits.golomb()
    order_type = bits.golomb()
    if order_type == 0:
        bits.golomb()
    elif order_type == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.golomb(), 255)):
            bits.signed()
    bits.golomb()
    bits.take(1)
    columns, rows = bits.golomb() + 1, bits.golomb() + 1
    progressive = bool(bits.take(1))
    if not progressive:
        bits.take(1)
    bits.take(1)
    crop = [bits.golomb() for _ in range(4)] if bits.take(1) else [0, 0, 0, 0]
    unit_x = 2 if chroma_format in (1, 2) else 1
    unit_y = (2 if chroma_format == 1 else 1) * (1 if progressive else 2)
    return _Head(
        Sps(
            id=identity,
            profile=profile,
            level=level,
            chroma_format=chroma_format,
            bit_depth=bit_depth,
            progressive=progressive,
            width=16 * columns - unit_x * (crop[0] + crop[1]),
            height=16 * rows * (1 if progressive else 2) - unit_y * (crop[2] + crop[3]),
            sample_aspect=(1, 1),
            full_range=None,
            colour=None,
        ),
        bits.at,
    )


@dataclass(frozen=True, slots=True)
class _Vui:
    sample_aspect: tuple[int, int]
    signal_at: int
    signal_end: int
    full_range: bool | None
    colour: tuple[int, int, int] | None


def _vui(bits: _Bits) -> _Vui:
    aspect = (1, 1)
    if bits.take(1):
        number = bits.take(8)
        aspect = SAMPLE_ASPECTS.get(number, (0, 0)) if number else (1, 1)
        if number == EXTENDED_ASPECT:
            aspect = (bits.take(16), bits.take(16))
            aspect = aspect if all(aspect) else (1, 1)
    if bits.take(1):
        bits.take(1)
    signal_at = bits.at
    full_range: bool | None = None
    colour: tuple[int, int, int] | None = None
    if bits.take(1):
        bits.take(3)
        full_range = bool(bits.take(1))
        if bits.take(1):
            colour = (bits.take(8), bits.take(8), bits.take(8))
    return _Vui(aspect, signal_at, bits.at, full_range, colour)


def parsed_sps(nal: bytes) -> Sps:
    """Read an SPS; BadBitstream where it is none."""
    if len(nal) > PARAMETER_SET_BYTES_MAX:
        raise BadBitstream("a parameter set is too long")
    bits = _Bits(unescaped(nal))
    sps = _head(bits).sps
    if not bits.take(1):
        return sps
    vui = _vui(bits)
    return Sps(
        id=sps.id,
        profile=sps.profile,
        level=sps.level,
        chroma_format=sps.chroma_format,
        bit_depth=sps.bit_depth,
        progressive=sps.progressive,
        width=sps.width,
        height=sps.height,
        sample_aspect=vui.sample_aspect,
        full_range=vui.full_range,
        colour=vui.colour,
    )


def tagged_bt709(nal: bytes) -> bytes:
    """The same SPS with BT.709, limited range, written into its VUI [export-X21].

    A set that has the tags already comes back byte for byte.
    """
    sps = parsed_sps(nal)
    if sps.colour == BT709 and sps.full_range is False:
        return nal
    body = unescaped(nal)
    bits = _Bits(body)
    text = f"{int.from_bytes(body, 'big'):0{8 * len(body)}b}"
    end = text.rindex("1")  # the stop bit
    flag_at = _head(bits).vui_flag_at
    signal = "1" + "101" + "0" + "1" + 3 * "00000001"
    if bits.take(1):
        vui = _vui(bits)
        changed = text[: vui.signal_at] + signal + text[vui.signal_end : end]
    else:
        changed = text[:flag_at] + "1" + "00" + signal + "000000"
    changed += "1"
    changed += "0" * (-len(changed) % 8)
    return escaped(int(changed, 2).to_bytes(len(changed) // 8, "big"))


def pps_ids(nal: bytes) -> tuple[int, int]:
    """Number of a picture parameter set, and of the SPS that it belongs to."""
    bits = _Bits(unescaped(nal[:32])[1:])
    return bits.golomb(), bits.golomb()


def slice_pps(nal: bytes) -> int:
    """The number of the picture parameter set that a slice uses (7.3.3)."""
    bits = _Bits(unescaped(nal[:32])[1:])
    bits.golomb()
    bits.golomb()
    return bits.golomb()
