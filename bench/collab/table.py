"""All servers through all workloads, interleaved, the median of the rounds; figures and ratios."""

import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from bench.collab import load
from bench.collab.workloads import ALL, CUTROOM, QUICK, Figures, Workload, measure, stalled

ROUNDS: Final = 1
SECONDS: Final = 4.0
QUICK_SECONDS: Final = 2.0
RATIOS_KEY: Final = "times_better_than"
LESS_IS_BETTER: Final = ("_ms", "_mb", "_connection")
RATIOS: Final = {
    "D": ("join_p50_ms", "together_ms", "join_cpu_ms", "together_cpu_ms", "document_mb"),
}


def measured(*, quick: bool = False, rounds: int = ROUNDS) -> dict[str, object]:
    """Rows by name: figures of each server, and how many times better Cutroom is."""
    load.build()
    rows = QUICK if quick else (*ALL, stalled())
    rounds, seconds = (1, QUICK_SECONDS) if quick else (rounds, SECONDS)
    found = {row.name: _row(row, rounds, seconds) for row in rows}
    return {**found, "rooms of three": _small_rooms(found)}


def _small_rooms(found: Mapping[str, dict[str, object]]) -> dict[str, object]:
    """The most rooms per core that each server has carried in any of the rows C."""
    best: dict[str, float] = {}
    for name, row in found.items():
        for server, figures in _servers(row) if name[0] == "C" else ():
            best[server] = max(best.get(server, 0.0), figures["rooms_per_core"])
    servers: dict[str, Figures] = {
        server: {"rooms_per_core": value} for server, value in best.items()
    }
    peers = [server for server in servers if server != CUTROOM]
    return {
        **servers,
        RATIOS_KEY: {
            f"rooms_per_core {peer}": _ratio(servers[CUTROOM], servers[peer], "rooms_per_core")
            for peer in peers
        },
        "load_average": round(os.getloadavg()[0], 1),
    }


def _row(row: Workload, rounds: int, seconds: float) -> dict[str, object]:
    names = (CUTROOM, *row.against)
    seen: dict[str, list[Figures]] = {name: [] for name in names}
    loads: list[float] = []
    for _ in range(rounds):
        for name in names:
            try:
                seen[name].append(measure(row, name, seconds=seconds))
            except RuntimeError as error:  # a peer that cannot: that is a result too
                print(f"{row.name}: {name}: {error}", file=sys.stderr, flush=True)
            loads.append(os.getloadavg()[0])
            time.sleep(0.5)
    servers = {name: _median(found) for name, found in seen.items() if found}
    figures = RATIOS.get(row.name, (row.figure,))
    ratios = {
        f"{figure} {name}": _ratio(servers[CUTROOM], servers[name], figure)
        for figure in figures
        for name in row.against
        if name in servers
    }
    told: dict[str, object] = {**servers, RATIOS_KEY: ratios}
    told["load_average"] = round(statistics.median(loads), 1)
    print(_line(row.name, row.figure, servers), file=sys.stderr, flush=True)
    return told


def _median(rounds: Sequence[Figures]) -> Figures:
    return {key: round(statistics.median(found[key] for found in rounds), 4) for key in rounds[0]}


def _ratio(ours: Figures, theirs: Figures, figure: str) -> float:
    a, b = ours[figure], theirs[figure]
    if figure.endswith(LESS_IS_BETTER):
        a, b = b, a
    return round(a / b, 2) if b else 0.0


def _line(name: str, figure: str, servers: Mapping[str, Figures]) -> str:
    values = "  ".join(f"{server} {found[figure]:g}" for server, found in servers.items())
    return f"{name:10} {figure:22} {values}"


def _servers(row: Mapping[str, object]) -> list[tuple[str, Figures]]:
    return [
        (server, cast("Figures", figures))
        for server, figures in row.items()
        if isinstance(figures, dict) and server != RATIOS_KEY
    ]


def table(found: Mapping[str, object]) -> str:
    """The rows as text, with the ratios beside."""
    lines: list[str] = []
    for name, told in found.items():
        row = cast("dict[str, Any]", told)
        lines.append(f"{name}   (load {row['load_average']})")
        lines += [f"    {server:18} {_told(figures)}" for server, figures in _servers(row)]
        for ratio, value in cast("Figures", row[RATIOS_KEY]).items():
            figure, _, peer = ratio.rpartition(" ")
            lines.append(f"      {value:6.2f}x {peer} in {figure}")
    return "\n".join(lines)


def _told(figures: Figures) -> str:
    if "states_per_cpu_second" not in figures:
        return "  ".join(f"{key} {value:g}" for key, value in figures.items())
    kinds = [kind for kind in ("presence", "edit", "ack") if figures.get(f"{kind}_p99_ms")]
    latencies = "  ".join(
        f"{kind} {figures[f'{kind}_p50_ms']:.1f}/{figures[f'{kind}_p99_ms']:.1f} ms"
        for kind in kinds
    )
    return (
        f"{figures['states_per_cpu_second']:11,.0f} states/CPU-s  {figures['core_share']:5.0%} of a core  "
        f"{figures['delivered_share']:7.2%} delivered  {latencies}  {figures['rss_mb']:.0f} MB"
    )
