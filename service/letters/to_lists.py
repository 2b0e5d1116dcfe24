"""Letters to everybody on a list or in a segment: a newsletter, a press release, an action alert, a daily briefing,
and the date of an event to save before the invitation comes.

They are list mail: each is left by one press, and only those with a ground get one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.events import store as events
from service.events.times import parse_local
from service.events.values import Event, EventState, Project
from service.invitations.rules import skip_reason
from service.invitations.values import SkipReason
from service.kernel.clock import instant
from service.kernel.errors import Invalid
from service.letters import desk as writing_desk
from service.letters import rosters, rules, store
from service.letters.actions import NobodyToWriteTo
from service.letters.values import TO_LISTS, Desk, Invited, Kind, Recipient
from service.mail import actions as mail
from service.mail.rules import scopes
from service.mail.values import Letter, MailingView, NewMailing
from service.people import store as people
from service.people.values import MailingList

_OUTSIDE = ""  # no event: what a roster knows of invitations does not matter here


def write_to_list(
    session: Session,
    project: Project,
    list_id: str,
    kind: str,
    *,
    subject: str,
    body: str,
    until: str = "",
    event_id: str = "",
    desk: Desk,
    now: datetime,
    actor: str,
) -> Invited:
    """Write a letter to all of a list: a draft mailing, and who was left out and why.

    `until`: an embargo or a deadline, as a local time of the project's zone, such as 2027-03-04T18:00. `event_id`: the
    event whose date is to be saved; who is invited to it already is left out.

    Raises:
        Invalid: no such kind, no subject, no text, a moment or an event that is none or has passed.
        UnknownList, SegmentBroken, NobodyToWriteTo: nothing is stored.
    """
    target, wanted = people.read_list(session, list_id), _kind(kind)
    if wanted is Kind.SAVE_THE_DATE:
        event = _event(session, project, event_id, now=now)
        about = {**writing_desk.mailing_facts(session, event, actor=actor), "event_id": event.id}
        own = {**about, **writing_desk.own_wording(session, wanted), "body": body}
    else:
        sender = {
            "name": store.read_staff_name(session, actor),
            "organisation": project.organisation,
            "project": project.name,
        }
        own = {"sender": sender, **_words(subject, body), **_moment(until, project, now=now)}
    facts = {**own, "list_name": target.name, "project_id": project.id}
    return _write(session, target, wanted, facts, known=(), desk=desk, now=now, actor=actor)


def _event(session: Session, project: Project, event_id: str, *, now: datetime) -> Event:
    known = (e for e in events.read_events(session, project.id) if e.id == event_id)
    event = next(known, None)
    if event is None:
        raise Invalid("Choose the event whose date is to be saved.", field="event_id")
    if event.state is not EventState.ANNOUNCED or event.starts_at <= now:
        raise Invalid("This event is not ahead of us, or not announced.", field="event_id")
    return event


def find_newcomers(
    session: Session, mailing: MailingView, *, desk: Desk
) -> tuple[list[Recipient], list[tuple[str, SkipReason]]]:
    """Return who came to the list of a mailing since and would get it, and who of them is left out and why."""
    target, facts, known = _family(session, mailing)
    return _readers(session, target, known, desk=desk, event_id=str(facts.get("event_id", _OUTSIDE)))


def write_to_newcomers(session: Session, mailing: MailingView, *, desk: Desk, now: datetime, actor: str) -> Invited:
    """Write a letter that has left to those who came to its list since: a draft of the same words.

    Raises:
        NobodyToWriteTo: nobody came.
    """
    target, facts, known = _family(session, mailing)
    return _write(session, target, Kind(mailing.kind), facts, known=known, desk=desk, now=now, actor=actor)


def _family(session: Session, mailing: MailingView) -> tuple[MailingList, dict[str, Any], list[str]]:
    """Return the list of a mailing, what one to those who came since is to say, and who has had it."""
    first = mailing.facts.get("first", mailing.id)
    target = people.read_list(session, list_of(mailing) or "")
    return target, {**mailing.facts, "first": first}, store.read_refs_of_family(session, mailing.context, first)


def list_of(mailing: MailingView) -> str | None:
    """Return the list a mailing was written to; None for letters of an event and of the machine."""
    about, _, identifier = mailing.context.partition(":")
    return identifier if about == "list" and mailing.kind in TO_LISTS else None


def _kind(raw: str) -> Kind:
    if raw not in TO_LISTS:
        raise Invalid(f"“{raw[:40]}” is not a kind of letter to a list.", field="kind")
    return Kind(raw)


def _words(subject: str, body: str) -> dict[str, str]:
    for field, text in (("subject", subject), ("body", body)):
        if not text.strip():
            raise Invalid("Give the letter a subject and a text.", field=field)
    return {"subject": subject, "body": body}


def _moment(until: str, project: Project, *, now: datetime) -> dict[str, str]:
    if not until:
        return {"until": "", "time_zone": project.time_zone}
    at = instant(parse_local(until, "until"), project.time_zone)
    if at <= now:
        raise Invalid("This moment has passed.", field="until")
    return {"until": at.isoformat(), "time_zone": project.time_zone}


def _write(
    session: Session,
    target: MailingList,
    kind: Kind,
    facts: Mapping[str, Any],
    *,
    known: Sequence[str],
    desk: Desk,
    now: datetime,
    actor: str,
) -> Invited:
    chosen, skipped = _readers(session, target, known, desk=desk, event_id=str(facts.get("event_id", _OUTSIDE)))
    if not chosen:
        raise NobodyToWriteTo("Nobody here would get this letter.", skipped=len(skipped))
    done = Invited(None, len(chosen), tuple((person, reason.value) for person, reason in skipped))
    new = NewMailing(
        f"list:{target.id}", kind.value, target.purpose, target.id, rules.semantics(kind), dict(facts), done.counts()
    )
    mailing_id = mail.create_mailing(session, new, now=now, actor=actor)
    letters = [_letter(person, target) for person in chosen]
    queued = mail.queue(session, mailing_id, letters, address_key=desk.address_key, now=now)
    if not queued:  # someone else has just written to them
        raise NobodyToWriteTo("Nobody here would get this letter.", skipped=len(skipped))
    return Invited(mailing_id, queued, done.skipped)


def _readers(
    session: Session, target: MailingList, known: Sequence[str], *, desk: Desk, event_id: str
) -> tuple[list[Recipient], list[tuple[str, SkipReason]]]:
    """Return who gets a letter to a list, and who is left out and why; those who had it are neither."""
    had = set(known)
    roster = rosters.with_suppression(
        session, rosters.of_list(session, event_id, target), scopes(target.purpose, target.id), desk
    )
    news = [(one, skip_reason(one, set())) for one in roster if one.person_id not in had]
    people_of = store.read_readers(session, [one.person_id for one, reason in news if reason is None])
    return list(people_of.values()), [(one.person_id, reason) for one, reason in news if reason]


def _letter(person: Recipient, target: MailingList) -> Letter:
    language = person.language or target.language or "en"
    return Letter(person.person_id, person.address, language, rules.person_slots(person), None)
