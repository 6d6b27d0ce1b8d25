"""Lands the sample film through the public interface, exactly as an outside generator would.

Scene by scene: paint, encode, upload, `POST /projects/{id}/scenes`. Then the finishing touches as
commands: music, titles, captions, a crossfade, a marker. Each step asks first what is already there, so a
start that was killed half-way is finished by the next one.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

import httpx

from cli.demo import encoding, painting, sounding, storyboard
from cli.demo.project import API, Row, body_of, found_or_made
from cli.demo.storyboard import (
    CROSSFADE_AFTER,
    CROSSFADE_FRAMES,
    RATE,
    RUN,
    SCENES,
    TITLES,
    Scene,
)
from cli.errors import CommandFailed
from timeline.timing import TICKS, Rate, tick

FRAME_RATE: Final = Rate(RATE)
UPLOAD_SECONDS_MAX: Final = 120
DUCK_DB: Final = -14
CUE_LEAD_FRAMES: Final = 12
DONE_MARKER: Final = "Crossfade"
OWN_TRACKS: Final = {"Music": "audio", "Captions": "caption"}
READY_POLL_SECONDS: Final = 0.25
READY_POLLS_MAX: Final = 480  # two minutes on a machine that is busy with something else


def land_sample(client: httpx.Client, *, ffmpeg: str, fonts: Path) -> str:
    """Make (or finish) the sample project of the caller's own workspace; answers its id.

    `client` has the server as base address and the caller's token. CommandFailed names the call that
    was refused.
    """
    sample = Sample(client, ffmpeg, fonts)
    with tempfile.TemporaryDirectory(prefix="cutroom-sample-") as scratch:
        for number, scene in enumerate(SCENES):
            if scene.key not in sample.landed():
                sample.land(scene, number, Path(scratch))
    sample.finish()
    return sample.project


class Sample:
    """The sample project on a server."""

    def __init__(self, client: httpx.Client, ffmpeg: str, fonts: Path) -> None:
        self._client = client
        self._ffmpeg = ffmpeg
        self._fonts = fonts
        self._workspace = str(self._get("/me")["workspaces"][0]["id"])
        self.project = found_or_made(client)

    def landed(self) -> set[str]:
        """Keys of the scenes that are on the timeline, removed ones included."""
        clips = self._records("clips").values()
        return {str(clip["scene"]) for clip in clips if clip.get("run") == RUN}

    def land(self, scene: Scene, number: int, scratch: Path) -> None:
        sound = scratch / f"{scene.key}.wav"
        film = scratch / f"{scene.key}.mp4"
        sound.write_bytes(sounding.wav(sounding.ambience(scene, seed=number)))
        encoding.encode(self._ffmpeg, painting.frames(scene, self._fonts), sound, film)
        picture = self._upload(f"{scene.name}.mp4", film.read_bytes(), "video/mp4")
        voice = self._upload(
            f"{scene.name} (narration).wav", sounding.narration(scene), "audio/wav"
        )
        landing = {
            "key": scene.key,
            "asset": picture,
            "name": scene.name,
            "duration": tick(scene.frames, FRAME_RATE),
            "narration": voice,
        }
        self._ready([picture, voice])
        self._post(
            f"/projects/{self.project}/scenes",
            {"run": RUN, "at": "end", "scenes": [landing]},
        )

    def finish(self) -> None:
        """Music, titles, captions, crossfade and marker; the marker comes last and says it is done."""
        if any(marker.get("name") == DONE_MARKER for marker in self._records("markers").values()):
            return
        tracks = self._tracks_by_name()
        missing = [
            {"op": "add_track", "kind": kind, "name": name}
            for name, kind in OWN_TRACKS.items()
            if name not in tracks
        ]
        if missing:
            self._command(missing)
            tracks = self._tracks_by_name()
        music = self._upload("Music.wav", sounding.music(), "audio/wav")
        self._ready([music])
        pictures = self._pictures()
        links = {key: str(clip.get("link", "")) for key, (_, clip) in pictures.items()}
        self._command(
            [
                *_music(tracks["Music"], tracks["Voices"], music),
                *_titles(tracks["Titles"], links),
                *_captions(tracks["Captions"], links),
                _crossfade(pictures[SCENES[CROSSFADE_AFTER].key][0]),
            ]
        )
        written = {
            str(clip.get("name")): name
            for name, clip in self._records("clips").items()
            if clip.get("kind") == "captions"
        }
        self._command([*_cues(written), _marker()])

    def _pictures(self) -> dict[str, tuple[str, Row]]:
        """By scene key: id and record of the clip that shows it."""
        return {
            str(clip["scene"]): (name, clip)
            for name, clip in self._records("clips").items()
            if clip.get("run") == RUN and clip.get("role") == "picture"
        }

    def _tracks_by_name(self) -> dict[str, str]:
        tracks = {str(track.get("name")): name for name, track in self._records("tracks").items()}
        audio = [name for name in sorted(tracks) if name.startswith("A")]
        video = [name for name in sorted(tracks) if name.startswith("V")]
        return tracks | {"Voices": tracks[audio[1]], "Titles": tracks[video[-1]]}

    # --- the interface -----------------------------------------------------------------------------

    def _records(self, root: str) -> Mapping[str, Row]:
        return cast(
            "Mapping[str, Row]", self._get(f"/projects/{self.project}/timeline").get(root, {})
        )

    def _command(self, commands: Sequence[Row]) -> Row:
        return self._post(f"/projects/{self.project}/commands", {"commands": list(commands)})

    def _upload(self, name: str, content: bytes, media_type: str) -> str:
        answer = self._client.post(
            f"{API}/workspaces/{self._workspace}/assets",
            files={"file": (name, content, media_type)},
            data={"project": self.project},
        )
        return str(body_of(answer)["id"])

    def _ready(self, assets: Sequence[str]) -> None:
        """Wait until the server knows what these assets are; a scene's sound is only landed when it is known."""
        for _ in range(READY_POLLS_MAX):
            found = self._get("/assets", ids=",".join(assets))["items"]
            for asset in found:
                if asset["state"] == "failed":
                    raise CommandFailed(
                        "the server could not read a sample clip", str(asset["name"])
                    )
            if all(asset["state"] == "ready" for asset in found):
                return
            time.sleep(READY_POLL_SECONDS)
        raise CommandFailed("the server did not get the sample clips ready", self.project)

    def _get(self, path: str, **query: str | int) -> Row:
        return body_of(self._client.get(f"{API}{path}", params=query))

    def _post(self, path: str, body: Row) -> Row:
        return body_of(self._client.post(f"{API}{path}", json=body))


