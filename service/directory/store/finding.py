"""The SQL of filters: one where-clause on `person`, the same on both databases.

Each condition is true or false, never NULL, so that `not` means what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, exists, false, func, not_, or_, select, true, tuple_
from sqlmodel import Session

from service.campaign.tables import Stance
from service.db.engine import is_sqlite
from service.db.types import Json, columns
from service.directory.filters import All, AnyOf, Condition, Filter, Not, Scope
from service.directory.values import Found
from service.events.tables import Event, Project
from service.invitations.tables import Invitation
from service.mail.tables import Delivery
from service.people import store as people
from service.people.bulk import among
from service.people.rules.organisations import organisation_key
from service.people.tables import Audience, MailingList, Membership, Organisation, OrganisationName, Person
from service.people.values import OrganisationType, Page
from service.people.values import Person as PersonView

_P, _I, _E, _D = columns(Person), columns(Invitation), columns(Event), columns(Delivery)
_J = columns(Project)
_N, _S = columns(OrganisationName), columns(Stance)
_A, _O, _L, _M = columns(Audience), columns(Organisation), columns(MailingList), columns(Membership)
_REACHED = ("queued", "sent", "bounced", "unknown")
_ARRIVED = ("sent", "unknown")
_OF_STATE = (OrganisationType.MINISTRY.value, OrganisationType.PARLIAMENT.value)
FEW = 1_000


def find_matching(
    session: Session, wanted: Filter, *, text: str = "", after: str | None = None, limit: int = 100
) -> Page[PersonView]:
    """Return the people of a filter in order of their names; all words of `text` must occur too.

    Raises:
        Invalid: `after` is nobody's id.
    """
    return people.read_people(session, text=text, where=clause(session, wanted), after=after, limit=limit)


def find_and_count(
    session: Session, wanted: Filter, *, text: str = "", after: str | None = None, limit: int = 100
) -> Found:
    """Return a page as `find_matching` does, and how many people there are on all pages.

    Raises:
        Invalid: `after` is nobody's id.
    """
    where = and_(clause(session, wanted), *people.words_of(text))
    # Those who share a word may lie together far down in the order of names, where a walk would pass over most of the
    # table. Other conditions are strewn over it: few are found by one pass, of many a page is near at hand.
    if text:
        ids, total = _one_pass(session, where, after, limit + 1)
        shown = people.read_people(session, where=among(session, _P.id, ids[:limit]), limit=limit).items
        return Found(shown, total, ids[limit - 1] if len(ids) > limit else None)
    ids = list(session.execute(select(_P.id).where(where).limit(FEW + 1)).scalars())
    if len(ids) <= FEW:
        few = people.read_people(session, where=among(session, _P.id, ids), after=after, limit=limit)
        return Found(few.items, len(ids), few.next)
    page = people.read_people(session, where=where, after=after, limit=limit)
    return Found(page.items, people.count_people(session, where=where), page.next)


def _one_pass(session: Session, where: Any, after: str | None, limit: int) -> tuple[list[str], int]:
    """Return the ids of the people of a page, in order of their names, and how many are on all pages."""
    hits = select(_P.id, _P.folded).where(where).cte("hits")
    number = select(func.count()).select_from(hits).scalar_subquery()
    query = select(hits.c.id, number.label("number")).order_by(hits.c.folded, hits.c.id).limit(limit)
    if after:
        query = query.where(tuple_(hits.c.folded, hits.c.id) > people.anchor(session, _P, after))
    rows = session.execute(query).all()
    if after and not rows:  # nobody is left, and so no row to carry the number
        return [], people.count_people(session, where=where)
    return [row.id for row in rows], rows[0].number if rows else 0


def count_matching(session: Session, wanted: Filter, *, text: str = "") -> int:
    """Return how many people `find_matching` finds."""
    return people.count_people(session, text=text, where=clause(session, wanted))


def read_matching_ids(session: Session, wanted: Filter, *, text: str = "") -> list[str]:
    """Return the ids of all people of a filter, in order of the ids."""
    words = people.words_of(text)
    return list(session.execute(select(_P.id).where(clause(session, wanted), *words).order_by(_P.id)).scalars())


def find_missing(session: Session, condition: Condition) -> str:
    """Return what a condition speaks of that is not there, such as "event" or "organisation"; "" when all is."""
    what, named = _named(condition)
    if not named:
        return ""
    return "" if all(session.execute(select(*(one.exists() for one in named))).one()) else what


def _named(condition: Condition) -> tuple[str, list[Any]]:
    """Return what a condition names, and a query for each one that it names."""
    match condition:
        case Condition(_, Scope(event=str(event_id))):
            return "event", [select(_E.id).where(_E.id == event_id)]
        case Condition(_, Scope(project=project_id)):
            return "project", [select(_J.id).where(_J.id == project_id)]
        case Condition(field, tuple(values)) if field in _NAMED:
            what, query = _NAMED[field]
            return what, [query((value,)) for value in values]
    return "", []


def clause(session: Session, node: Filter) -> Any:
    """Return the condition on `person` that a filter means."""
    match node:
        case All(parts):
            return and_(true(), *(clause(session, part) for part in parts))
        case AnyOf(parts):
            return or_(false(), *(clause(session, part) for part in parts))
        case Not(part):
            return not_(clause(session, part))
        case Condition("tag", value):
            return _tagged(session, value)
        case Condition(field, value):
            return _CLAUSES[field](value)


# What a person's own row says


def _text(value: Any) -> Any:
    return and_(true(), *people.words_of(value))


def _one_of(column: Any) -> Callable[[Any], Any]:
    def made(value: Any) -> Any:
        return column.is_(None) if value is None else and_(column.is_not(None), column.in_(value))

    return made


def _language(value: Any) -> Any:
    if value is None:
        return _P.language.is_(None)
    wider = [_P.language.startswith(f"{tag}-", autoescape=True) for tag in value]
    return and_(_P.language.is_not(None), or_(_P.language.in_(value), *wider))


def _tagged(session: Session, value: Any) -> Any:
    if value is None:
        return cast(_P.tags, String) == "[]"
    if is_sqlite(session):
        each = func.json_each(_P.tags).table_valued("value", joins_implicitly=True)
        # Most people have no tag: they are passed over without reading JSON.
        return and_(cast(_P.tags, String) != "[]", select(each.c.value).where(each.c.value.in_(value)).exists())
    return or_(*(_P.tags.bool_op("@>")(bindparam(None, [tag], Json)) for tag in value))


def _at_risk(value: Any) -> Any:
    return _P.at_risk.is_(value)


# What other rows say


def _through(column: Any, found: Any) -> Any:
    return and_(column.is_not(None), column.in_(found))


def _audience(value: Any) -> Any:
    if value is None:
        return _P.audience_id.is_(None)
    return _through(_P.audience_id, _audiences(value))


def _audiences(value: Any) -> Any:
    return select(_A.id).where(or_(_A.id.in_(value), _A.key.in_(value)))


def _rank(value: Any) -> Any:
    return _through(_P.audience_id, _ranked(value))


def _ranked(value: Any) -> Any:
    return select(_A.id).where(_A.rank.in_(value))


def _organisation(value: Any) -> Any:
    if value is None:
        return _P.organisation_id.is_(None)
    return _through(_P.organisation_id, _organisations(value))


def _organisations(value: Any) -> Any:
    named = [organisation_key(name) for name in value]
    other = select(_N.organisation_id).where(_N.folded.in_(named))
    return select(_O.id).where(or_(_O.id.in_(value), _O.folded.in_(named), _O.id.in_(other)))


def _organisation_type(value: Any) -> Any:
    known = select(_O.id)
    if value is None:
        return not_(_through(_P.organisation_id, known.where(_O.type.is_not(None))))
    return _through(_P.organisation_id, known.where(_O.type.in_(value)))


def _stance(value: Any) -> Any:
    """Return that someone's institution has a stance, or, where it has none of its own, the state whose body it is."""
    wanted = _S.is_current if value is None else and_(_S.is_current, _S.position.in_(value))
    own = select(_S.organisation_id).where(wanted, _S.organisation_id.is_not(None))
    states = select(_S.country).where(wanted, _S.country.is_not(None))
    has_own = exists().where(_S.organisation_id == _O.id, _S.is_current)
    bodies = select(_O.id).where(_O.type.in_(_OF_STATE), _O.country.is_not(None), _O.country.in_(states), ~has_own)
    found = or_(_through(_P.organisation_id, own), _through(_P.organisation_id, bodies))
    return not_(found) if value is None else found


