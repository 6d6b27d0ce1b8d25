"""Sources of the benchmark: thirty clips of 5 s, music, their house mezzanines, and long files of them.

Made once by the pinned ffmpeg, into a folder under `.tools`; every figure can be made again from nothing.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imageio_ffmpeg import get_ffmpeg_exe

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / ".tools/bench-export"
SECONDS: Final = 5
LONG_CLIPS: Final = 30
LONG: Final = 100
"""The number under which films name the long file."""
TAGS: Final = (
    *("-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709"),
    *("-color_trc", "bt709", "-color_range", "tv"),
)
BT709: Final = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
GOP60: Final = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20"),
    *("-g", "60", "-keyint_min", "60", "-sc_threshold", "0", "-x264-params", "open-gop=0"),
)
MEZZANINE: Final = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-threads", "4"),
    "-x264-params",
    "keyint=15:min-keyint=15:scenecut=0:open-gop=0:stitchable=1:cpu-independent=1:sps-id=0",
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Paths by the numbers that films use."""

    clips: dict[int, Path]
    music: Path


def gop60(count: int) -> Sources:
    """Clips 0 to `count` as a phone or a generator writes them: closed GOPs of 60."""
    clips = {index: _clip(index) for index in range(count)}
    return Sources(clips, _music())


def house(count: int) -> Sources:
    """The same as house mezzanines, GOP 15."""
    clips = {index: _mezzanine(path) for index, path in gop60(count).clips.items()}
    return Sources(clips, _music())


def joined(count: int) -> Path:
    """Clips 0 to `count` behind each other in one file, packets untouched."""
    out = FOLDER / f"long-{count}.mp4"
    if not out.exists():
        listing = FOLDER / f"long-{count}.txt"
        paths = gop60(count).clips.values()
        listing.write_text("".join(f"file '{path}'\n" for path in paths))
        # The sound is encoded anew: joined AAC packets would drift by their priming at each clip.
        words = ["-f", "concat", "-safe", "0", "-i", str(listing), "-c:v", "copy"]
        _made(out, [*words, "-c:a", "aac", "-b:a", "128k"])
    return out


def long_file() -> Sources:
    return Sources({LONG: joined(LONG_CLIPS)}, _music())


def _clip(index: int) -> Path:
    out = FOLDER / f"clip-{index:02}.mp4"
    if not out.exists():
        picture = f"{_picture(index)},format=yuv420p,{BT709}"
        words = ["-f", "lavfi", "-i", picture, "-filter_complex", _sound(index)]
        words += ["-map", "0:v", "-map", "[sound]", "-frames:v", str(SECONDS * 30)]
        _made(out, [*words, *GOP60, *TAGS, "-c:a", "aac", "-b:a", "128k"])
    return out


def _picture(index: int) -> str:
    noise = f"allf=t:all_seed={index}"
    match index % 3:
        case 0:
            drawn = f"testsrc2=s=1920x1080:r=30:d={SECONDS},hue=h={13 * index % 360}"
            return f"{drawn},noise=alls=2:{noise}"
        case 1:
            scales = f"start_scale={3 - 0.04 * index:.2f}:end_scale=0.0{3 + index % 6}"
            drawn = f"mandelbrot=s=480x270:r=30:{scales}:end_pts=150:maxiter=600"
            return f"{drawn},trim=duration={SECONDS},scale=1920:1080:flags=bilinear,noise=alls=3:{noise}"
        case _:
            drawn = f"gradients=s=1920x1080:r=30:d={SECONDS}:speed=0.02:seed={index + 1}:n=6"
            return f"{drawn},scroll=h=0.003,noise=alls=3:{noise}"


def _sound(index: int) -> str:
    tone = f"sine=f={180 + 17 * index}:r=48000:d={SECONDS},volume=0.35"
    hiss = f"anoisesrc=c=pink:r=48000:a=0.06:d={SECONDS}:seed={index}"
    return f"{tone}[tone];{hiss}[hiss];[tone][hiss]amix=normalize=0,aformat=channel_layouts=stereo[sound]"


def _music() -> Path:
    out = FOLDER / "music.m4a"
    if not out.exists():
        tone = "sine=f=110:r=48000:d=200,volume=0.3[tone]"
        hiss = "anoisesrc=c=brown:r=48000:a=0.25:d=200:seed=7[hiss]"
        mixed = "[tone][hiss]amix=normalize=0,aformat=channel_layouts=stereo[sound]"
        graph = f"{tone};{hiss};{mixed}"
        _made(out, ["-filter_complex", graph, "-map", "[sound]", "-c:a", "aac", "-b:a", "128k"])
    return out


def _mezzanine(clip: Path) -> Path:
    out = clip.with_name(clip.name.replace("clip", "house"))
    if not out.exists():
        _made(out, ["-i", str(clip), "-c:a", "copy", *MEZZANINE, *TAGS])
    return out


def _made(out: Path, words: Sequence[str]) -> None:
    """Written beside its place and renamed: what is there is whole."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f"part-{out.name}")
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *words, "-movflags", "+faststart"]
    subprocess.run([*command, str(part)], check=True)
    part.replace(out)
