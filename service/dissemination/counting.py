"""The counts of people that a report knows of, made of the facts. Pure.

Each is made once, under its name, with every breakdown that a reader could use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from service.dissemination.facts import Facts, Segment
from service.dissemination.values.figures import NOT_STATED, Count, Dimension, Family
from service.dissemination.wording import ORGANISATION_WORDS
from service.kernel.regions import REGIONS

AUDIENCE, REGION, EVENT = Dimension.AUDIENCE, Dimension.REGION, Dimension.EVENT
ANSWER, CHAPTER, KIND = Dimension.ANSWER, Dimension.CHAPTER, Dimension.KIND
MODE, IN_ROOM, ONLINE = Dimension.MODE, "in_room", "online"
# Marks for usefulness, best first; of what is given by hand or kept of deleted answers only the half is known.
MARKS = ("5", "4", "3", "2", "1")
USEFUL, LESS_USEFUL = "4-5", "1-3"

Maker = Callable[[Facts, str], Count]


def count_of(facts: Facts, name: str) -> Count:
    """Return the count of people called `name`; see `PEOPLE_COUNTS`."""
    return PEOPLE_COUNTS[name](facts, name)


def _made(
    family: Family,
    *printed: Dimension,
    of: str = "",
    minus: str = "",
    rows: tuple[Dimension, ...] = (AUDIENCE, EVENT),
    overlapping: tuple[Dimension, ...] = (),
    hidden: bool = False,
) -> Maker:
    """Return a maker of counts: the tally `of` (its own name, if not said), less the tally `minus`."""

    def make(facts: Facts, name: str) -> Count:
        def amount(counts: Mapping[str, int]) -> int:
            return counts.get(of or name, 0) - counts.get(minus, 0)

        found = {dimension: _rows(facts, dimension, amount) for dimension in rows}
        total = sum(found[EVENT].values()) if rows == (EVENT,) else _sum(facts, amount)
        return Count(name, family, total, found, frozenset(overlapping), frozenset(printed), hidden)

    return make


def _sum(facts: Facts, amount: Callable[[Mapping[str, int]], int]) -> int:
    return sum(amount(segment.counts) for segment in facts.segments)


def _rows(facts: Facts, dimension: Dimension, amount: Callable[[Mapping[str, int]], int]) -> dict[str, int]:
    """Return one breakdown: every audience, region or counted event, and those who state none."""
    if dimension is EVENT:
        return {event.id: amount(facts.by_event.get(event.id, {})) for event in facts.events if event.is_counted}
    keys: Iterable[str] = REGIONS if dimension is REGION else (audience.key for audience in facts.audiences)
    found = {**dict.fromkeys(keys, 0), NOT_STATED: 0}
    for segment in facts.segments:
        key = (segment.region if dimension is REGION else segment.audience) or NOT_STATED
        found[key] = found.get(key, 0) + amount(segment.counts)
    return found


def _number(family: Family, read: Callable[[Facts], int], *, hidden: bool = False) -> Maker:
    """Return a maker of counts without breakdown."""
    return lambda facts, name: Count(name, family, read(facts), hidden=hidden)


def _where(tally: str, wanted: Callable[[Segment, Facts], object]) -> Callable[[Facts], int]:
    """Return a reader of a tally over some segments only."""
    return lambda facts: sum(s.counts.get(tally, 0) for s in facts.segments if wanted(s, facts))


def _is_priority(segment: Segment, facts: Facts) -> bool:
    return segment.audience in {audience.key for audience in facts.audiences if audience.rank == 1}


def _is_complete(segment: Segment, _facts: Facts) -> bool:
    return bool(segment.audience and segment.region)


def _inside_by_event(make: Maker, of: str, minus: str = "") -> Maker:
    """Return a maker of counts with the people of each event, for use inside: the tally `of`, less the tally `minus`.

    Of what kind people are is a second thing said of those at an event, and no report for others crosses two.
    """

    def made(facts: Facts, name: str) -> Count:
        found = make(facts, name)
        if facts.kinds is None:
            return found
        row = {}
        for event in (one.id for one in facts.events if one.is_counted):
            tallies = {**facts.by_event.get(event, {}), **facts.kinds.get(event, {})}
            row[event] = tallies.get(of, 0) - tallies.get(minus, 0)
        once = frozenset({EVENT})
        return replace(
            found,
            rows={**found.rows, EVENT: row},
            overlapping=found.overlapping | once,
            printed=found.printed | once,
            inside=found.inside | once,
        )

    return made


def _with_modes(make: Maker) -> Maker:
    """Return the maker of attendances, with how many were in the room and how many online, for use inside.

    Events that are both cross what each was with what each guest said.
    """

    def made(facts: Facts, name: str) -> Count:
        found = make(facts, name)
        if facts.kinds is None:
            return found
        row = {IN_ROOM: 0, ONLINE: 0}
        for event in facts.events:
            tallies = {**facts.by_event.get(event.id, {}), **facts.kinds.get(event.id, {})}
            for side, n in _sides(event.mode, tallies).items():
                row[side] += n
        rows = {**found.rows, MODE: {**row, NOT_STATED: found.total - sum(row.values())}}
        once = frozenset({MODE})
        return replace(found, rows=rows, printed=found.printed | once, inside=found.inside | once)

    return made


def _sides(mode: str, tallies: Mapping[str, int]) -> dict[str, int]:
    """Return how many were in the room and online; of an event that is both, those of whom it is known."""
    if mode in ("in_person", "online"):
        return {IN_ROOM if mode == "in_person" else ONLINE: tallies.get("attended", 0)}
    if mode != "hybrid":
        return {}
    online = tallies.get("kept_online", 0)
    return {IN_ROOM: tallies.get("kept", 0) - online - tallies.get("kept_unsaid", 0), ONLINE: online}


def _recorded(facts: Facts, name: str) -> int:
    """Return what guests said themselves, over all events."""
    return sum(counts.get(name, 0) for counts in facts.by_event.values())


def _said(
    indicator: str, part: str, rest: str, whole: str, *, recorded_whole: str = "", by: tuple[Dimension, ...] = (EVENT,)
) -> dict[str, Maker]:
    """Return the makers of a rate of people: what they said themselves, and beside it what is given by hand.

    The part, the hidden rest, the whole; `recorded_whole` where the whole goes by another name among what is recorded.
    """

    def one(facts: Facts, name: str) -> Count:
        return _told(facts, name, part, facts.given_amount(indicator), by)

    def all_(facts: Facts, name: str) -> Count:
        return _told(facts, name, recorded_whole or whole, facts.given_out_of(indicator), by)

    def others(facts: Facts, name: str) -> Count:
        return _less(all_(facts, name), one(facts, name))

    return {whole: all_, part: one, rest: others}


def _told(facts: Facts, name: str, recorded: str, by_hand: int, by: tuple[Dimension, ...]) -> Count:
    """Return what was said after events and given by hand; what belongs to no row is not stated there."""
    known = {
        EVENT: {event.id: facts.by_event.get(event.id, {}) for event in facts.events if event.is_counted},
        AUDIENCE: {audience.key: facts.said.get(audience.key, {}) for audience in facts.audiences},
    }
    total = _recorded(facts, recorded) + by_hand
    rows: dict[Dimension, dict[str, int]] = {}
    for dimension in by:
        row = {key: counts.get(recorded, 0) for key, counts in known[dimension].items()}
        rows[dimension] = {**row, NOT_STATED: total - sum(row.values())}
    return Count(name, Family.BY_HAND, total, rows, printed=frozenset(by))


def _less(whole: Count, part: Count) -> Count:
    rows = {
        dimension: {key: number - part.rows[dimension][key] for key, number in row.items()}
        for dimension, row in whole.rows.items()
    }
    return Count(whole.name, whole.family, whole.total - part.total, rows, hidden=True)


def _with_marks(make: Maker) -> Maker:
    """Return the maker of answers to how useful it was, with how many gave each mark."""

    def made(facts: Facts, name: str) -> Count:
        found = make(facts, name)
        useful = count_of(facts, "found_useful").total
        marks = {mark: facts.marks.get(mark, 0) for mark in MARKS}
        marks[USEFUL] = useful - marks["5"] - marks["4"]
        marks[LESS_USEFUL] = found.total - useful - marks["3"] - marks["2"] - marks["1"]
        return replace(found, rows={**found.rows, ANSWER: marks}, printed=found.printed | {ANSWER})

    return made


def _with_chapters(make: Maker) -> Maker:
    """Return the maker of answers that it was used in work, with how many named which chapter or other output."""

    def made(facts: Facts, name: str) -> Count:
        found = make(facts, name)
        rows = {output.key: facts.used[output.key] for output in facts.outputs if output.key in facts.used}
        if not rows:
            return found
        named = {**rows, NOT_STATED: found.total - sum(rows.values())}
        return replace(found, rows={**found.rows, CHAPTER: named}, printed=found.printed | {CHAPTER})

    return made


def _with_rest(make: Maker, dimension: Dimension, read: Callable[[Facts], Mapping[str, int] | None]) -> Maker:
    """Return the maker of a count with one more breakdown, where it was read; whoever is in no row is not stated."""

    def made(facts: Facts, name: str) -> Count:
        found, known = make(facts, name), read(facts)
        if known is None:
            return found
        rows = {**known, NOT_STATED: found.total - sum(known.values())}
        return replace(found, rows={**found.rows, dimension: rows}, printed=found.printed | {dimension})

    return made


def _kinds(facts: Facts) -> Mapping[str, int] | None:
    """Return the organisations of each kind there can be."""
    known = facts.organisations_of
    return None if known is None else {kind: known.get(kind, 0) for kind in ORGANISATION_WORDS}


INVITATIONS, ATTENDANCE = Family.INVITATIONS, Family.ATTENDANCE

# Every count of people that a report knows of. Hidden ones are never printed; they and the rows that
# are not printed are here because a reader could work them out from what is.
PEOPLE_COUNTS: dict[str, Maker] = {
    "people_invited": _with_rest(
        _made(INVITATIONS, AUDIENCE, REGION, EVENT, rows=(AUDIENCE, REGION, EVENT), overlapping=(EVENT,)),
        Dimension.LANGUAGE,
        lambda facts: facts.languages,
    ),
    "people_delivered": _made(INVITATIONS, rows=()),
    "people_unreached": _made(INVITATIONS, of="people_invited", minus="people_delivered", rows=(), hidden=True),
    "priority": _inside_by_event(_number(INVITATIONS, _where("people_invited", _is_priority)), "priority"),
    "with_audience": _inside_by_event(
        _number(INVITATIONS, _where("people_invited", lambda segment, _facts: segment.audience)),
        of="people_invited",
        minus="without_audience",
    ),
    "attempted": _made(INVITATIONS, AUDIENCE, EVENT),
    "delivered": _made(INVITATIONS, AUDIENCE, EVENT),
    "undelivered": _made(INVITATIONS, of="attempted", minus="delivered", hidden=True),
    "bounced": _made(INVITATIONS, EVENT, rows=(EVENT,)),
    "unsure": _made(INVITATIONS, rows=(EVENT,)),
    "unsubscribed": _made(INVITATIONS, EVENT, rows=(EVENT,)),
    "still_written_to": _made(INVITATIONS, of="delivered", minus="unsubscribed", rows=(EVENT,), hidden=True),
    "answered": _made(INVITATIONS, AUDIENCE, EVENT),
    "unanswered": _made(INVITATIONS, of="delivered", minus="answered", hidden=True),
    "accepted": _made(INVITATIONS, AUDIENCE, EVENT),
    "not_accepted": _made(INVITATIONS, of="answered", minus="accepted", hidden=True),
    "people_accepted": _made(INVITATIONS, rows=()),
    "people_not_accepted": _made(INVITATIONS, of="people_delivered", minus="people_accepted", rows=(), hidden=True),
    "promised": _made(ATTENDANCE, AUDIENCE, EVENT),
    "kept": _made(ATTENDANCE, AUDIENCE, EVENT),
    "no_shows": _made(ATTENDANCE, of="promised", minus="kept", hidden=True),
    "attended": _with_modes(_made(ATTENDANCE, AUDIENCE, REGION, EVENT, rows=(AUDIENCE, REGION, EVENT))),
    "walk_ins": _made(ATTENDANCE, EVENT, of="attended", minus="kept"),
    "people_attended": _inside_by_event(_made(ATTENDANCE, AUDIENCE, REGION, rows=(AUDIENCE, REGION)), "attended"),
    "organisations": _with_rest(_number(ATTENDANCE, lambda facts: facts.organisations), KIND, _kinds),
    "countries": _number(ATTENDANCE, lambda facts: facts.countries),
    "complete": _inside_by_event(
        _number(ATTENDANCE, _where("people_attended", _is_complete)), "attended", "incomplete"
    ),
    "incomplete": _number(ATTENDANCE, _where("people_attended", lambda s, f: not _is_complete(s, f)), hidden=True),
    **_said("E9", "surveys_returned", "surveys_missing", "surveys_sent"),
    **_said("E10", "found_useful", "found_less_useful", "usefulness_answers"),
    **_said("U6", "committed", "not_committed", "asked_to_commit", recorded_whole="surveys_sent", by=(AUDIENCE, EVENT)),
    **_said("U7", "commitments_kept", "commitments_open", "commitments_asked", by=(AUDIENCE, EVENT)),
    **_said("U8", "used_in_work", "not_used_in_work", "use_answers"),
}
PEOPLE_COUNTS["usefulness_answers"] = _with_marks(PEOPLE_COUNTS["usefulness_answers"])
PEOPLE_COUNTS["commitments_kept"] = _with_rest(
    PEOPLE_COUNTS["commitments_kept"], Dimension.PROOF, lambda facts: facts.shown or None
)
PEOPLE_COUNTS["used_in_work"] = _with_chapters(PEOPLE_COUNTS["used_in_work"])
