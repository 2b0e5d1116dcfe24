"""What a form or a program wants of the plan, checked and made clean. Pure.

A *wish* names what is to change; what it leaves out stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from service.dissemination.values.plan import Milestone, Output, PlanLine, Target
from service.kernel.clock import NotADay as NotADay
from service.kernel.clock import parse_day as parse_day
from service.kernel.errors import Invalid
from service.kernel.text import clean_line, slug

LINE_FIELDS = ("title", "audience_key", "channel", "output_key", "event_key", "owner", "due_on")
OUTPUT_FIELDS = ("title", "kind", "number", "format", "status", "derived_from", "languages", "copies", "published_on")
KINDS = ("publication", "part", "chapter", "checklist", "case_study")
MOST_MILESTONES = 12
LARGEST = 1e12
_LENGTHS = {"title": 300, "channel": 60, "owner": 60, "format": 40}


class TitleMissing(Invalid):
    """A line or an output without a name."""

    code = "title-missing"


class NotANumber(Invalid):
    """A number that cannot be read, or none."""

    code = "not-a-number"


class UnknownReference(Invalid):
    """It names something that is not there."""

    code = "unknown-reference"


class BaselineMissing(Invalid):
    """A target that does not say where things stood at the start."""

    code = "baseline-missing"


class BadMilestones(Invalid):
    """Milestones out of order, or after the target."""

    code = "bad-milestones"


class BadWeight(Invalid):
    """A weight that is no share."""

    code = "bad-weight"


class DerivedInCircle(Invalid):
    """An output that would, in the end, be made out of itself."""

    code = "derived-in-circle"


class PublishedAhead(Invalid):
    """An output that is out on a day that has not come, or on no day at all."""

    code = "bad-publication-day"


def parse_number(raw: float | str | None, field: str) -> float:
    """Return a number; a comma may stand for the point.

    Raises:
        NotANumber: it is none.
    """
    try:
        found = float(raw.strip().replace(",", ".") if isinstance(raw, str) else raw or 0)
    except ValueError:
        found = math.nan
    if not abs(found) < LARGEST:
        raise NotANumber("Give a number, such as 120 or 57.5.", field=field)
    return found


def free_key(title: str, taken: Collection[str]) -> str:
    """Return a key made of a title that nothing else has: “briefing”, “briefing-2”."""
    stem = slug(title, 50) or "item"
    numbers = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    return stem if stem not in taken else next(key for key in numbers if key not in taken)


def edit_line(line: PlanLine, wishes: Mapping[str, Any], known: Mapping[str, Collection[str]]) -> PlanLine:
    """Return a line as it is wanted; `known` are the keys that audience, output and event may have.

    Raises:
        TitleMissing, NotADay, UnknownReference.
    """
    changed: dict[str, Any] = {name: _clean(name, raw) for name, raw in wishes.items() if name in _LENGTHS}
    for name in ("audience_key", "output_key", "event_key"):
        if name in wishes:
            changed[name] = _reference(name, wishes[name], known[name])
    if "due_on" in wishes:
        changed["due_on"] = parse_day(wishes["due_on"], "due_on")
    return replace(line, **changed)


def edit_output(output: Output, wishes: Mapping[str, Any], others: Iterable[Output], *, today: date) -> Output:
    """Return an output as it is wanted.

    Raises:
        TitleMissing, NotADay, NotANumber, UnknownReference, DerivedInCircle, PublishedAhead.
    """
    changed: dict[str, Any] = {name: _clean(name, raw) for name, raw in wishes.items() if name in _LENGTHS}
    parents = {other.key: other.derived_from for other in others} | {output.key: output.derived_from}
    if "derived_from" in wishes:
        changed["derived_from"] = _reference("derived_from", wishes["derived_from"], parents)
    for name, allowed in (("kind", KINDS), ("status", ("planned", "published"))):
        if name in wishes:
            changed[name] = _reference(name, wishes[name] or "", allowed)
    for name in ("number", "copies"):
        if name in wishes:
            changed[name] = _whole(wishes[name], name)
    if "languages" in wishes:
        changed["languages"] = tuple(dict.fromkeys(code for code in map(slug, wishes["languages"] or ()) if code))
    if "published_on" in wishes:
        changed["published_on"] = parse_day(wishes["published_on"], "published_on") if wishes["published_on"] else None
    after = replace(output, **changed)
    _check_descent(after, parents)
    return _check_publication(after, today)


def _check_descent(output: Output, parents: Mapping[str, str | None]) -> None:
    seen, above = {output.key}, output.derived_from
    while above is not None:
        if above in seen:
            raise DerivedInCircle("It would be made out of itself. Choose another source.", field="derived_from")
        seen.add(above)
        above = parents.get(above)


def _check_publication(output: Output, today: date) -> Output:
    if output.status != "published":
        return replace(output, published_on=None)
    if output.published_on is None:
        raise PublishedAhead("Say on which day it was published.", field="published_on")
    if output.published_on > today:
        raise PublishedAhead("That day has not come yet. Set it to published when it is out.", field="published_on")
    return output


def make_target(indicator: str, wishes: Mapping[str, Any], *, is_percent: bool) -> Target:
    """Return a target: baseline, milestones, target, and the day it is due.

    Raises:
        BaselineMissing, NotANumber, NotADay, BadMilestones, BadWeight.
    """
    if wishes.get("baseline") in (None, ""):
        raise BaselineMissing("Say where it stood at the start; 0 if there was nothing.", field="baseline")
    if wishes.get("target") in (None, ""):
        raise NotANumber("Say what is to be reached.", field="target")
    target = Target(
        indicator,
        baseline=parse_number(wishes["baseline"], "baseline"),
        target=parse_number(wishes["target"], "target"),
        due_on=parse_day(wishes.get("due_on"), "due_on"),
        note=clean_line(str(wishes.get("note") or ""))[:300],
        milestones=_milestones(wishes.get("milestones") or ()),
        weight=_weight(wishes.get("weight")),
        risk=clean_line(str(wishes.get("risk") or ""))[:300],
    )
    _check_amounts(target, is_percent=is_percent)
    _check_days(target)
    return target


def _weight(raw: float | str | None) -> float | None:
    if raw in (None, ""):
        return None
    weight = parse_number(raw, "weight")
    if not 0 <= weight <= 100:
        raise BadWeight("A weight is a share of the whole: 0 to 100 percent.", field="weight")
    return weight


def _milestones(raw: Iterable[Mapping[str, Any]]) -> tuple[Milestone, ...]:
    filled = [one for one in raw if one.get("on") or one.get("value") not in (None, "")]
    if len(filled) > MOST_MILESTONES:
        raise BadMilestones(f"Up to {MOST_MILESTONES} milestones.", field="milestones")
    if any(one.get("value") in (None, "") for one in filled):
        raise BadMilestones("Give each milestone its number.", field="milestones")
    found = (Milestone(parse_day(one["on"], "milestones"), parse_number(one["value"], "milestones")) for one in filled)
    return tuple(sorted(found, key=lambda one: one.on))


def _check_amounts(target: Target, *, is_percent: bool) -> None:
    if not is_percent:
        return
    amounts = {"baseline": [target.baseline], "target": [target.target]}
    for field, values in (amounts | {"milestones": [one.value for one in target.milestones]}).items():
        if any(not 0 <= value <= 100 for value in values):
            raise NotANumber("It is a percentage: from 0 to 100.", field=field)


def _check_days(target: Target) -> None:
    days = [one.on for one in target.milestones]
    if len(set(days)) < len(days):
        raise BadMilestones("Two milestones lie on one day.", field="milestones")
    if days and days[-1] >= target.due_on:
        raise BadMilestones("Milestones lie before the day the target is due.", field="milestones")


def _clean(name: str, raw: Any) -> str:
    text = clean_line(str(raw or ""))[: _LENGTHS[name]]
    if name == "title" and not text:
        raise TitleMissing("Say what it is.", field="title")
    return text


def _reference(name: str, raw: Any, known: Collection[str]) -> str | None:
    if raw is None or (raw == "" and name.endswith(("_key", "_from"))):
        return None
    if raw not in known:
        raise UnknownReference("Choose one of the list.", field=name)
    return str(raw)


def _whole(raw: Any, field: str) -> int | None:
    if raw in (None, ""):
        return None
    found = parse_number(raw, field)
    if found < 0 or found != int(found) or found > 10**9:
        raise NotANumber("Give a whole number, 0 or more.", field=field)
    return int(found)
