"""What can go wrong while a film is made.

ExporterError
 +- Cancelled          somebody asked to stop; nothing is wrong
 +- ToolFailed         a tool ended with an error: exit code and the tail of what it said   (transient)
 |   +- ToolStalled    no new frame for a minute                                            (transient)
 +- BoxVerdict         memory, time or output beyond the limit: the input's fault           (poison)
 +- NoRoom             the disk is full: how many bytes are missing                         (transient)
 +- InputChanged       a rendition is gone, or not what was planned                          (poison)
 +- MediaUnusable      an original that cannot become a rendition: code and reason          (poison)
 +- CheckFailed        a film or segment that is not as planned                             (poison)
"""

from typing import Final


class ExporterError(Exception):
    """Root of everything that this room raises."""


class Cancelled(ExporterError):
    """Somebody asked to stop."""

    def __init__(self) -> None:
        super().__init__("cancelled")


class ToolFailed(ExporterError):
    """A tool ended with an error; `stderr_tail` is the end of what it said."""

    def __init__(self, exit_code: int, stderr_tail: str, *, tool: str = "ffmpeg") -> None:
        last = stderr_tail.strip().splitlines()[-1:] or ["no message"]
        super().__init__(f"{tool} ended with {exit_code}: {last[0]}")
        self.exit_code: Final = exit_code
        self.stderr_tail: Final = stderr_tail


class ToolStalled(ToolFailed):
    """No new frame for too long."""


class BoxVerdict(ExporterError):
    """A run went beyond a limit of its box: `memory`, `time` or `output`."""

    def __init__(self, limit: str, detail: str) -> None:
        super().__init__(f"{limit}: {detail}")
        self.limit: Final = limit


class NoRoom(ExporterError):
    """The disk is full; `missing_bytes` is 0 where nobody knows."""

    def __init__(self, where: str, missing_bytes: int = 0) -> None:
        missing = f"{missing_bytes} bytes are missing" if missing_bytes else "no space left"
        super().__init__(f"disk full: {where}: {missing}")
        self.where: Final = where
        self.missing_bytes: Final = missing_bytes


class InputChanged(ExporterError):
    """A rendition that is gone or has other bytes; the export is planned once more."""

    def __init__(self, key: str, name: str = "") -> None:
        super().__init__(f"{name or key}: changed since it was planned")
        self.key: Final = key


class MediaUnusable(ExporterError):
    """An original that cannot become a rendition; `code` as in the diagnostics."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: Final = code
        self.detail: Final = detail


class CheckFailed(ExporterError):
    """A film or a segment that is not what was planned; `segments` names the positions."""

    def __init__(self, detail: str, segments: tuple[int, ...] = ()) -> None:
        super().__init__(detail)
        self.detail: Final = detail
        self.segments: Final = segments
