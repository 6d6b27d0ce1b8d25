"""The server as one ASGI app: what it is made of, in which order it starts and stops. No logic."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
from prometheus_client.metrics_core import Metric
from starlette.types import ASGIApp

from backend.assets import renditions, texts, tus
from backend.assets import routes as asset_routes
from backend.assets.uploads import Uploads
from backend.auth import account_routes, openid_routes
from backend.auth import routes as auth_routes
from backend.auth.authenticator import Authenticator
from backend.auth.cookies import cookie_name
from backend.auth.limits import SignInLimits
from backend.auth.openid_provider import OpenIdProvider
from backend.auth.passwords import PasswordChecker
from backend.collab import history_routes
from backend.collab import routes as collab_routes
from backend.collab.access import ProjectRoomAccess
from backend.collab.forward import Forwarder
from backend.collab.history import History
from backend.collab.lease import NodeLease
from backend.collab.log import OwnedElsewhere
from backend.collab.marks import RelayMarks
from backend.collab.meters import RoomMeters
from backend.collab.relay import Relay
from backend.collab.service import CollabService
from backend.collab.store import SqlLog
from backend.collab.version_keeper import VersionKeeper
from backend.comments import routes as comment_routes
from backend.credits import routes as credit_routes
from backend.credits.watch import LedgerWatch
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
from backend.exports.carrier import Carrier
from backend.exports.keeper import Keeper
from backend.exports.meters import BoardMeters
from backend.exports.metrics import export_metrics
from backend.exports.service import BoardWork, NoSegments, RunningWork
from backend.exports.workers import count_workers
from backend.payments import routes as payment_routes
from backend.payments.gateway import RazorpayKeys
from backend.payments.webhooks import inbox_metrics
from backend.payments.work import payment_mode_check, payment_work
from backend.problems import register_problems
from backend.projects import routes as project_routes
from backend.projects.service import EditedProjectRows
from backend.settings import Settings
from kit.background import Background
from kit.clock import Clock, SystemClock
from kit.event_bus import EventBus
from kit.mailer import Mailer, MailServer
from kit.metrics import Metrics
from kit.object_store import ObjectStore
from timeline.jobs import JobBoard

API: Final = "/api/v1"
WEB_DIR: Final = Path(__file__).resolve().parent.parent / "editor-web" / "dist"


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the process; `cli/wiring.py` makes it, tests make their own.

    `make_engine` gets the board and gives the workers of this process, where it has any; `carrier` tells those
    of other machines.
    `node_address` is where other nodes reach this one; empty for a process that is alone.
    `razorpay` are the keys to sell credits with, `sandbox_pages` its checkout when no money is real.
    """

    settings: Settings
    database: Database
    bus: EventBus
    store: ObjectStore
    clock: Clock = field(default_factory=SystemClock)
    metrics: Metrics = field(default_factory=Metrics)
    make_engine: Callable[[JobBoard], Engine] | None = None
    node_address: str = ""
    carrier: Carrier | None = None
    razorpay: RazorpayKeys | None = None
    sandbox_pages: ASGIApp | None = None


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
    app.add_exception_handler(OwnedElsewhere, app.state.forwarder.answer)
    api = APIRouter(prefix=API)
    for router in (
        auth_routes.router,
        account_routes.router,
        openid_routes.router,
        project_routes.router,
        asset_routes.router,
        renditions.router,
        tus.router,
        texts.router,
        event_routes.router,
        collab_routes.router,
        history_routes.router,
        comment_routes.router,
        credit_routes.router,
        export_routes.router,
        payment_routes.router,
    ):
        api.include_router(router)
    app.include_router(api)
    app.include_router(health.router)
    app.include_router(payment_routes.webhook_router)
    if parts.sandbox_pages is not None:
        app.mount("/sandbox", parts.sandbox_pages)
    app.router.default = EditorFiles(parts.settings.web_dir or WEB_DIR)
    app.add_middleware(
        Guard,
        settings=parts.settings,
        authenticator=app.state.authenticator,
        clock=parts.clock,
    )
    app.add_middleware(
        Trace,
        https=parts.settings.is_https,
        metrics=HttpMetrics(parts.metrics),
        takes_money=parts.settings.payment_mode != "sandbox",
    )
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
    state.openid = _openid(settings, clock)
    state.mailer = _mailer(settings, state.background)
    state.metrics = parts.metrics
    state.more_metrics = partial(_metrics, database, clock)
    meters = BoardMeters(parts.metrics)
    state.authenticator = Authenticator(
        database,
        clock,
        bootstrap_token=settings.bootstrap_token.get_secret_value(),
        secret_keys=settings.secret_keys,
    )
    marks = RelayMarks(settings.secret_keys, clock)
    lease = _node_lease(parts)
    state.forwarder = Forwarder(marks)
    state.log = SqlLog(settings.sqlalchemy_url, parts.store, clock, lease)
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
        lease=lease,
        relay=Relay(marks) if lease else None,
        meters=RoomMeters(parts.metrics),
    )
    state.documents = state.collab
    state.history = History(state.log, database, parts.store)
    state.version_keeper = VersionKeeper(database, clock)
    state.board = SqlBoard(database, clock, lease_seconds=settings.lease_seconds, meters=meters)
    state.ledger_watch = LedgerWatch(database)
    state.engine = parts.make_engine(state.board) if parts.make_engine else None
    checks = {
        **readiness_checks(
            database,
            parts.store,
            parts.bus,
            state.engine,
            partial(count_workers, database) if parts.carrier else None,
        ),
        "payments": payment_mode_check(parts.razorpay, settings.payment_mode),
    }
    state.segments = state.engine or NoSegments()
    state.readiness = Readiness(clock, checks)
    state.asset_work = BoardWork()
    state.work_of_payments = payment_work(database, parts.razorpay, clock)
    state.payments = state.work_of_payments.payments
    state.uploads = Uploads(settings.data_dir / "uploads")
    state.keeper = Keeper(
        database,
        clock,
        carrier=parts.carrier,
        uploads=state.uploads,
        lease_seconds=settings.lease_seconds,
        meters=meters,
    )
    state.settled_assets = asset_routes.SettledAssets()
    state.event_streams = event_routes.EventStreams()
    state.progress_source = RunningWork(database)
    _watch(parts, state.collab, state.ledger_watch)


