"""Which originals already are a good mezzanine, so that exports may copy their packets [export-X21].

Also what we keep of any H.264 rendition: ranks, sync pictures, first time, fingerprint [export-X10].
"""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

from exporter.h264 import (
    NAL_IDR,
    NAL_PPS,
    NAL_SPS,
    BadBitstream,
    Sps,
    nal_type,
    nal_units,
    parsed_sps,
    pps_ids,
    tagged_bt709,
)
from exporter.mp4 import BadMp4, Movie, Track, read_movie
from exporter.normalise import HEIGHT_MAX, STANDARD_RATES, WIDTH_MAX
from exporter.parameter_sets import ParameterSets, parameter_sets
from timeline.media import PictureRendition
from timeline.timing import Rate

SYNC_SECONDS_MAX: Final = Fraction(5, 2)
HD_LINES: Final = 720
SAMPLE_BYTES_MAX: Final = 64 << 20
IDENTITY: Final = (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)


class NotAdopted(Exception):
    """An original that must be encoded again; says why."""


def fingerprint(sets: ParameterSets) -> str:
    """What must be equal for packets to share a film: the sets say codec, profile, level, size and colour."""
    return f"h264:{sets.length_size}:{tagged_bt709(sets.sps).hex()}:{sets.pps.hex()}"


def rendition_facts(path: Path, digest: str, key: str, *, adopted: bool) -> PictureRendition:
    """The facts of an H.264 rendition from its own tables; BadMp4, BadBitstream."""
    track = _picture_track(read_movie(path))
    sets = parameter_sets(track)
    sps = parsed_sps(sets.sps)
    ranks = track.ranks()
    in_order = all(rank == index for index, rank in enumerate(ranks))
    return PictureRendition(
        hash=digest,
        key=key,
        width=sps.width,
        height=sps.height,
        rate=_rate(track),
        pictures=track.samples,
        sync=tuple(ranks[index] for index in track.sync),
        fingerprint=fingerprint(sets),
        adopted=adopted,
        ranks=() if in_order else tuple(ranks),
        first_pts=_first_time(track),
    )


def adopted(path: Path, digest: str, key: str, pictures: int) -> PictureRendition:
    """The rendition that an original already is; NotAdopted says what it lacks.

    `pictures` is how many were decoded without error.
    """
    try:
        track = _picture_track(read_movie(path))
        sets = parameter_sets(track)
        sps = parsed_sps(sets.sps)
        _check_pictures(sps, sets, track)
        _check_times(track, pictures)
        _check_samples(path, track, sets)
        return rendition_facts(path, digest, key, adopted=True)
    except (BadMp4, BadBitstream) as error:
        raise NotAdopted(str(error)) from error


def _picture_track(movie: Movie) -> Track:
    tracks = [track for track in movie.tracks if track.handler == "vide"]
    if not tracks or not tracks[0].samples:
        raise BadMp4("no pictures")
    if len(tracks) > 1:
        raise BadMp4("more than one picture track")
    return tracks[0]


def _rate(track: Track) -> Rate:
    rate = Fraction(track.timescale, track.durations[0] or 1)
    return Rate(rate.numerator, rate.denominator)


def _first_time(track: Track) -> tuple[int, int]:
    """When picture 0 is shown by a reader that heeds the edit list, in seconds."""
    shift = next((edit.media_time for edit in track.edits if edit.media_time >= 0), 0)
    first = Fraction(min(track.pts) - shift, track.timescale)
    return (first.numerator, first.denominator)


def _require(condition: bool, what: str) -> None:  # noqa: FBT001 - the condition is the sentence
    if not condition:
        raise NotAdopted(what)


