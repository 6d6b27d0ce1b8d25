"""What `cutroom doctor` tells of one part."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["ok", "warning", "missing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`missing`: Cutroom does not do its work without it. What is not ok has a `remedy`."""

    part: str
    state: State
    detail: str
    remedy: str = ""
