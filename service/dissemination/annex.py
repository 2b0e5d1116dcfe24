"""The end of a report: how the figures were made, and every figure as a table. Pure."""

from __future__ import annotations

from collections.abc import Callable

from service.dissemination import charting
from service.dissemination.document import Paragraph, Table
from service.dissemination.snapshots import ActivityLine, ExternalLine, ExternalMetric, SnapshotView
from service.dissemination.values.figures import Cell, Dimension, Figure, Number, ReleaseState, Unit, number
from service.dissemination.values.plan import LineStatus
from service.dissemination.wording import Voice

# Indicators whose counts are things, by the start of their id: they are exact for every reader.
OF_THINGS = ("O", "C", "E8", "U1", "U2", "U3", "U4", "U5", "U9", "Q1")


def method(view: SnapshotView, say: Voice) -> tuple[Paragraph, ...]:
    """Return the method note."""
    _ = say.gettext
    version = {"version": view.definitions_version, "at": say.instant(view.cutoff)}
    made = _("Definitions version %(version)s, cut-off %(at)s.") % version
    sealed = f" {_('Seal')} {view.sha256[:4]}…{view.sha256[-4:]}." if view.sha256 else ""
    rates = _("Percentages carry both their numbers; where bands are printed they are made from the bands.")
    return (
        Paragraph(_("Bands."), _bands(view, say)),
        Paragraph(
            _("Counting."),
            _(
                "The last answer before the start counts. A reminder is not a second invitation. Delivered means "
                "accepted by the relay and not returned; it does not mean read. We do not track opening."
            ),
        ),
        Paragraph(_("Left out."), _left_out(view, say)),
        Paragraph(_("Completeness."), " ".join(filter(None, (_completeness(view, say), _shown(view, say))))),
        Paragraph(_("Percentages."), f"{rates} {made}{sealed}"),
    )


def _completeness(view: SnapshotView, say: Voice) -> str:
    """Say of how many of those who came it is known who they are and where from."""
    figure = view.figure("Q3")
    facts = {"n": _plain(figure.numerator), "all": _plain(figure.denominator)}
    return say.gettext("Audience and region are both known of %(n)s of %(all)s who came (Q3).") % facts


def _shown(view: SnapshotView, say: Voice) -> str:
    """Say for how many of the events held a file of evidence shows that they were; nothing where there is none."""
    held = [event for event in view.events if event.state == "closed"]
    shown = sum(event.files > 0 for event in held)
    facts = {"n": shown, "all": len(held)}
    words = say.gettext("For %(n)s of %(all)s events held, an attendance sheet or an agenda is on file (O3, E3).")
    return words % facts if shown else ""


def _bands(view: SnapshotView, say: Voice) -> str:
    _ = say.gettext
    if view.k == 1:
        return _("These figures are exact and for use inside the organisation only.")
    rule = _(
        "Figures of people are printed exactly only where no number behind them is under %(k)s. Otherwise rows and "
        "totals are rounded down to multiples of %(k)s and anything under %(k)s reads “<%(k)s”, so that no person "
        "can be worked out by subtraction; a table that would still give someone away is not shown."
    ) % {"k": view.k}
    return f"{rule} {_states(view, say)}"


def _states(view: SnapshotView, say: Voice) -> str:
    """Return which figures are released how, those of people only."""
    people = [f for f in view.figures if not f.indicator.startswith(OF_THINGS)]
    parts = []
    for state in ReleaseState:
        if ids := [figure.indicator for figure in people if figure.release_state is state]:
            parts.append(say.gettext("%(state)s for %(ids)s") % {"state": state.value, "ids": say.listed(ids)})
    return say.gettext("Release states: %(states)s.") % {"states": "; ".join(parts)}


def _left_out(view: SnapshotView, say: Voice) -> str:
    left, parts = view.left_out, []
    if left.research:
        parts.append(
            say.ngettext(
                "%(n)s research meeting held in confidence", "%(n)s research meetings held in confidence", left.research
            )
        )
    if left.cancelled:
        parts.append(say.ngettext("%(n)s cancelled event", "%(n)s cancelled events", left.cancelled))
    if left.not_closed:
        parts.append(
            say.ngettext(
                "the attendance of %(n)s event that is not closed yet",
                "the attendance of %(n)s events that are not closed yet",
                left.not_closed,
            )
        )
    if left.robots:
        parts.append(say.ngettext("%(n)s request of a program", "%(n)s requests of programs", left.robots))
    unsure = {"n": say.printed(view.counts["unsure"].total)}
    parts.append(say.gettext("letters whose delivery is not known: %(n)s") % unsure)
    return "; ".join(parts)[0].upper() + "; ".join(parts)[1:] + "."


