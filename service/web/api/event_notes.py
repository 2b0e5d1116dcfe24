"""The API of what was agreed at an event."""

from __future__ import annotations

from service.accounts.values import Permission
from service.dissemination import notes
from service.web.deps import Now, Principal, ReadSession, WriteSession
from service.web.events import own_event
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/events/{event_id}/notes", tag="events")


class NotesIn(ApiModel):
    """Lists of one line a point; what is left out stays."""

    decisions: str | None = None
    asks: str | None = None
    owners: str | None = None
    links: str | None = None


class NotesOut(ApiModel):
    """What was agreed."""

    decisions: str
    asks: str
    owners: str
    links: str


def _notes(found: notes.Notes) -> NotesOut:
    return NotesOut(**{part: getattr(found, part) for part in notes.PARTS})


@router.get("")
@rule(Permission.READ)
def show(session: ReadSession, who: Principal, event_id: str) -> NotesOut:
    """Return what was agreed at an event."""
    return _notes(notes.read_notes(session, own_event(session, who, event_id).id))


@router.patch("")
@rule(Permission.EDIT)
def write(session: WriteSession, who: Principal, now: Now, event_id: str, body: NotesIn) -> NotesOut:
    """Write down what was agreed."""
    event = own_event(session, who, event_id)
    wishes = body.model_dump(exclude_unset=True)
    return _notes(notes.write_notes(session, event.id, wishes, now=now, actor=who.actor))
