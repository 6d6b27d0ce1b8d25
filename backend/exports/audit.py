"""What the ledger cannot know: an export has ended exactly when its hold is settled [credits-A1]."""

from typing import Final

from sqlalchemy import Connection, text

from backend.credits.audit import Audit

MISMATCHES: Final = text(
    "select e.id, e.state, h.state, h.ref_id, e.credits_captured, h.captured from exports e"
    " join holds h on h.id = e.hold_id where h.ref_id <> e.id or h.kind <> 'export' or"
    " h.state <> (case e.state when 'done' then 'captured' when 'failed' then 'released'"
    " when 'cancelled' then 'released' else 'active' end)"
    " or coalesce(e.credits_captured, 0) <> h.captured"
)
# An export goes with its project; a hold that it left active would never be settled.
LOST: Final = text(
    "select h.id, h.ref_id from holds h where h.kind = 'export' and h.state = 'active'"
    " and not exists (select 1 from exports e where e.hold_id = h.id)"
)


def audit_exports(connection: Connection, audit: Audit) -> None:
    """Add what differs between exports and their holds."""
    for export_id, state, held, ref_id, told, captured in connection.execute(MISMATCHES):
        what = f"is {state}, its hold is {held} for {ref_id}; captured {told}, the hold {captured}"
        audit.differs(f"export {export_id}", what)
    for hold_id, ref_id in connection.execute(LOST):
        audit.differs(f"hold {hold_id}", f"is active for {ref_id}, which is gone")
