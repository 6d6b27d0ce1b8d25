"""Joins what a plan asks for: packets of segments and of renditions, one sound, the words [export-X24].

`film_parts` finds where every sample lies; the writer of the plan's container does the rest.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exporter.errors import CheckFailed, NoRoom
from exporter.film_parts import FilmParts, Part, Pcm, Picture, Sound, Written
from exporter.film_text import caption_track, chapter_track, labels_of
from exporter.h264 import BadBitstream, parsed_sps, tagged_bt709
from exporter.mp4 import BadMp4, Integers, Track, integers, read_movie
from exporter.mp4_boxes import avc_configuration, box, pcm_entry, picture_entry
from exporter.mp4_writer import Brand, write_film
from exporter.parameter_sets import ParameterSets, parameter_sets
from exporter.riff import BadRiff, read_wave
from kit.disks import is_full
from timeline.containers import CONTAINERS
from timeline.plan import CopySegment, Plan, Segment, VideoCodec
from timeline.timing import Rate

LENGTH_BYTES: Final = 4
ENTRY_OF: Final[Mapping[VideoCodec, tuple[str, str]]] = {
    "h264": ("avc1", "avcC"),
    "hevc": ("hvc1", "hvcC"),
    "av1": ("av01", "av1C"),
    "prores": ("apch", ""),
    "png": ("png ", ""),
}
"""The sample entry of a codec, and the box in it that a decoder needs."""


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """One opened file: its picture track, display ranks, and what a decoder must know of it.

    `sets` are the parameter sets as they go into the film, of H.264 only.
    """

    path: Path
    track: Track
    ranks: Integers
    sets: ParameterSets | None
    configuration: bytes


def stitch(
    plan: Plan,
    segments: Mapping[str, Path],
    renditions: Mapping[str, Path],
    sound: Path | None,
    out: Path,
    cover: bytes = b"",
) -> Written:
    """Write the film of `plan` to `out` as MP4, MOV or M4A: complete or not at all.

    `segments` are encoded files by content key, `renditions` the files that COPY reads, by hash, `sound` as
    the plan encodes it. CheckFailed names the segments that do not fit; NoRoom where the disk is full.
    """
    film = film_parts(plan, segments, renditions, sound, cover)
    try:
        return write_film(out, film, brand_of(plan))
    except OSError as error:
        raise no_room(error, out) from error


def brand_of(plan: Plan) -> Brand:
    match plan.output.container:
        case "mov":
            return "mov"
        case "m4a":
            return "m4a"
        case _:
            return "mp4"


def no_room(error: OSError, out: Path) -> Exception:
    """What an error of writing means: a full disk has a name of its own."""
    return NoRoom(str(out)) if is_full(error) else error


def film_parts(
    plan: Plan,
    segments: Mapping[str, Path],
    renditions: Mapping[str, Path],
    sound: Path | None,
    cover: bytes = b"",
) -> FilmParts:
    """Where everything of the film lies; CheckFailed names the segments that do not fit together."""
    rate = Rate(plan.output.fps_num, plan.output.fps_den)
    picture, parts = None, ()
    if plan.segments:
        picture, parts = _pictures(plan, segments, renditions, rate)
    has_text = CONTAINERS[plan.output.container].has_text
    captions = caption_track(plan) if has_text else None
    chapters = chapter_track(plan)
    return FilmParts(
        rate=rate,
        picture=picture,
        parts=parts,
        sound=_opened_sound(plan, sound) if sound is not None else None,
        texts=tuple(track for track in (captions, chapters) if track is not None),
        labels=labels_of(plan, cover),
    )


def _pictures(
    plan: Plan, segments: Mapping[str, Path], renditions: Mapping[str, Path], rate: Rate
) -> tuple[Picture, tuple[Part, ...]]:
    opened: dict[Path, _Source] = {}
    parts: list[Part] = []
    sets: dict[int, tuple[bytes, bytes]] = {}
    for position, segment in enumerate(plan.segments):
        is_copy = isinstance(segment, CopySegment)
        path = renditions[segment.rendition] if is_copy else segments[segment.key]
        try:
            source = opened.get(path) or opened.setdefault(
                path, _opened(path, plan.output.video.codec)
            )
            parts.append(_part(source, segment))
        except (BadMp4, BadBitstream) as error:
            raise CheckFailed(
                f"segment {position} ({segment.kind}): {error}", (position,)
            ) from error
        if source.sets is not None:
            _keep_sets(sets, source.sets, position, segment)
    entry = _entry(plan, sets, [source.configuration for source in opened.values()])
    return Picture(plan.output.width, plan.output.height, rate, entry), tuple(parts)


def _keep_sets(
    sets: dict[int, tuple[bytes, bytes]], found: ParameterSets, position: int, segment: Segment
) -> None:
    """One set per number: other bytes under the same number would play, and show no right frame [export-X12]."""
    number = parsed_sps(found.sps).id
    known = sets.setdefault(number, (found.sps, found.pps))
    if known != (found.sps, found.pps):
        detail = (
            f"segment {position} ({segment.kind}) brings other parameter sets under number {number}"
        )
        raise CheckFailed(detail, (position,))


def _entry(
    plan: Plan, sets: Mapping[int, tuple[bytes, bytes]], configurations: list[bytes]
) -> bytes:
    """The one sample entry of the film's pictures; CheckFailed where segments need different ones."""
    output = plan.output
    kind, name = ENTRY_OF[output.video.codec]
    quicktime = output.container in ("mov", "gif")
    if sets:
        configuration = avc_configuration([sets[number] for number in sorted(sets)])
    elif len(set(configurations)) > 1:
        raise CheckFailed(f"segments differ in their {name}")
    else:
        configuration = box(name, configurations[0]) if name else b""
    return picture_entry(kind, output.width, output.height, configuration, quicktime=quicktime)


