"""A screen that nobody looks at: melt draws its titles with Qt, which wants an X server."""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def display() -> Generator[dict[str, str]]:
    """The environment of a screen of its own, outside of what is measured; empty where there is no Xvfb."""
    program = shutil.which("Xvfb")
    if program is None:
        yield {}
        return
    told, tell = os.pipe()
    command = [program, "-displayfd", str(tell), "-screen", "0", "1280x720x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[tell], stderr=subprocess.DEVNULL)
    os.close(tell)
    try:
        with os.fdopen(told) as numbers:
            number = numbers.readline().strip()
        yield {"DISPLAY": f":{number}"} if number else {}
    finally:
        server.terminate()
        server.wait()
