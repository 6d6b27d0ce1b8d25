"""The words of a film that are not drawn: captions as a track of their own, chapters, the title.

Everything stands on frames of the film, as the pictures do, so a soft caption changes with the frame with
which a burnt-in one would.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from timeline.film_options import OrderedFilm
from timeline.model import Json
from timeline.resolved import CueSpan, SequenceView
from timeline.timing import frame

TITLE_MAX: Final = 200
CHAPTERS_MAX: Final = 255  # players count them in one byte
FIRST_CHAPTER: Final = "Start"
MILLISECONDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """A caption: shown on frames `[start, end)` of the film."""

    start: int
    end: int
    text: str
    speaker: str = ""


def caption_lines(film: OrderedFilm) -> tuple[Line, ...]:
    """The captions that a viewer may switch on, in order; those of nested sequences are not among them."""
    view = film.worded.resolved.sequences[film.worded.resolved.sequence]
    last = film.first_frame + film.frame_count
    lines: list[Line] = []
    for cue in _cues(view):
        start = max(cast("int", cue.start_frame), film.first_frame)
        end = min(cast("int", cue.end_frame), last)
        if start < end and cue.text.strip():
            at = start - film.first_frame
            lines.append(Line(at, at + end - start, cue.text.strip(), cue.speaker))
    return tuple(sorted(lines, key=lambda line: (line.start, line.end)))


def _cues(view: SequenceView) -> Iterator[CueSpan]:
    for track in view.tracks:
        if track.kind == "caption" and track.active:
            for span in track.spans:
                if span.active:
                    yield from (cue for cue in span.cues if cue.start_frame is not None)


def chapters(film: OrderedFilm, title: str) -> tuple[tuple[int, str], ...]:
    """(first frame, name) of the chapter markers inside the film; the first one begins with it.

    Where no marker stands at the beginning, that stretch is called as the film is.
    """
    view = film.worded.resolved.sequences[film.worded.resolved.sequence]
    found: dict[int, str] = {}
    for marker in view.markers:
        at = frame(marker.t, film.rate) - film.first_frame
        if marker.props.get("kind") == "chapter" and 0 <= at < film.frame_count:
            found.setdefault(at, str(marker.props.get("name", "")).strip())
    if not found:
        return ()
    starts = sorted(found)[:CHAPTERS_MAX]
    named = [(at, found[at] or f"Chapter {number}") for number, at in enumerate(starts, start=1)]
    if starts[0] > 0:
        named.insert(0, (0, title or FIRST_CHAPTER))
    return tuple(named[:CHAPTERS_MAX])


def labels_json(film: OrderedFilm, title: str) -> dict[str, Json]:
    """Title and chapters as the plan carries them."""
    shown = " ".join(title.split())[:TITLE_MAX]
    return {"title": shown, "chapters": [[at, name] for at, name in chapters(film, shown)]}


def lines_json(lines: Sequence[Line]) -> list[Json]:
    return [[line.start, line.end, line.text, line.speaker] for line in lines]


def lines_from_json(value: Json) -> tuple[Line, ...]:
    """The lines that `lines_json` wrote."""
    rows = cast("list[list[int | str]]", value or [])
    return tuple(
        Line(int(start), int(end), str(text), str(speaker)) for start, end, text, speaker in rows
    )


def web_vtt(lines: Sequence[Line], fps_num: int, fps_den: int) -> str:
    """The lines as a WebVTT file (W3C), to the millisecond nearest to their frames."""
    blocks = ["WEBVTT\n"]
    for line in lines:
        times = [_clock(_milliseconds(at, fps_num, fps_den)) for at in (line.start, line.end)]
        blocks.append(f"{times[0]} --> {times[1]}\n{_spoken(line)}\n")
    return "\n".join(blocks)


def _spoken(line: Line) -> str:
    """Escaped; no empty line may stand in a cue, it would end it."""
    text = "\n".join(part for part in _escaped(line.text).splitlines() if part.strip())
    name = " ".join(_escaped(line.speaker).split())
    return f"<v {name}>{text}" if name else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _milliseconds(at: int, fps_num: int, fps_den: int) -> int:
    return (2 * at * MILLISECONDS * fps_den + fps_num) // (2 * fps_num)


def _clock(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, MILLISECONDS)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{thousandths:03d}"
