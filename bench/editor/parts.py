"""The editor's goals, part by part, in a real browser on a real server.

`scripts` is read from the build. The others are what `editor-web/bench/*.bench.ts` measure: each
starts a server of its own and as many browsers as it needs. A part is kept as soon as it is
measured, beside the command and the load under which it was; parts that were not asked for stay
as they were.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from bench.editor import scripts

WEB: Final = Path(__file__).resolve().parents[2] / "editor-web"
IN_BROWSER: Final = ("opening", "drawing", "editing", "preview", "people")
PARTS: Final = ("scripts", *IN_BROWSER)
ROUNDS: Final = 5
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")

Figures = dict[str, Any]


def measured(
    asked: Sequence[str], *, rounds: int, before: Figures, keep: Callable[[Figures], None]
) -> Figures:
    """The figures of all parts, those of `asked` measured anew; `keep` is told after each.

    `rounds` is how often each is repeated; times are medians of the repeats. Raises
    CalledProcessError where a part fails: what was measured until then is kept.
    """
    found = {name: before[name] for name in PARTS if name in before}
    for part in asked:
        at_start = os.getloadavg()[0]
        figures = scripts.measured() if part == "scripts" else _in_browser(part, rounds)
        load = f"{at_start:.1f} at the start, {os.getloadavg()[0]:.1f} at the end"
        command = f"./dev bench editor --only {part} --rounds {rounds}"
        found[part] = {"command": command, "load": load, "figures": figures}
        keep(found)
    return found


def table(found: Figures) -> str:
    """One line a figure, parts as headings."""
    lines: list[str] = []
    for part, told in found.items():
        lines.append(f"  {part} (load {told['load']})")
        lines += [f"    {name}: {_short(value)}" for name, value in told["figures"].items()]
    return "\n".join(lines)


def _short(value: object) -> str:
    return json.dumps(value).strip("{}").replace('"', "")


def _in_browser(part: str, rounds: int) -> Figures:
    browser = next(filter(None, map(shutil.which, BROWSERS)), "")
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "figures.json"
        told = {
            "CUTROOM_BROWSER": browser,
            "CUTROOM_BENCH_FIGURES": str(answer),
            "CUTROOM_BENCH_ROUNDS": str(rounds),
        }
        command = ["npx", "playwright", "test", "-c", "bench/playwright.config.ts", part]
        subprocess.run(command, cwd=WEB, env={**os.environ, **told}, check=True)  # noqa: TID251
        figures: Figures = json.loads(answer.read_text())
        return figures