def tables(view: SnapshotView, say: Voice) -> tuple[Table, ...]:
    """Return the data behind the charts, and every figure with what it means."""
    found = [
        _activities(view, say),
        _plan(view, say),
        _steps(view, say),
        *_breakdowns(view, say),
        charting.use_table(view, say),
        _logframe(view, say),
    ]
    found += [_figures(view, say), _definitions(view, say)]
    return tuple(table for table in found if table.rows)


def _activities(view: SnapshotView, say: Voice) -> Table:
    """Return the plan as funders ask for it: what, for whom, how, how it stands, whom it reached, why."""
    _ = say.gettext
    columns = (_("Activity"), _("For whom"), _("How"), _("Due"), _("Status"), _("Attended"), _("Evidence or reason"))
    return Table("activities", _("Activities"), columns, tuple(_activity(view, line, say) for line in view.plan), 9)


def _activity(view: SnapshotView, line: ActivityLine, say: Voice) -> tuple[str, ...]:
    _ = say.gettext
    states = {
        LineStatus.PLANNED: _("Planned"),
        LineStatus.ONGOING: _("Ongoing"),
        LineStatus.DELIVERED: _("Delivered"),
        LineStatus.POSTPONED: _("Postponed"),
        LineStatus.CANCELLED: _("Cancelled"),
    }
    reached = view.counts["attended"].rows.get(Dimension.EVENT, {}).get(line.event)
    how = ", ".join(filter(None, (line.channel, line.output)))
    came = say.printed(reached) if reached else "–"
    shown = _evidence(line, say) if line.status is LineStatus.DELIVERED else line.reason
    return (line.title, line.audience, how, say.day(line.due_on), states[line.status], came, shown)


def _evidence(line: ActivityLine, say: Voice) -> str:
    """Return what one can look up, and how many files of evidence are held; never what is in those."""
    held = say.ngettext("evidence held: %(n)s file", "evidence held: %(n)s files", line.files)
    return "; ".join(filter(None, (line.evidence, held if line.files else "")))


def _plan(view: SnapshotView, say: Voice) -> Table:
    _ = say.gettext
    columns = (_("Indicator"), _("Baseline"), _("Expected by now"), _("Actual"), _("Target"), _("Due"))
    rows = tuple(
        (
            f"{target.indicator} {say.gettext(view.figure(target.indicator).name)}",
            number(target.baseline),
            number(target.expected),
            view.figure(target.indicator).text,
            number(target.target),
            say.day(target.due_on),
        )
        for target in view.targets
    )
    return Table("plan", _("Plan against actual"), columns, rows)


def _logframe(view: SnapshotView, say: Voice) -> Table:
    """Return what was promised and what came of it in the columns that funders ask for."""
    _ = say.gettext
    sources = {one.indicator: one.verification for one in view.definitions}
    columns = (
        _("Indicator"),
        _("Baseline"),
        _("Milestones"),
        _("Target"),
        _("Achieved"),
        _("Source"),
        _("Weight"),
        _("Risk"),
    )
    rows = tuple(
        (
            f"{one.indicator} {say.gettext(view.figure(one.indicator).name)}",
            number(one.baseline),
            "; ".join(f"{number(step.value)} ({say.day(step.on)})" for step in one.milestones) or "–",
            f"{number(one.target)} ({say.day(one.due_on)})",
            view.figure(one.indicator).text,
            say.gettext(sources.get(one.indicator, "")),
            "–" if one.weight is None else f"{number(one.weight)}%",
            one.risk or "–",
        )
        for one in view.targets
    )
    return Table("logframe", _("Logframe"), columns, rows, numbers_from=8)


def _steps(view: SnapshotView, say: Voice) -> Table:
    _ = say.gettext
    names = {
        "people_invited": _("Invited"),
        "people_delivered": _("Delivered"),
        "people_accepted": _("Accepted"),
        "people_attended": _("Attended"),
    }
    rows = tuple((label, say.printed(view.counts[name].total)) for name, label in names.items())
    return Table("steps", _("From invitation to attendance, people"), (_("Step"), _("People")), rows)


