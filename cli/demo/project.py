"""The sample project itself, without the paint: found by its name, else made, empty."""

from collections.abc import Mapping
from typing import Any, Final, cast

import httpx

from cli.demo.storyboard import HEIGHT, RATE, WIDTH
from cli.errors import CommandFailed

API: Final = "/api/v1"
PROJECT_NAME: Final = "Sample: One city, one day"

Row = Mapping[str, Any]


def found_or_made(client: httpx.Client) -> str:
    """The id of the caller's sample project; CommandFailed names the call that was refused."""
    for project in body_of(client.get(f"{API}/projects", params={"limit": 200}))["items"]:
        if project["name"] == PROJECT_NAME:
            return str(project["id"])
    wanted = {"name": PROJECT_NAME, "width": WIDTH, "height": HEIGHT, "fps": RATE}
    return str(body_of(client.post(f"{API}/projects", json=wanted))["id"])


def body_of(answer: httpx.Response) -> Row:
    if answer.is_success:
        return cast("Row", answer.json())
    told: Row = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    detail = str(told.get("detail") or told.get("title") or answer.reason_phrase)
    raise CommandFailed(
        f"the sample film was refused ({answer.status_code} {detail})", answer.request.url.path
    )
