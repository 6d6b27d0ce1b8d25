"""The same films in the words of others: one ffmpeg command, melt, MoviePy, smartcut."""

import json
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ElementTree, SubElement

from imageio_ffmpeg import get_ffmpeg_exe

from bench.export.films import (
    DISSOLVE_FRAMES,
    HEIGHT,
    INSET,
    MUSIC_GAIN,
    OUTLINE_PIXELS,
    RATE,
    TITLE_FADE,
    TITLE_FRAMES,
    TITLE_PIXELS,
    WIDTH,
    Film,
    Shot,
    Title,
)
from bench.export.sources import ROOT, Sources

PEERS: Final = ROOT / ".tools/peers"
"""MoviePy and smartcut live in an environment of their own; `./dev bench export` makes it."""
FONT: Final = ROOT / "kit/fonts/NotoSans-Bold.ttf"
SEEK_FRAMES_MIN: Final = 60
X264: Final = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "60")


# --- one ffmpeg command ---------------------------------------------------------------------


def ffmpeg(film: Film, sources: Sources, out: Path) -> list[str]:
    """Trims, one concat a group, chained xfade and acrossfade, overlay, drawtext, sidechaincompress."""
    inputs: list[list[str]] = []

    def opened(path: Path, first: int = 0) -> int:
        """Long files are entered near the shot, as anybody would; half a frame early."""
        seek = ["-ss", str((first - 0.5) / RATE)] if first > SEEK_FRAMES_MIN else []
        inputs.append([*seek, "-i", str(path)])
        return len(inputs) - 1

    parts: list[str] = []
    groups: list[tuple[str, int]] = []
    for group in film.groups():
        labels = ""
        for shot in group:
            parts += _trims(shot, opened(sources.clips[shot.source], shot.first))
            labels += f"[v{len(inputs) - 1}][a{len(inputs) - 1}]"
        name = f"g{len(groups)}"
        parts.append(f"{labels}concat=n={len(group)}:v=1:a=1[{name}v][{name}a]")
        groups.append((name, sum(shot.frames for shot in group)))
    picture, sound = _faded(groups, parts)
    if film.inset is not None:
        picture = _inset(film.inset, opened(sources.clips[film.inset.source]), picture, parts)
    for title in film.titles:
        parts.append(f"[{picture}]{_drawtext(title)}[t{title.start}]")
        picture = f"t{title.start}"
    if film.has_music:
        sound = _ducked(opened(sources.music), film.frames, sound, parts)
    graph = ";".join([*parts, f"[{picture}]format=yuv420p[v]"])
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y"]
    command += [word for words in inputs for word in words]
    command += ["-filter_complex", graph, "-map", "[v]", "-map", f"[{sound}]"]
    return [*command, *X264, "-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", str(out)]


def _trims(shot: Shot, number: int) -> list[str]:
    first = 0 if shot.first > SEEK_FRAMES_MIN else shot.first
    end = first + shot.frames
    picture = f"[{number}:v]trim=start_frame={first}:end_frame={end},setpts=PTS-STARTPTS"
    sound = f"[{number}:a]atrim={first / RATE}:{end / RATE},asetpts=PTS-STARTPTS"
    return [f"{picture}[v{number}]", f"{sound}[a{number}]"]


def _faded(groups: list[tuple[str, int]], parts: list[str]) -> tuple[str, str]:
    (name, length), *rest = groups
    picture, sound = f"{name}v", f"{name}a"
    seconds = DISSOLVE_FRAMES / RATE
    for follower, frames in rest:
        offset = (length - DISSOLVE_FRAMES) / RATE
        fade = f"xfade=transition=fade:duration={seconds}:offset={offset}"
        parts.append(f"[{picture}][{follower}v]{fade}[x{follower}v]")
        parts.append(f"[{sound}][{follower}a]acrossfade=d={seconds}[x{follower}a]")
        picture, sound = f"x{follower}v", f"x{follower}a"
        length += frames - DISSOLVE_FRAMES
    return picture, sound


def _inset(shot: Shot, number: int, picture: str, parts: list[str]) -> str:
    x, y, width, height = INSET
    cut = f"trim=start_frame={shot.first}:end_frame={shot.first + shot.frames}"
    later = f"setpts=PTS-STARTPTS+{shot.start / RATE}/TB"
    parts.append(f"[{number}:v]{cut},{later},scale={width}:{height}[inset]")
    shown = f"enable='between(n,{shot.start},{shot.end - 1})'"
    parts.append(f"[{picture}][inset]overlay={x}:{y}:eof_action=pass:{shown}[with_inset]")
    return "with_inset"


def _drawtext(title: Title) -> str:
    at, last = f"(n-{title.start})", TITLE_FRAMES - TITLE_FADE
    fade = f"if(lt({at},{TITLE_FADE}),{at}/{TITLE_FADE},if(gt({at},{last}),({TITLE_FRAMES}-{at})/{TITLE_FADE},1))"
    look = f"fontsize={TITLE_PIXELS}:fontcolor=white:borderw={OUTLINE_PIXELS}:bordercolor=black"
    shown = f"enable='between(n,{title.start},{title.start + TITLE_FRAMES - 1})'"
    place = "x=(w-tw)/2:y=h*3/4-th/2"
    return f"drawtext=fontfile={FONT}:text='{title.text}':{look}:{place}:alpha='{fade}':{shown}"


