"""Reads headers for `prober.py`, inside the box: each file in a process of its own, forked from one with PyAV loaded.

The one that forks never touches a byte of a file; the one that does may only read it, allocate, and write its answer.
"""

import os
import platform
import resource
import signal
import socket
from contextlib import suppress
from typing import Final

from exporter.demuxing import read_headers
from exporter.errors import MediaUnusable
from exporter.probe_wire import NAME_BYTES, READY, probe_json, unusable_json
from kit.seccomp import confine_thread, reading_filter

DATA_BYTES: Final = 512 << 20


def serve(seconds: int) -> None:
    """Answer requests on descriptor 0 until nobody is left to ask: a demuxer's name, a file, a pipe for the answer.

    A file gets so many seconds.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel takes away who has ended
    walls = reading_filter(platform.machine())
    with socket.socket(fileno=0) as requests:
        requests.send(READY)
        while True:
            name, descriptors, _, _ = socket.recv_fds(requests, NAME_BYTES, 2)
            if not name:
                break
            if os.fork() == 0:
                try:
                    requests.close()
                    file, answer = descriptors
                    _read(file, answer, name.rstrip(b"\0").decode(), seconds, walls)
                finally:
                    os._exit(0)
            for descriptor in descriptors:
                os.close(descriptor)
    with suppress(ChildProcessError):
        os.wait()  # returns when the last one has ended


def _read(file: int, answer: int, demuxer: str, seconds: int, walls: bytes | None) -> None:
    signal.alarm(seconds)
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, DATA_BYTES))
    if walls is not None:
        confine_thread(walls)
    try:
        told = probe_json(read_headers(file, demuxer))
    except MediaUnusable as unusable:
        told = unusable_json(unusable)
    os.write(answer, told)