def _opened(path: Path, codec: VideoCodec) -> _Source:
    track = read_movie(path).track("vide")
    if track is None or not track.samples:
        raise BadMp4("no pictures")
    kind, name = ENTRY_OF[codec]
    if track.entry_type != kind:
        raise BadMp4(f"{track.entry_type!r} pictures instead of {kind!r}")
    tagged = _tagged_sets(track) if codec == "h264" else None
    configuration = (track.entry_box(name) or b"") if name and tagged is None else b""
    if name and tagged is None and not configuration:
        raise BadMp4(f"no {name}")
    return _Source(path, track, track.ranks(), tagged, configuration)


def _tagged_sets(track: Track) -> ParameterSets:
    sets = parameter_sets(track)
    if sets.length_size != LENGTH_BYTES:
        raise BadBitstream("NAL lengths are not 4 bytes")
    return ParameterSets(tagged_bt709(sets.sps), sets.pps, sets.length_size)


def _part(source: _Source, segment: Segment) -> Part:
    first, count = 0, source.track.samples
    if isinstance(segment, CopySegment):
        first, count = segment.first_sample, segment.samples
    if count != segment.frames:
        raise BadMp4(f"{count} pictures instead of {segment.frames}")
    taken = slice(first, first + count)
    ranks = source.ranks[taken]
    sync = source.track.sync
    here = sync[bisect_left(sync, first) : bisect_left(sync, first + count)]
    if len(ranks) != count or not here or here[0] != first:
        raise BadMp4(f"sample {first} does not begin {count} pictures")
    lowest = min(ranks)
    if max(ranks) - lowest != count - 1:
        raise BadMp4("the pictures are not consecutive")
    return Part(
        path=source.path,
        offsets=source.track.offsets[taken],
        sizes=source.track.sizes[taken],
        ranks=integers(rank - lowest for rank in ranks),
        sync=integers(index - first for index in here),
    )


def _opened_sound(plan: Plan, path: Path) -> Sound | Pcm:
    return opened_pcm(path) if plan.output.audio.codec == "pcm" else opened_sound(path)


def opened_sound(path: Path) -> Sound:
    """The packets of an .m4a, as the film takes them; CheckFailed where there are none."""
    try:
        track = read_movie(path).track("soun")
    except BadMp4 as error:
        raise CheckFailed(f"the sound: {error}") from error
    if track is None or track.entry_type != "mp4a" or not track.samples:
        raise CheckFailed("the sound is no MPEG-4 audio")
    shown = [edit.media_time for edit in track.edits if edit.media_time >= 0]
    entry = (8 + len(track.entry)).to_bytes(4, "big") + b"mp4a" + track.entry
    return Sound(
        path=path,
        entry=entry,
        timescale=track.timescale,
        priming=shown[0] if shown else 0,
        offsets=track.offsets,
        sizes=track.sizes,
        durations=track.durations,
    )


def opened_pcm(path: Path) -> Pcm:
    """The samples of a WAV; CheckFailed where it is none."""
    try:
        wave = read_wave(path)
    except BadRiff as error:
        raise CheckFailed(f"the sound: {error}") from error
    entry = pcm_entry(wave.channels, wave.sample_rate, wave.bits)
    return Pcm(path, entry, wave.sample_rate, wave.offset, wave.sample_bytes, wave.samples)
