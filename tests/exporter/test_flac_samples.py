"""Samples read here are those that ffmpeg reads: to the bit, wherever one begins."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from exporter.errors import Cancelled, ToolFailed
from exporter.ffmpeg_process import Ffmpeg
from exporter.flac_samples import write_samples


def flac(ffmpeg: Ffmpeg, out: Path, *options: str) -> Path:
    noise = "anoisesrc=r=48000:d=5:seed=3,aformat=channel_layouts=stereo"
    command = [str(ffmpeg.path), "-v", "error", "-f", "lavfi", "-i", noise, *options, str(out)]
    subprocess.run(command, check=True)
    return out


@pytest.mark.rule("export-X14")
@pytest.mark.parametrize("depth", ["s16", "s32"])
@pytest.mark.parametrize(("low", "high"), [(0, 1000), (96_011, 150_000), (200_000, 300_000)])
def test_samples_are_those_of_ffmpeg(
    ffmpeg: Ffmpeg, tmp_path: Path, depth: str, low: int, high: int
) -> None:
    path = flac(ffmpeg, tmp_path / "a.flac", "-sample_fmt", depth)
    write_samples(path, low, high, tmp_path / "ours.f32", cancelled=lambda: False)
    trim = f"atrim=start_sample={low}:end_sample={high}"
    words = ["-v", "error", "-i", str(path), "-af", trim, "-f", "f32le", str(tmp_path / "f.f32")]
    subprocess.run([str(ffmpeg.path), *words], check=True)
    ours = np.fromfile(tmp_path / "ours.f32", "<f4")
    assert len(ours) == 2 * (min(high, 240_000) - low)
    assert ours.tobytes() == (tmp_path / "f.f32").read_bytes()


@pytest.mark.rule("export-X19")
def test_damage_and_a_wish_to_stop_have_their_own_errors(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    path = flac(ffmpeg, tmp_path / "a.flac")
    with pytest.raises(Cancelled):
        write_samples(path, 0, 10, tmp_path / "x.f32", cancelled=lambda: True)
    path.unlink()
    with pytest.raises(ToolFailed, match=r"a\.flac"):
        write_samples(path, 0, 10, tmp_path / "x.f32", cancelled=lambda: False)
