"""U1 and U2: how often materials are asked for. Programs and double clicks are not among them, and nobody is known."""

from __future__ import annotations

from service.dissemination.facts import Facts
from service.dissemination.indicators.registry import indicator
from service.dissemination.values.figures import Measure, Unit


@indicator("U1", "Material requests", Unit.REQUESTS, verification="daily counts of each material")
def material_requests(facts: Facts) -> Measure:
    """Times a material was asked for and given, or its address was followed.

    A second click within 30 seconds is not counted, nor are programs that say what they are; COUNTER-informed.
    """
    return _asked_for(facts, "requests")


@indicator("U2", "Unique material requests", Unit.SESSIONS, verification="daily counts of each material")
def material_sessions(facts: Facts) -> Measure:
    """Different askers for a material within an hour, added up. They are not people: nobody is known by them.

    Whoever comes back in another hour counts again; several behind one address may count as one.
    """
    return _asked_for(facts, "sessions")


def _asked_for(facts: Facts, name: str) -> Measure:
    """Return a count of what was asked for; not known while nothing is handed out."""
    return Measure(facts.asked_for(name), is_known=bool(facts.materials))
