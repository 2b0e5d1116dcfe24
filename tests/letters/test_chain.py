"""What follows an event, on both databases: on which days, to whom, once, and only after a yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from service.events import store as events
from service.events.values import Event
from service.ical.values import PartStat
from service.invitations import actions as invitation_actions
from service.invitations import store as invitations
from service.invitations import surveys
from service.invitations.store import surveys as survey_store
from service.invitations.values import Answer, Source
from service.kernel.errors import FarsowError, Invalid
from service.letters import actions, chain, changes, planned, store
from service.letters.store import planned_letters
from service.letters.values import Kind
from service.mail import actions as mail
from service.mail.values import DeliveryState, SuppressionReason
from tests.factories import DESK, STAFF, add_event, add_list, add_people
from tests.letters.test_actions import sent

BY = {"desk": DESK, "actor": STAFF}
CLOSED = datetime(2027, 1, 28, 17, 0, tzinfo=UTC)
OTHER = {**BY, "actor": "staff:other"}


def day(number: int, hour: int = 10) -> datetime:
    """So many days after the close, at the hour letters leave in London."""
    return datetime(2027, 1, 28, hour, tzinfo=UTC) + timedelta(days=number)


def held_event(session: Session, **wishes) -> tuple[Event, list[str]]:
    """A closed seminar of five: two came, one had said yes and was absent, one declined, one never answered."""
    event = add_event(session, **wishes)
    guests = add_list(session, add_people(session, 5, language="en"), key=f"list-{event.slug}")
    done = actions.invite_list(session, event.id, guests, now=event.announced_at, **BY)
    ids = sent(session, done.mailing_id)
    for number, said in (
        (0, PartStat.ACCEPTED),
        (1, PartStat.ACCEPTED),
        (2, PartStat.ACCEPTED),
        (3, PartStat.DECLINED),
    ):
        answer = Answer(said, Source.LINK, online=False)
        actions.take_answer(session, ids[number], answer, now=event.announced_at, **{**BY, "actor": "guest:x"})
    for number, was in enumerate(("present", "present", "absent", "absent", "absent")):
        invitation_actions.record_attendance(session, ids[number], was, now=event.starts_at, actor=STAFF)
    return chain.close_event(session, event.id, now=CLOSED, actor=STAFF), ids


def run(session: Session, event: Event, now: datetime) -> dict[str, set[str]]:
    """Do the duty twice and hand over what became due; return who got which letter."""
    before = {m.id for m in mail.read_mailings(session, context=f"event:{event.id}")}
    planned.send_due(session, desk=DESK, now=now)
    planned.send_due(session, desk=DESK, now=now)
    fresh = [m for m in mail.read_mailings(session, context=f"event:{event.id}") if m.id not in before]
    return {m.kind: set(sent(session, m.id)) for m in fresh}


def say(session: Session, invitation_id: str, now: datetime, **said: str) -> None:
    surveys.answer(session, invitation_id, said, now=now)


def steps(session: Session, event: Event, now: datetime | None = None) -> dict[Kind, chain.Step]:
    return {
        step.letter.kind: step
        for step in chain.read(session, events.read_event(session, event.id), now=now or CLOSED).steps
    }


def test_each_letter_goes_on_its_day_to_those_it_is_for_and_once(session):
    event, (ada, bo, missed, *_others) = held_event(session)
    next_steps = steps(session, event)[Kind.NEXT_STEPS].letter
    chain.edit_step(session, event.id, next_steps.id, note="Bo writes the brief by May.", now=CLOSED, **BY)
    chain.approve(session, event.id, now=CLOSED, **BY)

    assert run(session, event, day(1, 9)) == {}
    assert run(session, event, day(1)) == {"thank_you": {ada, bo}, "missed_you": {missed}}
    assert run(session, event, day(2)) == {"survey": {ada, bo}}
    say(session, ada, day(3), usefulness="5", promise="Train my team", may_ask="yes", next_steps="yes")
    assert run(session, event, day(5)) == {"survey_reminder": {bo}}
    assert run(session, event, day(7)) == {"next_steps": {ada}}
    assert run(session, event, day(89)) == {}
    assert run(session, event, datetime(2027, 4, 28, 9, tzinfo=UTC)) == {"commitment_check": {ada}}
    assert not planned.is_anything_due(session, now=day(400))


def test_nothing_leaves_before_a_yes_and_what_is_overdue_then_leaves_after_a_moment(session):
    event, (ada, bo, missed, *_others) = held_event(session)

    early = run(session, event, day(1))
    chain.approve(session, event.id, now=day(3), **BY)
    at_once = run(session, event, day(3) + timedelta(seconds=59))
    later = run(session, event, day(3) + timedelta(seconds=60))

    assert (early, at_once) == ({}, {})
    assert later == {"thank_you": {ada, bo}, "missed_you": {missed}, "survey": {ada, bo}}


def test_a_step_that_is_switched_off_stays_and_one_that_is_moved_goes_on_its_new_day(session):
    event, (ada, bo, missed, *_others) = held_event(session)
    known = steps(session, event)
    chain.edit_step(session, event.id, known[Kind.THANK_YOU].letter.id, held=True, now=CLOSED, **BY)
    to = date(2027, 2, 2)
    chain.edit_step(session, event.id, known[Kind.MISSED_YOU].letter.id, on_day=to, note="Sorry.", now=CLOSED, **BY)
    chain.approve(session, event.id, now=CLOSED, **BY)

    assert run(session, event, day(1)) == {}
    assert run(session, event, day(2)) == {"survey": {ada, bo}}
    assert run(session, event, day(5)) == {"missed_you": {missed}, "survey_reminder": {ada, bo}}
    (regret,) = [m for m in mail.read_mailings(session, context=f"event:{event.id}") if m.kind == "missed_you"]
    assert regret.facts["note"] == "Sorry."


def test_stopping_calls_off_what_waits_and_what_is_to_come(session):
    event, _ids = held_event(session)
    chain.approve(session, event.id, now=CLOSED, **BY)
    planned.send_due(session, desk=DESK, now=day(1))

    chain.stop(session, event.id, now=day(1), actor=STAFF)
    chain.stop(session, event.id, now=day(1), actor=STAFF)

    waiting = [
        m for m in mail.read_mailings(session, context=f"event:{event.id}") if m.kind in ("thank_you", "missed_you")
    ]
    assert [m.counts[DeliveryState.CANCELLED] for m in waiting] == [sum(m.counts.values()) for m in waiting] != []
    assert run(session, event, day(2)) == {}
    chain.approve(session, event.id, now=day(3), **BY)
    assert set(run(session, event, day(4))) == {"survey"}


def test_a_cancelled_event_is_followed_by_nothing(session):
    event = add_event(session)
    chain.approve(session, event.id, now=event.announced_at, **BY)
    changes.cancel_event(session, event.id, reason="", now=event.announced_at, **BY)

    assert run(session, event, day(2)) == {}
    with pytest.raises(chain.NothingFollows):
        chain.approve(session, event.id, now=event.announced_at, **BY)


def test_who_wants_no_letters_any_more_gets_none(session):
    event, (ada, bo, *_others) = held_event(session)
    chain.approve(session, event.id, now=CLOSED, **BY)
    address = store.read_recipients(session, [ada])[ada].address
    block = {"address_key": DESK.address_key, "now": CLOSED, "actor": STAFF}
    mail.suppress(session, address, "purpose:events", SuppressionReason.UNSUBSCRIBED, **block)

    assert run(session, event, day(1))["thank_you"] == {bo}


def test_who_has_had_a_letter_by_hand_does_not_get_it_again(session):
    event, (ada, bo, *_others) = held_event(session)
    done = actions.write_letter(session, event.id, "survey", now=CLOSED, **BY)
    chain.approve(session, event.id, now=CLOSED, **BY)

    assert set(sent(session, done.mailing_id)) == {ada, bo}
    assert "survey" not in run(session, event, day(2))
    assert run(session, event, day(5)) == {"survey_reminder": {ada, bo}}


def test_who_came_uninvited_is_thanked_and_asked_too(session):
    event = add_event(session)
    (walked_in,) = add_people(session, 1, prefix="walk")
    one = invitation_actions.add_walk_in(session, event.id, walked_in, now=event.starts_at, actor=STAFF)
    event = chain.close_event(session, event.id, now=CLOSED, actor=STAFF)
    chain.approve(session, event.id, now=CLOSED, **BY)

    assert run(session, event, day(1)) == {"thank_you": {one.id}}
    assert run(session, event, day(2)) == {"survey": {one.id}}


def test_next_steps_wait_for_words(session):
    event, (ada, *_others) = held_event(session)
    chain.approve(session, event.id, now=CLOSED, **BY)
    say(session, ada, day(1), next_steps="yes")
    letter = steps(session, event)[Kind.NEXT_STEPS].letter

    assert "next_steps" not in run(session, event, day(8))
    chain.edit_step(session, event.id, letter.id, note="What was agreed.", now=day(20), **BY)
    assert run(session, event, day(20) + timedelta(minutes=2)) == {"next_steps": {ada}}
    with pytest.raises(chain.StepGone):
        chain.edit_step(session, event.id, letter.id, note="Other words.", now=day(21), **BY)


def test_the_days_count_from_the_close_and_so_does_the_preview(session):
    event = add_event(session)
    ahead = {kind: step.people for kind, step in steps(session, event).items()}

    chain.close_event(session, event.id, now=CLOSED + timedelta(days=4), actor=STAFF)

    after = steps(session, event)
    assert set(ahead.values()) == {None}
    assert {kind.value: (step.letter.due_at.isoformat(), step.people) for kind, step in after.items()} == {
        "thank_you": ("2027-02-02T10:00:00+00:00", 0),
        "missed_you": ("2027-02-02T10:00:00+00:00", 0),
        "survey": ("2027-02-03T10:00:00+00:00", 0),
        "survey_reminder": ("2027-02-06T10:00:00+00:00", 0),
        "next_steps": ("2027-02-08T10:00:00+00:00", 0),
        "commitment_check": ("2027-05-02T09:00:00+00:00", 0),
    }


def test_a_yes_that_comes_after_the_survey_is_closed_sends_no_survey(session):
    event, (ada, bo, *_others) = held_event(session)

    late = {kind.value for kind, step in steps(session, event, day(40)).items() if step.is_too_late}
    chain.approve(session, event.id, now=day(40), **BY)
    left = run(session, event, day(41))

    assert (set(left), left["thank_you"]) == ({"thank_you", "missed_you"}, {ada, bo})
    assert late == {"survey", "survey_reminder"}


def test_where_four_eyes_are_wanted_its_writer_says_no_yes_and_new_words_want_a_new_one(session):
    strict = replace(DESK, four_eyes=True)
    event, _ids = held_event(session)
    letter = steps(session, event)[Kind.THANK_YOU].letter
    chain.edit_step(session, event.id, letter.id, note="Thanks.", desk=strict, now=CLOSED, actor=STAFF)

    with pytest.raises(actions.SecondPairOfEyes):
        chain.approve(session, event.id, desk=strict, now=CLOSED, actor=STAFF)
    chain.approve(session, event.id, desk=strict, now=CLOSED, actor="staff:other")
    assert survey_store.read_plan(session, event.id).may_send
    chain.edit_step(session, event.id, letter.id, note="More thanks.", desk=strict, now=CLOSED, actor=STAFF)
    assert not survey_store.read_plan(session, event.id).may_send


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"on_day": date(2027, 1, 28)}, "on_day"),
        ({"on_day": date(2027, 1, 20)}, "on_day"),
        ({"on_day": date(2028, 3, 1)}, "on_day"),
        ({"on_day": date(2027, 3, 1)}, "on_day"),
        ({"note": "x" * 4001}, "note"),
    ],
    ids=["the-day-itself", "before", "too-late", "after-it-closes", "too-long"],
)
def test_a_step_that_cannot_be_so_stays_as_it_is(session, wishes, field):
    event, _ids = held_event(session)
    before = steps(session, event)

    with pytest.raises(Invalid) as refused:
        chain.edit_step(session, event.id, before[Kind.SURVEY].letter.id, **wishes, now=CLOSED, **BY)

    assert refused.value.field == field
    assert steps(session, event) == before


def test_how_answers_are_kept_stays_once_guests_were_told(session):
    event, (ada, *_others) = held_event(session)
    chain.set_up(
        session, event.id, is_anonymous=True, materials=[{"title": "Slides", "path": "/m/x"}], now=CLOSED, **BY
    )
    say(session, ada, day(3), usefulness="4")

    with pytest.raises(chain.SurveyBegun):
        chain.set_up(session, event.id, is_anonymous=False, materials=[], now=day(3), **BY)

    chain.set_up(session, event.id, is_anonymous=True, materials=[], now=day(3), **BY)
    plan = survey_store.read_plan(session, event.id)
    assert (plan.is_anonymous, plan.materials) == (True, ())


def test_any_kind_of_event_can_be_followed_when_staff_want_it(session):
    event = add_event(session, kind="focus_group")

    chain.begin(session, event.id, now=event.announced_at, actor=STAFF)
    chain.begin(session, event.id, now=event.announced_at, actor=STAFF)

    assert sorted(steps(session, event)) == sorted(kind for kind, _minutes in chain.rules.STEPS)


def test_thanks_carry_the_materials(session):
    event, _ids = held_event(session)
    given = [{"title": "Slides", "path": "/m/01?c=follow-up"}]
    chain.set_up(session, event.id, is_anonymous=False, materials=given, now=CLOSED, **BY)
    chain.approve(session, event.id, now=CLOSED, **BY)
    run(session, event, day(2))

    found = {m.kind: m.facts.get("materials") for m in mail.read_mailings(session, context=f"event:{event.id}")}
    after = {kind: found[kind] for kind in ("thank_you", "missed_you", "survey")}
    assert after == {"thank_you": given, "missed_you": given, "survey": None}


def test_a_worker_that_came_second_sends_nothing(session):
    event, _ids = held_event(session)
    chain.approve(session, event.id, now=CLOSED, **BY)
    due = [letter for letter in planned_letters.read_due(session, now=day(1)) if letter.kind in chain.rules.AFTER_EVENT]

    first = [planned._send(session, letter, desk=DESK, now=day(1)) for letter in due]
    second = [planned._send(session, letter, desk=DESK, now=day(1)) for letter in due]

    assert (first, second) == ([1, 1], [0, 0])


def test_steps_of_another_event_are_unknown(session):
    event, _ids = held_event(session)
    other = add_event(session, title="Seminar 3")
    letter = next(p for p in planned_letters.read(session, other.id) if p.kind is Kind.SURVEY)

    with pytest.raises(FarsowError) as refused:
        chain.edit_step(session, event.id, letter.id, held=True, now=CLOSED, **BY)

    assert refused.value.code == "unknown-planned-letter"
    assert invitations.read_of_event(session, other.id) == []
