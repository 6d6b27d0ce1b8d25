"""Rows of the update log. Only appended; compaction alone deletes, after it has read back."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.metadata import PlainJson, Row
from timeline.model import Json


class CollabNodeRow(Row):
    """A process that may own documents, and where other nodes reach it."""

    __tablename__ = "collab_nodes"

    id: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    lease_until: Mapped[datetime]


class CollabHeadRow(Row):
    """One per project. `head` is the last number given out; `epoch` goes up with every owner.

    `owner` is a node, and counts for as long as that node's lease lives.
    """

    __tablename__ = "collab_heads"

    project_id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    epoch: Mapped[int]
    head: Mapped[int] = mapped_column(BigInteger)


class CollabLogRow(Row):
    """`entries` is (actor, update)* as `store.packed` writes it."""

    __tablename__ = "collab_log"

    project_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    epoch: Mapped[int]
    at: Mapped[datetime]
    entries: Mapped[bytes] = mapped_column(LargeBinary)
    crc32: Mapped[int] = mapped_column(BigInteger)


class CollabSnapshotRow(Row):
    """An object that stands for all rows up to `seq`: a state, or the packed rows themselves."""

    __tablename__ = "collab_snapshots"
    __table_args__ = (CheckConstraint("kind in ('state', 'rows')", name="kind"),)

    project_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    object_key: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state_vector: Mapped[bytes] = mapped_column(LargeBinary)
    writers: Mapped[dict[str, Json]] = mapped_column(PlainJson)
    made_at: Mapped[datetime]


class CollabVersionRow(Row):
    """A name for a place in the log."""

    __tablename__ = "collab_versions"
    __table_args__ = (
        CheckConstraint("kind in ('named', 'automatic')", name="kind"),
        Index("ix_collab_versions_project_seq", "project_id", "seq"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    name: Mapped[str]
    author_id: Mapped[str]
    author_name: Mapped[str]
    created_at: Mapped[datetime]