def _check_pictures(sps: Sps, sets: ParameterSets, track: Track) -> None:
    colour = track.entry_box("colr")
    aspect = track.entry_box("pasp")
    _require(
        track.entries == 1 and not track.external,
        "more than one kind of sample, or samples elsewhere",
    )
    _require(sps.chroma_format == 1 and sps.bit_depth == 8, "not 8 bit 4:2:0")
    _require(sps.progressive, "interlaced")
    _require(sets.length_size == 4, "NAL lengths are not 4 bytes")
    _require(sps.id == 0 and pps_ids(sets.pps) == (0, 0), "parameter sets are not numbered 0")
    _require(sps.sample_aspect == (1, 1), "pixels are not square")
    _require(aspect is None or aspect[:4] == aspect[4:8], "pixels are not square")
    _require(track.matrix == IDENTITY, "turned")
    _require(sps.width % 2 == 0 and sps.height % 2 == 0, "odd size")
    wide, high = max(sps.width, sps.height), min(sps.width, sps.height)
    _require(wide <= WIDTH_MAX and high <= HEIGHT_MAX, "too large")
    tags = sps.colour or (2, 2, 2)
    is_named = (
        tags[2] == 1 or sps.height >= HD_LINES
    )  # untagged pictures of this size are BT.709 to every player
    is_bt709 = all(tag in (1, 2) for tag in tags) and is_named and not sps.full_range
    _require(is_bt709, "not BT.709, limited range")
    _require(colour is None or _is_bt709(colour), "the container names another colour")


def _is_bt709(colour: bytes) -> bool:
    """`colr`: nclx or nclc with the three tags, and for nclx the range bit off; untagged (2) does no harm."""
    tags = [int.from_bytes(colour[at : at + 2], "big") for at in (4, 6, 8)]
    is_limited = colour[:4] != b"nclx" or len(colour) < 11 or not colour[10] & 128
    return colour[:4] in (b"nclx", b"nclc") and all(tag in (1, 2) for tag in tags) and is_limited


def _check_times(track: Track, pictures: int) -> None:
    duration = track.durations[0]
    _require(duration > 0 and set(track.durations[:-1]) <= {duration}, "the rate changes")
    _require(track.durations[-1] <= duration, "the rate changes")
    rate = Fraction(track.timescale, duration)
    _require(rate in STANDARD_RATES, "not a standard rate")
    times = sorted(track.pts)
    is_even = all(after - before == duration for before, after in pairwise(times))
    _require(is_even, "pictures are not evenly spaced")
    _require(track.samples == pictures, "not every sample is a picture")
    shown = [edit for edit in track.edits if edit.media_time >= 0]
    _require(len(shown) <= 1 and len(track.edits) <= 2, "an edit list that does more than shift")
    _require(
        all(edit.rate == 1 << 16 for edit in track.edits), "an edit list that changes the speed"
    )
    if shown:
        _require(shown[0].media_time == times[0], "an edit list that cuts")
    _require(track.sync[:1].tolist() == [0], "does not begin with a sync picture")
    gops = list(pairwise((*track.sync, track.samples)))
    longest = max(end - start for start, end in gops)
    _require(longest / rate <= SYNC_SECONDS_MAX, "sync pictures more than 2.5 s apart")
    ranks = track.ranks()
    for start, end in gops:
        gop = ranks[start:end]
        is_closed = gop[0] == start == min(gop) and max(gop) == end - 1
        _require(is_closed, "pictures lead over a sync picture")


def _check_samples(path: Path, track: Track, sets: ParameterSets) -> None:
    """Each claimed sync sample is an IDR picture in its bytes, and no parameter set hides in any sample."""
    sync = set(track.sync)
    with path.open("rb") as file:
        for index, (offset, size) in enumerate(zip(track.offsets, track.sizes, strict=True)):
            _require(size <= SAMPLE_BYTES_MAX, "a sample is too large")
            file.seek(offset)
            kinds = {nal_type(nal) for nal in nal_units(file.read(size), sets.length_size)}
            _require(not kinds & {NAL_SPS, NAL_PPS}, "parameter sets inside the samples")
            _require((index in sync) == (NAL_IDR in kinds), "sync samples are not the IDR pictures")
