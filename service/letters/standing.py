"""Whoever is invited to a series once is invited to each of its dates, by the rules of any invitation.

No letter leaves by itself: every date gets a draft that waits for Send. A person may be left out of one
date, and the whole may end; what was not sent yet is then taken back without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.directory.segments import SegmentBroken
from service.events import store as events
from service.events.values import Event, EventState
from service.invitations import rules as invitation_rules
from service.invitations import store as invitations
from service.invitations.store import rosters as invitation_rosters
from service.invitations.store import standing as store
from service.invitations.values import Candidate, Invitation, LetterState, Standing
from service.kernel.errors import Conflict
from service.letters import actions as letters
from service.letters import desk as writing_desk
from service.letters import rosters, rules
from service.letters.values import Desk, Ended, Enrolled, Kind, Stood
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import MailingState
from service.people import store as people

AHEAD = (EventState.DRAFT, EventState.ANNOUNCED, EventState.POSTPONED)


class NotOfTheSeries(Conflict):
    """The date belongs to another series, or to none."""

    code = "not-of-the-series"


# Standing invited


def invite_to_series(
    session: Session,
    series_id: str,
    *,
    person_ids: Sequence[str] = (),
    list_id: str | None = None,
    desk: Desk,
    now: datetime,
    actor: str,
) -> Stood:
    """Invite people, or who is on a list now, to a series and to each of its dates that is announced.

    Whoever stands invited already is left as they are; one whose standing invitation was ended stands again.

    Raises:
        UnknownSeries, UnknownList, SegmentBroken: nothing is stored.
    """
    events.read_one_series(session, series_id)
    plan = _who(session, person_ids, list_id, desk=desk)
    known = {one.person_id: one for one in store.read_of_series(session, series_id)}
    store.add(session, series_id, [p for p in plan.added if p not in known], list_id=list_id, now=now, actor=actor)
    ended = [known[p] for p in plan.added if p in known and known[p].ended_at]
    for one in ended:
        store.write(session, one.id, since=now, ended_at=None, actor=actor, list_id=list_id, left_out=[])
    added = tuple(p for p in plan.added if p not in known or known[p].ended_at)
    subject = f"series:{series_id}"
    log.record(session, actor=actor, action="series.invited", subject=subject, now=now, people=len(added))
    dates = enrol_all(session, series_id, desk=desk, now=now, actor=actor) if added else ()
    return replace(plan, added=added, dates=dates)


def _who(session: Session, person_ids: Sequence[str], list_id: str | None, *, desk: Desk) -> Stood:
    """Return who may be invited at all, and why the others are not."""
    roster = _roster(session, "", list_id, person_ids)
    seen: set[str] = set()
    skipped: list[tuple[str, str]] = []
    for candidate in rosters.with_suppression(session, roster, writing_desk.scopes(list_id), desk):
        if reason := invitation_rules.skip_reason(candidate, seen):
            skipped.append((candidate.person_id, reason.value))
        else:
            seen.add(candidate.person_id)
    passed = {person for person, _reason in skipped}
    return Stood(tuple(c.person_id for c in roster if c.person_id not in passed), tuple(skipped), ())


def _roster(session: Session, event_id: str, list_id: str | None, person_ids: Iterable[str]) -> Sequence[Candidate]:
    if list_id:
        return rosters.of_list(session, event_id, people.read_list(session, list_id))
    named = list(dict.fromkeys(person_ids))
    return invitation_rosters.read_named_roster(session, event_id, named, "legitimate_interest")


# Dates


def enrol_all(session: Session, series_id: str, *, desk: Desk, now: datetime, actor: str) -> tuple[Enrolled, ...]:
    """Invite those who stand invited to every date of a series that takes invitations; running it twice adds nobody."""
    found = events.read_dates(session, series_id, states=AHEAD, after=now)
    done = [enrol(session, event.id, desk=desk, now=now, actor=actor) for event in in_order_of_locks(found)]
    return tuple(one for one in done if one.queued or one.skipped)


def in_order_of_locks(dates: Iterable[Event]) -> list[Event]:
    """Return events in the one order in which several are held, so that nobody waits crosswise."""
    return sorted(dates, key=lambda event: event.id)


def enrol(session: Session, event_id: str, *, desk: Desk, now: datetime, actor: str) -> Enrolled:
    """Invite those who stand invited to the event's series and have no invitation to it: drafts to send.

    Those of a segment that nobody can evaluate any more wait until somebody puts it right.
    """
    event = events.lock_event(session, event_id)
    nobody = Enrolled(event.id, 0, (), ())
    if event.series_id is None or event.state is not EventState.ANNOUNCED or now >= event.starts_at:
        return nobody
    standing = [one for one in store.read_of_series(session, event.series_id) if one.stands_for(event.id)]
    done = nobody
    for list_id in dict.fromkeys(one.list_id for one in standing):
        group = {one.person_id for one in standing if one.list_id == list_id}
        done = _enrol(session, event, list_id, group, done, desk=desk, now=now, actor=actor)
    return done


def _enrol(
    session: Session,
    event: Event,
    list_id: str | None,
    group: set[str],
    before: Enrolled,
    *,
    desk: Desk,
    now: datetime,
    actor: str,
) -> Enrolled:
    try:
        everyone = _roster(session, event.id, list_id, sorted(group))
    except SegmentBroken:
        return before
    roster = [c for c in everyone if c.person_id in group and c.invitation_id is None]
    into = _open_draft(session, event, list_id, actor)
    made = letters.invite_roster(
        session, event, roster, list_id=list_id, desk=desk, facts={"note": ""}, into=into, now=now, actor=actor
    )
    mailing_ids = (*before.mailing_ids, made.mailing_id) if made.mailing_id else before.mailing_ids
    return Enrolled(event.id, before.queued + made.queued, (*before.skipped, *made.skipped), mailing_ids)


def _open_draft(session: Session, event: Event, list_id: str | None, actor: str) -> str | None:
    """Return the draft of the same words that the same member of staff has begun, held; people are added to it."""
    facts = rules.event_facts(event)
    for draft in mail.read_mailings(session, context=f"event:{event.id}", states=[MailingState.DRAFT]):
        is_same = (draft.kind, draft.list_id, draft.created_by) == (Kind.INVITATION, list_id, actor)
        if is_same and not draft.facts.get("note") and draft.facts.get("event") == facts:
            held = mail_store.lock_mailing(session, draft.id)
            return draft.id if held and held.state is MailingState.DRAFT else None
    return None


# Exceptions, and the end


def leave_out(session: Session, standing_id: str, event_id: str, *, desk: Desk, now: datetime, actor: str) -> Standing:
    """Leave a person out of one date: a letter that was not sent stops; whoever has it gets a CANCEL.

    Raises:
        UnknownStanding, NotOfTheSeries: nothing is stored.
    """
    one = store.read(session, standing_id)
    event = _date_of(session, one, event_id)
    if event.id in one.left_out:
        return one
    after = _write_left_out(session, one, (*one.left_out, event.id))
    invitation = invitations.find(session, event.id, one.person_id)
    if invitation and not _take_unsent(session, invitation, now=now, actor=actor):
        letters.withdraw(session, invitation.id, desk=desk, now=now, actor=actor)
    _note(session, one, "series.left-out", event.id, now=now, actor=actor)
    return after


def put_back(session: Session, standing_id: str, event_id: str, *, desk: Desk, now: datetime, actor: str) -> Standing:
    """Let a person be invited to a date they were left out of; one who was sent a CANCEL stays uninvited.

    Raises:
        UnknownStanding, NotOfTheSeries: nothing is stored.
    """
    one = store.read(session, standing_id)
    event = _date_of(session, one, event_id)
    if event.id not in one.left_out:
        return one
    after = _write_left_out(session, one, tuple(e for e in one.left_out if e != event.id))
    _note(session, one, "series.put-back", event.id, now=now, actor=actor)
    enrol(session, event.id, desk=desk, now=now, actor=actor)
    return after


def _date_of(session: Session, one: Standing, event_id: str) -> Event:
    event = events.lock_event(session, event_id)
    if event.series_id != one.series_id:
        raise NotOfTheSeries("This date is not one of the series.", event_id=event_id)
    return event


def _write_left_out(session: Session, one: Standing, left_out: tuple[str, ...]) -> Standing:
    store.write(session, one.id, left_out=list(left_out))
    return replace(one, left_out=left_out)


def _note(session: Session, one: Standing, action: str, event_id: str, *, now: datetime, actor: str) -> None:
    log.record(session, actor=actor, action=action, subject=f"standing:{one.id}", now=now, event=event_id)


def end(session: Session, standing_id: str, *, now: datetime, actor: str) -> Ended:
    """End a standing invitation: dates not sent yet are taken back; those that were sent stay. Twice changes nothing.

    Raises:
        UnknownStanding: there is none.
    """
    one = store.read(session, standing_id)
    if one.ended_at:
        return Ended(0, 0)
    store.write(session, one.id, ended_at=now)
    log.record(session, actor=actor, action="series.uninvited", subject=f"standing:{one.id}", now=now)
    found = events.read_dates(session, one.series_id, states=AHEAD, after=now)
    taken = kept = 0
    for event in in_order_of_locks(found):
        events.lock_event(session, event.id)
        invitation = invitations.find(session, event.id, one.person_id)
        if invitation is None or invitation.withdrawn_at:
            continue
        is_gone = _take_unsent(session, invitation, now=now, actor=actor)
        taken, kept = taken + is_gone, kept + (not is_gone)
    return Ended(taken, kept)


def _take_unsent(session: Session, invitation: Invitation, *, now: datetime, actor: str) -> bool:
    """Delete an invitation whose letter has not left; tell whether it was one."""
    if invitation.letter is not LetterState.QUEUED or invitation.replied_at:
        return False
    if invitation.id not in mail.call_off_to(session, [invitation.id], now=now, actor=actor):
        return False
    invitations.delete(session, [invitation.id])
    return True
