"""Plans as plain JSON and back, because they travel in tasks and stand in content keys."""

from collections.abc import Mapping
from typing import Literal, cast

from timeline.errors import BadTimeline
from timeline.model import Json
from timeline.plan import (
    PLAN_VERSION,
    AudioCodec,
    AudioSettings,
    Box,
    CopySegment,
    DrawnSegment,
    FillSource,
    Fit,
    Flip,
    GeneratorSource,
    GroupSource,
    ImageSource,
    InputFile,
    Mask,
    Numbers,
    Output,
    PictureRun,
    Plan,
    PlannedEffect,
    PlannedLayer,
    Poster,
    Quad,
    RenditionSource,
    Segment,
    Source,
    VideoCodec,
    VideoSettings,
    Window,
)
from timeline.resolved import Diagnostic


def _numbers_json(value: Numbers) -> Json:
    return list(value) if isinstance(value, tuple) else value


def source_json(source: Source) -> dict[str, Json]:
    match source:
        case RenditionSource(hash=digest):
            return {"rendition": f"sha256:{digest}"}
        case ImageSource(hash=digest):
            return {"image": f"sha256:{digest}"}
        case FillSource(color=color):
            return {"fill": color}
        case GeneratorSource(generator=generator, params=params):
            return {"generator": generator, "params": dict(params)}
        case GroupSource(layers=layers, size=size, cross=cross):
            group: dict[str, Json] = {
                "layers": [layer_json(layer) for layer in layers],
                "size": list(size),
            }
            return {**group, "cross": True} if cross else group


def layer_json(layer: PlannedLayer) -> dict[str, Json]:
    """The layer without what has its default: equal pictures have equal JSON."""
    out: dict[str, Json] = {"source": source_json(layer.source)}
    if layer.pictures:
        out["pictures"] = [list(run) for run in layer.pictures]
    if layer.box is not None:
        out["box"] = list(layer.box)
    if layer.quads is not None:
        out["quads"] = [list(quad) for quad in layer.quads]
    if layer.crop is not None:
        out["crop"] = list(layer.crop)
    if layer.flip:
        out["flip"] = layer.flip
    if layer.alpha != 1.0:
        out["alpha"] = _numbers_json(layer.alpha)
    if layer.blend != "normal":
        out["blend"] = layer.blend
    if layer.mask is not None:
        out["mask"] = {
            "angle_deg": layer.mask.angle_deg,
            "softness": layer.mask.softness,
            "progress": _numbers_json(layer.mask.progress),
        }
    if layer.window is not None:
        window = layer.window
        edges = (window.left, window.top, window.right, window.bottom)
        out["window"] = [_numbers_json(edge) for edge in edges]
    if layer.effects:
        out["effects"] = [
            {"kind": item.kind, "kind_version": item.kind_version, "params": dict(item.params)}
            for item in layer.effects
        ]
    return out


def segment_json(segment: Segment) -> dict[str, Json]:
    head: dict[str, Json] = {
        "kind": segment.kind,
        "start": segment.start,
        "frames": segment.frames,
        "key": segment.key,
    }
    if isinstance(segment, CopySegment):
        return {
            **head,
            "rendition": f"sha256:{segment.rendition}",
            "first_sample": segment.first_sample,
            "samples": segment.samples,
        }
    return {**head, "layers": [layer_json(layer) for layer in segment.layers]}


def output_json(output: Output) -> dict[str, Json]:
    video, audio = output.video, output.audio
    return {
        "width": output.width,
        "height": output.height,
        "fps_num": output.fps_num,
        "fps_den": output.fps_den,
        "background": output.background,
        "sample_rate": output.sample_rate,
        "channels": output.channels,
        "video": {
            "codec": video.codec,
            "x264_preset": video.x264_preset,
            "crf": video.crf,
            "keyint": video.keyint,
            "copy": video.copy,
        },
        "audio": {"codec": audio.codec, "bit_rate": audio.bit_rate},
        "container": output.container,
        "fit": output.fit,
    }


