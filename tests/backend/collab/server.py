"""A server of rooms alone, for tests: real sockets, real SQLite, a small access list.

As a program it reads folders from stdin and serves each in a process that tests kill.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI
from sqlalchemy import create_engine

from backend.auth.roles import Role
from backend.collab.access import AccessDenied
from backend.collab.handshake import Handshake
from backend.collab.lease import NodeLease, Owner
from backend.collab.marks import RelayMarks
from backend.collab.port import port_bridge
from backend.collab.relay import Relay
from backend.collab.rooms import RoomsSettings
from backend.collab.seeds import seed_entry
from backend.collab.service import CollabService
from backend.collab.socket import NO_ACCESS, NO_PROJECT, NOT_SIGNED_IN, Admission
from backend.collab.store import SqlLog
from backend.collab.tables import CollabHeadRow
from backend.db.metadata import Row
from kit.clock import SystemClock
from kit.event_bus import LocalBus
from kit.folder_store import FolderStore
from kit.ids import random_id
from timeline.model import Json

TOKENS: dict[str, tuple[str, Role]] = {
    **{f"{name}-token": (name, "editor") for name in ("ann", "bea", "cem", "dan")},
    **{f"e{number}": (f"editor-{number}", "editor") for number in range(100)},
    "vic-token": ("vic", "viewer"),
}


@dataclass
class ListedAccess:
    """Tokens of a list; `ended` ones are over, `roles` overrules, `gone` projects are deleted."""

    ended: set[str] = field(default_factory=set[str])
    outside: set[str] = field(default_factory=set[str])
    gone: set[str] = field(default_factory=set[str])
    roles: dict[str, Role] = field(default_factory=dict[str, Role])
    ends_in: dict[str, float] = field(default_factory=dict[str, float])

    def refusal(self, handshake: Handshake) -> HTTPStatus | None:
        foreign = handshake.token is None and handshake.origin == "http://evil.example"
        return HTTPStatus.FORBIDDEN if foreign else None

    async def admit_all(self, handshakes: Sequence[Handshake]) -> list[Admission | AccessDenied]:
        return [self._admit(handshake) for handshake in handshakes]

    def _admit(self, handshake: Handshake) -> Admission | AccessDenied:
        token = handshake.token or ""
        if token not in TOKENS or token in self.ended:
            return AccessDenied(NOT_SIGNED_IN)
        if handshake.project_id in self.gone:
            return AccessDenied(NO_PROJECT)
        person, role = TOKENS[token]
        if person in self.outside:
            return AccessDenied(NO_ACCESS)
        return Admission(
            person,
            handshake.project_id,
            self.roles.get(person, role),
            ends_in=self.ends_in.get(token),
            names=frozenset({("user", person)}),
        )


class Unlisted:
    """Projects without rows: nobody lists them here."""

    async def edited(self, names: Mapping[str, Json]) -> None:
        pass


@dataclass
class Running:
    service: CollabService
    access: ListedAccess
    bus: LocalBus
    log: SqlLog
    port: int
    lease: NodeLease | None = None

    def url(self, project: str, token: str, *, ack: bool = False) -> str:
        return f"ws://127.0.0.1:{self.port}/collab/{project}?token={token}" + (
            "&ack=1" if ack else ""
        )

    def begin(self, project: str | None = None) -> str:
        """A new, seeded project; its id."""
        project = project or random_id("prj")
        seed = seed_entry(project, "Film", width=1920, height=1080, fps_num=30, fps_den=1)
        self.log.begin(project, [seed])
        return project


def open_log(folder: Path, url: str | None = None, owner: Owner | None = None) -> SqlLog:
    """A log with its tables alone; in SQLite in that folder unless another database is named."""
    url = url or f"sqlite:///{folder / 'cutroom.db'}"
    engine = create_engine(url)
    tables = [table for name, table in Row.metadata.tables.items() if name.startswith("collab_")]
    Row.metadata.create_all(engine, tables=tables)
    engine.dispose()
    return SqlLog(url, FolderStore(folder / "objects"), SystemClock(), owner)


@asynccontextmanager
async def running(
    folder: Path,
    settings: RoomsSettings | None = None,
    *,
    port: int = 0,
    is_node: bool = False,
    **options: Any,
) -> AsyncGenerator[Running]:
    """A server on a free port of this machine; a node shares the folder with others."""
    listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
    clock = SystemClock()
    lease, relay = None, None
    if is_node:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        lease = NodeLease(f"sqlite:///{folder / 'cutroom.db'}", clock, address)
        relay = Relay(RelayMarks([b"a key of the tests"], clock))
    log = open_log(folder, owner=lease)
    access, bus = ListedAccess(), LocalBus()
    service = CollabService(log, access, Unlisted(), bus, clock, settings, lease=lease, relay=relay)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await service.start()
        yield
        await service.stop()

    config = uvicorn.Config(
        FastAPI(lifespan=lifespan),
        ws=port_bridge(service.door),
        log_level="warning",
        timeout_graceful_shutdown=5,
        **options,
    )
    server = uvicorn.Server(config)
    with contextlib.closing(log):
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        try:
            yield Running(service, access, bus, log, listener.getsockname()[1], lease)
        finally:
            server.should_exit = True
            await serving


async def serve(folder: Path) -> None:
    async with running(folder) as server:
        if not await asyncio.to_thread(has_head, folder):
            server.begin("prj_main")
        print("ready", os.getpid(), server.port, flush=True)  # noqa: T201
        await asyncio.Event().wait()


def has_head(folder: Path) -> bool:
    engine = create_engine(f"sqlite:///{folder / 'cutroom.db'}")
    with engine.connect() as connection:
        found = connection.execute(CollabHeadRow.__table__.select()).first() is not None
    engine.dispose()
    return found


def serve_again_and_again() -> None:
    """A process of its own for each folder that a line names: loaded once, so that it starts at once."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while line := sys.stdin.readline():
        if os.fork() == 0:
            sys.stdin.close()
            uvloop.run(serve(Path(line.strip())))


if __name__ == "__main__":
    serve_again_and_again()
