"""Titles, cues and slates, drawn once before a film is planned [export-X6].

People's text becomes bitmaps here and reaches no graph.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from exporter.errors import Cancelled
from kit.fonts import builtin_fonts
from kit.object_store import ObjectStore
from kit.text_errors import TextUnavailable
from kit.text_store import stored_text
from timeline.media import MediaTable, TextBitmap
from timeline.model import Json
from timeline.plan import Output
from timeline.resolved import CueSpan, Diagnostic, Frames, SequenceView, Span
from timeline.text_spec import raster_scale, text_key, text_spec, word_range

SLATE_STYLE: Final[Mapping[str, Json]] = {"font_size": 0.045, "color_fg": "#d8dade"}
NAME_SHOWN: Final = 120


@dataclass(frozen=True, slots=True)
class DrawnTexts:
    """`texts` by the planner's `text_name`, `slates` by clip."""

    texts: Mapping[str, TextBitmap] = field(default_factory=dict[str, TextBitmap])
    slates: Mapping[str, TextBitmap] = field(default_factory=dict[str, TextBitmap])
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A text to draw: `owner` is the clip or cue it is of."""

    name: str
    owner: str
    text: str
    style: Mapping[str, Json]
    view: SequenceView
    scale: float = 1.0
    font_size: float = 0.0
    highlight: tuple[int, int] | None = None
    is_slate: bool = False


def drawn_texts(
    frames: Frames,
    media: MediaTable,
    names: Mapping[str, str],
    output: Output,
    store: ObjectStore,
    *,
    cancelled: Callable[[], bool],
) -> DrawnTexts:
    """All texts of the timeline as bitmaps in the store. TextUnavailable where this machine cannot draw.

    `names` are those of assets that are not in `media`, for their slates.
    """
    fonts = [font.hash for font in builtin_fonts()]
    texts: dict[str, TextBitmap] = {}
    slates: dict[str, TextBitmap] = {}
    missing: dict[str, str] = {}
    for wanted in _wanted_texts(frames, media, names):
        if cancelled():
            raise Cancelled
        try:
            bitmap, glyphs = _drawn(wanted, output, store, fonts)
        except TextUnavailable:
            if wanted.is_slate:
                continue  # a slate without words is still a slate
            raise
        (slates if wanted.is_slate else texts)[wanted.name] = bitmap
        if glyphs:
            missing[wanted.owner] = glyphs
    diagnostics = tuple(
        Diagnostic("missing_glyphs", owner, "warning", glyphs) for owner, glyphs in missing.items()
    )
    return DrawnTexts(texts, slates, diagnostics)


def _drawn(
    wanted: _Wanted, output: Output, store: ObjectStore, fonts: list[str]
) -> tuple[TextBitmap, str]:
    scale = raster_scale(wanted.scale, output.height, wanted.view.height)
    spec = text_spec(
        wanted.text,
        wanted.style,
        width=wanted.view.width,
        height=wanted.view.height,
        raster_scale=scale,
        fonts=fonts,
        highlight=wanted.highlight,
    )
    found = stored_text(store, text_key(spec), spec)
    bitmap = TextBitmap(
        hash=found.hash,
        key=found.key,
        width=found.width,
        height=found.height,
        x=found.x,
        y=found.y,
        box_width=found.box_width,
        box_height=found.box_height,
        raster_scale=scale,
        font_size=wanted.font_size,
    )
    return bitmap, found.missing_glyphs


def _wanted_texts(frames: Frames, media: MediaTable, names: Mapping[str, str]) -> Iterator[_Wanted]:
    for view in frames.resolved.sequences.values():
        for track in view.tracks:
            if track.kind == "audio" or not track.active:
                continue
            for span in track.spans:
                if span.active:
                    yield from _texts_of(span, view, media, names)


def _texts_of(
    span: Span, view: SequenceView, media: MediaTable, names: Mapping[str, str]
) -> Iterator[_Wanted]:
    match span.kind:
        case "title":
            text = str(span.props.get("text", ""))
            if text.strip():
                yield _title(span, text, view)
        case "captions":
            for cue in span.cues:
                yield from _cue_texts(cue, span, view)
        case "media":
            reason = _slate_reason(span, media, names)
            if reason:
                yield _Wanted(span.clip, span.clip, reason, SLATE_STYLE, view, is_slate=True)
        case _:
            return


def _title(span: Span, text: str, view: SequenceView) -> _Wanted:
    style = dict(span.props)
    animated = _largest(span, "font_size", 0.0) if "font_size" in span.curves else 0.0
    if animated:
        style["font_size"] = animated
    return _Wanted(span.clip, span.clip, text, style, view, scale=_scale(span), font_size=animated)


def _cue_texts(cue: CueSpan, span: Span, view: SequenceView) -> Iterator[_Wanted]:
    """One bitmap for each word step, and one for the time between words."""
    if not cue.text.strip():
        return
    style = {**span.props, **cue.props}
    words = [word for _, _, word in cue.words]
    yield _Wanted(cue.id, cue.id, cue.text, style, view, scale=_scale(span))
    for index in range(len(words)):
        name = f"{cue.id}/{index}"
        highlight = word_range(cue.text, words, index)
        yield _Wanted(name, cue.id, cue.text, style, view, _scale(span), highlight=highlight)


def _slate_reason(span: Span, media: MediaTable, names: Mapping[str, str]) -> str:
    """What a slate says: which media, and what is wrong; nothing where there is a picture."""
    facts = media.get(span.asset or "")
    if span.media == "ready" and facts is not None:
        if facts.picture is not None or facts.still is not None:
            return ""
        reason = "no picture"
    else:
        reason = {"pending": "not ready yet", "failed": "cannot be read"}.get(
            span.media or "", "missing"
        )
    known = facts.name if facts is not None else names.get(span.asset or "", "")
    name = known or str(span.props.get("name") or "") or span.asset or span.clip
    return f"{name[:NAME_SHOWN]}\n{reason}"


def _scale(span: Span) -> float:
    return max(_largest(span, "scale_x", 1.0), _largest(span, "scale_y", 1.0))


def _largest(span: Span, name: str, default: float) -> float:
    keys = span.curves.get(name)
    values = [key[1] for key in keys] if keys else [span.props.get(name, default)]
    return max((value for value in values if isinstance(value, int | float)), default=default)
