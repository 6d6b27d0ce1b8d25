"""The box: levels are tried, not guessed; names inside are the same at each of them."""

from pathlib import Path

import pytest

from kit.box import Limits, boxed_command, interpreter, strongest_level, tried


@pytest.mark.rule("operations-M6", "operations-M7")
def test_the_strict_box_shows_inputs_one_folder_and_no_network(tmp_path: Path) -> None:
    with boxed_command(
        "strict",
        Path("/opt/tool"),
        ["-i", "/in/0", "/out/x"],
        inputs={"0": tmp_path / "a"},
        output_dir=tmp_path / "o",
        farm=tmp_path,
        limits=Limits(),
    ) as command:
        words = command.argv
    assert {"--unshare-all", "--die-with-parent", "--new-session", "--clearenv"} <= set(words)
    assert words[words.index("--cap-drop") + 1] == "ALL"
    bound = [words[i + 1 : i + 3] for i, word in enumerate(words) if word == "--bind"]
    assert bound == [(str(tmp_path / "o"), "/out")]
    assert words[-4:] == ("/program", "-i", "/in/0", "/out/x")


@pytest.mark.rule("operations-M7")
def test_below_strict_the_same_names_are_links_in_a_private_folder(tmp_path: Path) -> None:
    source, out, farm = tmp_path / "a b'c", tmp_path / "o", tmp_path / "farm"
    source.write_text("x")
    out.mkdir()
    farm.mkdir()
    with boxed_command(
        "basic",
        Path("/opt/tool"),
        ["-i", "/in/0", "/out/x"],
        inputs={"0": source},
        output_dir=out,
        farm=farm,
        limits=Limits(),
    ) as command:
        assert command.cwd == farm
        assert command.argv[-4:] == ("/opt/tool", "-i", "in/0", "out/x")
    assert (farm / "in/0").read_text() == "x"
    assert (farm / "out").resolve() == out.resolve()


@pytest.mark.rule("operations-M7")
def test_the_level_is_the_strongest_that_passes_its_test() -> None:
    assert strongest_level("basic", Path("/bin/echo"), ["hello"]) == ("basic", "hello\n")
    assert strongest_level("auto", Path("/bin/false"), []) is None
    assert strongest_level("strict", Path("/no/such/program"), []) is None
    found = strongest_level("auto", Path("/bin/echo"), ["hello"])
    assert found is not None
    assert found[1] == "hello\n"


@pytest.mark.rule("operations-M6")
def test_a_folder_is_shown_under_its_own_name_and_its_neighbours_are_not(tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown/tool.py").write_text("x = 1")
    (tmp_path / "secret").write_text("secret")
    python, folder = interpreter()
    look = f"import os; print(os.listdir({str(tmp_path)!r}), os.access({str(tmp_path / 'shown')!r}, os.W_OK))"
    shown = [folder, tmp_path / "shown"]
    if tried("strict", python, ["-I", "-S", "-c", ""], shown=shown) is None:
        pytest.skip("bubblewrap does not work here")
    assert tried("strict", python, ["-I", "-S", "-c", look], shown=shown) == "['shown'] False\n"
