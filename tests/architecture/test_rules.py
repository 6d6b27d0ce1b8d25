"""Every rule of a SPEC.md has a test that names it, and every name in a test is a rule."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
TITLE: Final = re.compile(r"^# (?P<page>[a-z-]+): rules$", re.MULTILINE)
RULE: Final = re.compile(r"^- \*\*(?P<rule>[A-Z]+[0-9]+[a-z]?)\*\*", re.MULTILINE)
MARK: Final = re.compile(r"pytest\.mark\.rule\((?P<ids>[^)]*)\)")
WEB: Final = re.compile(
    r"""(?:it|test)(?:\.\w+)*\(\s*["'`](?P<ids>[a-z-]+-[A-Z]+[0-9]+[a-z]?(?:,? [a-z-]+-[A-Z]+[0-9]+[a-z]?)*):"""
)
ID: Final = re.compile(r"[a-z]+(?:-[a-z]+)*-[A-Z]+[0-9]+[a-z]?")
OUTSIDE: Final = ("node_modules", ".venv", ".tools", "dist", "data")


def found(pattern: str) -> list[Path]:
    return [
        path
        for path in ROOT.glob(pattern)
        if not any(part in OUTSIDE for part in path.relative_to(ROOT).parts)
    ]


def stated() -> set[str]:
    rules: set[str] = set()
    for path in found("**/SPEC.md"):
        text = path.read_text()
        title = TITLE.search(text)
        assert title, f"{path.relative_to(ROOT)} has no title of the form `# page: rules`"
        rules |= {f"{title['page']}-{rule}" for rule in RULE.findall(text)}
    return rules


def named() -> set[str]:
    ids: set[str] = set()
    for path in found("tests/**/*.py"):
        for mark in MARK.finditer(path.read_text()):
            ids |= set(ID.findall(mark["ids"]))
    for pattern in ("editor-web/**/*.ts", "editor-web/**/*.tsx"):
        for path in found(pattern):
            for mark in WEB.finditer(path.read_text()):
                ids |= set(ID.findall(mark["ids"]))
    for path in found("tests/golden/**/*.json"):
        ids |= set(re.findall(r'"rule": "([a-z-]+-[A-Z]+[0-9]+[a-z]?)"', path.read_text()))
    return ids


def test_every_rule_has_a_test() -> None:
    assert sorted(stated() - named()) == []


def test_every_named_rule_is_stated() -> None:
    assert sorted(named() - stated()) == []
