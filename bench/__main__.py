"""`./dev bench [collab|export|editor|credits]`: beside the peer, as ratios; results are kept with their command.

`--quick` measures less and keeps it beside the whole figures.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from bench.collab import table as collab
from bench.credits import rounds as ledger
from bench.editor import parts as editor
from bench.export import rounds, shows

RESULTS: Final = Path(__file__).parent / "results"
QUICK: Final = ("collab", "export")
Found: TypeAlias = dict[str, Any]
Keep: TypeAlias = Callable[[Found], None]
AREAS: Final[dict[str, Callable[[argparse.Namespace, Keep], Found]]] = {
    "collab": lambda asked, _keep: collab.measured(quick=asked.quick, rounds=asked.rounds),
    "export": lambda asked, keep: rounds.measured(
        asked.film or (rounds.QUICK_FILMS if asked.quick else rounds.FILMS),
        rounds=asked.rounds,
        others=not asked.no_peers,
        before=_figures_of("export-quick" if asked.quick else "export"),
        keep=keep,
    ),
    "editor": lambda asked, keep: editor.measured(
        asked.only or editor.PARTS,
        rounds=asked.rounds if asked.rounds > 1 else editor.ROUNDS,
        before=_figures_of("editor"),
        keep=keep,
    ),
    "credits": lambda _asked, keep: ledger.measured(keep),
}
TABLES: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "collab": collab.table,
    "export": lambda found: f"{rounds.table(found['rows'])}\n\n{shows.lines(found['shows'])}",
    "editor": editor.table,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("areas", nargs="*", metavar="AREA", help=", ".join(AREAS))
    parser.add_argument(
        "--quick",
        action="store_true",
        help="collab: a minute instead of half an hour; export: ten clips instead of thirty",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=1,
        metavar="N",
        help="export: best of N; collab: median; editor: median of N, 5 if not said",
    )
    parser.add_argument(
        "--only", action="append", choices=editor.PARTS, metavar="PART", help="editor: this part"
    )
    parser.add_argument(
        "--film", action="append", choices=rounds.KNOWN, metavar="FILM", help="export: this film"
    )
    parser.add_argument("--no-peers", action="store_true", help="export: one ffmpeg command only")
    asked = parser.parse_args()
    wanted = asked.areas or [*AREAS]
    unknown = sorted(set(wanted) - set(AREAS))
    if unknown:
        print(
            f"no such benchmark: {', '.join(unknown)}; there are {', '.join(AREAS)}",
            file=sys.stderr,
        )
        return 2
    RESULTS.mkdir(exist_ok=True)
    options = [word for word in sys.argv[1:] if word not in AREAS]
    for area in wanted:
        name = f"{area}-quick" if asked.quick and area in QUICK else area
        keep = partial(_keep, name, " ".join(["./dev bench", area, *options]))
        found = AREAS[area](asked, keep)
        keep(found)
        print(f"\n{area}")
        print(TABLES[area](found) if area in TABLES else _lines(found))
    return 0


def _keep(name: str, command: str, found: Found) -> None:
    """Write down what there is; an area that tells each part loses only the one that fails."""
    told = {"command": command, "machine": _machine(), "figures": found}
    (RESULTS / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n")


def _figures_of(area: str) -> Found:
    """What was kept of an area; nothing where it was never measured."""
    path = RESULTS / f"{area}.json"
    figures: Found = json.loads(path.read_text())["figures"] if path.exists() else {}
    return figures


def _lines(found: dict[str, Any]) -> str:
    width = max(len(name) for name in found)
    return "\n".join(f"  {name:{width}}  {value}" for name, value in found.items())


def _machine() -> str:
    load = os.getloadavg()[0]
    return f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f} at the end"


if __name__ == "__main__":
    sys.exit(main())
