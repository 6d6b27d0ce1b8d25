"""Compaction: a state in place of rows, once it is proved to say the same [collab-D5].

On another thread, on documents of its own: nothing here touches a room.
"""

from backend.collab.document import apply_updates, new_ydoc, read_model
from backend.collab.live import LiveDocument, index_of
from backend.collab.log import Snapshot, UpdateLog
from backend.collab.wire import read_state


def compact(log: UpdateLog, project_id: str, epoch: int, snapshot: Snapshot) -> bool:
    """Store the snapshot and drop the rows it stands for; False where it was not done.

    Not done for a document that is not whole, for one that has another owner now, and where the
    snapshot does not say what the rows say.
    """
    stored = log.read(project_id, snapshot.seq)
    if not stored.is_whole:
        return False
    replayed = LiveDocument(stored, index_of(stored))
    loaded = new_ydoc()
    apply_updates(loaded, [snapshot.update], "compact")
    if read_state(loaded.get_state()) != read_state(replayed.state()):
        return False
    if read_model(loaded) != replayed.model():
        return False
    return log.compact(project_id, epoch, snapshot)
