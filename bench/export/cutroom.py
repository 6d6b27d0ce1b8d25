"""Cutroom as the benchmark calls it: the same program with two presets more, and the ingest by itself.

`bench` encodes as the peers do (crf 20), `bench-encode` copies nothing. A program: it takes what `cutroom`
takes, or `ingest SOURCE CACHE`. It imports nothing of the benchmark: its start is part of what is measured.
"""

import sys
from dataclasses import replace
from pathlib import Path

from cli.main import main as cutroom


def main(words: list[str]) -> int:
    if words[0] == "ingest":
        return _ingest(Path(words[1]), Path(words[2]))
    from timeline.presets import PRESETS  # noqa: PLC0415 - as late as the program itself does

    bench = replace(PRESETS["source"], name="bench", crf=20)
    PRESETS["bench"] = bench
    PRESETS["bench-encode"] = replace(bench, name="bench-encode", copy=False)
    return cutroom(words)


def _ingest(source: Path, cache: Path) -> int:
    from cli.local_export import ingested, local_room  # noqa: PLC0415
    from cli.timeline_source import open_timeline  # noqa: PLC0415

    with local_room(source.with_suffix(".mp4"), workers=2, cache=cache) as room:
        media = ingested(room, open_timeline(source, []), lambda _ready, _total: None)
    return 0 if all(facts.facts.state == "ready" for facts in media.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
