"""From facts to a snapshot: figures, targets, what is late, and names as the profile may read them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from service.dissemination import harvest, recording, rules
from service.dissemination.counting import IN_ROOM, LESS_USEFUL, ONLINE, USEFUL
from service.dissemination.facts import AudienceFact, EventFact, Facts
from service.dissemination.figures import make_figures
from service.dissemination.handouts import CHANNELS, Material
from service.dissemination.harvest import Outcome, OutcomeState
from service.dissemination.indicators import INDICATORS, REGISTRY, Indicator
from service.dissemination.snapshots import (
    ActivityLine,
    AudienceLine,
    Definition,
    EventLine,
    LateKind,
    LateLine,
    LeftOut,
    OutcomeLine,
    Period,
    ProjectLine,
    SnapshotView,
    StudyLine,
)
from service.dissemination.values.figures import NOT_STATED, Dimension, Figure, Profile, Release
from service.dissemination.values.plan import PlanLine, Progress, Target
from service.dissemination.wording import KINDS, ORGANISATION_WORDS, RESTRICTED, language_name
from service.events.values import Project
from service.kernel.regions import REGIONS


def compose_snapshot(
    facts: Facts,
    project: Project,
    targets: Iterable[Target],
    *,
    profile: Profile,
    k: int,
    period: Period,
    cutoff: datetime,
    before: Mapping[str, Release] | None = None,
    snapshot_id: str = "",
) -> SnapshotView:
    """Return the content of a report; `before` are the counts of the profile's last snapshot."""
    events = _events(facts, profile)
    shown = [one for one in INDICATORS if profile in one.readers]
    made = make_figures(
        _placed(facts, profile), k=k, labels=_labels(facts, events, profile), before=before, indicators=shown
    )
    figures = {figure.indicator: figure for figure in made.figures}
    return SnapshotView(
        snapshot_id=snapshot_id,
        project=ProjectLine(project.id, project.slug, project.name, project.organisation),
        profile=profile,
        k=k,
        period=period,
        cutoff=cutoff,
        figures=made.figures,
        counts=made.counts,
        targets=tuple(
            _progress(figures, target, profile, project.starts_on, facts.today) for target in _known(targets, shown)
        ),
        audiences=tuple(AudienceLine(a.key, a.rank, a.name, a.planned_share) for a in facts.audiences),
        events=tuple(events),
        late=tuple(_late(facts, profile)),
        plan=tuple(_activity(line, facts, profile) for line in facts.plan),
        left_out=_left_out(facts),
        external=facts.external,
        outcomes=tuple(_outcome(one) for one in facts.outcomes if one.state in _PRINTED[profile]),
        # One that names somebody stays out, whatever they agreed to: a frozen report outlives a change of mind.
        studies=tuple(StudyLine(one.title, one.campaign, one.text) for one in facts.studies if not one.names),
        use=facts.use,
        print=facts.print,
        definitions=tuple(Definition(i.id, i.name, i.unit, i.definition, i.verification) for i in shown),
    )


# Nobody outside reads of a change that nobody outside confirmed, but funders do.
_CONFIRMED = (OutcomeState.AGREED, OutcomeState.SUBSTANTIATED)
_PRINTED = {
    Profile.INTERNAL: _CONFIRMED,
    Profile.DONOR: _CONFIRMED,
    Profile.PUBLIC: (OutcomeState.SUBSTANTIATED,),
}


_RECORDED = {**harvest.KIND_WORDS, **recording.TYPE_WORDS}


def _outcome(one: Outcome) -> OutcomeLine:
    kind = one.kind.value if one.kind else ""
    return OutcomeLine(one.what, one.who, one.changed_on, kind, one.state.value, one.significance, one.contribution)


def event_label(event: EventFact, profile: Profile) -> str:
    """Return what a profile may call an event: its title only where its privacy allows that."""
    kind = KINDS.get(event.kind, "Event")
    if profile is Profile.INTERNAL or event.privacy == "open":
        return event.title
    if profile is Profile.DONOR and event.privacy == "invited":
        return event.title
    return f"{kind} held in confidence" if event.privacy == "confidential" else f"{kind} by invitation"


def _events(facts: Facts, profile: Profile) -> list[EventLine]:
    """Return the events that are counted; a local one is called by its action too, where both may be named."""
    every = {event.id: event for event in facts.events}
    lines = []
    for event in every.values():
        if event.is_counted:
            line, above = _event(event, facts.sheets.get(event.id, 0), profile), every.get(event.umbrella or "")
            both = above is not None and line.label == event.title and event_label(above, profile) == above.title
            lines.append(replace(line, label=f"{above.title}: {line.label}") if above and both else line)
    return lines


def material_label(material: Material, profile: Profile) -> str:
    """Return what a profile may call a material: a restricted one has its title inside only."""
    return RESTRICTED if material.restricted and profile is not Profile.INTERNAL else material.title


def _event(event: EventFact, files: int, profile: Profile) -> EventLine:
    label = event_label(event, profile)
    when = event.starts_on.isoformat() if label == event.title else f"{event.starts_on:%Y-%m}"
    return EventLine(event.id, label, event.kind, event.state, event.mode, when, files)


def _placed(facts: Facts, profile: Profile) -> Facts:
    """Return the facts without the region of events whose title the profile may not know."""
    known = (
        event if event_label(event, profile) == event.title else replace(event, region=None) for event in facts.events
    )
    return replace(facts, events=tuple(known))


