"""`cutroom work`: workers alone, for many machines; Celery carries the tasks here."""

import argparse
import itertools
import os
import platform
import secrets
import time
from collections.abc import Callable
from typing import Final

import structlog

from backend.db.session import DatabaseAway
from backend.exports.board import SqlBoard
from backend.exports.keeper import CANARY_SECONDS, PUMP_SECONDS, SWEEP_SECONDS, Keeper
from backend.exports.meters import BoardMeters
from backend.exports.workers import Worker, hide_worker, show_worker
from backend.settings import Settings
from cli.carriers import embedded_shop
from cli.celery_app import CeleryCarrier, CeleryWorker, make_celery, take_messages
from cli.errors import CommandFailed, ExitCode, Stopped
from cli.metrics_door import metrics_door
from cli.telemetry import tracing
from cli.wiring import cluster_bus, cluster_parts, read_cluster_settings
from cli.work_meters import WorkMeters
from exporter.worker import Hands
from kit.event_bus import EventBus
from kit.logs import configure_logs
from kit.metrics import Metrics

DRAIN_SECONDS: Final = 110.0
CANARY_SECONDS_MAX: Final = 90.0
SHOWN_SECONDS: Final = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--slots", type=int, metavar="N", help="tasks at a time (one per core)")
    parser.add_argument("--metrics", metavar="HOST:PORT", help="where to show numbers (nowhere)")


def run(arguments: argparse.Namespace) -> int:
    settings = read_cluster_settings(slots=arguments.slots, metrics_address=arguments.metrics)
    configure_logs(settings.log_format)
    metrics = Metrics()
    with (
        tracing("cutroom-work"),
        cluster_bus(settings) as bus,
        metrics_door(settings, metrics),
    ):
        _work(settings, bus, metrics)
    return ExitCode.DONE


def _work(settings: Settings, bus: EventBus, metrics: Metrics) -> None:
    parts = cluster_parts(settings, bus, metrics)
    meters = BoardMeters(metrics)
    shop = embedded_shop(settings.data_dir, parts.store, parts.clock, WorkMeters(metrics))
    worker = Worker(
        id=f"w{secrets.token_hex(6)}",
        host=platform.node(),
        slots=settings.slots or os.cpu_count() or 1,
        version=shop.ffmpeg.version,
        sandbox=shop.ffmpeg.level,
    )
    board = SqlBoard(
        parts.database, parts.clock, lease_seconds=settings.lease_seconds, meters=meters
    )
    hands = Hands(board, shop, worker.id)
    ears = Ears(hands, worker.slots)
    app = make_celery(settings.redis_url)
    take_messages(app, hands.do, ears.heard)
    celery = CeleryWorker(app, worker.id, worker.slots)
    keeper = Keeper(
        parts.database,
        parts.clock,
        carrier=CeleryCarrier(app),
        lease_seconds=settings.lease_seconds,
        meters=meters,
    )
    watch_worker(metrics, bus_is_up=lambda: bus.is_up, silent_seconds=ears.silent_seconds)
    show_worker(parts.database, worker)
    hands.start()
    celery.start()
    print(f"Cutroom works: {worker.slots} slots, ffmpeg {worker.version}", flush=True)
    try:
        _stay(lambda: show_worker(parts.database, worker), keeper, ears, bus)
    except Stopped:
        hands.close()
        show_worker(parts.database, worker, draining=True)
        hands.drained(DRAIN_SECONDS)
        raise
    finally:
        hands.stop()
        celery.stop()
        shop.ffmpeg.prober.close()
        hide_worker(parts.database, worker.id)


def watch_worker(
    metrics: Metrics, *, bus_is_up: Callable[[], bool], silent_seconds: Callable[[], float]
) -> None:
    """What is asked for whenever somebody looks at a worker's numbers."""
    metrics.watch("cutroom_bus_up", "Whether hints of others arrive.", lambda: float(bus_is_up()))
    metrics.watch("cutroom_canary_age_seconds", "Since a message last came.", silent_seconds)


class Ears:
    """Whether messages still reach this worker: a canary comes twice a minute, when a slot is free to hear it."""

    def __init__(self, hands: Hands, slots: int) -> None:
        self._hands = hands
        self._slots = slots
        self._heard_at = time.monotonic()

    def heard(self) -> None:
        self._heard_at = time.monotonic()

    def silent_seconds(self) -> float:
        """How long nothing was heard, or would have been."""
        return time.monotonic() - self._heard_at

    def are_deaf(self, *, broker_answers: bool) -> bool:
        if not broker_answers or self._hands.busy >= self._slots:
            self.heard()
        return self.silent_seconds() > CANARY_SECONDS_MAX


def _stay(show: Callable[[], None], keeper: Keeper, ears: Ears, bus: EventBus) -> None:
    """Keep order in turn with the other nodes until a signal comes, or no message reaches us any more."""
    beats = (
        (PUMP_SECONDS, keeper.pump),
        (SWEEP_SECONDS, keeper.sweep),
        (SHOWN_SECONDS, show),
        (CANARY_SECONDS, keeper.send_canaries),
    )
    log = structlog.stdlib.get_logger()
    for second in itertools.count(1):
        time.sleep(1.0)
        for every, act in beats:
            if second % round(every) == 0:
                try:
                    act()
                except DatabaseAway:
                    log.warning("database.away")
        if ears.are_deaf(broker_answers=bus.is_up):
            raise CommandFailed("no message arrives though Redis answers", "CUTROOM_REDIS_URL")
