"""What a command costs: wall time, CPU time and peak memory of its whole process tree.

Also a program: `python bench/export/meter.py RESULT.json COMMAND...`. It adopts what its command leaves behind
(a subreaper), because bubblewrap does not wait for its child: without that, whatever ran in the box
would be missing from the account. Memory is the sum of proportional set sizes, looked at five times a second.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

PR_SET_CHILD_SUBREAPER: Final = 36
LOOK_SECONDS: Final = 0.2
ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def cost_of(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end; CalledProcessError where it fails."""
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        meter = [sys.executable, str(Path(__file__)), result.name, *command]
        subprocess.run(meter, check=True, cwd=ROOT, env=_environment(environment or {}))
        return Cost(**json.loads(Path(result.name).read_text()))


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **more}  # noqa: TID251 - peers find their ffmpeg in theirs


def _metered(command: Sequence[str]) -> tuple[int, Cost]:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ended = threading.Event()
    peak = [0]
    watch = threading.Thread(target=_watch, args=(ended, peak), daemon=True)
    begun = time.monotonic()
    process = subprocess.Popen(command)
    watch.start()
    code = process.wait()
    wall = time.monotonic() - begun
    _reap_orphans()
    ended.set()
    watch.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return code, Cost(round(wall, 3), round(used.ru_utime + used.ru_stime, 3), peak[0])


def _reap_orphans() -> None:
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _watch(ended: threading.Event, peak: list[int]) -> None:
    while not ended.wait(LOOK_SECONDS):
        peak[0] = max(peak[0], _tree_bytes(os.getpid()))


def _tree_bytes(root: int) -> int:
    """Proportional set size of all descendants."""
    total, waiting = 0, _children(root)
    while waiting:
        pid = waiting.pop()
        waiting += _children(pid)
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except (OSError, IndexError):  # it ended meanwhile
            continue
    return total


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except OSError:
        return found
    return found


if __name__ == "__main__":
    exit_code, cost = _metered(sys.argv[2:])
    Path(sys.argv[1]).write_text(json.dumps(asdict(cost)))
    sys.exit(exit_code)
