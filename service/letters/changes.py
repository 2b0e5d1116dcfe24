"""Changes of an event and who is told: the preview first, then the edit, the move, putting off, cancelling."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.events import actions as event_actions
from service.events import store as events
from service.events.values import Change, Event, EventDiff, EventEdit, EventState
from service.invitations import actions as invitation_actions
from service.invitations import store as invitations
from service.invitations.rules import is_live
from service.invitations.values import Invitation
from service.kernel.errors import Invalid
from service.letters import desk as writing_desk
from service.letters import rules, standing, store
from service.letters.actions import confirm, discard
from service.letters.store import planned_letters
from service.letters.store.holders import read_link_holders
from service.letters.values import ChangePreview, ChangeResult, Desk, Kind, MovedLetter, PlannedLetter
from service.mail import actions as mail
from service.mail.values import MailingState


class ReasonWanted(Invalid):
    """A change that matters is kept quiet: say why."""

    code = "reason-wanted"


def preview_change(session: Session, event_id: str, wishes: Mapping[str, Any], *, now: datetime) -> ChangePreview:
    """Return what an edit would do: material or not, who is told, which letters move. Nothing is stored."""
    edit = event_actions.plan_edit(session, event_id, wishes)
    everyone = invitations.read_of_event(session, event_id)
    drafts = frozenset(store.read_drafts(session, event_id))
    diff = edit.diff if edit.after.state is EventState.ANNOUNCED else EventDiff(Change.NONE)
    holders = _holders(session, edit)
    told = rules.tell(everyone, diff, drafts=drafts, holders=holders)
    moved = tuple(MovedLetter(p.kind.value, p.due_at, due) for p, due in _moved(session, edit, now=now))
    lines = rules.preview(everyone, diff, drafts=drafts, holders=holders)
    tells_link = "online_url" in diff.fields and any(rules.holds_link(i, holders) for i in told)
    return ChangePreview(edit, lines, len(told), moved, tells_link)


def _to_tell(session: Session, edit: EventEdit, holders: Mapping[str, bool]) -> list[Invitation]:
    """Return who must be told of an edit: nobody while the event stays put off."""
    if edit.after.state is not EventState.ANNOUNCED:
        return []
    drafts = frozenset(store.read_drafts(session, edit.after.id))
    everyone = invitations.read_of_event(session, edit.after.id)
    return rules.tell(everyone, edit.diff, drafts=drafts, holders=holders)


def _holders(session: Session, edit: EventEdit) -> dict[str, bool]:
    """Return who has the link to join, where an edit may tell them of it."""
    is_told = edit.diff.change is Change.MATERIAL or "online_url" in edit.diff.fields
    return read_link_holders(session, edit.after.id) if is_told else {}


def _moved(session: Session, edit: EventEdit, *, now: datetime) -> list[tuple[PlannedLetter, datetime]]:
    """Return the planned letters that an edit gives another day, each with it."""
    dues = [
        (p, rules.moved_due(p, edit.after, edit.diff, now=now)) for p in planned_letters.read(session, edit.after.id)
    ]
    return [(planned, due) for planned, due in dues if due]


def change_event(
    session: Session,
    event_id: str,
    wishes: Mapping[str, Any],
    *,
    notify: bool = True,
    reason: str = "",
    note: str = "",
    desk: Desk,
    now: datetime,
    actor: str,
) -> ChangeResult:
    """Change an event and tell everyone with a live invitation, when it matters to people.

    Acceptors keep their seat and are asked again when the time moves. `notify=False` tells nobody
    and needs a reason; both are audited.
    """
    edit = _edit(session, event_id, wishes, notify=notify, reason=reason, now=now, actor=actor)
    if edit.diff.change is Change.NONE:
        return ChangeResult(edit, None, 0)
    for planned, due in _moved(session, edit, now=now):
        planned_letters.write(session, planned.id, due_at=due, mailing_id=None)
    told = _tell(session, edit, notify=notify, note=note, desk=desk, now=now, actor=actor)
    if "capacity" in edit.diff.fields:
        for invitation in invitation_actions.fill_seats(session, edit.after):
            confirm(session, edit.after, invitation, desk=desk, now=now)
    if {"series_id", "state"} & edit.diff.fields.keys():
        standing.enrol(session, event_id, desk=desk, now=now, actor=actor)
    return told


def _edit(
    session: Session, event_id: str, wishes: Mapping[str, Any], *, notify: bool, reason: str, now: datetime, actor: str
) -> EventEdit:
    plan = event_actions.plan_edit(session, event_id, wishes)
    is_ahead = plan.after.state is EventState.ANNOUNCED
    matters = is_ahead and (
        plan.diff.change is Change.MATERIAL or bool(_to_tell(session, plan, _holders(session, plan)))
    )
    if matters and not notify and not reason.strip():
        raise ReasonWanted("Say why nobody is told of a change that matters.", field="reason")
    told = matters and notify
    return event_actions.edit_event(session, event_id, wishes, told=told, reason=reason, now=now, actor=actor)


def _tell(
    session: Session, edit: EventEdit, *, notify: bool, note: str, desk: Desk, now: datetime, actor: str
) -> ChangeResult:
    holders = _holders(session, edit)
    told = _to_tell(session, edit, holders) if notify else []
    if not told:
        return ChangeResult(edit, None, 0)
    changed = [rules.after_change(i, edit.diff) for i in told]
    invitations.write_all(session, [i.id for i in changed if i.asked_again], asked_again=True)
    facts: dict[str, Any] = {"changes": rules.changes(edit.before, edit.after, edit.diff), "note": note}
    # A link is no new time or place: SEQUENCE stays, so that an answer on its way still counts.
    rises = edit.diff.change is Change.MATERIAL
    said: dict[str, Any] = {"must_rise": rises, "holders": holders, "facts": facts}
    mailing_id = writing_desk.write_and_send(
        session, edit.after, Kind.UPDATE, changed, desk=desk, now=now, actor=actor, **said
    )
    return ChangeResult(edit, mailing_id, len(changed))


def announce_event(session: Session, event_id: str, *, desk: Desk, now: datetime, actor: str) -> Event:
    """Announce an event and plan the letters it will send by itself. The sample project's are held.

    Those who stand invited to its series are invited: drafts that wait for Send.

    One that was put off takes place at its first time after all: everyone with a live invitation is told.

    Raises:
        NoDateYet: it was put off, and its first day is over.
    """
    before = events.lock_event(session, event_id)
    event = event_actions.announce_event(session, event_id, now=now, actor=actor)
    if not planned_letters.read(session, event_id):
        held = store.is_sample(session, event.project_id)
        planned_letters.add(session, event_id, rules.planned_for(event, now=now), held=held)
    if before.state is EventState.POSTPONED:
        back = EventDiff(Change.MATERIAL, {"state": (before.state, event.state)})
        edit = EventEdit(before, event, back)
        _tell(session, edit, notify=True, note="", desk=desk, now=now, actor=actor)
    if before.state is not EventState.ANNOUNCED:
        standing.enrol(session, event_id, desk=desk, now=now, actor=actor)
    return event


def postpone_event(
    session: Session, event_id: str, *, note: str = "", desk: Desk, now: datetime, actor: str
) -> ChangeResult:
    """Put an event off: the letters on their way stop, and everyone with a live invitation is told.

    It stays in their calendars as tentative. Seats and answers are kept; planned letters wait for the new
    date. Whoever was to be invited by a letter that had not left is not invited any more.

    Raises:
        WrongState: it is not announced. EventClosed: it has begun.
    """
    before = events.lock_event(session, event_id)
    after = event_actions.postpone_event(session, event_id, now=now, actor=actor)
    edit = EventEdit(before, after, EventDiff(Change.MATERIAL, {"state": (before.state, after.state)}))
    if before.state is EventState.POSTPONED:
        return ChangeResult(edit, None, 0)
    _drop_waiting(session, event_id, now=now, actor=actor, but_drafts=True)
    drafts = frozenset(store.read_drafts(session, event_id))
    live = rules.tell(invitations.read_of_event(session, event_id), edit.diff, drafts=drafts)
    if not live:
        return ChangeResult(edit, None, 0)
    mailing_id = writing_desk.write_and_send(
        session, after, Kind.POSTPONEMENT, live, desk=desk, now=now, actor=actor, must_rise=True, facts={"note": note}
    )
    return ChangeResult(edit, mailing_id, len(live))


def cancel_event(
    session: Session, event_id: str, *, reason: str, note: str = "", desk: Desk, now: datetime, actor: str
) -> ChangeResult:
    """Cancel an event: its waiting letters are dropped, and everyone with a live invitation gets a CANCEL.

    No reminder leaves afterwards. Cancelling twice changes nothing.
    """
    before = events.lock_event(session, event_id)
    after = event_actions.cancel_event(session, event_id, reason=reason, now=now, actor=actor)
    edit = EventEdit(before, after, EventDiff(Change.MATERIAL))
    if before.state is EventState.CANCELLED:
        return ChangeResult(edit, None, 0)
    planned_letters.hold_all(session, event_id)
    _drop_waiting(session, event_id, now=now, actor=actor)
    live = [i for i in invitations.read_of_event(session, event_id) if is_live(i)]
    if not live:
        return ChangeResult(edit, None, 0)
    facts = {"cancel_reason": reason, "note": note}
    mailing_id = writing_desk.write_and_send(
        session, after, Kind.CANCELLATION, live, desk=desk, now=now, actor=actor, must_rise=True, facts=facts
    )
    return ChangeResult(edit, mailing_id, len(live))


def _drop_waiting(session: Session, event_id: str, *, now: datetime, actor: str, but_drafts: bool = False) -> None:
    """Cancel every mailing of the event that has letters to send; who was to be invited by one no longer is."""
    waiting = [MailingState.APPROVED, MailingState.RUNNING, MailingState.PAUSED]
    states = waiting if but_drafts else [MailingState.DRAFT, *waiting]
    for mailing in mail.read_mailings(session, context=f"event:{event_id}", states=states):
        discard(session, mailing.id, now=now, actor=actor)


def count_live(session: Session, event_id: str) -> int:
    """Return how many people would be told if the event were cancelled or put off now."""
    drafts = store.read_drafts(session, event_id)
    return sum(is_live(i) and i.id not in drafts for i in invitations.read_of_event(session, event_id))
