"""A film format is a value with a writer and a checker: the rest of the pipeline knows no container.

There is one for each container of `timeline/containers.py`. A writer joins what is ready, complete or not at
all; a checker reads the finished file and compares it with the plan [export-X17].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from exporter.check import check_film, check_joins, check_sound_length
from exporter.ebml import BadEbml
from exporter.errors import CheckFailed
from exporter.film_parts import Sound, Written
from exporter.gif import check_gif, write_gif
from exporter.joining import Joining
from exporter.plain_files import check_png, check_wav, write_png, write_wav
from exporter.stitch import film_parts, no_room, stitch
from exporter.vorbis import decoder_configuration
from exporter.webm import (
    PICTURE_TRACK,
    SOUND_TRACK,
    Block,
    WebmTrack,
    frame_milliseconds,
    read_webm,
    write_webm,
)
from timeline.plan import Plan
from timeline.timing import Rate


@dataclass(frozen=True, slots=True)
class FilmFormat:
    """`write` raises CheckFailed with the segments that do not fit, NoRoom; `check` raises CheckFailed."""

    write: Callable[[Joining, Path], Written]
    check: Callable[[Path, Joining], None]


def film_format(plan: Plan) -> FilmFormat:
    return FORMATS[plan.output.container]


def _write_mp4(joining: Joining, out: Path) -> Written:
    return stitch(
        joining.plan, joining.segments, joining.renditions, joining.sound, out, joining.cover
    )


def _check_mp4(film: Path, joining: Joining) -> None:
    plan = joining.plan
    check_film(film, plan, has_sound=joining.sound is not None)
    check_joins(
        joining.ffmpeg, film, plan, joining.scratch, joining.store, cancelled=joining.cancelled
    )


def _write_webm(joining: Joining, out: Path) -> Written:
    """The same samples in another container; it wants the decoders' configurations bare."""
    plan = joining.plan
    film = film_parts(plan, joining.segments, joining.renditions, joining.sound)
    if film.picture is None:
        raise CheckFailed("there are no pictures")
    sound = film.sound
    if isinstance(sound, Sound):
        sound = replace(sound, entry=decoder_configuration(sound.entry))
    picture = replace(film.picture, entry=_box_body(film.picture.entry, b"av1C"))
    bare = replace(film, picture=picture, sound=sound)
    try:
        return write_webm(out, bare, plan.output.channels)
    except OSError as error:
        raise no_room(error, out) from error


def _check_webm(film: Path, joining: Joining) -> None:
    """Frames, times, key frames at the parts, tracks and length as planned; CheckFailed."""
    plan, output = joining.plan, joining.plan.output
    try:
        found = read_webm(film)
    except BadEbml as error:
        raise CheckFailed(f"the film cannot be read: {error}") from error
    pictures = [block for block in found.blocks if block.track == PICTURE_TRACK]
    sounds = [block for block in found.blocks if block.track == SOUND_TRACK]
    tracks = {PICTURE_TRACK: WebmTrack("V_AV1", output.width, output.height, 0)}
    if joining.sound is not None:
        tracks[SOUND_TRACK] = WebmTrack("A_VORBIS", 0, 0, output.channels)
    if found.tracks != tracks:
        raise CheckFailed("other tracks than planned")
    _check_webm_pictures(pictures, plan)
    if joining.sound is not None:
        _check_webm_sound(sounds, plan)


def _check_webm_pictures(pictures: list[Block], plan: Plan) -> None:
    rate = Rate(plan.output.fps_num, plan.output.fps_den)
    if len(pictures) != plan.frames:
        raise CheckFailed(f"{len(pictures)} frames instead of {plan.frames}")
    for index, block in enumerate(pictures):
        if block.milliseconds != frame_milliseconds(index, rate):
            raise CheckFailed(f"frame {index} is shown at {block.milliseconds} ms")
    for position, segment in enumerate(plan.segments):
        if not pictures[segment.start].is_key:
            raise CheckFailed(f"segment {position} does not begin with a key frame", (position,))


def _check_webm_sound(sounds: list[Block], plan: Plan) -> None:
    """A packet's end is nowhere in the file; the last one begins within its longest length of the end."""
    if not sounds:
        raise CheckFailed("there is no sound")
    ends = Fraction(sounds[-1].milliseconds, 1000)
    check_sound_length(ends, plan, slack=VORBIS_PACKET_SECONDS)


def _box_body(entry: bytes, kind: bytes) -> bytes:
    """The body of a box that stands in a sample entry of ours."""
    at = entry.index(kind)
    size = int.from_bytes(entry[at - 4 : at], "big")
    return entry[at + 4 : at - 4 + size]


VORBIS_PACKET_SECONDS: Final = Fraction(2048, 44_100)
FORMATS: Final[Mapping[str, FilmFormat]] = {
    "mp4": FilmFormat(_write_mp4, _check_mp4),
    "mov": FilmFormat(_write_mp4, _check_mp4),
    "m4a": FilmFormat(_write_mp4, _check_mp4),
    "webm": FilmFormat(_write_webm, _check_webm),
    "wav": FilmFormat(write_wav, check_wav),
    "gif": FilmFormat(write_gif, check_gif),
    "png": FilmFormat(write_png, check_png),
}
