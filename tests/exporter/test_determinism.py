"""The same bytes on every processor [export-X16]; long, because each segment is drawn four times."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from exporter.ffmpeg_command import segment_command
from exporter.ffmpeg_process import Ffmpeg, run_ffmpeg
from exporter.film_plan import PlanningRoom, planned_film
from exporter.render import drawn_content
from kit.box import Limits
from kit.folder_store import FolderStore
from tests.exporter.every_kind import FILMS, all_kinds, kinds_in, the_rest
from tests.exporter.films import Cut, Studio
from tests.exporter.test_features import everything, film_files
from tests.media import Clips
from timeline.jobs import ExportJob
from timeline.media_json import media_json
from timeline.plan import InputFile, Plan

WORKERS: Final = (1, 2, 4)


@pytest.mark.rule("export-X16")
def test_the_films_of_the_matrix_have_every_kind_there_is() -> None:
    assert kinds_in(everything(), the_rest()) >= all_kinds()


@pytest.mark.rule("export-X5", "export-X7", "export-X12", "export-X16")
@pytest.mark.parametrize("name", FILMS)
def test_a_film_is_the_same_bytes_whoever_makes_it_and_what_is_there_before(
    name: str, studio: Studio, clips: Clips, tmp_path: Path
) -> None:
    cut, files = FILMS[name](), film_files(clips)
    films = [
        studio.export(
            cut, files, tmp_path / f"{hands}.mp4", cache=tmp_path / f"{hands}", workers=hands
        )
        for hands in WORKERS
    ]
    warm = studio.export(cut, files, tmp_path / "warm.mp4", cache=tmp_path / "2", workers=1)
    assert len({film.sha256 for film in (*films, warm)}) == 1
    assert warm.report.frames_encoded == 0
    assert warm.report.segments.reused == films[0].report.segments.encoded
    assert warm.report.frames == {"everything": 120, "the rest": 64}[name]


def planned(cut: Cut, studio: Studio, clips: Clips, tmp_path: Path) -> tuple[Plan, FolderStore]:
    files = film_files(clips)
    media = studio.media(files, tmp_path / "cache")
    job = ExportJob("x", cut.json(), {name: media_json(facts) for name, facts in media.items()})
    room = PlanningRoom(FolderStore(tmp_path / "texts"), studio.ffmpeg.build_id, lambda: False)
    return planned_film(job, room), FolderStore(studio.root / "store")


@pytest.mark.nightly
@pytest.mark.rule("export-X16")
@pytest.mark.parametrize("film", FILMS)
def test_every_processor_draws_the_same_bytes(
    film: str, studio: Studio, ffmpeg: Ffmpeg, clips: Clips, tmp_path: Path
) -> None:
    plan, store = planned(FILMS[film](), studio, clips, tmp_path)

    texts = FolderStore(tmp_path / "texts")

    def local(item: InputFile) -> Path:
        kept = store.local_path(item.key) or texts.local_path(item.key)
        return kept or studio.originals[item.hash]

    for segment in plan.drawn:
        command = segment_command(segment, plan.output, plan.inputs, bytes_max=10**8)
        files: dict[str, Path] = {}
        for name, used in command.named().items():
            path = tmp_path / f"in-{name}"
            if isinstance(used, InputFile):
                path = local(used)
            else:
                path.write_bytes(drawn_content(used, local))
            files[name] = path
        digests: set[str] = set()
        for flags in ("0", "sse2", "avx2", "all"):
            out = tmp_path / f"out-{segment.start}-{flags}"
            out.mkdir()
            prefix = [] if flags == "all" else ["-cpuflags", flags]
            run_ffmpeg(
                replace(ffmpeg, level="basic"),
                [*prefix, *command.arguments],
                inputs=files,
                output_dir=out,
                limits=Limits(),
                cancelled=lambda: False,
            )
            digests.add(hashlib.sha256((out / "segment.mp4").read_bytes()).hexdigest())
        assert len(digests) == 1, (segment.kind, segment.start)
