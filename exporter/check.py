"""The gate: nothing is published unchecked [export-X17].

What is read here is the finished film, not what somebody meant to write.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from exporter.errors import CheckFailed, ToolFailed
from exporter.ffmpeg_process import Ffmpeg, run_ffmpeg
from exporter.h264 import (
    BT709,
    NAL_IDR,
    NAL_SLICE,
    BadBitstream,
    nal_type,
    nal_units,
    parsed_sps,
    pps_ids,
    slice_pps,
)
from exporter.mp4 import BadMp4, Movie, Track, read_movie
from exporter.normalise import HEAD
from kit.box import GIB, Limits
from timeline.plan import CopySegment, Plan

SYNC_SECONDS_MAX: Final = Fraction(21, 1000)  # one AAC packet
DECODED_KEYS: Final = ("0", "1")  # one encoded segment in eight is decoded whole [export-X13]
AROUND_SECONDS: Final = 1.0
DECODE_LIMITS: Final = Limits(wall_seconds=600, resident_bytes=GIB)


def check_film(film: Path, plan: Plan, *, has_sound: bool = True) -> None:
    """Compare the film's own tables with the plan; CheckFailed says what differs, and names the segments."""
    try:
        movie = read_movie(film)
    except BadMp4 as error:
        raise CheckFailed(f"the film cannot be read: {error}") from error
    track = movie.track("vide")
    if track is None:
        raise CheckFailed("the film has no pictures")
    _check_times(track, plan)
    _check_entry(track, plan)
    _check_bytes(movie)
    _check_parts(film, track, plan)
    _check_sound(movie, plan, has_sound=has_sound)


def must_be_decoded(key: str) -> bool:
    """Whether an encoded segment is decoded right after encoding, to be sure [export-X13]."""
    return key.startswith(DECODED_KEYS)


def check_segment(
    ffmpeg: Ffmpeg, segment: Path, frames: int, scratch: Path, *, cancelled: Callable[[], bool]
) -> None:
    """Decode an encoded segment: every frame, not one error; CheckFailed."""
    decoded = _decoded_frames(ffmpeg, segment, scratch, (), cancelled)
    if decoded != frames:
        raise CheckFailed(f"{decoded} of {frames} frames of a segment can be decoded")


def check_joins(
    ffmpeg: Ffmpeg, film: Path, plan: Plan, scratch: Path, *, cancelled: Callable[[], bool]
) -> None:
    """Decode around the first change of each kind between copied and encoded pictures; CheckFailed."""
    rate = Fraction(plan.output.fps_num, plan.output.fps_den)
    seen: set[tuple[bool, bool]] = set()
    for position in range(1, len(plan.segments)):
        before, after = plan.segments[position - 1], plan.segments[position]
        change = (isinstance(before, CopySegment), isinstance(after, CopySegment))
        if change[0] == change[1] or change in seen:
            continue
        seen.add(change)
        start = max(0.0, float(after.start / rate) - AROUND_SECONDS)
        window = ("-ss", f"{start:.6f}", "-t", str(2 * AROUND_SECONDS))
        try:
            _decoded_frames(ffmpeg, film, scratch, window, cancelled)
        except CheckFailed as error:
            raise CheckFailed(
                f"the join at frame {after.start}: {error}", (position - 1, position)
            ) from error


