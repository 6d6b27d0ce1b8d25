# pyright: basic
# skia-python ships no types; this file alone draws the sample film with it.
"""Pictures of the sample film: a city under the light of the hour, and one chart in front of it."""

import math
import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import skia

from cli.demo.storyboard import HANDLE_FRAMES, HEIGHT, RATE, WIDTH, Scene

INK: Final = 0xFFF7F3EA
SUN: Final = 0xFFFFD58A
FONT_FILES: Final = {400: "NotoSans-Regular.ttf", 700: "NotoSans-Bold.ttf"}
# hour -> sky above, sky at the horizon, far skyline, near skyline
LIGHT: Final = (
    (4.5, 0x101A3A, 0x3B3560, 0x171C3C, 0x0C1128),
    (6.2, 0x27407C, 0xF2946B, 0x39355F, 0x1B1C3A),
    (8.0, 0x4C8BC9, 0xF9D7A8, 0x5B7198, 0x2C3A5C),
    (12.5, 0x2F86D6, 0xBFE3F5, 0x6E93B8, 0x36516F),
    (16.0, 0x3577BE, 0xF5DFB4, 0x6C7FA3, 0x33425F),
    (18.2, 0x4A3F86, 0xF58A5B, 0x5B406C, 0x2A2144),
    (20.0, 0x1C1F52, 0xA4507A, 0x2C2652, 0x15142F),
    (23.5, 0x070B1E, 0x1B2350, 0x10152F, 0x070A1A),
)


def frames(scene: Scene, fonts: Path) -> Iterator[bytes]:
    """RGBA pictures of a scene in order, WIDTH x HEIGHT x 4 bytes each."""
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    surface = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType)
    painter = Painter(scene, fonts)
    with surface as canvas:
        for number in range(scene.frames + HANDLE_FRAMES):
            painter.paint(canvas, number)
            surface.flushAndSubmit()
            yield pixels.tobytes()


