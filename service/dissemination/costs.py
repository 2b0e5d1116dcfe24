"""What was spent on an event: booked by hand, in one currency a project. The caller commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.numbers import list_currencies
from sqlmodel import Session

from service.audit import log
from service.dissemination.editing import NotADay, NotANumber, TitleMissing, parse_day, parse_number
from service.dissemination.store import costs as store
from service.dissemination.values.given import Cost
from service.events.store import read_project
from service.events.values import Event
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.kernel.ids import new_id
from service.kernel.text import clean_line

LARGEST = 10**9  # of a currency, in one booking
CURRENCIES = frozenset(list_currencies())


class UnknownCurrency(Invalid):
    """No currency has this code."""

    code = "unknown-currency"


class OtherCurrency(Invalid):
    """Costs of one project are added up, so they are all in one currency."""

    code = "other-currency"


def book(session: Session, event: Event, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Cost:
    """Book what was spent on an event.

    Raises:
        NotADay, NotANumber, UnknownCurrency, OtherCurrency, TitleMissing.
    """
    today = local_time(now, read_project(session, event.project_id).time_zone).date()
    cost = make_cost(event.id, wishes, known=store.read_currency(session, event.project_id), today=today)
    store.add(session, cost, booked_by=actor)
    log.record(session, actor=actor, action="cost.booked", subject=f"event:{event.id}", now=now)
    return cost


def take_back(session: Session, event_id: str, cost_id: str, *, now: datetime, actor: str) -> None:
    """Take a cost away that was wrong; issued reports keep it.

    Raises:
        UnknownCost: the event has none of this id.
    """
    store.remove(session, event_id, cost_id)
    log.record(session, actor=actor, action="cost.taken-back", subject=f"event:{event_id}", now=now)


def make_cost(event_id: str, wishes: Mapping[str, Any], *, known: str, today: date) -> Cost:
    """Return the cost that is wanted; `known` is the currency of the project's other costs, or empty. Pure.

    Raises:
        NotADay, NotANumber, UnknownCurrency, OtherCurrency, TitleMissing.
    """
    day = parse_day(wishes.get("on_day"), "on_day")
    if day > today:
        raise NotADay("That day has not come yet.", field="on_day")
    what = clean_line(str(wishes.get("what") or ""))[:300]
    if not what:
        raise TitleMissing("Say what it was spent on.", field="what")
    currency = _currency(wishes.get("currency"), known)
    return Cost(new_id(), event_id, day, _hundredths(wishes.get("amount")), currency, what)


def _hundredths(raw: Any) -> int:
    amount = parse_number(raw, "amount") if raw not in (None, "") else 0.0
    hundredths = round(100 * amount)
    if not 0 < hundredths <= 100 * LARGEST:
        raise NotANumber("Give an amount above 0, such as 120 or 57.50.", field="amount")
    return hundredths


def _currency(raw: Any, known: str) -> str:
    currency = str(raw or known).strip().upper()
    if currency not in CURRENCIES:
        raise UnknownCurrency("Give the currency as its three letters: GBP, EUR, KES.", field="currency")
    if known and currency != known:
        raise OtherCurrency(
            f"The costs of this project are in {known}. Give this one in {known} too.", field="currency"
        )
    return currency
