"""What the export must show, as ratios, and whether the rows that were measured hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Row = Mapping[str, Any]
EDITED: Final = ("T30", "T10")
CUTS: Final = ("C30", "C10")
LONG: Final = ("long takes",)
ENCODED: Final = "cutroom: first, all encoded"
ADOPTED: Final = "cutroom: first, adopted GOP 60"
HOUSE: Final = "cutroom: first, house mezzanines"


@dataclass(frozen=True, slots=True)
class Must:
    """`who`'s figure beside that of the one ffmpeg command, or of another peer, is at most `most`."""

    films: tuple[str, ...]
    who: str
    figure: str
    most: float
    peer: str | None = None


MUSTS: Final = (
    Must(EDITED, ENCODED, "cpu", 0.85),
    Must(EDITED, ENCODED, "wall", 0.85),
    Must(EDITED, ENCODED, "memory", 0.35),
    Must(EDITED, ADOPTED, "wall", 0.55),
    Must(EDITED, HOUSE, "wall", 0.28),
    Must(EDITED, "cutroom: title edited", "wall", 0.025),
    Must(EDITED, "cutroom: shot slipped", "wall", 0.035),
    Must(EDITED, "cutroom: nothing changed", "wall", 0.005),
    Must(CUTS, ADOPTED, "cpu", 0.45),
    Must(CUTS, HOUSE, "cpu", 0.12),
    Must(LONG, ADOPTED, "cpu", 0.10),
    Must(EDITED, ENCODED, "cpu", 0.55, peer="melt"),
    Must(EDITED, ENCODED, "cpu", 0.40, peer="MoviePy"),
)


def shown(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each figure with its must; `is` None and `holds` None where a row is missing."""
    told: list[dict[str, Any]] = []
    for must in MUSTS:
        for film in must.films:
            found = _ratio(rows, film, must)
            beside = must.peer or "one ffmpeg command"
            holds = None if found is None else found <= must.most
            line = {"film": film, "who": must.who, "beside": beside, "figure": must.figure}
            told.append({**line, "must": must.most, "is": found, "holds": holds})
    return told


def _ratio(rows: Sequence[Row], film: str, must: Must) -> float | None:
    own = _row(rows, film, must.who)
    other = {f"{must.figure}_ratio": 1.0} if must.peer is None else _row(rows, film, must.peer)
    name = f"{must.figure}_ratio"
    return None if own is None or other is None else round(own[name] / other[name], 4)


def _row(rows: Sequence[Row], film: str, who: str) -> Row | None:
    """Melt has another name where it could draw no titles."""
    return next((r for r in rows if r["film"] == film and r["who"].startswith(who)), None)


def lines(told: Sequence[Row]) -> str:
    words = {True: "holds", False: "MISSED", None: "not measured"}
    return "\n".join(
        f"{t['film']:10} {t['who']:34} {t['figure']:6} <= {t['must']:<6} of {t['beside']:20}"
        f" {t['is'] if t['is'] is not None else '-':>7} {words[t['holds']]}"
        for t in told
    )
