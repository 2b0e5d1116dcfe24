"""What is given by hand, and what becomes of events and tasks: surveys, commitments, mentions, outcomes."""

from __future__ import annotations

from service.dissemination.counting import count_of
from service.dissemination.facts import Facts
from service.dissemination.indicators.registry import indicator
from service.dissemination.values.figures import Measure, Profile, Unit


def _records(facts: Facts, indicator_id: str) -> Measure:
    """Return a number of records; not known while there is none."""
    return Measure(facts.recorded(indicator_id), is_known=indicator_id in facts.records)


@indicator("E8", "Speaker diversity", Unit.PERCENT, verification="published programme")
def speaker_diversity(facts: Facts) -> Measure:
    """Speakers of the audience of rank 1 or from the Global South, among all speakers. Given by hand."""
    return Measure(facts.given_things("E8"), facts.given_whole("E8"))


@indicator("E9", "Survey response rate", Unit.PERCENT, verification="survey returns")
def survey_response_rate(facts: Facts) -> Measure:
    """Surveys that came back, among those sent to attendees: one for each attendee and event.

    Paper forms that are in no survey here are given by hand and count beside it.
    """
    return Measure(count_of(facts, "surveys_returned"), count_of(facts, "surveys_sent"))


@indicator("E10", "Usefulness", Unit.PERCENT, verification="survey returns")
def usefulness(facts: Facts) -> Measure:
    """Answers of 4 or 5, on a scale from 1 to 5, among valid answers to how useful it was.

    Those of surveys, and beside them those of paper forms, given by hand.
    """
    return Measure(count_of(facts, "found_useful"), count_of(facts, "usefulness_answers"))


@indicator("U5", "Media mentions", Unit.MENTIONS, verification="link or clipping")
def media_mentions(facts: Facts) -> Measure:
    """Mentions in press, broadcast and online media, each with a link or a clipping."""
    return _records(facts, "U5")


@indicator("U6", "Commitment rate", Unit.PERCENT, verification="commitments in own words")
def commitment_rate(facts: Facts) -> Measure:
    """Attendees who said what they will do, among those who were asked: once for each event.

    Those of surveys, and beside them those of paper forms, given by hand.
    """
    return Measure(count_of(facts, "committed"), count_of(facts, "asked_to_commit"))


@indicator("U7", "Commitments fulfilled", Unit.PERCENT, verification="answers to the check")
def commitments_fulfilled(facts: Facts) -> Measure:
    """Commitments done or partly done, among those due whose makers were asked. Self-reported.

    Those told by link or to staff, and beside them those given by hand. Of how many a file of evidence shows it is
    said beside; of those given by hand that is not stated.
    """
    return Measure(count_of(facts, "commitments_kept"), count_of(facts, "commitments_asked"))


@indicator("U8", "Reported use", Unit.PERCENT, verification="survey after three months")
def reported_use(facts: Facts) -> Measure:
    """Answers that say the resource was used in work, among answers after three months.

    Those told by link, and beside them those given by hand.
    """
    return Measure(count_of(facts, "used_in_work"), count_of(facts, "use_answers"))


@indicator("U9", "Re-use", Unit.REUSES, verification="link or file")
def reuse(facts: Facts) -> Measure:
    """Translations, adaptations and trainings made by others out of the resource."""
    return _records(facts, "U9")


@indicator("C1", "Outcomes harvested", Unit.OUTCOMES, verification="independent substantiator")
def outcomes_harvested(facts: Facts) -> Measure:
    """Changes in what people, groups or institutions do that the project contributed to, drafted at least.

    Shown by how far they are: drafted, agreed, or substantiated by someone independent.
    """
    return _records(facts, "C1")


@indicator("C2", "Influence", Unit.INSTANCES, verification="reference of the document")
def influence(facts: Facts) -> Measure:
    """Times the work entered a consultation, a policy, a committee or a debate."""
    return _records(facts, "C2")


@indicator(
    "Q1",
    "Tasks on time",
    Unit.PERCENT,
    verification="checklists and tasks of the events",
    readers=(Profile.INTERNAL,),
)
def tasks_on_time(facts: Facts) -> Measure:
    """Tasks of checklists and tasks for guests done by their day, among those due by the cut-off.

    For use inside only. By owner on the page of this figure alone: an owner is a name, and no report is frozen with it.
    """
    on_time = sum(task.is_on_time for task in facts.tasks)
    return Measure(facts.things("tasks_on_time", on_time), facts.things("tasks_due", len(facts.tasks)))
