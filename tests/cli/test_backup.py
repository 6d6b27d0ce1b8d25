"""A backup of a running server, and what is there after it was restored into an empty place."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.orders import film_of, is_done, order, project_of
from tests.cli.up_process import ROOT, cutroom, up, wait_until
from tests.media import Clip, Clips


@dataclass(frozen=True, slots=True)
class Saved:
    """A backup, and what the server that it was made of said of itself."""

    folder: Path
    told: dict[str, Any]
    film: bytes
    project: str
    export: str


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return cutroom(*words, timeout=300)


def told_by(client: httpx.Client, project: str) -> dict[str, Any]:
    """What people would miss."""
    workspace = client.get("/me").json()["workspaces"][0]["id"]
    paths = (
        f"/projects/{project}",
        f"/projects/{project}/timeline",
        f"/projects/{project}/comments",
        f"/projects/{project}/versions",
        f"/workspaces/{workspace}/wallet",
        f"/workspaces/{workspace}/wallet/journal",
    )
    answers = {path: client.get(path) for path in paths}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {path: answer.json() for path, answer in answers.items()}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, clips: Clips) -> Saved:
    folder = tmp_path_factory.mktemp("saved")
    clip = clips.make(Clip(frames=30, width=320, height=180))
    with up(folder / "data") as running, running.client() as client:
        project = project_of(client, clip, "film")
        comment = {"body": "Tighter, please.", "anchor": {"kind": "frame", "at": 0}}
        client.post(f"/projects/{project}/comments", json=comment)
        client.post(f"/projects/{project}/versions", json={"name": "First cut"})
        export = order(client, project, "one")
        wait_until(lambda: is_done(client, export))
        made = run("backup", str(folder / "backup"), "--data", str(folder / "data"))
        assert made.returncode == 0, made.stderr
        again = run("backup", str(folder / "backup"), "--data", str(folder / "data"))
        assert "(0 new, 0 bytes)" in again.stdout
        told, film = told_by(client, project), film_of(client, export)
    return Saved(folder / "backup", told, film, project, export)


@pytest.mark.rule("cli-B1")
def test_a_restored_backup_has_every_project_film_and_balance(saved: Saved, tmp_path: Path) -> None:
    data = tmp_path / "data"
    restored = run("restore", str(saved.folder), "--data", str(data))
    assert restored.returncode == 0, restored.stderr
    audited = run("ledger", "audit", "--data", str(data))
    assert (audited.returncode, audited.stdout.split(":")[0]) == (0, "nothing differs")
    with up(data) as running, running.client() as client:
        assert told_by(client, saved.project) == saved.told
        assert film_of(client, saved.export) == saved.film
        second = order(client, saved.project, "two")  # and it works on
        wait_until(lambda: is_done(client, second))
    refused = run("restore", str(saved.folder), "--data", str(data))
    assert refused.returncode == 1
    assert refused.stderr == "cutroom: the database is in use; restore into an empty one\n"


def rows_of(backup: Path) -> dict[str, list[str]]:
    """The lines of every table, in one order: databases sort text differently."""
    found: dict[str, list[str]] = {}
    for file in sorted((backup / "tables").iterdir()):
        with gzip.open(file, "rt") as lines:
            found[file.name] = sorted(lines)
    return found


def with_database(url: str, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        cwd=ROOT,
        env={**os.environ, "CUTROOM_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.rule("db-B11")
def test_what_began_in_a_folder_moves_to_postgres_row_by_row(
    saved: Saved, tmp_path: Path, postgres_url: str
) -> None:
    data = ("--data", str(tmp_path))
    with_database(postgres_url, "restore", str(saved.folder), *data)
    with_database(postgres_url, "backup", str(tmp_path / "back"), *data)
    with_database(postgres_url, "ledger", "audit", *data)
    there = rows_of(saved.folder)
    assert rows_of(tmp_path / "back") == there
    assert sum(len(rows) for rows in there.values()) > 40


@pytest.mark.rule("cli-B2", "db-B11")
@pytest.mark.parametrize("damage", ["no manifest", "no JSON", "another version", "torn", "missing"])
def test_what_is_no_whole_backup_is_one_line_and_changes_nothing(
    saved: Saved, tmp_path: Path, damage: str
) -> None:
    folder = shutil.copytree(saved.folder, tmp_path / "backup")
    manifest, users = folder / "backup.json", folder / "tables" / "users.jsonl.gz"
    match damage:
        case "no manifest":
            manifest.unlink()
        case "no JSON":
            manifest.write_text("{")
        case "another version":
            told = json.loads(manifest.read_text())
            manifest.write_text(json.dumps({**told, "revision": "older"}))
        case "torn":
            users.write_bytes(users.read_bytes()[:-4])
        case _:
            users.unlink()
    answer = run("restore", str(folder), "--data", str(tmp_path / "data"))
    assert answer.returncode == 2
    assert answer.stderr.startswith("cutroom: ")
    assert answer.stderr.count("\n") == 1
    assert [path for path in (tmp_path / "data" / "objects").rglob("*") if path.is_file()] == []
