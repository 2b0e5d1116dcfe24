"""What guests say after an event: who may, until when, what is kept, and that nameless answers are nobody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from service.audit.tables import AuditEntry
from service.events.values import EventState
from service.invitations import results, survey_form, surveys
from service.invitations.rules import EventCancelled, EventPostponed, InvitationWithdrawn
from service.invitations.store import surveys as store
from service.invitations.survey_form import (
    AlreadyAnswered,
    Answer,
    NothingSaid,
    NotThere,
    Progress,
    Return,
    Said,
    Stand,
    SurveyClosed,
)
from service.invitations.tables import SurveyAnswer
from service.invitations.values import Attendance
from service.kernel.errors import Invalid
from service.letters import chain
from tests.factories import make_event, make_invitation
from tests.letters.test_chain import BY, CLOSED, day, held_event

HELD = make_event(state=EventState.CLOSED, closed_at=CLOSED)
THERE = make_invitation(attendance=Attendance.PRESENT)
DONE = {"chapter-1": "Working with governments"}


@pytest.mark.parametrize(
    ("event", "invitation", "now", "where", "refusal"),
    [
        (HELD, THERE, day(2), Stand.OPEN, None),
        (HELD, THERE, CLOSED + timedelta(days=30), Stand.PAST, SurveyClosed),
        (make_event(), THERE, day(0), Stand.NOT_YET, SurveyClosed),
        (HELD, make_invitation(attendance=Attendance.ABSENT), day(2), Stand.NOT_THERE, NotThere),
        (replace(HELD, state=EventState.CANCELLED), THERE, day(2), Stand.CANCELLED, EventCancelled),
        (replace(HELD, state=EventState.POSTPONED), THERE, day(2), Stand.POSTPONED, EventPostponed),
        (HELD, replace(THERE, withdrawn_at=CLOSED), day(2), Stand.WITHDRAWN, InvitationWithdrawn),
        (HELD, replace(THERE, substituted_by="x"), day(2), Stand.SUBSTITUTED, InvitationWithdrawn),
    ],
    ids=["open", "closed", "not-yet", "absent", "cancelled", "postponed", "withdrawn", "substituted"],
)
def test_the_survey_is_open_to_those_who_came_for_thirty_days(event, invitation, now, where, refusal):
    assert survey_form.stand(event, invitation, now=now) is where
    if refusal is None:
        survey_form.refuse(where, event)
    else:
        with pytest.raises(refusal):
            survey_form.refuse(where, event)


@pytest.mark.parametrize(("days", "where"), [(59, "not_yet"), (60, "open"), (179, "open"), (180, "past")])
def test_what_came_of_it_is_asked_between_two_and_six_months(days, where):
    assert survey_form.stand_of_check(HELD, THERE, now=CLOSED + timedelta(days=days)).value == where


def test_a_form_is_read_as_it_is_meant():
    raw = {
        "usefulness": "4",
        "words": " More time\r\n",
        "promise": "Call Bo",
        "due_on": "2027-03-01",
        "next_steps": "yes",
    }

    assert survey_form.read_form(raw, HELD, now=day(2)) == Said(
        4, "More time", "Call Bo", date(2027, 3, 1), may_ask=False, next_steps=True
    )
    assert survey_form.read_form({"promise": "x"}, HELD, now=day(2)).due_on == date(2027, 4, 28)


@pytest.mark.parametrize(
    ("raw", "field", "code"),
    [
        ({}, "usefulness", "nothing-said"),
        ({"may_ask": "yes", "words": "  "}, "usefulness", "nothing-said"),
        ({"usefulness": "6"}, "usefulness", "invalid"),
        ({"usefulness": "０"}, "usefulness", "invalid"),
        ({"words": "x" * 2001}, "words", "invalid"),
        ({"promise": "x" * 1001}, "promise", "invalid"),
        ({"promise": "x", "due_on": "soon"}, "due_on", "invalid"),
        ({"promise": "x", "due_on": "2027-01-29"}, "due_on", "invalid"),
        ({"promise": "x", "due_on": "2099-01-01"}, "due_on", "invalid"),
    ],
    ids=["empty", "only-a-tick", "six", "other-digits", "words", "promise", "no-day", "yesterday", "far"],
)
def test_what_cannot_be_is_refused_by_its_field(raw, field, code):
    with pytest.raises(Invalid) as refused:
        survey_form.read_form(raw, HELD, now=day(2))

    assert (refused.value.field, refused.value.code) == (field, code)


def test_an_answer_can_be_changed_until_it_closes(session):
    _event, (ada, *_others) = held_event(session)
    surveys.answer(
        session, ada, {"usefulness": "2", "words": "Too long", "promise": "Call Bo", "may_ask": "y"}, now=day(2)
    )
    first = store.find_commitment(session, ada)

    surveys.answer(session, ada, {"usefulness": "3", "next_steps": "yes"}, now=day(4))

    kept = store.read_answer(session, ada)
    assert (first.words, first.due_on, first.state) == ("Call Bo", date(2027, 4, 28), Progress.OPEN)
    assert (kept.usefulness, kept.words, kept.on_day) == (3, "", date(2027, 2, 1))
    assert store.find_commitment(session, ada) is None
    assert store.read_return(session, ada) == Return(ada, answered=True, next_steps=True)
    with pytest.raises(SurveyClosed):
        surveys.answer(session, ada, {"usefulness": "1"}, now=day(31))


def test_a_nameless_answer_leads_to_nobody(session):
    event, (ada, bo, *_others) = held_event(session)
    chain.set_up(session, event.id, is_anonymous=True, materials=[], now=CLOSED, **BY)

    surveys.answer(session, ada, {"usefulness": "2", "words": "Too long", "promise": "Call Bo"}, now=day(2))
    surveys.answer(session, bo, {"usefulness": "5"}, now=day(3))

    rows = session.execute(select(SurveyAnswer.__table__)).mappings().all()
    assert sorted((r["invitation_id"], r["usefulness"], r["words"], r["on_day"]) for r in rows) == [
        (None, 2, "Too long", date(2027, 1, 30)),
        (None, 5, "", date(2027, 1, 31)),
    ]
    assert store.read_returns(session, event.id) == {one: Return(one, answered=True) for one in (ada, bo)}
    assert (store.read_answer(session, ada), store.find_commitment(session, ada).words) == (None, "Call Bo")
    actions = set(session.execute(select(AuditEntry.__table__.c.action)).scalars())
    assert not {action for action in actions if action.startswith("survey.")}
    with pytest.raises(AlreadyAnswered):
        surveys.answer(session, ada, {"usefulness": "1"}, now=day(3))


def test_neither_ids_nor_the_order_of_rows_tell_which_nameless_answer_came_last(session):
    event, (ada, _bo, *_others) = held_event(session)
    chain.set_up(session, event.id, is_anonymous=True, materials=[], now=CLOSED, **BY)
    surveys.answer(session, ada, {"usefulness": "2"}, now=day(2))
    before = {one.id for one in store.read_answers(session, event.id)}

    lasts = set()
    for _ in range(40):
        store.add_nameless(session, Answer(store.chance_id(), event.id, None, day(3).date(), words="last"))
        rows = session.execute(select(SurveyAnswer.__table__.c.words)).scalars().all()  # as they lie there
        lasts.add(rows[-1])
        session.execute(SurveyAnswer.__table__.delete().where(SurveyAnswer.__table__.c.words == "last"))

    assert lasts == {"", "last"}
    assert before.isdisjoint(one.id for one in store.read_answers(session, event.id))


def test_what_came_of_it_is_kept_and_what_is_done_is_proposed(session):
    _event, (ada, bo, *_others) = held_event(session)
    surveys.answer(session, ada, {"promise": "Call Bo", "may_ask": "yes"}, now=day(2))

    surveys.check(session, ada, {"state": "done", "used": "yes", "chapter": "chapter-1"}, DONE, now=day(91))
    surveys.check(session, bo, {"used": "no", "chapter": "chapter-1"}, DONE, now=day(91))

    promise, said, other = (
        store.find_commitment(session, ada),
        store.read_answer(session, ada),
        store.read_answer(session, bo),
    )
    assert (promise.state, promise.outcome) == (Progress.DONE, "proposed")
    assert (said.used, said.chapter, other.used, other.chapter) == (True, "chapter-1", False, "")
    surveys.check(session, ada, {"state": "partly"}, DONE, now=day(92))
    assert (store.find_commitment(session, ada).outcome, store.read_return(session, ada).checked) == ("", True)


@pytest.mark.parametrize(
    ("raw", "field"), [({}, "used"), ({"state": "perhaps"}, "state"), ({"used": "yes", "chapter": "9"}, "chapter")]
)
def test_a_check_that_cannot_be_changes_nothing(session, raw, field):
    _event, (ada, *_others) = held_event(session)
    surveys.answer(session, ada, {"promise": "Call Bo"}, now=day(2))
    before = store.find_commitment(session, ada)

    with pytest.raises(Invalid) as refused:
        surveys.check(session, ada, raw, DONE, now=day(91))

    assert refused.value.field == field
    assert store.find_commitment(session, ada) == before


def test_without_names_use_is_counted_once(session):
    event, (ada, *_others) = held_event(session)
    chain.set_up(session, event.id, is_anonymous=True, materials=[], now=CLOSED, **BY)

    for used in ("yes", "no"):
        surveys.check(session, ada, {"used": used}, DONE, now=day(91))

    assert [(one.invitation_id, one.used) for one in store.read_answers(session, event.id)] == [(None, True)]


def answers(*marks: int | None) -> list[Answer]:
    return [Answer(str(n), "e", f"i{n}", date(2027, 2, 1), mark, words=f"w{n}") for n, mark in enumerate(marks)]


def test_results_tell_the_middle_answer_and_how_many_found_it_useful():
    found = results.sum_up(answers(5, 4, 2, None, 4), sent=9, returned=6, names={"i0": "Ada"}, smallest=0)

    assert (found.n, found.useful, found.median, found.marks) == (4, 3, 4.0, {1: 0, 2: 1, 3: 0, 4: 2, 5: 1})
    assert found.words == (("w0", "Ada"), ("w1", ""), ("w2", ""), ("w3", ""), ("w4", ""))
    assert (found.sent, found.returned, found.is_hidden) == (9, 6, False)


def test_fewer_nameless_answers_than_the_smallest_number_are_not_shown():
    few = results.sum_up(answers(5, 4, 2, 1), sent=9, returned=4, names={}, smallest=5)
    enough = results.sum_up(answers(5, 4, 2, 1, 3), sent=9, returned=5, names={}, smallest=5)

    assert (few.is_hidden, few.n, few.words, few.median) == (True, 0, (), None)
    assert (enough.is_hidden, enough.n, enough.median) == (False, 5, 3)


def test_a_day_is_that_of_the_event_s_place():
    late = datetime(2027, 2, 1, 23, 30, tzinfo=UTC)
    kyiv = replace(HELD, time_zone="Europe/Kyiv")

    assert survey_form.read_form({"promise": "x", "due_on": "2027-02-02"}, kyiv, now=late).due_on == date(2027, 2, 2)
    with pytest.raises(NothingSaid):
        survey_form.read_form({"promise": " "}, kyiv, now=late)
