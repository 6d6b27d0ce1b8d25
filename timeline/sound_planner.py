"""A resolved timeline -> the plan of its sound [export-X14, X15].

Sound is cut at the samples of the ticks, never by way of frames. A clip's samples come from its source at one
fixed shift, so a clip that was split sounds as it did before. The plan depends on what can be heard and when.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, cast

from timeline.errors import ExportRefused
from timeline.film_options import LoudnessTarget, OrderedFilm
from timeline.keyframes import evaluated
from timeline.layers import source_tick
from timeline.media import MediaTable
from timeline.plan import AudioSettings
from timeline.resolved import (
    Curves,
    Diagnostic,
    EffectUse,
    Key,
    Props,
    Resolved,
    SequenceView,
    Span,
    TrackView,
    TransitionView,
)
from timeline.schema import GAIN_DB, GENERATORS, PAN
from timeline.sound_plan import (
    POINTS_PER_SECOND,
    RAMP_SECONDS_DEN,
    Bus,
    Curve,
    Ducking,
    Fade,
    FlacSource,
    Level,
    MixSource,
    SoundClip,
    SoundEffect,
    SoundPlan,
    Source,
    Stretch,
    ToneSource,
)
from timeline.spans import local_of
from timeline.timing import TICKS, sample, tick

CHANNELS: Final[Mapping[str, int]] = {"mono": 1, "stereo": 2, "5.1": 6}
SILENCE_DB: Final = -96.0
COMPRESSOR: Final = ("threshold_db", "ratio", "attack_ms", "release_ms", "makeup_db")
POINT_TICKS: Final = TICKS // POINTS_PER_SECOND
Side: TypeAlias = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class PlannedSound:
    """The plan, and what of it cannot be done yet."""

    plan: SoundPlan
    diagnostics: tuple[Diagnostic, ...]


def plan_sound(
    resolved: Resolved,
    media: MediaTable,
    *,
    start: int = 0,
    end: int | None = None,
    audio: AudioSettings | None = None,
    loudness: LoudnessTarget = "timeline",
) -> PlannedSound:
    """The sound from tick `start` to tick `end` (exclusive; None: the end of the sequence)."""
    diagnostics: dict[tuple[str, str], Diagnostic] = {}
    view = resolved.sequences[resolved.sequence]
    stop = view.duration if end is None else end
    plan = _Mixer(resolved, media, view, diagnostics, (start, stop)).plan()
    wanted = plan.loudness_lufs
    if loudness != "timeline":
        wanted = None if loudness == "off" else float(loudness)
    encoded = audio or AudioSettings()
    plan = replace(plan, loudness_lufs=wanted, bit_rate=encoded.bit_rate, codec=encoded.codec)
    return PlannedSound(plan, tuple(diagnostics[key] for key in sorted(diagnostics)))


def sound_of_film(film: OrderedFilm, media: MediaTable, loudness: LoudnessTarget) -> PlannedSound:
    """The sound of the ordered frames, as long as they are: every boundary is rounded once [export-X15].

    ExportRefused where the file is sound alone and nothing can be heard.
    """
    found = plan_sound(
        film.frames.resolved,
        media,
        start=tick(film.first_frame, film.rate),
        end=tick(film.first_frame + film.frame_count, film.rate),
        audio=film.output.audio,
        loudness=loudness,
    )
    if found.plan.is_silent and not film.preset.file.has_picture:
        detail = f"nothing can be heard, and {film.preset.name} is sound alone"
        raise ExportRefused("no_sound", detail)
    return found


def gain_of(decibels: float) -> float:
    """The factor that stands for decibels; -96 is silence [export-X14]."""
    return 0.0 if decibels <= SILENCE_DB else round(10 ** (decibels / 20), 9)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A span with the stretch in which it sounds, crossfades included, in ticks."""

    span: Span
    start: int
    end: int
    before: TransitionView | None
    after: TransitionView | None


