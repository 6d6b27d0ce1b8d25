"""What every request meets: trace, headers, problems, origins, limits, the editor's page, health."""

import re
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import SecretStr

from backend.door.health import Readiness
from backend.door.readiness import readiness_checks
from backend.door.trace import CSP
from kit.clock import ManualClock
from kit.event_bus import LocalBus
from tests.backend.support import ADDRESS, TestServer, running_server
from tests.numbers import numbers

DOCS_UI = Path(__file__).parents[3] / "editor-web" / "build" / "docs-ui"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.rule("door-D1", "auth-A9")
async def test_every_answer_carries_a_trace_id_and_the_security_headers(server: TestServer) -> None:
    client = server.client()
    for path in ("/healthz", "/api/v1/me", "/api/v1/nowhere", "/api/openapi.json"):
        answer = await client.get(path)
        assert len(answer.headers["x-trace-id"]) == 32
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "same-origin"
    traced = await client.get(
        "/healthz", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    )
    assert traced.headers["x-trace-id"] == TRACE


@pytest.mark.rule("door-D2")
async def test_every_error_is_a_problem(server: TestServer) -> None:
    asha = await server.person()
    for answer, status in (
        (await server.client().get("/api/v1/me"), 401),
        (await asha.client.get("/api/v1/projects/prj_none"), 404),
        (await asha.client.get("/api/v1/nowhere"), 404),
        (await asha.client.put("/api/v1/me"), 405),
        (await asha.client.post("/api/v1/projects", json={"name": 7, "width": -1}), 422),
        (
            await asha.client.post(
                "/api/v1/projects", content=b"{", headers={"content-type": "application/json"}
            ),
            400,
        ),
    ):
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert (body["status"], body["instance"]) == (status, answer.request.url.path)
        assert body["type"].startswith("/problems/")
        assert body["title"]
        assert body["detail"]
    wrong = (await asha.client.post("/api/v1/projects", json={"name": 7, "width": -1})).json()
    assert {item["field"] for item in wrong["errors"]} == {"name", "width"}


class BrokenSeeder:
    async def seed(self, *_: object, **__: object) -> None:
        raise ZeroDivisionError("secret inside")


@pytest.mark.rule("door-D2")
async def test_what_breaks_inside_is_not_told(server: TestServer) -> None:
    asha = await server.person()
    server.app.state.documents = BrokenSeeder()
    answer = await asha.client.post("/api/v1/projects", json={"name": "Film"})
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
    assert "secret" not in answer.text
    assert answer.headers["x-trace-id"]


@pytest.mark.rule("auth-A4")
@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": ADDRESS}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
async def test_an_unsafe_request_with_a_cookie_must_come_from_our_pages(
    server: TestServer, headers: dict[str, str], passes: bool
) -> None:
    asha = await server.person()
    answer = await asha.client.post("/api/v1/projects", json={"name": "Film"}, headers=headers)
    assert answer.status_code == (201 if passes else 403)
    token = await server.owner().post("/api/v1/projects", json={"name": "Film"}, headers=headers)
    assert token.status_code == 201


@pytest.mark.rule("auth-A4")
async def test_a_form_of_another_page_is_no_body_of_ours(server: TestServer) -> None:
    asha = await server.person()
    answer = await asha.client.post("/api/v1/projects", data={"name": "Film"})
    assert answer.status_code == 403


@pytest.mark.rule("auth-A10")
async def test_a_body_over_its_limit_is_413_also_when_its_length_is_not_told(
    server: TestServer,
) -> None:
    asha = await server.person()
    big = b'{"name": "' + b"x" * (1 << 20) + b'"}'

    async def chunks() -> AsyncGenerator[bytes]:
        yield big[: 1 << 19]
        yield big[1 << 19 :]

    json_type = {"content-type": "application/json"}
    told = await asha.client.post("/api/v1/projects", content=big, headers=json_type)
    untold = await asha.client.post("/api/v1/projects", content=chunks(), headers=json_type)
    assert (told.status_code, untold.status_code) == (413, 413)