def _music(track: str, key_track: str, asset: str) -> list[Row]:
    return [
        # Music lies under everything: without sync lock it lets scenes be taken out above it.
        {"op": "set", "map": "tracks", "id": track, "values": {"sync_lock": False}},
        {
            "op": "overwrite",
            "track": track,
            "at": 0,
            "asset": asset,
            "duration": tick(sum(scene.frames for scene in SCENES), FRAME_RATE),
            "values": {
                "name": "Music",
                "gain_db": -9,
                "fade_in": TICKS // 2,
                "fade_out": 2 * TICKS,
            },
        },
        {
            "op": "add_effect",
            "owner": track,
            "kind": "ducking",
            "params": {"by": key_track, "amount_db": DUCK_DB, "threshold_db": -38},
        },
    ]


def _crossfade(left: str) -> Row:
    return {
        "op": "add_transition",
        "clip": left,
        "edge": "tail",
        "in_offset": 0,
        "out_offset": tick(CROSSFADE_FRAMES, FRAME_RATE),
        "linked": False,
    }


def _titles(track: str, links: Mapping[str, str]) -> list[Row]:
    """Each linked with the scene it stands on, so that they move and go together."""
    return [
        {
            "op": "overwrite",
            "track": track,
            "at": tick(title.start, FRAME_RATE),
            "kind": "title",
            "text": title.text,
            "duration": tick(title.frames, FRAME_RATE),
            "values": {
                "name": title.text,
                "link": links[title.scene],
                "font_size": title.size,
                "font_weight": 700,
                "y": title.y,
                "shadow_color": "#0b0f2499",
                "shadow_blur": 0.02,
                "shadow_y": 0.006,
                "fade_in": TICKS // 2,
                "fade_out": TICKS // 2,
            },
        }
        for title in TITLES
    ]


def _captions(track: str, links: Mapping[str, str]) -> list[Row]:
    """One captions clip for each scene, linked with it."""
    return [
        {
            "op": "overwrite",
            "track": track,
            "at": tick(start, FRAME_RATE),
            "kind": "captions",
            "duration": tick(scene.frames, FRAME_RATE),
            "values": {
                "name": scene.name,
                "link": links[scene.key],
                "font_size": 0.048,
                "color_bg": "#0b0f24b3",
                "padding": 0.012,
            },
        }
        for scene, start in _captioned()
    ]


def _cues(clips: Mapping[str, str]) -> list[Row]:
    return [
        {
            "op": "add_cue",
            "clip": clips[scene.name],
            "t": tick(CUE_LEAD_FRAMES, FRAME_RATE),
            "duration": tick(min(scene.frames - 2 * CUE_LEAD_FRAMES, 140), FRAME_RATE),
            "text": scene.narration,
        }
        for scene, _ in _captioned()
    ]


def _captioned() -> Iterator[tuple[Scene, int]]:
    """Scenes with captions and their first frames; the last one speaks under the closing title."""
    return zip(SCENES[:-1], storyboard.starts(), strict=False)


def _marker() -> Row:
    at = storyboard.starts()[CROSSFADE_AFTER + 1]
    return {"op": "add_marker", "t": tick(at, FRAME_RATE), "name": DONE_MARKER, "color": "#f2b84b"}