def _ducked(number: int, frames: int, sound: str, parts: list[str]) -> str:
    parts.append(f"[{sound}]asplit[voice][key]")
    parts.append(f"[{number}:a]atrim=0:{frames / RATE},volume={MUSIC_GAIN}[music]")
    press = "sidechaincompress=threshold=0.05:ratio=8:attack=20:release=300"
    parts.append(f"[music][key]{press}[ducked]")
    parts.append("[voice][ducked]amix=inputs=2:duration=first:normalize=0[mixed]")
    return "mixed"


# --- melt -----------------------------------------------------------------------------------


def melt(film: Film, sources: Sources, folder: Path, out: Path) -> list[str]:
    """The same as MLT XML; its music stands at a constant level, because it has no ducking."""
    document = folder / f"{film.name.replace(' ', '-')}.mlt"
    ElementTree(_Mlt(film, sources).root).write(document, encoding="utf-8", xml_declaration=True)
    consumer = f"avformat:{out}"
    codecs = ["vcodec=libx264", "preset=veryfast", "crf=20", "g=60", "acodec=aac", "ab=192k"]
    command = ["melt", "-silent", str(document), "-consumer", consumer, *codecs]
    return [*command, "real_time=-2", "threads=0"]


class _Mlt:
    def __init__(self, film: Film, sources: Sources) -> None:
        self.root = Element("mlt", {"producer": "main"})
        size = {"width": str(WIDTH), "height": str(HEIGHT), "colorspace": "709"}
        rate = {"frame_rate_num": str(RATE), "frame_rate_den": "1", "progressive": "1"}
        shape = {"sample_aspect_num": "1", "sample_aspect_den": "1"}
        wide = {"display_aspect_num": "16", "display_aspect_den": "9"}
        SubElement(self.root, "profile", {**size, **rate, **shape, **wide})
        self._film, self._sources, self._count = film, sources, 0
        tracks = [self._shots()]
        overlays: list[tuple[int, int, int, list[tuple[int, str]]]] = []
        if film.inset is not None:
            producer = self._producer(self._sources.clips[film.inset.source])
            cut = (film.inset.first, film.inset.first + film.inset.frames - 1)
            tracks.append(self._alone(producer, film.inset.start, cut))
            x, y, width, height = INSET
            place = [(0, f"{x}/{y}:{width}x{height}:100")]
            overlays.append((len(tracks) - 1, film.inset.start, film.inset.end - 1, place))
        for title in film.titles:
            tracks.append(self._alone(self._text(title), title.start, (0, TITLE_FRAMES - 1)))
            whole = f"0/0:{WIDTH}x{HEIGHT}"
            ends = [(0, 0), (TITLE_FADE, 100), (TITLE_FRAMES - TITLE_FADE, 100), (TITLE_FRAMES, 0)]
            place = [(at, f"{whole}:{seen}") for at, seen in ends]
            end = title.start + TITLE_FRAMES - 1
            overlays.append((len(tracks) - 1, title.start, end, place))
        if film.has_music:
            tracks.append(self._alone(self._music(), 0, (0, film.frames - 1)))
        main = SubElement(self.root, "tractor", {"id": "main", "out": str(film.frames - 1)})
        for track in tracks:
            SubElement(main, "track", {"producer": track})
        for track, start, end, place in overlays:
            keys = ";".join(f"{at}={geometry}" for at, geometry in place)
            ends = {"in": str(start), "out": str(end)}
            self._transition(main, "composite", 0, track, ends, geometry=keys, halign="c")
        if film.has_music:
            # `mix` sums; the inset and the titles have no sound of their own.
            self._transition(main, "mix", 0, len(tracks) - 1, {}, sum="1", always_active="1")

    def _shots(self) -> str:
        playlist = Element("playlist", {"id": "shots"})
        for index, shot in enumerate(self._film.shots):
            first, last = shot.first, shot.first + shot.frames - 1
            producer = self._producer(self._sources.clips[shot.source])
            if index > 0 and self._film.dissolves(index - 1):
                first += DISSOLVE_FRAMES
            if self._film.dissolves(index):
                last -= DISSOLVE_FRAMES
            SubElement(
                playlist, "entry", {"producer": producer, "in": str(first), "out": str(last)}
            )
            if self._film.dissolves(index):
                mix = self._mix(shot, self._film.shots[index + 1])
                length = {"in": "0", "out": str(DISSOLVE_FRAMES - 1)}
                SubElement(playlist, "entry", {"producer": mix, **length})
        self.root.append(playlist)
        return "shots"

    def _mix(self, left: Shot, right: Shot) -> str:
        cuts = (
            (left.source, left.first + left.frames - DISSOLVE_FRAMES),
            (right.source, right.first),
        )
        sides = [(self._producer(self._sources.clips[source]), first) for source, first in cuts]
        name = self._name("mix")
        tractor = SubElement(
            self.root, "tractor", {"id": name, "in": "0", "out": str(DISSOLVE_FRAMES - 1)}
        )
        for producer, first in sides:
            ends = {"in": str(first), "out": str(first + DISSOLVE_FRAMES - 1)}
            SubElement(tractor, "track", {"producer": producer, **ends})
        ends = {"in": "0", "out": str(DISSOLVE_FRAMES - 1)}
        self._transition(tractor, "luma", 0, 1, ends)
        self._transition(tractor, "mix", 0, 1, ends, start="-1")
        return name

    def _alone(self, producer: str, start: int, cut: tuple[int, int]) -> str:
        """A track with one clip on it."""
        name = self._name("track")
        playlist = SubElement(self.root, "playlist", {"id": name})
        if start:
            SubElement(playlist, "blank", {"length": str(start)})
        ends = {"in": str(cut[0]), "out": str(cut[1])}
        SubElement(playlist, "entry", {"producer": producer, **ends})
        return name

    def _producer(self, path: Path) -> str:
        name = self._name("producer")
        producer = SubElement(self.root, "producer", {"id": name})
        self._properties(producer, mlt_service="avformat", resource=str(path))
        return name

    def _text(self, title: Title) -> str:
        name = self._name("title")
        producer = SubElement(self.root, "producer", {"id": name, "out": str(TITLE_FRAMES - 1)})
        self._properties(producer, mlt_service="color", resource="#00000000")
        words = SubElement(producer, "filter")
        look = {"size": str(TITLE_PIXELS), "weight": "700", "fgcolour": "#ffffffff"}
        edge = {"olcolour": "#ff000000", "outline": str(OUTLINE_PIXELS), "bgcolour": "#00000000"}
        place = {"geometry": f"0/{HEIGHT // 4}:{WIDTH}x{HEIGHT}:100", "halign": "center"}
        text = {"argument": title.text, "family": "Noto Sans", "valign": "middle"}
        self._properties(words, mlt_service="dynamictext", **text, **look, **edge, **place)
        return name

    def _music(self) -> str:
        name = self._producer(self._sources.music)
        producer = next(item for item in self.root if item.get("id") == name)
        level = SubElement(producer, "filter")
        self._properties(level, mlt_service="volume", gain=str(MUSIC_GAIN))
        return name

    def _transition(
        self, tractor: Element, service: str, a: int, b: int, ends: dict[str, str], **more: str
    ) -> None:
        transition = SubElement(tractor, "transition", ends)
        tracks = {"a_track": str(a), "b_track": str(b)}
        self._properties(transition, mlt_service=service, **tracks, **more)

    def _properties(self, element: Element, **values: str) -> None:
        for name, value in values.items():
            SubElement(element, "property", {"name": name}).text = value

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"


