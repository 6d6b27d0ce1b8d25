"""The commands that edit clips and time: their arguments read, the edit called.

What a command may carry stands in its docstring, or is what its edit takes by the same names.
"""

from timeline import blends, copies, edits, nests, placements, retimes, ripples
from timeline.arguments import Arguments, finished, finished_clips, refused
from timeline.draft import PLACEMENT_KEYS, Draft
from timeline.errors import EditRefused
from timeline.keys import checked
from timeline.model import Json
from timeline.schema import CLIPS, TRANSITION_KINDS


def overwrite(draft: Draft, args: Arguments) -> None:
    at, end, material = _place_arguments(args)
    tracks = _some_tracks(args)
    snap = finished(args).snap
    placements.overwrite(draft, tracks, material, at, end, snap=snap)


def insert(draft: Draft, args: Arguments) -> None:
    at, tracks, material = args.at(), _some_tracks(args), _material(args)
    placements.insert(draft, tracks, material, at, snap=finished(args).snap)


def append(draft: Draft, args: Arguments) -> None:
    tracks, material = _some_tracks(args), _material(args)
    finished(args)
    placements.append(draft, tracks, material)


def place_on_top(draft: Draft, args: Arguments) -> None:
    at, end, material = _place_arguments(args)
    track = args.id("track")
    if at is None:
        raise refused("at", "is missing")
    placements.place_on_top(draft, track, material, at, end, snap=finished(args).snap)


def fit_to_fill(draft: Draft, args: Arguments) -> None:
    at, end, material = _place_arguments(args)
    tracks = _some_tracks(args)
    if at is None or end is None:
        raise refused("range", "is missing")
    if material.source_out is None:
        raise refused("source_out", "is missing")
    if material.source_in is None:
        raise refused("source_in", "is missing")
    placements.overwrite(draft, tracks, material, at, end, snap=finished(args).snap)


def _place_arguments(args: Arguments) -> tuple[int | None, int | None, placements.Material]:
    """Timeline in and out: `range`, or `at` and `end`."""
    stretch = args.find_range()
    at, end = args.find_tick("at", 0), args.find_tick("end", 1)
    if stretch is not None:
        at, end = stretch
    if at is not None and end is not None and end <= at:
        raise refused("end", "must be after at")
    return at, end, _material(args)


def _material(args: Arguments) -> placements.Material:
    """`asset`, or `kind` with what it needs; `source_in`, `source_out`, `duration`; `values`: more keys."""
    values: dict[str, Json] = {}
    for name in ("asset", "kind", "generator", "text", "name"):
        value = args.find_text(name)
        if value is not None:
            values[name] = checked("clips", name, value)
    nested = args.find_id("source_sequence")
    if nested is not None:
        values |= {"kind": "sequence", "sequence": nested}
    for name, value in args.object("values").items():
        if name in PLACEMENT_KEYS or (name not in CLIPS and ":" not in name):
            raise refused("values", f"{name} does not go here")
        values[name] = checked("clips", name, value)
    if not values.keys() & {"asset", "kind", "sequence", "generator"}:
        raise refused("asset", "is missing")
    return placements.Material(
        values,
        args.find_tick("source_in"),
        args.find_tick("source_out"),
        args.find_tick("duration", 1),
    )


def _some_tracks(args: Arguments) -> list[str]:
    tracks = args.tracks()
    if not tracks:
        raise refused("track", "is missing")
    return tracks


def replace(draft: Draft, args: Arguments) -> None:
    clip, asset, source_in = args.clip(), args.id("asset"), args.find_tick("source_in")
    placements.replace(draft, clip, asset, source_in, linked=finished(args).linked)


def trim(draft: Draft, args: Arguments) -> None:
    clip, edge, by = args.clip(), args.edge(), args.by()
    edits.trim(draft, clip, edge, by, linked=args.linked, snap=finished(args).snap)


