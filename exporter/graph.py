# pyright: basic
"""Filter chains over ffmpeg-python, which carries no types: this file and `ffmpeg_command.py` are its only users.

A chain is a stream that answers with a longer one; numbers become text here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ffmpeg


class Stream:
    """One picture stream of a graph."""

    def __init__(self, inner: ffmpeg.nodes.Stream) -> None:
        self._inner = inner

    @property
    def inner(self) -> ffmpeg.nodes.Stream:
        return self._inner

    def to(self, name: str, *values: float | str, **options: float | str) -> Stream:
        """The stream after a filter. A trailing underscore of an option's name is dropped."""
        texts = {key.rstrip("_"): text(value) for key, value in options.items()}
        return Stream(ffmpeg.filter(self._inner, name, *(text(value) for value in values), **texts))

    def with_other(self, other: Stream, name: str, **options: float | str) -> Stream:
        """The stream after a filter of two inputs, this one first."""
        return self.with_others((other,), name, **options)

    def with_others(self, others: Sequence[Stream], name: str, **options: float | str) -> Stream:
        """The stream after a filter of several inputs, this one first."""
        texts = {key: text(value) for key, value in options.items()}
        inputs = [self._inner, *(other.inner for other in others)]
        return Stream(ffmpeg.filter(inputs, name, **texts))

    def twice(self) -> tuple[Stream, Stream]:
        both = ffmpeg.filter_multi_output(self._inner, "split")
        return Stream(both.stream(0)), Stream(both.stream(1))


def opened(name: str, options: Mapping[str, float | str | None]) -> Stream:
    """The pictures of an input file. An option with None is a switch."""
    texts = {key: None if value is None else text(value) for key, value in options.items()}
    return Stream(ffmpeg.input(name, **texts))


def arguments(stream: Stream, target: str, options: Mapping[str, float | str]) -> list[str]:
    """The command line of a graph: inputs, `-filter_complex`, output."""
    texts = {key: text(value) for key, value in options.items()}
    return list(ffmpeg.get_args(ffmpeg.output(stream.inner, target, **texts)))


def text(value: float | str) -> str:
    """A number without exponent, minus zero or trailing zeros; text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    digits = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def chosen(values: Sequence[str], counter: str, first: int) -> str:
    """An expression that picks `values[counter - first]`, as a balanced tree of comparisons."""
    if len(set(values)) == 1:
        return values[0]
    middle = len(values) // 2
    low = chosen(values[:middle], counter, first)
    high = chosen(values[middle:], counter, first + middle)
    return f"if(lt({counter},{first + middle}),{low},{high})"
