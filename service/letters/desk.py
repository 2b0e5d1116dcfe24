"""The letter desk: makes one mailing with its letters from an event, a kind and invitations.

The other rooms of this floor say who is told of what; everything that reaches mail goes through here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.events import store as events
from service.events.values import Event
from service.invitations import store as invitations
from service.invitations.values import Invitation
from service.kernel.tokens import address_hash
from service.letters import rules, store
from service.letters.store import templates
from service.letters.values import WORDED, Desk, Kind, Recipient
from service.mail import actions as mail
from service.mail.values import Letter, NewMailing

PURPOSE = "events"


def write(
    session: Session,
    event: Event,
    kind: Kind,
    chosen: Sequence[Invitation],
    *,
    desk: Desk,
    now: datetime,
    actor: str,
    must_rise: bool = False,
    skipped: dict[str, int] | None = None,
    list_id: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> str:
    """Make a draft mailing with one frozen letter for each invitation; return its id.

    `facts` (note, changes, cancel_reason, subject, body) are frozen on the mailing beside the event's.
    `must_rise` lifts the SEQUENCE of each calendar part over the last one sent.
    """
    new = _mailing(session, event, kind, actor=actor, skipped=skipped, list_id=list_id, facts=facts)
    mailing_id = mail.create_mailing(session, new, now=now, actor=actor)
    letters = frozen_letters(session, event, kind, chosen, now=now, must_rise=must_rise)
    mail.queue(session, mailing_id, letters, address_key=desk.address_key, now=now)
    note_told(session, event, letters)
    return mailing_id


def write_more(
    session: Session,
    event: Event,
    mailing_id: str,
    chosen: Sequence[Invitation],
    *,
    desk: Desk,
    now: datetime,
) -> str:
    """Add a frozen letter for each of some invitations to a draft of invitations; return the draft's id."""
    letters = frozen_letters(session, event, Kind.INVITATION, chosen, now=now, must_rise=False)
    mail.queue(session, mailing_id, letters, address_key=desk.address_key, now=now)
    note_told(session, event, letters)
    return mailing_id


def write_and_send(
    session: Session,
    event: Event,
    kind: Kind,
    chosen: Sequence[Invitation],
    *,
    desk: Desk,
    now: datetime,
    actor: str,
    must_rise: bool = False,
    at_once: bool = False,
    holders: Mapping[str, bool] = rules.NOBODY,
    facts: Mapping[str, Any] | None = None,
) -> str:
    """Make a mailing that is approved already: it leaves after the undo window, or at once.

    `holders` have the link to join already.
    """
    letters = frozen_letters(session, event, kind, chosen, now=now, must_rise=must_rise, holders=holders)
    mailing_id = send_letters(
        session, event, kind, letters, desk=desk, now=now, actor=actor, at_once=at_once, facts=facts
    )
    note_told(session, event, letters)
    return mailing_id


def send_letters(
    session: Session,
    event: Event,
    kind: Kind,
    letters: Sequence[Letter],
    *,
    desk: Desk,
    now: datetime,
    actor: str,
    at_once: bool = False,
    facts: Mapping[str, Any] | None = None,
) -> str:
    """Make a mailing of letters as they are, approved already."""
    return mail.dispatch(
        session,
        _mailing(session, event, kind, actor=actor, facts=facts),
        letters,
        address_key=desk.address_key,
        undo_seconds=0 if at_once else desk.undo_seconds,
        now=now,
        actor=actor,
    )


def _mailing(
    session: Session,
    event: Event,
    kind: Kind,
    *,
    actor: str,
    skipped: dict[str, int] | None = None,
    list_id: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> NewMailing:
    return NewMailing(
        context=f"event:{event.id}",
        kind=kind.value,
        purpose=PURPOSE,
        list_id=list_id,
        semantics=rules.semantics(kind),
        facts={**mailing_facts(session, event, actor=actor), **own_wording(session, kind), **(facts or {})},
        skipped=skipped or {},
    )


def frozen_letters(
    session: Session,
    event: Event,
    kind: Kind,
    chosen: Sequence[Invitation],
    *,
    now: datetime,
    must_rise: bool,
    holders: Mapping[str, bool] = rules.NOBODY,
) -> list[Letter]:
    """Return one letter for each invitation, in order; an invitation whose person is gone is left out."""
    people = store.read_recipients(session, [i.id for i in chosen])
    return [
        Letter(
            recipient_ref=invitation.id,
            address=people[invitation.id].address,
            language=people[invitation.id].language or event.language,
            slots=rules.slots(
                event,
                invitation,
                people[invitation.id],
                kind,
                now=now,
                must_rise=must_rise,
                holds=rules.holds_link(invitation, holders),
            ),
            give_up_at=rules.gives_up_at(event, kind),
        )
        for invitation in chosen
        if invitation.id in people
    ]


def note_told(session: Session, event: Event, letters: Sequence[Letter]) -> None:
    """Note on each invitation which revision and SEQUENCE its letter carries."""
    told = [
        (letter.recipient_ref, event.revision, int(letter.slots["calendar"]["sequence"]))
        for letter in letters
        if "calendar" in letter.slots
    ]
    invitations.write_told(session, told)


def mailing_facts(session: Session, event: Event, *, actor: str) -> dict[str, Any]:
    """Return what is frozen on every mailing of an event: the event as it is now, and who writes."""
    project = events.read_project(session, event.project_id)
    sender = {
        "name": store.read_staff_name(session, actor),
        "organisation": project.organisation,
        "project": project.name,
    }
    frozen = {"event": rules.event_facts(event), "sender": sender, "note": "", "changes": [], "cancel_reason": ""}
    return {**frozen, "discreet": event.is_discreet}


def own_wording(session: Session, kind: Kind) -> dict[str, Any]:
    """Return the organisation's own words for a kind, by language, as they are frozen on a mailing; often nothing."""
    used = templates.read_in_use(session, kind) if kind in WORDED else []
    return {"wording": {one.language: asdict(one.words) for one in used}} if used else {}


def hashed(desk: Desk, address_key: str) -> str:
    """Return the keyed hash of an address, as suppression knows it."""
    return address_hash(desk.address_key, address_key)


def reachable(session: Session, people: Sequence[Recipient], *, desk: Desk) -> set[str]:
    """Return the invitation ids whose address is not suppressed for letters about events."""
    hashes = {person.invitation_id: hashed(desk, person.address_key) for person in people}
    blocked = mail.suppressed_hashes(session, list(hashes.values()), scopes(None))
    return {invitation_id for invitation_id, key in hashes.items() if key not in blocked}


def scopes(list_id: str | None) -> list[str]:
    """Return the suppression scopes that stop a letter about an event, sent through this list."""
    return ["all", f"purpose:{PURPOSE}", *([f"list:{list_id}"] if list_id else [])]