def ripple(draft: Draft, args: Arguments) -> None:
    clip, edge, by = args.clip(), args.edge(), args.by()
    ripples.ripple(draft, clip, edge, by, linked=args.linked, snap=finished(args).snap)


def roll(draft: Draft, args: Arguments) -> None:
    """`clip` and `edge` (default `tail`), or `clips` [left, right]."""
    clips, edge, by = args.clips(), args.find_edge() or "tail", args.by()
    finished(args)
    if len(clips) == 2 and edges_meet(draft, clips[0], clips[1]):
        edge = "tail"
    elif len(clips) != 1:
        raise EditRefused("not_adjacent", clips[0], "clips: [left, right] of one cut is expected")
    edits.roll(draft, clips[0], edge, by, linked=args.linked, snap=args.snap)


def edges_meet(draft: Draft, left: str, right: str) -> bool:
    return edits.neighbours(draft, left, "tail")[1] == right


def slip(draft: Draft, args: Arguments) -> None:
    clip, by = args.clip(), args.by()
    edits.slip(draft, clip, by, linked=args.linked, snap=finished(args).snap)


def slide(draft: Draft, args: Arguments) -> None:
    clip, by = args.clip(), args.by()
    edits.slide(draft, clip, by, linked=args.linked, snap=finished(args).snap)


def rate_stretch(draft: Draft, args: Arguments) -> None:
    clip, duration = args.clip(), args.tick("duration", 1)
    edge = args.find_edge() or "tail"
    retimes.rate_stretch(draft, clip, duration, edge, linked=args.linked, snap=finished(args).snap)


def extend(draft: Draft, args: Arguments) -> None:
    clip, at, edge = args.clip(), args.at(), args.find_edge()
    edits.extend(draft, clip, at, edge=edge, linked=args.linked, snap=finished(args).snap)


def split(draft: Draft, args: Arguments) -> None:
    """`at`, and `clip`, `clips`, `track`, `tracks` or nothing: all unlocked tracks of `sequence`."""
    at, tracks, sequence = args.at(), args.tracks(), args.find_id("sequence")
    clips = args.clips() if args.has("clip") or args.has("clips") else []
    finished(args)
    edits.split(
        draft, at, clips, tracks=tracks, sequence=sequence, linked=args.linked, snap=args.snap
    )


def join(draft: Draft, args: Arguments) -> None:
    clips = finished_clips(args)
    if len(clips) == 1:
        clips = list(edits.neighbours(draft, clips[0], "tail"))
    if len(clips) != 2:
        raise refused("clips", "two clips are expected: [left, right]")
    edits.join(draft, clips[0], clips[1], linked=args.linked)


def lift(draft: Draft, args: Arguments) -> None:
    """`clips`, or `range` with `tracks` (default: all unlocked ones of `sequence`)."""
    stretch = args.find_range()
    if stretch is None:
        placements.lift(draft, finished_clips(args), linked=args.linked)
        return
    tracks = args.tracks() or unlocked_tracks(draft, args)
    placements.lift_range(draft, stretch, tracks, snap=finished(args).snap)


def unlocked_tracks(draft: Draft, args: Arguments) -> list[str]:
    sequence = draft.sequence(args.find_id("sequence"))
    return [lane.track for lane in draft.seen.lanes(sequence) if not lane.locked]


def ripple_delete(draft: Draft, args: Arguments) -> None:
    """`clips`, or `track` and `at`: the gap there."""
    if args.has("clip") or args.has("clips"):
        ripples.ripple_delete(draft, finished_clips(args), linked=args.linked)
        return
    close_gap(draft, args)


def close_gap(draft: Draft, args: Arguments) -> None:
    track, at = args.id("track"), args.at()
    finished(args)
    ripples.close_gap(draft, track, at)


def extract(draft: Draft, args: Arguments) -> None:
    stretch, tracks = args.range(), _some_tracks(args)
    ripples.extract(draft, stretch, tracks, snap=finished(args).snap)


