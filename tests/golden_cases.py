"""Golden cases as pytest parameters; `--update-golden` writes what was answered into them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

GOLDEN: Final = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class GoldenCase:
    """One file of `tests/golden/<area>`; `then` is what both languages must answer."""

    path: Path
    rule: str
    given: dict[str, Any]
    when: dict[str, Any]
    then: Any

    def check(self, answered: Any, *, update: bool) -> None:
        """Compare as parsed JSON, or with `--update-golden` write the answer down."""
        plain = json.loads(json.dumps(answered, allow_nan=False))
        if update and plain != self.then:
            self.path.write_text(case_text(self.rule, self.given, self.when, plain))
            return
        assert plain == self.then


def case_text(rule: str, given: Any, when: Any, then: Any) -> str:
    case = {"rule": rule, "given": given, "when": when, "then": then}
    return json.dumps(case, indent=1, ensure_ascii=False) + "\n"


def golden_cases(area: str) -> list[Any]:
    """The cases of an area as parameters that carry their rule and their file's name."""
    return [_parameter(path) for path in sorted((GOLDEN / area).glob("*.json"))]


def _parameter(path: Path) -> Any:
    case = json.loads(path.read_text())
    golden = GoldenCase(path, case["rule"], case["given"], case["when"], case.get("then"))
    return pytest.param(golden, id=path.stem, marks=pytest.mark.rule(golden.rule))
