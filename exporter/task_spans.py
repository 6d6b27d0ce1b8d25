"""Attempts at tasks as spans, in the trace of the click that ordered them [operations-O5]."""

from contextlib import AbstractContextManager
from typing import Final

from kit.tracing import Span, named_span_id, span, with_span_id
from timeline.jobs import ExportJob, Lease

FIRST_FENCE: Final = 1


def lease_span(lease: Lease) -> AbstractContextManager[Span]:
    """One attempt; a later one is linked to the first, whose id follows from the task alone."""
    task, job = lease.task, lease.job
    first = with_span_id(job.traceparent, _span_id(task.id, FIRST_FENCE))
    return span(
        f"task.{task.kind}",
        parent=job.traceparent,
        links=(first,) if lease.fence != FIRST_FENCE else (),
        span_id=_span_id(task.id, lease.fence),
        task_id=task.id,
        attempt=lease.attempt,
        worker=lease.worker,
        job=job.id if isinstance(job, ExportJob) else job.asset_id,
    )


def _span_id(task_id: str, fence: int) -> str:
    return named_span_id(task_id, str(fence))