def input_json(item: InputFile) -> dict[str, Json]:
    return {
        "key": item.key,
        "format": item.format,
        "codec": item.codec,
        "width": item.width,
        "height": item.height,
        "fps_num": item.fps_num,
        "fps_den": item.fps_den,
        "pictures": item.pictures,
        "sync": list(item.sync),
        "first_pts": list(item.first_pts),
        "has_alpha": item.has_alpha,
    }


def plan_json(plan: Plan) -> dict[str, Json]:
    """The whole plan as plain JSON; `plan_from_json` gives the same plan back."""
    return {
        "version": plan.version,
        "frames": plan.frames,
        "output": output_json(plan.output),
        "segments": [segment_json(segment) for segment in plan.segments],
        "inputs": {digest: input_json(item) for digest, item in sorted(plan.inputs.items())},
        "sound": dict(plan.sound),
        "captions": dict(plan.captions),
        "labels": dict(plan.labels),
        "poster": None if plan.poster is None else _poster_json(plan.poster),
        "diagnostics": [
            {"code": item.code, "id": item.id, "level": item.level, "detail": item.detail}
            for item in plan.diagnostics
        ],
    }


def _poster_json(poster: Poster) -> dict[str, Json]:
    return {"segment": segment_json(poster.segment), "output": output_json(poster.output)}


def _objects(value: Json) -> list[Mapping[str, Json]]:
    return [_object(item) for item in value] if isinstance(value, list) else []


