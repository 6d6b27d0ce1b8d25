"""The sound of a film, between the planner and the board."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from exporter.fetch import Fetcher
from exporter.ffmpeg_process import Ffmpeg
from kit.object_store import ObjectMissing, ObjectStore
from timeline.film_options import LoudnessTarget, OrderedFilm
from timeline.media import MediaTable
from timeline.model import Json
from timeline.plan import Plan
from timeline.resolved import Diagnostic
from timeline.sound_plan import sound_from_json, sound_json, sound_key
from timeline.sound_planner import sound_of_film


@dataclass(frozen=True, slots=True)
class SoundOfFilm:
    """The sound plan as JSON with its content key under `key` and its files under `files`; empty where it is silent."""

    plan: Mapping[str, Json] = field(default_factory=dict[str, Json])
    diagnostics: tuple[Diagnostic, ...] = ()


def planned_sound(
    film: OrderedFilm, media: MediaTable, loudness: LoudnessTarget, engine: str
) -> SoundOfFilm:
    """The sound of the exported frames; none where the file has none. ExportRefused."""
    if film.output.audio.codec == "none":
        return SoundOfFilm()
    found = sound_of_film(film, media, loudness)
    if found.plan.is_silent:
        return SoundOfFilm({}, found.diagnostics)
    files: dict[str, Json] = {
        facts.sound.hash: facts.sound.key for facts in media.values() if facts.sound is not None
    }
    key = sound_key(found.plan, engine)
    return SoundOfFilm({**sound_json(found.plan), "key": key, "files": files}, found.diagnostics)


def made_sound(
    ffmpeg: Ffmpeg,
    fetcher: Fetcher,
    store: ObjectStore,
    plan: Plan,
    scratch: Path,
    cancelled: Callable[[], bool],
) -> Path:
    """The film's sound, encoded; what had to be done to it is kept for the report."""
    from exporter.audio import make_sound  # noqa: PLC0415 - numpy; see the head of pipeline.py

    files = cast("Mapping[str, str]", plan.sound["files"])
    work_dir = scratch / "sound"
    work_dir.mkdir()
    made = make_sound(
        sound_from_json(dict(plan.sound)),
        lambda digest: fetcher.fetch(files[digest], digest),
        work_dir,
        scratch / "sound.m4a",
        ffmpeg=ffmpeg,
        cancelled=cancelled,
    )
    if made.diagnostics:
        content = json.dumps(made.diagnostics).encode()
        store.put(_notes_key(plan), content, if_absent=False)
    return made.path


def sound_diagnostics(store: ObjectStore, plan: Plan) -> tuple[Diagnostic, ...]:
    """What had to be done to the film's sound, also where it came out of the cache."""
    if not plan.sound:
        return ()
    try:
        with store.open(_notes_key(plan)) as stream:
            notes = cast("list[tuple[str, str]]", json.load(stream))
    except ObjectMissing:
        return ()
    return tuple(Diagnostic(code, "sound", "warning", detail) for code, detail in notes)


def _notes_key(plan: Plan) -> str:
    return f"sound-notes/{plan.sound['key']}.json"
