"""Join, check, publish: the last task of an export [export-X13, X17, X24]."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from exporter.current_plan import current_plan
from exporter.errors import Cancelled, CheckFailed
from exporter.film_formats import film_format
from exporter.joining import Joining
from exporter.plain_files import only_sample
from exporter.publish import FinishedFilm
from exporter.report import report_of
from exporter.segment_task import After, make_segment, pin_of, read_plan
from exporter.shop import Control, Workshop
from exporter.sound_task import made_sound, sound_diagnostics
from exporter.withdrawn import withdraw
from kit.tracing import span
from timeline.containers import CONTAINERS
from timeline.copy_fallback import encoded_instead
from timeline.film_words import lines_from_json, web_vtt
from timeline.jobs import ExportJob, Lease, TaskResult
from timeline.plan import CopySegment, DrawnSegment, Plan


def make_sound(shop: Workshop, lease: Lease, control: Control, scratch: Path) -> TaskResult:
    """The film's sound, into the cache."""
    _keep_sound(shop, read_plan(shop, lease), control, scratch)
    return TaskResult()


def join_film(
    shop: Workshop, job: ExportJob, lease: Lease, control: Control, scratch: Path
) -> TaskResult:
    """Segments that fail the check are made once more, a COPY as BODY [export-X17]."""
    plan = read_plan(shop, lease)
    made = {plan.segments[index].key for index in cast("list[int]", lease.task.payload["missing"])}
    control.announce("stitching")
    film = shop.publisher.film_path(job.id, lease.fence, scratch)
    try:
        joining = _Joining(shop, control, scratch, film, made)
        try:
            digest, size = joining.joined(plan)
        except CheckFailed as failed:
            plan = _mended(shop, job, plan, failed, control, scratch)
            digest, size = joining.joined(plan)
        if control.ask_board():
            raise Cancelled
        container = CONTAINERS[plan.output.container]
        beside = _beside(plan, joining.cover(plan))
        finished = FinishedFilm(film, container.extension, beside)
        with span("film.publish", size_bytes=size):
            output = shop.publisher.publish(finished, job.id, lease.fence)
    finally:
        film.unlink(missing_ok=True)
    pin = pin_of(lease)
    if pin is not None:
        shop.cache.unpin(pin)
    if made:
        shop.cache.trim()
    began = cast("float", lease.task.payload["began"])
    wall = shop.clock.now().timestamp() - began
    report = report_of(plan, made, output, digest, size, wall)
    shop.meters.frames_copied(report.frames_copied)
    told = (*report.diagnostics, *sound_diagnostics(shop.store, plan))
    return TaskResult(report=replace(report, diagnostics=told))


def _beside(plan: Plan, cover: bytes) -> dict[str, bytes]:
    """What stands next to the film: captions that players can load, the poster."""
    files = {".jpg": cover} if cover else {}
    if plan.captions.get("mode") == "soft":
        lines = lines_from_json(plan.captions.get("cues"))
        text = web_vtt(lines, plan.output.fps_num, plan.output.fps_den)
        files[".vtt"] = text.encode("utf-8")
    return files


def _mended(
    shop: Workshop,
    job: ExportJob,
    plan: Plan,
    failed: CheckFailed,
    control: Control,
    scratch: Path,
) -> Plan:
    """The plan to try again with; `failed` is raised where it names no segment.

    What was encoded leaves the cache. An original that was copied is withdrawn and planned with anew; what
    else was copied is encoded.
    """
    wrong = [plan.segments[position] for position in failed.segments]
    if not wrong:
        raise failed
    for segment in wrong:
        if isinstance(segment, DrawnSegment):
            shop.cache.drop(segment.key)
    if withdraw(shop.store, plan, failed.segments):
        return current_plan(shop, job, control.cancelled, scratch)
    return encoded_instead(plan, _copies(plan, failed.segments), shop.ffmpeg.build_id)


def _copies(plan: Plan, positions: Sequence[int]) -> frozenset[int]:
    return frozenset(
        position for position in positions if isinstance(plan.segments[position], CopySegment)
    )


@dataclass(frozen=True, slots=True)
class _Joining:
    """One film in the making; keys of segments that had to be encoded are added to `made`."""

    shop: Workshop
    control: Control
    scratch: Path
    film: Path
    made: set[str]

    def joined(self, plan: Plan) -> tuple[str, int]:
        """The film, checked; its sha256 and size."""
        shop, control = self.shop, self.control
        segments: dict[str, Path] = {}
        renditions: dict[str, Path] = {}
        for segment in plan.segments:
            if control.cancelled():
                raise Cancelled
            if isinstance(segment, CopySegment):
                item = plan.inputs[segment.rendition]
                renditions[item.hash] = shop.fetcher.fetch(item.key, item.hash)
            elif segment.key not in segments:
                segments[segment.key] = self._segment_file(plan, segment)
        sound = _sound_file(shop, plan, control, self.scratch)
        joining = Joining(
            plan,
            segments,
            renditions,
            sound,
            cover=self.cover(plan),
            ffmpeg=shop.ffmpeg,
            scratch=self.scratch,
            store=shop.store,
            cancelled=control.cancelled,
        )
        form = film_format(plan)
        with span("film.stitch", frames=plan.frames, segments=len(plan.segments)):
            written = form.write(joining, self.film)
        for digest in renditions:  # a file of the user may have changed while it was copied
            shop.fetcher.fetch(plan.inputs[digest].key, digest)
        control.announce("checking")
        with span("film.check", frames=plan.frames):
            form.check(self.film, joining)
        return written.sha256, written.size_bytes

    def cover(self, plan: Plan) -> bytes:
        """The poster as a JPEG, kept like any segment; nothing where none was wished."""
        if plan.poster is None:
            return b""
        as_film = replace(plan, output=plan.poster.output)
        return only_sample(self._segment_file(as_film, plan.poster.segment))

    def _segment_file(self, plan: Plan, segment: DrawnSegment) -> Path:
        """From the cache; where it was damaged or evicted meanwhile, made here."""
        found = self.shop.cache.fetch(segment.key, self.scratch)
        if found is not None:
            return found
        self.made.add(segment.key)
        return make_segment(self.shop, plan, segment, After(self.control, 0), self.scratch)


def _keep_sound(shop: Workshop, plan: Plan, control: Control, scratch: Path) -> Path:
    path = made_sound(shop.ffmpeg, shop.fetcher, shop.store, plan, scratch, control.cancelled)
    shop.cache.put(cast("str", plan.sound["key"]), path)
    return path


def _sound_file(shop: Workshop, plan: Plan, control: Control, scratch: Path) -> Path | None:
    key = plan.sound.get("key")
    if not isinstance(key, str):
        return None
    return shop.cache.fetch(key, scratch) or _keep_sound(shop, plan, control, scratch)
