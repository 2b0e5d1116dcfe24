"""What a guest needs to take part: access, food, interpreting. Kept sealed; the caller commits."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.invitations import store
from service.invitations.store import needs as cells
from service.kernel.errors import Invalid
from service.kernel.sealing import CannotOpen, SealRing
from service.kernel.text import clean_block

TABLE, COLUMN, LIMIT = "invitation", "needs", 1_000


def write_needs(session: Session, invitation_id: str, text: str, *, ring: SealRing, now: datetime, actor: str) -> None:
    """Seal what a guest needs in place of what was there; nothing empties it.

    Raises:
        Invalid: it is too long.
        UnknownInvitation: there is none of this id.
    """
    store.read(session, invitation_id)
    cleaned = clean_block(text)
    if len(cleaned) > LIMIT:
        raise Invalid(f"This is too long: {LIMIT:,} letters at most.", field="needs")
    cell = ring.seal(cleaned, table=TABLE, row_id=invitation_id, column=COLUMN) if cleaned else None
    cells.write_cell(session, invitation_id, cell)
    log.record(session, actor=actor, action="invitation.needs", subject=f"invitation:{invitation_id}", now=now)


def read_needs(session: Session, invitation_id: str, *, ring: SealRing) -> str:
    """Return what a guest needs, "" when nothing is known.

    Raises:
        CannotOpen: it does not open here.
    """
    cell = cells.read_cell(session, invitation_id)
    return ring.open(cell, table=TABLE, row_id=invitation_id, column=COLUMN) if cell else ""


def has_needs(session: Session, invitation_id: str) -> bool:
    """Tell whether a guest said what they need."""
    return cells.read_cell(session, invitation_id) is not None


def read_event_needs(session: Session, event_id: str, *, ring: SealRing) -> tuple[dict[str, str], dict[str, str]]:
    """Return what guests of an event need, and the sentences of what does not open; both by invitation."""
    opened, faults = {}, {}
    for invitation_id, cell in cells.read_cells(session, event_id).items():
        try:
            opened[invitation_id] = ring.open(cell, table=TABLE, row_id=invitation_id, column=COLUMN)
        except CannotOpen as error:
            faults[invitation_id] = error.sentence
    return opened, faults
