"""Ingest for tests: an original in, facts and renditions out, in a store of its own; and segments encoded plainly."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from exporter.ffmpeg_process import Ffmpeg
from exporter.film_parts import track_timescale
from exporter.ingest import ingest
from kit.folder_store import FolderStore
from timeline.jobs import AssetJob
from timeline.media import MediaFacts, PictureRendition, SoundRendition
from timeline.timing import Rate


def never() -> bool:
    return False


def unheard(done: int, total: int) -> None:
    """A listener to progress that keeps nothing."""


@dataclass(frozen=True, slots=True)
class Ingested:
    media: MediaFacts
    store: FolderStore

    @property
    def picture(self) -> PictureRendition:
        assert self.media.picture
        return self.media.picture

    @property
    def film(self) -> Path:
        path = self.store.local_path(self.picture.key)
        assert path
        return path

    @property
    def sound(self) -> SoundRendition:
        assert self.media.sound
        return self.media.sound

    @property
    def flac(self) -> Path:
        path = self.store.local_path(self.sound.key)
        assert path
        return path

    @property
    def still(self) -> Path:
        assert self.media.still
        path = self.store.local_path(self.media.still.key)
        assert path
        return path


def ingested(original: Path, store: FolderStore, ffmpeg: Ffmpeg, name: str = "clip") -> Ingested:
    """Ingest a file as an upload named `name`."""
    key = f"originals/{original.name.lower()}"
    store.put(key, original, if_absent=False)
    with TemporaryDirectory(dir=original.parent) as scratch:
        media = ingest(
            AssetJob("as_1", key, name),
            store,
            Path(scratch),
            ffmpeg=ffmpeg,
            cancelled=never,
            on_progress=unheard,
        )
    return Ingested(media, store)


def encoded_segment(
    ffmpeg: Ffmpeg, source: Path, first: int, frames: int, rate: Rate, out: Path
) -> Path:
    """Pictures `first` ... of `source` as a segment of a film (`export.md`, section 8), by the plainest means."""
    chain = (
        f"trim=start_frame={first}:end_frame={first + frames},setpts=PTS-STARTPTS,format=yuv420p"
    )
    params = "keyint=60:min-keyint=60:scenecut=0:open-gop=0:stitchable=1:cpu-independent=1:sps-id=1"
    tags = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    command = [str(ffmpeg.path), "-v", "error", "-i", str(source), "-an", "-vf", f"{chain},{tags}"]
    command += [
        "-r",
        f"{rate.num}/{rate.den}",
        "-c:v",
        "libx264",
        "-threads",
        "1",
        "-preset",
        "veryfast",
    ]
    command += ["-crf", "18", "-profile:v", "high", "-x264-params", params]
    command += [
        "-video_track_timescale",
        str(track_timescale(rate)),
        "-bsf:v",
        "filter_units=remove_types=6",
    ]
    subprocess.run([*command, "-y", str(out)], check=True)
    return out
