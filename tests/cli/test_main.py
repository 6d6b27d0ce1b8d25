"""The frame around every command: exit codes, the error line, what is loaded."""

import subprocess
import sys

import pytest

from cli.main import SUMMARIES, main


@pytest.mark.rule("cli-C1", "cli-C2")
def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("cutroom: ")
    assert error.count("\n") == 1


@pytest.mark.rule("cli-C1", "cli-C2")
def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "no/such/file.cutroom.json"]) == 2
    assert "no/such/file.cutroom.json" in capsys.readouterr().err


@pytest.mark.rule("cli-C3")
def test_the_command_line_loads_no_room() -> None:
    seen = subprocess.run(
        [
            sys.executable,
            "-c",
            "import cli.main, sys; print(*{name.split('.')[0] for name in sys.modules})",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"backend", "exporter", "sqlalchemy", "fastapi", "pycrdt"} & set(seen)


@pytest.mark.rule("cli-C4")
def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in SUMMARIES)


@pytest.mark.rule("cli-C4")
@pytest.mark.parametrize("name", sorted(SUMMARIES))
def test_every_command_answers_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert name in capsys.readouterr().out
