"""How alike two pictures are; and the frames of a film beside pictures that a browser drew.

Also a program: `python -m tests.pictures compare FILM FOLDER` prints, for each `N.png` of the folder, the luma
SSIM against the film's frames N-1, N, N+1 (null outside) and the RGB PSNR against frame N; `mark` prints the
clip and frame number that each PNG carries; `sound FILM RAW` how alike the film's sound is to 32-bit floats.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from tests.media import BLOCKS, CELL, film_size, mark_of, read_sound, row_pixels

Rgb = NDArray[np.uint8]
LUMA: Final = np.array([0.2126, 0.7152, 0.0722])
WINDOW: Final = 11
SIGMA: Final = 1.5
PEAK: Final = 255.0
FROM_FILM: Final = "scale=in_color_matrix=bt709:in_range=tv:out_range=pc:flags=bicubic+accurate_rnd+full_chroma_int"


def ssim(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The mean structural similarity of two pictures of luma, 0..255, with the usual Gaussian window."""
    c1, c2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
    mean_one, mean_other = _blurred(one), _blurred(other)
    var_one = _blurred(one * one) - mean_one**2
    var_other = _blurred(other * other) - mean_other**2
    both = _blurred(one * other) - mean_one * mean_other
    top = (2 * mean_one * mean_other + c1) * (2 * both + c2)
    bottom = (mean_one**2 + mean_other**2 + c1) * (var_one + var_other + c2)
    return float((top / bottom).mean())


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    at = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-(at**2) / (2 * SIGMA**2))
    weights /= weights.sum()
    for axis in (0, 1):
        moved = np.lib.stride_tricks.sliding_window_view(values, WINDOW, axis=axis)
        values = moved @ weights
    return values


def psnr(one: Rgb, other: Rgb) -> float:
    """In dB; 100 where they are equal."""
    error = float(((one.astype(np.float64) - other) ** 2).mean())
    return 100.0 if error < 1e-5 else float(10 * np.log10(PEAK**2 / error))


def read_rgb(path: Path, graph: str = "null", *, size: tuple[int, int]) -> Rgb:
    """All pictures of a file as RGB, shape (frames, height, width, 3)."""
    command = [get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-map", "0:v:0", "-vf", graph]
    command += ["-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, size[1], size[0], 3)


def compared(film: Path, folder: Path) -> dict[str, dict[str, float | None]]:
    width, height = size = film_size(film)
    frames = read_rgb(film, FROM_FILM, size=size)
    lumas: dict[int, NDArray[np.float64]] = {}

    def luma(number: int) -> NDArray[np.float64]:
        if number not in lumas:
            lumas[number] = frames[number] @ LUMA
        return lumas[number]

    found: dict[str, dict[str, float | None]] = {}
    for path in sorted(folder.glob("*.png"), key=lambda path: int(path.stem)):
        number = int(path.stem)
        if film_size(path) != size:
            raise SystemExit(f"{path.name}: not {width}x{height}")
        drawn = read_rgb(path, size=size)[0]
        seen = drawn @ LUMA
        one: dict[str, float | None] = {"psnr": psnr(drawn, frames[number])}
        for name, beside in (("before", number - 1), ("here", number), ("after", number + 1)):
            inside = 0 <= beside < len(frames)
            one[name] = ssim(seen, luma(beside)) if inside else None
        found[path.stem] = one
    return found


def marks(folder: Path) -> dict[str, list[int] | None]:
    """Clip and frame number of each picture whose marked rows go over its whole width."""
    found: dict[str, list[int] | None] = {}
    for path in folder.glob("*.png"):
        width = film_size(path)[0]
        rows, cells = 2 * row_pixels(width), f"{BLOCKS * CELL}:{2 * CELL}"
        graph = f"crop={width}:{rows}:0:0:exact=1,scale={cells}:flags=area,format=gray"
        command = [get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-vf", graph]
        raw = subprocess.run(
            [*command, "-f", "rawvideo", "-"], capture_output=True, check=True
        ).stdout
        mark = mark_of(np.frombuffer(raw, np.uint8).reshape(2 * CELL, BLOCKS * CELL))
        found[path.stem] = [*mark] if mark else None
    return found


def sounds(film: Path, raw: Path) -> dict[str, float]:
    """RMS of the film's sound and of the difference in dB of full scale; `lag` where both fit best."""
    heard = np.frombuffer(raw.read_bytes(), "<f4").astype(np.float64).reshape(-1, 2)
    wanted = read_sound(film)
    count = min(len(heard), len(wanted))
    heard, wanted = heard[:count], wanted[:count]
    size = 1 << (2 * count).bit_length()
    spectrum = np.fft.rfft(wanted[:, 0], size) * np.conj(np.fft.rfft(heard[:, 0], size))
    best = int(np.argmax(np.fft.irfft(spectrum, size)))
    return {
        "level": _decibels(wanted),
        "error": _decibels(wanted - heard),
        "lag": best if best < size // 2 else best - size,
    }


def _decibels(samples: NDArray[np.float64]) -> float:
    return float(20 * np.log10(np.sqrt((samples**2).mean()) + 1e-9))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures")
    verbs = parser.add_subparsers(dest="verb", required=True)
    compare = verbs.add_parser("compare")
    compare.add_argument("film", type=Path)
    compare.add_argument("folder", type=Path)
    mark = verbs.add_parser("mark")
    mark.add_argument("folder", type=Path)
    sound = verbs.add_parser("sound")
    sound.add_argument("film", type=Path)
    sound.add_argument("raw", type=Path)
    arguments = parser.parse_args()
    if arguments.verb == "compare":
        result: object = compared(arguments.film, arguments.folder)
    elif arguments.verb == "sound":
        result = sounds(arguments.film, arguments.raw)
    else:
        result = marks(arguments.folder)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
