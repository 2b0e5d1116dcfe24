"""E and what is derived from it: who came."""

from __future__ import annotations

from service.dissemination.counting import count_of
from service.dissemination.facts import Facts
from service.dissemination.indicators.registry import indicator
from service.dissemination.values.figures import Measure, Profile, Unit


@indicator("R7", "Countries reached", Unit.COUNTRIES, verification="country of each person")
def countries_reached(facts: Facts) -> Measure:
    """Different countries of the people who came. People at risk are not placed in any."""
    return Measure(count_of(facts, "countries"))


@indicator("R8", "Organisations reached", Unit.ORGANISATIONS, verification="organisation of each person")
def organisations_reached(facts: Facts) -> Measure:
    """Different organisations with at least one person who came.

    Of those that only people at risk came from, the kind is not stated.
    """
    return Measure(count_of(facts, "organisations"))


@indicator("E3", "Attendance", Unit.ATTENDANCES, verification="check-in or signed sheet")
def attendance(facts: Facts) -> Measure:
    """Times someone was present, in the room or online, at events that are closed.

    In the room or online is told for use inside only: where an event was both, as they said with their yes.
    """
    return Measure(count_of(facts, "attended"))


@indicator("E4", "Distinct attendees", Unit.PEOPLE, verification="check-in or signed sheet")
def distinct_attendees(facts: Facts) -> Measure:
    """Different people who were present at one closed event or more."""
    return Measure(count_of(facts, "people_attended"))


@indicator("E5", "Show-up rate", Unit.PERCENT, verification="answers and check-in")
def show_up_rate(facts: Facts) -> Measure:
    """Invitees who said yes and came, among those who said yes, at events that are closed."""
    return Measure(count_of(facts, "kept"), count_of(facts, "promised"))


@indicator("E6", "Walk-ins", Unit.ATTENDANCES, verification="check-in or signed sheet")
def walk_ins(facts: Facts) -> Measure:
    """Times someone was present who had not said yes."""
    return Measure(count_of(facts, "walk_ins"))


@indicator("E7", "Audience balance", Unit.POINTS, verification="audience of each person")
def audience_balance(facts: Facts) -> Measure:
    """Share of the audience of rank 1 among distinct attendees, less the share that was planned.

    In percentage points, negative when there were fewer than planned.
    """
    planned = {a.key: a.planned_share for a in facts.audiences if a.planned_share is not None}
    attended = count_of(facts, "people_attended")
    return Measure(attended, attended, planned)


@indicator(
    "Q2",
    "Cost per attendance",
    Unit.COST,
    verification="costs booked on each event",
    fewer_is_better=True,
    readers=(Profile.INTERNAL, Profile.DONOR),
)
def cost_per_attendance(facts: Facts) -> Measure:
    """Costs booked on closed events, in whole units of the currency, by times someone was present at closed events.

    Rough: it knows only costs that were booked. Never printed for the public.
    """
    return Measure(facts.spent(), count_of(facts, "attended"), is_known=bool(facts.costs), currency=facts.currency)


@indicator("Q3", "Data completeness", Unit.PERCENT, verification="people's records")
def data_completeness(facts: Facts) -> Measure:
    """Distinct attendees whose audience and region are both known. People at risk count as without region.

    By event for use inside only.
    """
    return Measure(count_of(facts, "complete"), count_of(facts, "people_attended"))
