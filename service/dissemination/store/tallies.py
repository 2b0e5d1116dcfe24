"""What each tally of invitations means, and the tallies that outlive the invitations.

When answers are deleted after their time, or with a person who is forgotten, what the figures need
of them stays as numbers by event, audience and region: no person, no time, no id of a row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, exists, false, func, literal, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.dissemination.facts import Segment
from service.dissemination.store import follow_ups
from service.dissemination.tables.figures import InvitationTally, PlaceTally
from service.events.tables import Event
from service.events.values import RESEARCH_KINDS, EventState
from service.ical.values import PartStat
from service.invitations.tables import Invitation
from service.invitations.values import Attendance, LetterState
from service.people.tables import Audience, Person

_I, _P, _E = columns(Invitation), columns(Person), columns(Event)
_T, _W = columns(InvitationTally), columns(PlaceTally)
_RESEARCH = tuple(kind.value for kind in RESEARCH_KINDS)
_NOT_COUNTED = (EventState.DRAFT.value, EventState.CANCELLED.value)
CHUNK = 500  # bind parameters a statement, well under SQLite's limit
PLACES = ORGANISATION, COUNTRY = "organisation", "country"

TALLIES = ("people_invited", "attempted", "delivered", "answered", "accepted", "promised", "kept", "attended")
TROUBLES = ("bounced", "unsure")
_BITS = 63  # of a number in either database, but for its sign

# Of people: those with at least one invitation in the tally.
OF_PEOPLE = {
    "people_invited": "people_invited",
    "people_delivered": "delivered",
    "people_accepted": "accepted",
    "people_attended": "attended",
}
ONLY_WHEN_HELD = frozenset({"promised", "kept", "kept_online", "kept_in_room", "attended", "people_attended"})
# The people invited to one event are its invitations; those of a project are fewer.
_STORED_AS = {"people_invited": "invited"}
_READ_AS = {"invited": "people_invited"}
SIDES = ("kept_online", "kept_in_room")
_ONLY_BY_EVENT = frozenset({"invited", "bounced", "unsure", "unsubscribed", *SIDES, *follow_ups.TALLIED})
_PLACED_REGION = case((_P.at_risk.is_(False), _P.region)).label("region")


def weigh(c: Any, held: ColumnElement[bool], weights: Mapping[str, int]) -> ColumnElement[int]:
    """Return the sum of the weights of the tallies that an invitation is in; this says what each of them means.

    `c` are its columns, `held`: the event took place. Whatever follows from an answer is not asked again: a pass over
    all invitations of a project asks for hardly more than it must.
    """

    def of(*names: str) -> ColumnElement[int]:
        return literal(sum(weights.get(name, 0) for name in names), BigInteger)

    said_yes = c.partstat == PartStat.ACCEPTED.value
    answers = case(
        (said_yes, of("answered", "accepted")),
        (c.partstat != PartStat.NEEDS_ACTION.value, of("answered")),
        else_=of(),
    )
    letters = case(
        (c.walk_in.is_(True), of()),
        (c.letter == LetterState.SENT.value, of("people_invited", "attempted", "delivered") + answers),
        (c.letter == LetterState.BOUNCED.value, of("people_invited", "attempted", "bounced")),
        (c.letter == LetterState.UNKNOWN.value, of("people_invited", "attempted", "unsure")),
        (and_(c.letter == LetterState.QUEUED.value, c.withdrawn_at.is_(None)), of("people_invited")),
        else_=of(),
    )
    came = c.attendance == Attendance.PRESENT.value
    attendance = case(
        (
            and_(said_yes, c.walk_in.is_(False), c.withdrawn_at.is_(None), held),
            of("promised") + case((came, of("kept", "attended")), else_=of()),
        ),
        (and_(came, held), of("attended")),
        else_=of(),
    )
    return letters + attendance


def tallies(c: Any, held: ColumnElement[bool]) -> dict[str, ColumnElement[bool]]:
    """Return, for each tally, the condition that an invitation is in it."""
    return {name: weigh(c, held, {name: 1}) == 1 for name in TALLIES}


def troubles(c: Any) -> dict[str, ColumnElement[bool]]:
    """Return the conditions that an invitation came back, and that it may not have arrived: counted by event only."""
    return {name: weigh(c, false(), {name: 1}) == 1 for name in TROUBLES}


def sides(c: Any) -> dict[str, ColumnElement[bool]]:
    """Say which of those who said yes and came did so online, and which in the room: counted by event only."""
    kept = tallies(c, true())["kept"]
    return {"kept_online": and_(kept, c.online), "kept_in_room": and_(kept, c.online.is_(False))}


def stops(c: Any) -> dict[str, ColumnElement[bool]]:
    """Say which delivered invitations ended in a stop of letters: counted by event only, from the few there are."""
    return {"unsubscribed": and_(c.unsubscribed, c.letter == LetterState.SENT.value, c.walk_in.is_(False))}


def pack(names: Sequence[str], most: int) -> list[dict[str, int]]:
    """Return how many bits to the left each tally stands in a number, one dict a number, if none is above `most`."""
    width = most.bit_length()
    each = _BITS // width
    return [{name: width * n for n, name in enumerate(names[at : at + each])} for at in range(0, len(names), each)]


def keep(session: Session, event_id: str, invitation_ids: Sequence[str], *, now: datetime) -> None:
    """Add invitations of one event to the tallies; called in the transaction that deletes them.

    A person counts among the people of the tallies with their last invitation only, so that the
    people of a project stay the same. What the figures do not count is not kept.
    """
    event = session.execute(select(_E.project_id, _E.kind, _E.state).where(_E.id == event_id)).one()
    if event.kind in _RESEARCH or event.state in _NOT_COUNTED:
        return
    for start in range(0, len(invitation_ids), CHUNK):
        theirs = and_(_I.event_id == event_id, _I.id.in_(invitation_ids[start : start + CHUNK]))
        _keep_numbers(session, event_id, event.project_id, theirs)
        _keep_places(session, event_id, theirs)
        _keep_said(session, event_id, invitation_ids[start : start + CHUNK], today=now.date())


def _keep_numbers(session: Session, event_id: str, project_id: str, theirs: ColumnElement[bool]) -> None:
    said = tallies(_I, true())
    flags = {_STORED_AS.get(name, name): one for name, one in (said | troubles(_I) | stops(_I) | sides(_I)).items()}
    flags |= {name: and_(said[of], ~_counted_elsewhere(of, event_id, project_id)) for name, of in OF_PEOPLE.items()}
    each = select(_P.audience_id, _PLACED_REGION, *(case((one, 1), else_=0).label(name) for name, one in flags.items()))
    c = each.join(Person, _P.id == _I.person_id).where(theirs).subquery().c
    sums = [func.sum(c[name]).label(name) for name in flags]
    rows = session.execute(select(c.audience_id, c.region, *sums).group_by(c.audience_id, c.region))
    found = [
        {"event_id": event_id, "audience_id": r["audience_id"] or "", "region": r["region"] or "", "name": name, "n": n}
        for r in rows.mappings()
        for name in flags
        if (n := int(r[name]))
    ]
    _add(session, found)


def _keep_said(session: Session, event_id: str, invitation_ids: Sequence[str], *, today: date) -> None:
    """Keep what those invited said after the event, of nobody in particular."""
    said = follow_ups.count_of(session, invitation_ids, today=today).get(event_id, Counter())
    same = {"event_id": event_id, "audience_id": "", "region": ""}
    _add(session, [{**same, "name": name, "n": n} for name, n in said.items()])


def _add(session: Session, found: Sequence[dict[str, Any]]) -> None:
    if found:
        statement = _insert(session, InvitationTally).values(found)
        keys = ["event_id", "audience_id", "region", "name"]
        session.execute(statement.on_conflict_do_update(index_elements=keys, set_={"n": _T.n + statement.excluded.n}))


def _counted_elsewhere(tally: str, event_id: str, project_id: str) -> ColumnElement[bool]:
    """Return the condition that another invitation of the same person, in the same project, is in a tally."""
    other, event = Invitation.__table__.alias(), Event.__table__.alias()  # type: ignore[attr-defined]
    is_same = and_(other.c.person_id == _I.person_id, other.c.event_id != event_id, event.c.project_id == project_id)
    is_counted = and_(event.c.kind.not_in(_RESEARCH), event.c.state.not_in(_NOT_COUNTED))
    said = tallies(other.c, event.c.state == EventState.CLOSED.value)[tally]
    query = select(other.c.id).join(event, event.c.id == other.c.event_id).where(is_same, is_counted, said)
    return exists(query.correlate(_I.id.table))


def _keep_places(session: Session, event_id: str, theirs: ColumnElement[bool]) -> None:
    """Keep where those who came are from; of people at risk nothing is kept but numbers."""
    query = select(_P.organisation_id, _P.country).join(Invitation, _I.person_id == _P.id)
    came = _I.attendance == Attendance.PRESENT.value
    rows = session.execute(query.where(theirs, came, _P.at_risk.is_(False)).distinct()).all()
    found = {(ORGANISATION, row[0]) for row in rows} | {(COUNTRY, row[1]) for row in rows}
    values = [{"event_id": event_id, "kind": kind, "key": key} for kind, key in sorted(found, key=str) if key]
    if values:
        statement = _insert(session, PlaceTally).values(values)
        session.execute(statement.on_conflict_do_nothing(index_elements=["event_id", "kind", "key"]))


def _insert(session: Session, table: Any) -> Any:
    return (sqlite if is_sqlite(session) else postgresql).insert(table)


def read(
    session: Session, counted: Sequence[str], held: Sequence[str]
) -> tuple[dict[str, Counter[str]], list[Segment]]:
    """Return what is kept of deleted invitations: tallies by event, and by audience and region."""
    query = select(_T.event_id, _T.audience_id, _T.region, _T.name, _T.n).where(_T.event_id.in_(counted))
    keys = {row.id: row.key for row in session.execute(select(columns(Audience).id, columns(Audience).key))}
    by_event: dict[str, Counter[str]] = defaultdict(Counter)
    by_kind: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in session.execute(query):
        if row.name in ONLY_WHEN_HELD and row.event_id not in held:
            continue
        if row.name not in _ONLY_BY_EVENT:
            by_kind[row.audience_id, row.region][row.name] += row.n
        if row.name not in OF_PEOPLE and row.name not in SIDES:
            by_event[row.event_id][_READ_AS.get(row.name, row.name)] += row.n
    segments = [Segment(keys.get(audience), region or None, counts) for (audience, region), counts in by_kind.items()]
    return by_event, segments


def read_places(session: Session, held: Sequence[str]) -> dict[str, set[str]]:
    """Return the organisations and the countries kept of deleted invitations, by kind."""
    found: dict[str, set[str]] = {kind: set() for kind in PLACES}
    for kind, key in session.execute(select(_W.kind, _W.key).where(_W.event_id.in_(held))):
        found[kind].add(key)
    return found
