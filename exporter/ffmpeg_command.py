"""A planned segment -> the graph and arguments that draw it [export-X7, X16].

Pure: the same segment gives the same arguments. Inputs are named `/in/N`, the output is
`/out/segment.mp4`; people's text never gets in. Every layer is one linear chain of its own, and a
command drives only filters of the chain it stands on.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from exporter.cubes import CubeFile, CubeFilm
from exporter.drawn_files import FillFile, GradientFile, RampFile, SmallFile, bars_file
from exporter.encoders import Encoding, encoder_options, encoding_of
from exporter.filters import Blur, Cutout, Key, Look, Mosaic, Sharpen, Use, is_steady, use_of
from exporter.graph import Stream, arguments, chosen, opened, text
from exporter.motion import EDGE_PIXELS, corners, even, grown, largest
from exporter.outlines import REACH, OutlineFile
from exporter.reading import any_of, guards, raw, seek_seconds
from exporter.recipes import (
    SCALER,
    as_alpha,
    blended,
    blended_on_alpha,
    from_rgb,
    in_yuv,
    laid,
    sharpened,
    shifted,
    thinned,
    to_rgb,
    weighed,
    weight_text,
)
from exporter.solid import is_base, is_solid, is_veil
from timeline.plan import (
    DrawnSegment,
    FillSource,
    GeneratorSource,
    GroupSource,
    ImageSource,
    InputFile,
    Mask,
    Numbers,
    Output,
    PlannedLayer,
    Quad,
    RenditionSource,
    Window,
    picture_numbers,
)
from timeline.timing import Rate

BT709: Final = {
    "range": "tv",
    "colorspace": "bt709",
    "color_primaries": "bt709",
    "color_trc": "bt709",
}
BLUR_STEPS: Final = 3  # passes of the filter: nearer to a Gaussian, and slower
OUTPUT: Final = "/out/segment.mp4"

Used: TypeAlias = InputFile | SmallFile | CubeFile | CubeFilm


@dataclass(frozen=True, slots=True)
class SegmentCommand:
    """Arguments after the program's name, and which file is to be bound as `/in/NAME`."""

    arguments: tuple[str, ...]
    files: tuple[Used, ...]

    def named(self) -> Mapping[str, Used]:
        return {_bound_name(index, used): used for index, used in enumerate(self.files)}


def _bound_name(index: int, used: Used) -> str:
    """Inputs are told by their number; the filter that reads cubes looks at the ending of a name."""
    return f"{index}.cube" if isinstance(used, CubeFile) else str(index)


def segment_command(
    segment: DrawnSegment, output: Output, inputs: Mapping[str, InputFile], *, bytes_max: int
) -> SegmentCommand:
    """How to draw and encode a segment; one that is larger than `bytes_max` is cut off and fails."""
    graph = _Graph(segment.frames, Rate(output.fps_num, output.fps_den), inputs)
    size = (output.width, output.height)
    picture = graph.composed(segment.layers, size, output.background)
    encoded = _for_encoder(picture, encoding_of(output))
    parts = arguments(encoded, OUTPUT, encoder_options(output, segment.frames, bytes_max))
    place = parts.index("-filter_complex") + 1
    parts[place] = f"sws_flags={SCALER};{parts[place]}"
    head = ["-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.5", "-y"]
    if graph.blurs or encoding_of(output).is_plain:
        head += [
            "-cpuflags",
            "0",
        ]  # their sums come out differently on every processor [export-X16]
    return SegmentCommand((*head, "-filter_complex_threads", "1", *parts), tuple(graph.files))


