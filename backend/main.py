"""The server as one ASGI app: what it is made of, in which order it starts and stops. No logic."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI

from backend.assets import renditions, texts, tus
from backend.assets import routes as asset_routes
from backend.assets.uploads import Uploads
from backend.auth import routes as auth_routes
from backend.auth.authenticator import Authenticator
from backend.auth.cookies import cookie_name
from backend.auth.limits import SignInLimits
from backend.auth.passwords import PasswordChecker
from backend.collab import routes as collab_routes
from backend.collab.access import ProjectRoomAccess
from backend.collab.service import CollabService
from backend.collab.store import SqlLog
from backend.db.session import Database
from backend.door import health
from backend.door.editor import EditorFiles
from backend.door.guard import Guard
from backend.door.health import Readiness
from backend.door.metrics import HttpMetrics
from backend.door.readiness import Engine, readiness_checks
from backend.door.trace import Trace
from backend.events import routes as event_routes
from backend.exports import routes as export_routes
from backend.exports.board import SqlBoard
from backend.exports.keeper import Keeper
from backend.exports.metrics import export_metrics
from backend.exports.service import BoardWork, RunningWork
from backend.problems import register_problems
from backend.projects import routes as project_routes
from backend.projects.service import EditedProjectRows
from backend.settings import Settings
from kit.background import Background
from kit.clock import Clock, SystemClock
from kit.event_bus import EventBus
from kit.object_store import ObjectStore
from timeline.jobs import JobBoard

API: Final = "/api/v1"
WEB_DIR: Final = Path(__file__).resolve().parent.parent / "editor-web" / "dist"


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the process; `cli/wiring.py` makes it, tests make their own.

    `make_engine` gets the board and gives the workers of this process, where it has any.
    """

    settings: Settings
    database: Database
    bus: EventBus
    store: ObjectStore
    clock: Clock = field(default_factory=SystemClock)
    make_engine: Callable[[JobBoard], Engine] | None = None


def create_app(parts: Parts) -> FastAPI:
    """Everything wired; nothing runs before the lifespan begins."""
    app = FastAPI(
        title="Cutroom",
        version="1",
        summary="The cutting room for generated video.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # `door/editor.py` has a page that needs no other host
        redoc_url=None,
        lifespan=_lifespan,
    )
    _provide(app, parts)
    register_problems(app)
    api = APIRouter(prefix=API)
    for router in (
        auth_routes.router,
        project_routes.router,
        asset_routes.router,
        renditions.router,
        tus.router,
        texts.router,
        event_routes.router,
        collab_routes.router,
        export_routes.router,
    ):
        api.include_router(router)
    app.include_router(api)
    app.include_router(health.router)
    app.router.default = EditorFiles(parts.settings.web_dir or WEB_DIR)
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
    state, settings, database, clock = app.state, parts.settings, parts.database, parts.clock
    state.settings, state.database, state.clock = settings, database, clock
    state.bus, state.store = parts.bus, parts.store
    state.background = Background()
    state.stopping = asyncio.Event()
    state.passwords = PasswordChecker()
    state.sign_in_limits = SignInLimits(clock)
    state.metrics = HttpMetrics()
    state.more_metrics = partial(export_metrics, database)
    state.authenticator = Authenticator(
        database,
        clock,
        bootstrap_token=settings.bootstrap_token.get_secret_value(),
        secret_keys=settings.secret_keys,
    )
    state.log = SqlLog(settings.sqlalchemy_url, parts.store, clock)
    state.collab = CollabService(
        state.log,
        ProjectRoomAccess(
            state.authenticator,
            database,
            clock,
            cookie_name=cookie_name(settings),
            public_url=settings.public_url,
        ),
        EditedProjectRows(database, clock),
        parts.bus,
        clock,
    )
    state.documents = state.collab
    state.board = SqlBoard(database, clock)
    state.engine = parts.make_engine(state.board) if parts.make_engine else None
    checks = readiness_checks(database, parts.store, state.engine)
    state.readiness = Readiness(clock, checks)
    state.asset_work = BoardWork()
    state.uploads = Uploads(settings.data_dir / "uploads")
    state.keeper = Keeper(state.board, database, clock, state.uploads)
    state.settled_assets = asset_routes.SettledAssets()
    state.event_streams = event_routes.EventStreams()
    state.progress_source = RunningWork(database)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Start in order, stop in the reverse one."""
    state = app.state
    async with AsyncExitStack() as stack:
        stack.push_async_callback(state.database.close)
        stack.callback(state.log.close)
        stack.push_async_callback(state.background.stop)
        await state.collab.start()
        stack.push_async_callback(state.collab.stop)
        state.keeper.start(state.background)
        if state.engine is not None:
            await asyncio.to_thread(state.board.take_back_all)
            state.engine.start()
            stack.push_async_callback(asyncio.to_thread, state.engine.stop)
            state.background.start("engine.carry", state.engine.carry())
        yield
