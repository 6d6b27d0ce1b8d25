"""Runs all peers in turn and makes a table of what they cost; what is measured is told after each row."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from bench.export import films, ours, peers, shows, sources
from bench.export.display import display
from bench.export.films import Film
from bench.export.judge import Verdict, judged
from bench.export.meter import Cost, cost_of
from bench.export.sources import Sources
from exporter.ffmpeg_wheel import wheel_binary

WORKERS: Final = 2
BASE: Final = "one ffmpeg command"
FFMPEG: Final = str(wheel_binary())
FOREIGN: Final = {"IMAGEIO_FFMPEG_EXE": FFMPEG, "FFMPEG_BINARY": FFMPEG}
COPIED: Final = "bench"
ENCODED: Final = "bench-encode"
FILMS: Final = ("T30", "C30", "long")
QUICK_FILMS: Final = ("T10", "C10")
KNOWN: Final = (*FILMS, *QUICK_FILMS)

Figures: TypeAlias = dict[str, Any]
Keep: TypeAlias = Callable[[Figures], None]
"""Gets everything measured so far, after each row: a run that is cut short has kept its figures."""


@dataclass(frozen=True, slots=True)
class Row:
    """One way to make one film."""

    film: Film
    who: str
    cost: Cost
    verdict: Verdict | None = None
    made: Mapping[str, int] = field(default_factory=dict[str, int])
    load_average: float = field(default_factory=lambda: round(os.getloadavg()[0], 1))


class _Bench:
    def __init__(self, folder: Path, before: Figures, keep: Keep) -> None:
        self._folder = folder
        self._before: list[Figures] = before.get("rows", [])
        self._keep = keep
        self._count = 0
        self.rows: dict[tuple[str, str], Row] = {}

    def keep(self, row: Row) -> None:
        key = (row.film.name, row.who)
        known = self.rows.get(key)
        if known is None or row.cost.cpu_seconds < known.cost.cpu_seconds:
            self.rows[key] = row
        print(f"  {row.film.name:10} {row.who:44} {row.cost.cpu_seconds:8.2f} CPU-s", flush=True)
        self._keep(self.told())

    def told(self) -> Figures:
        """Rows of films that were not measured in this run stand there as before."""
        films = {row.film.name for row in self.rows.values()}
        others = [row for row in self._before if row["film"] not in films]
        rows = [*others, *(_told(row, self.rows) for row in self.rows.values())]
        return {"rows": rows, "shows": shows.shown(rows)}

    def path(self, name: str) -> Path:
        self._count += 1
        return self._folder / f"{self._count:03}-{name}"

    def peer(
        self,
        film: Film,
        who: str,
        originals: Sources,
        command: Callable[[Path], list[str]],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """A peer that cannot make the film has no row; nobody else waits for it."""
        out = self.path("peer.mp4")
        try:
            cost = cost_of(command(out), {**FOREIGN, **(environment or {})})
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            if who == BASE:  # all others are held against it
                raise
            print(f"  {film.name:10} {who}: {error}", file=sys.stderr, flush=True)
            return
        self.keep(Row(film, who, cost, judged(film, originals, out)))
        out.unlink()

    def ours(
        self, film: Film, who: str, used: Sources, originals: Sources, cache: Path, preset: str
    ) -> None:
        source = ours.written(film, used, self.path("film.cutroom.json"))
        out, report = self.path("ours.mp4"), self.path("report.json")
        command = ours.export_command(source, out, cache, report, preset=preset, workers=WORKERS)
        cost = cost_of(command)
        self.keep(Row(film, who, cost, judged(film, originals, out), ours.counts(report)))
        out.unlink()

    def ingested(self, film: Film, who: str, used: Sources) -> Path:
        """A cache that holds what ingest makes of the film's media, and nothing else."""
        cache = self.path("ingested")
        source = ours.written(film, used, self.path("film.cutroom.json"))
        self.keep(Row(film, who, cost_of(ours.ingest_command(source, cache))))
        return cache

    def fresh(self, ingested: Path) -> Path:
        return Path(shutil.copytree(ingested, self.path("cache"), symlinks=True))


def measured(
    wanted: Sequence[str], *, rounds: int, others: bool, before: Figures, keep: Keep
) -> Figures:
    """Every row of the `wanted` films with its ratios. `others` False leaves melt, MoviePy and smartcut out."""
    with tempfile.TemporaryDirectory(prefix="cutroom-bench-") as name:
        bench = _Bench(Path(name), before, keep)
        for _ in range(rounds):
            for film in wanted:
                _rows_of(bench, film, others=others)
        return bench.told()


def _rows_of(bench: _Bench, film: str, *, others: bool) -> None:
    match film:
        case "T10":
            _edited_film(bench, films.t10(), 10, others=others)
        case "T30":
            _edited_film(bench, films.t30(), 30, others=others)
        case "C10":
            _straight_cuts(bench, films.cuts(10), 10, others=others)
        case "C30":
            _straight_cuts(bench, films.cuts(30), 30, others=others)
        case "long":
            _long_takes(bench)
        case _:
            raise ValueError(f"there is no film {film}")


