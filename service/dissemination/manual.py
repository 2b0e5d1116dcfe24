"""Figures given by hand, where there is no record to count: surveys and speakers, each with its basis and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination.editing import NotADay, NotANumber, parse_day, parse_number
from service.dissemination.indicators import REGISTRY, Indicator
from service.dissemination.indicators import given as by_hand
from service.dissemination.proving import Claim
from service.dissemination.rules import EvidenceMissing, UnknownIndicator
from service.dissemination.store import evidence as files
from service.dissemination.store import manual as store
from service.dissemination.values.figures import Unit
from service.dissemination.values.given import Basis, Given
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.kernel.ids import new_id
from service.kernel.text import clean_line

LARGEST = 10**9
COUNTED = ("U5", "U9", "C1", "C2", "Q1")  # out of records, not by hand


class UnknownBasis(Invalid):
    """A figure that does not say how it is known."""

    code = "unknown-basis"


def indicators() -> list[Indicator]:
    """Return the indicators that are given by hand, in the registry's order."""
    mine = (one for one in REGISTRY.values() if one.measure.__module__ == by_hand.__name__)
    return [one for one in mine if one.id not in COUNTED]


def give(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Given:
    """Put in a figure; a rate comes as how many of how many, so that it can be added up.

    Raises:
        UnknownProject, UnknownIndicator, NotADay, NotANumber, UnknownBasis, EvidenceMissing.
    """
    today = local_time(now, read_project(session, project_id).time_zone).date()
    figure = _figure(wishes, today)
    store.add_figure(session, project_id, figure, given_by=actor)
    subject = f"project:{project_id}"
    log.record(session, actor=actor, action="figure.given", subject=subject, now=now, indicator=figure.indicator)
    return figure


def take_back(session: Session, project_id: str, figure_id: str, *, now: datetime, actor: str) -> None:
    """Take a figure away that was wrong; issued reports keep it.

    Raises:
        UnknownFigure: the project has none of this id.
    """
    store.remove_figure(session, project_id, figure_id)
    files.remove_of(session, Claim.FIGURE, figure_id)
    log.record(session, actor=actor, action="figure.taken-back", subject=f"project:{project_id}", now=now)


def _figure(wishes: Mapping[str, Any], today: date) -> Given:
    known = {one.id: one for one in indicators()}
    wanted = str(wishes.get("indicator") or "")
    if wanted not in known:
        raise UnknownIndicator("Choose an indicator of the list.", field="indicator")
    day = parse_day(wishes.get("on_day"), "on_day")
    if day > today:
        raise NotADay("That day has not come yet.", field="on_day")
    amount, out_of = _numbers(wishes, is_rate=known[wanted].unit is Unit.PERCENT)
    evidence = clean_line(str(wishes.get("evidence") or ""))[:500]
    if not evidence:
        raise EvidenceMissing("Say where one can see it: a link, a file, a list.", field="evidence")
    return Given(new_id(), wanted, day, amount, out_of, _basis(wishes.get("basis")), evidence)


def _numbers(wishes: Mapping[str, Any], *, is_rate: bool) -> tuple[int, int | None]:
    amount = _whole(wishes.get("amount"), "amount")
    if not is_rate:
        return amount, None
    out_of = _whole(wishes.get("out_of"), "out_of")
    if amount > out_of:
        raise NotANumber("It cannot be more than the number it is out of.", field="amount")
    return amount, out_of


def _whole(raw: Any, field: str) -> int:
    if raw in (None, ""):
        raise NotANumber("Give a whole number, 0 or more.", field=field)
    found = parse_number(raw, field)
    if found != int(found) or not 0 <= found <= LARGEST:
        raise NotANumber("Give a whole number, 0 or more.", field=field)
    return int(found)


def _basis(raw: Any) -> Basis:
    try:
        return Basis(raw)
    except ValueError:
        raise UnknownBasis("Say whether it was counted, estimated or told by others.", field="basis") from None
