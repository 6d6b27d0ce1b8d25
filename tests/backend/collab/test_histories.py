"""Random histories of three people: everybody, the log, the snapshot and a browser end the same."""

import json
import logging
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from backend.collab.document import read_model
from tests.backend.collab.histories import History, ydoc_of
from tests.interop.node import ROOT, node_command
from timeline.model import document_json
from timeline.resolve import resolve
from timeline.resolved_json import resolved_json

Browser = Callable[[list[bytes]], dict[str, Any]]
SEEDS_OF_A_CHECK = 5000
SEEDS_OF_A_NIGHT = 30_000


@contextmanager
def browser(folder: Path) -> Generator[Browser]:
    """Yjs and the editor's own core in one node process, for any number of documents."""
    program = folder / "replays.mjs"
    web = ROOT / "editor-web"
    subprocess.run(
        [
            str(web / "node_modules/.bin/rolldown"),
            *(str(web / "tests/replays.ts"), "--file", str(program)),
            *("--format", "esm", "--platform", "node", "--logLevel", "silent"),
        ],
        check=True,
        cwd=web,
    )
    with subprocess.Popen(
        [*node_command(), str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, told = process.stdin, process.stdout

        def replay(updates: list[bytes]) -> dict[str, Any]:
            asked.write(json.dumps([update.hex() for update in updates]) + "\n")
            asked.flush()
            return json.loads(told.readline())

        yield replay
        asked.close()


@pytest.fixture
def quiet() -> Generator[None]:
    """What the room says of each attack would take longer than all the histories."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


def check(seed: int, replay: Browser) -> None:
    history = History(seed)
    history.play()
    live = history.room.live.model()
    assert history.room.live.is_whole
    for person in history.people:
        assert read_model(person.doc) == live
    updates = [entry.update for entry in history.entries]
    assert read_model(ydoc_of(*updates)) == live
    assert read_model(ydoc_of(history.room.snapshot().update)) == live
    seen = replay(updates)
    assert seen["document"] == document_json(live)
    assert seen["resolved"] == _without_details(resolved_json(resolve(live, {})), seen)


def _without_details(resolved: Any, seen: dict[str, Any]) -> Any:
    """Words for people may differ between the languages; codes and ids may not."""
    for diagnostic in (*resolved["diagnostics"], *seen["resolved"]["diagnostics"]):
        diagnostic["detail"] = ""
    return json.loads(json.dumps(resolved))


@pytest.mark.usefixtures("quiet")
@pytest.mark.rule("collab-D2", "collab-J1", "collab-R2", "collab-H1", "timeline-R1", "timeline-R2")
def test_everybody_ends_with_the_same_film(tmp_path: Path) -> None:
    with browser(tmp_path) as replay:
        for seed in range(SEEDS_OF_A_CHECK):
            try:
                check(seed, replay)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}") from error


@pytest.mark.nightly
@pytest.mark.usefixtures("quiet")
@pytest.mark.rule("collab-D2")
def test_everybody_ends_with_the_same_film_all_night(tmp_path: Path) -> None:
    with browser(tmp_path) as replay:
        for seed in range(SEEDS_OF_A_CHECK, SEEDS_OF_A_CHECK + SEEDS_OF_A_NIGHT):
            try:
                check(seed, replay)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}") from error
