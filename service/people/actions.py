"""What staff do to people, audiences and lists. Organisations and imports of files are in `organisations`, `imports`.

The caller commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Invalid
from service.kernel.ids import new_id
from service.kernel.sealing import SealRing
from service.kernel.text import clean_line
from service.people import organisations, store
from service.people.importing import audience_finder
from service.people.private import write_private
from service.people.rules import addresses, lists
from service.people.rules import fields as people_fields
from service.people.store import history
from service.people.values import (
    CREATED,
    SEALED,
    Audience,
    Change,
    Consent,
    MailingList,
    Person,
    PersonFields,
    PersonId,
)

# Audiences


def create_audience(
    session: Session,
    *,
    rank: int,
    name: str,
    key: str | None = None,
    planned_share: float | None = None,
    now: datetime,
    actor: str,
) -> Audience:
    """Make a ranked audience; its key comes from its name when none is given."""
    text = _name(name)
    made = store.add_audience(
        session, rank=_rank(rank), key=lists.read_key(key, text), name=text, planned_share=_share(planned_share)
    )
    log.record(session, actor=actor, action="audience.created", subject=f"audience:{made.id}", now=now)
    return made


def update_audience(
    session: Session, audience_id: str, changes: Mapping[str, Any], *, now: datetime, actor: str
) -> Audience:
    """Change rank, name or planned share of an audience."""
    store.read_audience(session, audience_id)
    readers = {"rank": _rank, "name": _name, "planned_share": _share}
    if values := _read(changes, readers):
        store.write_audience(session, audience_id, values)
        log.record(session, actor=actor, action="audience.changed", subject=f"audience:{audience_id}", now=now)
    return store.read_audience(session, audience_id)


# Persons


def create_person(
    session: Session, fields: PersonFields, *, now: datetime, actor: str, ring: SealRing | None = None
) -> Person:
    """Make a person and return it. Notes and phone need the `ring` to be sealed with.

    Raises:
        Invalid: a field cannot be used; BadAddress for the address.
        PersonExists: the address is somebody's; its fact `id` says whose.
    """
    columns = people_fields.with_guesses(people_fields.read_fields({"name": "", "email": "", **fields}))
    if known := store.find_person(session, columns["email_key"]):
        raise people_fields.PersonExists(known)
    columns, private = _apart(columns)
    columns, organisation = _resolve(session, columns, now=now)
    columns["other_emails"] = addresses.without_primary(columns.get("other_emails", ()), columns["email_key"])
    person_id = new_id()
    row = {**_BLANK, **columns, "id": person_id, "created_at": now, "updated_at": now}
    row["folded"] = people_fields.search_text(row["name"], row["email"], organisation, row["tags"])
    if not store.add_person(session, row):
        raise people_fields.PersonExists(store.find_person(session, row["email_key"]) or "")
    history.add_changes(session, [Change(person_id, now, actor, CREATED)])
    write_private(session, person_id, private, ring=ring, now=now, actor=actor)
    log.record(session, actor=actor, action="person.created", subject=f"person:{person_id}", now=now)
    return store.read_person(session, person_id)


_BLANK: Mapping[str, Any] = {"other_emails": [], "tags": [], "at_risk": False}


def update_person(
    session: Session,
    person_id: str,
    changes: PersonFields,
    *,
    now: datetime,
    actor: str,
    ring: SealRing | None = None,
    seen: datetime | None = None,
) -> Person:
    """Change the given fields of a person; what is not given stays. None empties a field.

    Notes and phone need the `ring` to be sealed with. What changed is kept as the person's history.
    `seen`: the `updated_at` of what the change was made on.

    Raises:
        Invalid: a field cannot be used.
        PersonExists: the new address is somebody else's.
        UnknownPerson: there is no such person.
        PersonChanged: someone changed it since it was `seen`.
        CannotOpen: a sealed field that shall change does not open.
    """
    before = store.lock_person(session, person_id)
    if seen and seen != before.updated_at:
        raise people_fields.PersonChanged
    columns, private = _apart(people_fields.read_fields(changes))
    columns, organisation = _resolve(session, columns, now=now)
    if (key := columns.get("email_key", before.email_key)) != before.email_key and (
        known := store.find_person(session, key)
    ):
        raise people_fields.PersonExists(known)
    if "email_key" in columns or "other_emails" in columns:
        columns["other_emails"] = addresses.without_primary(columns.get("other_emails", before.other_emails), key)
    news = {n: v for n, v in columns.items() if v != _plain(getattr(before, n))}
    resealed = write_private(session, person_id, private, ring=ring, now=now, actor=actor)
    if not news and not resealed:
        return before
    organisation = organisation if "organisation_id" in columns else before.organisation
    said = (news.get("name", before.name), news.get("email", before.email), organisation)
    text = people_fields.search_text(*said, news.get("tags", before.tags))
    store.write_person(session, person_id, {**news, "folded": text, "updated_at": now})
    after = store.read_person(session, person_id)
    history.add_changes(session, people_fields.changes_between(before, after, at=now, actor=actor))
    fields = sorted([*news, *resealed])
    log.record(session, actor=actor, action="person.changed", subject=f"person:{person_id}", now=now, fields=fields)
    return after


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _apart(columns: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the plain columns, and those to be sealed."""
    private = {name: value for name, value in columns.items() if name in SEALED}
    return {name: value for name, value in columns.items() if name not in SEALED}, private


def _resolve(session: Session, columns: dict[str, Any], *, now: datetime) -> tuple[dict[str, Any], str | None]:
    """Return columns with organisation and audience by id, and the organisation's name."""
    resolved = dict(columns)
    name = resolved.pop("organisation", None)
    if "organisation" in columns:
        resolved["organisation_id"] = organisations.ensure(session, name, now=now) if name else None
    elif resolved.get("organisation_id"):
        name = store.read_organisation(session, resolved["organisation_id"]).name
    audience = resolved.pop("audience", None)
    if "audience" in columns:
        resolved["audience_id"] = find_audience(session, audience) if audience else None
    elif resolved.get("audience_id"):
        store.read_audience(session, resolved["audience_id"])
    return resolved, name


