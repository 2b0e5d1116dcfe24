"""Whatever staff change and a guest answers: one UID, a SEQUENCE that never falls, the last valid answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import icalendar
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from service.events import store as events
from service.ical.values import PartStat
from service.invitations import store as invitations
from service.invitations.values import Answer, Source
from service.letters import actions as letters
from service.letters import changes
from service.letters.intake import take_in
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import DeliveryState
from tests.calendar_check import check
from tests.factories import DESK, NOW, STAFF, add_event
from tests.letters.test_actions import invite
from tests.letters.test_intake import KEYRING, reply
from tests.mail.cast import composer

COMPOSER, ADDRESS = composer(), "guest0@example.org"
SAID = st.sampled_from([PartStat.ACCEPTED, PartStat.DECLINED, PartStat.TENTATIVE])
# Seconds after receipt at which the answer says it was given, and how far its SEQUENCE lies behind.
MAIL = st.tuples(st.just("mail"), SAID, st.sampled_from([0, -60, -20_000, 7_200]), st.sampled_from([0, -1]))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(1, 40)),
        st.tuples(st.just("rename"), st.sampled_from(["Seminar two", "Seminar 2", "ندوة"])),
        st.tuples(st.just("place"), st.sampled_from(["Room 5", "The hall"])),
        st.tuples(st.just("link"), SAID),
        MAIL,
        MAIL,
        st.tuples(st.just("again")),
    ),
    min_size=2,
    max_size=9,
)


@dataclass
class Life:
    """One guest of one event, and what a plain reading of the rules says of their answer."""

    session: Session
    now: datetime
    event_id: str
    invitation_id: str
    answer: PartStat = PartStat.NEEDS_ACTION
    stamp: datetime | None = None  # of the answer that counts
    mailed: list[bytes] = field(default_factory=list)

    def sent(self) -> int:
        """The SEQUENCE the guest knows."""
        return invitations.read(self.session, self.invitation_id).sequence_sent or 0

    def move(self, days: int) -> None:
        event = events.read_event(self.session, self.event_id)
        starts = datetime.fromisoformat(event.starts_local) + timedelta(days=days)
        self._change({"starts_at": starts.isoformat(timespec="minutes")})

    def rename(self, title: str) -> None:
        self._change({"title": title})

    def place(self, place: str) -> None:
        self._change({"place": place})

    def _change(self, wishes: dict[str, Any]) -> None:
        changes.change_event(self.session, self.event_id, wishes, desk=DESK, now=self.now, actor=STAFF)

    def link(self, said: PartStat) -> None:
        answer = Answer(said, Source.LINK)
        letters.take_answer(self.session, self.invitation_id, answer, desk=DESK, now=self.now, actor="guest:x")
        self.answer, self.stamp = said, self.now

    def mail(self, said: PartStat, late_by: int, behind: int) -> None:
        uid = events.read_event(self.session, self.event_id).uid
        stamped, sequence = self.now + timedelta(seconds=late_by), max(0, self.sent() + behind)
        raw = reply(uid, ADDRESS, stamp=stamped, sequence=sequence, partstat=said.value)
        self.mailed.append(raw)
        stamp = min(stamped, self.now).replace(microsecond=0)
        is_valid = sequence >= self.sent() and (self.stamp is None or stamp >= self.stamp.replace(microsecond=0))
        take_in(self.session, raw, desk=DESK, keyring=KEYRING, now=self.now)
        if is_valid:
            self.answer, self.stamp = said, stamp

    def again(self) -> None:
        """The newest mail comes in once more, as it does."""
        for raw in self.mailed[-1:]:
            take_in(self.session, raw, desk=DESK, keyring=KEYRING, now=self.now)


def files(session: Session) -> list[bytes]:
    """Return every calendar part that was made, in order."""
    made = []
    for mailing in mail.read_mailings(session):
        for line in mail.read_deliveries(session, mailing.id):
            delivery = mail_store.read_delivery(session, line.id)
            assert delivery is not None
            made.append((delivery.created_at, COMPOSER.compose(mailing, delivery).ics))
    return [ics for _at, ics in sorted(made, key=lambda one: one[0]) if ics]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_one_uid_a_rising_sequence_and_the_last_valid_answer(engine: Engine, steps: list[tuple[Any, ...]]) -> None:
    with Session(engine) as session:  # never committed: each example begins with an empty database
        event = add_event(session, starts_at="2031-01-28T14:00")
        (invitation_id,) = invite(session, event, 1)
        letters.note_deliveries(session, [(invitation_id, DeliveryState.SENT)])
        life = Life(session, NOW, event.id, invitation_id)
        for step, *given_ in steps:
            life.now += timedelta(hours=2)
            getattr(life, step)(*given_)
        held, made = invitations.read(session, invitation_id), files(session)

    calendars = [icalendar.Calendar.from_ical(ics) for ics in made]
    sequences = [int(one.events[0]["SEQUENCE"]) for one in calendars]
    assert held.partstat is life.answer
    assert {str(one.events[0]["UID"]) for one in calendars} <= {event.uid}
    assert sequences == sorted(sequences)
    assert {str(one.events[0]["ATTENDEE"]) for one in calendars} <= {f"mailto:{ADDRESS}"}
    assert [check(ics) for ics in made] == [[]] * len(made)
