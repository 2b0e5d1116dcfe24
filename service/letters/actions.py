"""What staff and guests set off by letter: inviting, writing, answering, approving.

Each reads, decides by a rule, writes, and leaves the commit to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from service.events import store as events
from service.events.values import Event, EventState
from service.ical.values import PartStat
from service.invitations import actions as invitation_actions
from service.invitations import rules as invitation_rules
from service.invitations import store as invitations
from service.invitations.store import rosters as invitation_rosters
from service.invitations.values import (
    Answer,
    Candidate,
    Invitation,
    LetterState,
    ReplyOutcome,
    SkipReason,
    Status,
)
from service.kernel.errors import Conflict, Forbidden, Invalid
from service.letters import desk as writing_desk
from service.letters import rosters, rules, store
from service.letters.store.holders import read_link_holders
from service.letters.values import TO_LISTS, Desk, Invited, Kind
from service.mail import actions as mail
from service.mail.values import DeliveryState, Mailing, MailingState, MailingView
from service.people import store as people_store


class NobodyToWriteTo(Conflict):
    """The letter would go to nobody."""

    code = "nobody-to-write-to"


class SecondPairOfEyes(Forbidden):
    """Whoever wrote a letter may not send it here."""

    code = "second-pair-of-eyes"

    def __init__(self) -> None:
        super().__init__("You wrote this letter: someone else must read it and send it.")


def invite_list(
    session: Session, event_id: str, list_id: str, *, desk: Desk, note: str = "", now: datetime, actor: str
) -> Invited:
    """Invite the members of a list, by the list's consent: a draft mailing, and who was left out and why.

    Raises:
        NotAnnounced, EventClosed, SegmentBroken: nothing is stored.
    """
    event = events.lock_event(session, event_id)
    roster = rosters.of_list(session, event_id, people_store.read_list(session, list_id))
    facts = {"note": note}
    return invite_roster(session, event, roster, list_id=list_id, desk=desk, facts=facts, now=now, actor=actor)


def invite_people(
    session: Session,
    event_id: str,
    person_ids: Sequence[str],
    *,
    desk: Desk,
    note: str = "",
    now: datetime,
    actor: str,
) -> Invited:
    """Invite people named one by one, by legitimate interest, recorded on the invitation."""
    event = events.lock_event(session, event_id)
    roster = invitation_rosters.read_named_roster(
        session, event_id, list(dict.fromkeys(person_ids)), "legitimate_interest"
    )
    facts = {"note": note}
    return invite_roster(session, event, roster, list_id=None, desk=desk, facts=facts, now=now, actor=actor)


def invite_roster(
    session: Session,
    event: Event,
    roster: Sequence[Candidate],
    *,
    list_id: str | None,
    desk: Desk,
    facts: Mapping[str, Any],
    into: str | None = None,
    now: datetime,
    actor: str,
) -> Invited:
    """Invite those of a roster who may be invited to an event that is held: a draft, or more letters `into` one.

    `facts`: what the draft says beside the event's, such as a note of staff.

    Raises:
        NotAnnounced, EventClosed: nothing is stored.
    """
    roster = rosters.with_suppression(session, roster, writing_desk.scopes(list_id), desk)
    plan = invitation_rules.plan_invitations(event, roster, now=now)
    skipped = tuple((person, reason.value) for person, reason in plan.skip)
    if not plan.invite:
        return Invited(None, 0, skipped)
    told = {"revision": event.revision, "sequence": event.sequence}
    ids = invitations.add(session, event.id, plan.invite, list_id=list_id, **told, now=now, actor=actor)
    made = invitations.read_many(session, ids)
    if into:
        writing_desk.write_more(session, event, into, made, desk=desk, now=now)
        return Invited(into, len(ids), skipped)
    mailing_id = writing_desk.write(
        session,
        event,
        Kind.INVITATION,
        made,
        desk=desk,
        now=now,
        actor=actor,
        skipped=plan.counts(),
        list_id=list_id,
        facts=facts,
    )
    return Invited(mailing_id, len(ids), skipped)


class NothingToSay(Invalid):
    """A letter that reports says nothing without words of staff."""

    code = "nothing-to-say"

    def __init__(self) -> None:
        super().__init__("Write your own paragraph: what was agreed, and what comes next.", field="note")


class NotClosedYet(Conflict):
    """A letter would lead to questions that open when the event is closed."""

    code = "not-closed-yet"


def write_letter(
    session: Session,
    event_id: str,
    kind: str,
    *,
    statuses: Sequence[str] = (),
    note: str = "",
    subject: str = "",
    body: str = "",
    desk: Desk,
    now: datetime,
    actor: str,
) -> Invited:
    """Write a letter of one kind to the invitees of the given statuses: a draft mailing.

    Raises:
        NobodyToWriteTo: no invitee is of these statuses. NothingToSay, NotClosedYet: of what follows an event.
    """
    event = events.read_event(session, event_id)
    wanted = _kind(kind)
    words = _statuses(statuses) or rules.DEFAULT_STATUSES.get(wanted, frozenset())
    if wanted is Kind.MESSAGE and not (subject.strip() and body.strip()):
        raise Invalid("Give the letter a subject and a text.", field="subject" if not subject.strip() else "body")
    if wanted is Kind.NEXT_STEPS and not note.strip():
        raise NothingToSay
    if wanted in rules.ASKING and event.state is not EventState.CLOSED:
        raise NotClosedYet("Close the event first: the questions open then.")
    chosen = rules.recipients_of(wanted, invitations.read_of_event(session, event_id), words)
    people = store.read_recipients(session, [i.id for i in chosen])
    open_ids = writing_desk.reachable(session, list(people.values()), desk=desk)
    skipped = tuple((i.person_id, SkipReason.SUPPRESSED.value) for i in chosen if i.id not in open_ids)
    writes = [i for i in chosen if i.id in open_ids]
    if not writes:
        raise NobodyToWriteTo("Nobody here would get this letter.", skipped=len(skipped))
    facts: dict[str, Any] = {"note": note, "to": sorted(words)}  # to whom, for those who are added later
    facts |= {"subject": subject, "body": body} if wanted is Kind.MESSAGE else {}
    counts = {SkipReason.SUPPRESSED.value: len(skipped)} if skipped else {}
    mailing_id = writing_desk.write(
        session, event, wanted, writes, desk=desk, now=now, actor=actor, skipped=counts, facts=facts
    )
    return Invited(mailing_id, len(writes), skipped)


def _kind(raw: str) -> Kind:
    try:
        kind = Kind(raw)
    except ValueError:
        raise Invalid(f"“{raw[:40]}” is not a kind of letter.", field="kind") from None
    if kind not in rules.DEFAULT_STATUSES:
        raise Invalid(f"A letter of kind {kind} is written by what it tells of, not by hand.", field="kind")
    return kind


def _statuses(raw: Sequence[str]) -> frozenset[Status]:
    try:
        return frozenset(Status(word) for word in raw)
    except ValueError:
        raise Invalid("A status there is no such word for.", field="to") from None


def approve(
    session: Session, mailing_id: str, *, desk: Desk, now: datetime, actor: str, send_at: datetime | None = None
) -> MailingView:
    """Let a mailing leave after the undo window, or at `send_at`. Approving twice changes nothing.

    A draft made before the event changed is written anew first: it says what is true now.

    Raises:
        SecondPairOfEyes: the desk wants someone else than its writer to send it.
    """
    mailing = mail.read_mailing(session, mailing_id)
    if rules.needs_another(mailing, actor, desk):
        raise SecondPairOfEyes
    if mailing.state is MailingState.DRAFT:
        _refresh(session, mailing, now=now)
    mail.approve(session, mailing_id, undo_seconds=desk.undo_seconds, send_at=send_at, now=now, actor=actor)
    return mail.read_mailing(session, mailing_id)


def _refresh(session: Session, mailing: MailingView, *, now: datetime) -> None:
    event_id = event_of(mailing) or mailing.facts.get("event_id")
    frozen = mailing.facts.get("event")
    if event_id is None or frozen is None:
        return
    event = events.read_event(session, event_id)
    if event.state is EventState.CANCELLED and mailing.kind != Kind.CANCELLATION.value:
        raise invitation_rules.EventCancelled("This event was cancelled.", event_id=event_id)
    if event.state is EventState.POSTPONED and mailing.kind in (*rules.DATED, Kind.SAVE_THE_DATE):
        raise invitation_rules.EventPostponed(event_id)
    if frozen == rules.event_facts(event):
        return
    if mailing.kind in TO_LISTS:
        mail.rewrite(session, mailing.id, {**mailing.facts, "event": rules.event_facts(event)}, [])
        return
    refs = [line.recipient_ref for line in mail.read_deliveries(session, mailing.id)]
    chosen = invitations.read_many(session, refs)
    letters = writing_desk.frozen_letters(session, event, Kind(mailing.kind), chosen, now=now, must_rise=False)
    mail.rewrite(session, mailing.id, {**mailing.facts, "event": rules.event_facts(event)}, letters)
    told = [
        (x.recipient_ref, event.revision, int(x.slots["calendar"]["sequence"]))
        for x in letters
        if "calendar" in x.slots
    ]
    invitations.write_told(session, told)


def event_of(mailing: Mailing) -> str | None:
    """Return the event a mailing belongs to, or None."""
    kind, _, identifier = mailing.context.partition(":")
    return identifier if kind == "event" else None


def discard(session: Session, mailing_id: str, *, now: datetime, actor: str) -> None:
    """Cancel a mailing; invitations whose only letter it was are removed, so people can be invited again.

    A letter in a sender's hands is stopped at the gate, or leaves; `note_deliveries` hears which.
    """
    mailing = mail.read_mailing(session, mailing_id)
    refs = mail.cancel(session, mailing_id, now=now, actor=actor)
    if mailing.kind == Kind.INVITATION.value:
        _take_back(session, refs)


def _take_back(session: Session, refs: Sequence[str]) -> None:
    """Remove invitations that nobody has heard of, so that these people can be invited again."""
    unsent = [i.id for i in invitations.read_many(session, refs) if i.letter is LetterState.QUEUED]
    invitations.delete(session, unsent)


def take_answer(
    session: Session, invitation_id: str, answer: Answer, *, desk: Desk, now: datetime, actor: str
) -> ReplyOutcome:
    """Take an answer and confirm it by letter to the invited address; tell who got a seat by it."""
    outcome = invitation_actions.reply(session, invitation_id, answer, now=now, actor=actor)
    if not outcome.applied:
        return outcome
    told = [outcome.after] if outcome.changed else []
    for invitation in [*told, *outcome.promoted]:
        confirm(session, outcome.event, invitation, desk=desk, now=now)
    return outcome


def confirm(session: Session, event: Event, invitation: Invitation, *, desk: Desk, now: datetime) -> str | None:
    """Send one person the confirmation of their answer, at once; at most a few an hour.

    While the event is put off there is nothing to confirm: the answer is kept, and the new date asks again.
    Whoever has the link to join, and has not said no, keeps it in their calendar.
    """
    since = now - timedelta(hours=1)
    if store.count_recent(session, invitation.id, Kind.CONFIRMATION, since=since) >= rules.CONFIRMATIONS_AN_HOUR:
        return None
    if invitation.letter is LetterState.NONE or event.state is EventState.POSTPONED:
        return None
    says_no = invitation.partstat is PartStat.DECLINED
    holders = rules.NOBODY if says_no else read_link_holders(session, event.id, only=invitation.id)
    said: dict[str, Any] = {"actor": "system", "at_once": True, "holders": holders}
    return writing_desk.write_and_send(session, event, Kind.CONFIRMATION, [invitation], desk=desk, now=now, **said)


def give_seat(session: Session, invitation_id: str, *, desk: Desk, now: datetime, actor: str) -> Invitation:
    """Give a free seat to someone who waits, and tell them."""
    after = invitation_actions.give_seat(session, invitation_id, now=now, actor=actor)
    confirm(session, events.read_event(session, after.event_id), after, desk=desk, now=now)
    return after


def withdraw(session: Session, invitation_id: str, *, desk: Desk, now: datetime, actor: str) -> Invitation:
    """Take one invitation back: whoever had the letter gets a CANCEL for their own calendar, no one else."""
    before = invitations.read(session, invitation_id)
    after = invitation_actions.withdraw(session, invitation_id, now=now, actor=actor)
    had_letter = before.letter in (LetterState.SENT, LetterState.UNKNOWN)
    if before.withdrawn_at is None and had_letter:
        event = events.read_event(session, after.event_id)
        writing_desk.write_and_send(session, event, Kind.CANCELLATION, [after], desk=desk, now=now, actor=actor)
    return after


def substitute(
    session: Session, invitation_id: str, person_id: str, *, desk: Desk, now: datetime, actor: str
) -> Invited:
    """Invite someone in another's place: CANCEL to the one, REQUEST to the other, same UID. A draft to approve.

    Raises:
        InvitationWithdrawn: the first is not open any more.
    """
    first = invitations.read(session, invitation_id)
    event = events.lock_event(session, first.event_id)
    invitation_rules.refuse_late(event, first, now=now)
    invited = invite_people(session, event.id, [person_id], desk=desk, now=now, actor=actor)
    second = invitations.find(session, event.id, person_id)
    if second is None or not invited.queued:
        raise Conflict("This person cannot be invited in their place.", skipped=[r for _p, r in invited.skipped])
    invitations.write(session, replace(second, substitute_for=first.id), ("substitute_for",))
    withdraw(session, first.id, desk=desk, now=now, actor=actor)
    passed = replace(invitations.read(session, first.id), substituted_by=second.id, withdrawn_at=None)
    invitations.write(session, passed, ("substituted_by", "withdrawn_at"))
    return invited


def mark_received(session: Session, delivery_id: str, *, now: datetime, actor: str) -> None:
    """Note that a letter of unknown fate did arrive."""
    ref = mail.mark_received(session, delivery_id, now=now, actor=actor)
    note_deliveries(session, [(ref, DeliveryState.SENT)])


def mark_unsure_received(session: Session, mailing_id: str, *, now: datetime, actor: str) -> None:
    """Note that all letters of unknown fate of a mailing did arrive."""
    refs = mail.mark_unsure_received(session, mailing_id, now=now, actor=actor)
    note_deliveries(session, [(ref, DeliveryState.SENT) for ref in refs])


_LETTER_OF = {
    DeliveryState.SENT: LetterState.SENT,
    DeliveryState.BOUNCED: LetterState.BOUNCED,
    DeliveryState.UNKNOWN: LetterState.UNKNOWN,
}


def note_deliveries(session: Session, results: Sequence[tuple[str, DeliveryState]]) -> None:
    """Keep each invitation's letter axis true; called in the transaction that records the deliveries."""
    for state, letter in _LETTER_OF.items():
        refs = [ref for ref, result in results if result is state]
        if refs:
            invitations.write_all(session, refs, letter=letter)
    if called_off := [ref for ref, result in results if result is DeliveryState.CANCELLED]:
        _take_back(session, store.find_without_letter(session, called_off))
    # A letter that never left (too late, refused for its content) does not undo one that arrived before.
    invitations.write_unsent(session, [ref for ref, result in results if result is DeliveryState.FAILED])
