"""`./dev bench [export|editor]`: side by side with the peer, as ratios; results are kept with their command."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench import editor, export

RESULTS: Final = Path(__file__).parent / "results"
AREAS: Final[dict[str, Callable[[], dict[str, object]]]] = {
    "export": export.measured,
    "editor": editor.measured,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("areas", nargs="*", metavar="AREA", help=", ".join(AREAS))
    wanted = parser.parse_args().areas or [*AREAS]
    unknown = sorted(set(wanted) - set(AREAS))
    if unknown:
        print(
            f"no such benchmark: {', '.join(unknown)}; there are {', '.join(AREAS)}",
            file=sys.stderr,
        )
        return 2
    RESULTS.mkdir(exist_ok=True)
    for area in wanted:
        found = AREAS[area]()
        told = {"command": f"./dev bench {area}", "machine": _machine(), "figures": found}
        (RESULTS / f"{area}.json").write_text(json.dumps(told, indent=1) + "\n")
        width = max(len(name) for name in found)
        print(f"\n{area}")
        for name, value in found.items():
            print(f"  {name:{width}}  {value}")
    return 0


def _machine() -> str:
    load = os.getloadavg()[0]
    return f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f} at the end"


if __name__ == "__main__":
    sys.exit(main())
