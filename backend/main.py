"""The server as one ASGI app: what it is made of, in which order it starts and stops. No logic."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI

from backend.auth import routes as auth_routes
from backend.auth.authenticator import Authenticator
from backend.auth.limits import SignInLimits
from backend.auth.passwords import PasswordChecker
from backend.db.session import Database
from backend.door import health
from backend.door.editor import EditorFiles
from backend.door.guard import Guard
from backend.door.health import Readiness
from backend.door.metrics import HttpMetrics
from backend.door.readiness import readiness_checks
from backend.door.trace import Trace
from backend.problems import register_problems
from backend.projects import routes as project_routes
from backend.projects.seeding import DocumentSeeder, NullSeeder
from backend.settings import Settings
from kit.background import Background
from kit.clock import Clock, SystemClock
from kit.event_bus import EventBus
from kit.object_store import ObjectStore

API: Final = "/api/v1"
WEB_DIR: Final = Path(__file__).resolve().parent.parent / "editor-web" / "dist"


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the process; `cli/wiring.py` makes it, tests make their own."""

    settings: Settings
    database: Database
    bus: EventBus
    store: ObjectStore
    clock: Clock = field(default_factory=SystemClock)


def create_app(parts: Parts) -> FastAPI:
    """Everything wired; nothing runs before the lifespan begins."""
    app = FastAPI(
        title="Cutroom",
        version="1",
        summary="The cutting room for generated video.",
        openapi_url="/api/openapi.json",
        docs_url="/api/docs",
        redoc_url=None,
        lifespan=_lifespan,
    )
    _provide(app, parts)
    register_problems(app)
    api = APIRouter(prefix=API)
    api.include_router(auth_routes.router)
    api.include_router(project_routes.router)
    app.include_router(api)
    app.include_router(health.router)
    app.mount("/", EditorFiles(parts.settings.web_dir or WEB_DIR))
    app.add_middleware(
        Guard,
        settings=parts.settings,
        authenticator=app.state.authenticator,
        clock=parts.clock,
    )
    app.add_middleware(Trace, https=parts.settings.is_https, metrics=app.state.metrics)
    return app


def _provide(app: FastAPI, parts: Parts) -> None:
    """Hand the parts to the `XDep` aliases of the features."""
    seeder: DocumentSeeder = NullSeeder()
    state = app.state
    state.settings = parts.settings
    state.database = parts.database
    state.bus = parts.bus
    state.store = parts.store
    state.clock = parts.clock
    state.seeder = seeder
    state.background = Background()
    state.stopping = asyncio.Event()
    state.passwords = PasswordChecker()
    state.sign_in_limits = SignInLimits(parts.clock)
    state.metrics = HttpMetrics()
    state.more_metrics = _no_metrics
    state.readiness = Readiness(parts.clock, readiness_checks(parts.database, parts.store))
    state.authenticator = Authenticator(
        parts.database,
        parts.clock,
        bootstrap_token=parts.settings.bootstrap_token.get_secret_value(),
        secret_keys=parts.settings.secret_keys,
    )


async def _no_metrics() -> str:
    return ""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(app.state.database.close)
        stack.push_async_callback(app.state.background.stop)
        yield