def _decoded_frames(
    ffmpeg: Ffmpeg,
    path: Path,
    scratch: Path,
    window: tuple[str, ...],
    cancelled: Callable[[], bool],
) -> int:
    done = [0]
    arguments = [*HEAD, "-xerror", "-err_detect", "explode", *window]
    arguments += ["-protocol_whitelist", "file", "-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2"]
    arguments += ["-codec_whitelist", "h264,aac", "-threads", "1", "-f", "mov", "-i", "/in/0"]
    arguments += ["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "null", "-"]

    def count(frames: int) -> None:
        done[0] = frames

    try:
        run_ffmpeg(
            ffmpeg,
            arguments,
            inputs={"0": path},
            output_dir=scratch,
            limits=DECODE_LIMITS,
            cancelled=cancelled,
            on_frames=count,
        )
    except ToolFailed as error:
        raise CheckFailed(f"decoding: {error}") from error
    return done[0]


def _require(condition: bool, what: str, *segments: int) -> None:  # noqa: FBT001 - the condition is the sentence
    if not condition:
        raise CheckFailed(what, segments)


def _check_times(track: Track, plan: Plan) -> None:
    rate = Fraction(plan.output.fps_num, plan.output.fps_den)
    _require(track.samples == plan.frames, f"{track.samples} frames instead of {plan.frames}")
    duration = int(track.durations[0])
    _require(bool((track.durations == duration).all()), "frames of different length")
    _require(Fraction(track.timescale, duration) == rate, f"not {rate} frames a second")
    order = np.arange(track.samples)
    delay = (track.pts - track.dts).min() // duration + int((order - track.ranks()).max())
    shown = (track.ranks() + delay) * duration
    _require(bool((track.pts == shown).all()), "presentation times are not whole frames")
    starts = [edit.media_time for edit in track.edits]
    _require(starts == [int(track.pts.min())], "the edit list does not begin at the first frame")
    for position, segment in enumerate(plan.segments):
        ranks = track.ranks()[segment.start : segment.start + segment.frames]
        is_whole = (
            int(ranks.min()) == segment.start
            and int(ranks.max()) == segment.start + segment.frames - 1
        )
        _require(
            is_whole, f"segment {position}: its frames are shown among those of another", position
        )


def _check_entry(track: Track, plan: Plan) -> None:
    _require(track.entry_type == "avc1" and track.entries == 1, "not one kind of H.264 samples")
    _require(
        (track.width, track.height) == (plan.output.width, plan.output.height),
        "another size than planned",
    )
    colour, aspect = track.entry_box("colr"), track.entry_box("pasp")
    _require(colour == b"nclx\0\1\0\1\0\1\0", "not tagged BT.709, limited range")
    _require(aspect == b"\0\0\0\1\0\0\0\1", "pixels are not square")


def _check_bytes(movie: Movie) -> None:
    data = [box for box in movie.boxes if box.type == "mdat"]
    _require(len(data) == 1, "not one mdat box")
    offsets = np.concatenate([track.offsets for track in movie.tracks])
    sizes = np.concatenate([track.sizes for track in movie.tracks])
    order = np.argsort(offsets, kind="stable")
    starts, ends = offsets[order], offsets[order] + sizes[order]
    _require(
        int(starts[0]) == data[0].start and int(ends[-1]) == data[0].end, "samples do not fill mdat"
    )
    _require(bool((starts[1:] == ends[:-1]).all()), "samples overlap or leave holes")


def _check_parts(film: Path, track: Track, plan: Plan) -> None:
    """Each part begins with an IDR picture that uses a parameter set of the film, tagged and sized as planned."""
    sets = _film_sets(track)
    for number, (sps, _) in sets.items():
        found = parsed_sps(sps)
        size = (found.width, found.height)
        _require(
            size == (plan.output.width, plan.output.height),
            f"parameter set {number} has another size",
        )
        _require(
            found.colour == BT709 and found.full_range is False,
            f"parameter set {number} is not BT.709",
        )
    sync = set(track.sync.tolist())
    with film.open("rb") as file:
        for position, segment in enumerate(plan.segments):
            first = segment.start
            _require(
                first in sync, f"segment {position} does not begin with a sync sample", position
            )
            used = _idr_set(file, int(track.offsets[first]), int(track.sizes[first]))
            _require(
                used is not None, f"segment {position} does not begin with an IDR picture", position
            )
            _require(
                used in sets, f"segment {position} uses a parameter set that is not there", position
            )


def _film_sets(track: Track) -> dict[int, tuple[bytes, bytes]]:
    """SPS and PPS of the film by the number of the PPS."""
    body = track.entry_box("avcC") or b""
    lists: list[list[bytes]] = []
    at = 5
    for mask in (31, 255):
        _require(at < len(body), "avcC is cut off")
        count, at = body[at] & mask, at + 1
        found: list[bytes] = []
        for _ in range(count):
            length = int.from_bytes(body[at : at + 2], "big")
            found.append(body[at + 2 : at + 2 + length])
            at += 2 + length
        lists.append(found)
    try:
        by_number = {parsed_sps(sps).id: sps for sps in lists[0]}
        sets = {pps_ids(pps)[0]: (by_number[pps_ids(pps)[1]], pps) for pps in lists[1]}
    except (BadBitstream, KeyError) as error:
        raise CheckFailed(f"parameter sets: {error}") from error
    _require(len(sets) == len(lists[1]) == len(by_number), "two parameter sets under one number")
    return sets


def _idr_set(file: BinaryIO, offset: int, size: int) -> int | None:
    """The PPS that the first slice of a sample uses, None where that is no IDR slice."""
    file.seek(offset)
    try:
        for nal in nal_units(file.read(size)):
            if nal_type(nal) in (NAL_SLICE, NAL_IDR):
                return slice_pps(nal) if nal_type(nal) == NAL_IDR else None
    except BadBitstream:
        return None
    return None


def _check_sound(movie: Movie, plan: Plan, *, has_sound: bool) -> None:
    track = movie.track("soun")
    _require(
        (track is not None) == has_sound,
        "there is sound where none was planned, or none where some was",
    )
    if track is None:
        return
    priming = sum(edit.media_time for edit in track.edits if edit.media_time > 0)
    length = Fraction(int(track.durations.sum()) - priming, track.timescale)
    picture = Fraction(plan.frames * plan.output.fps_den, plan.output.fps_num)
    _require(track.timescale == plan.output.sample_rate, "another sample rate than planned")
    apart = abs(length - picture)
    _require(apart <= SYNC_SECONDS_MAX, f"sound and picture end {float(apart):.3f} s apart")
