"""The same bytes on every processor [export-X16]; long, because each segment is drawn four times."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.ffmpeg_command import segment_command
from exporter.ffmpeg_process import Ffmpeg, run_ffmpeg
from exporter.film_plan import PlanningRoom, planned_film
from kit.box import Limits
from kit.folder_store import FolderStore
from tests.exporter.films import Studio
from tests.exporter.test_features import SMALL, A, B, everything
from tests.media import Clips
from timeline.jobs import ExportJob
from timeline.media_json import media_json
from timeline.plan import InputFile, Plan


def planned(studio: Studio, clips: Clips, tmp_path: Path) -> tuple[Plan, FolderStore]:
    files = {
        "a": clips.make(A),
        "b": clips.make(B),
        "small": clips.make(SMALL),
        "logo": clips.still("badge", 61, 37),
    }
    media = studio.media(files, tmp_path / "cache")
    cut = everything()
    job = ExportJob("x", cut.json(), {name: media_json(facts) for name, facts in media.items()})
    room = PlanningRoom(FolderStore(tmp_path / "texts"), studio.ffmpeg.build_id, lambda: False)
    return planned_film(job, room), FolderStore(studio.root / "store")


@pytest.mark.nightly
@pytest.mark.rule("export-X16")
def test_every_processor_draws_the_same_bytes(
    studio: Studio, ffmpeg: Ffmpeg, clips: Clips, tmp_path: Path
) -> None:
    plan, store = planned(studio, clips, tmp_path)
    for segment in plan.drawn:
        command = segment_command(segment, plan.output, plan.inputs, bytes_max=10**8)
        files: dict[str, Path] = {}
        for index, used in enumerate(command.files):
            path = tmp_path / f"in-{index}"
            if isinstance(used, InputFile):
                path = store.local_path(used.key) or studio.originals[used.hash]
            else:
                path.write_bytes(used.content())
            files[str(index)] = path
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
