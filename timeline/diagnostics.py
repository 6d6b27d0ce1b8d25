"""The codes of what resolve finds odd, their levels, and the list it gathers them in [timeline-R10]."""

from typing import Final

from timeline.resolved import Diagnostic, Level

FATAL: Final = ("too_new", "no_sequence", "empty_timeline", "too_complex")
WARNING: Final = (
    "bad_record",
    "bad_value",
    "bad_time",
    "orphan_clip",
    "wrong_track_kind",
    "overlap",
    "sequence_cycle",
    "nested_too_deep",
    "over_quota",
    "media_missing",
    "media_pending",
    "media_failed",
    "no_stream",
    "past_media_end",
    "transition_not_at_cut",
    "transition_duplicate",
    "unknown_kind",
    "effect_unsupported",
    "variable_missing",
)
INFO: Final = (
    "transition_shortened",
    "transition_holds_frames",
    "link_offset",
    "too_short",
    "orphan_record",
    "black",
)
LEVELS: Final[dict[str, Level]] = {
    **dict.fromkeys(FATAL, "fatal"),
    **dict.fromkeys(WARNING, "warning"),
    **dict.fromkeys(INFO, "info"),
}


def code_units(text: str) -> bytes:
    """Sorts as JavaScript does: by UTF-16 code unit, not by code point."""
    return text.encode("utf-16-be", "surrogatepass")


class Findings:
    """What was found so far: at most one of each (id, code); details of repeats are joined."""

    def __init__(self) -> None:
        self._details: dict[tuple[str, str], str] = {}

    def add(self, code: str, record_id: str, detail: str = "") -> None:
        key = (record_id, code)
        found = self._details.get(key)
        self._details[key] = f"{found}, {detail}" if found and detail else found or detail

    def keep(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Take over diagnostics that were made elsewhere; known (id, code) pairs stay as they are."""
        for item in diagnostics:
            self._details.setdefault((item.id, item.code), item.detail)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them, sorted by (id, code)."""
        ordered = sorted(
            self._details.items(), key=lambda item: (code_units(item[0][0]), item[0][1])
        )
        return tuple(
            Diagnostic(code, record_id, LEVELS[code], detail)
            for (record_id, code), detail in ordered
        )
