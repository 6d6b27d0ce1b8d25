"""The arguments of one command, checked one by one; what is wrong is named [timeline-E11].

Every reader raises EditRefused with code `bad_argument` and, as id, the name of the argument.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, cast

from timeline.errors import EditRefused
from timeline.model import Json
from timeline.seen import integer
from timeline.timing import TICK_MAX

Edge: TypeAlias = Literal["head", "tail"]
Mode: TypeAlias = Literal["overwrite", "insert"]

RECORDS_MAX: Final = 20_000  # ids in one command: as many as a document may hold clips
EVERYWHERE: Final = frozenset({"op", "linked", "snap", "mode", "after", "expect"})


def refused(name: str, detail: str) -> EditRefused:
    return EditRefused("bad_argument", name, detail)


class Arguments:
    """One command's arguments. Read what is needed, then call `finish` to refuse the rest."""

    def __init__(self, command: Mapping[str, Json]) -> None:
        self._given: Final = command
        self._read: Final[set[str]] = set(EVERYWHERE)

    def finish(self) -> None:
        """Refuse arguments that nobody asked for: a misspelt one must not pass unseen."""
        unknown = sorted(set(self._given) - self._read)
        if unknown:
            raise refused(unknown[0], f"{self.op} takes no such argument")

    @property
    def op(self) -> str:
        return str(self._given.get("op"))

    @property
    def linked(self) -> bool:
        return self.flag("linked", default=True)

    @property
    def snap(self) -> bool:
        return self.flag("snap", default=True)

    @property
    def mode(self) -> Mode:
        return cast("Mode", self.choice("mode", ("overwrite", "insert"), "overwrite"))

    def raw(self, name: str) -> Json:
        self._read.add(name)
        return self._given.get(name)

    def has(self, name: str) -> bool:
        return self.raw(name) is not None

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.raw(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise refused(name, "true or false is expected")
        return value

    def find_text(self, name: str, length: int = 10_000) -> str | None:
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > length:
            raise refused(name, f"a text of at most {length} characters is expected")
        return value

    def text(self, name: str, length: int = 10_000) -> str:
        value = self.find_text(name, length)
        if value is None:
            raise refused(name, "is missing")
        return value

    def id(self, name: str) -> str:
        value = self.text(name, 200)
        if not value:
            raise refused(name, "an id is expected")
        return value

    def find_id(self, name: str) -> str | None:
        return self.id(name) if self.has(name) else None

    def ids(self, name: str) -> list[str]:
        """A list of ids, each once, in the order given; empty where the argument is missing."""
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > RECORDS_MAX:
            raise refused(name, "a list of ids is expected")
        if not all(isinstance(item, str) and item for item in value):
            raise refused(name, "a list of ids is expected")
        return list(dict.fromkeys(cast("list[str]", value)))

    def one_or_more(self, one: str, more: str) -> list[str]:
        """The ids of `one` (a single id) and `more` (a list), at least one."""
        single = self.find_id(one)
        found = list(dict.fromkeys(([single] if single else []) + self.ids(more)))
        if not found:
            raise refused(more, f"{one} or {more} is expected")
        return found

    def clip(self) -> str:
        """`clip`, or `clips` with a single id."""
        found = self.clips()
        if len(found) != 1:
            raise refused("clips", f"{self.op} takes one clip")
        return found[0]

    def clips(self) -> list[str]:
        return self.one_or_more("clip", "clips")

    def tracks(self) -> list[str]:
        """`track` and `tracks`; empty where neither is given."""
        single = self.find_id("track")
        return list(dict.fromkeys(([single] if single else []) + self.ids("tracks")))

    def find_tick(self, name: str, low: int = -TICK_MAX, high: int = TICK_MAX) -> int | None:
        value = self.raw(name)
        if value is None:
            return None
        found = integer(value)
        if found is None or not low <= found <= high:
            raise refused(name, f"a whole number of ticks from {low} to {high} is expected")
        return found

    def tick(self, name: str, low: int = -TICK_MAX, high: int = TICK_MAX) -> int:
        found = self.find_tick(name, low, high)
        if found is None:
            raise refused(name, "is missing")
        return found

    def at(self) -> int:
        return self.tick("at", 0)

    def by(self) -> int:
        return self.tick("by")

    def find_edge(self) -> Edge | None:
        return cast("Edge | None", self.find_choice("edge", ("head", "tail")))

    def edge(self) -> Edge:
        return cast("Edge", self.choice("edge", ("head", "tail")))

    def find_choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, str) or value not in choices:
            raise refused(name, f"one of {', '.join(choices)} is expected")
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.find_choice(name, choices) or default
        if value is None:
            raise refused(name, f"one of {', '.join(choices)} is expected")
        return value

    def find_range(self, name: str = "range") -> tuple[int, int] | None:
        """`{"start", "duration"}` as (start, end)."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, dict) or set(value) != {"start", "duration"}:
            raise refused(name, 'an object {"start", "duration"} is expected')
        start, duration = integer(value["start"]), integer(value["duration"])
        if start is None or duration is None or start < 0 or duration < 1:
            raise refused(name, "start from 0 and duration from 1 are expected, in ticks")
        if start + duration > TICK_MAX:
            raise refused(name, "ends beyond the last tick")
        return start, start + duration

    def range(self) -> tuple[int, int]:
        found = self.find_range()
        if found is None:
            raise refused("range", "is missing")
        return found

    def object(self, name: str) -> Mapping[str, Json]:
        """An object; empty where the argument is missing."""
        value = self.raw(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise refused(name, "an object is expected")
        return value

    def find_speed(self) -> tuple[int, int] | None:
        """`speed` as [num, den], not zero, at most 100 times."""
        value = self.raw("speed")
        if value is None:
            return None
        terms = [integer(item) for item in value] if isinstance(value, list) else []
        if len(terms) != 2 or terms[0] is None or terms[1] is None:
            raise refused("speed", "two whole numbers [num, den] are expected")
        num, den = terms[0], terms[1]
        if num == 0 or not 1 <= den <= 100_000 or abs(num) > min(100_000, 100 * den):
            raise refused("speed", "num/den is not zero, at most 100 times, den from 1 to 100000")
        return num, den


def finished(args: Arguments) -> Arguments:
    """The same, after all that the operation reads has been read."""
    args.finish()
    return args


def finished_clips(args: Arguments) -> list[str]:
    """The clips of a command that takes nothing else."""
    clips = args.clips()
    args.finish()
    return clips
