"""What a browser must fetch before the editor can draw the timeline: scripts, gzip, in kB.

`index.html` names scripts that every page needs. The editor page needs more: what its own lazy
module and everything that it imports statically bring. Vite's manifest tells both. What is
fetched after the first paint (dialogs, the inspector, the operations, the player) counts in none.
"""

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NotRequired, TypedDict

DIST: Final = Path(__file__).resolve().parents[2] / "editor-web/dist"
ENTRY: Final = "index.html"
EDITOR: Final = "src/app/editor-page.tsx"  # the lazy module of `/p/{project}`


class Chunk(TypedDict):
    """What Vite's manifest tells of a module: its script, and the keys of what that imports."""

    file: str
    imports: NotRequired[list[str]]


Manifest = dict[str, Chunk]


def measured() -> dict[str, object]:
    manifest: Manifest = json.loads((DIST / ".vite/manifest.json").read_text())
    named = set(re.findall(r'"/?(assets/[^"]+\.js)"', (DIST / "index.html").read_text()))
    before_timeline = named | _files(manifest, ENTRY) | _files(manifest, EDITOR)
    return {
        "editor before its timeline, kB gzip": _kilobytes(before_timeline),
        "index.html names, kB gzip": _kilobytes(named),
        "all scripts, kB gzip": _kilobytes(
            str(path.relative_to(DIST)) for path in DIST.glob("assets/*.js")
        ),
        "scripts of the editor": len(before_timeline),
        "scripts named": len(named),
    }


def _files(manifest: Manifest, key: str) -> set[str]:
    """The script of a module and of all that it imports statically.

    Raises KeyError where the build has no such module: then the count would be a lie.
    """
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [key]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = manifest[name]
        found.add(chunk["file"])
        waiting.extend(chunk.get("imports", []))
    return {file for file in found if file.endswith(".js")}


def _kilobytes(files: Iterable[str]) -> float:
    return round(sum(len(gzip.compress((DIST / f).read_bytes(), 9)) for f in files) / 1000, 1)
