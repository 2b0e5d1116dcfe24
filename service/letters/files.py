"""One letter or calendar file as one person gets it, to read before it leaves or to download after."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from sqlmodel import Session

from service.events import store as events
from service.invitations import store as invitations
from service.invitations.values import Invitation
from service.kernel.errors import FarsowError, NotFound
from service.letters import desk as writing_desk
from service.letters import rules, store
from service.letters.values import Kind
from service.mail import store as mail_store
from service.mail.compose import Composer
from service.mail.meeting import calendar_file
from service.mail.values import ComposedLetter, MailingView


class NotAddressed(NotFound):
    """This person gets no letter of this mailing."""

    code = "not-addressed"


def preview(session: Session, mailing: MailingView, person_id: str, *, composer: Composer) -> ComposedLetter:
    """Return the letter of one person, composed from what is frozen: what they will get, byte for byte.

    Raises:
        NotAddressed: the mailing has no letter for this person.
    """
    ref = _ref(session, mailing, person_id)
    delivery = mail_store.read_delivery_of(session, mailing.id, ref) if ref else None
    if delivery is None:
        raise NotAddressed("This person gets no letter of this mailing.")
    return composer.compose(mailing, delivery)


def _ref(session: Session, mailing: MailingView, person_id: str) -> str | None:
    kind, _, identifier = mailing.context.partition(":")
    if kind != "event":
        return person_id
    found = invitations.find(session, identifier, person_id)
    return found.id if found else None


def subjects(session: Session, delivery_ids: Sequence[str], *, composer: Composer) -> dict[str, str]:
    """Return the subjects of letters by their ids; one whose frozen values are gone already has none."""
    found: dict[str, str] = {}
    for delivery_id in delivery_ids:
        delivery = mail_store.read_delivery(session, delivery_id)
        if delivery is None:
            continue
        mailing = mail_store.read_mailings_by_id(session, [delivery.mailing_id])[delivery.mailing_id]
        with suppress(FarsowError):
            found[delivery_id] = composer.compose(mailing, delivery).subject
    return found


def calendar_of(session: Session, invitation: Invitation, *, composer: Composer) -> bytes:
    """Return the invitee's own calendar file as it stands: REQUEST, one ATTENDEE, no personal link."""
    event = events.read_event(session, invitation.event_id)
    people = store.read_recipients(session, [invitation.id])
    told = replace(invitation, sequence_sent=max(event.sequence, invitation.sequence_sent or 0))
    slots = rules.slots(event, told, people[invitation.id], Kind.CONFIRMATION, now=event.changed_at)
    facts = writing_desk.mailing_facts(session, event, actor="system")
    words = composer.kinds.words(composer.kinds.language(Kind.CONFIRMATION, people[invitation.id].language))
    attendee, organizer = people[invitation.id].address, composer.addresses.rsvp(invitation.id)
    made = calendar_file(facts, slots, attendee=attendee, organizer=organizer, words=words)
    return made.data if made else b""
