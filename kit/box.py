"""Run a foreign program confined: what it may see, how much it may use, and that it ends with us.

`strict` is bubblewrap: an empty file system with the program, its inputs (read-only, `/in/NAME`)
and one output folder (`/out`), no network, no capabilities, a filter of system calls. `container`
and `basic` keep limits and end with the parent, but the program sees the machine; `container` says
that the operator vouches for the walls around it [operations-M6, operations-M7, operations-M9].

Inside, paths are the same at every level of confinement: arguments name `/in/NAME` and `/out/NAME`.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, TypeAlias

from kit.processes import named
from kit.seccomp import box_filter

Level: TypeAlias = Literal["strict", "container", "basic"]
LEVELS: Final[tuple[Level, ...]] = ("strict", "container", "basic")
SELF_TEST_SECONDS: Final = 10.0
FARM: Final = "cutroom-box-"  # how the private folders of boxes begin
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
    """What to start; the descriptors are for the box itself and do not reach the program."""

    argv: tuple[str, ...]
    cwd: Path | None
    pass_fds: tuple[int, ...] = ()


@contextmanager
def boxed_command(
    level: Level,
    program: Path,
    arguments: Sequence[str],
    *,
    inputs: Mapping[str, Path],
    output_dir: Path | None,
    farm: Path,
    limits: Limits,
    shown: Sequence[Path] = (),
) -> Generator[BoxedCommand]:
    """The command line that runs `program` confined, to be started before the block ends.

    `farm` is an empty private folder; below `strict` it gets links named like the paths inside the
    box, and the program runs there. `shown` are folders that the program needs, read-only under
    their own names. Start it from a thread that outlives it: the kernel ends it with the thread
    that started it.
    """
    confined = _limited(limits)
    if level == "strict":
        with _filter_pipe() as pipe:
            walls = _walls(program, inputs, output_dir, shown, pipe)
            yield BoxedCommand((*confined, *walls, *arguments), None, pipe)
        return
    (farm / "in").mkdir()
    for name, source in inputs.items():
        (farm / "in" / name).symlink_to(source.absolute())
    if output_dir is not None:
        (farm / "out").symlink_to(output_dir.absolute())
    relative = [item.replace("/in/", "in/").replace("/out/", "out/") for item in arguments]
    yield BoxedCommand((*confined, *_ending_with_us(), str(program.absolute()), *relative), farm)


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


def _walls(
    program: Path,
    inputs: Mapping[str, Path],
    output_dir: Path | None,
    shown: Sequence[Path],
    pipe: Sequence[int],
) -> list[str]:
    bwrap = shutil.which("bwrap") or "bwrap"
    walls = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    walls += ["--clearenv", "--size", str(64 << 20), "--tmpfs", "/tmp", "--chdir", "/"]  # noqa: S108 - inside the box
    walls += [part for number in pipe for part in ("--seccomp", str(number))]
    walls += ["--dev", "/dev"]
    seen = [Path(system) for system in ("/usr", "/lib", "/lib64") if Path(system).exists()]
    for folder in (*seen, *shown):
        walls += ["--ro-bind", str(folder), str(folder)]
    inside = str(program.absolute())
    if not any(program.is_relative_to(folder) for folder in shown):
        walls += ["--ro-bind", inside, "/program"]
        inside = "/program"
    for name, source in inputs.items():
        walls += ["--ro-bind", str(source.absolute()), f"/in/{name}"]
    if output_dir is not None:
        walls += ["--bind", str(output_dir.absolute()), "/out"]
    return [*walls, "--", inside]


@contextmanager
def _filter_pipe() -> Generator[tuple[int, ...]]:
    """Where bubblewrap reads the filter of system calls; nothing for a machine that has none."""
    program = box_filter(platform.machine())
    if program is None:
        yield ()
        return
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(program)
        yield (reading,)
    finally:
        os.close(reading)


def interpreter() -> tuple[Path, Path]:
    """The Python that runs us, and the folder that must be shown with it."""
    return Path(sys.executable).resolve(), Path(sys.base_prefix)


def tried(
    level: Level, program: Path, arguments: Sequence[str], *, shown: Sequence[Path] = ()
) -> str | None:
    """What `program` prints when it is run at this level; None where it cannot be. Tried, not guessed."""
    with (
        TemporaryDirectory(prefix=named(FARM)) as farm,
        boxed_command(
            level,
            program,
            arguments,
            inputs={},
            output_dir=None,
            farm=Path(farm),
            limits=Limits(),
            shown=shown,
        ) as command,
    ):
        try:
            done = subprocess.run(
                command.argv,
                cwd=command.cwd,
                pass_fds=command.pass_fds,
                env={},
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
    *,
    shown: Sequence[Path] = (),
) -> tuple[Level, str] | None:
    """The level to use, and what the program printed there: `auto` is the strongest that passes.

    None where what was asked for fails.
    """
    levels: tuple[Level, ...] = ("strict", "basic") if wanted == "auto" else (wanted,)
    for level in levels:
        printed = tried(level, program, arguments, shown=shown)
        if printed is not None:
            return level, printed
    return None


def filters_calls(level: Level) -> bool:
    """Whether a program at this level runs behind the filter of system calls: it says so itself."""
    python, folder = interpreter()
    asked = "import ctypes; print(ctypes.CDLL(None).prctl(21, 0, 0, 0, 0))"  # PR_GET_SECCOMP
    return tried(level, python, ["-I", "-S", "-c", asked], shown=[folder]) == "2\n"
