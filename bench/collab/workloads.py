"""What is measured: rows of the table, each a workload that every server gets in turn.

A: presence in one room. B: edits in one room. C: rooms of three people, the product's own load.
D: joining a large document. E: memory of idle connections. F: time to the acknowledgement.
S: one reader that stops. Q: one edit in a quiet room.
"""

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bench.collab import load, servers
from bench.collab.documents import document_update
from bench.collab.servers import Served

Figures = dict[str, float]
CUTROOM: Final = "cutroom"
HOCUSPOCUS: Final = "hocuspocus"
PEERS: Final = (HOCUSPOCUS, "y-websocket", "pycrdt-websocket")
LARGE: Final = 5000
SERIAL_JOINS: Final = 10
JOINS_TOGETHER: Final = 30
DELIVERED_MIN: Final = 0.9  # a server that leaves out more does not carry these rooms


@dataclass(frozen=True, slots=True)
class Workload:
    """`rooms` are sizes; `against` the peers that take part; `figure` is what the ratio compares."""

    name: str
    kind: Literal["live", "join", "idle"]
    rooms: Sequence[int]
    figure: str
    clips: int = 0
    options: Sequence[str] = ()
    against: Sequence[str] = PEERS
    ack: bool = False


def presence(people: int, *, hz: float = 25, against: Sequence[str] = PEERS) -> Workload:
    name = f"A{people}" + ("q" if hz < 25 else "")
    options = ("--presence", str(hz))
    return Workload(name, "live", [people], "states_per_cpu_second", 200, options, against)


def small_rooms(rooms: int, *, against: Sequence[str] = PEERS) -> Workload:
    options = ("--presence", "25", "--edits", "5")
    return Workload(f"C{rooms}", "live", [3] * rooms, "rooms_per_core", 200, options, against)


def editing(
    name: str, *options: str, ack: bool = False, against: Sequence[str] = PEERS
) -> Workload:
    options = ("--edits", "8", *options)
    return Workload(name, "live", [50], "states_per_cpu_second", 200, options, against, ack)


ONLY_US: Final[Sequence[str]] = ()
NODE: Final = PEERS[:2]

QUICK: Final = (
    presence(50, against=[HOCUSPOCUS]),
    editing("B50 drag", against=[HOCUSPOCUS]),
    small_rooms(40, against=[HOCUSPOCUS]),
    Workload(
        "D", "join", [1 + SERIAL_JOINS + JOINS_TOGETHER], "join_p50_ms", LARGE, against=[HOCUSPOCUS]
    ),
)
ALL: Final = (
    presence(10, hz=1),
    presence(10),
    presence(50),
    presence(200, against=NODE),
    editing("B50 drag"),
    editing("B50 mixed", "--mixed"),
    small_rooms(40),
    small_rooms(100, against=NODE),
    small_rooms(230, against=ONLY_US),
    Workload("D", "join", [1 + SERIAL_JOINS + JOINS_TOGETHER], "join_p50_ms", LARGE),
    Workload("E", "idle", [3] * 333, "kb_per_connection"),
    editing("F", "--ack", ack=True, against=ONLY_US),
    Workload("Q", "live", [2], "edit_p50_ms", 200, ("--edits", "4")),
)


def stalled() -> Workload:
    options = ("--presence", "25", "--stall", "7")
    return Workload("S", "live", [50], "presence_p99_ms", 200, options, ONLY_US)


@contextmanager
def server(workload: Workload, name: str, rooms: Sequence[int], folder: Path) -> Generator[Served]:
    update = document_update(workload.clips)
    if name == CUTROOM:
        with servers.cutroom(folder, update, rooms, ack=workload.ack) as running:
            yield running
    else:
        with servers.peer(name, folder, update, rooms) as running:
            yield running


def measure(workload: Workload, name: str, *, seconds: float) -> Figures:
    """A fresh server under this workload."""
    with tempfile.TemporaryDirectory(prefix="cutroom-bench-") as folder:
        if workload.kind == "live":
            return _live(workload, name, Path(folder), seconds)
        if workload.kind == "join":
            return _join(workload, name, Path(folder))
        return _idle(workload, name, Path(folder))


def _live(workload: Workload, name: str, folder: Path, seconds: float) -> Figures:
    with server(workload, name, workload.rooms, folder) as running:
        options = [*workload.options, "--window", str(seconds)]
        found = load.run(running, "live", *options, framed=name == HOCUSPOCUS)
        found["rss_mb"] = round(running.rss_mb, 1)
    share = found["core_share"] if found["delivered_share"] >= DELIVERED_MIN else 1e9
    found["rooms_per_core"] = round(len(workload.rooms) / max(share, 1e-6), 1)
    return found


def _join(workload: Workload, name: str, folder: Path) -> Figures:
    with server(workload, name, workload.rooms, folder) as running:
        before = running.rss_mb
        first = Served(running.port, running.process, running.guests[:1], running.pids)
        with load.held(first, framed=name == HOCUSPOCUS):
            opened = running.rss_mb - before
            found = load.run(running, "join", *_joins(), framed=name == HOCUSPOCUS)
            found["document_mb"] = round(opened, 1)
            found["after_joins_mb"] = round(running.rss_mb - before, 1)
    return found


def _joins() -> list[str]:
    return ["--serial", str(SERIAL_JOINS), "--together", str(JOINS_TOGETHER)]


def _idle(workload: Workload, name: str, folder: Path) -> Figures:
    with server(workload, name, workload.rooms, folder) as running:
        base = running.rss_mb
        with load.held(running, framed=name == HOCUSPOCUS):
            grown = running.rss_mb - base
    connections = sum(workload.rooms)
    return {"base_mb": round(base, 1), "kb_per_connection": round(grown * 1024 / connections, 1)}
