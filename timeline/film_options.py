"""What was ordered, as values, and what is to be planned of a resolved timeline under it.

Both rooms ask here: whoever prices an export plans the same frames as whoever makes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, cast

from timeline.errors import ExportRefused
from timeline.media import MediaFacts, MediaTable
from timeline.model import Json
from timeline.on_frames import on_frames
from timeline.plan import Fit, Output
from timeline.presets import Preset, find_preset, output_of
from timeline.resolved import Frames, Resolved, SequenceView
from timeline.timing import Rate, frame, frame_containing

CaptionMode: TypeAlias = Literal["burn", "soft", "none"]
OnMissing: TypeAlias = Literal["slate", "fail"]
LoudnessTarget: TypeAlias = Literal["timeline", "off"] | float
"""As the sequence says, left as it is, or LUFS."""

LOUDNESS_TARGETS: Final = (-14.0, -16.0, -23.0)
"""What streaming services, podcasts and broadcasters ask for."""
NO_MEDIA: Final = ("media_missing", "media_failed", "media_pending")
OF_MEDIA: Final = (*NO_MEDIA, "past_media_end")
"""Diagnostics of a clip whose detail is the id of its asset."""


@dataclass(frozen=True, slots=True)
class FilmOptions:
    """How the film is wanted beyond its preset. `fit` None: the preset's; `poster` is a tick of the sequence."""

    captions: CaptionMode = "burn"
    on_missing: OnMissing = "slate"
    fit: Fit | None = None
    loudness: LoudnessTarget = "timeline"
    poster: int | None = None


@dataclass(frozen=True, slots=True)
class OrderedFilm:
    """Frames `[first_frame, first_frame + frame_count)` of `frames` are wanted, drawn as `output` says.

    Captions of `frames` are switched off unless they are burnt in; `worded` still has them.
    """

    preset: Preset
    output: Output
    frames: Frames
    worded: Frames
    first_frame: int
    frame_count: int
    poster_frame: int | None = None

    @property
    def rate(self) -> Rate:
        return Rate(self.frames.fps_num, self.frames.fps_den)


def ordered_film(
    resolved: Resolved,
    media: MediaTable,
    preset_name: str,
    span: tuple[int, int] | None,
    options: FilmOptions,
    names: Mapping[str, str] | None = None,
) -> OrderedFilm:
    """What is to be planned; ExportRefused where the timeline or the order forbids it.

    `span` is None or (start, duration) in ticks; `names` are those of assets that `media` does not know.
    """
    preset = find_preset(preset_name)
    _refuse(resolved, media, options, names or {})
    output = output_of(preset, resolved.sequences[resolved.sequence], options.fit)
    worded = on_frames(resolved, output.fps_num, output.fps_den)
    frames = worded
    if options.captions != "burn":
        frames = replace(worded, resolved=_without_captions(worded.resolved))
    first, count = _frame_range(worded, span, preset)
    poster = _poster_frame(worded, options.poster)
    return OrderedFilm(preset, output, frames, worded, first, count, poster)


def film_media(preset: Preset, media: MediaTable) -> MediaTable:
    """The media as this preset reads it: of originals, only what was adopted may be copied [export-X23]."""
    if preset.origin == "auto":
        return media
    return {asset: _uncopied(facts) for asset, facts in media.items()}


def _uncopied(facts: MediaFacts) -> MediaFacts:
    if facts.picture is None or facts.picture.adopted:
        return facts
    return replace(facts, picture=replace(facts.picture, fingerprint=""))


def _refuse(
    resolved: Resolved, media: MediaTable, options: FilmOptions, names: Mapping[str, str]
) -> None:
    fatal = resolved.fatal
    if fatal is not None:
        raise ExportRefused(fatal.code, fatal.detail or fatal.id or "timeline")
    if options.on_missing == "slate":
        return
    for item in resolved.diagnostics:
        if item.code in NO_MEDIA:
            raise ExportRefused(item.code, f"{item.id}: {media_told(item.detail, media, names)}")


def media_told(assets: str, media: MediaTable, names: Mapping[str, str]) -> str:
    """What people call these assets (`a, b`), and what is wrong with those that could not be read."""
    told = [_media_told(asset, media, names) for asset in dict.fromkeys(assets.split(", "))]
    return ", ".join(told)


def _media_told(asset: str, media: MediaTable, names: Mapping[str, str]) -> str:
    facts = media.get(asset)
    name = (facts.name if facts is not None else "") or names.get(asset, asset)
    if facts is None or facts.facts.state != "failed" or not facts.diagnostics:
        return name
    return f"{name}: {facts.diagnostics[0].detail}"


def _poster_frame(frames: Frames, at: int | None) -> int | None:
    if at is None:
        return None
    found = frame_containing(at, Rate(frames.fps_num, frames.fps_den))
    if not 0 <= found < frames.duration_frames:
        raise ExportRefused("empty_range", f"no frame stands at {at}, where the poster is wanted")
    return found


def _without_captions(resolved: Resolved) -> Resolved:
    def silent(view: SequenceView) -> SequenceView:
        tracks = tuple(
            replace(track, active=False) if track.kind == "caption" else track
            for track in view.tracks
        )
        return replace(view, tracks=tracks)

    sequences = {name: silent(view) for name, view in resolved.sequences.items()}
    return replace(resolved, sequences=sequences)


def _frame_range(frames: Frames, span: tuple[int, int] | None, preset: Preset) -> tuple[int, int]:
    """(first frame, frames); the range is cut to the film, a still is one frame of it."""
    whole = frames.duration_frames
    if whole < 1:
        raise ExportRefused("empty_timeline", "there is no frame to export")
    first, end = 0, whole
    if span is not None:
        start, duration = span
        rate = Rate(frames.fps_num, frames.fps_den)
        first, end = frame(start, rate), frame(start + duration, rate)
        if preset.still:
            first = frame_containing(start, rate)
            end = first + 1
        if start < 0 or duration < 1 or first >= min(end, whole):
            raise ExportRefused("empty_range", f"{start}+{duration} holds no frame of the timeline")
        end = min(end, whole)
    if preset.still:
        end = first + 1
    seconds = (end - first) * frames.fps_den / frames.fps_num
    if preset.seconds_max is not None and seconds > preset.seconds_max:
        raise ExportRefused(
            "too_long", f"{seconds:.1f} s; {preset.name} takes at most {preset.seconds_max} s"
        )
    return first, end - first


def options_json(options: FilmOptions) -> dict[str, Json]:
    return {
        "captions": options.captions,
        "on_missing": options.on_missing,
        "fit": options.fit,
        "loudness": options.loudness,
        "poster": options.poster,
    }


def options_from_json(value: Mapping[str, Json]) -> FilmOptions:
    """What `options_json` wrote; what is missing has its default."""
    plain = FilmOptions()
    return FilmOptions(
        captions=cast("CaptionMode", value.get("captions", plain.captions)),
        on_missing=cast("OnMissing", value.get("on_missing", plain.on_missing)),
        fit=cast("Fit | None", value.get("fit")),
        loudness=cast("LoudnessTarget", value.get("loudness", plain.loudness)),
        poster=cast("int | None", value.get("poster")),
    )