# --- MoviePy and smartcut -------------------------------------------------------------------


def moviepy(film: Film, sources: Sources, folder: Path, out: Path) -> list[str]:
    told = folder / f"{film.name.replace(' ', '-')}-moviepy.json"
    told.write_text(json.dumps(_told(film, sources)))
    program = Path(__file__).with_name("moviepy_film.py")
    return [str(PEERS / "bin/python"), str(program), str(told), str(out)]


def _told(film: Film, sources: Sources) -> dict[str, object]:
    shots = [
        {
            "path": str(sources.clips[shot.source]),
            "first": shot.first / RATE,
            "end": (shot.first + shot.frames) / RATE,
            "start": shot.start / RATE,
            "fade": DISSOLVE_FRAMES / RATE if index and film.dissolves(index - 1) else 0,
        }
        for index, shot in enumerate(film.shots)
    ]
    inset = film.inset and {
        "path": str(sources.clips[film.inset.source]),
        "first": film.inset.first / RATE,
        "end": (film.inset.first + film.inset.frames) / RATE,
        "start": film.inset.start / RATE,
        "box": INSET,
    }
    titles = [
        {
            "text": title.text,
            "start": title.start / RATE,
            "duration": TITLE_FRAMES / RATE,
            "fade": TITLE_FADE / RATE,
            "size": TITLE_PIXELS,
            "outline": OUTLINE_PIXELS,
        }
        for title in film.titles
    ]
    music = {"path": str(sources.music), "gain": MUSIC_GAIN} if film.has_music else None
    return {
        "shots": shots,
        "inset": inset,
        "titles": titles,
        "music": music,
        "font": str(FONT),
        "size": [WIDTH, HEIGHT],
        "duration": film.frames / RATE,
        "fps": RATE,
    }


def smartcut(film: Film, joined: Path, source_frames: int, out: Path) -> list[str]:
    """The shots as ranges of one file in which the clips stand behind each other."""
    edges: list[int] = []
    for index, shot in enumerate(film.shots):
        first = shot.first + (index * source_frames if source_frames else 0)
        edges += [first, first + shot.frames]
    keep = ",".join(str(edge) for edge in edges)
    return [str(PEERS / "bin/smartcut"), str(joined), str(out), "--frames", "--keep", keep]
