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
from service.events import store as events
from service.kernel.errors import Invalid
from service.kernel.tokens import address_hash
from service.mail import rules as mail_rules
from service.privacy import retaining, retention, store
from service.privacy.erasing import erase, subject_of
from service.privacy.retaining import Coming
from service.privacy.retention import PERIODS, Held
from service.privacy.store import ageing, certificates, terms
from service.privacy.values import Certificate, Subject


def forget(session: Session, email: str, *, address_key: bytes, now: datetime, actor: str) -> Certificate:
    """Erase everything held on the person of an address, and remember only not to write to it again.

    It does so too for an address that nobody has, and any number of times. On SQLite the bytes are
    gone from the disk once `empty_journal` says so.

    Raises:
        BadAddress: this is no address.
    """
    subject = subject_of(session, email)
    hashes = _hashes(subject, address_key)
    removed = erase(session, subject, hashes, now=now)
    store.suppress_erased(session, hashes, now=now)
    opened = certificates.add(session, "forget", None, removed, (*subject.person_ids, *subject.invitation_ids), now=now)
    certificates.seal(session, opened, now=now)
    certificate = Certificate(opened, now, removed, len(subject.keys), is_sqlite(session))
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


def shorten(session: Session, held: Held, kind: str, days: int | None, *, now: datetime, actor: str) -> None:
    """Keep a class of data for fewer days, for one kind of event or ("") for all; None: as usual again.

    Raises:
        Invalid: there is no such kind, or it does not matter to this class.
        NotShorter: the usual period is shorter.
    """
    if days is not None:
        retention.check_shorter(PERIODS[held], kind, days)
    terms.write_shorter(session, held, kind, days, now=now, actor=actor)
    subject = f"retention:{held.value}"
    log.record(session, actor=actor, action="retention.changed", subject=subject, now=now, kind=kind, days=days)


def promise(session: Session, event_id: str, due_on: date | None, *, now: datetime, actor: str) -> None:
    """Promise that everything about the people of an event goes on a day; None takes it back.

    Raises:
        UnknownEvent: there is no such event.
        Invalid: the day is over, or the event is not by then.
    """
    event = events.read_event(session, event_id)
    if due_on is not None and retention.promised_at(due_on, event.time_zone) <= max(now, event.ends_at):
        raise Invalid("The day must be in the future and after the event.", field="due_on")
    terms.write_promise(session, event_id, due_on, now=now, actor=actor)
    said = due_on.isoformat() if due_on else None
    log.record(session, actor=actor, action="retention.promised", subject=f"event:{event_id}", now=now, due_on=said)


def read_coming(session: Session, *, now: datetime) -> list[Coming]:
    """Return what is deleted next, the nearest first; it names no person."""
    return retaining.coming(session, now=now)


def read_leftover(session: Session, *, now: datetime, limit: int = 100) -> list[dict[str, Any]]:
    """Return the people on no list, invited to nothing and long untouched: staff decide on each."""
    return ageing.read_leftover(session, before=_leftover_before(session, now), limit=limit)


def count_leftover(session: Session, *, now: datetime) -> int:
    """Count the people whom `read_leftover` returns."""
    return ageing.count_leftover(session, before=_leftover_before(session, now))


def _leftover_before(session: Session, now: datetime) -> datetime:
    return retention.cutoff(PERIODS[Held.PEOPLE], "", now, terms.read_shorter(session))


def empty_journal(engine: Engine) -> bool:
    """Empty SQLite's write-ahead log after a `forget`; False while a reader keeps it: try again later."""
    return store.empty_journal(engine)


def export_subject(session: Session, email: str, *, address_key: bytes | None = None) -> dict[str, Any]:
    """Return everything held on the person of an address, as plain JSON.

    With the installation's suppression key it says too which letters are stopped.

    Raises:
        BadAddress: this is no address.
    """
    subject = subject_of(session, email)
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
