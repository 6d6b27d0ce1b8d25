"""Exports without a server: board, pool, cache and store of one command."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from cli.errors import CommandFailed, ExitCode
from cli.timeline_source import TimelineSource
from exporter.cache import SegmentCache
from exporter.fetch import Fetcher
from exporter.ffmpeg_process import sweep_boxes
from exporter.memory_board import MemoryBoard, Standing
from exporter.originals import LinkedStore, find_known, keep_known
from exporter.plan_shelf import PlanShelf
from exporter.publish import FilePublisher
from exporter.settings import BadSetting, find_ffmpeg, read_settings
from exporter.shop import Workshop
from exporter.worker import PoolOptions, WorkerPool
from kit.clock import SystemClock
from kit.folder_store import FolderStore
from kit.processes import own_folder
from timeline.film_options import FilmOptions
from timeline.jobs import AssetJob, ExportJob
from timeline.media import AssetFacts, MediaDiagnostic, MediaFacts
from timeline.media_json import media_from_json, media_json
from timeline.model import Json, document_json

PRIVATE: Final = "cutroom-cache-"
WAIT_SECONDS: Final = 0.2
ATTEMPTS_MAX: Final = 3  # somebody is waiting in front of the screen
INPUT_CODES: Final = frozenset(
    (
        "too_new",
        "no_sequence",
        "empty_timeline",
        "too_complex",
        "empty_range",
        "unknown_preset",
        "bad_timeline",
        "media_missing",
        "media_failed",
        "media_pending",
        "too_long",
        "no_sound",
    )
)

OnStanding = Callable[[Standing], None]


@dataclass(frozen=True, slots=True)
class LocalRoom:
    """What one command works with; `store` reads the user's own files too."""

    board: MemoryBoard
    pool: WorkerPool
    shop: Workshop
    store: LinkedStore


@contextmanager
def local_room(
    out: Path, *, workers: int, cache: Path | None, keep: bool = True
) -> Generator[LocalRoom]:
    """Board and workers over a cache folder, or over a private one that is removed; stopped at the end."""
    _hush()
    sweep_boxes()
    clock = SystemClock()
    try:
        settings = read_settings()
        kept = (cache or settings.cache_dir) if keep else None
        ffmpeg = find_ffmpeg(settings, kept / "notes" if kept else None)
    except BadSetting as bad:
        raise CommandFailed(str(bad), "environment", ExitCode.BAD_INPUT) from bad
    folder = kept or own_folder(Path(tempfile.gettempdir()), PRIVATE)
    scratch = own_folder(folder / "scratch", "")
    try:
        store = LinkedStore(FolderStore(folder / "store"))
        shop = Workshop(
            ffmpeg=ffmpeg,
            store=store,
            cache=SegmentCache(store, clock, settings.cache_bytes_max),
            fetcher=Fetcher(store, scratch / "fetched"),
            publisher=FilePublisher(out),
            plans=PlanShelf(store),
            clock=clock,
            scratch=scratch,
        )
        board = MemoryBoard(clock, attempts_max=ATTEMPTS_MAX)
        pool = WorkerPool(board, shop, PoolOptions(slots=workers, worker="export"))
        pool.start()
        try:
            yield LocalRoom(board, pool, shop, store)
        finally:
            pool.stop()
    finally:
        ffmpeg.prober.close()
        shutil.rmtree(scratch if keep else folder, ignore_errors=True)


def _hush() -> None:
    """What went wrong is told in one line of the command; a log is for servers."""
    log = logging.getLogger("cutroom")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def ingested(
    room: LocalRoom, source: TimelineSource, on_media: Callable[[int, int], None]
) -> dict[str, MediaFacts]:
    """Facts of all media that was found; what cannot become media is `failed` with its reason.

    `on_media` gets how many files are ready, of how many.
    """
    media: dict[str, MediaFacts] = {}
    waiting: dict[str, Path] = {}
    for asset, path in source.files.items():
        if not path.is_file():
            continue  # removed since the timeline was read: missing, like any other that is not there
        known = find_known(room.store, path)
        if known is None:
            waiting[asset] = path
            job = AssetJob(asset, room.store.link(path), source.names[asset])
            room.board.enqueue_asset(job)
        else:
            media[asset] = known
    room.pool.wake()
    on_media(len(media), len(source.files))
    while waiting:
        for asset, path in list(waiting.items()):
            standing = room.board.standing(asset)
            if standing.has_ended:
                media[asset] = _media_of(standing, source.names[asset])
                if media[asset].facts.state == "ready":
                    keep_known(room.store, path, media[asset])
                del waiting[asset]
                on_media(len(media), len(source.files))
        if waiting:
            room.board.wait(WAIT_SECONDS)
    return media


def _media_of(standing: Standing, name: str) -> MediaFacts:
    if standing.state == "done":
        return media_from_json(standing.body["media"])
    failure = standing.failure
    if (failure is not None and failure.verdict != "poison") or failure is None:
        detail = failure.detail if failure is not None else "stopped"
        raise CommandFailed(detail, name)
    if failure.code == "disk_full":
        raise CommandFailed(failure.detail, name)
    reason = MediaDiagnostic(failure.code, failure.detail)
    return MediaFacts(
        AssetFacts(state="failed", duration=None, has_video=False), name=name, diagnostics=(reason,)
    )


def export_job(
    source: TimelineSource,
    media: Mapping[str, MediaFacts],
    *,
    preset: str,
    span: tuple[int, int] | None = None,
    options: FilmOptions | None = None,
) -> ExportJob:
    return ExportJob(
        id="export",
        document=document_json(source.document),
        assets={asset: cast("Json", media_json(facts)) for asset, facts in media.items()},
        preset=preset,
        range=span,
        options=options or FilmOptions(),
        names=source.names,
    )


def followed(room: LocalRoom, job_id: str, on_standing: OnStanding) -> Standing:
    """Watch a job to its end; `on_standing` is called whenever something changed."""
    last: Standing | None = None
    while True:
        standing = room.board.standing(job_id)
        if standing != last:
            on_standing(standing)
            last = standing
        if standing.has_ended:
            return standing
        with suppress(TimeoutError):
            room.board.wait(WAIT_SECONDS)


def failed_command(standing: Standing, source: Path) -> CommandFailed:
    """How a failed export ends the command: 2 where the input is wrong, else 1."""
    failure = standing.failure
    if failure is None:
        return CommandFailed("the export was stopped", str(source))
    what = " ".join(f"{failure.code}: {failure.detail}".split())
    code = ExitCode.BAD_INPUT if failure.code in INPUT_CODES else ExitCode.FAILED
    return CommandFailed(what, str(source), code)
