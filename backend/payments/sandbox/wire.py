"""A request and an answer, whatever server carries them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from backend.payments.sandbox.errors import Refused


@dataclass(frozen=True, slots=True)
class Asked:
    """`headers` have lower-case names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object; Refused for anything else."""
        if not self.body:
            return {}
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Refused("The request body is not valid JSON") from error
        if not isinstance(found, dict):
            raise Refused("The request body is not an object")
        return cast("dict[str, Any]", found)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def json_answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def asked(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Asked:
    address = urlsplit(target)
    return Asked(
        method,
        address.path,
        dict(parse_qsl(address.query, keep_blank_values=True)),
        {name.lower(): value for name, value in headers.items()},
        body,
    )