@pytest.mark.rule("auth-A10")
async def test_a_caller_that_asks_too_fast_is_429_and_others_are_not(tmp_path: Path) -> None:
    async with running_server(tmp_path, clock=ManualClock()) as server:
        asha, ravi = await server.person("asha"), await server.person("ravi")
        answers = [await asha.client.delete("/api/v1/uploads/as_x") for _ in range(251)]
        assert [answer.status_code for answer in answers] == [412] * 250 + [429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert (await ravi.client.delete("/api/v1/uploads/as_x")).status_code == 412


@pytest.mark.rule("door-D3")
async def test_the_page_answers_every_address_of_the_editor(server: TestServer) -> None:
    web = server.parts.settings.web_dir
    assert web is not None
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html>page")
    (web / "assets" / "app-abc.js").write_text("plain")
    (web / "assets" / "app-abc.js.br").write_bytes(b"packed")
    (web.parent / "secret.txt").write_text("secret")
    client = server.client()
    for path in ("/", "/p/prj_1", "/new", "/signin", "/share", "/join", "/w/ws_1/credits"):
        page = await client.get(path)
        assert (page.status_code, page.text) == (200, "<!doctype html>page")
        assert page.headers["cache-control"] == "no-cache"
    packed = await client.get("/assets/app-abc.js", headers={"Accept-Encoding": "br"})
    assert packed.headers["content-encoding"] == "br"
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["content-type"].startswith("text/javascript")
    plain = await client.get("/assets/app-abc.js", headers={"Accept-Encoding": "identity"})
    assert plain.text == "plain"
    for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/assets/none.js", "/.hidden.js"):
        assert (await client.get(path)).status_code == 404
    assert (await client.get("/api/v2/me")).headers["content-type"] == "application/problem+json"
    again = await client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.rule("door-D4")
async def test_the_api_describes_itself(server: TestServer) -> None:
    client = server.client()
    described = (await client.get("/api/openapi.json")).json()
    assert "/api/v1/projects/{project_id}/exports" in described["paths"]


@pytest.mark.rule("door-D4", "auth-A9")
async def test_the_page_of_the_api_needs_no_other_host(server: TestServer) -> None:
    web = server.parts.settings.web_dir
    assert web is not None
    client = server.client()
    assert (await client.get("/api/docs")).status_code == 503  # the editor is not built yet
    shutil.copytree(DOCS_UI, web / "docs-ui")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        (web / "docs-ui" / name).write_text("from the package")
    page = await client.get("/api/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"] == CSP
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert "/docs-ui/start.js" in named
    for address in named:
        assert address == "data:," or re.match(r"/[^/]", address), address
        if address != "data:,":
            assert (await client.get(address)).status_code == 200, address
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=", page.text)
    start = (await client.get("/docs-ui/start.js")).text
    assert '"/api/openapi.json"' in start
    assert "http" not in start + page.text


@pytest.mark.rule("door-D5")
async def test_health_names_the_parts_and_metrics_count(server: TestServer) -> None:
    client = server.client()
    assert (await client.get("/healthz")).status_code == 200
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["state"]) == (200, "ok")
    assert set(ready.json()["parts"]) >= {"database", "migrations", "store"}
    metrics = await client.get("/metrics")
    assert "cutroom_http_seconds_count" in metrics.text
    assert "cutroom_tasks" in metrics.text
    assert numbers(metrics.text)["cutroom_ready"] == 1


@pytest.mark.rule("door-D5")
async def test_metrics_ask_for_their_token_where_one_is_set(tmp_path: Path) -> None:
    async with running_server(tmp_path, metrics_token=SecretStr("count-me")) as server:
        client = server.client()
        assert (await client.get("/metrics")).status_code == 401
        allowed = await client.get("/metrics", headers={"Authorization": "Bearer count-me"})
        assert allowed.status_code == 200


@pytest.mark.rule("door-D5")
async def test_without_its_tables_a_server_is_not_ready(server: TestServer) -> None:
    with server.parts.database.write_in_thread() as session:
        session.connection().exec_driver_sql("update alembic_version set version_num = 'old'")
    assert numbers((await server.client().get("/metrics")).text)["cutroom_ready"] == 0
    ready = await server.client().get("/readyz")
    assert (ready.status_code, ready.json()["parts"]["migrations"]["state"]) == (503, "failed")


class _AwayBus(LocalBus):
    @property
    def is_up(self) -> bool:
        return False


@pytest.mark.rule("door-D5")
async def test_a_server_without_hints_from_others_is_degraded_and_goes_on(
    server: TestServer,
) -> None:
    parts = server.parts
    checks = readiness_checks(parts.database, parts.store, _AwayBus())
    server.app.state.readiness = Readiness(parts.clock, checks)
    ready = await server.client().get("/readyz")
    assert (ready.status_code, ready.json()["state"]) == (200, "degraded")
    assert ready.json()["parts"]["bus"] == {"state": "failed", "detail": "BusAway"}
