"""What the editor shows of an asset: proxy, thumbnails, peaks (`editor.md`, section 7).

Everything is made of our own renditions, never of hostile bytes, and lies in the object store under the hash of
its own bytes; an index object makes a second call free.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from exporter.ffmpeg_process import HEAD, Ffmpeg, ffmpeg_stream, run_ffmpeg
from exporter.normalise import CLEAN, SET_BT709, SWS_FLAGS, TAGS
from exporter.peaks import peaks
from kit.box import GIB, Limits
from kit.object_store import ObjectMissing, ObjectStore
from kit.thumbnails import WIDTH, packed
from timeline.media import (
    CubeRendition,
    MediaFacts,
    PictureRendition,
    SoundRendition,
    StillRendition,
)
from timeline.model import Json

VIEWS_VERSION: Final = 2
PROXY_HEIGHT: Final = 540
PROXY_GOP: Final = 15
STILL_SIDE_MAX: Final = 1920
VIEW_LIMITS: Final = Limits(wall_seconds=6 * 3600.0, resident_bytes=2 * GIB)
FORMATS: Final = ("-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,flac,png_pipe")
CODECS: Final = ("-codec_whitelist", "h264,flac,png")
PEAK_BLOCK_SECONDS: Final = 10

Fetch = Callable[[str, str], Path]
"""The local file of an object: (key, sha256) -> path."""
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Work:
    ffmpeg: Ffmpeg
    store: ObjectStore
    fetch: Fetch
    scratch: Path
    cancelled: Callable[[], bool]
    on_progress: OnProgress


def make_views(
    media: MediaFacts,
    store: ObjectStore,
    fetch: Fetch,
    scratch: Path,
    *,
    ffmpeg: Ffmpeg,
    cancelled: Callable[[], bool],
    on_progress: OnProgress,
) -> dict[str, Json]:
    """`{"proxy", "thumbnails", "peaks"}`, each `{"key", "hash", "media_type", ...}`, as far as the asset has them.

    `scratch` is an empty private folder of this call. Cancelled, ToolFailed, StoreError.
    """
    work = _Work(ffmpeg, store, fetch, scratch, cancelled, on_progress)
    index = f"views/{_identity(media)}.json"
    known = _known(store, index)
    if known is not None:
        return known
    views: dict[str, Json] = {}
    if media.cube is not None:
        views["proxy"] = _cube_view(media.cube)
    elif media.still is not None:
        views |= _still_views(work, media.still)
    elif media.picture is not None:
        views |= _film_views(work, media.picture, media.sound)
    elif media.sound is not None:
        views["proxy"] = _sound_proxy(work, media.sound)
    if media.sound is not None:
        views["peaks"] = _peaks(work, media.sound)
    store.put(index, json.dumps(views, sort_keys=True).encode(), if_absent=False)
    return views


def _cube_view(cube: CubeRendition) -> dict[str, Json]:
    """The browser looks colours up in the same table as the film."""
    return {"key": cube.key, "hash": cube.hash, "media_type": "application/octet-stream"}


def _identity(media: MediaFacts) -> str:
    """The name of what is shown: the hashes of the renditions that it is made of."""
    parts = (media.picture, media.still, media.sound, *([media.cube] if media.cube else []))
    text = json.dumps([VIEWS_VERSION, *(part.hash if part else None for part in parts)])
    return hashlib.sha256(text.encode()).hexdigest()


def _known(store: ObjectStore, index: str) -> dict[str, Json] | None:
    try:
        with store.open(index) as file:
            views = cast("dict[str, Json]", json.loads(file.read()))
    except ObjectMissing:
        return None
    keys = [cast("dict[str, str]", view)["key"] for view in views.values()]
    return views if all(store.stat(key) is not None for key in keys) else None


def _kept(work: _Work, source: Path | bytes, suffix: str, media_type: str) -> dict[str, Json]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    else:
        digest = hashlib.sha256(source).hexdigest()
    key = f"views/{digest}{suffix}"
    work.store.put(key, source)
    return {"key": key, "hash": digest, "media_type": media_type}


def _run(work: _Work, arguments: list[str], inputs: dict[str, Path], frames: int = 0) -> None:
    run_ffmpeg(
        work.ffmpeg,
        [*HEAD, "-y", *arguments],
        inputs=inputs,
        output_dir=work.scratch,
        limits=VIEW_LIMITS,
        cancelled=work.cancelled,
        on_frames=lambda done: work.on_progress(min(done, frames), frames) if frames else None,
    )


def _input(number: int, form: str) -> list[str]:
    return ["-protocol_whitelist", "file", *FORMATS, *CODECS, "-f", form, "-i", f"/in/{number}"]


# --- films


def _film_views(
    work: _Work, picture: PictureRendition, sound: SoundRendition | None
) -> dict[str, Json]:
    """Proxy and thumbnails from one decoding."""
    width, height = proxy_size(picture.width, picture.height)
    thumb_height = max(2, round(WIDTH * picture.height / picture.width))
    inputs = {"0": work.fetch(picture.key, picture.hash)}
    arguments = _input(0, picture.format)
    if sound is not None:
        inputs["1"] = work.fetch(sound.key, sound.hash)
        arguments += _input(1, "flac")
    each_second = (
        "select='isnan(prev_selected_t)+gt(floor(t+0.0005),floor(prev_selected_t+0.0005))'"
    )
    graph = (
        f"{SWS_FLAGS};[0:v:0]setpts=PTS-STARTPTS,split[p][t];"
        f"[p]scale={width}:{height},format=yuv420p,{SET_BT709}[proxy];"
        f"[t]{each_second},scale={WIDTH}:{thumb_height}:out_range=pc,format=yuvj420p[thumb]"
    )
    params = f"keyint={PROXY_GOP}:min-keyint={PROXY_GOP}:scenecut=0:open-gop=0:bframes=0"
    arguments += [
        "-filter_complex",
        graph,
        "-map",
        "[proxy]",
        *(("-map", "1:a:0") if sound else ()),
    ]
    arguments += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-pix_fmt", "yuv420p"]
    arguments += ["-x264-params", params, *TAGS, "-frames:v", str(picture.pictures)]
    arguments += [
        "-r",
        str(picture.rate),
        *(_sides(sound.channels) if sound else ()),
        *_AAC,
        *CLEAN,
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
        "/out/proxy.mp4",
    ]
    arguments += [
        "-map",
        "[thumb]",
        "-c:v",
        "mjpeg",
        "-q:v",
        "5",
        "-fps_mode",
        "passthrough",
        *CLEAN,
    ]
    arguments += ["-f", "mjpeg", "/out/thumbs.mjpeg"]
    _run(work, arguments, inputs, picture.pictures)
    pictures = split_jpegs((work.scratch / "thumbs.mjpeg").read_bytes())
    proxy = _kept(work, work.scratch / "proxy.mp4", ".mp4", "video/mp4")
    thumbnails = _kept(
        work, packed(pictures, WIDTH, thumb_height), ".thumbs", "application/octet-stream"
    )
    return {
        "proxy": {**proxy, "width": width, "height": height},
        "thumbnails": {
            **thumbnails,
            "width": WIDTH,
            "height": thumb_height,
            "count": len(pictures),
        },
    }


_AAC: Final = ("-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2")
FOLD: Final = 0.707107  # what a centre or a surround adds to a side, as in films


def _sides(channels: int) -> list[str]:
    """Two channels as films fold them: mono goes to both sides as it is, surround at -3 dB."""
    if channels == 2:
        return []
    left, right = ("c0", "c0") if channels == 1 else ("c0", "c1")
    if channels >= 6:
        left, right = f"{left}+{FOLD}*c2", f"{right}+{FOLD}*c2"
        for pair in range(4, channels - 1, 2):
            left, right = f"{left}+{FOLD}*c{pair}", f"{right}+{FOLD}*c{pair + 1}"
    return ["-af", f"pan=stereo|c0={left}|c1={right}"]


def proxy_size(width: int, height: int) -> tuple[int, int]:
    """540 lines, never enlarged, even."""
    lines = min(PROXY_HEIGHT, height)
    return max(2, round(width * lines / height / 2) * 2), max(2, lines & ~1)


def split_jpegs(stream: bytes) -> list[bytes]:
    """JPEGs that stand one behind the other: inside of one, FF is never followed by D8."""
    starts: list[int] = []
    at = stream.find(b"\xff\xd8")
    while at >= 0:
        starts.append(at)
        at = stream.find(b"\xff\xd8", at + 2)
    return [
        stream[start:end] for start, end in zip(starts, [*starts[1:], len(stream)], strict=True)
    ]


# --- sound


def _sound_proxy(work: _Work, sound: SoundRendition) -> dict[str, Json]:
    arguments = [*_input(0, "flac"), "-map", "0:a:0", *_sides(sound.channels), *_AAC, *CLEAN]
    arguments += ["-movflags", "+faststart"]
    _run(
        work, [*arguments, "-f", "mp4", "/out/proxy.m4a"], {"0": work.fetch(sound.key, sound.hash)}
    )
    return _kept(work, work.scratch / "proxy.m4a", ".m4a", "audio/mp4")


def _peaks(work: _Work, sound: SoundRendition) -> dict[str, Json]:
    arguments = [
        "-nostdin",
        "-v",
        "error",
        *_input(0, "flac"),
        "-map",
        "0:a:0",
        "-c:a",
        "pcm_s16le",
    ]
    with ffmpeg_stream(
        work.ffmpeg,
        [*arguments, "-f", "s16le", "pipe:1"],
        inputs={"0": work.fetch(sound.key, sound.hash)},
        output_dir=None,
        limits=VIEW_LIMITS,
        cancelled=work.cancelled,
    ) as read:
        body = peaks(_sample_blocks(read, sound), sound.sample_rate, sound.channels)
    return _kept(work, body, ".cpk", "application/octet-stream")


def _sample_blocks(
    read: Callable[[int], bytes], sound: SoundRendition
) -> Iterator[NDArray[np.int16]]:
    size = PEAK_BLOCK_SECONDS * sound.sample_rate * sound.channels * 2
    while True:
        body = bytearray()
        while len(body) < size and (chunk := read(size - len(body))):
            body += chunk
        if not body:
            return
        yield np.frombuffer(bytes(body), "<i2").reshape(-1, sound.channels)


# --- stills


def _still_views(work: _Work, still: StillRendition) -> dict[str, Json]:
    """A WebP of at most 1920 pixels, with alpha, and one thumbnail."""
    scale = min(1.0, STILL_SIDE_MAX / max(still.width, still.height))
    width, height = max(1, round(still.width * scale)), max(1, round(still.height * scale))
    thumb_height = max(1, round(WIDTH * still.height / still.width))
    layout = "bgra" if still.has_alpha else "yuv420p"
    graph = (
        f"{SWS_FLAGS};[0:v:0]split[p][t];[p]scale={width}:{height},format={layout}[proxy];"
        f"[t]scale={WIDTH}:{thumb_height},format=rgba,premultiply=inplace=1,scale=out_range=pc,format=yuvj420p[thumb]"
    )
    arguments = [
        *_input(0, "png_pipe"),
        "-filter_complex",
        graph,
        "-map",
        "[proxy]",
        "-frames:v",
        "1",
    ]
    arguments += ["-c:v", "libwebp", "-quality", "90", *CLEAN, "-f", "webp", "/out/proxy.webp"]
    arguments += ["-map", "[thumb]", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "5", *CLEAN]
    _run(
        work,
        [*arguments, "-f", "mjpeg", "/out/thumbs.mjpeg"],
        {"0": work.fetch(still.key, still.hash)},
    )
    pictures = split_jpegs((work.scratch / "thumbs.mjpeg").read_bytes())
    proxy = _kept(work, work.scratch / "proxy.webp", ".webp", "image/webp")
    thumbnails = _kept(
        work, packed(pictures, WIDTH, thumb_height), ".thumbs", "application/octet-stream"
    )
    return {
        "proxy": {**proxy, "width": width, "height": height},
        "thumbnails": {
            **thumbnails,
            "width": WIDTH,
            "height": thumb_height,
            "count": len(pictures),
        },
    }