def _breakdowns(view: SnapshotView, say: Voice) -> list[Table]:
    _ = say.gettext
    return [
        _breakdown(view, Dimension.REGION, "regions", _("By region"), _("Region"), say),
        _breakdown(view, Dimension.EVENT, "by-event", _("By event"), _("Event"), say),
        _breakdown(view, Dimension.AUDIENCE, "audiences", _("By audience"), _("Audience"), say),
        _breakdown(view, Dimension.MATERIAL, "materials", _("By material"), _("Material"), say),
        _breakdown(view, Dimension.CHANNEL, "channels", _("By channel"), _("Channel"), say),
        _breakdown(view, Dimension.LANGUAGE, "languages", _("By language"), _("Language"), say),
        _breakdown(view, Dimension.FORMAT, "formats", _("By format"), _("Format"), say),
        _breakdown(view, Dimension.MODE, "modes", _("By way of taking part"), _("Way"), say),
        _breakdown(view, Dimension.KIND, "kinds", _("By kind"), _("Kind"), say),
    ]


def _breakdown(view: SnapshotView, by: Dimension, key: str, title: str, head: str, say: Voice) -> Table:
    """Return every figure that has this breakdown, one a column."""
    figures = [figure for figure in view.figures if figure.by(by)]
    labels = {cell.key: say.label(cell) for figure in figures for cell in figure.by(by).values()}
    rows = tuple(
        (label, *(cell_text(figure.by(by).get(row), figure.unit, say) for figure in figures))
        for row, label in labels.items()
    )
    columns = (head, *(f"{figure.indicator} {say.gettext(figure.name)}" for figure in figures))
    return Table(key, title, columns, rows)


def external(view: SnapshotView, say: Voice) -> Table:
    """Return what others count, each source on its own lines."""
    _ = say.gettext
    columns = (_("Source"), _("What"), _("As of"), _("Number"))
    note = _("Each source counts in its own way. Their numbers are never added up.")
    rows = tuple(
        (line.source, _METRICS[line.metric](say), say.day(line.as_of) if line.as_of else "–", _told(line, say))
        for line in view.external
    )
    return Table("external", _("Counted elsewhere"), columns, rows, numbers_from=3, note=note)


_METRICS: dict[ExternalMetric, Callable[[Voice], str]] = {
    ExternalMetric.VIEWS: lambda say: say.gettext("Views"),
    ExternalMetric.VISITORS: lambda say: say.gettext("Visitors"),
    ExternalMetric.DOWNLOADS: lambda say: say.gettext("Downloads"),
    ExternalMetric.CITATIONS: lambda say: say.gettext("Citations"),
}


def _told(line: ExternalLine, say: Voice) -> str:
    """Return a number; or that it could not be had, which is not 0."""
    missing = (
        say.gettext("not available on %(day)s") % {"day": say.day(line.unavailable_on)} if line.unavailable_on else ""
    )
    if line.value is None:
        return missing or say.gettext("not asked yet")
    return f"{number(line.value)} ({missing})" if missing else number(line.value)


def cell_text(cell: Cell | None, unit: Unit, say: Voice) -> str:
    """Return a cell with the numbers behind it; a share that is too coarse leaves only those."""
    if cell is None:
        return "–"
    if cell.denominator is None:
        return cell.text
    of = say.gettext("%(n)s of %(all)s") % {"n": _plain(cell.numerator), "all": _plain(cell.denominator)}
    if cell.value is None and cell.band is None:
        return of
    return f"{cell.text}{'%' if unit is Unit.PERCENT and cell.value is not None else ''} ({of})"


def _plain(value: Number | str | None) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else number(value)


def _figures(view: SnapshotView, say: Voice) -> Table:
    _ = say.gettext
    columns = (_("Indicator"), _("Unit"), _("Release"), _("Figure"), _("Numerator"), _("Denominator"))
    rows = tuple(
        (
            f"{figure.indicator} {say.gettext(figure.name)}",
            unit_text(figure, say),
            figure.release_state.value,
            figure.text,
            _plain(figure.numerator),
            _plain(figure.denominator),
        )
        for figure in view.figures
    )
    return Table("figures", _("Every figure"), columns, rows, numbers_from=3)


def unit_text(figure: Figure, say: Voice) -> str:
    """Return the unit in this language, an amount of money with its currency."""
    return f"{figure.currency} {say.gettext(figure.unit.value)}".strip()


def _definitions(view: SnapshotView, say: Voice) -> Table:
    _ = say.gettext
    columns = (_("Indicator"), _("What it means"), _("How one can check it"))
    rows = tuple(
        (f"{d.indicator} {say.gettext(d.name)}", say.gettext(d.definition), say.gettext(d.verification))
        for d in view.definitions
    )
    return Table("definitions", _("What each figure means"), columns, rows, numbers_from=3)
