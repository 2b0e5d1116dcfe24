"""What the charts of events and of use show, out of a snapshot: published numbers only. Pure.

A number that is masked or kept back is no number here: its bar is hatched and of one height, whatever it hides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from service.dissemination.document import Mark, Month, Panel, Step, Table, Use
from service.dissemination.progress import last_day
from service.dissemination.snapshots import EventLine, SnapshotView, UseLine
from service.dissemination.values.figures import Dimension, Printed, number
from service.dissemination.wording import Voice

MOST_PANELS = 24
MOST_MONTHS = 36


def shown(printed: Printed | None) -> int | None:
    """Return the number that a bar is drawn from: none for one that is not printed, or masked."""
    if printed is None or (not printed.exact and printed.high > 0 and printed.low <= 1):
        return None
    return printed.floor


def panels(view: SnapshotView, say: Voice) -> tuple[Panel, ...]:
    """Return the last events, each with those invited, accepted and attended; none where no number may be shown."""
    made = tuple(_panel(view, event, say) for event in view.events[-MOST_PANELS:])
    return made if any(step.n is not None for one in made for step in one.steps) else ()


def _panel(view: SnapshotView, event: EventLine, say: Voice) -> Panel:
    _ = say.gettext
    names = {"people_invited": _("Invited"), "accepted": _("Accepted"), "attended": _("Attended")}
    return Panel(
        say.event(event.label),
        say.when(event.when),
        tuple(_bar(view, event, name, label, say) for name, label in names.items()),
    )


def _bar(view: SnapshotView, event: EventLine, name: str, label: str, say: Voice) -> Step:
    if name == "attended" and event.state != "closed":
        return Step(label, None, "–", "", is_ahead=True)
    printed = view.counts[name].rows.get(Dimension.EVENT, {}).get(event.key)
    return Step(label, shown(printed), say.printed(printed), "")


def use(view: SnapshotView, say: Voice) -> Use:
    """Return the months from the first day to the last event, what was asked for in each and its events."""
    today = f"{last_day(view.period):%Y-%m}"
    events = sorted(view.events, key=lambda event: event.when)  # of some only the month is known
    days = [
        f"{view.period.starts_on:%Y-%m}",
        today,
        *(one.when[:7] for one in events),
        *(one.month for one in view.use),
    ]
    months = _months(min(days), max(days))[-MOST_MONTHS:]
    return Use(
        months=tuple(_month(view, events, month, say) for month in months),
        marks=tuple(
            Mark(n, say.event(one.label), say.when(one.when), one.state == "closed") for n, one in enumerate(events, 1)
        ),
        today=months.index(today) if today in months else 0,
        is_counted=bool(view.use),
    )


def _month(view: SnapshotView, events: Sequence[EventLine], month: str, say: Voice) -> Month:
    line = next((one for one in view.use if one.month == month), UseLine(month, 0, 0))
    marks = tuple(place for place, event in enumerate(events, 1) if event.when[:7] == month)
    return Month(say.month(date.fromisoformat(f"{month}-01")), line.requests, line.sessions, marks)


def _months(first: str, last: str) -> list[str]:
    year, month = int(first[:4]), int(first[5:])
    found = []
    while (name := f"{year:04}-{month:02}") <= last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def use_table(view: SnapshotView, say: Voice) -> Table:
    """Return the chart of use as a table."""
    _ = say.gettext
    columns = (_("Month"), _("Events"), _("Requests"), _("Sessions"))
    drawn = use(view, say)
    names = {mark.number: mark.label for mark in drawn.marks}
    rows = tuple(
        (one.label, "; ".join(names[mark] for mark in one.marks) or "–", number(one.requests), number(one.sessions))
        for one in drawn.months
        if one.requests or one.sessions or one.marks
    )
    return Table("use", _("Use of the materials, month by month"), columns, rows, numbers_from=2)
