"""How a command fails: one line, one exit code."""

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """The exit codes of the contract."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    INTERRUPTED = 130
    TERMINATED = 143


class CommandFailed(Exception):
    """Ends a command with `cutroom: WHAT: WHERE` on stderr and the exit code."""

    def __init__(self, what: str, where: str = "", exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(f"{what}: {where}" if where else what)
        self.what: Final = what
        self.where: Final = where
        self.exit_code: Final = exit_code


class Stopped(Exception):
    """SIGTERM arrived: leave through the `finally` blocks."""