def _member(value: Any) -> Any:
    mine = exists().where(_M.person_id == _P.id)
    if value is None:
        return not_(mine)
    return mine.where(_M.list_id.in_(_lists(value)))


def _lists(value: Any) -> Any:
    return select(_L.id).where(or_(_L.id.in_(value), _L.key.in_(value)))


def _invitation(scope: Scope, *conditions: Any) -> Any:
    """Return that a person has an invitation in the scope of which the conditions are true.

    Only columns of `ix_invitation_by_person` are asked for.
    """
    if scope.event is not None:
        inside = _I.event_id == scope.event
    else:
        inside = _I.event_id.in_(select(_E.id).where(_E.project_id == scope.project))
    return exists().where(_I.person_id == _P.id, inside, *conditions)


def _invited(scope: Any) -> Any:
    return _invitation(scope, _I.letter.in_(_REACHED), _I.withdrawn_at.is_(None))


def _accepted(scope: Any) -> Any:
    return _invitation(scope, _I.partstat == "ACCEPTED", _I.withdrawn_at.is_(None))


def _attended(scope: Any) -> Any:
    return _invitation(scope, _I.attendance == "present")


def _never_answered(scope: Any) -> Any:
    asked = _invitation(scope, _I.letter.in_(_ARRIVED), _I.withdrawn_at.is_(None))
    heard = _invitation(scope, or_(_I.partstat != "NEEDS-ACTION", _I.attendance == "present"))
    return and_(asked, not_(heard))


def _bounced(value: Any) -> Any:
    invited = exists().where(_I.person_id == _P.id, _I.letter == "bounced")
    written_to = exists().where(_D.recipient_ref == _P.id, _D.state == "bounced")
    either = or_(invited, written_to)
    return either if value else not_(either)


# What a field names, and how it is found: those are gone when no row is.
_NAMED: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "audience": ("audience", _audiences),
    "audience_rank": ("audience", _ranked),
    "organisation": ("organisation", _organisations),
    "list": ("list", _lists),
}
_CLAUSES: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "audience": _audience,
    "audience_rank": _rank,
    "country": _one_of(_P.country),
    "region": _one_of(_P.region),
    "organisation": _organisation,
    "organisation_type": _organisation_type,
    "stance": _stance,
    "language": _language,
    "source": _one_of(_P.source),
    "at_risk": _at_risk,
    "list": _member,
    "invited": _invited,
    "accepted": _accepted,
    "attended": _attended,
    "invited_and_never_answered": _never_answered,
    "has_bounced": _bounced,
    "created_since": lambda at: _P.created_at >= at,
    "created_before": lambda at: _P.created_at < at,
}
