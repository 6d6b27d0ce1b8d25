"""Names that lead elsewhere, and bytes that would like to be a page: what people get is a name and a picture."""

import random

import pytest

from tests.backend.assets.test_assets import png, send
from tests.backend.support import TestServer

PARTS = (
    *("..", "/", "\\", "C:", "%2e%2e%2f", "\u202e", "\u2066", "\u200b", "\x7f", "'", '"', ";", "|"),
    *(
        "$(x)",
        "`x`",
        "-rf",
        ".",
        " ",
        "name",
        "ä",
        "日本",
        "😀",
        "<b>",
        "&",
        "\t",
        "filename*=",
        "=?",
    ),
)
FORBIDDEN = frozenset("/\\\0\r\n\u202e\u2066")


def names(count: int) -> list[str]:
    dice = random.Random(20260901)
    made = ["".join(dice.choices(PARTS, k=dice.randint(1, 8))) for _ in range(count)]
    return [f"{name}.png" for name in made]


@pytest.mark.rule("assets-U6")
async def test_two_hundred_file_names_lead_nowhere_and_open_no_header(server: TestServer) -> None:
    asha = await server.person()
    before = {item.key for item in server.parts.store.list("")}
    for number, name in enumerate(names(200)):
        answer = await send(asha, png(number % 250), name, None)
        assert answer.status_code == 201, (name, answer.text)
        told = str(answer.json()["name"])
        assert not FORBIDDEN & set(told), name
    keys = {item.key for item in server.parts.store.list("")} - before
    assert all(key.startswith("originals/") for key in keys)
    assert not any("name" in key or ".." in key for key in keys)


@pytest.mark.rule("assets-U5")
async def test_a_picture_that_is_a_page_too_is_served_as_a_picture(server: TestServer) -> None:
    asha = await server.person()
    page = png() + b"<html><script>fetch('/api/v1/me')</script></html>"
    made = await send(asha, page, "page.html", None)
    assert made.status_code == 201, made.text
    answer = await asha.client.get(f"/api/v1/assets/{made.json()['id']}/content")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
