# pyright: basic
# Celery and kombu carry no types; this file alone imports them.
"""Celery as it carries work: one sentence a message, early acknowledged, no results [operations-W10].

Recovery is the business of our leases, so nothing here is ever asked what is true.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from celery import Celery
from celery.exceptions import OperationalError
from celery.worker import WorkController, state
from kombu.entity import Queue
from kombu.exceptions import OperationalError as BrokerError

from backend.exports.carrier import QUEUES, CarrierAway
from kit.tracing import span

RUN: Final = "cutroom.run"
CANARY: Final = "cutroom.canary"
TRACE_HEADER: Final = "traceparent"
VISIBILITY_SECONDS: Final = 86_400
SEND_SECONDS_MAX: Final = 2.0
CANARY_EXPIRES_SECONDS: Final = 60
STOP_SECONDS_MAX: Final = 10.0
SHARED_QUEUES: Final = tuple(sorted(set(QUEUES.values())))


def make_celery(redis_url: str) -> Celery:
    """The app that both sides use."""
    app = Celery("cutroom", broker=redis_url, set_as_current=False)
    app.conf.update(
        task_acks_late=False,
        task_ignore_result=True,
        result_backend=None,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "socket_keepalive": True,
            "socket_connect_timeout": SEND_SECONDS_MAX,
        },
        broker_connection_retry_on_startup=True,
        broker_pool_limit=4,
        accept_content=["json"],
        task_serializer="json",
        worker_send_task_events=True,
        task_send_sent_event=True,
        worker_hijack_root_logger=False,
        task_create_missing_queues=True,
        task_queues=[Queue(name) for name in SHARED_QUEUES],
        task_default_queue="plan",
    )
    return app


def canary_queue(worker: str) -> str:
    """The queue of one worker alone."""
    return f"canary.{worker}"


class CeleryCarrier:
    """The sending side."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def send(self, task_id: str, queue: str, traceparent: str) -> None:
        place = {"messaging.system": "redis", "messaging.destination.name": queue}
        with span("message.send", kind="producer", parent=traceparent, **place) as sent:
            headers = {TRACE_HEADER: sent.traceparent or traceparent}
            self._send(RUN, [task_id], queue, headers=headers)

    def send_canary(self, worker: str) -> None:
        self._send(CANARY, [], canary_queue(worker), expires=CANARY_EXPIRES_SECONDS)

    def _send(self, name: str, args: list[str], queue: str, **more: Any) -> None:
        try:
            self._app.send_task(name, args=args, queue=queue, retry=False, **more)
        except (OperationalError, BrokerError, OSError) as error:
            raise CarrierAway(str(error)) from error


def take_messages(
    app: Celery, on_task: Callable[[str], object], on_canary: Callable[[], object]
) -> None:
    """What a worker does with what the carrier brings."""

    @app.task(name=RUN, bind=True)
    def run(message: Any, task_id: str) -> None:
        traceparent = str((message.request.headers or {}).get(TRACE_HEADER, ""))
        with span("message.receive", kind="consumer", parent=traceparent):
            on_task(task_id)

    @app.task(name=CANARY)
    def canary() -> None:
        on_canary()


class CeleryWorker:
    """Consumes the shared queues and the worker's own; one thread a slot does what comes.

    On a thread of its own, so that the command keeps its signals and its way to stop.
    """

    def __init__(self, app: Celery, worker: str, slots: int) -> None:
        logging.getLogger("celery").setLevel(logging.WARNING)
        self._controller = WorkController(
            app=app,
            hostname=f"{worker}@cutroom",
            pool="threads",
            concurrency=slots,
            queues=[*SHARED_QUEUES, canary_queue(worker)],
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._thread = threading.Thread(target=self._controller.start, name="celery", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take no more messages and end; what a slot still does is not waited for."""
        state.should_stop = 0
        self._thread.join(STOP_SECONDS_MAX)
        state.should_stop = None
