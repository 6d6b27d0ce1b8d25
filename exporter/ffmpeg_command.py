"""A planned segment -> the graph and arguments that draw it [export-X7, X16].

Pure: the same segment gives the same arguments. Inputs are named `/in/N`, the output is
`/out/segment.mp4`; people's text never gets in. Every layer is one linear chain of its own, and a
command drives only filters of the chain it stands on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from exporter.drawn_files import FillFile, GradientFile, RampFile, SmallFile, bars_file
from exporter.graph import Stream, arguments, chosen, opened, text
from exporter.motion import EDGE_PIXELS, corners, even, largest
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
    Source,
    picture_numbers,
)
from timeline.timing import Rate

SCALER: Final = "bicubic+accurate_rnd+full_chroma_int+bitexact"
MAX_PIXELS: Final = 40_000_000
BT709: Final = {
    "range": "tv",
    "colorspace": "bt709",
    "color_primaries": "bt709",
    "color_trc": "bt709",
}
BLENDS: Final[Mapping[str, str]] = {"add": "addition"}
OUTPUT: Final = "/out/segment.mp4"

Used: TypeAlias = InputFile | SmallFile


@dataclass(frozen=True, slots=True)
class SegmentCommand:
    """Arguments after the program's name, and which file is to be bound as `/in/N`."""

    arguments: tuple[str, ...]
    files: tuple[Used, ...]


def segment_command(
    segment: DrawnSegment, output: Output, inputs: Mapping[str, InputFile], *, bytes_max: int
) -> SegmentCommand:
    """How to draw and encode a segment; one that is larger than `bytes_max` is cut off and fails."""
    graph = _Graph(segment.frames, Rate(output.fps_num, output.fps_den), inputs)
    size = (output.width, output.height)
    picture = graph.composed(segment.layers, size, output.background)
    encoded = picture.to("format", "yuv420p").to("setsar", 1).to("setparams", **BT709)
    parts = arguments(encoded, OUTPUT, _encoder_options(output, segment.frames, bytes_max))
    place = parts.index("-filter_complex") + 1
    parts[place] = f"sws_flags={SCALER};{parts[place]}"
    head = ["-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.5", "-y"]
    return SegmentCommand((*head, "-filter_complex_threads", "1", *parts), tuple(graph.files))


def _encoder_options(output: Output, frames: int, bytes_max: int) -> dict[str, float | str]:
    video = output.video
    x264 = {
        "keyint": video.keyint,
        "min-keyint": video.keyint,
        "scenecut": 0,
        "open-gop": 0,
        "stitchable": 1,
        "cpu-independent": 1,
        "sps-id": 1,
    }
    return {
        "frames:v": frames,
        "fps_mode": "cfr",
        "r": f"{output.fps_num}/{output.fps_den}",
        "c:v": "libx264",
        "threads": 1,
        "preset": video.x264_preset,
        "crf": video.crf,
        "profile:v": "high",
        "pix_fmt": "yuv420p",
        "x264-params": ":".join(f"{name}={value}" for name, value in x264.items()),
        "colorspace": "bt709",
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "color_range": "tv",
        "chroma_sample_location": "left",
        "video_track_timescale": timescale(output),
        "bsf:v": "filter_units=remove_types=6",
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
        "map_metadata": "-1",
        "map_chapters": "-1",
        "fs": bytes_max,
        "format": "mp4",
    }


def timescale(output: Output) -> int:
    """Ticks per second of the track: the rate's numerator times the power of two that reaches 10 000."""
    scale = output.fps_num
    while scale < 10_000:
        scale *= 2
    return scale


