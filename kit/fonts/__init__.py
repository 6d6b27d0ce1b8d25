"""The fonts that ship with the program: one family, under the SIL Open Font License (OFL.txt)."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
FAMILY: Final = "builtin:sans"
SCRIPTS: Final = ("", "Hebrew", "Arabic", "Devanagari", "Bengali")
FACES: Final = (
    ("Regular", 400, False),
    ("Bold", 700, False),
    ("Italic", 400, True),
    ("BoldItalic", 700, True),
)


@dataclass(frozen=True, slots=True)
class FontFile:
    """One file of a family; `hash` is the sha256 of its bytes."""

    font: str
    weight: int
    italic: bool
    path: Path
    hash: str


@cache
def builtin_fonts() -> tuple[FontFile, ...]:
    """All files of the shipped family, Latin first."""
    found: list[FontFile] = []
    for script in SCRIPTS:
        for face, weight, italic in FACES:
            path = FOLDER / f"NotoSans{script}-{face}.ttf"
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found.append(FontFile(FAMILY, weight, italic, path, digest))
    return tuple(found)


def builtin_hashes() -> tuple[str, ...]:
    """What stands in a text's spec for the shipped family."""
    return tuple(file.hash for file in builtin_fonts())
