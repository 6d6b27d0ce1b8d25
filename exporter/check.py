"""The gate: nothing is published unchecked [export-X17].

What is read here is the finished film, not what somebody meant to write.
"""

import hashlib
from collections.abc import Callable
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import Final

from exporter.errors import CheckFailed, ToolFailed
from exporter.ffmpeg_process import HEAD, Ffmpeg, run_ffmpeg
from exporter.film_text import caption_track, chapter_track
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
from exporter.stitch import ENTRY_OF
from kit.box import GIB, Limits
from kit.object_store import ObjectStore
from timeline.containers import CONTAINERS
from timeline.plan import CopySegment, Plan, Segment

SYNC_SECONDS_MAX: Final = Fraction(21, 1000)  # one AAC packet
DECODED_KEYS: Final = ("0", "1")  # one encoded segment in eight is decoded whole [export-X13]
AROUND_SECONDS: Final = 1.0
HEVC_PARAMETER_SETS: Final = 32  # NAL types from here on are no slices
HEVC_IDR: Final = (19, 20)
DECODE_LIMITS: Final = Limits(wall_seconds=600, resident_bytes=GIB)


def check_film(film: Path, plan: Plan, *, has_sound: bool = True) -> None:
    """Compare the own tables of an MP4, MOV or M4A with the plan; CheckFailed names the segments that differ."""
    try:
        movie = read_movie(film)
    except BadMp4 as error:
        raise CheckFailed(f"the film cannot be read: {error}") from error
    track = movie.track("vide")
    _require(
        (track is not None) == bool(plan.segments),
        "there are pictures where none were planned, or none where some were",
    )
    if track is not None:
        _check_times(track, plan)
        _check_entry(track, plan)
        _check_parts(film, track, plan)
    _check_bytes(movie)
    _check_sound(movie, plan, has_sound=has_sound)
    _check_texts(movie, plan)


def must_be_decoded(key: str) -> bool:
    """Whether an encoded segment is decoded right after encoding, to be sure [export-X13]."""
    return key.startswith(DECODED_KEYS)


def check_segment(
    ffmpeg: Ffmpeg,
    segment: Path,
    frames: int,
    scratch: Path,
    *,
    cancelled: Callable[[], bool],
    decoders: str = "h264",
) -> None:
    """Decode an encoded segment: every frame, not one error; CheckFailed."""
    decoded = _decoded_frames(ffmpeg, segment, scratch, (), cancelled, decoders)
    if decoded != frames:
        raise CheckFailed(f"{decoded} of {frames} frames of a segment can be decoded")


def check_joins(
    ffmpeg: Ffmpeg,
    film: Path,
    plan: Plan,
    scratch: Path,
    known: ObjectStore,
    *,
    cancelled: Callable[[], bool],
) -> None:
    """Decode around the first change of each kind between copied and encoded pictures; CheckFailed.

    The same bytes on both sides were decoded before where `known` says so: the content keys are in its name.
    """
    rate = Fraction(plan.output.fps_num, plan.output.fps_den)
    seen: set[tuple[bool, bool]] = set()
    for position in range(1, len(plan.segments)):
        before, after = plan.segments[position - 1], plan.segments[position]
        change = (isinstance(before, CopySegment), isinstance(after, CopySegment))
        if change[0] == change[1] or change in seen:
            continue
        seen.add(change)
        name = _join_name(ffmpeg, before, after)
        if known.stat(name) is not None:
            continue
        start = max(0.0, float(after.start / rate) - AROUND_SECONDS)
        window = ("-ss", f"{start:.6f}", "-t", str(2 * AROUND_SECONDS))
        try:
            _decoded_frames(ffmpeg, film, scratch, window, cancelled)
        except CheckFailed as error:
            raise CheckFailed(
                f"the join at frame {after.start}: {error}", (position - 1, position)
            ) from error
        known.put(name, b"decoded")


def _join_name(ffmpeg: Ffmpeg, before: Segment, after: Segment) -> str:
    content = f"{ffmpeg.build_id} {before.key} {after.key}"
    return f"joins/{hashlib.sha256(content.encode()).hexdigest()}"


def _decoded_frames(
    ffmpeg: Ffmpeg,
    path: Path,
    scratch: Path,
    window: tuple[str, ...],
    cancelled: Callable[[], bool],
    decoders: str = "h264",
) -> int:
    done = [0]
    # What smooths the blocks reads no bit of the stream: a fifth of the time, and no error less.
    whole = ("-xerror", "-err_detect", "explode", "-skip_loop_filter", "all")
    arguments = [*HEAD, *whole, *window]
    arguments += ["-protocol_whitelist", "file", "-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2"]
    arguments += [
        "-codec_whitelist",
        f"{decoders},aac,mov_text",
        "-threads",
        "1",
        "-f",
        "mov",
        "-i",
        "/in/0",
    ]
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
    duration, ranks = track.durations[0], track.ranks()
    _require(len(set(track.durations)) == 1, "frames of different length")
    _require(Fraction(track.timescale, duration) == rate, f"not {rate} frames a second")
    early = min(shown - decoded for shown, decoded in zip(track.pts, track.dts, strict=True))
    delay = early // duration + max(index - rank for index, rank in enumerate(ranks))
    shown = [(rank + delay) * duration for rank in ranks]
    _require(track.pts.tolist() == shown, "presentation times are not whole frames")
    starts = [edit.media_time for edit in track.edits]
    _require(starts == [min(track.pts)], "the edit list does not begin at the first frame")
    for position, segment in enumerate(plan.segments):
        own = ranks[segment.start : segment.start + segment.frames]
        is_whole = (min(own), max(own)) == (segment.start, segment.start + segment.frames - 1)
        _require(
            is_whole, f"segment {position}: its frames are shown among those of another", position
        )


