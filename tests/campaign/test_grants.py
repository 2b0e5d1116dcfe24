"""Small grants: their steps and their money."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.campaign import grants
from service.campaign.grants import BadAmount, WrongMove
from service.campaign.store import GRANTS
from service.campaign.values import Grant, GrantState
from service.kernel.clock import NotADay
from service.kernel.errors import Invalid
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
DAY = date(2026, 5, 4)
ENQUIRY = Grant("g", "o", "Training", GrantState.ENQUIRY, DAY, "GBP", 1500, None, "")
WISHES = {"organisation": "Rural Voices", "purpose": "Training", "amount": "1,500", "currency": "gbp"}
ALLOWED = {
    (GrantState.ENQUIRY, GrantState.APPLIED),
    (GrantState.ENQUIRY, GrantState.DECLINED),
    (GrantState.APPLIED, GrantState.AWARDED),
    (GrantState.APPLIED, GrantState.DECLINED),
    (GrantState.AWARDED, GrantState.REPORTED),
}


@pytest.fixture
def world(session: Session) -> World:
    """An empty project, stored."""
    return store_world(session, empty_world())


@pytest.mark.parametrize(("before", "after"), list(product(GrantState, GrantState)))
def test_a_grant_goes_its_steps_and_no_other(before: GrantState, after: GrantState):
    grant = replace(ENQUIRY, state=before)

    if (before, after) in ALLOWED:
        assert grants.moved(grant, after, DAY) == replace(grant, state=after)
    else:
        with pytest.raises(WrongMove):
            grants.moved(grant, after, DAY)


def test_a_step_does_not_come_before_the_last_one():
    with pytest.raises(NotADay):
        grants.moved(ENQUIRY, GrantState.APPLIED, date(2026, 5, 3))


def test_nothing_is_awarded_without_an_amount():
    applied = replace(ENQUIRY, state=GrantState.APPLIED, amount=None)

    with pytest.raises(BadAmount):
        grants.moved(applied, GrantState.AWARDED, DAY)
    with pytest.raises(BadAmount):
        grants.judge(replace(ENQUIRY, state=GrantState.AWARDED), {"amount": ""})


@pytest.mark.parametrize(
    ("amount", "currency", "money"),
    [("1,500", "gbp", (1500, "GBP")), (200, "EUR", (200, "EUR")), ("", "GBP", (None, "GBP")), (None, "", (None, ""))],
)
def test_money_is_read(amount: Any, currency: str, money: tuple[int | None, str]):
    grant = grants.judge(ENQUIRY, {"amount": amount, "currency": currency})

    assert (grant.amount, grant.currency) == money


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"amount": "12.50"}, "bad-amount", "amount"),
        ({"amount": "-3"}, "bad-amount", "amount"),
        ({"amount": "0"}, "bad-amount", "amount"),
        ({"amount": "9999999999"}, "bad-amount", "amount"),
        ({"amount": "5", "currency": "pounds"}, "bad-amount", "currency"),
        ({"purpose": " "}, "record-incomplete", "purpose"),
        ({"report_due_on": "soon"}, "not-a-day", "report_due_on"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        grants.judge(ENQUIRY, wishes)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_grant_goes_from_enquiry_to_report(session: Session, world: World):
    p = world.project_id
    made = grants.add_grant(session, p, WISHES, **ACTOR)
    for state in ("applied", "awarded"):
        grants.move_grant(session, p, made.id, state, None, **ACTOR)
    grants.edit_grant(session, p, made.id, {"report_due_on": "2027-06-30"}, **ACTOR)

    done = grants.move_grant(session, p, made.id, "reported", "2027-01-12", **ACTOR)

    assert made == replace(ENQUIRY, id=made.id, organisation_id=made.organisation_id, since=NOW.date())
    assert done == replace(made, state=GrantState.REPORTED, report_due_on=date(2027, 6, 30))
    assert GRANTS.read_all(session, p) == [done]
    trail = Counter(one["action"] for one in log.trail(session, f"grant:{made.id}"))
    assert trail == {"grant.added": 1, "grant.moved": 3, "grant.changed": 1}
    assert "1500" not in str(log.trail(session, f"grant:{made.id}"))


def test_a_grant_put_in_by_mistake_is_taken_away(session: Session, world: World):
    made = grants.add_grant(session, world.project_id, WISHES, **ACTOR)

    grants.remove_grant(session, world.project_id, made.id, **ACTOR)

    assert GRANTS.read_all(session, world.project_id) == []
