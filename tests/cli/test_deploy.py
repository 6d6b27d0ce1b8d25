"""What operators start many machines from, held against the program itself."""

import argparse
import importlib
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from backend.settings import Settings
from cli.commands.work import watch_worker
from cli.work_meters import WorkMeters
from kit.measured_store import measured_store
from kit.memory_store import MemoryStore
from kit.metrics import Metrics
from tests.backend.support import running_server

ROOT: Final = Path(__file__).resolve().parents[2]
DEPLOY: Final = ROOT / "deploy"
METRIC: Final = re.compile(r"\bcutroom_[a-z_]+")
SERIES: Final = re.compile(r"_(bucket|count|sum)$")
SECRETS: Final = ("PASSWORD", "SECRET", "TOKEN")
MAY_BE_EMPTY: Final = frozenset(
    (
        "CUTROOM_OPENID_CLIENT_SECRET",
        "CUTROOM_RAZORPAY_KEY_SECRET",
        "CUTROOM_RAZORPAY_WEBHOOK_SECRETS",
    )
)


def _services() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


def _ours() -> dict[str, Any]:
    return {name: one for name, one in _services().items() if one["image"] == "cutroom"}


def _alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _questions() -> list[str]:
    board = json.loads((DEPLOY / "grafana" / "cutroom.json").read_text())
    shown = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return shown + [rule["expr"] for rule in _alerts()]


async def _exposed(folder: Path) -> set[str]:
    """What a server and a worker together show."""
    async with running_server(folder) as server:
        told = (await server.client().get("/metrics")).text
    worker = Metrics()
    WorkMeters(worker)
    measured_store(MemoryStore(), worker)
    watch_worker(worker, bus_is_up=lambda: True, silent_seconds=lambda: 0.0)
    names = re.findall(r"^# TYPE (\S+)", told + worker.text().decode(), re.MULTILINE)
    return {name for name in names if not name.endswith("_created")}


@pytest.mark.rule("deploy-A1")
async def test_dashboard_and_alerts_ask_for_what_is_exposed(tmp_path: Path) -> None:
    exposed = await _exposed(tmp_path)
    asked = {SERIES.sub("", name) for question in _questions() for name in METRIC.findall(question)}
    assert len(asked) > 25
    assert sorted(asked - exposed) == []
    for rule in _alerts():
        assert {"summary", "description"} <= set(rule["annotations"]), rule["alert"]


@pytest.mark.rule("operations-O3")
async def test_the_page_for_operators_explains_every_number_and_no_other(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    table = page.partition("| `cutroom_` | is | on |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    explained = {f"cutroom_{name}" for row in rows for name in re.findall(r"`([a-z_]+)", row)}
    assert sorted(explained ^ await _exposed(tmp_path)) == []


@pytest.mark.rule("deploy-A2")
def test_services_run_commands_that_are_there_with_variables_that_are_read() -> None:
    known = set(re.findall(r"\bCUTROOM_[A-Z0-9_]+", (ROOT / ".env.example").read_text()))
    assert set(_ours()) == {"migrate", "serve", "work"}
    for service in _ours().values():
        name, *words = service["command"]
        parser = argparse.ArgumentParser(exit_on_error=False)
        importlib.import_module(f"cli.commands.{name}").add_arguments(parser)
        parser.parse_args(words)
        ours = {name for name in service["environment"] if name.startswith("CUTROOM_")}
        assert sorted(ours - known) == []


@pytest.mark.rule("deploy-A2")
def test_services_have_no_more_than_they_need() -> None:
    for name, service in {**_ours(), "proxy": _services()["proxy"]}.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert "no-new-privileges:true" in service["security_opt"], name
    outside = {
        name: port
        for name, service in _services().items()
        for port in service.get("ports", [])
        if not port.startswith("127.0.0.1:")
    }
    assert outside == {"proxy": "443:8443"}
    for name, service in _services().items():
        for variable, value in service.get("environment", {}).items():
            if any(word in variable for word in SECRETS) and variable not in MAY_BE_EMPTY:
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value), (name, variable)


@pytest.mark.rule("deploy-A3")
def test_the_proxy_passes_on_what_is_for_people_and_keeps_the_rest() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    told = {
        directive: value
        for line in re.sub(r"#.*", "", text).splitlines()
        for directive, _, value in [line.strip().rstrip(";").partition(" ")]
    }
    wanted = {
        "proxy_buffering": "off",
        "proxy_request_buffering": "off",
        "client_max_body_size": "0",
        "ssl_protocols": "TLSv1.2 TLSv1.3",
        "proxy_next_upstream": "error timeout",
    }
    assert {name: told[name] for name in wanted} == wanted
    inside = re.search(r"location ~ (\S+) \{ return 404; \}", text)
    assert inside is not None
    for path in ("/metrics", "/readyz", "/healthz"):
        assert re.search(inside[1], path), path
    assert not re.search(inside[1], "/api/v1/me")
    headers = dict(re.findall(r"proxy_set_header (\S+) (\S+);", text))
    assert headers["Upgrade"] == "$http_upgrade"
    assert headers["X-Forwarded-For"] == "$remote_addr"  # what a client claims is not believed


@pytest.mark.rule("deploy-A4")
def test_every_variable_is_in_the_example() -> None:
    known = set(re.findall(r"\bCUTROOM_[A-Z0-9_]+", (ROOT / ".env.example").read_text()))
    read = {f"CUTROOM_{name.upper()}" for name in Settings.model_fields}
    assert sorted(read - known) == []
