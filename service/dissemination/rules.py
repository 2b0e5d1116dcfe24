"""Decisions about the plan: what it expects by now, how figures stand against it, what is late. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from service.dissemination.snapshots import Period
from service.dissemination.values.figures import SMALLEST_K, USUAL_K, Profile
from service.dissemination.values.plan import LineStatus, Milestone, PlanDraft, PlanLine, Target, Verdict
from service.kernel.errors import Conflict, Invalid
from service.kernel.text import clean_block, clean_line

NEAR = 1.0  # percentage points within which a rate is as planned


class UnknownProfile(Invalid):
    """There is no such profile."""

    code = "unknown-profile"


class SmallK(Invalid):
    """A k below what the profile needs."""

    code = "k-too-small"


class BadPeriod(Invalid):
    """A period that ends before it begins."""

    code = "bad-period"


class PeriodAhead(Invalid):
    """A period whose last day has not come."""

    code = "period-ahead"


class PeriodsOverlap(Conflict):
    """Two reports for the same readers from which a third could be taken by subtraction."""

    code = "periods-overlap"


class UnknownStatus(Invalid):
    """A plan line has no such status."""

    code = "unknown-status"


class UnknownIndicator(Invalid):
    """A target for something we do not measure."""

    code = "unknown-indicator"


class EvidenceMissing(Invalid):
    """A delivered line says how one can see it."""

    code = "evidence-missing"


class ReasonMissing(Invalid):
    """A line that is put off or given up says why."""

    code = "reason-missing"


def parse_profile(raw: str) -> Profile:
    """Return the profile of a word.

    Raises:
        UnknownProfile: not internal, donor or public.
    """
    try:
        return Profile(raw)
    except ValueError:
        raise UnknownProfile("Choose internal, donor or public.", field="profile") from None


def choose_k(profile: Profile, wanted: int | None) -> int:
    """Return the smallest number of people to print: the profile's own, or a larger one that is wanted.

    Raises:
        SmallK: below 5 outside the organisation.
    """
    least = 1 if profile is Profile.INTERNAL else SMALLEST_K
    k = USUAL_K[profile] if wanted is None else wanted
    if k < least:
        raise SmallK(f"Outside the organisation no number of people under {SMALLEST_K} is printed.", field="k")
    return k


def choose_period(wanted: Period | None, starts_on: date, today: date) -> Period:
    """Return the period a report is about: the one wanted, or from the project's start to today.

    Raises:
        BadPeriod: it ends before it begins. PeriodAhead: its last day has not come.
    """
    if wanted is None:
        return Period(starts_on, max(today, starts_on) + timedelta(days=1))
    if wanted.ends_on <= wanted.starts_on:
        raise BadPeriod("The period ends before it begins.", field="period")
    if wanted.ends_on > today + timedelta(days=1):
        raise PeriodAhead(
            "The last day of the period has not come yet. Choose today or an earlier day.", field="period"
        )
    return wanted


def check_overlap(period: Period, frozen: Iterable[Period], profile: Profile) -> None:
    """Refuse a report for readers outside that shares days, but not the first day, with one they have.

    One less the other would be figures of the days between, which nobody protected. With the same
    first day the later repeats what moved too little (docs/decisions/0015).

    Raises:
        PeriodsOverlap: it does.
    """
    if profile is Profile.INTERNAL:
        return
    for other in frozen:
        overlaps = period.starts_on < other.ends_on and other.starts_on < period.ends_on
        if overlaps and period.starts_on != other.starts_on:
            raise PeriodsOverlap(
                f"The same readers have a report that begins on {other.starts_on} and holds some of these days. One "
                "less the other would tell of a few people. For quarters and a year, let each report begin on that day "
                "too and grow: three months, six, nine, the year. Or share no day with it, and at the end of the year "
                "put the quarters beside each other.",
                starts_on=other.starts_on,
            )


def expected_by(target: Target, *, is_rate: bool, starts_on: date, today: date) -> float:
    """Return what the plan expects today, by its milestones.

    A rate is expected at the value of the next milestone, at last the target's; a count in straight
    lines from the baseline over the milestones to the target.
    """
    steps = [Milestone(starts_on, target.baseline), *target.milestones, Milestone(target.due_on, target.target)]
    ahead = [place for place, step in enumerate(steps) if place and step.on > today]
    if not ahead or target.due_on <= starts_on:
        return target.target
    last, following = steps[ahead[0] - 1], steps[ahead[0]]
    if is_rate or following.on <= last.on:
        return following.value
    share = (today - last.on).days / (following.on - last.on).days
    return last.value + (following.value - last.value) * max(share, 0.0)


def judge(
    target: Target,
    expected: float,
    low: float | None,
    high: float | None,
    *,
    is_rate: bool,
    fewer_is_better: bool,
) -> Verdict:
    """Compare a figure, somewhere from `low` to `high`, with its target and what is expected by now."""
    if low is None or high is None:
        return Verdict.NONE
    if fewer_is_better:
        return Verdict.MET if high <= target.target else Verdict.BEHIND
    if low >= target.target:
        return Verdict.MET
    if is_rate:
        return Verdict.ON_TIME if low >= expected - NEAR else Verdict.BEHIND
    if low > expected:
        return Verdict.AHEAD
    return Verdict.ON_TIME if high >= expected else Verdict.BEHIND


def late_lines(plan: Iterable[PlanLine], today: date) -> list[PlanLine]:
    """Return the lines that are late, the longest first."""
    return sorted((line for line in plan if line.is_late(today)), key=lambda line: (line.due_on, line.key))


def lines_due(plan: Iterable[PlanLine], today: date, days: int = 7) -> list[PlanLine]:
    """Return the open lines that are due from today on within so many days, the nearest first."""
    last = today + timedelta(days=days)
    near = (line for line in plan if line.is_open and today <= line.due_on < last)
    return sorted(near, key=lambda line: (line.due_on, line.key))


def check_plan(draft: PlanDraft) -> None:
    """Refuse a plan that names a status we do not know, or an indicator that cannot be.

    An indicator is a letter of the chapters O R E U C Q and a number; it may be one that is still to come.

    Raises:
        UnknownStatus, UnknownIndicator.
    """
    for line in draft.lines:
        parse_status(line.status)
    for target in draft.targets:
        if not re.fullmatch(r"[OREUCQ][1-9]\d?", target.indicator):
            raise UnknownIndicator(f"There is no indicator called {target.indicator[:10]}.", field="indicator")


def parse_status(raw: str) -> LineStatus:
    """Return the status of a word.

    Raises:
        UnknownStatus: not one of the five.
    """
    try:
        return LineStatus(raw)
    except ValueError:
        raise UnknownStatus("Choose planned, ongoing, delivered, postponed or cancelled.", field="status") from None


def change_line(
    line: PlanLine, *, status: str, evidence: str | None, reason: str | None, today: date, has_files: bool = False
) -> PlanLine:
    """Return a line with another status; evidence or reason of None keeps what stands there.

    A line that `has_files` of evidence needs no words for it.

    Raises:
        UnknownStatus: not one of the five.
        EvidenceMissing: delivered, and nothing to show for it.
        ReasonMissing: postponed or cancelled without a reason.
    """
    wanted = parse_status(status)
    shown = line.evidence if evidence is None else clean_line(evidence)
    why = line.reason if reason is None else clean_block(reason)
    if wanted is LineStatus.DELIVERED and not shown and not has_files:
        raise EvidenceMissing("Say how one can see that it was delivered: a link, a file, a date.", field="evidence")
    if wanted in (LineStatus.POSTPONED, LineStatus.CANCELLED) and not why:
        raise ReasonMissing("Say why, in a sentence.", field="reason")
    delivered_on = (line.delivered_on or today) if wanted is LineStatus.DELIVERED else None
    return replace(line, status=wanted, evidence=shown[:500], reason=why[:300], delivered_on=delivered_on)
