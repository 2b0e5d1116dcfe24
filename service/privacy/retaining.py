"""Delete what its time has come for: a few rows a transaction, and a certificate of what went.

Nothing is remembered between runs but the rows themselves and the open certificates: a run that was
killed goes on where it stopped, in the same certificate.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.dissemination.store import tallies
from service.mail import store as mail_store
from service.privacy import retention
from service.privacy.erasing import erase, subject_of_person
from service.privacy.retention import PERIODS, Held, Shorter
from service.privacy.store import ageing, certificates, forgetting, subjects, terms
from service.privacy.store.evidence import delete_files, find_sheets
from service.privacy.store.guest_tasks import delete_guest_tasks
from service.privacy.store.surveys import empty_nameless
from service.privacy.values import DueEvent, Subject

CHUNK = 200  # rows a transaction: well under 100 ms
PEOPLE_CHUNK = 5  # people erased whole with a promise: each is looked for everywhere
AHEAD = timedelta(days=3650)  # events that far ahead are in the preview
SYSTEM = "system"
Removed = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Task:
    """One class of data that is due: of an event, or all that is older than an instant.

    `is_of_sheets`: not the invitations of the event but the files beside it that name people.
    """

    held: Held
    event_id: str | None = None
    before: datetime | None = None
    is_of_sheets: bool = False


def run(engine: Engine, *, now: datetime, budget: timedelta = timedelta(seconds=5)) -> bool:
    """Delete what is due; return False when the time was up before all of it was deleted."""
    until = time.monotonic() + budget.total_seconds()
    with reading(engine) as session:
        tasks = due(session, now=now)
    for task in tasks:
        for _chunk in _chunks(engine, task, now=now):
            if time.monotonic() > until:
                return False
    _seal_open(engine, now=now)
    return True


def due(session: Session, *, now: datetime) -> list[Task]:
    """Return what is due, events first."""
    shorter = terms.read_shorter(session)
    events = ageing.read_events(session, ended_before=now)
    tasks = [task for event in events for held in due_of(event, shorter, now=now) for task in _tasks(held, event)]
    for held in ageing.BY_AGE:
        tasks.append(Task(held, before=retention.cutoff(PERIODS[held], "", now, shorter)))
    return tasks


def _tasks(held: Held, event: DueEvent) -> Iterator[Task]:
    """Give what a class of an event is: its sheets go with the answers, and go first."""
    if event.sheets and held is not Held.NEEDS:
        yield Task(held, event.id, is_of_sheets=True)
    if event.invitations:
        yield Task(held, event.id)


def due_of(event: DueEvent, shorter: Shorter, *, now: datetime) -> list[Held]:
    """Return which classes of an event are due; a promise or the answers take everything with them.

    The sample project keeps its past, which is there to be looked at; a promise holds there too.
    """
    found = [held for held, at in dates_of(event, shorter).items() if at <= now]
    if event.is_sample:
        found = [held for held in found if held is Held.PROMISE]
    for whole in (Held.PROMISE, Held.ANSWERS):
        if whole in found:
            return [whole]
    return found


def dates_of(event: DueEvent, shorter: Shorter) -> dict[Held, datetime]:
    """Return when each class of an event is due."""
    start = retention.event_start(event.ends_at, event.changed_at, event.state)
    by_end = (Held.NEEDS, Held.ANSWERS)
    found = {held: retention.due_at(PERIODS[held], event.kind, start, shorter) for held in by_end}
    if event.promised_on is not None:
        found[Held.PROMISE] = retention.promised_at(event.promised_on, event.time_zone)
    return found


@dataclass(frozen=True, slots=True)
class Coming:
    """What goes next of one class: how many rows on that day, or by it. It names no person."""

    held: Held
    due_at: datetime
    rows: int
    event_id: str | None = None
    event_title: str = ""
    event_kind: str = ""


def coming(session: Session, *, now: datetime) -> list[Coming]:
    """Return what is deleted next, of each event and each class, the nearest first."""
    shorter = terms.read_shorter(session)
    events = ageing.read_events(session, ended_before=now + AHEAD)
    found = [one for event in events for one in _coming_of(event, shorter)]
    for held in ageing.BY_AGE:
        if oldest := ageing.oldest(session, held):
            due_then = max(retention.due_at(PERIODS[held], "", oldest, shorter), now)
            before = retention.cutoff(PERIODS[held], "", due_then, shorter)
            found.append(Coming(held, due_then, ageing.count_old(session, held, before=before)))
    samples = {event.id for event in events if event.is_sample}
    stays = [one for one in found if one.event_id in samples and one.due_at <= now and one.held is not Held.PROMISE]
    return sorted((one for one in found if one not in stays), key=lambda one: one.due_at)


def _coming_of(event: DueEvent, shorter: Shorter) -> Iterator[Coming]:
    dates = dates_of(event, shorter)
    whole_rows = event.invitations + event.sheets
    rows = {Held.NEEDS: event.comments, Held.ANSWERS: whole_rows, Held.PROMISE: whole_rows}
    # Whichever of the two comes first takes everything with it.
    whole = min((held for held in dates if held is not Held.NEEDS), key=dates.__getitem__)
    for held, at in dates.items():
        if rows[held] and (held is whole or at < dates[whole]) and held in (whole, Held.NEEDS):
            yield Coming(held, at, rows[held], event.id, event.title, event.kind)


def _chunks(engine: Engine, task: Task, *, now: datetime) -> Iterator[int]:
    """Delete what a task names, chunk by chunk, each in its own transaction; give the rows of each."""
    after = ""
    while True:
        with reading(engine) as session:
            ids = _find(session, task, after)
        if not ids:
            return
        with writing(engine) as session:
            removed = _remove(session, task, ids, now=now)
            counts = {what: len(gone) for what, gone in removed.items()}
            every = [one for gone in removed.values() for one in gone]
            certificates.add(session, task.held.value, task.event_id, counts, every, now=now)
        after = ids[-1]
        yield len(ids)


def _find(session: Session, task: Task, after: str) -> list[str]:
    if task.before is not None:
        return ageing.find_old(session, task.held, before=task.before, after=after, limit=CHUNK)
    if task.is_of_sheets:
        return find_sheets(session, task.event_id or "")
    if task.held is Held.NEEDS:
        return ageing.find_comments(session, task.event_id or "", CHUNK)
    limit = PEOPLE_CHUNK if task.held is Held.PROMISE else CHUNK
    return ageing.find_invitations(session, task.event_id or "", limit)


def _remove(session: Session, task: Task, ids: Sequence[str], *, now: datetime) -> Removed:
    if task.before is not None:
        return ageing.remove_old(session, task.held, ids)
    if task.is_of_sheets:
        delete_files(session, ids)
        return {"attendance sheets": ids}
    if task.held is Held.NEEDS:
        return ageing.empty_comments(session, ids)
    loose = ageing.find_loose(session, ids) if task.held is Held.PROMISE else []
    removed = remove_invitations(session, task.event_id or "", ids, now=now)
    for person_id in loose:
        erase(session, subject_of_person(session, person_id), [], now=now)
    return removed | {"people": loose}


def remove_invitations(session: Session, event_id: str, ids: Sequence[str], *, now: datetime) -> dict[str, list[str]]:
    """Delete invitations of one event with answers and letters; the figures keep their numbers."""
    tallies.keep(session, event_id, ids, now=now)
    delete_guest_tasks(session, event_id, ids)
    every = (*ids, *subjects.find_old_ids(session, ids))
    about = Subject(keys=(), addresses=(), invitation_ids=every)
    letters = ageing.find_letters(session, every)
    removed = {
        "letters": letters,
        "mailbox letters": ageing.delete_mailbox_letters(session, letters),
        "messages received": ageing.delete_received(session, every),
    }
    _count, mailings = forgetting.forget_deliveries(session, about, [], now=now)
    mail_store.finish(session, mailings, now=now)
    forgetting.forget_invitations(session, about)
    empty_nameless(session, event_id)
    return removed | {"invitations": list(ids)}


def _seal_open(engine: Engine, *, now: datetime) -> None:
    """Seal the certificates of what is now deleted whole, those of earlier runs too."""
    with reading(engine) as session:
        found = certificates.read_open(session)
    for certificate_id, rule in found:
        with writing(engine) as session:
            certificates.seal(session, certificate_id, now=now)
            subject = f"certificate:{certificate_id}"
            log.record(session, actor=SYSTEM, action="data.deleted", subject=subject, now=now, rule=rule)
