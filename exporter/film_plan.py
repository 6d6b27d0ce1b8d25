"""A job -> the plan of its film: resolve, quantise, draw what must be drawn before, plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from exporter.sound_task import planned_sound
from exporter.texts import drawn_texts
from kit.object_store import ObjectStore
from timeline.errors import ExportRefused
from timeline.jobs import ExportJob
from timeline.media import MediaFacts
from timeline.media_json import media_from_json
from timeline.model import document_from_json
from timeline.on_frames import on_frames
from timeline.plan import Plan
from timeline.planner import Wanted, plan_segments
from timeline.presets import find_preset, output_of
from timeline.resolve import resolve
from timeline.resolved import Frames, Resolved, SequenceView
from timeline.timing import Rate, frame


@dataclass(frozen=True, slots=True)
class PlanningRoom:
    """What planning needs of the outside: where drawn texts are kept, and the binary's hash."""

    store: ObjectStore
    engine: str
    cancelled: Callable[[], bool]


def planned_film(job: ExportJob, room: PlanningRoom) -> Plan:
    """The plan of the film. ExportRefused where the timeline or an option forbids it."""
    media = {
        asset: media_from_json(value, f"assets/{asset}") for asset, value in job.assets.items()
    }
    facts = {asset: found.facts for asset, found in media.items()}
    resolved = resolve(document_from_json(dict(job.document)), facts)
    if job.captions == "none":
        resolved = _without_captions(resolved)
    _refuse(job, resolved, media)
    output = output_of(find_preset(job.preset), resolved.sequences[resolved.sequence])
    frames = on_frames(resolved, output.fps_num, output.fps_den)
    wanted = _wanted(job, frames, Wanted(output, room.engine))
    texts = drawn_texts(frames, media, job.names, output, room.store, cancelled=room.cancelled)
    plan = plan_segments(frames, media, wanted, texts=texts.texts, slates=texts.slates)
    if plan.frames == 0:
        raise ExportRefused("empty_timeline", "there is no frame to export")
    sound = planned_sound(frames, media, wanted, plan.frames)
    found = {*plan.diagnostics, *texts.diagnostics, *sound.diagnostics}
    return replace(
        plan,
        sound=sound.plan,
        captions={"mode": job.captions, "cues": []},
        diagnostics=tuple(sorted(found, key=lambda item: (item.code, item.id))),
    )


def _refuse(job: ExportJob, resolved: Resolved, media: Mapping[str, MediaFacts]) -> None:
    fatal = resolved.fatal
    if fatal is not None:
        raise ExportRefused(fatal.code, fatal.detail or fatal.id or "timeline")
    if job.on_missing == "slate":
        return
    for item in resolved.diagnostics:
        if item.code in ("media_missing", "media_failed", "media_pending"):
            name = media[item.id].name if item.id in media else item.id
            raise ExportRefused(item.code, name)


def _without_captions(resolved: Resolved) -> Resolved:
    def silent(view: SequenceView) -> SequenceView:
        tracks = tuple(
            replace(track, active=False) if track.kind == "caption" else track
            for track in view.tracks
        )
        return replace(view, tracks=tracks)

    sequences = {name: silent(view) for name, view in resolved.sequences.items()}
    return replace(resolved, sequences=sequences)


def _wanted(job: ExportJob, frames: Frames, whole: Wanted) -> Wanted:
    if job.range is None:
        return whole
    start, duration = job.range
    rate = Rate(frames.fps_num, frames.fps_den)
    first, end = frame(start, rate), frame(start + duration, rate)
    if start < 0 or duration < 1 or first >= min(end, frames.duration_frames):
        raise ExportRefused("empty_range", f"{start}+{duration} holds no frame of the timeline")
    return replace(whole, first_frame=first, frames=end - first)