def _for_encoder(picture: Stream, encoding: Encoding) -> Stream:
    """The composed picture in the pixels of its encoder; what is full range carries no tags."""
    composed = picture.to("format", "yuv420p").to("setsar", 1)
    if encoding.pixels != "yuv420p":
        composed = composed.to(
            "scale",
            flags=SCALER,
            in_range="tv",
            out_range=encoding.range,
            in_color_matrix="bt709",
            out_color_matrix=encoding.matrix,
        ).to("format", encoding.pixels)
    return composed.to("setparams", **BT709) if encoding.range == "tv" else composed


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A layer on its way to its place: its size, and how many pixels its blur has added on each side."""

    stream: Stream
    size: tuple[int, int]
    spread: tuple[int, int] = (0, 0)


class _Graph:
    """Builds the chains of one segment and remembers which files they open."""

    def __init__(self, frames: int, rate: Rate, inputs: Mapping[str, InputFile]) -> None:
        self.files: list[Used] = []
        self._frames = frames
        self._rate = rate
        self._inputs = inputs
        self._drivers = 0
        self.blurs = False

    def composed(
        self, layers: Sequence[PlannedLayer], size: tuple[int, int], background: str | None
    ) -> Stream:
        """All layers over each other; on a transparent canvas where `background` is None and nothing hides it."""
        rest = list(layers)
        on_alpha = background is None
        if rest and is_base(rest[0], size, self._inputs):
            on_alpha = False
            base = self._chain(rest.pop(0), with_alpha=False).stream
        else:
            base = self._fill(background or "#00000000", size, with_alpha=on_alpha)
        for layer in rest:
            base = self._over(base, layer, size, on_alpha=on_alpha)
        return base

    def _over(
        self, base: Stream, layer: PlannedLayer, size: tuple[int, int], *, on_alpha: bool
    ) -> Stream:
        if not on_alpha and is_veil(layer, size, self._inputs):
            cover = self._chain(layer, with_alpha=False).stream
            return weighed(base, cover, self._weight(layer.alpha, size))
        drawn = self._chain(layer, with_alpha=True)
        chain = drawn.stream
        x, y = (0, 0) if layer.box is None else layer.box[:2]
        x, y = x - drawn.spread[0], y - drawn.spread[1]
        if layer.quads is not None:
            chain, x, y = self._moved(drawn, layer.quads, size), 0, 0
        elif x % 2 or y % 2:
            chain, x, y = shifted(chain, x, y)
        if layer.mask is not None:
            chain = self._masked(self._on_canvas(chain, x, y, size), layer.mask, size)
            x = y = 0
        if layer.blend != "normal":
            mixed = blended_on_alpha if on_alpha else blended
            return mixed(base, self._on_canvas(chain, x, y, size), layer.blend)
        return laid(base, chain, x, y)

    def _weight(self, alpha: Numbers, size: tuple[int, int]) -> Stream:
        """How much of a layer is seen, the same number for each sample of a frame, of 256."""
        grey = self._fill("#808080", size, with_alpha=False)
        return self._driven(grey, "lutyuv", dict.fromkeys("yuv", alpha), weight_text)

    def _on_canvas(self, chain: Stream, x: int, y: int, size: tuple[int, int]) -> Stream:
        return laid(self._fill("#00000000", size, with_alpha=True), chain, x, y)

    def _chain(self, layer: PlannedLayer, *, with_alpha: bool) -> _Drawn:
        """Pictures -> crop, flip -> scale -> effects -> alpha, in `yuva420p`, or `yuv420p` for what hides all below."""
        stream, width, height = self._pictures(layer)
        if layer.crop is not None:
            left, top, width, height = layer.crop
            stream = stream.to("crop", width, height, left, top)
        if "h" in layer.flip:
            stream = stream.to("hflip")
        if "v" in layer.flip:
            stream = stream.to("vflip")
        target = (width, height)
        if layer.box is not None:
            target = layer.box[2:]
        elif layer.quads is not None:
            target = largest(layer.quads, (width, height))
        stream = in_yuv(stream, layer.source, (width, height), target, with_alpha=with_alpha)
        drawn = self._affected(_Drawn(stream, target), layer, with_alpha=with_alpha)
        if layer.window is not None:
            drawn = replace(drawn, stream=self._windowed(drawn, layer.window))
        return self._faded(drawn, layer.alpha) if with_alpha else drawn

    def _affected(self, drawn: _Drawn, layer: PlannedLayer, *, with_alpha: bool) -> _Drawn:
        """The effects in their order; what shows one picture is held after what does the same to all frames."""
        is_one = isinstance(layer.source, ImageSource | GeneratorSource)
        steady = all(is_steady(effect) and effect.kind != "mask" for effect in layer.effects)
        if is_one and not steady:
            drawn = replace(drawn, stream=self._held(drawn.stream))
        if layer.effects:
            drawn = self._filtered(drawn, layer, with_alpha=with_alpha)
        return replace(drawn, stream=self._held(drawn.stream)) if is_one and steady else drawn

    def _filtered(self, drawn: _Drawn, layer: PlannedLayer, *, with_alpha: bool) -> _Drawn:
        """All effects work in RGB, straight after each other."""
        uses = [use_of(effect, drawn.size, self._inputs) for effect in layer.effects]
        spreads = [use.spread for use in uses if isinstance(use, Blur)]
        spread = (max((x for x, _ in spreads), default=0), max((y for _, y in spreads), default=0))
        sheer = with_alpha and not is_solid(layer.source, self._inputs)
        pixels = "gbrap" if with_alpha else "gbrp"
        stream = to_rgb(drawn.stream, pixels)
        if spread != (0, 0):
            wide, high = drawn.size[0] + 2 * spread[0], drawn.size[1] + 2 * spread[1]
            stream = stream.to("pad", wide, high, *spread, color="black@0")
        place = _Drawn(stream, drawn.size, spread)
        for use in uses:
            place = replace(place, stream=self._used(place, use, pixels, sheer=sheer))
            sheer = sheer or isinstance(use, Key | Cutout)
        return replace(place, stream=from_rgb(place.stream, _yuv(with_alpha=with_alpha)))

    def _used(self, drawn: _Drawn, use: Use, pixels: str, *, sheer: bool) -> Stream:
        stream = drawn.stream
        match use:
            case Look():
                return self._graded(stream, use, pixels)
            case Blur():
                return self._blurred(stream, use, sheer=sheer)
            case Sharpen():
                kept, other = stream.twice()
                soft = self._blurred(other, use.blur, sheer=sheer)
                return sharpened(kept, soft.to("format", pixels), use.amount)
            case Mosaic():
                return self._in_blocks(stream, use, sheer=sheer)
            case Key():
                return self._keyed(stream, use, pixels)
            case Cutout():
                return thinned(stream, self._cutout(drawn, use), pixels)

    def _in_blocks(self, stream: Stream, mosaic: Mosaic, *, sheer: bool) -> Stream:
        if sheer:
            stream = stream.to("premultiply", inplace=1)
        changing = {"w": mosaic.across, "h": mosaic.down}
        stream = self._driven(stream, "pixelize", changing, text)
        return stream.to("unpremultiply", inplace=1) if sheer else stream

    def _keyed(self, stream: Stream, key: Key, pixels: str) -> Stream:
        kept, other = stream.twice()
        shade = self._graded(other, key.shade, pixels).to("extractplanes", planes="g")
        colors = kept if key.colors is None else self._graded(kept, key.colors, pixels)
        return thinned(colors, shade, pixels)

    def _cutout(self, drawn: _Drawn, cutout: Cutout) -> Stream:
        """How much a mask leaves of each pixel: its edge travels over a picture of distances."""
        outline = cutout.outline
        field = OutlineFile(outline, drawn.size, drawn.spread)
        away = self._held(self._open(field, raw(field, self._rate)))
        pixel = outline.pixel(*drawn.size)
        sign = "+" if outline.invert else "-"

        def left(feather: float) -> str:
            slope = 2 * REACH / max(feather, pixel)
            return f"clip(32767.5{sign}(val-32767.5)*{text(slope)},0,65535)"

        return as_alpha(self._driven(away, "lut", {"c0": cutout.feather}, left))

    def _graded(self, stream: Stream, look: Look, pixels: str) -> Stream:
        if len(look.steps) == 1:
            cube = CubeFile(look.steps[0])
            self.files.append(cube)
            name = f"in/{_bound_name(len(self.files) - 1, cube)}"
            return stream.to("lut3d", file=name, interp="tetrahedral")
        film = CubeFilm(look.steps)
        table = self._counted(self._open(film, raw(film, self._rate))).to("format", "rgba")
        packed = stream.to("format", "rgba")  # of planar pictures the filter mixes up the colours
        graded = packed.with_other(table, "haldclut", interp="tetrahedral", eof_action="endall")
        return graded.to("format", pixels)

    def _blurred(self, stream: Stream, blur: Blur, *, sheer: bool) -> Stream:
        """Colours weigh as much as they are seen: what is clear has none."""
        self.blurs = True
        if sheer:
            stream = stream.to("premultiply", inplace=1)
        changing = {"sigma": blur.across, "sigmaV": blur.down}
        stream = self._driven(stream, "gblur", changing, text, steps=BLUR_STEPS)
        return stream.to("unpremultiply", inplace=1) if sheer else stream

    def _pictures(self, layer: PlannedLayer) -> tuple[Stream, int, int]:
        source = layer.source
        match source:
            case RenditionSource(hash=digest):
                item = self._inputs[digest]
                return (
                    self._rendition(item, picture_numbers(layer.pictures)),
                    item.width,
                    item.height,
                )
            case ImageSource(hash=digest):
                item = self._inputs[digest]
                options = guards("png_pipe", "png")
                return self._open(item, options), item.width, item.height
            case FillSource(color=color):
                size = _fill_size(layer)
                return self._fill(color, size, with_alpha=True), *size
            case GeneratorSource(generator=generator, params=params):
                width, height = _fill_size(layer)
                if generator == "gradient":
                    drawn: SmallFile = GradientFile(
                        width,
                        height,
                        str(params["color"]),
                        str(params["color_2"]),
                        _angle(params["angle_deg"]),
                    )
                else:
                    drawn = bars_file(width, height)
                return self._open(drawn, raw(drawn, self._rate)), width, height
            case GroupSource(layers=layers, size=size, cross=cross):
                if cross:
                    return self._crossed(layers, size), *size
                return self.composed(layers, size, None), *size

    def _rendition(self, item: InputFile, numbers: list[int]) -> Stream:
        """Seek to the sync picture at or before the lowest number, then count [export-X9]."""
        low, high = min(numbers), max(numbers)
        place = bisect_right(item.sync, low)
        sync = item.sync[place - 1] if place else 0
        options = guards(item.format, item.codec)
        if sync > 0:
            # Without `noaccurate_seek` ffmpeg drops the sync picture, or decodes a whole GOP more to keep it.
            options |= {"seek_timestamp": 1, "noaccurate_seek": None}
            options["ss"] = seek_seconds(item, sync)
        stream = self._open(item, options)
        stream = stream.to("trim", start_frame=low - sync, end_frame=high - sync + 1)
        stream = stream.to("setparams", **BT709)
        if numbers == list(range(low, low + self._frames)):
            return self._counted(stream)
        distinct = sorted(set(numbers))
        if len(distinct) < high - low + 1:
            stream = stream.to("select", any_of([number - low for number in distinct]))
        stream = self._counted(stream)
        missing = self._frames - len(distinct)
        if missing > 0:
            stream = stream.to("tpad", stop=missing, stop_mode="clone")
        place = {number: index for index, number in enumerate(distinct)}
        order = [place[number] for number in numbers]
        if order != list(range(self._frames)):
            stream = stream.to("shuffleframes", " ".join(str(index) for index in order))
        return self._counted(stream)

    def _crossed(self, layers: Sequence[PlannedLayer], size: tuple[int, int]) -> Stream:
        """Two pictures whose weights sum to 1, added: premultiplied, in planar RGB."""
        sides = [
            to_rgb(self.composed((layer,), size, None), "gbrap").to("premultiply", inplace=1)
            for layer in layers
        ]
        total = sides[0]
        for side in sides[1:]:
            total = total.with_other(side, "blend", all_mode="addition")
        return from_rgb(total.to("unpremultiply", inplace=1), "yuva420p")

    def _moved(self, drawn: _Drawn, quads: tuple[Quad, ...], size: tuple[int, int]) -> Stream:
        """Scaled once to its largest size, set into clear pixels, its corners put where they belong."""
        across, down = drawn.spread
        if drawn.spread != (0, 0):
            quads = tuple(grown(quad, drawn.size, drawn.spread) for quad in quads)
        width, height = drawn.size[0] + 2 * across, drawn.size[1] + 2 * down
        frame = (
            even(max(size[0], width + 2 * EDGE_PIXELS)),
            even(max(size[1], height + 2 * EDGE_PIXELS)),
        )
        padded = drawn.stream.to("pad", *frame, EDGE_PIXELS, EDGE_PIXELS, color="black@0")
        places = [corners(quad, (width, height), frame) for quad in quads]
        names = ("x0", "y0", "x1", "y1", "x2", "y2", "x3", "y3")
        options = {
            name: chosen([text(place[index]) for place in places], "on", 1)
            for index, name in enumerate(names)
        }
        moving = "frame" if len(quads) > 1 else "init"
        turned = padded.to(
            "perspective", sense="destination", interpolation="linear", eval=moving, **options
        )
        return turned if frame == size else turned.to("crop", *size, 0, 0)

    def _masked(self, chain: Stream, mask: Mask, size: tuple[int, int]) -> Stream:
        """A soft edge travels over a ramp; what it has passed is shown."""
        ramp = RampFile(size[0], size[1], mask.angle_deg)
        softness = max(mask.softness, 1 / 65_535)
        edge = self._held(self._open(ramp, raw(ramp, self._rate)))

        def shown(progress: float) -> str:
            reached = progress * (1 + softness)
            return f"clip(({text(reached * 65_535)}-val)/{text(softness)},0,65535)"

        edge = as_alpha(self._driven(edge, "lut", {"c0": mask.progress}, shown))
        picture, other = chain.twice()
        alpha = other.to("alphaextract").with_other(edge, "blend", all_mode="multiply")
        return picture.with_other(alpha, "alphamerge")

    def _windowed(self, drawn: _Drawn, window: Window) -> Stream:
        """Only what lies between four edges that move: each pair is a step along a ramp of its own."""
        width, height = drawn.size[0] + 2 * drawn.spread[0], drawn.size[1] + 2 * drawn.spread[1]
        picture, other = drawn.stream.twice()
        alpha = other.to("alphaextract")
        for angle, low, high in ((0, window.left, window.right), (90, window.top, window.bottom)):
            ramp = RampFile(width, height, angle)
            step = self._held(self._open(ramp, raw(ramp, self._rate)))
            # Two filters, because each has one number that moves.
            for sign, edge in (("gte(val,{})*val", low), ("lt(val,{})*val", high)):
                step = self._driven(
                    step, "lut", {"c0": edge}, lambda at, sign=sign: sign.format(text(at * 65_535))
                )
            step = as_alpha(step.to("lut", c0="gt(val,0)*65535"))
            alpha = alpha.with_other(step, "blend", all_mode="multiply")
        return picture.with_other(alpha, "alphamerge")

    def _faded(self, drawn: _Drawn, alpha: Numbers) -> _Drawn:
        if alpha == 1.0:
            return drawn
        stream = self._driven(
            drawn.stream, "lutyuv", {"a": alpha}, lambda value: f"val*{text(value)}"
        )
        return replace(drawn, stream=stream)

    def _driven(
        self,
        stream: Stream,
        name: str,
        changing: Mapping[str, Numbers],
        expression: Callable[[float], str],
        **fixed: float,
    ) -> Stream:
        """A filter with options that change: commands stand directly in front of it on its own chain."""
        begin = {option: expression(_first(values)) for option, values in changing.items()}
        if not any(isinstance(values, tuple) for values in changing.values()):
            return stream.to(name, **begin, **fixed)
        self._drivers += 1
        target = f"{name}@d{self._drivers}"
        lines: list[str] = []
        for index in range(1, self._frames):
            at = (index - 0.25) * self._rate.den / self._rate.num
            commands = [
                f"{target} {option} '{expression(values[index])}'"
                for option, values in changing.items()
                if isinstance(values, tuple) and values[index] != values[index - 1]
            ]
            if commands:
                lines.append(f"{text(at)} {','.join(commands)}")
        commanded = stream.to("sendcmd", commands=";".join(lines))
        return commanded.to(target, **begin, **fixed)

    def _fill(self, color: str, size: tuple[int, int], *, with_alpha: bool) -> Stream:
        drawn = FillFile(size[0], size[1], color, with_alpha)
        # Untagged, it would be taken for BT.601 where it meets something tagged, and converted [export-X8].
        plain = self._open(drawn, raw(drawn, self._rate)).to("setparams", **BT709)
        return self._held(plain)

    def _open(self, used: Used, options: Mapping[str, float | str | None]) -> Stream:
        self.files.append(used)
        return opened(f"/in/{len(self.files) - 1}", options)

    def _held(self, stream: Stream) -> Stream:
        """One picture for all frames; read and converted once."""
        if self._frames > 1:
            stream = stream.to("loop", loop=self._frames - 1, size=1)
        return self._counted(stream)

    def _counted(self, stream: Stream) -> Stream:
        return stream.to("settb", f"{self._rate.den}/{self._rate.num}").to("setpts", "N")


def _first(values: Numbers) -> float:
    return values[0] if isinstance(values, tuple) else values


def _yuv(*, with_alpha: bool) -> str:
    return "yuva420p" if with_alpha else "yuv420p"


def _fill_size(layer: PlannedLayer) -> tuple[int, int]:
    if layer.box is not None:
        return layer.box[2:]
    return largest(layer.quads or (), (2, 2))


def _angle(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
