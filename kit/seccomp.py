"""Which system calls a program may make: filters that the kernel runs before each call [operations-M9].

Classic BPF as `seccomp(2)` and the kernel's `Documentation/userspace-api/seccomp_filter.rst` describe it, written by
hand: the bindings of libseccomp are not kept up, and a page of rules needs none (ADR 40).
"""

import ctypes
import struct
from collections.abc import Iterable
from typing import Final, TypeAlias

from kit.system_calls import CLONE, CLONE3, FORBIDDEN, NEWEST, READING, SOCKETS

Step: TypeAlias = tuple[int, int, int, int]
"""One instruction: its code, how many to leap over where it holds and where not, its constant."""

STEP: Final = struct.Struct("=HBBI")  # `struct sock_filter`
MACHINES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_*

LOAD, EQUAL, ABOVE, ANY_BIT, ANSWER = 0x20, 0x15, 0x25, 0x45, 0x06
NUMBER_AT, MACHINE_AT, FIRST_ARGUMENT_AT = (
    0,
    4,
    16,
)  # in `struct seccomp_data`; its lower half comes first

ALLOW: Final = 0x7FFF0000
KILL: Final = 0x80000000
FAIL: Final = 0x00050000  # with an errno in its lower half
EPERM: Final = 1
ENOSYS: Final = 38

AF_UNIX: Final = 1
# New mount, cgroup, uts, ipc, user, pid and net namespaces; that of time only clone3 and unshare can ask for.
NAMESPACES: Final = 0x7E020000


PR_SET_SECCOMP: Final = 22
PR_SET_NO_NEW_PRIVS: Final = 38
FILTER_MODE: Final = 2


def box_filter(machine: str) -> bytes | None:
    """What the box forbids, for a machine as `platform.machine` names it; None where its numbers are not known.

    A call that is not named is allowed; one that is newer than our list does not exist.
    Namespaces asked for with clone3 stand in memory, where no filter looks: it is told not to exist, and the C
    library takes clone instead.
    """
    if machine not in MACHINES:
        return None
    column = list(MACHINES).index(machine)
    steps = _of_machine(MACHINES[machine])
    steps += _when(ABOVE, NEWEST, FAIL | ENOSYS)
    steps += _when(EQUAL, CLONE3[column], FAIL | ENOSYS)
    for numbers in FORBIDDEN.values():
        number = numbers[column]
        if number is not None:
            steps += _when(EQUAL, number, FAIL | EPERM)
    steps += _by_argument(CLONE[column], ANY_BIT, NAMESPACES, FAIL | EPERM, ALLOW)
    for numbers in SOCKETS.values():
        steps += _by_argument(numbers[column], EQUAL, AF_UNIX, ALLOW, FAIL | EPERM)
    return _packed([*steps, (ANSWER, 0, 0, ALLOW)])


def reading_filter(machine: str) -> bytes | None:
    """Reads what is open, writes to what is open, allocates and ends; everything else is not permitted."""
    if machine not in MACHINES:
        return None
    column = list(MACHINES).index(machine)
    steps = _of_machine(MACHINES[machine])
    for numbers in READING.values():
        steps += _when(EQUAL, numbers[column], ALLOW)
    return _packed([*steps, (ANSWER, 0, 0, FAIL | EPERM)])


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def confine_thread(program: bytes) -> bool:
    """Put the calling thread, and what it starts, behind a filter for good; False where the kernel has none."""
    prctl = ctypes.CDLL(None).prctl
    loaded = _Program(len(program) // STEP.size, program)
    none = ctypes.c_ulong(0)
    prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), none, none, none)
    mode = ctypes.c_ulong(FILTER_MODE)
    return prctl(PR_SET_SECCOMP, mode, ctypes.byref(loaded), none, none) == 0


def _of_machine(audit: int) -> list[Step]:
    """Numbers mean something else in a 32-bit program: it ends. Leaves the call's number loaded."""
    return [
        (LOAD, 0, 0, MACHINE_AT),
        (EQUAL, 1, 0, audit),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
    ]


def _when(test: int, constant: int, answer: int) -> list[Step]:
    return [(test, 0, 1, constant), (ANSWER, 0, 0, answer)]


def _by_argument(number: int, test: int, constant: int, holds: int, fails: int) -> list[Step]:
    """One call judged by its first argument."""
    return [
        (EQUAL, 0, 4, number),
        (LOAD, 0, 0, FIRST_ARGUMENT_AT),
        (test, 0, 1, constant),
        (ANSWER, 0, 0, holds),
        (ANSWER, 0, 0, fails),
    ]


def _packed(steps: Iterable[Step]) -> bytes:
    return b"".join(STEP.pack(*step) for step in steps)
