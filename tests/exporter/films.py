"""Films made by the real exporter over real media: a studio with a store of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from cli.local_export import LocalRoom, export_job, followed, ingested
from cli.timeline_source import TimelineSource
from exporter.cache import SegmentCache
from exporter.fetch import Fetcher
from exporter.ffmpeg_process import Ffmpeg
from exporter.memory_board import MemoryBoard, Standing
from exporter.originals import LinkedStore, find_known
from exporter.plan_shelf import PlanShelf
from exporter.publish import FilePublisher
from exporter.render import render_segment
from exporter.shop import Workshop
from exporter.worker import PoolOptions, WorkerPool
from kit.clock import SystemClock
from kit.folder_store import FolderStore
from timeline.film_options import FilmOptions
from timeline.jobs import ExportReport
from timeline.media import MediaFacts
from timeline.model import Json, document_from_json
from timeline.on_frames import on_frames
from timeline.planner import Wanted, plan_segments
from timeline.presets import find_preset, output_of
from timeline.resolve import resolve
from timeline.timing import TICKS


@dataclass(frozen=True, slots=True)
class Film:
    path: Path
    report: ExportReport
    standings: tuple[Standing, ...] = ()

    @property
    def sha256(self) -> str:
        return self.report.sha256


def seconds(value: float) -> int:
    return round(value * TICKS)


def frames_at(count: int, num: int = 30, den: int = 1) -> int:
    """Ticks of a whole number of frames."""
    return count * TICKS * den // num


Records = Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Cut:
    """A small timeline: one sequence `s`, tracks by id, clips by id."""

    clips: Records
    tracks: Records = field(default_factory=lambda: {"v1": {"order": "a0"}})
    transitions: Records = field(default_factory=dict[str, Mapping[str, Json]])
    width: int = 640
    height: int = 360
    fps: tuple[int, int] = (30, 1)
    more: Mapping[str, Records] = field(default_factory=dict[str, Records])
    sequence: Mapping[str, Json] = field(default_factory=dict[str, Json])

    def json(self) -> dict[str, Json]:
        main: dict[str, Json] = {
            "width": self.width,
            "height": self.height,
            "fps_num": self.fps[0],
            "fps_den": self.fps[1],
            **self.sequence,
        }
        whole: dict[str, object] = {
            "meta": {"main_sequence": "s"},
            "tracks": {name: {"sequence": "s", **track} for name, track in self.tracks.items()},
            "clips": self.clips,
            "transitions": self.transitions,
            **self.more,
        }
        sequences = cast("dict[str, object]", dict(self.more.get("sequences", {})))
        whole["sequences"] = {**sequences, "s": main}
        return cast("dict[str, Json]", whole)


class Studio:
    """Makes films. `root` keeps renditions for all tests of a run; segments are kept per `cache`."""

    def __init__(self, ffmpeg: Ffmpeg, root: Path) -> None:
        self.ffmpeg = ffmpeg
        self.root = root
        self.originals: dict[str, Path] = {}

    def media(self, files: Mapping[str, Path], cache: Path) -> dict[str, MediaFacts]:
        """Facts of these files, ingested where they were not before."""
        found: dict[str, MediaFacts] = {}

        def keep(room: LocalRoom, _standing: Standing) -> None:
            room.board.cancel("film")

        for asset, path in files.items():
            store = LinkedStore(FolderStore(self.root / "store"))
            if find_known(store, path) is None:
                cut = Cut({"c": {"track": "v1", "asset": asset, "start": 0, "duration": TICKS}})
                self.attempt(cut, {asset: path}, cache / "x.mp4", cache=cache, on_standing=keep)
            known = find_known(store, path)
            assert known is not None
            found[asset] = known
            if known.picture is not None:
                self.originals[known.picture.hash] = path
        return found

    def export(
        self,
        cut: Cut,
        files: Mapping[str, Path],
        out: Path,
        *,
        cache: Path,
        workers: int = 2,
        preset: str = "source",
        options: FilmOptions | None = None,
        span: tuple[int, int] | None = None,
        on_standing: Callable[[LocalRoom, Standing], None] | None = None,
        facts: Callable[[dict[str, MediaFacts]], dict[str, MediaFacts]] = dict,
    ) -> Film:
        """The film, or AssertionError with the reason why there is none."""
        standing, told = self.attempt(
            cut,
            files,
            out,
            cache=cache,
            workers=workers,
            preset=preset,
            options=options,
            span=span,
            on_standing=on_standing,
            facts=facts,
        )
        assert standing.report is not None, standing.failure
        return Film(out, standing.report, told)

    def attempt(
        self,
        cut: Cut,
        files: Mapping[str, Path],
        out: Path,
        *,
        cache: Path,
        workers: int = 2,
        preset: str = "source",
        options: FilmOptions | None = None,
        span: tuple[int, int] | None = None,
        on_standing: Callable[[LocalRoom, Standing], None] | None = None,
        ffmpeg: Ffmpeg | None = None,
        facts: Callable[[dict[str, MediaFacts]], dict[str, MediaFacts]] = dict,
    ) -> tuple[Standing, tuple[Standing, ...]]:
        """How the export ended, and everything the board told on the way."""
        source = TimelineSource(
            Path("test.cutroom.json"),
            document_from_json(cut.json()),
            {asset: path.name for asset, path in files.items()},
            files,
        )
        clock = SystemClock()
        store = LinkedStore(FolderStore(self.root / "store"))
        scratch = cache / "scratch"
        shop = Workshop(
            ffmpeg=ffmpeg or self.ffmpeg,
            store=store,
            cache=SegmentCache(FolderStore(cache / "segments"), clock, 10**9),
            fetcher=Fetcher(store, scratch / "fetched"),
            publisher=FilePublisher(out),
            plans=PlanShelf(store),
            clock=clock,
            scratch=scratch,
        )
        board = MemoryBoard(clock, attempts_max=2, chance=lambda: 0.0)
        pool = WorkerPool(board, shop, PoolOptions(workers, "test"))
        room = LocalRoom(board, pool, shop, store)
        told: list[Standing] = []

        def tell(standing: Standing) -> None:
            told.append(standing)
            if on_standing is not None:
                on_standing(room, standing)

        pool.start()
        try:
            media = facts(ingested(room, source, lambda _ready, _total: None))
            job = export_job(source, media, preset=preset, span=span, options=options)
            board.enqueue(replace(job, id="film"))
            pool.wake()
            ended = followed(room, "film", tell)
        finally:
            pool.stop()
        assert not list(scratch.glob("task_*")), "a task left its folder behind"
        return ended, tuple(told)


def drawn(ffmpeg: Ffmpeg, cut: Cut, work_dir: Path, *, crf: int = 1) -> list[Path]:
    """The segments of a cut without media, nearly lossless: what is drawn, not what is encoded."""
    resolved = resolve(document_from_json(cut.json()), {})
    output = output_of(find_preset("source"), resolved.sequences[resolved.sequence])
    output = replace(output, video=replace(output.video, crf=crf))
    frames = on_frames(resolved, output.fps_num, output.fps_den)
    plan = plan_segments(frames, {}, Wanted(output, ffmpeg.build_id))
    paths: list[Path] = []
    for index, segment in enumerate(plan.drawn):
        folder = work_dir / str(index)
        folder.mkdir(parents=True)
        paths.append(
            render_segment(
                ffmpeg,
                segment,
                output,
                plan.inputs,
                local=lambda item: Path(item.key),
                work_dir=folder,
                cancelled=lambda: False,
                on_frames=lambda _frames: None,
            )
        )
    return paths