class Painter:
    """Draws the frames of one scene; holds what does not change between them."""

    def __init__(self, scene: Scene, fonts: Path) -> None:
        self._scene = scene
        self._faces = {
            weight: skia.Typeface.MakeFromFile(str(fonts / name))
            for weight, name in FONT_FILES.items()
        }
        self._far = _skyline(seed=11, count=46, low=60, high=190)
        self._near = _skyline(seed=5, count=30, low=90, high=270)
        self._stars = _points(seed=3, count=160)
        self._subject: dict[str, Callable[[skia.Canvas, float, float], None]] = {
            "opening": self._opening,
            "bars": self._bars,
            "counter": self._counter,
            "line": self._line,
            "people": self._people,
            "closing": self._closing,
        }

    def paint(self, canvas: skia.Canvas, number: int) -> None:
        scene = self._scene
        part = number / (scene.frames - 1)
        hour = scene.hours[0] + (scene.hours[1] - scene.hours[0]) * part
        drift = (hour - 4.8) * 9.0
        self._sky(canvas, hour)
        sky = _light(hour)
        self._city(canvas, self._far, drift * 0.5, 505, sky[2], hour, lit=0.25)
        self._haze(canvas, sky[1])
        self._city(canvas, self._near, drift, 590, sky[3], hour, lit=0.6)
        self._ground(canvas, sky[3], hour)
        self._subject[scene.subject](canvas, number / RATE, part)
        self._clock(canvas, hour)

    # --- the world ---------------------------------------------------------------------------

    def _sky(self, canvas: skia.Canvas, hour: float) -> None:
        above, horizon, _, _ = _light(hour)
        shader = skia.GradientShader.MakeLinear(
            [(0, 0), (0, 600)],
            [_opaque(above), _opaque(_mixed(above, horizon, 0.55)), _opaque(horizon)],
            [0, 0.55, 1],
        )
        canvas.drawRect(skia.Rect.MakeWH(WIDTH, HEIGHT), skia.Paint(Shader=shader))
        night = max(0.0, 1 - abs(hour - 4.5) / 1.4, min(1.0, (hour - 19.4) / 1.6))
        for index, (x, y, size) in enumerate(self._stars):
            glow = night * (0.55 + 0.45 * math.sin(hour * 9 + index))
            if glow > 0.02:
                canvas.drawCircle(x, y * 0.8, size, _paint(INK, glow * 0.9))
        self._sun(canvas, hour)

    def _sun(self, canvas: skia.Canvas, hour: float) -> None:
        turn = (hour - 6.0) / 12.6 * math.pi
        x = WIDTH / 2 - math.cos(turn) * 560
        y = 585 - math.sin(turn) * 470
        for radius, alpha in ((230, 0.10), (130, 0.16), (80, 0.22)):
            glow = _paint(SUN, alpha)
            glow.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, radius / 3))
            canvas.drawCircle(x, y, radius, glow)
        canvas.drawCircle(x, y, 46, _paint(0xFFFFF1CF, 1.0))
        if hour > 19:
            rise = min(1.0, (hour - 19.0) / 3)
            moon_y = 470 - rise * 330
            halo = _paint(INK, 0.16)
            halo.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 30))
            canvas.drawCircle(980, moon_y, 66, halo)
            canvas.drawCircle(980, moon_y, 38, _paint(0xFFF4F1E4, 1.0))
            for dx, dy, size in ((-12, -8, 8), (10, 12, 6), (14, -12, 4)):
                canvas.drawCircle(980 + dx, moon_y + dy, size, _paint(0xFFDAD6C6, 1.0))

    def _city(
        self,
        canvas: skia.Canvas,
        towers: list[tuple[float, float, float, int]],
        drift: float,
        base: float,
        color: int,
        hour: float,
        *,
        lit: float,
    ) -> None:
        body = _paint(_opaque(color), 1.0)
        dark = max(0.0, min(1.0, abs(hour - 12.6) / 5.2 - 1.05))
        window = _paint(0xFFFFD98C, 0.9)
        for x, width, height, seed in towers:
            left = (x - drift) % (WIDTH + 320) - 160
            top = base - height
            canvas.drawRect(skia.Rect.MakeXYWH(left, top, width, HEIGHT - top), body)
            if seed % 5 == 0:
                canvas.drawRect(skia.Rect.MakeXYWH(left + width / 2 - 1.5, top - 34, 3, 34), body)
            if not dark:
                continue
            chance = random.Random(seed)  # noqa: S311 - pictures, not secrets
            for row in range(int(height // 17)):
                for column in range(int(width // 14)):
                    wakes = chance.random()
                    if wakes < lit * dark * _awake(hour):
                        canvas.drawRect(
                            skia.Rect.MakeXYWH(left + 5 + column * 14, top + 8 + row * 17, 6, 9),
                            window,
                        )

    def _haze(self, canvas: skia.Canvas, horizon: int) -> None:
        shader = skia.GradientShader.MakeLinear(
            [(0, 380), (0, 640)], [horizon & 0xFFFFFF, _translucent(horizon, 0.5)]
        )
        canvas.drawRect(skia.Rect.MakeXYWH(0, 380, WIDTH, 260), skia.Paint(Shader=shader))

    def _ground(self, canvas: skia.Canvas, color: int, hour: float) -> None:
        canvas.drawRect(
            skia.Rect.MakeXYWH(0, 640, WIDTH, 80), _paint(_opaque(_mixed(color, 0, 0.35)), 1.0)
        )
        for lane, (y, speed) in enumerate(((664, 210), (690, -170))):
            for car in range(7):
                x = (car * 214 + lane * 97 + hour * speed * 3) % (WIDTH + 120) - 60
                light = 0xFFFFE9B8 if speed > 0 else 0xFFFF6F5E
                beam = _paint(light, 0.35)
                beam.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 6))
                canvas.drawRoundRect(skia.Rect.MakeXYWH(x - 22, y - 4, 44, 8), 4, 4, beam)
                canvas.drawRoundRect(
                    skia.Rect.MakeXYWH(x - 9, y - 2, 18, 4), 2, 2, _paint(light, 0.95)
                )

    def _clock(self, canvas: skia.Canvas, hour: float) -> None:
        text = f"{int(hour) % 24:02d}:{int(hour * 60) % 60:02d}"
        self._text(canvas, text, 56, 66, 30, weight=700, alpha=0.92)

    # --- what each scene is about --------------------------------------------------------------

    def _opening(self, canvas: skia.Canvas, seconds: float, _part: float) -> None:
        for index in range(9):
            begun = seconds - 1.2 - index * 0.16
            if begun <= 0:
                continue
            x = 300 + begun * 95 + index * 42
            y = 330 - begun * 22 + math.sin(begun * 2.4 + index) * 12 + (index % 3) * 26
            self._bird(canvas, x, y, math.sin(begun * 9 + index))

    def _closing(self, canvas: skia.Canvas, seconds: float, _part: float) -> None:
        if 1.5 < seconds < 2.6:
            part = (seconds - 1.5) / 1.1
            tail = skia.Path()
            tail.moveTo(260 + part * 420, 90 + part * 90)
            tail.lineTo(180 + part * 420, 72 + part * 90)
            canvas.drawPath(tail, _stroke(INK, 3, math.sin(part * math.pi)))

    def _bars(self, canvas: skia.Canvas, seconds: float, _part: float) -> None:
        self._card(canvas, seconds)
        demand = [
            31,
            29,
            28,
            28,
            30,
            36,
            48,
            61,
            66,
            64,
            60,
            58,
            59,
            57,
            56,
            58,
            63,
            70,
            74,
            71,
            62,
            52,
            43,
            36,
        ]
        left, base, step = 250.0, 480.0, 33.0
        for row in range(4):
            y = base - row * 75
            canvas.drawLine(
                left - 10, y, left + 24 * step, y, _stroke(INK, 1, 0.22 * _eased(seconds - 0.3))
            )
        peak = demand.index(max(demand))
        for index, value in enumerate(demand):
            grown = _eased((seconds - 0.7 - index * 0.09) / 0.7)
            height = value * 3.6 * grown
            color = 0xFFFFC25C if index == peak else 0xFF8FD3FF
            canvas.drawRoundRect(
                skia.Rect.MakeXYWH(left + index * step, base - height, 22, height),
                4,
                4,
                _paint(color, 0.95),
            )
            if index % 4 == 0:
                self._text(
                    canvas,
                    f"{index:02d}",
                    left + index * step + 11,
                    base + 30,
                    19,
                    center=True,
                    alpha=grown,
                )
        shown = _eased((seconds - 3.6) / 0.6)
        if shown > 0:
            x = left + peak * step + 11
            self._text(
                canvas,
                "74 MW",
                x,
                base - demand[peak] * 3.6 - 16,
                24,
                center=True,
                weight=700,
                alpha=shown,
            )

    def _counter(self, canvas: skia.Canvas, seconds: float, _part: float) -> None:
        self._card(canvas, seconds)
        counted = round(1_284_067 * _eased((seconds - 0.5) / 3.6))
        self._text(canvas, f"{counted:,}", WIDTH / 2, 345, 132, center=True, weight=700)
        parts = (
            ("metro", 0.46, 0xFFFFC25C),
            ("tram", 0.21, 0xFF8FD3FF),
            ("bus", 0.19, 0xFF9EE6B0),
            ("bicycle", 0.14, 0xFFFF9C8A),
        )
        x, width = 250.0, 780.0
        reached = _eased((seconds - 1.4) / 2.2)
        for name, share, color in parts:
            length = width * share * reached
            canvas.drawRoundRect(
                skia.Rect.MakeXYWH(x, 410, max(0.0, length - 6), 26), 6, 6, _paint(color, 0.95)
            )
            if reached > 0.6:
                shown = (reached - 0.6) / 0.4
                self._text(canvas, name, x + 2, 470, 21, alpha=shown)
                self._text(canvas, f"{share:.0%}", x + 2, 497, 19, alpha=shown * 0.75)
            x += length

    def _line(self, canvas: skia.Canvas, seconds: float, _part: float) -> None:
        self._card(canvas, seconds)
        left, right, base = 250.0, 1030.0, 480.0
        points = [
            (left + (right - left) * i / 120, base - _warmth(i / 120) * 230) for i in range(121)
        ]
        reached = max(1, round(120 * _eased((seconds - 0.6) / 4.4)))
        for row in range(4):
            y = base - row * 75
            canvas.drawLine(left - 10, y, right, y, _stroke(INK, 1, 0.22 * _eased(seconds - 0.3)))
            self._text(
                canvas, f"{14 + row * 4}°", left - 58, y + 7, 19, alpha=0.8 * _eased(seconds - 0.3)
            )
        path = skia.Path()
        path.moveTo(*points[0])
        for point in points[1 : reached + 1]:
            path.lineTo(*point)
        area = skia.Path(path)
        area.lineTo(points[reached][0], base)
        area.lineTo(left, base)
        area.close()
        shader = skia.GradientShader.MakeLinear(
            [(0, base - 240), (0, base)], [_translucent(0xFFB15C, 0.55), 0x00FFB15C]
        )
        canvas.drawPath(area, skia.Paint(Shader=shader, AntiAlias=True))
        canvas.drawPath(path, _stroke(0xFFFFC25C, 5, 1.0))
        x, y = points[reached]
        halo = _paint(SUN, 0.5)
        halo.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 9))
        canvas.drawCircle(x, y, 18, halo)
        canvas.drawCircle(x, y, 9, _paint(INK, 1.0))
        self._text(
            canvas,
            f"{14 + _warmth(reached / 120) * 12.4:.1f}°",
            x,
            y - 26,
            26,
            center=True,
            weight=700,
        )

    def _people(self, canvas: skia.Canvas, seconds: float, _part: float) -> None:
        self._card(canvas, seconds)
        places = [(x, y) for x, y, _ in _points(seed=21, count=34)]
        places = [(250 + x / WIDTH * 780, 235 + y / 420 * 245) for x, y in places]
        for index, (x, y) in enumerate(places):
            nearest = sorted(range(len(places)), key=lambda other: math.dist(places[other], (x, y)))
            for order, other in enumerate(nearest[1:4]):
                drawn = _eased((seconds - 1.2 - index * 0.07 - order * 0.35) / 0.9)
                if drawn > 0:
                    ox, oy = places[other]
                    canvas.drawLine(
                        x, y, x + (ox - x) * drawn, y + (oy - y) * drawn, _stroke(INK, 1.6, 0.42)
                    )
        colors = (0xFFFFC25C, 0xFF8FD3FF, 0xFF9EE6B0, 0xFFFF9C8A)
        for index, (x, y) in enumerate(places):
            size = _eased((seconds - 0.5 - index * 0.06) / 0.5) * (5 + index % 4 * 2.4)
            pulse = 1 + 0.12 * math.sin(seconds * 3 + index)
            if size > 0:
                canvas.drawCircle(x, y, size * 1.9 * pulse, _paint(colors[index % 4], 0.22))
                canvas.drawCircle(x, y, size, _paint(colors[index % 4], 1.0))

    # --- tools -----------------------------------------------------------------------------------

    def _card(self, canvas: skia.Canvas, seconds: float) -> None:
        shown = _eased(seconds / 0.6)
        area = skia.Rect.MakeXYWH(170, 118 + (1 - shown) * 24, 940, 440)
        shadow = _paint(0xFF000000, 0.28 * shown)
        shadow.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 22))
        canvas.drawRoundRect(area.makeOffset(0, 10), 22, 22, shadow)
        canvas.drawRoundRect(area, 22, 22, _paint(0xFF141A33, 0.80 * shown))
        canvas.drawRoundRect(area, 22, 22, _stroke(INK, 1, 0.16 * shown))
        self._text(
            canvas,
            self._scene.heading,
            214,
            186,
            36,
            weight=700,
            alpha=_eased((seconds - 0.2) / 0.6),
        )

    def _text(
        self,
        canvas: skia.Canvas,
        text: str,
        x: float,
        y: float,
        size: float,
        *,
        weight: int = 400,
        center: bool = False,
        alpha: float = 1.0,
    ) -> None:
        font = skia.Font(self._faces[weight], size)
        font.setEdging(skia.Font.Edging.kAntiAlias)
        font.setSubpixel(True)
        if center:
            x -= font.measureText(text) / 2
        canvas.drawString(text, x, y, font, _paint(INK, max(0.0, min(1.0, alpha))))

    def _bird(self, canvas: skia.Canvas, x: float, y: float, beat: float) -> None:
        path = skia.Path()
        path.moveTo(x - 11, y - 3 - beat * 5)
        path.quadTo(x - 4, y - 4, x, y)
        path.quadTo(x + 4, y - 4, x + 11, y - 3 - beat * 5)
        canvas.drawPath(path, _stroke(0xFF1B1C3A, 2.4, 0.9))


