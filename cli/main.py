"""The console script `cutroom`: arguments -> one command -> exit code.

A command loads its rooms when it runs, not before: `cutroom doctor` answers in a broken install and
`cutroom export` works where no server could start.
"""

import argparse
import gc
import importlib
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final, NoReturn, Protocol, cast

from cli.errors import CommandFailed, ExitCode, Stopped
from timeline.errors import BadTimeline, EditRefused, ExportRefused, TimelineError

SUMMARIES: Final[dict[str, str]] = {
    "up": "run everything in one process tree and print the address to open",
    "export": "make the film of a timeline file, without a server",
    "plan": "tell what an export would do; renders nothing",
    "convert": "between .cutroom.json and .otio",
    "inspect": "facts of a media file, or diagnostics of a timeline",
    "account": "print a one-time link for a new password",
    "token": "make an API token for programs",
    "payments": "reconcile with Razorpay, and decide about what is odd",
    "link": "print a fresh one-time sign-in link of a running `up`",
    "serve": "run the API and collaboration alone",
    "work": "run workers alone",
    "migrate": "bring the database to this version",
    "backup": "write tables and objects into a folder",
    "restore": "bring a backup into an empty place",
    "ledger": "replay the ledger and compare; grant or adjust credits",
    "doctor": "tell what is installed, which versions, and what is missing",
}


class Command(Protocol):
    """A module of cli/commands."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line of our form."""

    def error(self, message: str) -> NoReturn:
        raise CommandFailed(message, f"see `{self.prog} --help`", ExitCode.BAD_INPUT)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; answers its exit code. No traceback reaches the caller of the program."""
    signal.signal(signal.SIGTERM, _stop)
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words)
    except CommandFailed as failure:
        return _told(failure.what, failure.where, failure.exit_code)
    except BadTimeline as bad:
        return _told(bad.detail, bad.field, ExitCode.BAD_INPUT)
    except (EditRefused, ExportRefused, TimelineError) as refused:
        return _told(str(refused), "", ExitCode.BAD_INPUT)
    except OSError as error:
        return _told(error.strerror or type(error).__name__, str(error.filename or ""))
    except KeyboardInterrupt:
        return _told("interrupted", "", ExitCode.INTERRUPTED)
    except Stopped:
        return _told("terminated", "", ExitCode.TERMINATED)


def _dispatch(words: list[str]) -> int:
    parser = Parser(prog="cutroom", description="The cutting room for generated video.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    chosen = next((word for word in words if not word.startswith("-")), None)
    module: Command | None = None
    for name, summary in SUMMARIES.items():
        subparser = commands.add_parser(name, help=summary, description=summary)
        if name == chosen:
            module = _loaded(name)
            module.add_arguments(subparser)
    arguments = parser.parse_args(words)
    if module is None:
        parser.print_help()
        return ExitCode.DONE if not words else ExitCode.BAD_INPUT
    return module.run(arguments)


def _loaded(name: str) -> Command:
    """The command's module. What loading makes stays, so looking for garbage meanwhile is a tenth of a start lost."""
    gc.disable()
    try:
        return cast("Command", importlib.import_module(f"cli.commands.{name}"))
    finally:
        gc.freeze()
        gc.enable()


def _told(what: str, where: str, exit_code: ExitCode = ExitCode.FAILED) -> int:
    line = f"cutroom: {what}: {where}" if where else f"cutroom: {what}"
    print(" ".join(line.split()), file=sys.stderr)
    return exit_code


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
