"""What staff do to organisations: found or made by a name, changed, known by other names too. The caller commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Invalid
from service.kernel.text import clean_line
from service.people import store
from service.people.rules import fields as people_fields
from service.people.rules import organisations
from service.people.values import Organisation, OrganisationId

NAMES = 50  # other names of one organisation: more than anyone has
EVERYONE = 1_000_000


def ensure(session: Session, name: str, *, now: datetime) -> OrganisationId:
    """Return the organisation of this name, its own or another one, made when there is none.

    Case and accents do not matter.
    """
    text = _name(name)
    return store.ensure_organisations(session, [text], now=now)[organisations.organisation_key(text)]


def change(
    session: Session, organisation_id: str, changes: Mapping[str, Any], *, now: datetime, actor: str
) -> Organisation:
    """Change name, other names, type, country or audience of an organisation.

    A name that goes stays as another name, so that imports and staff who use it still find the organisation.

    Raises:
        OrganisationExists: a name is another organisation's.
        Invalid: a field cannot be used.
        UnknownOrganisation, UnknownAudience: there is none.
    """
    before = store.lock_organisation(session, organisation_id)
    values = {name: _reader(name)(value) for name, value in changes.items()}
    if values.get("audience_id"):
        store.read_audience(session, values["audience_id"])
    _rename(session, before, values)
    if values:
        store.write_organisation(session, organisation_id, values)
    if changes:
        subject, fields = f"organisation:{organisation_id}", sorted(changes)
        log.record(session, actor=actor, action="organisation.changed", subject=subject, now=now, fields=fields)
    return store.read_organisation(session, organisation_id)


def _rename(session: Session, before: Organisation, values: dict[str, Any]) -> None:
    """Give an organisation its names, own and other; what people are searched by follows."""
    others, name = values.pop("other_names", None), values.get("name", before.name)
    if others is None and name == before.name:
        return
    kept = store.read_other_names(session, [before.id]).get(before.id, []) if others is None else others
    by_key = organisations.read_other_names([*kept, before.name], name)
    taken = store.find_organisations(session, [*by_key, organisations.organisation_key(name)])
    if strangers := sorted(set(taken.values()) - {before.id}):
        raise organisations.OrganisationExists(strangers[0])
    store.write_other_names(session, before.id, by_key)
    if name != before.name:
        values["folded"] = organisations.organisation_key(name)
        store.write_folded(session, _search_texts(session, before.id, name))


def _search_texts(session: Session, organisation_id: str, organisation: str) -> dict[str, str]:
    people = store.read_people(session, organisation_id=organisation_id, limit=EVERYONE).items
    return {
        person.id: people_fields.search_text(person.name, person.email, organisation, person.tags) for person in people
    }


# Plain fields


def _name(value: Any) -> str:
    text = clean_line(str(value or ""))[:300].strip()
    if not text:
        raise Invalid("Give it a name.", field="name")
    return text


def _other_names(value: Any) -> list[str]:
    names = [str(name) for name in value or ()]
    if len(names) > NAMES:
        raise Invalid(f"At most {NAMES} other names.", field="other_names")
    return names


def _country(value: Any) -> str | None:
    found: str | None = people_fields.read_fields({"country": value})["country"]
    return found


def _audience(value: Any) -> str | None:
    return clean_line(str(value or ""))[:26] or None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "name": _name,
    "other_names": _other_names,
    "type": organisations.read_organisation_type,
    "country": _country,
    "audience_id": _audience,
}


def _reader(name: str) -> Callable[[Any], Any]:
    if name not in _READERS:
        raise Invalid(f"There is no field “{name[:40]}” to change.", field=name[:40])
    return _READERS[name]