class _Graph:
    """Builds the chains of one segment and remembers which files they open."""

    def __init__(self, frames: int, rate: Rate, inputs: Mapping[str, InputFile]) -> None:
        self.files: list[Used] = []
        self._frames = frames
        self._rate = rate
        self._inputs = inputs
        self._drivers = 0

    def composed(
        self, layers: Sequence[PlannedLayer], size: tuple[int, int], background: str | None
    ) -> Stream:
        """All layers over each other; on a transparent canvas where `background` is None."""
        base: Stream | None = None
        rest = list(layers)
        if rest and background is not None and _is_base(rest[0], size, self._inputs):
            base = self._chain(rest.pop(0), with_alpha=False)
        if base is None:
            base = self._fill(background or "#00000000", size, with_alpha=background is None)
        for layer in rest:
            base = self._over(base, layer, size, on_alpha=background is None)
        return base

    def _over(
        self, base: Stream, layer: PlannedLayer, size: tuple[int, int], *, on_alpha: bool
    ) -> Stream:
        chain = self._chain(layer, with_alpha=True)
        x, y = (0, 0) if layer.box is None else layer.box[:2]
        if layer.quads is not None:
            chain = self._moved(chain, layer.quads, layer, size)
        elif x % 2 or y % 2:
            chain, x, y = _shifted(chain, x, y)
        if layer.mask is not None:
            chain = self._masked(self._on_canvas(chain, x, y, size), layer.mask, size)
            x = y = 0
        if layer.blend != "normal" and not on_alpha:
            return _blended(base, self._on_canvas(chain, x, y, size), layer.blend)
        return _laid(base, chain, x, y)

    def _on_canvas(self, chain: Stream, x: int, y: int, size: tuple[int, int]) -> Stream:
        return _laid(self._fill("#00000000", size, with_alpha=True), chain, x, y)

    def _chain(self, layer: PlannedLayer, *, with_alpha: bool) -> Stream:
        """Pictures -> crop, flip -> scale -> alpha, in `yuva420p`, or `yuv420p` for what hides all below."""
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
        stream = self._in_yuv(stream, layer.source, (width, height), target, with_alpha=with_alpha)
        return self._faded(stream, layer.alpha) if with_alpha else stream

    def _in_yuv(
        self,
        stream: Stream,
        source: Source,
        size: tuple[int, int],
        target: tuple[int, int],
        *,
        with_alpha: bool,
    ) -> Stream:
        pixels = "yuva420p" if with_alpha else "yuv420p"
        if _is_rgb(source):
            options: dict[str, float | str] = {
                "in_range": "full",
                "out_range": "tv",
                "out_color_matrix": "bt709",
            }
        elif size == target:
            return stream.to("format", pixels)
        else:
            options = {
                "in_range": "tv",
                "out_range": "tv",
                "in_color_matrix": "bt709",
                "out_color_matrix": "bt709",
            }
        scaled = stream.to("scale", *target, flags=SCALER, **options).to("format", pixels)
        return self._held(scaled) if isinstance(source, ImageSource | GeneratorSource) else scaled

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
                options = _guards("png_pipe", "png")
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
                return self._open(drawn, _raw(drawn, self._rate)), width, height
            case GroupSource(layers=layers, size=size, cross=cross):
                if cross:
                    return self._crossed(layers, size), *size
                return self.composed(layers, size, None), *size

    def _rendition(self, item: InputFile, numbers: list[int]) -> Stream:
        """Seek to the sync picture at or before the lowest number, then count [export-X9]."""
        low, high = min(numbers), max(numbers)
        sync = max((rank for rank in item.sync if rank <= low), default=0)
        options = _guards(item.format, item.codec)
        if sync > 0:
            options["seek_timestamp"] = 1
            options["ss"] = _seek_seconds(item, sync)
        stream = self._open(item, options)
        stream = stream.to("trim", start_frame=low - sync, end_frame=high - sync + 1)
        stream = stream.to("setparams", **BT709)
        if numbers == list(range(low, low + self._frames)):
            return self._counted(stream)
        distinct = sorted(set(numbers))
        if len(distinct) < high - low + 1:
            stream = stream.to("select", _any_of([number - low for number in distinct]))
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
            _to_rgb(self.composed((layer,), size, None), "gbrap").to("premultiply", inplace=1)
            for layer in layers
        ]
        total = sides[0]
        for side in sides[1:]:
            total = total.with_other(side, "blend", all_mode="addition")
        return _from_rgb(total.to("unpremultiply", inplace=1), "yuva420p")

    def _moved(
        self, chain: Stream, quads: tuple[Quad, ...], layer: PlannedLayer, size: tuple[int, int]
    ) -> Stream:
        """Scaled once to its largest size, set into clear pixels, its corners put where they belong."""
        width, height = largest(quads, _native(layer, self._inputs))
        frame = (
            even(max(size[0], width + 2 * EDGE_PIXELS)),
            even(max(size[1], height + 2 * EDGE_PIXELS)),
        )
        padded = chain.to("pad", *frame, EDGE_PIXELS, EDGE_PIXELS, color="black@0")
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
        edge = self._held(self._open(ramp, _raw(ramp, self._rate)))

        def shown(progress: float) -> str:
            reached = progress * (1 + softness)
            return f"clip(({text(reached * 65_535)}-val)/{text(softness)},0,65535)"

        edge = self._driven(edge, "lut", "c0", mask.progress, shown).to("format", "gray")
        picture, other = chain.twice()
        alpha = other.to("alphaextract").with_other(edge, "blend", all_mode="multiply")
        return picture.with_other(alpha, "alphamerge")

    def _faded(self, stream: Stream, alpha: Numbers) -> Stream:
        if alpha == 1.0:
            return stream
        return self._driven(stream, "lutyuv", "a", alpha, lambda value: f"val*{text(value)}")

    def _driven(
        self,
        stream: Stream,
        name: str,
        option: str,
        values: Numbers,
        expression: Callable[[float], str],
    ) -> Stream:
        """A filter with one option that changes: commands stand directly in front of it on its own chain."""
        if not isinstance(values, tuple):
            return stream.to(name, **{option: expression(values)})
        self._drivers += 1
        target = f"{name}@d{self._drivers}"
        lines: list[str] = []
        for index in range(1, len(values)):
            if values[index] != values[index - 1]:
                at = (index - 0.25) * self._rate.den / self._rate.num
                lines.append(f"{text(at)} {target} {option} '{expression(values[index])}'")
        commanded = stream.to("sendcmd", commands=";".join(lines))
        return commanded.to(target, **{option: expression(values[0])})

    def _fill(self, color: str, size: tuple[int, int], *, with_alpha: bool) -> Stream:
        drawn = FillFile(size[0], size[1], color, with_alpha)
        return self._held(self._open(drawn, _raw(drawn, self._rate)))

    def _open(self, used: Used, options: Mapping[str, float | str]) -> Stream:
        self.files.append(used)
        return opened(f"/in/{len(self.files) - 1}", options)

    def _held(self, stream: Stream) -> Stream:
        """One picture for all frames; read and converted once."""
        if self._frames > 1:
            stream = stream.to("loop", loop=self._frames - 1, size=1)
        return self._counted(stream)

    def _counted(self, stream: Stream) -> Stream:
        return stream.to("settb", f"{self._rate.den}/{self._rate.num}").to("setpts", "N")