def _edited_film(bench: _Bench, film: Film, count: int, *, others: bool) -> None:
    originals, house = sources.gop60(count), sources.house(count)
    bench.peer(film, BASE, originals, lambda out: peers.ffmpeg(film, originals, out))
    ingested = bench.ingested(film, "cutroom: ingest of originals, apart", originals)
    encoded = bench.fresh(ingested)
    bench.ours(film, "cutroom: first, all encoded", originals, originals, encoded, ENCODED)
    cache = bench.fresh(ingested)
    bench.ours(film, "cutroom: first, adopted GOP 60", originals, originals, cache, COPIED)
    for what, edited in (
        ("title edited", films.retitled(film)),
        ("shot slipped", films.slipped(film)),
        ("nothing changed", film),
    ):
        bench.ours(edited, f"cutroom: {what}", originals, originals, cache, COPIED)
    in_house = bench.ingested(film, "cutroom: ingest of mezzanines, apart", house)
    bench.ours(film, "cutroom: first, house mezzanines", house, originals, in_house, COPIED)
    if others:
        _others(bench, film, originals)


def _others(bench: _Bench, film: Film, originals: Sources) -> None:
    folder = bench.path("peers")
    folder.mkdir()
    with display() as screen:
        who = "melt" if screen else "melt, without titles: there is no X server"
        bench.peer(
            film, who, originals, lambda out: peers.melt(film, originals, folder, out), screen
        )
    bench.peer(film, "MoviePy", originals, lambda out: peers.moviepy(film, originals, folder, out))


def _straight_cuts(bench: _Bench, film: Film, count: int, *, others: bool) -> None:
    originals, house = sources.gop60(count), sources.house(count)
    bench.peer(film, BASE, originals, lambda out: peers.ffmpeg(film, originals, out))
    for who, used in (("adopted GOP 60", originals), ("house mezzanines", house)):
        cache = bench.ingested(film, f"cutroom: ingest, {who}, apart", used)
        bench.ours(film, f"cutroom: first, {who}", used, originals, cache, COPIED)
    if others:
        joined = sources.joined(count)
        whole = sources.SECONDS * films.RATE
        bench.peer(
            film, "smartcut", originals, lambda out: peers.smartcut(film, joined, whole, out)
        )


def _long_takes(bench: _Bench) -> None:
    film, originals = films.long_takes(), sources.long_file()
    bench.peer(film, BASE, originals, lambda out: peers.ffmpeg(film, originals, out))
    cache = bench.ingested(film, "cutroom: ingest, apart", originals)
    bench.ours(film, "cutroom: first, adopted GOP 60", originals, originals, cache, COPIED)


def _told(row: Row, rows: Mapping[tuple[str, str], Row]) -> Figures:
    base = rows[row.film.name, BASE].cost
    told: Figures = {
        "film": row.film.name,
        "who": row.who,
        "wall_seconds": row.cost.wall_seconds,
        "cpu_seconds": row.cost.cpu_seconds,
        "peak_megabytes": round(row.cost.peak_bytes / 1e6),
        "wall_ratio": round(row.cost.wall_seconds / base.wall_seconds, 4),
        "cpu_ratio": round(row.cost.cpu_seconds / base.cpu_seconds, 4),
        "memory_ratio": round(row.cost.peak_bytes / max(1, base.peak_bytes), 3),
        "load_average": row.load_average,
    }
    if row.verdict is not None:
        told |= {"frames": row.verdict.frames, "frames_planned": row.film.frames}
        told |= {"sound_apart_ms": row.verdict.apart_ms, "psnr_db_worst": row.verdict.psnr_db}
    return {**told, **({"frames_made": dict(row.made)} if row.made else {})}


def table(figures: Sequence[Mapping[str, object]]) -> str:
    """The rows as people read them."""
    head = f"{'film':10} {'who':40} {'wall s':>8} {'CPU s':>8} {'MB':>6} {'wall':>7} {'CPU':>7} "
    head += f"{'mem':>6} {'frames':>7} {'A/V ms':>7} {'PSNR':>6}"
    lines = [head]
    for row in figures:
        cells = [f"{row['film']:10} {row['who']:40}", f"{row['wall_seconds']:8.2f}"]
        cells += [
            f"{row['cpu_seconds']:8.2f} {row['peak_megabytes']:6}",
            f"{row['wall_ratio']:7.4f}",
        ]
        cells += [f"{row['cpu_ratio']:7.4f} {row['memory_ratio']:6.3f}"]
        if "frames" in row:
            wrong = "" if row["frames"] == row["frames_planned"] else "!"
            cells += [f"{row['frames']}{wrong:>7}"[:8].rjust(7), f"{row['sound_apart_ms']:7.1f}"]
            cells += [f"{row['psnr_db_worst']:6.2f}"]
        lines.append(" ".join(cells))
    return "\n".join(lines)
