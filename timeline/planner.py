"""A resolved timeline on frames -> the plan of its film [export-X1 to X5, X10, X11].

A *run* is a stretch of frames between two boundaries in which the same layers stand over each
other. A run is copied where one untouched picture fills it, and else cut into pieces on a grid
that is anchored in the source, so that moving a clip moves its pieces without changing one.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from timeline.backdrop import on_backdrop
from timeline.boundaries import boundaries
from timeline.content_key import KeySpace, copy_key, drawn_key
from timeline.drawing import covers, drawn_layers
from timeline.geometry import Canvas, Materials, fitted_canvas
from timeline.layers import layers
from timeline.media import CUBE_SIDE, MediaFacts, MediaTable, PictureRendition, TextBitmap
from timeline.plan import (
    CopySegment,
    DrawnSegment,
    GroupSource,
    ImageSource,
    InputFile,
    Output,
    Plan,
    PlannedLayer,
    RenditionSource,
    Segment,
    SegmentKind,
)
from timeline.resolved import Diagnostic, Frames, Layer, Span
from timeline.strands import Strand, joined
from timeline.timing import TICKS, Rate, grid_frames, middle

PIECE_FRAMES_MIN: Final = (
    12  # export-X3, X11: shorter pieces cost more in sync pictures than they save
)


@dataclass(frozen=True, slots=True)
class Run:
    """Frames `[start, start + frames)` with one stack of layers; `anchor` is what the grid hangs on."""

    start: int
    frames: int
    strands: tuple[Strand, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to plan: the preset made concrete, the binary's hash, and frames of the timeline to export."""

    output: Output
    engine: str
    first_frame: int = 0
    frames: int | None = None


def plan_segments(
    frames: Frames,
    media: MediaTable,
    wanted: Wanted,
    *,
    texts: Mapping[str, TextBitmap] | None = None,
    slates: Mapping[str, TextBitmap] | None = None,
) -> Plan:
    """The plan of the film: segments that tile it, with content keys.

    `texts` are the drawn titles and cues by `text_name`, `slates` those of missing media by clip.
    Without `texts` the plan is good for a price, and cannot be carried out where there are any.
    """
    output = wanted.output
    view = frames.resolved.sequences[frames.resolved.sequence]
    canvas = fitted_canvas(
        view.width, view.height, output.width, output.height, cover=output.fit == "cover"
    )
    canvas = replace(canvas, background=output.background)
    opaque = frozenset(
        facts.still.hash
        for facts in media.values()
        if facts.still is not None and not facts.still.has_alpha
    )
    materials = Materials(media, texts, slates or {}, opaque)
    planner = _Planner(frames, wanted, canvas, materials)
    segments = planner.segments()
    total = sum(segment.frames for segment in segments)
    return Plan(
        frames=total,
        output=output,
        segments=tuple(segments),
        inputs=_inputs(segments, materials),
        diagnostics=_diagnostics(frames, media),
    )


