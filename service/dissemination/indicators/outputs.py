"""O: what the project made and did."""

from __future__ import annotations

from service.dissemination.facts import Facts
from service.dissemination.indicators.registry import indicator
from service.dissemination.values import NOT_STATED, LineStatus, Measure, Unit


@indicator("O1", "Outputs published", Unit.OUTPUTS, verification="address, ISBN or DOI")
def outputs_published(facts: Facts) -> Measure:
    """Publications, chapters, checklists and case studies whose status is published."""
    return Measure(facts.things("outputs_published", sum(output.is_published for output in facts.outputs)))


@indicator("O2", "Plan lines delivered", Unit.PERCENT, verification="evidence on each line")
def plan_lines_delivered(facts: Facts) -> Measure:
    """Lines of the plan that are delivered, among those due by the cut-off and not cancelled."""
    due = [line for line in facts.plan if line.due_on <= facts.today and line.status is not LineStatus.CANCELLED]
    delivered = sum(line.status is LineStatus.DELIVERED for line in due)
    return Measure(facts.things("plan_lines_delivered", delivered), facts.things("plan_lines_due", len(due)))


@indicator("O3", "Events held", Unit.EVENTS, verification="agenda and attendance sheet")
def events_held(facts: Facts) -> Measure:
    """Events that took place and are closed. Research meetings are held in confidence and not counted."""
    return Measure(facts.things("events_held", sum(event.is_held for event in facts.events)))


@indicator("O4", "Print copies distributed", Unit.COPIES, verification="packing note")
def copies_distributed(facts: Facts) -> Measure:
    """Copies shipped less copies that came back."""
    rows = {audience.key: facts.copies.get(audience.key, 0) for audience in facts.audiences}
    rows[NOT_STATED] = sum(facts.copies.values()) - sum(rows.values())
    return Measure(facts.things("copies", sum(facts.copies.values()), rows))
