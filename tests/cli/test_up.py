"""`cutroom up`: it starts, it is alone on its folder, it stops cleanly, and it goes on after SIGKILL."""

import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.cli.orders import film_of, is_done, is_rendering, order_film
from tests.cli.up_process import Up, children_of, cutroom, up, wait_until
from tests.media import Clip, Clips


@pytest.mark.rule("cli-U1", "cli-U2", "auth-A1")
def test_one_start_from_sign_in_to_a_clean_end(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as running:
        assert running.address in running.first_line
        key = running.first_line.split("#welcome=")[1]
        answer = httpx.post(f"{running.address}/api/v1/session", json={"welcome": key})
        assert answer.status_code == 200
        second = cutroom("up", "--data", str(data), "--port", "0")
        assert second.returncode == 1
        assert f"process {running.process.pid} at {running.address}" in second.stderr
        assert second.stderr.startswith("cutroom: another `cutroom up`")
        assert second.stderr.count("\n") == 1
        link = cutroom("link", "--data", str(data))
        fresh = link.stdout.strip().split("#welcome=")[1]
        assert fresh != key
        answer = httpx.post(f"{running.address}/api/v1/session", json={"welcome": fresh})
        assert answer.status_code == 200
        token = cutroom("token", "create", "--data", str(data), "--role", "viewer", "--ttl", "60")
        assert token.returncode == 0, token.stderr
        headers = {"Authorization": f"Bearer {token.stdout.strip()}"}
        me = httpx.get(f"{running.address}/api/v1/me", headers=headers).json()
        assert [item["role"] for item in me["workspaces"]] == ["viewer"]
        assert running.stop(signal.SIGTERM) == 143
    assert cutroom("link", "--data", str(data)).returncode == 1


@pytest.mark.rule("cli-U2")
def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = cutroom("up", "--port", str(port), "--data", str(tmp_path / "data"))
    assert answer.returncode == 1
    assert answer.stderr == f"cutroom: port in use: 127.0.0.1:{port}\n"


@pytest.mark.rule("cli-U3")
@pytest.mark.parametrize(
    "words",
    [
        ("token", "create", "--data", "/nowhere/at/all"),
        ("token", "create", "--role", "king"),
        ("token", "create", "--ttl", "0"),
        ("token",),
        ("up", "--port", "99999"),
        ("serve",),
        ("work",),
        ("migrate", "--data", "/nowhere/at/all"),
    ],
)
def test_wrong_input_is_2_and_one_line(words: tuple[str, ...]) -> None:
    answer = cutroom(*words)
    assert answer.returncode == 2
    assert answer.stderr.splitlines()[-1].startswith("cutroom: ")
    assert "Traceback" not in answer.stderr


@pytest.mark.rule("cli-U3")
def test_a_database_that_is_none_is_one_line_and_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "cutroom.db"
    file.write_text("these are my notes, not a database\n" * 100)
    answer = cutroom("up", "--port", "0", "--data", str(tmp_path))
    assert answer.returncode == 1
    assert answer.stderr.startswith("cutroom: the database cannot be used (file is not a database)")
    assert answer.stderr.count("\n") == 1
    assert file.read_text().startswith("these are my notes")


@pytest.mark.rule("cli-U4", "operations-W11")
def test_after_sigkill_an_export_goes_on_and_ctrl_c_leaves_no_child(
    tmp_path: Path, clips: Clips
) -> None:
    data = tmp_path / "data"
    clip = clips.make(Clip(frames=90, width=640, height=360))
    with up(data) as first:
        with first.client() as client:
            export = order_film(client, clip, "one")
            wait_until(lambda: is_rendering(client, export))
        first.kill()
    with up(data) as second, second.client() as client:
        wait_until(lambda: is_done(client, export))
        film_of(client, export)
        films = list((data / "objects" / "films").rglob("*.mp4"))
        assert len(films) == 1
        order_film(client, clip, "two", "vertical")
        stopped_with_children(second)


def stopped_with_children(running: Up) -> None:
    """Ctrl-C while a film is made: 130, soon, and no child stays."""
    wait_until(lambda: children_of(running.process.pid))
    children = children_of(running.process.pid)
    assert running.stop(signal.SIGINT) == 130
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
