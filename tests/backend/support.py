"""A server in the test's own process: real SQLite, real folder store, no network."""

import asyncio
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr

from backend.auth.local_owner import ensure_local_owner
from backend.auth.passwords import PasswordChecker
from backend.db.migrations import migrate
from backend.db.session import Database
from backend.main import Parts, create_app
from backend.payments.gateway import RazorpayKeys
from backend.settings import Settings
from kit.clock import Clock, SystemClock
from kit.event_bus import EventBus, LocalBus
from kit.folder_store import FolderStore

BOOTSTRAP = "a-bootstrap-token-of-the-tests"
PASSWORD = "quiet-otter-17"  # noqa: S105 - of people who exist in tests only
ADDRESS = "http://cutroom.test"
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def settings_for(folder: Path, **chosen: Any) -> Settings:
    return Settings(
        data_dir=folder,
        secret_key=SecretStr("s" * 32),
        bootstrap_token=SecretStr(BOOTSTRAP),
        web_dir=folder / "web",
        **chosen,
    )


def migrated_database(folder: Path, bus: EventBus | None = None) -> Database:
    """A fresh database of this version; the tables are made once per test run and copied."""
    settings = settings_for(folder)
    folder.mkdir(parents=True, exist_ok=True)
    template = folder.parent / "template.db"
    if not template.exists():
        migrate(f"sqlite:///{template}")
    shutil.copy(template, folder / "cutroom.db")
    return Database(settings.sqlalchemy_url, bus or LocalBus())


def empty_database(url: str, bus: EventBus | None = None) -> Database:
    """A database elsewhere that has nothing in it, brought to this version."""
    migrate(url)
    return Database(url, bus or LocalBus())


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in with an account of their own: cookie jar, id, own workspace."""

    client: httpx.AsyncClient
    id: str
    workspace: str
    email: str

    async def project(self, name: str = "Film") -> str:
        answer = await self.client.post("/api/v1/projects", json={"name": name})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


class TestServer:
    """An app whose lifespan runs, and people who use it."""

    __test__ = False

    def __init__(self, app: FastAPI, parts: Parts) -> None:
        self.app = app
        self.parts = parts
        self._clients: list[httpx.AsyncClient] = []

    def client(self, **headers: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=ADDRESS, headers=headers
        )
        self._clients.append(client)
        return client

    def owner(self) -> httpx.AsyncClient:
        """A program with the bootstrap token."""
        return self.client(Authorization=f"Bearer {BOOTSTRAP}")

    async def person(self, name: str = "asha") -> Person:
        client = self.client()
        body = {"email": f"{name}@example.com", "password": PASSWORD, "name": name.title()}
        made = await client.post("/api/v1/accounts", json=body)
        assert made.status_code == 201, made.text
        signed = await client.post(
            "/api/v1/session", json={"email": body["email"], "password": PASSWORD}
        )
        assert signed.status_code == 200, signed.text
        me = signed.json()
        return Person(client, me["id"], me["workspaces"][0]["id"], body["email"])

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def running_server(
    folder: Path,
    *,
    clock: Clock | None = None,
    razorpay: RazorpayKeys | None = None,
    **chosen: Any,
) -> AsyncGenerator[TestServer]:
    """A server on a fresh folder, or on `database_url`; stopped, its database closed, at the end."""
    data = folder / "data"
    bus, settings = LocalBus(), settings_for(data, **chosen)
    database = (
        await asyncio.to_thread(empty_database, settings.sqlalchemy_url, bus)
        if settings.database_url
        else migrated_database(data, bus)
    )
    parts = Parts(
        settings=settings,
        database=database,
        bus=bus,
        store=FolderStore(data / "objects"),
        clock=clock or SystemClock(),
        razorpay=razorpay,
    )
    with database.write_in_thread() as session:
        ensure_local_owner(session, now=parts.clock.now())
    app = create_app(parts)
    app.state.passwords = PasswordChecker(QUICK_HASHER)
    async with app.router.lifespan_context(app):
        server = TestServer(app, parts)
        try:
            yield server
        finally:
            await server.close()


@asynccontextmanager
async def listening(server: TestServer) -> AsyncGenerator[str]:
    """The app on a loopback port, for what the in-process transport cannot do; answers the address."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen()
    config = uvicorn.Config(
        server.app, lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1
    )
    web = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(web._serve([sock]))  # pyright: ignore[reportPrivateUsage] - without its signals
        try:
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.app.state.stopping.set()
            web.should_exit = True
