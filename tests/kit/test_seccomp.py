"""The filter of system calls: tried on the kernel for this machine, and step by step for both."""

import ctypes
import ctypes.util
import json
import platform
import struct
from pathlib import Path
from typing import Final

import pytest

import kit
from kit.box import interpreter, tried
from kit.seccomp import (
    ALLOW,
    ENOSYS,
    EPERM,
    FAIL,
    KILL,
    MACHINES,
    box_filter,
    reading_filter,
)
from kit.system_calls import CLONE, CLONE3, FORBIDDEN, NEWEST, READING, SOCKETS

NAMESPACES: Final = {
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
FAMILIES: Final = {"inet": 2, "inet6": 10, "netlink": 16, "packet": 17, "alg": 38, "vsock": 40}
SIGCHLD: Final = 17
X32_BIT: Final = 1 << 30

# Runs in the box: answers with the errno of each call, 0 where it was permitted.
ASKING: Final = """
import ctypes, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def errno_of(number, *arguments):
    ctypes.set_errno(0)
    answer = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(item) for item in arguments))
    if number == int(sys.argv[2]) and answer == 0:
        os._exit(0)  # the child of a clone that went through
    return ctypes.get_errno() if answer < 0 else 0
print(json.dumps([errno_of(*call) for call in json.loads(sys.argv[1])]))
"""


def column() -> int:
    """Which of the two numbers is that of this machine."""
    return list(MACHINES).index(platform.machine())


def boxed(script: str, *words: str) -> str:
    python, folder = interpreter()
    printed = tried("strict", python, ["-I", "-S", "-c", script, *words], shown=[folder])
    assert printed is not None
    return printed


def errnos(calls: dict[str, list[int]]) -> dict[str, int]:
    """What each call, number first, fails with in the box."""
    printed = boxed(ASKING, json.dumps(list(calls.values())), str(CLONE[column()]))
    return dict(zip(calls, json.loads(printed), strict=True))


@pytest.fixture(scope="module")
def strict_box() -> None:
    python, folder = interpreter()
    if (
        platform.machine() not in MACHINES
        or tried("strict", python, ["-V"], shown=[folder]) is None
    ):
        pytest.skip("no strict box with a filter here")


@pytest.mark.usefixtures("strict_box")
@pytest.mark.rule("operations-M9")
def test_every_forbidden_call_is_not_permitted_in_the_box() -> None:
    here = {name: numbers[column()] for name, numbers in FORBIDDEN.items()}
    calls = {
        name: [number, 0, 0, 0, 0, 0, 0] for name, number in here.items() if number is not None
    }
    wanted = {"ptrace", "mount", "unshare", "keyctl", "bpf", "perf_event_open", "userfaultfd"}
    wanted |= {"kexec_load", "init_module", "finit_module", "io_uring_setup"}
    assert wanted <= set(calls)
    assert errnos(calls) == dict.fromkeys(calls, EPERM)


@pytest.mark.usefixtures("strict_box")
@pytest.mark.rule("operations-M9")
def test_a_process_cannot_be_made_in_a_namespace_of_its_own() -> None:
    clone = CLONE[column()]
    calls = {name: [clone, flag | SIGCHLD, 0, 0, 0, 0] for name, flag in NAMESPACES.items()}
    assert errnos(calls) == dict.fromkeys(calls, EPERM)
    assert errnos({"clone3": [CLONE3[column()], 0, 0]}) == {"clone3": ENOSYS}


@pytest.mark.usefixtures("strict_box")
@pytest.mark.rule("operations-M9")
def test_sockets_are_local_ones() -> None:
    calls = {
        f"{call} {family}": [numbers[column()], number, 1, 0, 0]
        for call, numbers in SOCKETS.items()
        for family, number in FAMILIES.items()
    }
    assert errnos(calls) == dict.fromkeys(calls, EPERM)
    made = "import socket; a, b = socket.socketpair(); a.send(b'heard'); print(b.recv(9).decode())"
    assert boxed(made) == "heard\n"


@pytest.mark.usefixtures("strict_box")
@pytest.mark.rule("operations-M9")
def test_what_is_newer_than_our_list_does_not_exist() -> None:
    calls = {"next": [NEWEST + 1], "far": [5000], "x32": [X32_BIT | 39]}
    assert errnos(calls) == dict.fromkeys(calls, ENOSYS)


@pytest.mark.usefixtures("strict_box")
@pytest.mark.rule("operations-M9")
def test_files_threads_and_processes_work_in_the_box() -> None:
    script = """
import os, subprocess, sys, threading
done = []
thread = threading.Thread(target=done.append, args=(1,)); thread.start(); thread.join()
open("/tmp/a", "w").write("b"); os.rename("/tmp/a", "/tmp/c")
child = os.fork()
if child == 0:
    os._exit(7)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(done, open("/tmp/c").read(), code, subprocess.run([sys.executable, "-V"]).returncode)
"""
    assert boxed(script).splitlines()[-1] == "[1] b 7 0"


# Runs in the box: what each of these ends with, before the process may only read and afterwards.
CONFINED: Final = """
import os, platform, signal, socket, sys
sys.path.insert(0, sys.argv[1])
from kit.seccomp import confine_thread, reading_filter
import resource
file = os.open(sys.executable, os.O_RDONLY)
def end():
    if os.fork() == 0:
        os._exit(0)
tries = {
    "open": lambda: os.open(sys.executable, os.O_RDONLY),
    "fork": end,
    "exec": lambda: os.execv("/no/such", ["x"]),
    "kill": lambda: os.kill(os.getppid(), 0),
    "limits of others": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE),
    "socket": lambda: socket.socket(socket.AF_UNIX),
    "no more end": lambda: signal.setitimer(signal.ITIMER_REAL, 0),
    "delete": lambda: os.unlink("/tmp/none"),
}
def outcome(attempt):
    try:
        attempt()
    except OSError as error:
        return "forbidden" if error.errno == 1 else "failed"
    return "done"
before = [outcome(attempt) for attempt in tries.values()]
assert confine_thread(reading_filter(platform.machine()))
after = [outcome(attempt) for attempt in tries.values()]
print("forbidden" in before, set(after), len(os.read(file, 9)), len(bytearray(64 << 20)))
"""


@pytest.mark.usefixtures("strict_box")
@pytest.mark.rule("operations-M9")
def test_who_is_confined_to_reading_can_do_nothing_else() -> None:
    python, folder = interpreter()
    ours = Path(kit.__file__).parent
    words = ["-I", "-S", "-c", CONFINED, str(ours.parent)]
    printed = tried("strict", python, words, shown=[folder, ours])
    assert printed == f"False {{'forbidden'}} 9 {64 << 20}\n"


# --- step by step


def answer(program: bytes, audit: int, number: int, first: int = 0) -> int:
    """What the kernel would answer: the program run as `bpf(4)` says, with the instructions that it uses."""
    data = struct.pack("<IIQQ", number, audit, 0, first) + bytes(40)
    steps = list(struct.iter_unpack("=HBBI", program))
    loaded, at = 0, 0
    while True:
        code, holds, fails, constant = steps[at]
        at += 1
        match code:
            case 0x20:
                (loaded,) = struct.unpack_from("<I", data, constant)
            case 0x06:
                return constant
            case 0x15 | 0x25 | 0x45:
                test = {0x15: loaded == constant, 0x25: loaded > constant}
                at += holds if test.get(code, loaded & constant != 0) else fails
            case _:
                raise AssertionError(f"instruction {code:#x}")


@pytest.mark.rule("operations-M9")
@pytest.mark.parametrize("machine", MACHINES)
def test_both_machines_forbid_the_same(machine: str) -> None:
    program = box_filter(machine)
    assert program is not None
    audit, at = MACHINES[machine], list(MACHINES).index(machine)
    for numbers in FORBIDDEN.values():
        number = numbers[at]
        if number is not None:
            assert answer(program, audit, number) == FAIL | EPERM
    clone, (socket, pair) = CLONE[at], (numbers[at] for numbers in SOCKETS.values())
    assert answer(program, audit, clone, SIGCHLD) == ALLOW
    assert all(answer(program, audit, clone, flag) == FAIL | EPERM for flag in NAMESPACES.values())
    assert answer(program, audit, CLONE3[at]) == FAIL | ENOSYS
    for call in (socket, pair):
        assert answer(program, audit, call, 1) == ALLOW
        assert all(answer(program, audit, call, item) == FAIL | EPERM for item in FAMILIES.values())
    named = {numbers[at] for numbers in FORBIDDEN.values()}
    rest = set(range(NEWEST + 1)) - named - {clone, CLONE3[at], socket, pair}
    assert {answer(program, audit, number) for number in rest} == {ALLOW}
    assert answer(program, audit, NEWEST + 1) == FAIL | ENOSYS


@pytest.mark.rule("operations-M9")
@pytest.mark.parametrize("machine", MACHINES)
def test_both_machines_let_a_reader_do_the_same(machine: str) -> None:
    program = reading_filter(machine)
    assert program is not None
    at = list(MACHINES).index(machine)
    allowed = {
        number for number in range(600) if answer(program, MACHINES[machine], number) == ALLOW
    }
    assert allowed == {numbers[at] for numbers in READING.values()}


@pytest.mark.rule("operations-M9")
def test_a_program_of_another_machine_is_ended_and_an_unknown_machine_has_no_filter() -> None:
    x86, arm = (box_filter(machine) for machine in MACHINES)
    assert x86 is not None
    assert arm is not None
    i386, arm32 = 0x40000003, 0x40000028
    assert answer(x86, i386, 39) == answer(arm, arm32, 39) == KILL
    assert answer(x86, MACHINES["aarch64"], 39) == KILL
    assert box_filter("riscv64") is None


@pytest.mark.rule("operations-M9")
def test_the_numbers_are_those_that_libseccomp_knows() -> None:
    found = ctypes.util.find_library("seccomp")
    if found is None:
        pytest.skip("no libseccomp to compare with")
    resolve = ctypes.CDLL(found).seccomp_syscall_resolve_name_arch
    named = {**FORBIDDEN, **READING, **SOCKETS, "clone": CLONE, "clone3": CLONE3}
    for at, audit in enumerate(MACHINES.values()):
        known = {name: resolve(audit, name.encode()) for name in named}
        ours = {name: numbers[at] for name, numbers in named.items()}
        assert {name: number if number >= 0 else None for name, number in known.items()} == ours
