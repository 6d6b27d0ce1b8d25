"""Run a foreign program confined: what it may see, how much it may use, and that it ends with us.

`strict` is bubblewrap: an empty file system with the program, its inputs (read-only, `/in/NAME`)
and one output folder (`/out`), no network, no capabilities. `container` and `basic` keep limits
and end with the parent, but the program sees the machine; `container` says that the operator
vouches for the walls around it [operations-M6, operations-M7].

Inside, paths are the same at every level of confinement: arguments name `/in/NAME` and `/out/NAME`.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

Level: TypeAlias = Literal["strict", "container", "basic"]
LEVELS: Final[tuple[Level, ...]] = ("strict", "container", "basic")
SELF_TEST_SECONDS: Final = 10.0
GIB: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. Beyond a limit the program is killed; that is its fault, not ours."""

    wall_seconds: float = 600.0
    address_space_bytes: int = 4 * GIB
    resident_bytes: int = 3 * GIB
    output_bytes: int = 20 * GIB
    open_files: int = 256


@dataclass(frozen=True, slots=True)
class BoxedCommand:
    argv: tuple[str, ...]
    cwd: Path | None


def boxed_command(
    level: Level,
    program: Path,
    arguments: Sequence[str],
    *,
    inputs: Mapping[str, Path],
    output_dir: Path | None,
    farm: Path,
    limits: Limits,
) -> BoxedCommand:
    """The command line that runs `program` confined.

    `farm` is an empty private folder; below `strict` it gets links named like the paths inside the
    box, and the program runs there. Start it from a thread that outlives it: the kernel ends it
    with the thread that started it.
    """
    confined = _limited(limits)
    if level == "strict":
        walls = _walls(program, inputs, output_dir)
        return BoxedCommand((*confined, *walls, "--", "/program", *arguments), None)
    (farm / "in").mkdir()
    for name, source in inputs.items():
        (farm / "in" / name).symlink_to(source.absolute())
    if output_dir is not None:
        (farm / "out").symlink_to(output_dir.absolute())
    relative = [item.replace("/in/", "in/").replace("/out/", "out/") for item in arguments]
    return BoxedCommand((*confined, *_ending_with_us(), str(program.absolute()), *relative), farm)


def _limited(limits: Limits) -> list[str]:
    """No limit on processes: it would count all processes of the user, and nothing else can be started in the box."""
    prlimit = shutil.which("prlimit")
    if prlimit is None:
        return []
    return [
        prlimit,
        f"--as={limits.address_space_bytes}",
        f"--fsize={limits.output_bytes}",
        f"--nofile={limits.open_files}",
        "--core=0",
        "--",
    ]


def _ending_with_us() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [] if setpriv is None else [setpriv, "--pdeathsig", "KILL", "--"]


def _walls(program: Path, inputs: Mapping[str, Path], output_dir: Path | None) -> list[str]:
    bwrap = shutil.which("bwrap") or "bwrap"
    walls = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    walls += ["--clearenv", "--size", str(64 << 20), "--tmpfs", "/tmp", "--chdir", "/"]  # noqa: S108 - inside the box
    walls += ["--dev", "/dev", "--ro-bind", str(program.absolute()), "/program"]
    walls += [
        part
        for system in ("/usr", "/lib", "/lib64")
        if Path(system).exists()
        for part in ("--ro-bind", system, system)
    ]
    for name, source in inputs.items():
        walls += ["--ro-bind", str(source.absolute()), f"/in/{name}"]
    if output_dir is not None:
        walls += ["--bind", str(output_dir.absolute()), "/out"]
    return walls


def tried(level: Level, program: Path, arguments: Sequence[str]) -> str | None:
    """What `program` prints when it is run at this level; None where it cannot be. Tried, not guessed."""
    if level == "strict":
        if shutil.which("bwrap") is None:
            return None
        argv = [*_walls(program, {}, None), "--", "/program", *arguments]
    else:
        argv = [*_ending_with_us(), str(program), *arguments]
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SELF_TEST_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def strongest_level(
    wanted: Literal["auto", "strict", "container", "basic"],
    program: Path,
    arguments: Sequence[str],
) -> tuple[Level, str] | None:
    """The level to use, and what the program printed there: `auto` is the strongest that passes.

    None where what was asked for fails.
    """
    levels: tuple[Level, ...] = ("strict", "basic") if wanted == "auto" else (wanted,)
    for level in levels:
        printed = tried(level, program, arguments)
        if printed is not None:
            return level, printed
    return None
