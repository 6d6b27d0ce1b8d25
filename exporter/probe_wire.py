"""What is said between `prober.py` and its helper in the box: a name of fixed length, and JSON as the answer.

The answer of a process that has read hostile bytes is hostile itself: each value is looked at before it is believed.
"""

import json
import re
from dataclasses import asdict
from fractions import Fraction
from typing import Final, cast

from exporter.errors import MediaUnusable
from exporter.probe import AUDIO_CODECS, STREAMS_MAX, VIDEO_CODECS, Probe, SoundFacts, VideoFacts

READY: Final = b"!"
NAME_BYTES: Final = 16
ANSWER_BYTES_MAX: Final = 1 << 16
TEXT_MAX: Final = 500
WORD: Final = re.compile(r"[a-z0-9_]{0,40}")
FRACTION: Final = re.compile(r"-?[0-9]{1,20}(?:/[1-9][0-9]{0,19})?")


def probe_json(found: Probe) -> bytes:
    """An answer that says what was found."""
    return json.dumps({"found": asdict(found)}, default=str).encode()


def unusable_json(unusable: MediaUnusable) -> bytes:
    """An answer that says why nothing was."""
    return json.dumps({"code": unusable.code, "detail": unusable.detail[:TEXT_MAX]}).encode()


def read_answer(answer: bytes, demuxer: str) -> Probe:
    """What was found by that demuxer; MediaUnusable with the answer's reason, or where it makes no sense."""
    try:
        body = _Fields(json.loads(answer))
        found = body.part("found")
        if found is not None:
            return _probe(found, demuxer)
        refused = MediaUnusable(body.word("code"), body.text("detail"))
    except (ValueError, KeyError, RecursionError) as error:
        raise MediaUnusable("media_damaged", "its headers say nothing that makes sense") from error
    raise refused


def _probe(body: "_Fields", demuxer: str) -> Probe:
    return Probe(
        demuxer=body.one_of("demuxer", frozenset({demuxer})),
        video=_video(body.part("video")),
        sound=_sound(body.part("sound")),
        seconds=body.fraction("seconds"),
        timecode=body.text("timecode"),
        unread=body.text("unread"),
    )


def _video(body: "_Fields | None") -> VideoFacts | None:
    if body is None:
        return None
    return VideoFacts(
        index=body.number("index", 0, STREAMS_MAX),
        codec=body.one_of("codec", VIDEO_CODECS),
        width=body.number("width", 1),
        height=body.number("height", 1),
        sample_aspect=body.fraction("sample_aspect") or Fraction(1),
        pixel_format=body.word("pixel_format"),
        bit_depth=body.number("bit_depth", 1, 64),
        has_alpha=body.flag("has_alpha") is True,
        is_rgb=body.flag("is_rgb") is True,
        matrix=body.word("matrix"),
        full_range=body.flag("full_range"),
        is_hdr=body.flag("is_hdr") is True,
        is_interlaced=body.flag("is_interlaced") is True,
        declared_rate=body.fraction("declared_rate"),
    )


def _sound(body: "_Fields | None") -> SoundFacts | None:
    if body is None:
        return None
    return SoundFacts(
        index=body.number("index", 0, STREAMS_MAX),
        codec=body.one_of("codec", AUDIO_CODECS),
        sample_rate=body.number("sample_rate", 1),
        channels=body.number("channels", 1),
        bits=body.number("bits", 1, 64),
    )


class _Fields:
    """The values of an object, each asked for by its kind; ValueError or KeyError where it is another."""

    def __init__(self, body: object) -> None:
        if not isinstance(body, dict):
            raise ValueError("not an object")  # noqa: TRY004 - one kind of error for all that is wrong
        self._body = cast("dict[str, object]", body)

    def part(self, name: str) -> "_Fields | None":
        value = self._body.get(name)
        return None if value is None else _Fields(value)

    def number(self, name: str, least: int, most: int = 1 << 31) -> int:
        value = self._body[name]
        if type(value) is not int or not least <= value <= most:
            raise ValueError(name)
        return value

    def flag(self, name: str) -> bool | None:
        value = self._body[name]
        if value is not None and not isinstance(value, bool):
            raise ValueError(name)
        return value

    def text(self, name: str) -> str:
        value = self._body[name]
        if not isinstance(value, str) or len(value) > TEXT_MAX:
            raise ValueError(name)
        return value

    def word(self, name: str) -> str:
        value = self.text(name)
        if not WORD.fullmatch(value):
            raise ValueError(name)
        return value

    def one_of(self, name: str, allowed: frozenset[str]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise ValueError(name)
        return value

    def fraction(self, name: str) -> Fraction | None:
        if self._body[name] is None:
            return None
        value = self.text(name)
        if not FRACTION.fullmatch(value):
            raise ValueError(name)
        return Fraction(value)
