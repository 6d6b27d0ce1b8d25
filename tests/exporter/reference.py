"""A slow renderer that shares nothing with the exporter but `layers`: frame by frame, PyAV and numpy.

It draws in RGB as floats: media, colours and nested sequences, placed, cropped, mirrored, turned, faded, blended,
dissolved and dipped. It is what the fast one is compared with [export-X52].
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from timeline.layers import layers
from timeline.resolved import Frames, Layer

Plane: TypeAlias = NDArray[np.float64]
"""Shape (height, width) or (height, width, 3), values 0 to 1."""
SUBPIXELS: Final = (1 / 6, 3 / 6, 5 / 6)
SHARPNESS: Final = 0.6  # of the cubic, as swscale has it
KR: Final = 0.2126
KB: Final = 0.0722


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture on the canvas: straight colours and how much of each pixel it covers."""

    color: Plane
    alpha: Plane


class Pictures:
    """All pictures of a file, in the order in which they are shown."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _frames(self) -> list[NDArray[np.uint8]]:
        with av.open(str(self._path)) as container:
            shown = sorted(container.decode(video=0), key=lambda frame: frame.pts or 0)
            packed = [frame.to_ndarray(format="yuv420p") for frame in shown]
            return [np.asarray(one, np.uint8) for one in packed]

    def rgb(self, number: int) -> Plane:
        """Picture `number`, BT.709 limited read as RGB 0 to 1; not clipped."""
        packed = self._frames[number]
        height, width = packed.shape[0] * 2 // 3, packed.shape[1]
        luma = packed[:height].astype(np.float64)
        chroma = packed[height:].reshape(2, height // 2, width // 2).astype(np.float64)
        y = (luma - 16) / 219
        cb, cr = (np.kron((plane - 128) / 224, np.ones((2, 2))) for plane in chroma)
        red, blue = y + 2 * (1 - KR) * cr, y + 2 * (1 - KB) * cb
        green = (y - KR * red - KB * blue) / (1 - KR - KB)
        return np.stack([red, green, blue], axis=2)


def luma_of(picture: Plane) -> Plane:
    """0 to 255, BT.709 limited range, as it stands in the film."""
    weights = np.array([KR, 1 - KR - KB, KB])
    return np.asarray(16 + 219 * (picture @ weights), np.float64)


class Reference:
    """`moving` are clips that move: they stand between pixels, the others on whole ones [export-X35]."""

    def __init__(
        self, frames: Frames, files: Mapping[str, Pictures], moving: frozenset[str]
    ) -> None:
        self._frames, self._files, self._moving = frames, files, moving
        view = frames.resolved.sequences[frames.resolved.sequence]
        self._size = (view.width, view.height)

    def picture(self, n: int) -> Plane:
        """Frame `n` of the film, RGB."""
        shown = layers(self._frames, n)
        return self._over(np.zeros((self._size[1], self._size[0], 3)), shown, self._size)

    def _over(self, base: Plane, shown: Sequence[Layer], size: tuple[int, int]) -> Plane:
        index = 0
        while index < len(shown):
            layer = shown[index]
            pair = [layer]
            if layer.transition is not None:
                pair = [one for one in shown[index:] if _is_same_cut(one, layer)]
                base = self._crossed(base, pair, size)
            else:
                drawn = self._drawn(layer, size)
                base = _blended(base, drawn, layer.opacity, str(layer.props.get("blend")))
            index += len(pair)
        return base

    def _crossed(self, base: Plane, sides: Sequence[Layer], size: tuple[int, int]) -> Plane:
        first = sides[0].transition
        assert first is not None
        if first.kind == "dip":
            return self._dipped(base, sides, size, first.progress, str(first.params.get("color")))
        color, alpha = np.zeros((*base.shape[:2], 3)), np.zeros(base.shape[:2])
        for side in sides:
            assert side.transition is not None
            weight = first.progress if side.transition.side == "right" else 1 - first.progress
            drawn = self._drawn(side, size)
            cover = drawn.alpha * side.opacity * weight
            color += drawn.color * cover[..., None]
            alpha += cover
        return base * (1 - alpha[..., None]) + color

    def _dipped(
        self, base: Plane, sides: Sequence[Layer], size: tuple[int, int], progress: float, hue: str
    ) -> Plane:
        """The colour with 2p over the left side, then the right side with 2p - 1 over the colour."""
        plain = np.broadcast_to(np.array(_rgb(hue)), base.shape)
        left = [one for one in sides if one.transition and one.transition.side == "left"]
        right = [one for one in sides if one.transition and one.transition.side == "right"]
        for side in left:
            base = _blended(base, self._drawn(side, size), side.opacity, "normal")
        covering = min(1.0, 2 * progress)
        base = base * (1 - covering) + plain * covering
        for side in right:
            weight = side.opacity * max(0.0, 2 * progress - 1)
            base = _blended(base, self._drawn(side, size), weight, "normal")
        return base

    def _drawn(self, layer: Layer, size: tuple[int, int]) -> Drawn:
        if layer.layers is not None and layer.size is not None:
            inner = self._nested(layer.layers, layer.size)
        elif layer.picture is not None and layer.asset is not None:
            color = self._files[layer.asset].rgb(layer.picture)
            inner = Drawn(color, np.ones(color.shape[:2]))
        else:
            color = np.broadcast_to(np.array(_rgb(str(layer.props["p:color"]))), (*size[::-1], 3))
            inner = Drawn(color, np.ones(size[::-1]))
        return _placed(inner, layer, size, is_moving=layer.clip in self._moving)

    def _nested(self, shown: Sequence[Layer], size: tuple[int, int]) -> Drawn:
        """On black and on white: what differs between the two is transparent."""
        black, white = np.zeros((size[1], size[0], 3)), np.ones((size[1], size[0], 3))
        on_black, on_white = self._over(black, shown, size), self._over(white, shown, size)
        alpha = 1 - (on_white - on_black).mean(axis=2)
        color = on_black / np.maximum(alpha, 1e-9)[..., None]
        return Drawn(np.where(alpha[..., None] > 1e-6, color, 0), alpha)


def _is_same_cut(one: Layer, other: Layer) -> bool:
    return (
        one.transition is not None
        and other.transition is not None
        and one.transition.id == other.transition.id
    )


def _blended(base: Plane, drawn: Drawn, opacity: float, mode: str) -> Plane:
    under, over = np.clip(base, 0, 1), np.clip(drawn.color, 0, 1)
    match mode:
        case "multiply":
            mixed = under * over
        case "screen":
            mixed = 1 - (1 - under) * (1 - over)
        case "darken":
            mixed = np.minimum(under, over)
        case "lighten":
            mixed = np.maximum(under, over)
        case "difference":
            mixed = np.abs(under - over)
        case _:
            mixed = drawn.color
    cover = (drawn.alpha * opacity)[..., None]
    return base * (1 - cover) + mixed * cover


def _placed(inner: Drawn, layer: Layer, size: tuple[int, int], *, is_moving: bool) -> Drawn:
    """Crop, mirror, fit, scale, turn and move: what it covers of a canvas of that size."""
    props = layer.props
    high, wide = inner.alpha.shape

    def prop(name: str, default: float = 0.0) -> float:
        value = props.get(name, default)
        return float(value) if isinstance(value, int | float) else default

    fits = (size[0] / wide, size[1] / high)
    fit = str(props.get("fit", "contain"))
    fit_x, fit_y = {
        "fill": fits,
        "cover": (max(fits),) * 2,
        "none": (1.0, 1.0),
    }.get(fit, (min(fits),) * 2)
    scale = (fit_x * prop("scale_x", 1), fit_y * prop("scale_y", 1))
    anchor = (prop("anchor_x", 0.5) * wide, prop("anchor_y", 0.5) * high)
    at = ((0.5 + prop("x")) * size[0], (0.5 + prop("y")) * size[1])
    left, right = round(prop("crop_l") * wide) // 2 * 2, wide - round(prop("crop_r") * wide)
    top, bottom = round(prop("crop_t") * high) // 2 * 2, high - round(prop("crop_b") * high)
    right, bottom = min(wide, right + right % 2), min(high, bottom + bottom % 2)
    color, alpha = inner.color[top:bottom, left:right], inner.alpha[top:bottom, left:right]
    if props.get("flip_h") is True:
        color, alpha, left, right = color[:, ::-1], alpha[:, ::-1], wide - right, wide - left
    if props.get("flip_v") is True:
        color, alpha, top, bottom = color[::-1], alpha[::-1], high - bottom, high - top
    turn = math.radians(prop("rotation"))
    edges = [(v - anchor[i % 2]) * scale[i % 2] for i, v in enumerate((left, top, right, bottom))]
    if turn == 0 and not is_moving:
        edges = [math.floor(v + at[i % 2] + 0.5) - at[i % 2] for i, v in enumerate(edges)]
    target = (max(1, round(edges[2] - edges[0])), max(1, round(edges[3] - edges[1])))
    color, alpha = _resized(color, target), _resized(alpha, target)
    if turn == 0 and not is_moving:
        return _pasted(color, alpha, round(edges[0] + at[0]), round(edges[1] + at[1]), size)
    return _turned(color, alpha, edges, at, turn, size)


def _pasted(color: Plane, alpha: Plane, x: int, y: int, size: tuple[int, int]) -> Drawn:
    """On whole pixels, what lies beyond the canvas cut off."""
    total, cover = np.zeros((size[1], size[0], 3)), np.zeros((size[1], size[0]))
    high, wide = alpha.shape
    rows = slice(max(0, y), min(size[1], y + high))
    columns = slice(max(0, x), min(size[0], x + wide))
    inner = (slice(rows.start - y, rows.stop - y), slice(columns.start - x, columns.stop - x))
    if rows.start < rows.stop and columns.start < columns.stop:
        total[rows, columns], cover[rows, columns] = color[inner], alpha[inner]
    return Drawn(total, cover)


def _turned(
    color: Plane,
    alpha: Plane,
    edges: Sequence[float],
    at: tuple[float, float],
    turn: float,
    size: tuple[int, int],
) -> Drawn:
    """Each output pixel asks nine points of itself what lies there."""
    total, cover = np.zeros((size[1], size[0], 3)), np.zeros((size[1], size[0]))
    high, wide = alpha.shape
    cosine, sine = math.cos(turn), math.sin(turn)
    for down in SUBPIXELS:
        for across in SUBPIXELS:
            x = np.arange(size[0])[None, :] + across - at[0]
            y = np.arange(size[1])[:, None] + down - at[1]
            u = (x * cosine + y * sine - edges[0]) / (edges[2] - edges[0])
            v = (y * cosine - x * sine - edges[1]) / (edges[3] - edges[1])
            inside = (u >= 0) & (u < 1) & (v >= 0) & (v < 1)
            # The middle of the pixel, where the picture stands straight: no second blur.
            row = np.clip(v * high - (0.5 if turn else down), 0, high - 1)
            column = np.clip(u * wide - (0.5 if turn else across), 0, wide - 1)
            seen = _sampled(alpha[..., None], row, column)[..., 0] * inside
            total += _sampled(color, row, column) * seen[..., None]
            cover += seen
    return Drawn(total / np.maximum(cover, 1e-9)[..., None], cover / 9)


def _sampled(image: Plane, row: Plane, column: Plane) -> Plane:
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    bottom = np.minimum(top + 1, image.shape[0] - 1)
    right = np.minimum(left + 1, image.shape[1] - 1)
    down, across = (row - top)[..., None], (column - left)[..., None]
    upper = image[top, left] * (1 - across) + image[top, right] * across
    lower = image[bottom, left] * (1 - across) + image[bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down, np.float64)


def _resized(image: Plane, target: tuple[int, int]) -> Plane:
    rows = _weights(image.shape[0], target[1])
    columns = _weights(image.shape[1], target[0])
    down = np.tensordot(rows, image, axes=(1, 0))
    return np.asarray(np.moveaxis(np.tensordot(down, columns, axes=(1, 1)), -1, 1), np.float64)


def _weights(size: int, target: int) -> Plane:
    """How much of each old sample goes into each new one: a cubic, wider where the picture shrinks."""
    if size == target:
        return np.eye(size)
    step = size / target
    reach = max(1.0, step)
    centre = (np.arange(target)[:, None] + 0.5) * step - 0.5
    at = np.abs(
        (np.arange(-8 * int(reach + 1), size + 8 * int(reach + 1))[None, :] - centre) / reach
    )
    near = (2 - SHARPNESS) * at**3 - (3 - SHARPNESS) * at**2 + 1
    far = -SHARPNESS * (at**3 - 5 * at**2 + 8 * at - 4)
    whole = np.where(at < 1, near, np.where(at < 2, far, 0.0))
    edge = 8 * int(reach + 1)
    weights = whole[:, edge : edge + size].copy()
    weights[:, 0] += whole[:, :edge].sum(axis=1)
    weights[:, -1] += whole[:, edge + size :].sum(axis=1)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)


def _rgb(color: str) -> tuple[float, float, float]:
    return (int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255)


def ssim(one: Plane, other: Plane) -> float:
    """Mean structural similarity of two luma pictures, 0 to 255, over windows of 8 x 8."""
    mean_1, mean_2 = _windows(one), _windows(other)
    spread_1 = _windows(one * one) - mean_1**2
    spread_2 = _windows(other * other) - mean_2**2
    both = _windows(one * other) - mean_1 * mean_2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * mean_1 * mean_2 + c1) * (2 * both + c2)
    below = (mean_1**2 + mean_2**2 + c1) * (spread_1 + spread_2 + c2)
    return float((above / below).mean())


def _windows(plane: Plane, size: int = 8) -> Plane:
    sums = np.pad(plane.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    total = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return np.asarray(total / size**2, np.float64)
