"""`cutroom plan SOURCE`: what an export would do; renders nothing."""

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final, cast

from cli.errors import CommandFailed, ExitCode
from cli.film_order import add_order_arguments, ordered_options, ordered_span
from cli.local_export import export_job, local_room
from cli.seen_media import seen
from cli.timeline_source import open_timeline, with_own_size
from exporter.film_plan import PlanningRoom, planned_film
from exporter.masters import find_master
from exporter.pipeline import keys_of, missing_segments
from exporter.report import counts_json
from timeline.errors import ExportRefused
from timeline.model import Json
from timeline.plan import Plan, Segment
from timeline.plan_json import plan_json
from timeline.plan_words import names_of, segment_words
from timeline.presets import find_preset
from timeline.quote import Quote, quote

SUMMARY: Final = "tell what an export would do; renders nothing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help=".cutroom.json or .otio")
    parser.add_argument(
        "--json", action="store_true", help="the whole plan, with counts and credits"
    )
    add_order_arguments(parser)
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where finished segments are kept"
    )
    parser.add_argument(
        "--media",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="look for media by name",
    )


def run(arguments: argparse.Namespace) -> int:
    find_preset(arguments.preset)
    source = open_timeline(arguments.source, arguments.media)
    with local_room(Path("unused.mp4"), workers=1, cache=arguments.cache) as room:
        media = seen(room, source)
        sized = with_own_size(source, media)
        job = export_job(
            sized,
            media,
            preset=arguments.preset,
            span=ordered_span(arguments, sized.document),
            options=ordered_options(arguments, sized.document),
        )
        build = room.shop.ffmpeg.build_id
        known = partial(find_master, room.store, build)
        planning = PlanningRoom(room.store, build, lambda: False, known)
        try:
            plan = planned_film(job, planning)
        except ExportRefused as refused:
            what = " ".join(str(refused).split())
            raise CommandFailed(what, str(source.path), ExitCode.BAD_INPUT) from refused
        missing = missing_segments(plan, room.shop.cache)
    made = frozenset(plan.segments[index].key for index in missing)
    cached = frozenset(segment.key for segment in plan.drawn if segment.key not in made)
    quoted = quote(plan, cached)
    if arguments.json:
        print(json.dumps(_whole(plan, missing, quoted, cached, names_of(media))))
    else:
        _print(plan, missing, quoted, cached)
        _print_segments(plan, cached, names_of(media))
    return ExitCode.DONE


def _whole(
    plan: Plan,
    missing: tuple[int, ...],
    quoted: Quote,
    cached: frozenset[str],
    names: Mapping[str, str],
) -> dict[str, Json]:
    whole = plan_json(plan)
    segments = cast("list[dict[str, Json]]", whole["segments"])
    for segment, entry in zip(plan.segments, segments, strict=True):
        entry["reused"] = segment.key in cached
        entry["words"] = segment_words(segment, plan, names)
    return {**whole, "counts": counts_json(plan, keys_of(plan, missing)), "credits": quoted.credits}


def _print(plan: Plan, missing: tuple[int, ...], quoted: Quote, cached: frozenset[str]) -> None:
    output = plan.output
    print(
        f"{output.width}x{output.height} at {output.fps_num}/{output.fps_den}, {plan.frames} frames"
    )
    kinds: Counter[str] = Counter()
    frames: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for segment in plan.segments:
        kinds[segment.kind] += 1
        frames[segment.kind] += segment.frames
        hits[segment.kind] += segment.key in cached
    for kind in ("COPY", "EDGE", "BODY", "MIX", "GAP"):
        if kinds[kind]:
            reuse = "" if kind == "COPY" else f", {hits[kind]} in the cache"
            print(f"  {kind:5} {kinds[kind]:6} segments {frames[kind]:8} frames{reuse}")
    print(f"to encode: {_frames(plan, missing)} frames; credits: {quoted.credits}")
    for item in plan.diagnostics:
        detail = f": {item.detail}" if item.detail else ""
        print(f"{item.level}: {item.code}: {item.id}{detail}")


def _print_segments(plan: Plan, cached: frozenset[str], names: Mapping[str, str]) -> None:
    print("frames, what becomes of them, and why:")
    for segment in plan.segments:
        last = segment.start + segment.frames - 1
        state = "in the cache" if segment.key in cached else "to encode"
        state = "" if segment.kind == "COPY" else f" ({state})"
        words = segment_words(segment, plan, names)
        print(f"  {segment.start:7} to {last:7}  {segment.kind:5} {words}{state}")


def _frames(plan: Plan, positions: tuple[int, ...]) -> int:
    segments: list[Segment] = [plan.segments[index] for index in positions]
    return sum(segment.frames for segment in segments)
