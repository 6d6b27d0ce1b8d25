"""Edits over HTTP that reach a node which does not own the document: its owner answers them.

The request goes on as it came, credentials included, signed by us; the owner judges it anew. A
request is passed on once: an owner that has lost the document meanwhile says "try again".
"""

from collections.abc import Mapping
from typing import Final

import httpx
from fastapi import Request, Response

from backend.collab.errors import RoomUnavailable
from backend.collab.handshake import RELAY_HEADER
from backend.collab.log import OwnedElsewhere
from backend.collab.marks import RelayMarks
from kit.logs import bound_traceparent

ANSWER_SECONDS_MAX: Final = 60.0
CONNECT_SECONDS_MAX: Final = 2.0
LINES_MAX: Final = 50
# Of one line only; the client's own are the business of whoever it speaks to.
OF_A_LINE: Final = frozenset(
    ("connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
)
ANSWERED: Final = frozenset(
    ("content-disposition", "content-type", "etag", "location", "retry-after", "www-authenticate")
)


class Forwarder:
    """Passes requests on to other nodes; `close` at the end."""

    def __init__(self, marks: RelayMarks) -> None:
        self._marks = marks
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_SECONDS_MAX, connect=CONNECT_SECONDS_MAX),
            limits=httpx.Limits(max_connections=LINES_MAX),
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def answer(self, request: Request, error: Exception) -> Response:
        """The owner's answer to a request; raises RoomUnavailable."""
        if not isinstance(error, OwnedElsewhere):
            raise TypeError(type(error).__name__)
        subject = f"{request.method} {request.url.path}"
        if self._marks.is_ours(request.headers.get(RELAY_HEADER, ""), subject):
            raise RoomUnavailable
        query = f"?{request.url.query}" if request.url.query else ""
        try:
            answer = await self._client.request(
                request.method,
                f"{error.address}{request.url.path}{query}",
                headers=_sent(request.headers)
                | {RELAY_HEADER: self._marks.mark(subject), "traceparent": bound_traceparent()},
                content=await request.body(),
            )
        except httpx.HTTPError as fault:
            raise RoomUnavailable from fault
        headers = {name: answer.headers[name] for name in ANSWERED if name in answer.headers}
        return Response(answer.content, answer.status_code, headers)


def _sent(headers: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in headers.items() if name.lower() not in OF_A_LINE}
    return {**kept, "accept-encoding": "identity"}
