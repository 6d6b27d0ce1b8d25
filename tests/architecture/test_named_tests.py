"""What the page for operators says was tried, was: every test that its tables name is there."""

import re
from pathlib import Path
from typing import Final

from tests.architecture.test_rules import ROOT, found

PAGE: Final = ROOT / "docs" / "operations.md"
NAMED: Final = re.compile(r"`(test_[a-z0-9_]+)`")
MADE: Final = re.compile(r"^ *(?:async )?def (test_[a-z0-9_]+)\(", re.MULTILINE)
FILE: Final = re.compile(r"`(tests/[a-z0-9_/]+\.py)`")
SECTIONS: Final = ("## What is tried against us", "## What a fault costs")
THREATS: Final = {f"M{n}" for n in range(1, 9)} | {f"A{n}" for n in range(1, 13)}


def rows() -> list[list[str]]:
    """Cells of the tables of both sections."""
    text = PAGE.read_text()
    cells: list[list[str]] = []
    for title in SECTIONS:
        section = text.partition(f"{title}\n")[2].partition("\n## ")[0]
        assert section, title
        lines = [line for line in section.splitlines() if line.startswith("| ")]
        cells += [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return cells


def made() -> set[str]:
    return {name for path in found("tests/**/*.py") for name in MADE.findall(path.read_text())}


def test_every_test_that_the_page_names_is_there() -> None:
    named = {name for row in rows() for cell in row for name in NAMED.findall(cell)}
    assert len(named) > 60
    assert sorted(named - made()) == []
    files = {name for row in rows() for cell in row for name in FILE.findall(cell)}
    assert sorted(name for name in files if not Path(ROOT, name).is_file()) == []


def test_every_row_names_a_test_or_says_that_there_is_none() -> None:
    for row in rows():
        if row[-1] not in {"tried by", "---"}:
            assert NAMED.search(row[-1]) or FILE.search(row[-1]) or row[-1] == "not tried yet", row


def test_every_threat_of_the_design_has_its_row() -> None:
    told = {word for row in rows() for word in re.findall(r"\b[MA][0-9]+\b", row[0])}
    assert sorted(THREATS - told) == []