def find_audience(session: Session, given: str) -> str:
    """Return the id of the audience of a name, key or rank.

    Raises:
        Invalid: there is none.
    """
    if found := audience_finder(store.read_audiences(session))(given):
        return found
    raise Invalid("This audience is not known. Use its name, key or rank.", field="audience")


def find_or_create(
    session: Session,
    *,
    name: str,
    email: str,
    source: str,
    now: datetime,
    actor: str,
    language: str | None = None,
) -> PersonId:
    """Return the person of an address, made when there is none; a missing name is made from the address."""
    address = addresses.normalise_address(email)
    if known := store.find_person(session, address.key):
        return known
    fields: PersonFields = {
        "name": clean_line(name) or addresses.address_name(address.display),
        "email": address.display,
        "source": source,
        "source_on": now.date(),
        "language": language,
    }
    return create_person(session, fields, now=now, actor=actor).id


# Lists


def create_list(
    session: Session,
    *,
    name: str,
    key: str | None = None,
    purpose: str = "events",
    language: str | None = None,
    public: bool = False,
    double_opt_in: bool = True,
    owner: str = "",
    now: datetime,
    actor: str,
) -> MailingList:
    """Make a mailing list; its key comes from its name when none is given.

    Raises:
        KeyTaken: another list has the key.
    """
    text = _name(name)
    values = {
        "key": lists.read_key(key, text),
        "name": text,
        "purpose": lists.read_key(purpose, "events"),
        "language": _language(language),
        "public": public,
        "double_opt_in": double_opt_in,
        "owner": _owner(owner),
        "created_at": now,
    }
    list_id = store.add_list(session, values)
    log.record(session, actor=actor, action="list.created", subject=f"list:{list_id}", now=now)
    return store.read_list(session, list_id)


def update_list(
    session: Session, list_id: str, changes: Mapping[str, Any], *, now: datetime, actor: str
) -> MailingList:
    """Change name, owner, language, public or double opt-in of a list. Its purpose stays: people agreed to that.

    Raises:
        IsSegment: nobody signs up for a segment.
    """
    if changes.get("public"):
        lists.require_members(store.read_list(session, list_id))
    readers = {"name": _name, "owner": _owner, "language": _language, "public": bool, "double_opt_in": bool}
    if values := _read(changes, readers):
        store.write_list(session, list_id, values)
        log.record(session, actor=actor, action="list.changed", subject=f"list:{list_id}", now=now)
    return store.read_list(session, list_id)


def add_members(
    session: Session,
    list_id: str,
    person_ids: Sequence[str],
    consent: Consent | None,
    *,
    now: datetime,
    actor: str,
) -> int:
    """Put people on a list on the stated ground; return how many are new or got their first basis.

    Without a ground they are on the list but not written to. Twice is as once.

    Raises:
        UnknownPerson: an id is nobody's. IsSegment: whoever matches is in it.
    """
    target, wanted = store.read_list(session, list_id), list(dict.fromkeys(person_ids))
    lists.require_members(target)
    if len(store.read_known_ids(session, wanted)) < len(wanted):
        raise store.UnknownPerson("One of these people is not known.")
    held = store.read_bases(session, list_id, wanted)
    news = [p for p in wanted if p not in held or (held[p] is None and consent)]
    store.join(session, target, news, consent, now=now)
    if news:
        basis = consent.basis.value if consent else None
        subject = f"list:{list_id}"
        log.record(session, actor=actor, action="list.joined", subject=subject, now=now, people=len(news), basis=basis)
    return len(news)


def remove_members(session: Session, list_id: str, person_ids: Sequence[str], *, now: datetime, actor: str) -> int:
    """Take people off a list and remember that their consent ended; return how many were on it."""
    target = store.read_list(session, list_id)
    held = store.read_bases(session, list_id, set(person_ids))
    store.leave(session, list_id, held)
    for basis in {b for b in held.values() if b}:
        gone = [p for p, b in held.items() if b == basis]
        ended = lists.read_consent(basis)
        if ended:
            store.add_consents(session, target, gone, ended, now=now, withdrawn=True)
    if held:
        log.record(session, actor=actor, action="list.left", subject=f"list:{list_id}", now=now, people=len(held))
    return len(held)


# Plain fields


def _read(changes: Mapping[str, Any], readers: Mapping[str, Any]) -> dict[str, Any]:
    for name in changes:
        if name not in readers:
            raise Invalid(f"There is no field “{name[:40]}” to change.", field=name[:40])
    return {name: readers[name](value) for name, value in changes.items()}


def _name(value: str) -> str:
    text = clean_line(value or "")[:200].strip()
    if not text:
        raise Invalid("Give it a name.", field="name")
    return text


def _owner(value: str) -> str:
    return clean_line(value or "")[:200].strip()


def _rank(value: int) -> int:
    if not 1 <= value <= 1000:
        raise Invalid("A rank is a whole number from 1.", field="rank")
    return value


def _share(value: float | None) -> float | None:
    if value is not None and not 0 <= value <= 1:
        raise Invalid("A planned share lies between 0 and 1.", field="planned_share")
    return value


def _optional(value: str | None) -> str | None:
    return clean_line(value or "")[:40] or None


def _country(value: str | None) -> str | None:
    return people_fields.read_fields({"country": value})["country"] if value else None


def _language(value: str | None) -> str | None:
    return people_fields.read_fields({"language": value})["language"] if value else None
