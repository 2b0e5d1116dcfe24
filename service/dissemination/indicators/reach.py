"""R and the answers among E: who was invited, what arrived, what they said."""

from __future__ import annotations

from service.dissemination.counting import count_of
from service.dissemination.facts import Facts
from service.dissemination.indicators.registry import indicator
from service.dissemination.values.figures import Measure, Unit


@indicator("R1", "People invited", Unit.PEOPLE, verification="send log")
def people_invited(facts: Facts) -> Measure:
    """Different people with at least one invitation that was not withdrawn before its letter left.

    A reminder is no new invitation; someone who only walked in was not invited. The language is not stated of
    people at risk, nor of those whose answers are deleted.
    """
    return Measure(count_of(facts, "people_invited"))


@indicator("R2", "Invitations delivered", Unit.INVITATIONS, verification="send log and returned mail")
def invitations_delivered(facts: Facts) -> Measure:
    """Invitations whose letter the mail relay took and that did not come back.

    It does not mean read: opening is not tracked.
    """
    return Measure(count_of(facts, "delivered"))


@indicator("R3", "Delivery rate", Unit.PERCENT, verification="relay log")
def delivery_rate(facts: Facts) -> Measure:
    """Invitations delivered, among those whose letter left: delivered, come back, or not known."""
    return Measure(count_of(facts, "delivered"), count_of(facts, "attempted"))


@indicator("R4", "Return rate", Unit.PERCENT, verification="delivery status notifications", fewer_is_better=True)
def return_rate(facts: Facts) -> Measure:
    """Invitations that came back for good, among those whose letter left."""
    return Measure(count_of(facts, "bounced"), count_of(facts, "attempted"))


@indicator("R5", "Unsubscribe rate", Unit.PERCENT, verification="stopped letters", fewer_is_better=True)
def unsubscribe_rate(facts: Facts) -> Measure:
    """Delivered invitations whose invitee confirmed, within 30 days after a letter about the event, to get no more
    letters like it or none at all, among all delivered.

    Only what was pressed or mailed counts; opening a page stops nothing.
    """
    return Measure(count_of(facts, "unsubscribed"), count_of(facts, "delivered"))


@indicator("R6", "Priority-audience share", Unit.PERCENT, verification="audience of each person")
def priority_share(facts: Facts) -> Measure:
    """People invited who belong to an audience of rank 1, among those invited whose audience is known.

    By event for use inside only.
    """
    return Measure(count_of(facts, "priority"), count_of(facts, "with_audience"))


@indicator("E1", "Response rate", Unit.PERCENT, verification="answers with their source")
def response_rate(facts: Facts) -> Measure:
    """Delivered invitations answered with yes, no or maybe before the start, among all delivered."""
    return Measure(count_of(facts, "answered"), count_of(facts, "delivered"))


@indicator("E2", "Acceptance rate", Unit.PERCENT, verification="answers with their source")
def acceptance_rate(facts: Facts) -> Measure:
    """Delivered invitations whose last answer before the start was yes, among all delivered.

    Web, mail, phone and letter count alike.
    """
    return Measure(count_of(facts, "accepted"), count_of(facts, "delivered"))