def _skyline(
    *, seed: int, count: int, low: int, high: int
) -> list[tuple[float, float, float, int]]:
    chance = random.Random(seed)  # noqa: S311 - pictures, not secrets
    step = (WIDTH + 320) / count
    return [
        (
            index * step + chance.uniform(-6, 6),
            step * chance.uniform(0.75, 1.25),
            chance.uniform(low, high),
            chance.randrange(1 << 20),
        )
        for index in range(count)
    ]


def _points(*, seed: int, count: int) -> list[tuple[float, float, float]]:
    chance = random.Random(seed)  # noqa: S311 - pictures, not secrets
    return [
        (chance.uniform(0, WIDTH), chance.uniform(0, 420), chance.uniform(0.7, 1.9))
        for _ in range(count)
    ]


def _awake(hour: float) -> float:
    """How many windows are lit: many in the evening, fewer at the end of it."""
    return 1.0 if hour < 21 else max(0.25, 1 - (hour - 21) * 0.36)


def _warmth(part: float) -> float:
    return (
        0.12
        + 0.78 * math.sin(math.pi * min(1.0, part * 0.93 + 0.02)) ** 1.4
        + 0.05 * math.sin(part * 17)
    )


def _eased(part: float) -> float:
    part = max(0.0, min(1.0, part))
    return 1 - (1 - part) ** 3


def _light(hour: float) -> tuple[int, int, int, int]:
    for before, after in pairwise(LIGHT):
        if hour <= after[0]:
            weight = max(0.0, (hour - before[0]) / (after[0] - before[0]))
            mixed = [
                _mixed(int(a), int(b), weight) for a, b in zip(before[1:], after[1:], strict=True)
            ]
            return (mixed[0], mixed[1], mixed[2], mixed[3])
    last = LIGHT[-1]
    return (last[1], last[2], last[3], last[4])


def _mixed(one: int, other: int, weight: float) -> int:
    channels = (
        round((one >> shift & 255) * (1 - weight) + (other >> shift & 255) * weight) << shift
        for shift in (16, 8, 0)
    )
    return sum(channels)


def _opaque(color: int) -> int:
    return 0xFF000000 | color


def _translucent(color: int, alpha: float) -> int:
    return round(alpha * 255) << 24 | (color & 0xFFFFFF)


def _paint(color: int, alpha: float) -> skia.Paint:
    return skia.Paint(Color=_translucent(color, alpha), AntiAlias=True)


def _stroke(color: int, width: float, alpha: float) -> skia.Paint:
    return skia.Paint(
        Color=_translucent(color, alpha),
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )
