"""The films of the benchmark, as values that every peer is told in its own words. Times are frames at 30/1."""

from dataclasses import dataclass, replace
from typing import Final

RATE: Final = 30
WIDTH: Final = 1920
HEIGHT: Final = 1080
SHOT_FRAMES: Final = 135
DISSOLVE_FRAMES: Final = 15
TITLE_FRAMES: Final = 90
TITLE_FADE: Final = 9
TITLE_PIXELS: Final = 96
OUTLINE_PIXELS: Final = 3
INSET: Final = (1392, 48, 480, 270)
INSET_FRAMES: Final = 150
MUSIC_GAIN: Final = 0.35
LONG_SHOT_FRAMES: Final = 400


@dataclass(frozen=True, slots=True)
class Shot:
    """`frames` pictures of source `source` from picture `first` on, at frame `start` of the film."""

    source: int
    first: int
    frames: int
    start: int

    @property
    def end(self) -> int:
        return self.start + self.frames


@dataclass(frozen=True, slots=True)
class Title:
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Film:
    """Shots in order; one that begins before its neighbour ends dissolves into it."""

    name: str
    shots: tuple[Shot, ...]
    titles: tuple[Title, ...] = ()
    inset: Shot | None = None
    has_music: bool = False

    @property
    def frames(self) -> int:
        return self.shots[-1].end

    def dissolves(self, index: int) -> bool:
        """Whether the shot dissolves into the next."""
        return index + 1 < len(self.shots) and self.shots[index + 1].start < self.shots[index].end

    def groups(self) -> list[list[Shot]]:
        """Shots with straight cuts between them, dissolves between the groups."""
        found: list[list[Shot]] = [[]]
        for index, shot in enumerate(self.shots):
            found[-1].append(shot)
            if self.dissolves(index):
                found.append([])
        return found


def _edited(count: int, dissolved: set[int]) -> tuple[Shot, ...]:
    shots: list[Shot] = []
    start = 0
    for index in range(count):
        shots.append(Shot(index, 3 + 5 * index % 12, SHOT_FRAMES, start))
        start += SHOT_FRAMES - (DISSOLVE_FRAMES if index in dissolved else 0)
    return tuple(shots)


def t30() -> Film:
    titles = (Title("Morning", 60), Title("Half way there", 1500), Title("The end", 3000))
    inset = Shot(13, 0, INSET_FRAMES, 2000)
    return Film("T30", _edited(30, {4, 9, 14, 19, 24}), titles, inset, has_music=True)


def t10() -> Film:
    titles = (Title("Morning", 60), Title("Half way there", 600))
    return Film("T10", _edited(10, {2, 6}), titles, Shot(7, 0, INSET_FRAMES, 900), has_music=True)


def cuts(count: int) -> Film:
    return Film(f"C{count}", _edited(count, set()))


def long_takes() -> Film:
    """Ten takes of 13.3 s out of one file of 150 s; source 100 is that file."""
    shots = tuple(
        Shot(100, 7 + 440 * index, LONG_SHOT_FRAMES, LONG_SHOT_FRAMES * index)
        for index in range(10)
    )
    return Film("long takes", shots)


def retitled(film: Film) -> Film:
    """The second title gets another text."""
    first, second, *rest = film.titles
    return replace(film, titles=(first, replace(second, text="Nearly there"), *rest))


def slipped(film: Film) -> Film:
    """A shot without dissolves slips by one frame."""
    index = 12 if len(film.shots) > 12 else 4
    shot = replace(film.shots[index], first=film.shots[index].first + 1)
    return replace(film, shots=(*film.shots[:index], shot, *film.shots[index + 1 :]))
