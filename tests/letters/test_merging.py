"""Two people made one: which calendars are told, and what an undo calls off or puts right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy import Engine
from sqlmodel import Session

from service.events.values import Event
from service.invitations import store as invitations
from service.letters import actions, merging
from service.mail import actions as mail
from service.mail.values import DeliveryState
from tests.directory.pairs import FULL, Life, Rows, build, everything
from tests.directory.test_merging import LIBERAL, LIVES, MAIN
from tests.factories import DESK, NOW, RING, STAFF, add_event, add_people
from tests.letters.test_actions import YES, sent
from tests.letters.test_readdressing import send_all, waiting

ONE, OTHER = "guest0@example.org", "guest1@example.org"
LATER = NOW + timedelta(hours=5)
WITH: dict[str, Any] = {"ring": RING, "desk": DESK, "now": LATER, "actor": STAFF}
LETTERS = ("mailing", "delivery")


def invite(session: Session, event: Event, people: list[str]) -> list[str]:
    """Invite people one by one, let the letters leave, and return the invitations."""
    ids = []
    for person_id in people:
        done = actions.invite_people(session, event.id, [person_id], desk=DESK, now=NOW, actor=STAFF)
        ids += sent(session, done.mailing_id or "")
    return ids


def test_the_invitation_of_the_other_address_moves_to_the_main_one(session: Session) -> None:
    event, people = add_event(session), add_people(session, 2)
    invite(session, event, people[1:])

    merging.merge(session, *people, {}, **WITH)

    assert waiting(session, event) == [
        ("readdressed", OTHER, "CANCEL", 1, "NEEDS-ACTION"),
        ("invitation", ONE, "REQUEST", 2, "NEEDS-ACTION"),
    ]


def test_who_was_invited_twice_loses_one_entry_and_keeps_the_answer(session: Session) -> None:
    event, people = add_event(session), add_people(session, 2)
    _first, second = invite(session, event, people)
    actions.take_answer(session, second, YES, desk=DESK, now=NOW, actor=STAFF)
    send_all(session, event)

    merging.merge(session, *people, {"email": "taken"}, **WITH)

    # The later answer stands at the main address already; only the other calendar has to be told.
    assert waiting(session, event) == [("readdressed", ONE, "CANCEL", 1, "ACCEPTED")]


def test_the_letter_at_the_main_address_says_what_was_answered_at_the_other(session: Session) -> None:
    event, people = add_event(session), add_people(session, 2)
    _first, second = invite(session, event, people)
    actions.take_answer(session, second, YES, desk=DESK, now=NOW, actor=STAFF)
    send_all(session, event)

    merging.merge(session, *people, {}, **WITH)

    assert waiting(session, event) == [
        ("readdressed", OTHER, "CANCEL", 1, "ACCEPTED"),
        ("confirmation", ONE, "REQUEST", 2, "ACCEPTED"),
    ]


@pytest.mark.parametrize("wishes", [{}, {"email": "taken"}], ids=["one address", "the other"])
def test_the_preview_names_the_letters_that_will_leave(session: Session, wishes: dict[str, str]) -> None:
    event, people = add_event(session), add_people(session, 2)
    invite(session, event, people[1:])
    before = everything(session)

    seen = merging.preview(session, *people, wishes, ring=RING, desk=DESK, now=LATER)

    told = [(one.event.id, one.cancels, one.asks) for one in seen.letters]
    assert told == ([] if wishes else [(event.id, True, True)])
    assert everything(session) == before


@pytest.mark.parametrize("wishes", [{}, {"email": "taken"}], ids=["one address", "the other"])
def test_undone_before_a_letter_left_nobody_is_written_to(session: Session, wishes: dict[str, str]) -> None:
    people = build(session, FULL)
    before = everything(session)
    known = {row["id"] for row in before["delivery"]}
    made = merging.merge(session, *people[:2], wishes, **WITH)

    merging.undo(session, made, **WITH)

    after = everything(session)
    assert {row["state"] for row in after["delivery"] if row["id"] not in known} <= {DeliveryState.CANCELLED}
    assert _but_letters_since(after, before) == before


@LIBERAL
@given(one=LIVES, other=LIVES, wishes=MAIN)
def test_whoever_they_are_an_undo_before_a_letter_left_is_whole(
    engine: Engine, one: Life, other: Life, wishes: dict[str, str]
) -> None:
    with Session(engine) as session:  # never committed: each example begins with an empty database
        people = build(session, (one, other))
        before = everything(session)
        merging.undo(session, merging.merge(session, *people[:2], wishes, **WITH), **WITH)

        assert _but_letters_since(everything(session), before) == before


def _but_letters_since(after: Rows, before: Rows) -> Rows:
    """Return the rows without letters that were not there before."""
    known = {row["id"] for table in LETTERS for row in before[table]}
    return {**after, **{table: [row for row in after[table] if row["id"] in known] for table in LETTERS}}


def test_undone_after_letters_left_each_calendar_is_put_right_again(session: Session) -> None:
    event, people = add_event(session), add_people(session, 2)
    (invitation_id,) = invite(session, event, people[1:])
    made = merging.merge(session, *people, {}, **WITH)
    send_all(session, event)

    merging.undo(session, made, **WITH)

    assert waiting(session, event) == [
        ("readdressed", ONE, "CANCEL", 3, "NEEDS-ACTION"),
        ("invitation", OTHER, "REQUEST", 4, "NEEDS-ACTION"),
    ]
    assert invitations.read(session, invitation_id).person_id == people[1]


def test_two_invitations_are_both_in_their_calendars_again(session: Session) -> None:
    event, people = add_event(session), add_people(session, 2)
    invite(session, event, people)
    made = merging.merge(session, *people, {}, **WITH)
    send_all(session, event)

    merging.undo(session, made, **WITH)

    told = [(address, method) for _kind, address, method, _sequence, _partstat in waiting(session, event)]
    assert sorted(told) == [(ONE, "REQUEST"), (OTHER, "REQUEST")]
    assert all(sequence > 1 for _kind, _address, _method, sequence, _partstat in waiting(session, event))


def test_a_chair_too_many_goes_to_the_first_who_waits(session: Session) -> None:
    event, people = add_event(session, capacity=2), add_people(session, 3)
    ids = invite(session, event, people)
    for one in ids:
        actions.take_answer(session, one, YES, desk=DESK, now=NOW, actor=STAFF)
    assert [invitations.read(session, one).seat for one in ids] == ["held", "held", "waiting"]

    made = merging.merge(session, *people[:2], {}, **WITH)

    assert invitations.read(session, ids[2]).seat == "held"
    merging.undo(session, made, **WITH)
    assert sorted(invitations.read(session, one).seat for one in ids) == ["held", "held", "waiting"]
    assert invitations.read(session, ids[2]).seat == "held"


def test_a_letter_to_both_is_written_once(session: Session) -> None:
    event, people = add_event(session), add_people(session, 2)
    done = actions.invite_people(session, event.id, people, desk=DESK, now=NOW, actor=STAFF)

    merging.merge(session, *people, {}, **WITH)

    assert [one[:2] for one in waiting(session, event)] == [("invitation", ONE)]
    states = sorted(line.state for line in mail.read_deliveries(session, done.mailing_id or ""))
    assert states == ["cancelled", "queued"]
