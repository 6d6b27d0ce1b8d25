"""Landing scenes: generated clips come to the timeline, once, whatever is sent how often.

(run, scene, role) is the identity of a landed clip. Landing again adds nothing; another asset
replaces the media of exactly that clip and keeps every edit; a clip that people removed stays
removed [timeline-E12].
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from timeline.draft import Draft
from timeline.errors import EditRefused
from timeline.model import Json
from timeline.placements import order_between, replace_media
from timeline.placing import grid_ceil, on_grid
from timeline.ripples import opened
from timeline.schema import CLIP_DURATION_DEFAULT
from timeline.seen import Lane, text
from timeline.timing import snapped, tick

Role: TypeAlias = Literal["picture", "sound", "narration"]
ROLE_NAMES: Final[dict[Role, str]] = {
    "picture": "Picture",
    "sound": "Sound",
    "narration": "Narration",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One generated scene: `key` is its name in the run; `duration` in ticks, None: as long as it lasts."""

    key: str
    asset: str
    name: str = ""
    duration: int | None = None
    narration: str | None = None


def land_scenes(
    draft: Draft,
    run: str,
    scenes: Sequence[Scene],
    *,
    at: int | Literal["end"] = "end",
    sequence: str | None = None,
    track: str | None = None,
) -> None:
    """
    Land scenes one after the other at `at` (later content moves right) or at the end.

        V1 | s1 | s2 |   ->   V1 | s1 | s2 | s3 |
        A1 | s1 | s2 |        A1 | s1 | s2 | s3 |

    Pictures go to `track` (else the lowest video track), own sound to the first audio track,
    narration to the second; missing tracks are created. A scene's clips are one link set. New ids:
    missing tracks, then scene by scene picture, sound, narration, their link.
    """
    where = draft.sequence(sequence)
    fresh = [scene for scene in scenes if not _known(draft, run, scene)]
    for scene in scenes:
        if scene not in fresh:
            _land_again(draft, run, scene)
    if not fresh:
        return
    tracks = _tracks(draft, where, track, fresh)
    picture = draft.unlocked(tracks["picture"])
    lengths = [_length(draft, picture, scene) for scene in fresh]
    if at == "end":
        start = grid_ceil(picture.rate, _end(draft, tracks.values()))
    else:
        start = on_grid(picture, at)
        opened(draft, where, start, sum(lengths), list(tracks.values()))
    for scene, length in zip(fresh, lengths, strict=True):
        _land(draft, run, scene, tracks, start, length)
        start += length


def _known(draft: Draft, run: str, scene: Scene) -> bool:
    return any(True for _ in _landed(draft, run, scene.key))


def _landed(draft: Draft, run: str, key: str) -> Iterable[str]:
    """Clips of a scene, removed ones too."""
    for name, record in draft.records("clips").items():
        if record.get("run") == run and record.get("scene") == key:
            yield name


def _land_again(draft: Draft, run: str, scene: Scene) -> None:
    """Write the assets of clips that still stand; the removed stay removed, the lengths stay."""
    for name in list(_landed(draft, run, scene.key)):
        record = draft.records("clips")[name]
        asset = scene.narration if text(record.get("role")) == "narration" else scene.asset
        if record.get("removed") is True or asset is None or record.get("asset") == asset:
            continue
        lane = draft.seen.lane(text(record.get("track")))
        if lane is not None:
            draft.unlocked(lane.track)
        replace_media(draft, name, asset)


def _tracks(
    draft: Draft, sequence: str, track: str | None, scenes: Sequence[Scene]
) -> dict[Role, str]:
    """The track of each role that these scenes need."""
    found: dict[Role, str] = {}
    if track is not None:
        lane = draft.unlocked(track)
        if lane.kind != "video" or lane.sequence != sequence:
            raise EditRefused("bad_argument", "track", "a video track of the sequence is expected")
        found["picture"] = track
    else:
        found["picture"] = _nth_track(draft, sequence, "video", 0)
    if any(_has_sound(draft, scene) for scene in scenes):
        found["sound"] = _nth_track(draft, sequence, "audio", 0)
    if any(scene.narration for scene in scenes):
        if "sound" not in found and not _lanes(draft, sequence, "audio"):
            found["sound"] = _nth_track(draft, sequence, "audio", 0)
        found["narration"] = _nth_track(draft, sequence, "audio", 1)
    return found


def _lanes(draft: Draft, sequence: str, kind: str) -> list[Lane]:
    return [lane for lane in draft.seen.lanes(sequence) if lane.kind == kind]


def _nth_track(draft: Draft, sequence: str, kind: str, number: int) -> str:
    """The unlocked track of this kind and number from the bottom; created above all where missing."""
    lanes = _lanes(draft, sequence, kind)
    if number < len(lanes):
        return draft.unlocked(lanes[number].track).track
    every = draft.seen.lanes(sequence)
    order = order_between(every[-1].order if every else None, None)
    name = f"{'V' if kind == 'video' else 'A'}{number + 1}"
    record: dict[str, Json] = {"sequence": sequence, "kind": kind, "name": name, "order": order}
    return draft.create("tracks", record)


def _has_sound(draft: Draft, scene: Scene) -> bool:
    facts = draft.assets.get(scene.asset)
    return facts is not None and facts.has_audio


def _length(draft: Draft, lane: Lane, scene: Scene) -> int:
    """How long a scene stands, on the grid: as asked, else its picture, else its narration."""
    length = scene.duration
    for asset in (scene.asset, scene.narration):
        facts = draft.assets.get(asset or "")
        if length is None and facts is not None:
            length = facts.duration
    return max(snapped(length or CLIP_DURATION_DEFAULT, lane.rate), tick(1, lane.rate))


def _end(draft: Draft, tracks: Iterable[str]) -> int:
    return max(draft.lane(track).end for track in tracks)


def _land(
    draft: Draft, run: str, scene: Scene, tracks: dict[Role, str], start: int, length: int
) -> None:
    roles: list[tuple[Role, str, int]] = [("picture", scene.asset, length)]
    if _has_sound(draft, scene):
        roles.append(("sound", scene.asset, length))
    if scene.narration is not None:
        facts = draft.assets.get(scene.narration)
        spoken = facts.duration if facts is not None and facts.duration else length
        roles.append(("narration", scene.narration, min(spoken, length)))
    clips = [
        draft.create(
            "clips",
            {
                "track": tracks[role],
                "kind": "media",
                "asset": asset,
                "start": start,
                "duration": duration,
                "source_in": 0,
                "name": scene.name or None,
                "run": run,
                "scene": scene.key,
                "role": role,
            },
        )
        for role, asset, duration in roles
    ]
    draft.names.setdefault("clip", clips[0])
    if len(clips) > 1:
        link = draft.new_id()
        for clip in clips:
            draft.write("clips", clip, "link", link)
