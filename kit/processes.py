"""What this machine says of a process, and what processes that were killed have left behind."""

import os
import shutil
import tempfile
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Whether there is a process of that number, whoever runs it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def own_folder(parent: Path, prefix: str) -> Path:
    """A new folder of this process in `parent`; those of processes that were killed are swept."""
    parent.mkdir(parents=True, exist_ok=True)
    sweep(parent, prefix)
    return Path(tempfile.mkdtemp(prefix=named(prefix), dir=parent))


def named(prefix: str) -> str:
    """The prefix of a folder that goes with this process."""
    return f"{prefix}{os.getpid()}-"


def sweep(parent: Path, prefix: str) -> None:
    """Remove the folders that processes which are no more had made with `named(prefix)`."""
    for old in parent.glob(f"{prefix}*-*"):
        pid = old.name.removeprefix(prefix).split("-")[0]
        if pid.isdigit() and not is_alive(int(pid)):
            shutil.rmtree(old, ignore_errors=True)