def _activity(line: PlanLine, facts: Facts, profile: Profile) -> ActivityLine:
    """Return a line of the plan; why and by what one can see it stays with us and the donor."""
    audiences = {audience.key: audience.name for audience in facts.audiences}
    outputs = {output.key: output.title for output in facts.outputs}
    events = {event.slug: event.id for event in facts.events if event.is_counted}
    is_public = profile is Profile.PUBLIC
    return ActivityLine(
        key=line.key,
        title=line.title,
        audience=audiences.get(line.audience_key or "", ""),
        channel=line.channel,
        output=outputs.get(line.output_key or "", ""),
        event=events.get(line.event_key or "", ""),
        due_on=line.due_on,
        status=line.status,
        delivered_on=line.delivered_on,
        reason="" if is_public else line.reason,
        has_evidence=bool(line.evidence.strip() or facts.files.get(line.id)),
        evidence="" if is_public else line.evidence,
        files=facts.files.get(line.id, 0),
    )


def _labels(facts: Facts, events: Iterable[EventLine], profile: Profile) -> dict[Dimension, Mapping[str, str]]:
    return {
        Dimension.AUDIENCE: {**{a.key: _ranked(a) for a in facts.audiences}, NOT_STATED: "Not stated"},
        Dimension.REGION: {**REGIONS, NOT_STATED: "Not stated"},
        Dimension.EVENT: {**{event.key: event.label for event in events}, NOT_STATED: "Given by hand"},
        Dimension.SOURCE: {line.key: f"{line.source}, {line.metric.value}" for line in facts.external},
        Dimension.STATE: harvest.STATE_WORDS,
        Dimension.KIND: {**KINDS, **ORGANISATION_WORDS, **_RECORDED, NOT_STATED: "Not stated"},
        Dimension.EXTENT: {**recording.EXTENT_WORDS, NOT_STATED: "Not stated"},
        Dimension.BASIS: {"counted": "Counted", "estimated": "Estimated", "third_party": "Told by others"},
        Dimension.MATERIAL: {one.id: material_label(one, profile) for one in facts.materials},
        Dimension.CHANNEL: {**{channel: channel.capitalize() for channel in CHANNELS}, NOT_STATED: "Not stated"},
        Dimension.LANGUAGE: {**{code: language_name(code) for code in _languages(facts)}, NOT_STATED: "Not stated"},
        Dimension.MODE: {IN_ROOM: "In the room", ONLINE: "Online", NOT_STATED: "Not stated"},
        Dimension.PROOF: {"shown": "Shown by a file", "bare": "Not shown by a file", NOT_STATED: "Not stated"},
        Dimension.FORMAT: {NOT_STATED: "Not stated"},
        Dimension.ANSWER: {USEFUL: "4 or 5, not told apart", LESS_USEFUL: "1 to 3, not told apart"},
        Dimension.CHAPTER: {**{one.key: one.title for one in facts.outputs}, NOT_STATED: "Not stated"},
    }


def _languages(facts: Facts) -> set[str]:
    recorded = (one.cells.get(Dimension.LANGUAGE, "") for found in facts.records.values() for one in found)
    outputs = (code for one in facts.outputs for code in one.languages)
    return {*(one.language for one in facts.materials), *outputs, *recorded, *(facts.languages or ())}


def _ranked(audience: AudienceFact) -> str:
    return f"{audience.rank} {audience.name}"


def _known(targets: Iterable[Target], shown: Iterable[Indicator]) -> list[Target]:
    """Return the targets of indicators that are shown, in their order."""
    order = {one.id: place for place, one in enumerate(shown)}
    return sorted((t for t in targets if t.indicator in order), key=lambda t: order[t.indicator])


def _progress(
    figures: Mapping[str, Figure], target: Target, profile: Profile, starts_on: date, today: date
) -> Progress:
    one, figure = REGISTRY[target.indicator], figures[target.indicator]
    expected = rules.expected_by(target, is_rate=one.is_rate, starts_on=starts_on, today=today)
    verdict = rules.judge(
        target,
        expected,
        figure.floor,
        figure.ceiling,
        is_rate=one.is_rate,
        fewer_is_better=one.fewer_is_better,
    )
    return Progress(
        indicator=target.indicator,
        baseline=target.baseline,
        target=target.target,
        due_on=target.due_on,
        note=target.note,
        expected=round(expected, 1),
        verdict=verdict,
        milestones=target.milestones,
        weight=target.weight,
        risk="" if profile is Profile.PUBLIC else target.risk,
    )


def _late(facts: Facts, profile: Profile) -> list[LateLine]:
    """Return what should have happened: plan lines overdue and, inside, events that are over but not closed."""
    lines = [_late_line(line, facts.today, profile) for line in rules.late_lines(facts.plan, facts.today)]
    if profile is not Profile.INTERNAL:
        return lines
    return lines + [_late_event(event, facts.today) for event in facts.events if _awaits_closing(event)]


def _late_event(event: EventFact, today: date) -> LateLine:
    days = (today - event.starts_on).days
    return LateLine(LateKind.EVENT, event.title, event.starts_on, days, event.state, "")


def _late_line(line: PlanLine, today: date, profile: Profile) -> LateLine:
    reason = "" if profile is Profile.PUBLIC else line.reason
    return LateLine(LateKind.PLAN_LINE, line.title, line.due_on, (today - line.due_on).days, line.status.value, reason)


def _awaits_closing(event: EventFact) -> bool:
    return event.is_counted and event.is_over and event.state == "announced"


def _left_out(facts: Facts) -> LeftOut:
    known = facts.events
    return LeftOut(
        research=sum(event.is_research and event.state not in ("draft", "cancelled") for event in known),
        cancelled=sum(event.state == "cancelled" and not event.is_research for event in known),
        not_closed=sum(_awaits_closing(event) for event in known),
        robots=sum(hits.robots for hits in facts.hits),
    )
