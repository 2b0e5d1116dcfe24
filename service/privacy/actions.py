"""Forget someone, with a certificate; show someone all that is held on them. The caller commits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import is_sqlite
from service.kernel.ids import new_id
from service.kernel.tokens import address_hash
from service.mail import rules as mail_rules
from service.mail import store as mail_store
from service.people.rules import BadAddress, normalise_address
from service.privacy import store
from service.privacy.values import Certificate, Subject


def forget(session: Session, email: str, *, address_key: bytes, now: datetime, actor: str) -> Certificate:
    """Erase everything held on the person of an address, and remember only not to write to it again.

    It does so too for an address that nobody has, and any number of times. On SQLite the bytes are
    gone from the disk once `empty_journal` says so.

    Raises:
        BadAddress: this is no address.
    """
    subject = _subject(session, email)
    hashes = _hashes(subject, address_key)
    letters, mailings = store.forget_deliveries(session, subject, hashes, now=now)
    mail_store.finish(session, mailings, now=now)
    removed = {
        "letters": letters,
        "mailbox letters": store.forget_mailbox(session, subject),
        "messages received": store.forget_intake(session, subject),
    }
    removed["answers"], removed["invitations"] = store.forget_invitations(session, subject)
    removed["import rows"] = store.forget_import_rows(session, subject)
    removed["remembered answers"] = store.forget_answers(session, subject)
    removed |= store.forget_person(session, subject)
    store.suppress_erased(session, hashes, now=now)
    certificate = Certificate(new_id(), now, removed, len(subject.keys), is_sqlite(session))
    log.record(
        session,
        actor=actor,
        action="person.forgotten",
        subject=f"certificate:{certificate.id}",
        now=now,
        removed=removed,
        people=list(subject.person_ids),
    )
    return certificate


def empty_journal(engine: Engine) -> bool:
    """Empty SQLite's write-ahead log after a `forget`; False while a reader keeps it: try again later."""
    return store.empty_journal(engine)


def export_subject(session: Session, email: str, *, address_key: bytes | None = None) -> dict[str, Any]:
    """Return everything held on the person of an address, as plain JSON.

    With the installation's suppression key it says too which letters are stopped.

    Raises:
        BadAddress: this is no address.
    """
    subject = _subject(session, email)
    held: dict[str, Any] = {
        "addresses": list(subject.addresses),
        "people": store.read_people(session, subject),
        "lists": store.read_lists(session, subject),
        "consents": store.read_consents(session, subject),
        "invitations": store.read_invitations(session, subject),
        "named by colleagues": store.read_named(session, subject),
        "letters": store.read_deliveries(session, subject),
        "mailbox": store.read_mailbox(session, subject),
        "received": store.read_intake(session, subject),
        "imports": store.find_import_rows(session, subject),
    }
    if address_key is not None:
        held["stopped"] = store.read_suppressions(session, _hashes(subject, address_key))
    plain: dict[str, Any] = _plain(held)
    return plain


def as_json(held: Mapping[str, Any]) -> str:
    """Return what `export_subject` found as a file for people and programs."""
    return json.dumps(held, ensure_ascii=False, indent=2)


def _subject(session: Session, email: str) -> Subject:
    """Return all addresses, names and rows of whoever has an address, as first or as second one."""
    asked = normalise_address(email)
    people = [p for p in store.find_people(session, asked) if asked.key in _keys_of(p)]
    addresses = dict.fromkeys([asked.display, *(a for p in people for a in (p["email"], *p["other_emails"]))])
    person_ids = tuple(p["id"] for p in people)
    return Subject(
        keys=tuple(dict.fromkeys([asked.key, *(key for p in people for key in _keys_of(p))])),
        addresses=tuple(addresses),
        names=tuple(p["name"] for p in people),
        person_ids=person_ids,
        invitation_ids=tuple(store.find_invitations(session, person_ids)),
    )


def _keys_of(person: Mapping[str, Any]) -> list[str]:
    keys = [str(person["email_key"])]
    for address in person["other_emails"]:
        try:
            keys.append(normalise_address(address).key)
        except BadAddress:
            keys.append(address.lower())
    return keys


def _hashes(subject: Subject, address_key: bytes) -> Sequence[str]:
    """Return the hashes under which mail may know the addresses: of their keys, and as they are written."""
    spelled = (*subject.keys, *(mail_rules.normalised(address) for address in subject.addresses))
    return sorted({address_hash(address_key, key) for key in spelled})


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
