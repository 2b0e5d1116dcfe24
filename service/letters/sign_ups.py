"""Signing up for a public list, twice agreed (double opt-in): asked on a page, confirmed from the letter that follows.

What was asked lies in the letter alone: nobody is made a person before the address has said yes.
Whatever the address (unknown, on the list, suppressed), the same statements run and the same
answer is given; whether the letter may leave is decided at hand-over, as for every letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from service.audit import log
from service.events import store as events
from service.kernel.errors import NotFound, TooMany
from service.kernel.ids import new_id
from service.kernel.text import clean_line
from service.letters import store
from service.letters.values import Desk
from service.mail import actions as mail
from service.mail.values import Letter, NewMailing, Semantics
from service.people import actions as people
from service.people import store as people_store
from service.people.rules.addresses import normalise_address
from service.people.values import Basis, Consent, MailingList

KIND = PURPOSE = "sign_up"
TEXT_VERSION = "sign-up-1"  # the sentence of the form; a new sentence gets a new number
SOURCE = "Signed up on our page"
VALID = timedelta(days=7)
AN_ADDRESS_A_DAY, ALL_AN_HOUR = 3, 200


class NoSuchList(NotFound):
    """There is no list of this name that the public may join."""

    code = "no-such-list"

    def __init__(self) -> None:
        super().__init__("There is no such list.")


class TooManySignUps(TooMany):
    """More people sign up than letters may leave for."""

    code = "too-many-sign-ups"

    def __init__(self) -> None:
        super().__init__("Many people are signing up just now. Please try again in an hour.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A sign-up that waits for its confirmation."""

    delivery_id: str
    list: MailingList
    email: str
    name: str
    language: str


def find_list(session: Session, key: str) -> MailingList:
    """Return the public list of a key.

    Raises:
        NoSuchList: there is none, or it is not for everyone.
    """
    found = next((one for one in people_store.read_lists(session) if one.key == key and one.public), None)
    if found is None:
        raise NoSuchList
    return found


def organisation(session: Session) -> str:
    """Return the name letters go out under: the newest project's."""
    projects = events.read_projects(session)
    return projects[-1].organisation if projects else ""


def ask(
    session: Session, target: MailingList, *, email: str, name: str, language: str, desk: Desk, now: datetime
) -> None:
    """Send the letter that asks for a confirmation; an address that was asked often today gets no more of them.

    Raises:
        BadAddress: it is none. TooManySignUps: the whole installation has sent enough this hour.
    """
    address = normalise_address(email)
    hashed = mail.hash_of(address.display, desk.address_key)
    if store.count_letters(session, KIND, since=now - timedelta(hours=1)) >= ALL_AN_HOUR:
        raise TooManySignUps
    if store.count_letters(session, KIND, since=now - timedelta(days=1), address_hash=hashed) >= AN_ADDRESS_A_DAY:
        return
    sender = {"name": "", "organisation": organisation(session), "project": ""}
    facts = {"sender": sender, "list_name": target.name}
    new = NewMailing(f"list:{target.id}", KIND, PURPOSE, None, Semantics.AT_LEAST_ONCE, facts, {})
    # The name is typed by a stranger: it stands in no letter.
    slots = {"sign_up": {"list_id": target.id, "name": clean_line(name)[:300]}}
    letter = Letter(new_id(), address.display, language, slots, now + VALID)
    mail.dispatch(session, new, [letter], address_key=desk.address_key, undo_seconds=0, now=now, actor="system")


def read(session: Session, delivery_id: str, *, now: datetime) -> Asked | None:
    """Return the sign-up behind a letter; None when it has run out, was forgotten, or its list is gone."""
    found = store.read_sign_up(session, delivery_id, since=now - VALID)
    if found is None or not found["address"]:
        return None
    wish = found["slots"].get("sign_up", {})
    target = next((one for one in people_store.read_lists(session) if one.id == wish.get("list_id")), None)
    if target is None or not target.public:
        return None
    return Asked(delivery_id, target, found["address"], wish.get("name", ""), found["language"])


def confirm(session: Session, asked: Asked, *, desk: Desk, now: datetime) -> None:
    """Put the person on the list by their own word, and let letters to it leave again. Twice is as once."""
    actor = f"guest:{asked.delivery_id}"
    made = people.find_or_create(
        session, name=asked.name, email=asked.email, source=SOURCE, now=now, actor=actor, language=asked.language
    )
    mail.lift(
        session,
        asked.email,
        (f"list:{asked.list.id}", f"purpose:{asked.list.purpose}"),
        address_key=desk.address_key,
        now=now,
        actor=actor,
    )
    if people_store.read_bases(session, asked.list.id, [made]).get(made) == Basis.CONSENT:
        return
    people_store.join(session, asked.list, [made], Consent(Basis.CONSENT, SOURCE, TEXT_VERSION), now=now)
    log.record(session, actor=actor, action="list.joined", subject=f"list:{asked.list.id}", now=now)
