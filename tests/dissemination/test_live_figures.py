"""Live figures equal a recount of the rows after any sequence of actions; what was deleted stays counted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session

from service.db.types import columns
from service.directory import merging
from service.dissemination import store
from service.events.tables import Event
from service.ical.values import PartStat
from service.invitations import actions as invitations
from service.invitations.tables import Invitation
from service.invitations.values import Answer, Source
from service.kernel.errors import FarsowError
from service.kernel.regions import region_of
from service.letters import actions as letters
from service.letters import chain, changes
from service.mail.values import DeliveryState
from service.people import actions as people
from service.people import store as store_of_people
from service.people.tables import Audience, Person
from service.people.values import PersonFields
from service.privacy import actions as privacy
from service.privacy.retaining import remove_invitations
from tests.dissemination.recount import recount, without_zeros
from tests.dissemination.worlds import NOW as THEN
from tests.dissemination.worlds import World
from tests.factories import DESK, NOW, RING, STAFF, add_audience, add_event, add_people, add_project

GUESTS, EVENTS = 5, 2
COUNTRIES = ("KE", "JO", None)
RESULTS = (DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.UNKNOWN, DeliveryState.FAILED)
ANSWERS = (PartStat.ACCEPTED, PartStat.DECLINED, PartStat.TENTATIVE)
STATUSES = ("present", "absent", "excused", "unknown")
Rows = dict[str, dict[str, Any]]


@dataclass
class Campaign:
    """A small project, and the rows that were deleted from it with their people as they were then."""

    session: Session
    project_id: str
    events: list[str]
    guests: list[str]
    audiences: list[str]
    gone: Rows = field(default_factory=dict)
    gone_people: Rows = field(default_factory=dict)

    def invited(self, event: int, guest: int) -> str:
        """Return the id of an invitation; one that is not there is refused by whatever it is given to."""
        c = columns(Invitation)
        query = select(c.id).where(c.event_id == self.events[event], c.person_id == self.guests[guest])
        return self.session.execute(query).scalar() or "none"

    def rows(self, table: Any, **of: list[str]) -> Rows:
        c = columns(table)
        query = select(table.__table__).where(*(c[name].in_(values) for name, values in of.items()))
        return {row["id"]: dict(row) for row in self.session.execute(query).mappings()}

    def is_whole(self, guest: int) -> bool:
        """Tell whether nothing of a guest was deleted yet: what is kept stays where they stood then."""
        return self.guests[guest] not in {row["person_id"] for row in self.gone.values()}

    def deleting(self, delete: Callable[[], object]) -> None:
        """Delete, and remember what it took."""
        before, people_before = self.rows(Invitation, event_id=self.events), self.rows(Person, id=self.guests)
        delete()
        after = self.rows(Invitation, event_id=self.events)
        self.gone |= {one: row for one, row in before.items() if one not in after}
        self.gone_people |= people_before

    def world(self) -> World:
        """Return what a recount reads: the rows there are, and those there were."""
        there = self.rows(Person, id=self.guests)
        return World(
            project={"id": self.project_id},
            audiences=list(self.rows(Audience).values()),
            people=list((self.gone_people | there).values()),
            events=list(self.rows(Event, project_id=[self.project_id]).values()),
            invitations=[*self.rows(Invitation, event_id=self.events).values(), *self.gone.values()],
            gone=frozenset(self.gone),
        )


def invite(one: Campaign, event: int, guest: int, _n: int) -> None:
    letters.invite_people(one.session, one.events[event], [one.guests[guest]], desk=DESK, now=NOW, actor=STAFF)


def carry(one: Campaign, event: int, guest: int, n: int) -> None:
    letters.note_deliveries(one.session, [(one.invited(event, guest), RESULTS[n % len(RESULTS)])])


def answer(one: Campaign, event: int, guest: int, n: int) -> None:
    said = Answer(ANSWERS[n % len(ANSWERS)], Source.LINK, online=n % 2 == 0)
    letters.take_answer(one.session, one.invited(event, guest), said, desk=DESK, now=NOW, actor="guest")


def attend(one: Campaign, event: int, guest: int, n: int) -> None:
    status = STATUSES[n % len(STATUSES)]
    invitations.record_attendance(one.session, one.invited(event, guest), status, now=THEN, actor=STAFF)


def walk_in(one: Campaign, event: int, guest: int, _n: int) -> None:
    invitations.add_walk_in(one.session, one.events[event], one.guests[guest], now=THEN, actor=STAFF)


def withdraw(one: Campaign, event: int, guest: int, _n: int) -> None:
    letters.withdraw(one.session, one.invited(event, guest), desk=DESK, now=NOW, actor=STAFF)


def close(one: Campaign, event: int, _guest: int, _n: int) -> None:
    chain.close_event(one.session, one.events[event], now=THEN, actor=STAFF)


def cancel(one: Campaign, event: int, guest: int, n: int) -> None:
    if (guest, n % 4) == (0, 0) and not one.gone:  # seldom, for then nothing of the event counts
        changes.cancel_event(one.session, one.events[event], reason="Strike", desk=DESK, now=NOW, actor=STAFF)


def describe(one: Campaign, event: int, guest: int, n: int) -> None:
    audience, country = [*one.audiences, None][n % 3], COUNTRIES[n % len(COUNTRIES)]
    said = PersonFields(audience_id=audience, country=country, language=("fr", None)[n % 2], at_risk=n % 5 == 0)
    people.update_person(one.session, one.guests[guest], said, now=NOW, actor=STAFF, ring=RING)


def merge(one: Campaign, _event: int, guest: int, n: int) -> None:
    other = n % GUESTS
    if one.is_whole(other):
        keys = {"ring": RING, "address_key": DESK.address_key}
        merging.merge(one.session, one.guests[guest], one.guests[other], {}, **keys, now=NOW, actor=STAFF)


def forget(one: Campaign, _event: int, guest: int, _n: int) -> None:
    email = store_of_people.read_person(one.session, one.guests[guest]).email
    keys = {"address_key": DESK.address_key, "desk": DESK}
    one.deleting(lambda: privacy.forget(one.session, email, **keys, now=NOW, actor=STAFF))


def age(one: Campaign, event: int, guest: int, _n: int) -> None:
    """Delete one invitation as the end of its time does."""
    mine = one.invited(event, guest)
    if mine != "none":
        one.deleting(lambda: remove_invitations(one.session, one.events[event], [mine], now=THEN))


# Nothing kept says who it was: someone invited again after their time is a new person to the figures, and one whose
# other invitation is taken back after it is none (decision 10). Of guests of whom something is deleted, only more goes.
AFTERWARDS = (close, cancel, forget, age)
STEPS = (invite, carry, answer, attend, walk_in, withdraw, close, cancel, describe, merge, forget, age)
# Invitations and their letters come often, what ends things seldom.
ORDINARY = st.sampled_from((invite, invite, carry, carry, answer, answer, attend, describe, walk_in, withdraw))
STEP = st.tuples(
    st.one_of(ORDINARY, ORDINARY, st.sampled_from(STEPS)),
    st.integers(0, EVENTS - 1),
    st.integers(0, GUESTS - 1),
    st.integers(0, 59),
)


def start(session: Session) -> Campaign:
    project_id = add_project(session)
    events = [add_event(session, project_id=project_id, starts_at=f"2027-01-0{n + 4}T14:00").id for n in range(EVENTS)]
    c = columns(Audience)
    audiences = list(session.execute(select(c.id)).scalars())
    audiences = audiences or [add_audience(session, rank, key) for rank, key in enumerate(("civil", "policy"), 1)]
    guests = add_people(session, GUESTS, prefix=f"g{project_id}-", country="KE", region=region_of("KE"))
    return Campaign(session, project_id, events, guests, audiences)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=30))
def test_live_figures_equal_a_recount_after_any_sequence_of_actions(session, steps):
    with session.begin_nested() as example:
        one = start(session)
        everyone = [(invite, event, guest, 0) for event in range(EVENTS) for guest in range(GUESTS - 1)]
        for act, event, guest, n in (*everyone, *steps):
            # One that is refused leaves nothing behind, as in a request.
            with suppress(FarsowError), session.begin_nested():
                if act in AFTERWARDS or one.is_whole(guest):
                    act(one, event, guest, n)
        facts = store.read_facts(
            session, one.project_id, None, zone="Europe/London", now=THEN, in_full=True, inside=True
        )
        again = recount(one.world())
        example.rollback()

    assert without_zeros(facts) == without_zeros(again)
