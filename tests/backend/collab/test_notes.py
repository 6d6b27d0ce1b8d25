"""Projects hear of the edits of their documents: soon, seldom, and the last name counts."""

import asyncio
from collections.abc import AsyncGenerator, Mapping

import pytest

from backend.collab.notes import EditNotes
from backend.collab.pending import ServerEdit
from backend.db.session import DatabaseAway
from kit.background import Background
from tests.backend.collab.fakes import Stage, meta_change, until
from timeline.model import Json


class Heard:
    """Projects that write down what they hear; the first `faults` times they are away."""

    def __init__(self, faults: int = 0) -> None:
        self.told: list[Mapping[str, Json]] = []
        self.faults = faults

    @property
    def names(self) -> list[Json]:
        return [name for names in self.told for name in names.values()]

    async def edited(self, names: Mapping[str, Json]) -> None:
        await asyncio.sleep(0)
        if self.faults:
            self.faults -= 1
            raise DatabaseAway
        self.told.append(names)


def rename(stage: Stage, name: str) -> None:
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stage.room.edit(ServerEdit("rename:ann", lambda _: [meta_change("name", name)], done))
    stage.settle()


@pytest.fixture
async def background() -> AsyncGenerator[Background]:
    owner = Background()
    yield owner
    await owner.stop()


@pytest.mark.rule("projects-P5")
async def test_the_first_edit_is_told_at_once_and_more_wait_for_the_pause(
    background: Background,
) -> None:
    stage, heard = Stage(), Heard()
    notes = EditNotes(heard, background, pause_seconds=3600)
    for name in ("A", "B", "C"):
        rename(stage, name)
        notes.note(stage.room)
        await until(lambda: heard.names)
    assert heard.names == ["A"]
    await notes.tell_all()  # as at a stop: nothing stays untold
    await notes.tell_all()
    assert heard.names == ["A", "C"]


@pytest.mark.rule("projects-P5")
async def test_after_the_pause_the_last_name_is_told_once(background: Background) -> None:
    stage, heard = Stage(), Heard()
    notes = EditNotes(heard, background, pause_seconds=0.05)
    notes.note(stage.room)
    await until(lambda: heard.names)
    for name in ("A", "B"):
        rename(stage, name)
        notes.note(stage.room)
    await until(lambda: len(heard.names) > 1)
    assert heard.names == ["Film", "B"]


@pytest.mark.rule("projects-P5")
async def test_all_projects_are_told_of_together(background: Background) -> None:
    stages = [Stage(project_id=f"prj_{number}") for number in range(20)]
    heard = Heard()
    notes = EditNotes(heard, background, pause_seconds=0.05)
    for stage in stages:
        notes.note(stage.room)
    await until(lambda: heard.told)
    for stage in stages:
        notes.note(stage.room)
    await until(lambda: len(heard.told) > 1)
    everybody = {stage.room.project_id for stage in stages}
    assert [set(names) for names in heard.told] == [everybody, everybody]


@pytest.mark.rule("projects-P5")
async def test_what_could_not_be_told_is_told_later(background: Background) -> None:
    stage, heard = Stage(), Heard(faults=2)
    notes = EditNotes(heard, background, pause_seconds=0.01)
    notes.note(stage.room)
    await until(lambda: heard.names)
    assert (heard.names, heard.faults) == (["Film"], 0)


@pytest.mark.rule("projects-P5")
async def test_a_room_tells_of_each_commit_and_of_nothing_else() -> None:
    stage = Stage()
    stage.enter("ann")
    stage.settle()
    assert stage.keeper.written == 0
    rename(stage, "A")
    assert stage.keeper.written == 1
