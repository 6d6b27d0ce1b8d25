"""Files that need no joining: one picture as PNG, the sound as WAV. They are copied, and read again to be sure."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

from exporter.check import check_sound_length
from exporter.errors import CheckFailed
from exporter.film_parts import READ_BYTES, Written, write_whole
from exporter.joining import Joining
from exporter.mp4 import BadMp4, read_movie
from exporter.riff import BadRiff, read_wave
from exporter.sound_encoders import PCM_BITS

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
END: Final = b"\0\0\0\0IEND\xaeB`\x82"
TRUE_COLOUR_8_BIT: Final = bytes([8, 2, 0, 0, 0])


def write_png(joining: Joining, out: Path) -> Written:
    """The one picture of a plan: a segment's only sample is a whole PNG file."""
    path = joining.segments[joining.plan.segments[0].key]
    return write_whole(out, [only_sample(path)])


def only_sample(path: Path) -> bytes:
    """The one picture of a segment's file; CheckFailed where there is another number of them."""
    try:
        track = read_movie(path).track("vide")
    except BadMp4 as error:
        raise CheckFailed(f"the picture: {error}", (0,)) from error
    if track is None or track.samples != 1:
        raise CheckFailed("not one picture", (0,))
    return b"".join(_piece(path, track.offsets[0], track.sizes[0]))


def check_png(film: Path, joining: Joining) -> None:
    """A whole PNG of the planned size; CheckFailed."""
    output = joining.plan.output
    body = film.read_bytes()
    size = output.width.to_bytes(4, "big") + output.height.to_bytes(4, "big")
    head = SIGNATURE + b"\0\0\0\rIHDR" + size + TRUE_COLOUR_8_BIT
    if not body.startswith(head):
        raise CheckFailed(f"not an 8-bit PNG of {output.width} x {output.height}", (0,))
    if not body.endswith(END):
        raise CheckFailed("the PNG is cut off", (0,))


def write_wav(joining: Joining, out: Path) -> Written:
    """The mix as it was encoded."""
    sound = joining.sound
    if sound is None:
        raise CheckFailed("there is no sound")
    return write_whole(out, file_bytes(sound))


def check_wav(film: Path, joining: Joining) -> None:
    """24-bit samples in the planned layout, exactly as many as planned; CheckFailed."""
    plan = joining.plan
    try:
        wave = read_wave(film)
    except BadRiff as error:
        raise CheckFailed(f"the WAV: {error}") from error
    found = (wave.channels, wave.sample_rate, wave.bits)
    if found != (plan.output.channels, plan.output.sample_rate, PCM_BITS):
        raise CheckFailed(f"{found} instead of the planned channels, rate and bits")
    if wave.samples != plan.sound["samples"]:
        raise CheckFailed(f"{wave.samples} samples instead of {plan.sound['samples']}")
    check_sound_length(Fraction(wave.samples, wave.sample_rate), plan)


def file_bytes(path: Path) -> Iterator[bytes]:
    """A whole file in pieces."""
    return _piece(path, 0, path.stat().st_size)


def _piece(path: Path, offset: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(offset)
        left = size
        while left:
            piece = file.read(min(READ_BYTES, left))
            if not piece:
                raise OSError(f"{path.name}: ends {left} bytes early")
            left -= len(piece)
            yield piece
