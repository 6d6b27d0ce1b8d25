"""The sample film: one day of a city in six scenes. Pure data; `painting.py` draws it.

Everything is seeded, so each machine makes the same pictures.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

WIDTH: Final = 1280
HEIGHT: Final = 720
RATE: Final = 30  # frames per second
RUN: Final = "sample_1"

Subject: TypeAlias = Literal["opening", "bars", "counter", "line", "people", "closing"]


@dataclass(frozen=True, slots=True)
class Scene:
    """One generated scene: `hour` sets the light (0..24), `frames` its length at RATE."""

    key: str
    name: str
    subject: Subject
    frames: int
    hours: tuple[float, float]
    heading: str
    narration: str


@dataclass(frozen=True, slots=True)
class Title:
    """A title on a scene: where it begins and how long it stays, in frames of the film."""

    scene: str
    text: str
    start: int
    frames: int
    size: float
    y: float


SCENES: Final[tuple[Scene, ...]] = (
    Scene(
        "scene-01", "Sunrise", "opening", 210, (4.8, 7.6), "",
        "Every morning, a city decides to begin again.",
    ),
    Scene(
        "scene-02", "The grid wakes", "bars", 210, (7.6, 10.2), "Power, hour by hour",
        "Kettles, trains and lifts: by nine, demand has doubled.",
    ),
    Scene(
        "scene-03", "Journeys", "counter", 180, (10.2, 13.0), "Journeys today",
        "More than a million journeys cross before lunch.",
    ),
    Scene(
        "scene-04", "Warmth", "line", 210, (13.0, 16.6), "Warmth in the streets",
        "Stone keeps the heat, and gives it back at dusk.",
    ),
    Scene(
        "scene-05", "Where people meet", "people", 210, (16.6, 19.4), "Where people meet",
        "Strangers draw lines between places, and call it an evening.",
    ),
    Scene(
        "scene-06", "Night", "closing", 210, (19.4, 23.2), "",
        "Then window by window, the day is folded away.",
    ),
)  # fmt: skip

TITLES: Final[tuple[Title, ...]] = (
    Title("scene-01", "One city, one day", 36, 120, 0.125, -0.12),
    Title("scene-06", "Cut together in Cutroom", 1065, 120, 0.075, -0.1),
)
CROSSFADE_AFTER: Final = 1  # the cut behind this scene (0-based) gets a dissolve
CROSSFADE_FRAMES: Final = 20
HANDLE_FRAMES: Final = 24  # media behind each scene's end, for transitions and trims
MUSIC_SECONDS: Final = 41


def starts() -> tuple[int, ...]:
    """First frame of each scene in the film when laid end to end."""
    found: list[int] = []
    at = 0
    for scene in SCENES:
        found.append(at)
        at += scene.frames
    return tuple(found)
