"""O: what the project made and did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from service.dissemination.facts import Facts
from service.dissemination.indicators.registry import indicator
from service.dissemination.values.figures import NOT_STATED, Count, Dimension, Measure, Unit
from service.dissemination.values.plan import LineStatus, PlanLine


@indicator("O1", "Outputs published", Unit.OUTPUTS, verification="address, ISBN or DOI")
def outputs_published(facts: Facts) -> Measure:
    """Publications, chapters, checklists and case studies whose status is published."""
    out = [output for output in facts.outputs if output.is_published]
    rows = {
        Dimension.LANGUAGE: _numbered(code for output in out for code in output.languages or (NOT_STATED,)),
        Dimension.FORMAT: _numbered(output.format or NOT_STATED for output in out),
    }
    return Measure(facts.things("outputs_published", len(out), rows))


@indicator("O2", "Plan lines delivered", Unit.PERCENT, verification="evidence on each line")
def plan_lines_delivered(facts: Facts) -> Measure:
    """Lines of the plan that are delivered, among those due by the cut-off and not cancelled."""
    due = [line for line in facts.plan if line.due_on <= facts.today and line.status is not LineStatus.CANCELLED]
    delivered = [line for line in due if line.status is LineStatus.DELIVERED]
    return Measure(_lines(facts, "plan_lines_delivered", delivered), _lines(facts, "plan_lines_due", due))


@indicator("O3", "Events held", Unit.EVENTS, verification="agenda and attendance sheet")
def events_held(facts: Facts) -> Measure:
    """Events that took place and are closed. Research meetings are held in confidence and not counted.

    The region is that of the time zone of the room. Those online only are in none, nor is one whose title
    the reader may not know.
    """
    held = [event for event in facts.events if event.is_held]
    rows = {
        Dimension.REGION: _numbered(event.region or NOT_STATED for event in held),
        Dimension.KIND: _numbered(event.kind for event in held),
    }
    return Measure(facts.things("events_held", len(held), rows))


@indicator("O4", "Print copies distributed", Unit.COPIES, verification="packing note")
def copies_distributed(facts: Facts) -> Measure:
    """Copies shipped less copies that came back. The region is that of the country they went to."""
    rows = {audience.key: facts.copies.get(audience.key, 0) for audience in facts.audiences}
    rows[NOT_STATED] = sum(facts.copies.values()) - sum(rows.values())
    regions = {region or NOT_STATED: copies for region, copies in sorted(facts.copies_to.items(), key=str)}
    return Measure(
        facts.things("copies", sum(facts.copies.values()), {Dimension.AUDIENCE: rows, Dimension.REGION: regions})
    )


def _lines(facts: Facts, name: str, lines: list[PlanLine]) -> Count:
    """Return lines of the plan by audience and by channel."""
    rows = {
        Dimension.AUDIENCE: _numbered(line.audience_key or NOT_STATED for line in lines),
        Dimension.CHANNEL: _numbered(line.channel or NOT_STATED for line in lines),
    }
    return facts.things(name, len(lines), rows)


def _numbered(keys: Iterable[str]) -> dict[str, int]:
    """Return how often each key comes, by key."""
    return dict(sorted(Counter(keys).items()))
