"""What a person chooses on their own page: which letters come. They lift only what they stopped themselves.

The caller commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from service.directory import rules
from service.directory.values import Choice, ChoiceState
from service.kernel.errors import Conflict, NotFound
from service.mail import actions as mail
from service.mail.values import Stop, SuppressionReason
from service.people import store as people
from service.people.values import Basis, Consent, Membership, Person

SOURCE = "Chosen on their own page"
TEXT_VERSION = "preferences-1"  # the words beside the switch; new words get a new number
ALL, EVENTS = "all", "purpose:events"


class NoSuchChoice(NotFound):
    """The person has no such letters to choose."""

    code = "no-such-choice"

    def __init__(self) -> None:
        super().__init__("There are no such letters to choose.")


class NotTheirs(Conflict):
    """It was not stopped by a mere wish of the reader, so the reader cannot lift it here."""

    code = "not-theirs-to-lift"

    def __init__(self) -> None:
        super().__init__("These letters are stopped for another reason. Write to us if you would like them again.")


def read_choices(session: Session, person_id: str, *, address_key: bytes) -> list[Choice]:
    """Return the letters a person may choose: invitations, each list they are on; all, while all are stopped."""
    person = people.read_person(session, person_id)
    stops = _stops(session, person, address_key)
    lists = [_of_list(one, stops) for one in people.read_memberships(session, person_id)]
    events = Choice(EVENTS, "", None, rules.choice_state(stops.get(EVENTS), is_wider=ALL in stops))
    everything = [Choice(ALL, "", None, rules.choice_state(stops[ALL], is_wider=False))] if ALL in stops else []
    return [*everything, events, *lists]


def _stops(session: Session, person: Person, address_key: bytes) -> Mapping[str, SuppressionReason]:
    found: list[Stop] = mail.read_stops(session, person.email, address_key=address_key)
    return {stop.scope: stop.reason for stop in found}


def _of_list(one: Membership, stops: Mapping[str, SuppressionReason]) -> Choice:
    scope = f"list:{one.list_id}"
    is_wider = ALL in stops or f"purpose:{one.purpose}" in stops
    state = rules.choice_state(stops.get(scope), is_wider=is_wider, is_agreed=one.basis is not None)
    return Choice(scope, one.name, one.joined_at, state)


def turn_off(session: Session, person_id: str, scope: str, *, address_key: bytes, now: datetime) -> None:
    """Stop letters of one scope, as the person asks; twice is as once.

    Raises:
        NoSuchChoice: they get no such letters.
    """
    choice = _choice(session, person_id, scope, address_key)
    if choice.state in (ChoiceState.OFF, ChoiceState.BARRED):
        return
    email, actor = people.read_person(session, person_id).email, _actor(person_id)
    mail.suppress(session, email, scope, SuppressionReason.UNSUBSCRIBED, address_key=address_key, now=now, actor=actor)
    _note(session, person_id, scope, withdrawn=True, now=now)


def turn_on(session: Session, person_id: str, scope: str, *, address_key: bytes, now: datetime) -> None:
    """Let letters of one scope come again, as the person asks; twice is as once.

    Raises:
        NoSuchChoice: they get no such letters. NotTheirs: an objection or a fact about the mailbox stopped them.
    """
    choice = _choice(session, person_id, scope, address_key)
    if choice.state is ChoiceState.BARRED:
        raise NotTheirs
    if choice.state is not ChoiceState.OFF:
        return
    email, actor = people.read_person(session, person_id).email, _actor(person_id)
    mail.lift(session, email, (scope,), address_key=address_key, now=now, actor=actor)
    _note(session, person_id, scope, withdrawn=False, now=now)


def _choice(session: Session, person_id: str, scope: str, address_key: bytes) -> Choice:
    for choice in read_choices(session, person_id, address_key=address_key):
        if choice.scope == scope:
            return choice
    raise NoSuchChoice


def _note(session: Session, person_id: str, scope: str, *, withdrawn: bool, now: datetime) -> None:
    """Append to the consent log what was chosen about a list; switching on is consent, whatever held before."""
    kind, _, list_id = scope.partition(":")
    if kind != "list":
        return
    target, consent = people.read_list(session, list_id), Consent(Basis.CONSENT, SOURCE, TEXT_VERSION)
    if withdrawn:
        people.add_consents(session, target, [person_id], consent, now=now, withdrawn=True)
    else:
        people.join(session, target, [person_id], consent, now=now)


def _actor(person_id: str) -> str:
    return f"guest:{person_id}"