class _Planner:
    def __init__(
        self, frames: Frames, wanted: Wanted, canvas: Canvas, materials: Materials
    ) -> None:
        self._frames = frames
        self._output = wanted.output
        self._first = wanted.first_frame
        self._end = (
            frames.duration_frames
            if wanted.frames is None
            else min(frames.duration_frames, wanted.first_frame + wanted.frames)
        )
        self._canvas = canvas
        self._materials = materials
        self._space = KeySpace(wanted.output, wanted.engine)
        self._rate = Rate(frames.fps_num, frames.fps_den)
        self._grid = grid_frames(self._rate)
        self._view = frames.resolved.sequences[frames.resolved.sequence]
        self._spans = _spans_by_clip(frames)
        self._renditions = {
            facts.picture.hash: facts.picture
            for facts in materials.media.values()
            if facts.picture is not None
        }

    def segments(self) -> list[Segment]:
        runs = [(run, self._drawn(run.strands)) for run in self._runs()]
        stretches = {
            run.start: stretch
            for run, drawn in runs
            if (stretch := self._copyable(drawn)) is not None
        }
        chosen = _winning_fingerprint(stretches.values())
        found: list[Segment] = []
        for run, drawn in runs:
            stretch = stretches.get(run.start)
            if stretch is None or stretch.rendition.fingerprint != chosen:
                found += self._encoded(run, self._kind(run, drawn), drawn)
            else:
                found += self._copied(run, stretch)
        return found

    def _drawn(self, strands: Sequence[Strand]) -> tuple[PlannedLayer, ...]:
        drawn = drawn_layers(strands, self._canvas, self._materials)
        if self._output.fit != "blur":
            return drawn
        return on_backdrop(strands, drawn, self._canvas, self._materials)

    def _runs(self) -> Iterator[Run]:
        edges = boundaries(self._frames, self._first, self._end)
        for start, end in pairwise(edges):
            yield from self._split(start, end)

    def _split(self, start: int, end: int) -> Iterator[Run]:
        """Runs of equal stacks; there is one, unless something begins inside of a nested sequence."""
        first = layers(self._frames, start)
        if all(self._is_steady(layer, start, end) for layer in first):
            strands = tuple(self._steady(layer, start, end) for layer in first)
            yield Run(start - self._first, end - start, strands)
            return
        stacks = [first, *(layers(self._frames, n) for n in range(start + 1, end))]
        begin = 0
        for index in range(1, len(stacks) + 1):
            if index == len(stacks) or _shape(stacks[index]) != _shape(stacks[begin]):
                part = stacks[begin:index]
                strands = tuple(
                    joined([stack[place] for stack in part]) for place in range(len(part[0]))
                )
                yield Run(start + begin - self._first, index - begin, strands)
                begin = index

    def _is_steady(self, layer: Layer, start: int, end: int) -> bool:
        """Whether only the picture changes over these frames, and that by plain counting."""
        if layer.transition is not None or layer.layers is not None:
            return False
        span = self._spans.get(layer.clip)
        if span is None:  # what the sequence does to its whole picture
            return not any(effect.curves for effect in self._view.effects)
        if span.curves or span.speed != (1, 1) or any(e.curves for e in span.effects):
            return False
        if layer.track_effects or layer.cue is not None:
            return False
        return not _is_fading(span, middle(start, self._rate), middle(end - 1, self._rate))

    def _steady(self, layer: Layer, start: int, end: int) -> Strand:
        facts = self._materials.media.get(layer.asset or "")
        if layer.picture is None or facts is None or facts.picture is None:
            return Strand(end - start, (layer,))
        span, source = self._spans[layer.clip], facts.picture
        offset = span.local_in - span.start
        numbers = _numbers_shown(range(start, end), offset, self._rate, source)
        return Strand(end - start, (layer,), numbers)

    def _copyable(self, drawn: Sequence[PlannedLayer]) -> "_Stretch | None":
        """The packets that can stand in this run as they are [export-X10, X11]."""
        video = self._output.video
        if not video.copy or video.codec != "h264" or len(drawn) != 1:
            return None
        layer = drawn[0]
        if not isinstance(layer.source, RenditionSource) or len(layer.pictures) != 1:
            return None
        rendition = self._renditions[layer.source.hash]
        untouched = PlannedLayer(layer.source, layer.pictures, box=self._canvas.whole)
        first, count, step = layer.pictures[0]
        fits = (
            layer == untouched
            and (step == 1 or count == 1)
            and (rendition.width, rendition.height) == (self._output.width, self._output.height)
            and rendition.rate.fraction == self._rate.fraction
            and rendition.fingerprint != ""
        )
        if not fits:
            return None
        sync, samples = copied_samples(rendition, first, first + count)
        if samples < PIECE_FRAMES_MIN:
            return None
        return _Stretch(rendition, sync, sync - first, samples)

    def _copied(self, run: Run, stretch: "_Stretch") -> Iterator[Segment]:
        head, tail = stretch.before, run.frames - stretch.before - stretch.samples
        yield from self._encoded(_part(run, 0, head), "EDGE")
        digest = stretch.rendition.hash
        yield CopySegment(
            run.start + head,
            stretch.samples,
            copy_key(digest, stretch.first_sample, stretch.samples),
            digest,
            stretch.first_sample,
            stretch.samples,
        )
        yield from self._encoded(_part(run, run.frames - tail, tail), "EDGE")

    def _kind(self, run: Run, drawn: Sequence[PlannedLayer]) -> SegmentKind:
        if any(strand.first.transition is not None for strand in run.strands):
            return "MIX"
        if not drawn:
            return "GAP"
        return "BODY" if len(drawn) == 1 else "MIX"

    def _encoded(
        self, run: Run, kind: SegmentKind, whole: tuple[PlannedLayer, ...] | None = None
    ) -> Iterator[DrawnSegment]:
        """The pieces of a run; `whole` is the run as drawn, where that is known already."""
        if run.frames == 0 or kind == "COPY":
            return
        for start, frames in pieces(self._marks(run)):
            piece = _part(run, start, frames)
            drawn = whole if whole is not None and piece is run else None
            if drawn is None:
                drawn = self._drawn(piece.strands)
            hidden = any(covers(layer, self._canvas.whole, self._materials) for layer in drawn[:1])
            background = None if hidden else self._output.background
            key = drawn_key(self._space, frames, drawn, background=background)
            yield DrawnSegment(kind, piece.start, frames, key, drawn)

    def _marks(self, run: Run) -> list[int]:
        """For each frame of the run the cell of the grid it lies in [export-X2]."""
        anchor = next((s for s in run.strands if s.first.kind == "media"), None)
        anchor = anchor or next(iter(run.strands), None)
        numbers = range(run.start + self._first, run.start + self._first + run.frames)
        if anchor is None:
            return [index // self._grid for index in range(run.frames)]
        span = self._spans[anchor.first.clip]
        first, last = (self._cell(span, n) for n in (numbers[0], numbers[-1]))
        if first == last:  # time runs one way, so nothing lies between
            return [first] * run.frames
        return [self._cell(span, n) for n in numbers]

    def _cell(self, span: Span, n: int) -> int:
        """The cell of the grid that frame `n` of a span lies in."""
        num, den = span.speed
        at, a_frame = middle(n, self._rate), TICKS * self._rate.den
        if num == 0:
            return (at - span.clip_start) * self._rate.num // a_frame // self._grid
        local = span.local_in + (at - span.start) * num // den
        return local * self._rate.num * den // (a_frame * abs(num)) // self._grid


@dataclass(frozen=True, slots=True)
class _Stretch:
    rendition: PictureRendition
    first_sample: int
    before: int
    samples: int


def _numbers_shown(
    frames: range, offset: int, rate: Rate, source: PictureRendition
) -> tuple[int, ...]:
    """The picture that each of these frames shows; `offset` ticks lie between film and source."""
    num, den, last = source.rate.num, source.rate.den * TICKS, source.pictures - 1

    def number(n: int) -> int:
        return (middle(n, rate) + offset) * num // den

    low, high = number(frames[0]), number(frames[-1])
    if source.rate == rate and den % num == 0 and low >= 0 and high <= last:
        return tuple(range(low, high + 1))  # a frame is whole ticks long: each shows the next
    return tuple(min(max(0, number(n)), last) for n in frames)


def pieces(cells: Sequence[int]) -> list[tuple[int, int]]:
    """(start, frames) of the pieces of a run: cut where the cell changes [export-X2].

    A first or last piece that is short joins its neighbour [export-X3].
    """
    cuts = [0, *(i for i in range(1, len(cells)) if cells[i] != cells[i - 1]), len(cells)]
    if len(cuts) > 2 and cuts[1] - cuts[0] < PIECE_FRAMES_MIN:
        del cuts[1]
    if len(cuts) > 2 and cuts[-1] - cuts[-2] < PIECE_FRAMES_MIN:
        del cuts[-2]
    return [(start, end - start) for start, end in pairwise(cuts)]


def copied_samples(rendition: PictureRendition, first: int, end: int) -> tuple[int, int]:
    """(first sample, samples) that can be copied for pictures `[first, end)`; 0 samples where none can.

    From the first sync picture at or after `first`, the longest prefix in decode order whose
    display ranks are contiguous and below `end`: the head of the last GOP is part of it.
    """
    place = bisect_left(rendition.sync, first)
    if place == len(rendition.sync) or rendition.sync[place] >= end:
        return (0, 0)
    start = rendition.sync[place]
    if not rendition.ranks:
        return (start, end - start)
    best, highest = 0, start - 1
    for count, rank in enumerate(rendition.ranks[start:end], start=1):
        if rank >= end:
            break
        highest = max(highest, rank)
        if highest == start + count - 1:
            best = count
    return (start, best)


def _winning_fingerprint(stretches: Iterable[_Stretch]) -> str:
    """Of several parameter sets under one id one can stand in a film: that with the most frames [export-X12]."""
    frames: dict[str, int] = defaultdict(int)
    for stretch in stretches:
        frames[stretch.rendition.fingerprint] += stretch.samples
    return min(frames, key=lambda item: (-frames[item], item), default="")


def _part(run: Run, start: int, frames: int) -> Run:
    if (start, frames) == (0, run.frames):
        return run
    strands = tuple(strand.part(start, frames) for strand in run.strands)
    return Run(run.start + start, frames, strands)


def _shape(stack: Sequence[Layer]) -> tuple[object, ...]:
    """What must be equal for two frames to be drawn by one graph."""
    return tuple(
        (
            layer.clip,
            layer.cue,
            layer.word,
            layer.transition and (layer.transition.id, layer.transition.side),
            None if layer.layers is None else _shape(layer.layers),
        )
        for layer in stack
    )


def _is_fading(span: Span, first: int, last: int) -> bool:
    fade_in, fade_out = span.props.get("fade_in", 0), span.props.get("fade_out", 0)
    begins = isinstance(fade_in, int) and first < span.clip_start + fade_in
    ends = isinstance(fade_out, int) and last > span.clip_start + span.clip_duration - fade_out
    return begins or ends


def _spans_by_clip(frames: Frames) -> dict[str, Span]:
    view = frames.resolved.sequences[frames.resolved.sequence]
    return {span.clip: span for track in view.tracks for span in track.spans}


def _hashes(layers_: Sequence[PlannedLayer]) -> Iterator[str]:
    """Of all files that these layers are drawn from."""
    for layer in layers_:
        match layer.source:
            case GroupSource(layers=inner):
                yield from _hashes(inner)
            case RenditionSource(hash=digest) | ImageSource(hash=digest):
                yield digest
            case _:
                pass
        for effect in layer.effects:
            cube = effect.params.get("cube")
            if isinstance(cube, str):
                yield cube.removeprefix("sha256:")


def _inputs(segments: Sequence[Segment], materials: Materials) -> dict[str, InputFile]:
    known = _known_inputs(materials)
    used: dict[str, InputFile] = {}
    for segment in segments:
        if isinstance(segment, CopySegment):
            used[segment.rendition] = known[segment.rendition]
            continue
        for digest in _hashes(segment.layers):
            if digest in known:
                used[digest] = known[digest]
    return used


def _known_inputs(materials: Materials) -> dict[str, InputFile]:
    known: dict[str, InputFile] = {}
    for facts in materials.media.values():
        known |= {item.hash: item for item in _media_inputs(facts)}
    for bitmap in (*(materials.texts or {}).values(), *materials.slates.values()):
        known[bitmap.hash] = InputFile(
            bitmap.hash, bitmap.key, "png_pipe", "png", bitmap.width, bitmap.height, has_alpha=True
        )
    return known


def _media_inputs(facts: MediaFacts) -> Iterator[InputFile]:
    if facts.picture is not None:
        found = facts.picture
        yield InputFile(
            found.hash,
            found.key,
            found.format,
            found.codec,
            found.width,
            found.height,
            found.rate.num,
            found.rate.den,
            found.pictures,
            found.sync,
            found.first_pts,
        )
    if facts.cube is not None:
        cube = facts.cube
        yield InputFile(cube.hash, cube.key, "cube", "cube", CUBE_SIDE, CUBE_SIDE)
    if facts.still is not None:
        still = facts.still
        yield InputFile(
            still.hash,
            still.key,
            "png_pipe",
            "png",
            still.width,
            still.height,
            has_alpha=still.has_alpha,
        )


def _diagnostics(frames: Frames, media: MediaTable) -> tuple[Diagnostic, ...]:
    found = list(frames.resolved.diagnostics)
    for asset, facts in media.items():
        found += [
            Diagnostic(item.code, asset, "warning", f"{facts.name}: {item.detail}".strip(": "))
            for item in facts.diagnostics
        ]
    return tuple(sorted(set(found), key=lambda item: (item.code, item.id)))
