"""Plan against actual, in words and bars. Pure."""

from __future__ import annotations

import math
from datetime import date, timedelta

from service.dissemination.document import Bar, BarRow
from service.dissemination.snapshots import LateKind, Period, SnapshotView
from service.dissemination.values.figures import Figure, Number, Unit, number
from service.dissemination.values.plan import Progress, Verdict
from service.dissemination.wording import Voice

RATE_FULL = 105.0  # a little room behind 100 %
COUNT_ROOM = 1.09
FEW = 20


def rows(view: SnapshotView, say: Voice) -> tuple[BarRow, ...]:
    """Return a row for each target of the plan."""
    return tuple(_row(view, target, say) for target in view.targets)


def _row(view: SnapshotView, target: Progress, say: Voice) -> BarRow:
    figure = view.figure(target.indicator)
    return BarRow(
        key=target.indicator,
        label=f"{target.indicator} {say.gettext(figure.name)}",
        value=f"{_actual(figure, say)} / {_amount(target.target, figure)}",
        words=_words(view, target, figure, say),
        state=target.verdict.value,
        bar=_bar(target, figure),
    )


def _actual(figure: Figure, say: Voice) -> str:
    """Return the figure; of a handful of things rather how many of how many."""
    few = figure.unit is Unit.PERCENT and isinstance(figure.denominator, int) and 0 < figure.denominator < FEW
    return raw(figure, say) if few else figure.text


def _amount(value: float, figure: Figure) -> str:
    return number(value) + ("%" if figure.unit is Unit.PERCENT else "")


def _bar(target: Progress, figure: Figure) -> Bar | None:
    if figure.floor is None:
        return None
    full = RATE_FULL if figure.unit is Unit.PERCENT else COUNT_ROOM * max(target.target, figure.floor, 1)
    actual = max(float(figure.floor), 0.0)
    return Bar(full, actual, target.target, target.expected, behind=target.verdict is Verdict.BEHIND)


def _words(view: SnapshotView, target: Progress, figure: Figure, say: Voice) -> str:
    _ = say.gettext
    if target.verdict is Verdict.NONE:
        return _("Nothing to count yet") if _is_empty(figure) else _("Too few to print a share")
    if figure.unit is Unit.PERCENT:
        return _rate_words(view, target, figure, say)
    if target.verdict is Verdict.MET:
        return _("Met")
    if target.verdict is Verdict.AHEAD:
        return _("Ahead of %(n)s expected") % {"n": number(math.floor(target.expected))}
    expected = {"n": number(math.ceil(target.expected))}
    if target.verdict is Verdict.ON_TIME:
        return _("On time: %(n)s expected by now") % expected
    return _("Behind: %(n)s expected by now") % expected


def _is_empty(figure: Figure) -> bool:
    return figure.denominator in (0, "0", None)


def _rate_words(view: SnapshotView, target: Progress, figure: Figure, say: Voice) -> str:
    _ = say.gettext
    late = [line.title for line in view.late if line.kind is LateKind.PLAN_LINE]
    if target.indicator == "O2" and late and target.verdict is Verdict.BEHIND:
        return _("%(n)s late: %(first)s") % {"n": len(late), "first": late[0]}
    of = raw(figure, say)
    if target.verdict is Verdict.MET:
        return _("Met: %(of)s") % {"of": of}
    if target.verdict is Verdict.ON_TIME:
        return _("As planned: %(of)s") % {"of": of}
    points = abs(round((figure.floor or 0) - target.target))
    if (figure.floor or 0) > target.target:
        return say.ngettext("%(n)s point over the limit", "%(n)s points over the limit", points) + f": {of}"
    return say.ngettext("%(n)s point under", "%(n)s points under", points) + f": {of}"


def raw(figure: Figure, say: Voice) -> str:
    """Return “235 of 410”: the numbers that a percentage was made of."""
    return say.gettext("%(n)s of %(all)s") % {"n": _part(figure.numerator), "all": _part(figure.denominator)}


def _part(value: Number | str | None) -> str:
    """Return a numerator or denominator as the percentage took it: a band by its lower end."""
    if value is None:
        return "–"
    return value.partition("–")[0] if isinstance(value, str) else number(value)


def target_of(view: SnapshotView, indicator: str) -> Progress | None:
    """Return what the plan promises for an indicator, if anything."""
    return next((target for target in view.targets if target.indicator == indicator), None)


def target_note(view: SnapshotView, indicator: str, say: Voice) -> str:
    """Return “target 220 by Dec 2027”, or nothing."""
    target = target_of(view, indicator)
    if target is None:
        return ""
    facts = {"n": _amount(target.target, view.figure(indicator)), "by": say.month(target.due_on)}
    return say.gettext("target %(n)s by %(by)s") % facts


def points_words(points: Number, tolerance: float, say: Voice) -> str:
    """Return “4 points under”, “as planned”, “3 points over”."""
    if abs(points) <= tolerance:
        return say.gettext("as planned")
    n = abs(round(points))
    if points < 0:
        return say.ngettext("%(n)s point under", "%(n)s points under", n)
    return say.ngettext("%(n)s point over", "%(n)s points over", n)


def priority_sentence(view: SnapshotView, say: Voice) -> str:
    """Say how the first audience stands to the share that was promised."""
    target, share = target_of(view, "R6"), view.figure("R6")
    names = [audience.name for audience in view.audiences if audience.rank == 1]
    if target is None or share.floor is None or not names:
        return ""
    facts = {"audience": say.listed(names), "share": number(target.target)}
    if share.floor >= target.target:
        return say.gettext("%(audience)s has its promised share of %(share)s%% of those invited.") % facts
    points = points_words(share.floor - target.target, 0.0, say)
    return say.gettext("%(audience)s is %(points)s the promised share of %(share)s%% of those invited.") % {
        **facts,
        "points": points,
    }


def last_day(period: Period) -> date:
    """Return the last day that belongs to a period."""
    return period.ends_on - timedelta(days=1)
