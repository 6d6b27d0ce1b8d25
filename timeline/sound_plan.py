"""The sound of a film, as values: which samples of which source sound where, how loud, and what ducks what.

Everything is whole samples at the film's rate, every boundary rounded once [export-X14, X15]. Gains are numbers
here already: one number where nothing changes, else one per 10 ms, linear between. `sound_planner.py` makes
plans, `exporter/audio.py` carries them out, and nothing in between interprets a curve or a decibel.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias, cast

from timeline.errors import BadTimeline
from timeline.model import Json
from timeline.plan import AudioCodec

SOUND_VERSION: Final = 2
POINTS_PER_SECOND: Final = 100
RAMP_SECONDS_DEN: Final = 200  # hard cuts get ramps of 1/200 s

Level: TypeAlias = float | tuple[float, ...]
"""A gain factor or pan: one number, or one per 10 ms from the first sample on, linear between, the last one held."""
Curve: TypeAlias = Literal["linear", "equal_power", "ease"]


@dataclass(frozen=True, slots=True)
class FlacSource:
    """Samples of a FLAC rendition. `hash` names its bytes, `channels` are those to take, () all."""

    hash: str
    source_channels: int
    samples: int
    channels: tuple[int, ...] = ()
    kind: Literal["flac"] = "flac"


@dataclass(frozen=True, slots=True)
class ToneSource:
    """A sine wave; `level` is its peak, 1 is full scale."""

    hz: float
    level: float
    kind: Literal["tone"] = "tone"


@dataclass(frozen=True, slots=True)
class MixSource:
    """A nested sequence, mixed on its own."""

    mix: "SoundPlan"
    kind: Literal["mix"] = "mix"


Source: TypeAlias = FlacSource | ToneSource | MixSource


@dataclass(frozen=True, slots=True)
class Fade:
    """A weight over `samples` from `start` (counted from the clip's first sample, may be negative).

    `is_in`: 0 before and rising; else 1 before and falling to 0.
    """

    start: int
    samples: int
    is_in: bool
    curve: Curve


@dataclass(frozen=True, slots=True)
class Stretch:
    """How source samples become clip samples: `num/den` times as fast, backwards where negative.

    `positions` are source samples per 10 ms where time is remapped; they then say everything.
    """

    num: int = 1
    den: int = 1
    pitch_lock: bool = True
    positions: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundEffect:
    """`eq`: rows of hz, gain_db, q. `compressor`: one row of threshold_db, ratio, attack_ms, release_ms, makeup_db.

    `limiter`: one row, the ceiling in dBTP.
    """

    kind: Literal["eq", "compressor", "limiter"]
    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class SoundClip:
    """`samples` of the film from `start` on; the first one is source sample `first` (a fraction `first/1`).

    Backwards, `first` is the exclusive upper end of what is used.
    """

    source: Source
    start: int
    samples: int
    first: int
    stretch: Stretch = Stretch()
    gain: Level = 1.0
    pan: Level = 0.0
    fades: tuple[Fade, ...] = ()
    effects: tuple[SoundEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class Ducking:
    """Where bus `by` is louder than `threshold_db`, the gain falls to `amount_db` in `attack_ms`."""

    by: int
    amount_db: float
    threshold_db: float
    attack_ms: float
    release_ms: float


@dataclass(frozen=True, slots=True)
class Bus:
    """One track: its clips, its effects, then gain and pan (counted from the film's first sample), then ducking."""

    clips: tuple[SoundClip, ...]
    gain: Level = 1.0
    pan: Level = 0.0
    ducking: tuple[Ducking, ...] = ()
    effects: tuple[SoundEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """`channels` is 1, 2 or 6. `loudness_lufs` None leaves the level as it is. `codec` is how it is encoded."""

    sample_rate: int
    channels: int
    samples: int
    buses: tuple[Bus, ...]
    loudness_lufs: float | None = None
    bit_rate: int = 192_000
    effects: tuple[SoundEffect, ...] = ()
    codec: AudioCodec = "aac"

    @property
    def is_silent(self) -> bool:
        return not any(bus.clips for bus in self.buses)


def sound_key(plan: SoundPlan, engine: str) -> str:
    """sha256 of all that is audible, and of the tool; nothing visible is in it [export-X4]."""
    content = {"version": SOUND_VERSION, "engine": engine, "sound": sound_json(plan)}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sound_json(plan: SoundPlan) -> dict[str, Json]:
    """The plan as JSON; `sound_from_json` gives the same plan back."""
    return cast("dict[str, Json]", _plain(asdict(plan)))


def _plain(value: object) -> object:
    """Tuples as lists; a float that is whole stays a float, so bytes never depend on how it was computed."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in cast("dict[str, object]", value).items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in cast("list[object]", value)]
    return value


def sound_from_json(value: Json) -> SoundPlan:
    """The plan that `sound_json` wrote; BadTimeline where it is another thing."""
    try:
        return _plan(cast("dict[str, Json]", value))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadTimeline("sound", f"not a sound plan: {error!r}") from error


def _plan(value: dict[str, Json]) -> SoundPlan:
    loudness = value["loudness_lufs"]
    return SoundPlan(
        sample_rate=_int(value["sample_rate"]),
        channels=_int(value["channels"]),
        samples=_int(value["samples"]),
        buses=tuple(_bus(bus) for bus in _list(value["buses"])),
        loudness_lufs=None if loudness is None else _float(loudness),
        bit_rate=_int(value["bit_rate"]),
        effects=_effects(value["effects"]),
        codec=cast("AudioCodec", str(value["codec"])),
    )


def _bus(value: Json) -> Bus:
    part = cast("dict[str, Json]", value)
    return Bus(
        clips=tuple(_clip(clip) for clip in _list(part["clips"])),
        gain=_level(part["gain"]),
        pan=_level(part["pan"]),
        ducking=tuple(_ducking(item) for item in _list(part["ducking"])),
        effects=_effects(part["effects"]),
    )


def _effects(value: Json) -> tuple[SoundEffect, ...]:
    found: list[SoundEffect] = []
    for item in _list(value):
        part = cast("dict[str, Json]", item)
        kind = part["kind"]
        if kind not in ("eq", "compressor", "limiter"):
            raise ValueError(f"no effect of kind {kind}")
        rows = tuple(tuple(_float(number) for number in _list(row)) for row in _list(part["rows"]))
        found.append(SoundEffect(kind, rows))
    return tuple(found)


def _ducking(value: Json) -> Ducking:
    part = cast("dict[str, Json]", value)
    return Ducking(
        by=_int(part["by"]),
        amount_db=_float(part["amount_db"]),
        threshold_db=_float(part["threshold_db"]),
        attack_ms=_float(part["attack_ms"]),
        release_ms=_float(part["release_ms"]),
    )


def _clip(value: Json) -> SoundClip:
    part = cast("dict[str, Json]", value)
    stretch = cast("dict[str, Json]", part["stretch"])
    return SoundClip(
        source=_source(cast("dict[str, Json]", part["source"])),
        start=_int(part["start"]),
        samples=_int(part["samples"]),
        first=_int(part["first"]),
        stretch=Stretch(
            _int(stretch["num"]),
            _int(stretch["den"]),
            bool(stretch["pitch_lock"]),
            tuple(_float(item) for item in _list(stretch["positions"])),
        ),
        gain=_level(part["gain"]),
        pan=_level(part["pan"]),
        fades=tuple(_fade(fade) for fade in _list(part["fades"])),
        effects=_effects(part["effects"]),
    )


def _fade(value: Json) -> Fade:
    part = cast("dict[str, Json]", value)
    return Fade(
        _int(part["start"]),
        _int(part["samples"]),
        bool(part["is_in"]),
        cast("Curve", str(part["curve"])),
    )


def _source(value: dict[str, Json]) -> Source:
    match value["kind"]:
        case "flac":
            channels = tuple(_int(item) for item in _list(value["channels"]))
            counts = (_int(value["source_channels"]), _int(value["samples"]))
            return FlacSource(str(value["hash"]), *counts, channels)
        case "tone":
            return ToneSource(_float(value["hz"]), _float(value["level"]))
        case "mix":
            return MixSource(_plan(cast("dict[str, Json]", value["mix"])))
        case kind:
            raise ValueError(f"no source of kind {kind}")


def _int(value: Json) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a whole number")
    return value


def _float(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return value


def _level(value: Json) -> Level:
    return tuple(_float(item) for item in value) if isinstance(value, list) else _float(value)