def _guards(demuxer: str, codec: str) -> dict[str, float | str]:
    return {
        "format": demuxer,
        "protocol_whitelist": "file",
        "format_whitelist": demuxer,
        "codec_whitelist": codec,
        "max_pixels": MAX_PIXELS,
        "threads": 1,
    }


def _raw(drawn: SmallFile, rate: Rate) -> dict[str, float | str]:
    return {
        **_guards("rawvideo", "rawvideo"),
        "pixel_format": drawn.pixels,
        "framerate": f"{rate.num}/{rate.den}",
        "s": f"{drawn.width}x{drawn.height}",
    }


def _seek_seconds(item: InputFile, sync: int) -> str:
    """Half a picture before the sync picture's presentation time, in microseconds."""
    num, den = item.first_pts
    scale = 2 * item.fps_num * den
    micros = ((2 * sync - 1) * item.fps_den * den + 2 * num * item.fps_num) * 1_000_000 // scale
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def _any_of(numbers: Sequence[int]) -> str:
    """A `select` expression for these frame numbers, written as stretches."""
    stretches: list[tuple[int, int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], number)
        else:
            stretches.append((number, number))
    return "+".join(
        f"eq(n,{first})" if first == last else f"between(n,{first},{last})"
        for first, last in stretches
    )