def remove_range(draft: Draft, args: Arguments) -> None:
    stretch, sequence = args.range(), args.find_id("sequence")
    ripples.remove_range(draft, stretch, sequence, snap=finished(args).snap)


def move(draft: Draft, args: Arguments) -> None:
    """`clips`, `at` or `by`, `track`, `mode`."""
    clips, at, by = args.clips(), args.find_tick("at", 0), args.find_tick("by")
    track = args.find_id("track")
    finished(args)
    if at is not None and by is not None:
        raise refused("by", "at or by, not both")
    if at is None and by is None and track is None:
        raise refused("at", "at, by or track is expected")
    placements.move(
        draft,
        clips,
        at=at,
        by=by,
        track=track,
        mode=args.mode,
        linked=args.linked,
        snap=args.snap,
    )


def swap(draft: Draft, args: Arguments) -> None:
    clips = finished_clips(args)
    if len(clips) != 2:
        raise refused("clips", "two clips are expected")
    ripples.swap(draft, clips[0], clips[1], linked=args.linked)


def paste(draft: Draft, args: Arguments) -> None:
    """`clips` (lifted ones, too), `at` (default: behind them), `track`, `mode`."""
    clips, at, track = args.clips(), args.find_tick("at", 0), args.find_id("track")
    finished(args)
    copies.paste(draft, clips, at, track=track, mode=args.mode, linked=args.linked, snap=args.snap)


def paste_attributes(draft: Draft, args: Arguments) -> None:
    """`source`: the clip to copy from; `clips`; `keys`: only these."""
    source, clips, only = args.id("source"), args.clips(), args.ids("keys")
    finished(args)
    copies.paste_attributes(draft, source, clips, only)


def nest(draft: Draft, args: Arguments) -> None:
    clips, name = args.clips(), args.find_text("name", 200)
    nests.nest(draft, clips, name, linked=finished(args).linked)


def un_nest(draft: Draft, args: Arguments) -> None:
    clip = args.clip()
    finished(args)
    nests.un_nest(draft, clip)


def add_transition(draft: Draft, args: Arguments) -> None:
    """`clip` and `edge` (default `tail`) or `clips` [left, right]; `kind`, `params`, offsets."""
    clips, edge = args.clips(), args.find_edge() or "tail"
    blend = blends.Blend(
        args.find_choice("kind", tuple(TRANSITION_KINDS)),
        args.find_tick("in_offset", 0),
        args.find_tick("out_offset", 0),
        args.object("params"),
    )
    make_handles = args.flag("make_handles", default=False)
    finished(args)
    for name, value in blend.params.items():
        checked("transitions", f"p:{name}", value)
    if len(clips) == 2 and not edges_meet(draft, clips[0], clips[1]):
        raise EditRefused("not_adjacent", clips[0], "the two clips have no cut in common")
    if len(clips) > 2:
        raise refused("clips", "[left, right] of one cut is expected")
    blends.add_transition(
        draft, clips[0], edge, blend, make_handles=make_handles, linked=args.linked
    )


def remove_transition(draft: Draft, args: Arguments) -> None:
    name = args.id("transition")
    finished(args)
    blends.remove_transition(draft, name)


def set_speed(draft: Draft, args: Arguments) -> None:
    """`clip`, `speed` [num, den], `ripple`."""
    clip, speed, ripple = args.clip(), args.find_speed(), args.flag("ripple", default=False)
    if speed is None:
        raise refused("speed", "is missing")
    retimes.set_speed(draft, clip, speed, ripple=ripple, linked=finished(args).linked)


def reverse(draft: Draft, args: Arguments) -> None:
    clip = args.clip()
    retimes.reverse(draft, clip, linked=finished(args).linked)


def freeze(draft: Draft, args: Arguments) -> None:
    clip, at, duration = args.clip(), args.at(), args.tick("duration", 1)
    retimes.freeze(draft, clip, at, duration, linked=args.linked, snap=finished(args).snap)
