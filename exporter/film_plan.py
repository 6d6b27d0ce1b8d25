"""A job -> the plan of its film: resolve, quantise, draw what must be drawn before, plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from exporter.masters import with_masters
from exporter.sound_task import planned_sound
from exporter.texts import DrawnTexts, drawn_texts
from kit.object_store import ObjectStore
from timeline.film_options import (
    OF_MEDIA,
    FilmOptions,
    OrderedFilm,
    film_media,
    media_told,
    ordered_film,
)
from timeline.film_words import caption_lines, labels_json, lines_json
from timeline.jobs import ExportJob
from timeline.media import MediaFacts, MediaTable, PictureRendition
from timeline.media_json import media_from_json
from timeline.model import Json, document_from_json
from timeline.plan import InputFile, Plan, Poster, VideoSettings
from timeline.planner import Wanted, plan_segments
from timeline.resolve import resolve
from timeline.resolved import Diagnostic

POSTER: Final = VideoSettings("jpeg", copy=False)


def no_master(media: MediaFacts) -> PictureRendition | None:
    """For those who only look."""


@dataclass(frozen=True, slots=True)
class PlanningRoom:
    """What planning needs of the outside: where drawn texts are kept, the binary's hash, who makes masters.

    `master` answers the lossless pictures of an asset; None where it makes none and there are none yet.
    """

    store: ObjectStore
    engine: str
    cancelled: Callable[[], bool]
    master: Callable[[MediaFacts], PictureRendition | None] = no_master


def planned_film(job: ExportJob, room: PlanningRoom) -> Plan:
    """The plan of the film. ExportRefused where the timeline or an option forbids it."""
    media = {
        asset: media_from_json(value, f"assets/{asset}") for asset, value in job.assets.items()
    }
    facts = {asset: found.facts for asset, found in media.items()}
    resolved = resolve(document_from_json(dict(job.document)), facts)
    options = job.options
    film = ordered_film(resolved, media, job.preset, job.range, options, job.names)
    output, frames = film.output, film.frames
    if film.preset.file.has_picture:
        texts = drawn_texts(frames, media, job.names, output, room.store, cancelled=room.cancelled)
        plan, poster = _pictures(film, film_media(film.preset, media), texts, room)
    else:
        texts, poster = DrawnTexts(), None
        plan = Plan(film.frame_count, output, (), diagnostics=frames.resolved.diagnostics)
    sound = planned_sound(film, media, options.loudness, room.engine)
    found = {*plan.diagnostics, *texts.diagnostics, *sound.diagnostics}
    told = {_named(item, media, job.names) for item in found}
    return replace(
        plan,
        inputs={**plan.inputs, **(poster.inputs if poster else {})},
        poster=poster.poster if poster else None,
        sound=sound.plan,
        captions=_captions_json(film, options),
        labels=labels_json(film, _title(job)),
        diagnostics=tuple(sorted(told, key=lambda item: (item.code, item.id))),
    )


def _named(item: Diagnostic, media: MediaTable, names: Mapping[str, str]) -> Diagnostic:
    """People know files by their names, and not by ids of assets."""
    if item.code not in OF_MEDIA:
        return item
    return replace(item, detail=media_told(item.detail, media, names))


def _pictures(
    film: OrderedFilm, media: MediaTable, texts: DrawnTexts, room: PlanningRoom
) -> "tuple[Plan, _Poster | None]":
    """The film's pictures and its poster; planned once more when their masters are there [export-X23]."""
    found = _planned(film, media, texts, room)
    if film.preset.origin == "auto":
        return found
    plan, poster = found
    shown = plan.inputs.keys() | (poster.inputs.keys() if poster else set[str]())
    return _planned(film, with_masters(media, shown, room.master), texts, room)


def _planned(
    film: OrderedFilm, media: MediaTable, texts: DrawnTexts, room: PlanningRoom
) -> "tuple[Plan, _Poster | None]":
    wanted = Wanted(film.output, room.engine, film.first_frame, film.frame_count)
    plan = plan_segments(film.frames, media, wanted, texts=texts.texts, slates=texts.slates)
    return plan, _poster(film, media, plan, texts, room)


@dataclass(frozen=True, slots=True)
class _Poster:
    poster: Poster
    inputs: Mapping[str, InputFile]


def _poster(
    film: OrderedFilm, media: MediaTable, plan: Plan, texts: DrawnTexts, room: PlanningRoom
) -> _Poster | None:
    """The frame that contains the wished time, as a small film of one JPEG; none where nobody wished one."""
    if film.poster_frame is None or not plan.segments:
        return None
    output = replace(plan.output, video=POSTER)
    wanted = Wanted(output, room.engine, film.poster_frame, 1)
    made = plan_segments(film.frames, media, wanted, texts=texts.texts, slates=texts.slates)
    return _Poster(Poster(made.drawn[0], output), made.inputs)


def _captions_json(film: OrderedFilm, options: FilmOptions) -> dict[str, Json]:
    lines = caption_lines(film) if options.captions == "soft" else ()
    return {"mode": options.captions, "cues": lines_json(lines)}


def _title(job: ExportJob) -> str:
    meta = job.document.get("meta")
    name = meta.get("name") if isinstance(meta, dict) else None
    return name if isinstance(name, str) else ""
