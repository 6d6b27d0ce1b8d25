"""What a browser must fetch before the editor can draw, gzip, in kB: scripts that index.html names."""

import gzip
import re
from pathlib import Path
from typing import Final

DIST: Final = Path(__file__).resolve().parents[1] / "editor-web/dist"


def measured() -> dict[str, object]:
    page = (DIST / "index.html").read_text()
    initial = sorted(set(re.findall(r'"/?(assets/[^"]+\.js)"', page)))
    scripts = {path: len(gzip.compress((DIST / path).read_bytes(), 9)) for path in initial}
    whole = sum(len(gzip.compress(path.read_bytes(), 9)) for path in DIST.glob("assets/*.js"))
    return {
        "index.html names, kB gzip": round(sum(scripts.values()) / 1000, 1),
        "all scripts, kB gzip": round(whole / 1000, 1),
        "scripts named": len(scripts),
    }
