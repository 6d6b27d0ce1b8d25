"""Media facts <-> JSON: what crosses the job board, the object store and the database.

Reading is strict: a value of the wrong type is `BadTimeline` with the field's path, because these facts
decide which bytes go into a film. Orders of pictures repeat from GOP to GOP, so they travel as patterns.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final, cast

from timeline.errors import BadTimeline
from timeline.media import (
    AssetFacts,
    AssetState,
    CubeRendition,
    MediaDiagnostic,
    MediaFacts,
    PictureRendition,
    SoundRendition,
    StillRendition,
)
from timeline.model import Json
from timeline.timing import Rate

VERSION: Final = 1
STATES: Final[tuple[AssetState, ...]] = ("ready", "pending", "failed")


def media_json(media: MediaFacts) -> dict[str, Json]:
    """One asset as JSON; `media_from_json` gives the same value back."""
    whole: dict[str, Json] = {
        "version": VERSION,
        "name": media.name,
        "facts": facts_json(media.facts),
    }
    if media.picture:
        whole["picture"] = _picture_json(media.picture)
    if media.still:
        still = media.still
        whole["still"] = {
            "hash": still.hash,
            "key": still.key,
            "width": still.width,
            "height": still.height,
            "has_alpha": still.has_alpha,
        }
    if media.sound:
        sound = media.sound
        whole["sound"] = {
            "hash": sound.hash,
            "key": sound.key,
            "sample_rate": sound.sample_rate,
            "channels": sound.channels,
            "samples": sound.samples,
        }
    if media.cube:
        whole["cube"] = {"hash": media.cube.hash, "key": media.cube.key}
    if media.original:
        whole["original"] = media.original
    if media.diagnostics:
        whole["diagnostics"] = [
            {"code": item.code, "detail": item.detail} for item in media.diagnostics
        ]
    return whole


def facts_json(facts: AssetFacts) -> dict[str, Json]:
    """What resolve needs (`timeline.md`, section 2)."""
    return {
        "state": facts.state,
        "duration": facts.duration,
        "fps_num": facts.fps_num,
        "fps_den": facts.fps_den,
        "has_video": facts.has_video,
        "has_audio": facts.has_audio,
        "start_tc": facts.start_tc,
    }


def media_from_json(value: Json, where: str = "media") -> MediaFacts:
    """The asset that `media_json` wrote; BadTimeline names the field that is wrong."""
    whole = _Fields(value, where)
    if whole.integer("version") > VERSION:
        raise BadTimeline(f"{where}/version", "made by a newer program")
    picture, still, sound, cube = (
        whole.part(name) for name in ("picture", "still", "sound", "cube")
    )
    return MediaFacts(
        facts=facts_from_json(whole.value("facts"), f"{where}/facts"),
        name=whole.text("name"),
        picture=_picture(picture) if picture else None,
        still=_still(still) if still else None,
        sound=_sound(sound) if sound else None,
        cube=CubeRendition(cube.text("hash"), cube.text("key")) if cube else None,
        diagnostics=tuple(
            MediaDiagnostic(item.text("code"), item.text("detail"))
            for item in whole.parts("diagnostics")
        ),
        original=whole.text("original"),
    )


def facts_from_json(value: Json, where: str = "facts") -> AssetFacts:
    """The facts that `facts_json` wrote."""
    fields = _Fields(value, where)
    state = fields.text("state")
    if state not in STATES:
        raise BadTimeline(f"{where}/state", f"not one of {', '.join(STATES)}")
    rate = fields.rate()
    return AssetFacts(
        state=state,
        duration=None if fields.value("duration") is None else fields.integer("duration"),
        fps_num=rate.num,
        fps_den=rate.den,
        has_video=fields.flag("has_video"),
        has_audio=fields.flag("has_audio"),
        start_tc=fields.integer("start_tc"),
    )


def _picture_json(picture: PictureRendition) -> dict[str, Json]:
    return {
        "hash": picture.hash,
        "key": picture.key,
        "width": picture.width,
        "height": picture.height,
        "fps_num": picture.rate.num,
        "fps_den": picture.rate.den,
        "pictures": picture.pictures,
        "sync": list(picture.sync),
        "fingerprint": picture.fingerprint,
        "codec": picture.codec,
        "format": picture.format,
        "adopted": picture.adopted,
        "order": order_json(picture.ranks, picture.sync),
        "first_pts": list(picture.first_pts),
    }


def _picture(fields: "_Fields") -> PictureRendition:
    sync = fields.integers("sync")
    first_pts = fields.integers("first_pts")
    if len(first_pts) != 2 or first_pts[1] < 1:
        raise BadTimeline(f"{fields.where}/first_pts", "not a fraction")
    return PictureRendition(
        hash=fields.text("hash"),
        key=fields.text("key"),
        width=fields.integer("width"),
        height=fields.integer("height"),
        rate=fields.rate(),
        pictures=fields.integer("pictures"),
        sync=sync,
        fingerprint=fields.text("fingerprint"),
        codec=fields.text("codec"),
        format=fields.text("format"),
        adopted=fields.flag("adopted"),
        ranks=_ranks(fields.part("order"), fields.where),
        first_pts=(first_pts[0], first_pts[1]),
    )


def _still(fields: "_Fields") -> StillRendition:
    return StillRendition(
        hash=fields.text("hash"),
        key=fields.text("key"),
        width=fields.integer("width"),
        height=fields.integer("height"),
        has_alpha=fields.flag("has_alpha"),
    )


def _sound(fields: "_Fields") -> SoundRendition:
    return SoundRendition(
        hash=fields.text("hash"),
        key=fields.text("key"),
        sample_rate=fields.integer("sample_rate"),
        channels=fields.integer("channels"),
        samples=fields.integer("samples"),
    )


def order_json(ranks: tuple[int, ...], sync: tuple[int, ...]) -> Json:
    """Display ranks in decode order as GOP patterns: `patterns[gops[i]]` counts from the GOP's first picture.

    None where both orders are the same.
    """
    if not ranks:
        return None
    patterns: dict[tuple[int, ...], int] = {}
    gops: list[Json] = []
    edges = [0, *(start for start in sync if 0 < start < len(ranks)), len(ranks)]
    for start, end in pairwise(edges):
        pattern = tuple(rank - start for rank in ranks[start:end])
        gops.append(patterns.setdefault(pattern, len(patterns)))
    return {"patterns": [list(pattern) for pattern in patterns], "gops": gops}


def _ranks(order: "_Fields | None", where: str) -> tuple[int, ...]:
    if order is None:
        return ()
    patterns = order.value("patterns")
    if not isinstance(patterns, list):
        raise BadTimeline(f"{where}/order/patterns", "not a list")
    known = [_integers(pattern, f"{where}/order/patterns") for pattern in patterns]
    ranks: list[int] = []
    for gop in order.integers("gops"):
        if not 0 <= gop < len(known):
            raise BadTimeline(f"{where}/order/gops", f"no pattern {gop}")
        start = len(ranks)
        ranks.extend(start + rank for rank in known[gop])
    return tuple(ranks)


def _integers(value: Json, where: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(item) is int for item in value):
        raise BadTimeline(where, "not a list of whole numbers")
    return tuple(cast("list[int]", value))


class _Fields:
    """A JSON object that answers with checked types, and knows where it stands."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            raise BadTimeline(where, "not an object")
        self._object: Mapping[str, Json] = value
        self.where = where

    def value(self, name: str) -> Json:
        return self._object.get(name)

    def text(self, name: str) -> str:
        found = self._object.get(name, "")
        if not isinstance(found, str):
            raise BadTimeline(f"{self.where}/{name}", "not a text")
        return found

    def integer(self, name: str) -> int:
        found = self._object.get(name)
        if type(found) is not int:
            raise BadTimeline(f"{self.where}/{name}", "not a whole number")
        return found

    def flag(self, name: str) -> bool:
        found = self._object.get(name)
        if not isinstance(found, bool):
            raise BadTimeline(f"{self.where}/{name}", "neither true nor false")
        return found

    def integers(self, name: str) -> tuple[int, ...]:
        return _integers(self._object.get(name), f"{self.where}/{name}")

    def rate(self) -> Rate:
        num, den = self.integer("fps_num"), self.integer("fps_den")
        if num < 1 or den < 1:
            raise BadTimeline(f"{self.where}/fps_num", "a rate is positive")
        return Rate(num, den)

    def part(self, name: str) -> "_Fields | None":
        found = self._object.get(name)
        return None if found is None else _Fields(found, f"{self.where}/{name}")

    def parts(self, name: str) -> "tuple[_Fields, ...]":
        found = self._object.get(name, [])
        if not isinstance(found, list):
            raise BadTimeline(f"{self.where}/{name}", "not a list")
        return tuple(_Fields(item, f"{self.where}/{name}/{i}") for i, item in enumerate(found))