def _object(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise BadTimeline("plan", "an object is missing")
    return value


def _int(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadTimeline("plan", f"{value!r} is no whole number")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise BadTimeline("plan", f"{value!r} is no text")
    return value


def _digest(value: Json) -> str:
    return _text(value).removeprefix("sha256:")


def _ints(value: Json) -> tuple[int, ...]:
    return tuple(_int(item) for item in value) if isinstance(value, list) else ()


def _float(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadTimeline("plan", f"{value!r} is no number")
    return value


def _numbers(value: Json) -> Numbers:
    return tuple(_float(item) for item in value) if isinstance(value, list) else _float(value)


def _source_from(value: Mapping[str, Json]) -> Source:
    if "rendition" in value:
        return RenditionSource(_digest(value["rendition"]))
    if "image" in value:
        return ImageSource(_digest(value["image"]))
    if "fill" in value:
        return FillSource(_text(value["fill"]))
    if "generator" in value:
        return GeneratorSource(_text(value["generator"]), _object(value["params"]))
    width, height = _ints(value["size"])
    layers = tuple(layer_from_json(item) for item in _objects(value["layers"]))
    return GroupSource(layers, (width, height), cross=value.get("cross") is True)


def _mask_from(value: Json) -> Mask | None:
    if value is None:
        return None
    mask = _object(value)
    return Mask(_float(mask["angle_deg"]), _float(mask["softness"]), _numbers(mask["progress"]))


def _window_from(value: Json) -> Window | None:
    if not isinstance(value, list):
        return None
    left, top, right, bottom = (_numbers(edge) for edge in value)
    return Window(left, top, right, bottom)


def _quads_from(value: Json) -> tuple[Quad, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(cast("Quad", tuple(_float(n) for n in cast("list[Json]", item))) for item in value)


def layer_from_json(value: Mapping[str, Json]) -> PlannedLayer:
    return PlannedLayer(
        source=_source_from(_object(value["source"])),
        pictures=tuple(
            cast("PictureRun", _ints(run)) for run in cast("list[Json]", value.get("pictures", []))
        ),
        box=cast("Box", _ints(value["box"])) if "box" in value else None,
        quads=_quads_from(value.get("quads")),
        crop=cast("Box", _ints(value["crop"])) if "crop" in value else None,
        flip=cast("Flip", value.get("flip", "")),
        alpha=_numbers(value.get("alpha", 1.0)),
        blend=_text(value.get("blend", "normal")),
        mask=_mask_from(value.get("mask")),
        window=_window_from(value.get("window")),
        effects=tuple(
            PlannedEffect(_text(item["kind"]), _int(item["kind_version"]), _object(item["params"]))
            for item in _objects(value.get("effects"))
        ),
    )


def segment_from_json(value: Mapping[str, Json]) -> Segment:
    kind, start, frames = _text(value["kind"]), _int(value["start"]), _int(value["frames"])
    key = _text(value["key"])
    if kind == "COPY":
        first_sample, samples = _int(value["first_sample"]), _int(value["samples"])
        return CopySegment(start, frames, key, _digest(value["rendition"]), first_sample, samples)
    if kind not in ("EDGE", "BODY", "MIX", "GAP"):
        raise BadTimeline("plan/segments", f"unknown kind {kind!r}")
    layers = tuple(layer_from_json(item) for item in _objects(value["layers"]))
    return DrawnSegment(kind, start, frames, key, layers)


def output_from_json(value: Mapping[str, Json]) -> Output:
    video, audio = _object(value["video"]), _object(value["audio"])
    return Output(
        width=_int(value["width"]),
        height=_int(value["height"]),
        fps_num=_int(value["fps_num"]),
        fps_den=_int(value["fps_den"]),
        background=_text(value["background"]),
        sample_rate=_int(value["sample_rate"]),
        channels=_int(value["channels"]),
        video=VideoSettings(
            codec=cast("VideoCodec", _text(video["codec"])),
            x264_preset=_text(video["x264_preset"]),
            crf=_int(video["crf"]),
            keyint=_int(video["keyint"]),
            copy=video["copy"] is True,
        ),
        audio=AudioSettings(
            codec=cast("AudioCodec", _text(audio["codec"])), bit_rate=_int(audio["bit_rate"])
        ),
        container=_text(value.get("container", "mp4")),
        fit=cast("Fit", _text(value.get("fit", "contain"))),
    )


def input_from_json(digest: str, value: Mapping[str, Json]) -> InputFile:
    return InputFile(
        hash=digest,
        key=_text(value["key"]),
        format=_text(value["format"]),
        codec=_text(value["codec"]),
        width=_int(value["width"]),
        height=_int(value["height"]),
        fps_num=_int(value["fps_num"]),
        fps_den=_int(value["fps_den"]),
        pictures=_int(value["pictures"]),
        sync=_ints(value["sync"]),
        first_pts=cast("tuple[int, int]", _ints(value["first_pts"])),
        has_alpha=value["has_alpha"] is True,
    )


def inputs_from_json(value: Mapping[str, Json]) -> dict[str, InputFile]:
    return {digest: input_from_json(digest, _object(item)) for digest, item in value.items()}


def plan_from_json(value: Mapping[str, Json]) -> Plan:
    """The plan written by `plan_json`; BadTimeline where it is another version or no plan."""
    if value.get("version") != PLAN_VERSION:
        raise BadTimeline("plan/version", f"{value.get('version')!r} is not {PLAN_VERSION}")
    try:
        return Plan(
            frames=_int(value["frames"]),
            output=output_from_json(_object(value["output"])),
            segments=tuple(segment_from_json(item) for item in _objects(value["segments"])),
            inputs=inputs_from_json(_object(value["inputs"])),
            sound=_object(value["sound"]),
            captions=_object(value["captions"]),
            labels=_object(value.get("labels", {})),
            poster=_poster_from(value.get("poster")),
            diagnostics=tuple(_diagnostic(item) for item in _objects(value["diagnostics"])),
        )
    except KeyError as missing:
        raise BadTimeline("plan", f"{missing} is missing") from missing


def _poster_from(value: Json) -> Poster | None:
    if value is None:
        return None
    poster = _object(value)
    segment = segment_from_json(_object(poster["segment"]))
    if isinstance(segment, CopySegment):
        raise BadTimeline("plan/poster", "a poster is drawn")
    return Poster(segment, output_from_json(_object(poster["output"])))


def _diagnostic(value: Mapping[str, Json]) -> Diagnostic:
    level = cast("Literal['fatal', 'warning', 'info']", _text(value["level"]))
    return Diagnostic(_text(value["code"]), _text(value["id"]), level, _text(value["detail"]))