class _Mixer:
    def __init__(
        self,
        resolved: Resolved,
        media: MediaTable,
        view: SequenceView,
        diagnostics: dict[tuple[str, str], Diagnostic],
        window: tuple[int, int],
    ) -> None:
        self._resolved, self._media, self._view = resolved, media, view
        self._diagnostics = diagnostics
        self._start, self._end = window
        self._rate = view.sample_rate
        self._origin = sample(window[0], self._rate)

    def plan(self) -> SoundPlan:
        tracks = [track for track in self._view.tracks if track.kind == "audio" and track.active]
        numbers = {track.id: number for number, track in enumerate(tracks)}
        buses = tuple(self._bus(track, numbers) for track in tracks)
        loudness = self._view.props.get("loudness_lufs")
        return SoundPlan(
            sample_rate=self._rate,
            channels=CHANNELS[cast("str", self._view.props.get("channel_layout", "stereo"))],
            samples=sample(self._end, self._rate) - self._origin,
            buses=buses,
            loudness_lufs=float(loudness) if isinstance(loudness, int | float) else None,
            effects=_sound_effects(self._view.effects),
        )

    def _bus(self, track: TrackView, numbers: Mapping[str, int]) -> Bus:
        cuts = _cuts(track, [item for item in self._view.transitions if item.track == track.id])
        clips = [self._clip(cut, neighbours) for cut, neighbours in cuts]
        level = _Levels(track.props, track.curves)
        count = self._points(self._end - self._start)
        return Bus(
            clips=tuple(clip for clip in clips if clip is not None),
            gain=level.gain(lambda point: self._start + point * POINT_TICKS, count),
            pan=level.pan(lambda point: self._start + point * POINT_TICKS, count),
            ducking=tuple(_duckings(track.effects, numbers)),
            effects=_sound_effects(track.effects),
        )

    @staticmethod
    def _points(ticks: int) -> int:
        return -(-ticks // POINT_TICKS) + 1

    def _clip(self, cut: _Cut, neighbours: tuple[Span | None, Span | None]) -> SoundClip | None:
        span = cut.span
        source = self._source(span)
        start, end = max(cut.start, self._start), min(cut.end, self._end)
        if source is None or not span.active or start >= end:
            return None
        first_sample = sample(start, self._rate)
        samples = sample(end, self._rate) - first_sample
        stretch = self._stretch(span, start, end)
        if samples < 1 or (stretch.num == 0 and not stretch.positions):
            return None
        level = _Levels(span.props, span.curves)
        count = self._points(end - start)

        def local_at(point: int) -> int:
            return local_of(span, start + point * POINT_TICKS)

        return SoundClip(
            source=source,
            start=first_sample - self._origin,
            samples=samples,
            first=self._first(span, start, first_sample),
            stretch=stretch,
            gain=level.gain(local_at, count),
            pan=level.pan(local_at, count),
            fades=tuple(self._fades(cut, neighbours, first_sample)),
            effects=_sound_effects(span.effects),
        )

    def _first(self, span: Span, start: int, first_sample: int) -> int:
        """The source sample under the clip's first one: at speed 1 by one shift for the whole clip."""
        if span.speed == (1, 1):
            shift = span.local_in - span.start
            return first_sample + sample(shift, self._rate)
        return sample(local_of(span, start), self._rate)

    def _source(self, span: Span) -> Source | None:
        if span.kind == "media":
            facts = self._media.get(span.asset or "")
            if facts is None or facts.sound is None or span.media != "ready":
                return None
            taken = span.props.get("source_channels")
            wanted = [
                item for item in cast("list[int]", taken or []) if item < facts.sound.channels
            ]
            if taken and not wanted:
                return None
            sound = facts.sound
            length = sound.samples * self._rate // sound.sample_rate
            return FlacSource(sound.hash, sound.channels, length, tuple(wanted))
        if span.kind == "generator" and span.generator == "tone":
            defaults = GENERATORS["tone"]
            hz, level = (
                cast("float", span.props.get(f"p:{name}", defaults[name].default))
                for name in ("frequency_hz", "level_db")
            )
            return ToneSource(float(hz), gain_of(level))
        if span.kind == "sequence" and span.sequence is not None:
            inner = self._resolved.sequences[span.sequence]
            window = (0, max(1, inner.duration))
            mixer = _Mixer(self._resolved, self._media, inner, self._diagnostics, window)
            plan = replace(mixer.at_rate(self._rate).plan(), loudness_lufs=None)
            return None if plan.is_silent else MixSource(plan)
        return None

    def at_rate(self, sample_rate: int) -> "_Mixer":
        """The same sound at the rate of the film, not of the nested sequence."""
        self._rate = sample_rate
        self._origin = sample(self._start, sample_rate)
        return self

    def _stretch(self, span: Span, start: int, end: int) -> Stretch:
        pitch_lock = bool(span.props.get("pitch_lock", True))
        if "time" in span.curves:
            ticks = [
                source_tick(span, start + point * POINT_TICKS)
                for point in range(self._points(end - start))
            ]
            return Stretch(
                pitch_lock=False, positions=tuple(round(at * self._rate / TICKS, 3) for at in ticks)
            )
        return Stretch(*span.speed, pitch_lock=pitch_lock)

    def _fades(
        self, cut: _Cut, neighbours: tuple[Span | None, Span | None], first: int
    ) -> list[Fade]:
        """The clip's own fades, then at each edge a crossfade, or a ramp where it is a hard cut."""
        span, fades = cut.span, list[Fade]()
        clip_end = span.clip_start + span.clip_duration
        for name, is_in, edge in (
            ("fade_in", True, span.clip_start),
            ("fade_out", False, clip_end),
        ):
            length = cast("int", span.props.get(name, 0))
            if length:
                begin, finish = (edge, edge + length) if is_in else (edge - length, edge)
                curve = cast("Curve", span.props.get(f"{name}_curve", "equal_power"))
                fades.append(self._fade(begin, finish, first, is_in=is_in, curve=curve))
        for transition, is_in in ((cut.before, True), (cut.after, False)):
            if transition is not None:
                begin = transition.at - transition.in_offset
                finish = transition.at + transition.out_offset
                curve = "linear" if transition.params.get("curve") == "linear" else "equal_power"
                fades.append(self._fade(begin, finish, first, is_in=is_in, curve=curve))
        fades.extend(self._ramps(cut, neighbours, first))
        return fades

    def _ramps(
        self, cut: _Cut, neighbours: tuple[Span | None, Span | None], first: int
    ) -> list[Fade]:
        span = cut.span
        ramp = min(TICKS // RAMP_SECONDS_DEN, (cut.end - cut.start) // 2)
        previous, following = neighbours
        ramps: list[Fade] = []
        if cut.before is None and not _is_contiguous(previous, span):
            ramps.append(
                self._fade(span.start, span.start + ramp, first, is_in=True, curve="linear")
            )
        if cut.after is None and not _is_contiguous(span, following):
            ramps.append(self._fade(span.end - ramp, span.end, first, is_in=False, curve="linear"))
        return ramps

    def _fade(self, begin: int, finish: int, first: int, *, is_in: bool, curve: Curve) -> Fade:
        start = sample(begin, self._rate)
        return Fade(start - first, sample(finish, self._rate) - start, is_in, curve)


def _cuts(
    track: TrackView, transitions: list[TransitionView]
) -> list[tuple[_Cut, tuple[Span | None, Span | None]]]:
    """Each span with how far its crossfades reach, and its neighbours."""
    by_left = {item.left: item for item in transitions if item.left is not None}
    by_right = {item.right: item for item in transitions if item.right is not None}
    cuts: list[tuple[_Cut, tuple[Span | None, Span | None]]] = []
    for index, span in enumerate(track.spans):
        before, after = by_right.get(span.clip), by_left.get(span.clip)
        before = before if before is not None and before.at == span.start else None
        after = after if after is not None and after.at == span.end else None
        start = span.start - (before.in_offset if before else 0)
        end = span.end + (after.out_offset if after else 0)
        previous = track.spans[index - 1] if index else None
        following = track.spans[index + 1] if index + 1 < len(track.spans) else None
        cuts.append((_Cut(span, start, end, before, after), (previous, following)))
    return cuts


def _is_contiguous(left: Span | None, right: Span | None) -> bool:
    """Whether two neighbours play on in one source as if there were no cut."""
    if (
        left is None
        or right is None
        or left.end != right.start
        or not (left.active and right.active)
    ):
        return False
    same = ("kind", "asset", "sequence", "generator", "speed", "media")
    if any(getattr(left, name) != getattr(right, name) for name in same):
        return False
    has_remap = "time" in left.curves or "time" in right.curves
    return not has_remap and local_of(left, left.end) == right.local_in


def _duckings(effects: tuple[EffectUse, ...], numbers: Mapping[str, int]) -> list[Ducking]:
    found: list[Ducking] = []
    for effect in effects:
        by = numbers.get(str(effect.params.get("by")))
        if effect.kind == "ducking" and by is not None:
            names = ("amount_db", "threshold_db", "attack_ms", "release_ms")
            found.append(
                Ducking(by, *(float(cast("float", effect.params[name])) for name in names))
            )
    return found


def _sound_effects(effects: tuple[EffectUse, ...]) -> tuple[SoundEffect, ...]:
    """Effects with their numbers; what is animated counts with its plain value."""
    found: list[SoundEffect] = []
    for effect in effects:
        params = effect.params
        if effect.kind == "eq":
            bands = cast("list[list[float]]", params["bands"])
            found.append(
                SoundEffect("eq", tuple(tuple(float(item) for item in band) for band in bands))
            )
        elif effect.kind == "compressor":
            found.append(SoundEffect("compressor", (_row(params, *COMPRESSOR),)))
        elif effect.kind == "limiter":
            found.append(SoundEffect("limiter", (_row(params, "ceiling_dbtp"),)))
    return tuple(found)


def _row(params: Props, *names: str) -> tuple[float, ...]:
    return tuple(float(cast("float", params[name])) for name in names)


class _Levels:
    """Gain and pan of a clip or track over points of 10 ms."""

    def __init__(self, props: Props, curves: Curves) -> None:
        self._props, self._curves = props, curves

    def gain(self, at: Callable[[int], int], count: int) -> Level:
        keys = self._curves.get("gain_db")
        if keys is None:
            return gain_of(cast("float", self._props.get("gain_db", 0)))
        return _level(
            [
                gain_of(evaluated(keys, at(point), GAIN_DB.low, GAIN_DB.high))
                for point in range(count)
            ]
        )

    def pan(self, at: Callable[[int], int], count: int) -> Level:
        keys: tuple[Key, ...] | None = self._curves.get("pan")
        if keys is None:
            return float(cast("float", self._props.get("pan", 0)))
        return _level(
            [round(evaluated(keys, at(point), PAN.low, PAN.high), 9) for point in range(count)]
        )


def _level(values: list[float]) -> Level:
    return values[0] if len(set(values)) == 1 else tuple(values)
