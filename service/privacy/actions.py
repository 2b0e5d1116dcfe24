"""Forget someone, with a certificate; show someone all that is held on them. The caller commits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import is_sqlite, reading, writing
from service.events import store as events
from service.kernel.errors import Invalid, NotFound
from service.kernel.sealing import SealRing
from service.kernel.tokens import address_hash
from service.letters.values import Desk
from service.mail import rules as mail_rules
from service.people import store as people
from service.people.rules.addresses import BadAddress, normalise_address
from service.privacy import certifying, opening, retaining, retention
from service.privacy.erasing import erase, subject_of
from service.privacy.retaining import Coming
from service.privacy.retention import PERIODS, Held
from service.privacy.store import ageing, certificates, forgetting, matching, showing, terms
from service.privacy.store import subjects as privacy_subjects
from service.privacy.store.campaign import read_introductions, read_notes
from service.privacy.store.evidence import read_sheets
from service.privacy.store.evidence import read_unsearched as read_unsearched_files
from service.privacy.store.guest_tasks import read_guest_tasks
from service.privacy.store.quotes import read_quotes
from service.privacy.store.reports import read_drafts, read_issued
from service.privacy.store.standing import read_standing
from service.privacy.tombstones import Tombstone, Tombstones, missing
from service.privacy.values import Certificate, Deletion, Subject, Unsearched

SYSTEM = "system"
ISSUED = "issued reports"
NOT_SEARCHED = "not searched"
_UNSEARCHED = "files of evidence that name people: they may name you, and only a reader can tell; ask us to look"


def forget(
    session: Session,
    email: str,
    *,
    address_key: bytes,
    now: datetime,
    actor: str,
    remember: bool = True,
    desk: Desk | None = None,
    tombstones: Tombstones | None = None,
    certificate_id: str | None = None,
) -> Certificate:
    """Erase everything held on the person of an address, and remember only not to write to it again.

    It does so too for an address that nobody has, and any number of times. Without `remember` not
    even that is kept: a later import may bring the address back. With a `desk`, whoever gets the freed
    seat is told. On SQLite the bytes are gone from the disk once `empty_journal` says so.

    Raises:
        BadAddress: this is no address.
    """
    subject = subject_of(session, email)
    hashes = _hashes(subject, address_key)
    removed = erase(session, subject, hashes, desk=desk, now=now)
    forgetting.forget_suppressions(session, hashes)
    if remember:
        forgetting.suppress_erased(session, hashes, now=now)
    ids = (*subject.person_ids, *subject.invitation_ids)
    opened = certificates.add(session, "forget", None, removed, ids, now=now, certificate_id=certificate_id)
    certificates.seal(session, opened, now=now)
    naming = sum(one.files for one in read_unsearched(session))
    certificate = Certificate(opened, now, removed, len(subject.keys), is_sqlite(session), remember, naming)
    log.record(
        session,
        actor=actor,
        action="person.forgotten",
        subject=f"certificate:{certificate.id}",
        now=now,
        removed=removed,
        people=list(subject.person_ids),
    )
    if tombstones is not None:
        tombstones.add(Tombstone(opened, now, remember, tuple(hashes)))
    return certificate


def count_held(session: Session, person_id: str) -> dict[str, int]:
    """Count what would go with a person, by what it is; it names nobody.

    Raises:
        UnknownPerson: there is none.
    """
    held = export_subject(session, people.read_person(session, person_id).email)
    return {what: len(rows) for what, rows in held.items() if rows and what not in (ISSUED, NOT_SEARCHED)}


def read_unsearched(session: Session) -> list[Unsearched]:
    """Return the files in which nobody can be looked for, by project: staff look at them themselves."""
    return read_unsearched_files(session)


def erase_again(engine: Engine, tombstones: Tombstones, *, address_key: bytes, now: datetime) -> int:
    """Erase whoever was erased after this database was backed up; return how many erasures it lacked.

    Raises:
        BadTombstones: the file of erasures cannot be read.
    """
    written = tombstones.read()
    with reading(engine) as session:
        lacking = missing(written, certificates.known(session, [one.certificate for one in written]))
        found = _addresses_by_hash(session, address_key) if lacking else {}
    for one in lacking:
        with writing(engine) as session:
            _erase_again(session, one, found, address_key=address_key, now=now)
    return len(lacking)


def _erase_again(
    session: Session, tombstone: Tombstone, found: Mapping[str, str], *, address_key: bytes, now: datetime
) -> None:
    subjects = [subject_of(session, address) for hashed, address in found.items() if hashed in tombstone.hashes]
    total: Counter[str] = Counter()
    for subject in subjects:
        total.update(erase(session, subject, _hashes(subject, address_key), now=now))
    forgetting.forget_suppressions(session, tombstone.hashes)
    if tombstone.remember:
        forgetting.suppress_erased(session, tombstone.hashes, now=tombstone.at)
    ids = [one for subject in subjects for one in (*subject.person_ids, *subject.invitation_ids)]
    wanted = tombstone.certificate
    certificates.add(session, "forget again", None, total, ids, now=now, certificate_id=wanted)
    certificates.seal(session, wanted, now=now)
    log.record(session, actor=SYSTEM, action="person.forgotten-again", subject=f"certificate:{wanted}", now=now)


def _addresses_by_hash(session: Session, address_key: bytes) -> dict[str, str]:
    """Return every address that stands anywhere in the database, by the hashes it may be known under."""
    found: dict[str, str] = {}
    for address in privacy_subjects.find_addresses(session):
        try:
            key = normalise_address(address).key
        except BadAddress:
            continue
        found |= {address_hash(address_key, spelled): address for spelled in (key, mail_rules.normalised(address))}
    return found


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


class UnknownCertificate(NotFound):
    """There is no such certificate."""

    code = "unknown-certificate"


def read_certificates(session: Session, *, before: int | None = None, limit: int = 100) -> list[Deletion]:
    """Return certificates of deletion, newest first, those with a number below `before`."""
    return certificates.read_sealed(session, before=before, limit=limit)


def read_certificate(session: Session, certificate_id: str) -> Deletion:
    """Return one certificate of deletion.

    Raises:
        UnknownCertificate: there is none of this id.
    """
    found = certificates.find(session, certificate_id)
    if found is None:
        raise UnknownCertificate("There is no such certificate.")
    return found


def is_whole(deletion: Deletion) -> bool:
    """Tell whether a certificate says what it said when it was sealed."""
    return certifying.sealed_sha256(deletion) == deletion.sha256


def read_promisable(session: Session, *, now: datetime) -> list[tuple[str, str]]:
    """Return the events whose people are still held, id and title, the latest first."""
    found = ageing.read_events(session, ended_before=now + retaining.AHEAD)
    return [(event.id, event.title) for event in reversed(found)]


def read_chain(session: Session) -> list[Deletion]:
    """Return every certificate of deletion, oldest first."""
    return certificates.read_chain(session)


def first_broken(chain: Sequence[Deletion]) -> int | None:
    """Return the number of the first certificate that was changed or whose predecessor is gone."""
    return certifying.first_broken(chain)


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
    return forgetting.empty_journal(engine)


def export_subject(
    session: Session, email: str, *, address_key: bytes | None = None, ring: SealRing | None = None
) -> dict[str, Any]:
    """Return everything held on the person of an address, as plain JSON.

    With the installation's suppression key it says too which letters are stopped; without the ring,
    sealed texts are only named as such.

    Raises:
        BadAddress: this is no address.
    """
    subject = subject_of(session, email)
    held: dict[str, Any] = {
        "addresses": list(subject.addresses),
        "people": opening.opened(showing.read_people(session, subject), "person", ring),
        "changes": opening.opened(showing.read_changes(session, subject), "person_change", ring),
        "keys": showing.read_keys(session, subject),
        "merges": opening.opened(showing.read_merges(session, subject), "person_merge", ring),
        "ids that led on": showing.read_old_ids(session, subject),
        "told apart": showing.read_told_apart(session, subject),
        "lists": showing.read_lists(session, subject),
        "consents": showing.read_consents(session, subject),
        "invitations": opening.opened(showing.read_invitations(session, subject), "invitation", ring),
        "standing invitations": read_standing(session, subject),
        "attendance sheets": read_sheets(session, subject),
        "tasks": read_guest_tasks(session, subject),
        "quotes": read_quotes(session, subject),
        "named by colleagues": showing.read_named(session, subject),
        "introductions": read_introductions(session, subject),
        "campaign notes": read_notes(session, subject),
        "letters": showing.read_deliveries(session, subject),
        "mailbox": showing.read_mailbox(session, subject),
        "received": showing.read_intake(session, subject),
        "imports": opening.opened(matching.find_import_rows(session, subject), "import_row", ring),
        "report drafts": read_drafts(session, subject),
        ISSUED: read_issued(session, subject),
        NOT_SEARCHED: _not_searched(session),
    }
    if address_key is not None:
        held["stopped"] = showing.read_suppressions(session, _hashes(subject, address_key))
    plain: dict[str, Any] = _plain(held)
    return plain


def _not_searched(session: Session) -> list[dict[str, Any]]:
    files = sum(one.files for one in read_unsearched(session))
    return [{"what": _UNSEARCHED, "files": files}] if files else []


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