def _watch(parts: Parts, collab: CollabService, ledger: LedgerWatch) -> None:
    """Numbers that are asked for whenever somebody looks."""
    for name, words, ask in (
        ("bus_up", "Whether hints of others arrive.", lambda: float(parts.bus.is_up)),
        ("rooms_open", "Documents that are open here.", collab.count_rooms),
        ("ws_connections", "Sockets of editors that are open here.", collab.count_sockets),
        ("document_bytes", "Size of the largest document open here.", collab.largest_bytes),
        ("ledger_mismatch", "What the last replay of the ledger found wrong.", ledger.mismatch),
    ):
        parts.metrics.watch(f"cutroom_{name}", words, ask)


async def _metrics(database: Database, clock: Clock) -> list[Metric]:
    return [*await export_metrics(database, clock), *await inbox_metrics(database, clock)]


def _openid(settings: Settings, clock: Clock) -> OpenIdProvider | None:
    """Whom people may sign in with besides us, where one is configured."""
    if not settings.openid_issuer:
        return None
    return OpenIdProvider(
        issuer=settings.openid_issuer,
        client_id=settings.openid_client_id,
        client_secret=settings.openid_client_secret.get_secret_value(),
        clock=clock,
    )


def _mailer(settings: Settings, background: Background) -> Mailer | None:
    """What hands mail in, where a server for it is configured."""
    url = settings.smtp_url.get_secret_value()
    if not url:
        return None
    return Mailer(MailServer.of(url), sender=settings.mail_from, background=background)


def _node_lease(parts: Parts) -> NodeLease | None:
    """What this node owns documents by, where there are others."""
    if not parts.node_address:
        return None
    return NodeLease(parts.settings.sqlalchemy_url, parts.clock, parts.node_address)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Start in order, stop in the reverse one."""
    state = app.state
    async with AsyncExitStack() as stack:
        stack.push_async_callback(state.database.close)
        stack.callback(state.log.close)
        stack.push_async_callback(state.forwarder.close)
        if state.openid is not None:
            stack.push_async_callback(state.openid.close)
        stack.push_async_callback(state.background.stop)
        await state.collab.start()
        stack.push_async_callback(state.collab.stop)
        state.background.start("versions.keep", state.version_keeper.run())
        state.ledger_watch.start(state.background)
        state.keeper.start(state.background, state.bus)
        state.work_of_payments.start(state.background)
        stack.push_async_callback(asyncio.to_thread, state.payments.stop)
        if state.engine is not None:
            await asyncio.to_thread(state.board.take_back_all)
            state.engine.start()
            stack.push_async_callback(asyncio.to_thread, state.engine.stop)
            state.background.start("engine.carry", state.engine.carry())
        yield
