"""The documents that are edited: clips of 13 keys on 12 tracks, one update each, fixed bytes."""

from backend.collab.document import new_ydoc, write_changes
from timeline.model import Change, Json
from timeline.timing import TICKS

TRACKS = 12
CLIENT_ID = 7
ORIGIN = "import:bench"


def document_update(clips: int) -> bytes:
    """An update that makes a document of so many clips from nothing."""
    changes = [
        Change("meta", "", "name", None, "Bench"),
        Change("meta", "", "main_sequence", None, "seq"),
        Change("sequences", "seq", None, None, {"name": "Main", "width": 1920, "height": 1080}),
        *(_track(number) for number in range(TRACKS)),
        *(_clip(number) for number in range(clips)),
    ]
    return write_changes(new_ydoc(CLIENT_ID), changes, ORIGIN)


def _track(number: int) -> Change:
    row: dict[str, Json] = {"sequence": "seq", "kind": "video", "order": f"a{number}"}
    return Change("tracks", f"track_{number:02}", None, None, row)


def _clip(number: int) -> Change:
    row: dict[str, Json] = {
        "kind": "media",
        "asset": f"asset_{number % 400:012}",
        "name": f"Scene {number}",
        "track": f"track_{number % TRACKS:02}",
        "start": number * TICKS,
        "duration": 4 * TICKS,
        "source_in": TICKS,
        "opacity": 0.5,
        "x": 0.125,
        "y": 0.25,
        "scale": 1.5,
        "gain_db": -3,
        "by": "user_0123456789ab",
    }
    return Change("clips", f"clip_{number:020}", None, None, row)
