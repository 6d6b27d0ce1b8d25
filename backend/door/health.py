"""`/healthz`, `/readyz`, `/metrics`: outside of `/api/v1`, for operators [door-D5]."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from backend.auth.errors import NotSignedIn
from kit.clock import Clock
from kit.metrics import Metrics, may_read

READY_CACHED_SECONDS: Final = 5.0
CHECK_SECONDS_MAX: Final = 5.0
NEEDED: Final = frozenset(("database", "migrations", "store"))  # without these: 503

PartState: TypeAlias = Literal["ok", "degraded", "failed"]
Check: TypeAlias = Callable[[], Awaitable[str]]
"""Answers a word about a part that works (its version, its level); raises when it does not."""


@dataclass(slots=True)
class Readiness:
    """Asks every part at most each five seconds."""

    clock: Clock
    checks: Mapping[str, Check]
    _answer: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    _asked: float = float("-inf")

    async def parts(self) -> dict[str, dict[str, str]]:
        if self.clock.monotonic() - self._asked >= READY_CACHED_SECONDS:
            self._answer = {name: await _asked(check) for name, check in self.checks.items()}
            self._asked = self.clock.monotonic()
        return self._answer

    async def state(self) -> PartState:
        """`failed` without what is needed, `degraded` without anything else."""
        parts = await self.parts()
        failed = {name for name, part in parts.items() if part["state"] == "failed"}
        return "failed" if failed & NEEDED else "degraded" if failed else "ok"


async def _asked(check: Check) -> dict[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS_MAX):
            return {"state": "ok", "detail": await check()}
    except Exception as error:  # noqa: BLE001 - whatever a part raises is its state
        return {"state": "failed", "detail": type(error).__name__}


router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def is_alive() -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def is_ready(request: Request) -> JSONResponse:
    readiness: Readiness = request.app.state.readiness
    state = await readiness.state()
    return JSONResponse(
        {"state": state, "parts": await readiness.parts()},
        status_code=503 if state == "failed" else 200,
    )


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    wanted = request.app.state.settings.metrics_token.get_secret_value()
    if not may_read(request.headers.get("authorization", ""), wanted):
        raise NotSignedIn
    counted: Metrics = request.app.state.metrics
    readiness: Readiness = request.app.state.readiness
    more: Callable[[], Awaitable[Sequence[Metric]]] = request.app.state.more_metrics
    is_ready = GaugeMetricFamily(
        "cutroom_ready",
        "Whether the parts that nothing goes on without answer.",
        float(await readiness.state() != "failed"),
    )
    # A database that is away is told by the number above, and takes only its own numbers with it.
    read = await more() if is_ready.samples[0].value else ()
    return Response(counted.text([is_ready, *read]), media_type=CONTENT_TYPE_LATEST)
