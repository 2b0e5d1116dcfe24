"""Duties: each asks the store what is due, does it, records it. Running one twice does nothing twice.

A crash loses nothing: what was not recorded is due again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.directory import duplicates, undoing
from service.dissemination import materials, sources
from service.dissemination.ports import Statistics
from service.dissemination.store import external
from service.kernel.sealing import SealRing
from service.kernel.tokens import Keyring
from service.letters import collecting, planned
from service.letters.actions import note_deliveries
from service.letters.ports import Inbox
from service.letters.values import Desk
from service.mail import actions as mail
from service.mail.compose import Composer
from service.mail.delivering import ANY_ROUTE, BATCH
from service.mail.ports import Transport
from service.mail.routes import Routes
from service.people import imports as people
from service.people.large_files import Reader, read_stretch
from service.people.values import ImportState

GIVE_WAY_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Tools:
    """What the duties work with. `owner` names this worker on the leases it takes."""

    engine: Engine
    transport: Transport
    composer: Composer
    desk: Desk
    owner: str
    clock: Callable[[], datetime]
    ring: SealRing | None = None
    routes: Routes = ANY_ROUTE
    reader: Reader | None = None  # of large files; without one they wait for another worker
    inbox: Inbox | None = None  # without one mail comes in by the command line or HTTP
    keyring: Keyring | None = None
    statistics: Statistics | None = None  # without them nobody elsewhere is asked
    batch: int = BATCH  # letters claimed at once


def take_over(tools: Tools) -> int:
    """Take back what a dead predecessor held; return how many letters. Only for a worker that is the only one."""
    with writing(tools.engine) as session:
        return mail.recover(session, now=tools.clock(), on_recorded=note_deliveries, is_alone=True)


def deliver_letters(tools: Tools) -> int:
    """Send one batch of the letters that are due; return how many were tried."""
    report = mail.deliver_batch(
        tools.engine,
        tools.transport,
        tools.composer,
        owner=tools.owner,
        now_fn=tools.clock,
        on_recorded=note_deliveries,
        size=tools.batch,
        routes=tools.routes,
    )
    return report.claimed


def take_in_mail(tools: Tools) -> int:
    """Take in what lies in the mailbox of the intake address; return how many messages were new."""
    inbox = tools.inbox
    if inbox is None or tools.keyring is None:
        return 0
    with reading(tools.engine) as session:
        cursor = collecting.read_cursor(session, inbox.key)
    if (look := inbox.look(cursor)) is None:
        return 0
    return collecting.take_in_all(
        tools.engine, inbox.key, look, desk=tools.desk, keyring=tools.keyring, clock=tools.clock
    )


def plan_letters(tools: Tools) -> int:
    """Turn planned letters whose day has come into mailings; return how many."""
    now = tools.clock()
    with reading(tools.engine) as session:
        if not planned.is_anything_due(session, now=now):
            return 0
    with writing(tools.engine) as session:
        return planned.send_due(session, desk=tools.desk, now=now)


def read_files(tools: Tools) -> int:
    """Read the next rows of a large file that staff gave; return 1 when there was one."""
    if tools.reader is None:
        return 0
    reader = tools.reader
    with reading(tools.engine) as session:
        waiting = people.read_imports_in(session, ImportState.READING)
    ours_first = sorted(waiting, key=lambda import_id: import_id != reader.current)
    has_read = any(read_stretch(tools.engine, one, reader=reader, now=tools.clock()) for one in ours_first)
    if has_read:
        _give_way(tools)
    return int(has_read)


def apply_imports(tools: Tools) -> int:
    """Apply one chunk of an import that staff have started; return 1 when there was one."""
    with reading(tools.engine) as session:
        started = people.read_imports_in(session, ImportState.APPLYING)
    for import_id in started[:1]:
        key, now = tools.desk.address_key, tools.clock()
        people.apply_chunk(tools.engine, import_id, address_key=key, now=now, ring=tools.ring)
        _give_way(tools)
    return len(started[:1])


def undo_imports(tools: Tools) -> int:
    """Take back one chunk of an import that staff undo; return 1 when there was one."""
    with reading(tools.engine) as session:
        started = people.read_imports_in(session, ImportState.UNDOING)
    for import_id in started[:1]:
        undoing.undo_chunk(tools.engine, import_id, now=tools.clock())
        _give_way(tools)
    return len(started[:1])


def _give_way(tools: Tools) -> None:
    """Let guests write between two chunks of an import: SQLite has one writer at a time."""
    if tools.engine.dialect.name == "sqlite":
        time.sleep(GIVE_WAY_SECONDS)


def compare_people(tools: Tools) -> int:
    """Work out by what people who changed are looked up as possible duplicates; return how many."""
    return duplicates.work_out_keys(tools.engine, now=tools.clock())


def destroy_hours(tools: Tools) -> int:
    """Destroy what told one reader of materials from another in an hour that is over; return 1 when there was one."""
    now = tools.clock()
    with reading(tools.engine) as session:
        if not materials.is_hour_over(session, now=now):
            return 0
    with writing(tools.engine) as session:
        materials.destroy_hours(session, now=now)
    return 1


def collect_statistics(tools: Tools) -> int:
    """Ask the next source that is due what it counts; return 1 when it has answered."""
    if tools.statistics is None:
        return 0
    now = tools.clock()
    with reading(tools.engine) as session:
        source = external.read_due(session, now=now)
    if source is None or (answer := tools.statistics.look(source, today=now.date())) is None:
        return 0
    with writing(tools.engine) as session:
        sources.note_answer(session, source, answer, now=now, today=now.date())
    return 1


DUTIES: tuple[Callable[[Tools], int], ...] = (
    deliver_letters,
    take_in_mail,
    plan_letters,
    read_files,
    apply_imports,
    undo_imports,
    compare_people,
    destroy_hours,
    collect_statistics,
)


def run_once(tools: Tools) -> int:
    """Do every duty once; return how much was done."""
    return sum(duty(tools) for duty in DUTIES)


def run_until_idle(tools: Tools, *, rounds: int = 10_000) -> int:
    """Do the duties until nothing is due; return how much was done."""
    done = 0
    for _ in range(rounds):
        if not (did := run_once(tools)):
            return done
        done += did
    return done