def _is_base(layer: PlannedLayer, size: tuple[int, int], inputs: Mapping[str, InputFile]) -> bool:
    """Whether a layer can be the canvas itself: it hides all of it, exactly."""
    plain = layer.alpha == 1.0 and layer.blend == "normal" and layer.mask is None
    if not plain or layer.box != (0, 0, *size):
        return False
    match layer.source:
        case RenditionSource() | GeneratorSource():
            return True
        case ImageSource(hash=digest):
            return not inputs[digest].has_alpha
        case FillSource(color=color):
            return color.endswith("ff")
        case GroupSource():
            return False


def _is_rgb(source: Source) -> bool:
    return isinstance(source, ImageSource | GeneratorSource)


def _fill_size(layer: PlannedLayer) -> tuple[int, int]:
    if layer.box is not None:
        return layer.box[2:]
    return largest(layer.quads or (), (2, 2))


def _native(layer: PlannedLayer, inputs: Mapping[str, InputFile]) -> tuple[int, int]:
    if layer.crop is not None:
        return layer.crop[2:]
    match layer.source:
        case RenditionSource(hash=digest) | ImageSource(hash=digest):
            return (inputs[digest].width, inputs[digest].height)
        case GroupSource(size=size):
            return size
        case _:
            return (2, 2)


def _shifted(chain: Stream, x: int, y: int) -> tuple[Stream, int, int]:
    """A clear column or row in front, in 4:4:4, so that the chroma stays where it belongs."""
    left, top = x % 2, y % 2
    full = chain.to("scale", flags=SCALER, **_SAME).to("format", "yuva444p")
    padded = full.to("pad", f"iw+{left}", f"ih+{top}", left, top, color="black@0")
    return padded.to("scale", flags=SCALER, **_SAME).to("format", "yuva420p"), x - left, y - top


_SAME: Final[dict[str, float | str]] = {
    "in_range": "tv",
    "out_range": "tv",
    "in_color_matrix": "bt709",
    "out_color_matrix": "bt709",
}


def _laid(base: Stream, chain: Stream, x: int, y: int) -> Stream:
    return base.with_other(chain, "overlay", x=x, y=y, format="yuv420", eof_action="endall")


def _blended(base: Stream, layer: Stream, mode: str) -> Stream:
    """Mixed in planar RGB, because the modes mean colours and not their differences."""
    picture, other = layer.twice()
    below, backdrop = _to_rgb(base, "gbrp").twice()
    mixed = backdrop.with_other(
        _to_rgb(picture, "gbrp"), "blend", all_mode=BLENDS.get(mode, mode)
    ).with_other(other.to("alphaextract"), "alphamerge")
    laid = below.with_other(mixed, "overlay", x=0, y=0, format="gbrp", eof_action="endall")
    return _from_rgb(laid, "yuv420p")


def _to_rgb(stream: Stream, pixels: str) -> Stream:
    scaled = stream.to(
        "scale", flags=SCALER, in_range="tv", out_range="full", in_color_matrix="bt709"
    )
    return scaled.to("format", pixels)


def _from_rgb(stream: Stream, pixels: str) -> Stream:
    scaled = stream.to(
        "scale", flags=SCALER, in_range="full", out_range="tv", out_color_matrix="bt709"
    )
    return scaled.to("format", pixels)


def _angle(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