def _check_entry(track: Track, plan: Plan) -> None:
    kind, configuration = ENTRY_OF[plan.output.video.codec]
    _require(track.entry_type == kind and track.entries == 1, f"not one kind of {kind!r} samples")
    _require(not configuration or track.entry_box(configuration) is not None, f"no {configuration}")
    _require(
        (track.width, track.height) == (plan.output.width, plan.output.height),
        "another size than planned",
    )
    colour, aspect = track.entry_box("colr"), track.entry_box("pasp")
    tagged = (b"nclx\0\1\0\1\0\1\0", b"nclc\0\1\0\1\0\1")
    _require(colour in tagged, "not tagged BT.709, limited range")
    _require(aspect == b"\0\0\0\1\0\0\0\1", "pixels are not square")


def _check_bytes(movie: Movie) -> None:
    data = [item for item in movie.boxes if item.type == "mdat"]
    _require(len(data) == 1, "not one mdat box")
    pieces = [track.blocks or track for track in movie.tracks]
    spans = sorted(
        chain.from_iterable(zip(piece.offsets, piece.sizes, strict=True) for piece in pieces)
    )
    first, last = spans[0][0], sum(spans[-1])
    _require((first, last) == (data[0].start, data[0].end), "samples do not fill mdat")
    is_tight = all(start + size == after for (start, size), (after, _) in pairwise(spans))
    _require(is_tight, "samples overlap or leave holes")


def _check_parts(film: Path, track: Track, plan: Plan) -> None:
    """Each part begins with a picture that needs no other, by the bytes and not by the table alone."""
    codec = plan.output.video.codec
    sets = _film_sets(track) if codec == "h264" else {}
    for number, (sps, _) in sets.items():
        _check_set(number, sps, plan)
    sync = set(track.sync)
    with film.open("rb") as file:
        for position, segment in enumerate(plan.segments):
            first = segment.start
            _require(
                first in sync, f"segment {position} does not begin with a sync sample", position
            )
            file.seek(track.offsets[first])
            sample = file.read(track.sizes[first])
            if codec == "h264":
                used = _idr_set(sample)
                _require(
                    used in sets,
                    f"segment {position} does not begin with an IDR picture of a parameter set of the film",
                    position,
                )
            elif codec == "hevc":
                _require(
                    _is_hevc_idr(sample),
                    f"segment {position} does not begin with an IDR picture",
                    position,
                )


def _check_set(number: int, sps: bytes, plan: Plan) -> None:
    found = parsed_sps(sps)
    size = (found.width, found.height)
    _require(
        size == (plan.output.width, plan.output.height), f"parameter set {number} has another size"
    )
    _require(
        found.colour == BT709 and found.full_range is False,
        f"parameter set {number} is not BT.709",
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


def _idr_set(sample: bytes) -> int | None:
    """The PPS that the first slice of a sample uses, None where that is no IDR slice."""
    try:
        for nal in nal_units(sample):
            if nal_type(nal) in (NAL_SLICE, NAL_IDR):
                return slice_pps(nal) if nal_type(nal) == NAL_IDR else None
    except BadBitstream:
        return None
    return None


def _is_hevc_idr(sample: bytes) -> bool:
    """Whether the first slice of an HEVC sample is of an IDR picture (ITU-T H.265, table 7-1)."""
    try:
        kinds = [nal[0] >> 1 & 63 for nal in nal_units(sample)]
    except BadBitstream:
        return False
    slices = [kind for kind in kinds if kind < HEVC_PARAMETER_SETS]
    return bool(slices) and slices[0] in HEVC_IDR


def _check_sound(movie: Movie, plan: Plan, *, has_sound: bool) -> None:
    track = movie.track("soun")
    _require(
        (track is not None) == has_sound,
        "there is sound where none was planned, or none where some was",
    )
    if track is None:
        return
    priming = sum(edit.media_time for edit in track.edits if edit.media_time > 0)
    whole = track.blocks.length if track.blocks else sum(track.durations)
    check_sound_length(Fraction(whole - priming, track.timescale), plan)
    _require(track.timescale == plan.output.sample_rate, "another sample rate than planned")


def check_sound_length(seconds: Fraction, plan: Plan, slack: Fraction = SYNC_SECONDS_MAX) -> None:
    """Sound and picture end within one packet, of AAC where nothing else is said; CheckFailed [export-X15]."""
    apart = abs(seconds - Fraction(plan.frames * plan.output.fps_den, plan.output.fps_num))
    _require(apart <= slack, f"sound and picture end {float(apart):.3f} s apart")


def _check_texts(movie: Movie, plan: Plan) -> None:
    """The text tracks are those planned, and as long as the film."""
    has_text = CONTAINERS[plan.output.container].has_text
    wanted = {
        "sbtl": caption_track(plan) if has_text else None,
        "text": chapter_track(plan),
    }
    for handler, planned in wanted.items():
        track = movie.track(handler)
        _require(
            (track is not None) == (planned is not None),
            f"a {handler} track where none was planned, or none where one was",
        )
        if track is None or planned is None:
            continue
        length = Fraction(sum(track.durations), track.timescale)
        picture = Fraction(plan.frames * plan.output.fps_den, plan.output.fps_num)
        _require(track.samples == len(planned.texts), f"{track.samples} texts in {handler}")
        _require(length == picture, f"the {handler} track is not as long as the film")
