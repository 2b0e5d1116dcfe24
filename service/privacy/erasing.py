"""Erase people wherever they are: what `forget` and a kept promise have in common. The caller commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.dissemination import superseding
from service.dissemination.store import tallies
from service.events import store as events
from service.invitations import actions as invitations
from service.letters import actions as letters
from service.letters.values import Desk
from service.mail import store as mail_store
from service.people.rules.addresses import BadAddress, normalise_address
from service.people.values import Address
from service.privacy.store import forgetting, subjects
from service.privacy.store.campaign import forget_introductions, forget_notes
from service.privacy.store.evidence import forget_sheets
from service.privacy.store.guest_tasks import forget_guest_tasks
from service.privacy.store.quotes import forget_quotes
from service.privacy.store.standing import forget_standing
from service.privacy.values import Subject


def subject_of(session: Session, email: str) -> Subject:
    """Return all addresses, names and rows of whoever has an address, as first or as second one.

    Raises:
        BadAddress: this is no address.
    """
    asked = normalise_address(email)
    people = [p for p in subjects.find_people(session, asked) if asked.key in _keys_of(p)]
    return _subject(session, people, asked)


def subject_of_person(session: Session, person_id: str) -> Subject:
    """Return all addresses, names and rows of one person."""
    return _subject(session, subjects.read_identities(session, [person_id]), None)


def _subject(session: Session, people: Sequence[Mapping[str, Any]], asked: Address | None) -> Subject:
    known = [a for p in people for a in (p["email"], *p["other_emails"])]
    person_ids = tuple(p["id"] for p in people)
    invitation_ids = subjects.find_invitations(session, person_ids)
    return Subject(
        keys=tuple(dict.fromkeys([*([asked.key] if asked else []), *(key for p in people for key in _keys_of(p))])),
        addresses=tuple(dict.fromkeys([*([asked.display] if asked else []), *known])),
        names=tuple(p["name"] for p in people),
        person_ids=person_ids,
        # Letters of before a merge may still name the invitation, or the person, that is no more.
        invitation_ids=(*invitation_ids, *subjects.find_old_ids(session, [*person_ids, *invitation_ids])),
    )


def _keys_of(person: Mapping[str, Any]) -> list[str]:
    keys = [str(person["email_key"])]
    for address in person["other_emails"]:
        try:
            keys.append(normalise_address(address).key)
        except BadAddress:
            keys.append(address.lower())
    return keys


def erase(
    session: Session, subject: Subject, hashes: Sequence[str], *, now: datetime, desk: Desk | None = None
) -> dict[str, int]:
    """Delete or empty every row about someone; the figures keep numbers. Return how many, by what they were.

    Freed seats go to the first who wait; with a `desk` they are told.
    """
    freed = subjects.events_with_seats(session, subject.invitation_ids, after=now)
    letters, mailings = forgetting.forget_deliveries(session, subject, hashes, now=now)
    mail_store.finish(session, mailings, now=now)
    removed = {
        "letters": letters,
        "mailbox letters": forgetting.forget_mailbox(session, subject),
        "messages received": forgetting.forget_intake(session, subject),
    }
    removed["attendance sheets"] = forget_sheets(session, subject)
    removed["answers"], removed["invitations"] = _forget_invitations(session, subject, now=now)
    removed["standing invitations"] = forget_standing(session, subject)
    removed["tasks"] = forget_guest_tasks(session, subject)
    quotes = forget_quotes(session, subject)
    removed["quotes"] = len(quotes)
    superseding.issue_without(session, quotes, now=now)
    removed["report drafts"] = superseding.forget_words(session, subject.marks, quotes, now=now)
    removed["import rows"] = forgetting.forget_import_rows(session, subject)
    removed["introductions"] = forget_introductions(session, subject)
    removed["campaign notes"] = forget_notes(session, subject)
    removed["remembered answers"] = forgetting.forget_answers(session, subject)
    removed["merges"] = forgetting.forget_merges(session, subject, hashes)
    removed |= forgetting.forget_person(session, subject)
    for event_id in freed:
        _pass_seats_on(session, event_id, desk=desk, now=now)
    return removed


def _pass_seats_on(session: Session, event_id: str, *, desk: Desk | None, now: datetime) -> None:
    event = events.lock_event(session, event_id)
    if event.offer_freed_seats:
        return
    for invitation in invitations.fill_seats(session, event):
        if desk is not None:
            letters.confirm(session, event, invitation, desk=desk, now=now)


def _forget_invitations(session: Session, subject: Subject, *, now: datetime) -> tuple[int, int]:
    """Delete invitations event by event: a person counts among the people of a project with the last one."""
    # What others wrote of them hangs on no invitation of their own.
    answers, invitations = forgetting.forget_invitations(session, replace(subject, invitation_ids=()))
    for event_id, ids in subjects.group_by_event(session, subject.invitation_ids).items():
        tallies.keep(session, event_id, ids, now=now)
        gone = forgetting.forget_invitations(session, replace(subject, invitation_ids=tuple(ids)))
        answers, invitations = answers + gone[0], invitations + gone[1]
    return answers, invitations
