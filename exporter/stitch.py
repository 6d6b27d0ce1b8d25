"""Joins what a plan asks for into the film: packets of segments and of renditions, and one sound [export-X24]."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from exporter.adoption import ParameterSets, parameter_sets
from exporter.errors import CheckFailed, NoRoom
from exporter.h264 import BadBitstream, parsed_sps, tagged_bt709
from exporter.mp4 import BadMp4, Track, read_movie
from exporter.mp4_writer import Part, Picture, Sound, Written, write_film
from timeline.plan import CopySegment, Plan, Segment
from timeline.timing import Rate

LENGTH_BYTES: Final = 4
FULL_DISK: Final = (28, 122)  # ENOSPC, EDQUOT


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """One opened H.264 file: its picture track, display ranks, sync flags, parameter sets as they go into the film."""

    path: Path
    track: Track
    ranks: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    sync: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    sets: ParameterSets


def stitch(
    plan: Plan,
    segments: Mapping[str, Path],
    renditions: Mapping[str, Path],
    sound: Path | None,
    out: Path,
) -> Written:
    """Write the film of `plan` to `out`: complete or not at all.

    `segments` are encoded files by content key, `renditions` the files that COPY reads, by hash, `sound` an
    AAC .m4a. CheckFailed names the segments that do not fit; NoRoom where the disk is full.
    """
    opened: dict[Path, _Source] = {}
    parts: list[Part] = []
    sets: dict[int, tuple[bytes, bytes]] = {}
    for position, segment in enumerate(plan.segments):
        is_copy = isinstance(segment, CopySegment)
        path = renditions[segment.rendition] if is_copy else segments[segment.key]
        try:
            source = opened.get(path) or opened.setdefault(path, _opened(path))
            parts.append(_part(source, segment))
        except (BadMp4, BadBitstream) as error:
            raise CheckFailed(
                f"segment {position} ({segment.kind}): {error}", (position,)
            ) from error
        number = parsed_sps(source.sets.sps).id
        known = sets.setdefault(number, (source.sets.sps, source.sets.pps))
        if known != (source.sets.sps, source.sets.pps):
            detail = f"segment {position} ({segment.kind}) brings other parameter sets under number {number}"
            raise CheckFailed(detail, (position,))
    rate = Rate(plan.output.fps_num, plan.output.fps_den)
    ordered = tuple(sets[number] for number in sorted(sets))
    picture = Picture(plan.output.width, plan.output.height, rate, ordered)
    try:
        return write_film(out, picture, parts, opened_sound(sound) if sound else None)
    except OSError as error:
        if error.errno in FULL_DISK:
            raise NoRoom(str(out)) from error
        raise


def _opened(path: Path) -> _Source:
    track = read_movie(path).track("vide")
    if track is None or not track.samples:
        raise BadMp4("no pictures")
    sets = parameter_sets(track)
    if sets.length_size != LENGTH_BYTES:
        raise BadBitstream("NAL lengths are not 4 bytes")
    sync = np.zeros(track.samples, np.bool_)
    sync[track.sync] = True
    tagged = ParameterSets(tagged_bt709(sets.sps), sets.pps, sets.length_size)
    return _Source(path, track, track.ranks(), sync, tagged)


def _part(source: _Source, segment: Segment) -> Part:
    first, count = 0, source.track.samples
    if isinstance(segment, CopySegment):
        first, count = segment.first_sample, segment.samples
    if count != segment.frames:
        raise BadMp4(f"{count} pictures instead of {segment.frames}")
    taken = slice(first, first + count)
    ranks = source.ranks[taken]
    if len(ranks) != count or not source.sync[first]:
        raise BadMp4(f"sample {first} does not begin {count} pictures")
    ranks = ranks - ranks.min()
    if int(ranks.max()) != count - 1:
        raise BadMp4("the pictures are not consecutive")
    return Part(
        path=source.path,
        offsets=source.track.offsets[taken],
        sizes=source.track.sizes[taken],
        ranks=ranks,
        sync=source.sync[taken],
    )


def opened_sound(path: Path) -> Sound:
    """The AAC track of an .m4a, as the film takes it; CheckFailed where there is none."""
    try:
        track = read_movie(path).track("soun")
    except BadMp4 as error:
        raise CheckFailed(f"the sound: {error}") from error
    if track is None or track.entry_type != "mp4a" or not track.samples:
        raise CheckFailed("the sound is no AAC")
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
