"""`cutroom doctor` names what is there."""

import json
import platform
from pathlib import Path

import pytest

from cli.commands.doctor import is_safe
from cli.main import main
from kit.box import tried
from kit.seccomp import MACHINES


@pytest.mark.rule("operations-M7")
def test_doctor_names_the_binary_and_the_box(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--json"])
    findings = {item["part"]: item for item in json.loads(capsys.readouterr().out)["findings"]}
    assert code == (1 if any(item["state"] == "missing" for item in findings.values()) else 0)
    assert "build" in findings["ffmpeg"]["detail"]
    assert findings["box"]["detail"].split()[0] in ("strict", "container", "basic")
    assert findings["headers"]["state"] == "ok"
    assert all(item["remedy"] for item in findings.values() if item["state"] != "ok")


@pytest.mark.rule("operations-M9")
@pytest.mark.parametrize(("level", "state"), [("auto", "ok"), ("basic", "warning")])
def test_doctor_tells_whether_system_calls_are_filtered(
    level: str, state: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if platform.machine() not in MACHINES or tried("strict", Path("/bin/true"), []) is None:
        pytest.skip("no strict box with a filter here")
    monkeypatch.setenv("CUTROOM_SANDBOX", level)
    main(["doctor", "--json"])
    findings = {item["part"]: item for item in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["system calls"]["state"] == state


@pytest.mark.rule("operations-M7")
@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ("n9.0.2-17-g2a571b6068", True),
        ("8.1.2", True),
        ("8.1.1", False),
        ("8.0.3", True),
        ("7.1.4", False),
        ("5.1.9-0+deb12u1", False),
        ("unknown", False),
    ],
)
def test_an_old_ffmpeg_is_told(version: str, *, safe: bool) -> None:
    assert is_safe(version) is safe
