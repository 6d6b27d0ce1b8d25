"""What can be wrong with a timeline.

TimelineError
 +- BadTimeline     input that is no timeline at all: which field, and why
 +- EditRefused     an edit that cannot be done: code and record (`timeline.md`, E3)
 +- ExportRefused   a timeline that cannot become a film: the fatal diagnostic or bad option
"""

from typing import Final, Literal, TypeAlias

RefusalCode: TypeAlias = Literal[
    "not_found",
    "track_locked",
    "sync_would_break",
    "not_adjacent",
    "no_handle",
    "too_short",
    "stale",
    "bad_argument",
]


class TimelineError(Exception):
    """Root of everything that this room raises."""


class BadTimeline(TimelineError):
    """Input that is not a timeline; `field` is a path such as `clips/c1/start`."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.field: Final = field
        self.detail: Final = detail


class EditRefused(TimelineError):
    """An edit that cannot be done; nothing was changed."""

    def __init__(self, code: RefusalCode, record_id: str, detail: str = "") -> None:
        super().__init__(f"{code}: {record_id}" + (f" ({detail})" if detail else ""))
        self.code: Final = code
        self.record_id: Final = record_id
        self.detail: Final = detail


class ExportRefused(TimelineError):
    """A timeline that cannot become a film; `code` is a fatal diagnostic or a bad option."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: Final = code
        self.detail: Final = detail
