"""Invited to a series once: every date follows, nothing leaves by itself, and each date has its exceptions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import Session

from service.db.engine import reading, writing
from service.directory import segments
from service.events import store as events
from service.events.values import Event
from service.invitations import store as invitations
from service.invitations.store import standing as store
from service.letters import actions, changes, standing
from service.letters.standing import NotOfTheSeries
from service.letters.values import Ended
from service.mail import actions as mail
from service.mail.values import MailingState, SuppressionReason
from service.people import actions as people
from service.people import store as people_store
from service.privacy import actions as privacy
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people, add_project
from tests.letters.test_actions import sent

BY = {"desk": DESK, "now": NOW, "actor": STAFF}
DAYS = ("2027-01-28T14:00", "2027-02-25T14:00", "2027-03-25T14:00")


@pytest.fixture
def series(session: Session) -> str:
    return events.add_series(session, add_project(session), "Dialogues")


def dates(session: Session, series: str, *days: str, **wishes) -> list[Event]:
    project_id = events.read_one_series(session, series)["project_id"]
    return [
        add_event(session, project_id=project_id, series_id=series, title=f"Dialogue {day}", starts_at=day, **wishes)
        for day in days
    ]


def invited(session: Session, event: Event) -> set[str]:
    return {i.person_id for i in invitations.read_of_event(session, event.id) if not i.withdrawn_at}


def drafts(session: Session) -> list[int]:
    """Return how many letters wait in each draft."""
    found = mail.read_mailings(session, states=[MailingState.DRAFT])
    return [sum(n for state, n in m.counts.items() if state == "queued") for m in found]


def of_person(session: Session, series: str, person_id: str):
    return next(one for one in store.read_of_series(session, series) if one.person_id == person_id)


def test_a_list_is_invited_to_every_announced_date_and_no_letter_leaves(session, series):
    announced = dates(session, series, *DAYS[:2])
    (draft,) = dates(session, series, DAYS[2], announce=False)
    guests = add_people(session, 3)
    list_id = add_list(session, guests)

    done = standing.invite_to_series(session, series, list_id=list_id, **BY)

    assert (set(done.added), done.skipped) == (set(guests), ())
    assert {one.event_id: one.queued for one in done.dates} == {event.id: 3 for event in announced}
    assert [invited(session, event) for event in (*announced, draft)] == [set(guests), set(guests), set()]
    assert drafts(session) == [3, 3]


def test_a_date_announced_later_enrols_those_who_stand_invited_once(session, series):
    guests = add_people(session, 2)
    standing.invite_to_series(session, series, person_ids=guests, **BY)
    (event,) = dates(session, series, DAYS[0], announce=False)

    for _twice in range(2):
        changes.announce_event(session, event.id, **BY)
        standing.enrol_all(session, series, **BY)

    assert invited(session, event) == set(guests)
    assert drafts(session) == [2]


def test_a_date_that_is_put_into_the_series_enrols_them_too(session, series):
    guests = add_people(session, 2)
    standing.invite_to_series(session, series, person_ids=guests, **BY)
    (event,) = dates(session, series, DAYS[0])
    other = add_event(session, project_id=event.project_id, title="On its own")
    assert invited(session, other) == set()

    changes.change_event(session, other.id, {"series_id": series}, **BY)

    assert invited(session, other) == set(guests)


def test_the_rules_of_any_invitation_hold(session, series):
    guests = add_people(session, 5)
    list_id, silent = add_list(session, guests[:3]), add_list(session, guests[3:4], key="silent", basis=None)
    no = SuppressionReason.UNSUBSCRIBED
    key = DESK.address_key
    mail.suppress(session, "guest1@example.org", "all", no, address_key=key, now=NOW, actor=STAFF)
    (event,) = dates(session, series, DAYS[0])
    actions.invite_people(session, event.id, [guests[2]], **BY)

    one = standing.invite_to_series(session, series, list_id=list_id, **BY)
    other = standing.invite_to_series(session, series, list_id=silent, **BY)
    again = standing.invite_to_series(session, series, person_ids=[guests[0], guests[0]], **BY)

    reasons = {reason for _person, reason in one.skipped}
    assert (len(one.added), reasons) == (2, {"suppressed"})
    assert (other.added, [reason for _person, reason in other.skipped]) == ((), ["no-consent"])
    assert again.added == ()
    assert len(invitations.read_of_event(session, event.id)) == 2  # one of them by name before


def test_whoever_leaves_the_list_is_not_invited_to_later_dates(session, series):
    guests = add_people(session, 2)
    list_id = add_list(session, guests)
    standing.invite_to_series(session, series, list_id=list_id, **BY)
    people.remove_members(session, list_id, [guests[0]], now=NOW, actor=STAFF)

    (event,) = dates(session, series, DAYS[0])

    assert invited(session, event) == {guests[1]}


def test_a_segment_counts_who_matches_on_each_date_and_a_broken_one_holds_up_nobody_else(session, series):
    guests = add_people(session, 4, language="fr")
    others = add_people(session, 1, prefix="other", language="en")
    french = {"language": "fr"}
    segment = segments.save(session, name="French", wanted=french, ground="legitimate_interest", now=NOW, actor=STAFF)
    standing.invite_to_series(session, series, list_id=segment.id, **BY)
    standing.invite_to_series(session, series, person_ids=others, **BY)
    people.update_person(session, guests[0], {"language": "es"}, now=NOW, actor=STAFF)
    (first,) = dates(session, series, DAYS[0])
    assert invited(session, first) == {*guests[1:], *others}

    people_store.write_list(session, segment.id, {"filter": {"not": {"colour": "red"}}})
    (second,) = dates(session, series, DAYS[1])

    assert invited(session, second) == set(others)


def test_a_date_announced_while_a_list_is_invited_has_everyone_once(engine):
    with writing(engine) as session:
        series_id = events.add_series(session, add_project(session), "Dialogues")
        (event,) = dates(session, series_id, DAYS[0], announce=False)
        guests = add_people(session, 20)
    start = Barrier(2)

    def invite() -> None:
        start.wait()
        with writing(engine) as session:
            standing.invite_to_series(session, series_id, person_ids=guests, **BY)

    def announce() -> None:
        start.wait()
        with writing(engine) as session:
            changes.announce_event(session, event.id, **BY)

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(invite), both.submit(announce)]:
            done.result()

    with reading(engine) as session:
        assert sorted(i.person_id for i in invitations.read_of_event(session, event.id)) == sorted(guests)


def test_left_out_of_one_date_before_it_is_sent_without_a_word(session, series):
    first, second = dates(session, series, *DAYS[:2])
    guests = add_people(session, 2)
    standing.invite_to_series(session, series, person_ids=guests, **BY)
    one = of_person(session, series, guests[0])

    standing.leave_out(session, one.id, first.id, **BY)
    standing.enrol_all(session, series, **BY)

    assert [invited(session, event) for event in (first, second)] == [{guests[1]}, set(guests)]
    assert sorted(drafts(session)) == [1, 2]
    assert [m.kind for m in mail.read_mailings(session)] == ["invitation", "invitation"]

    standing.put_back(session, one.id, first.id, **BY)

    assert invited(session, first) == set(guests)


def test_left_out_of_a_date_that_was_sent_gets_a_cancel(session, series):
    (event,) = dates(session, series, DAYS[0])
    guests = add_people(session, 1)
    done = standing.invite_to_series(session, series, person_ids=guests, **BY)
    sent(session, done.dates[0].mailing_ids[0])

    for _twice in range(2):
        standing.leave_out(session, of_person(session, series, guests[0]).id, event.id, **BY)

    assert invited(session, event) == set()
    assert [m.kind for m in mail.read_mailings(session)] == ["cancellation", "invitation"]


def test_a_draft_without_anyone_left_goes(session, series):
    (event,) = dates(session, series, DAYS[0])
    guests = add_people(session, 1)
    standing.invite_to_series(session, series, person_ids=guests, **BY)

    standing.leave_out(session, of_person(session, series, guests[0]).id, event.id, **BY)

    assert [m.state for m in mail.read_mailings(session)] == [MailingState.CANCELLED]
    assert invitations.read_of_event(session, event.id) == []


def test_ending_takes_back_what_was_not_sent_and_leaves_what_was(session, series):
    first, second = dates(session, series, *DAYS[:2])
    guests = add_people(session, 2)
    done = standing.invite_to_series(session, series, person_ids=guests, **BY)
    sent(session, next(one.mailing_ids[0] for one in done.dates if one.event_id == first.id))
    one = of_person(session, series, guests[0])

    ended = standing.end(session, one.id, now=NOW, actor=STAFF)
    again = standing.end(session, one.id, now=NOW, actor=STAFF)
    (third,) = dates(session, series, DAYS[2])

    assert (ended, again) == (Ended(1, 1), Ended(0, 0))
    assert [invited(session, event) for event in (first, second, third)] == [set(guests), {guests[1]}, {guests[1]}]

    standing.invite_to_series(session, series, person_ids=[guests[0]], **BY)

    assert [invited(session, event) for event in (first, second, third)] == [set(guests)] * 3


def test_people_added_one_by_one_share_the_draft_of_who_adds_them(session, series):
    dates(session, series, *DAYS[:2])
    guests = add_people(session, 3)
    for guest in guests[:2]:
        standing.invite_to_series(session, series, person_ids=[guest], **BY)
    assert drafts(session) == [2, 2]

    standing.invite_to_series(session, series, person_ids=[guests[2]], **{**BY, "actor": "staff:01other"})

    assert sorted(drafts(session)) == [1, 1, 2, 2]


def test_nobody_is_added_to_letters_that_are_on_their_way(session, series):
    (event,) = dates(session, series, DAYS[0])
    guests = add_people(session, 2)
    first = standing.invite_to_series(session, series, person_ids=guests[:1], **BY)
    actions.approve(session, first.dates[0].mailing_ids[0], **BY)

    standing.invite_to_series(session, series, person_ids=guests[1:], **BY)

    found = mail.read_mailings(session, context=f"event:{event.id}")
    assert sorted(m.state for m in found) == [MailingState.APPROVED, MailingState.DRAFT]


def test_a_date_of_another_series_is_refused(session, series):
    standing.invite_to_series(session, series, person_ids=add_people(session, 1), **BY)
    (one,) = store.read_of_series(session, series)

    with pytest.raises(NotOfTheSeries):
        standing.leave_out(session, one.id, add_event(session).id, **BY)

    assert store.read(session, one.id) == one


def test_dates_that_are_over_or_off_are_left_alone(session, series):
    begun, cancelled = dates(session, series, *DAYS[:2])
    changes.cancel_event(session, cancelled.id, reason="", **BY)
    late = {**BY, "now": begun.starts_at + timedelta(minutes=1)}

    done = standing.invite_to_series(session, series, person_ids=add_people(session, 1), **late)

    assert done.dates == ()
    assert invitations.read_of_event(session, begun.id) == []


def test_what_is_held_on_someone_names_the_series(session, series):
    standing.invite_to_series(session, series, person_ids=add_people(session, 1), **BY)

    held = privacy.export_subject(session, "guest0@example.org")["standing invitations"]

    assert held == [{"series": "Dialogues", "since": NOW.isoformat(), "ended_at": None, "left_out": []}]
