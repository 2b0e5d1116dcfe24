"""Commands that read and write data. Each opens the installation of the environment's settings."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from service.accounts import actions as accounts
from service.accounts.rules import FIRST_LINK_LIFETIME, parse_role
from service.cli import domain
from service.cli.output import say, show
from service.db import migrations
from service.db.engine import reading, writing
from service.db.scheduler import count_workers
from service.dissemination import actions as dissemination
from service.dissemination.rendering import render
from service.events import store as events
from service.ical import feed
from service.ical.values import Address
from service.kernel.clock import utc_now
from service.kernel.errors import Conflict, Temporary
from service.kernel.places import data_folder
from service.kernel.sealing import make_field_key, read_field_keys
from service.letters.intake import take_in as take_in_message
from service.letters.store import mailboxes
from service.letters.values import Taken
from service.people import imports, previewing
from service.people import store as people_store
from service.people.files import AT_ONCE, check_size
from service.people.large_files import Reader, read_stretch
from service.people.values import ImportView
from service.privacy import actions as privacy
from service.privacy import resealing
from service.privacy.tombstones import BadTombstones
from service.seeding.actions import load as load_seeds
from service.settings import load
from service.web.calendars import publishable
from service.wiring import Installation, open_installation, sizes_of

ACTOR = "system"
UNUSABLE, TRY_AGAIN = 65, 75  # sysexits: EX_DATAERR, EX_TEMPFAIL


def installation() -> Installation:
    """Return the installation of the environment's settings."""
    return open_installation(load(os.environ))


def migrate() -> None:
    """Bring the database up to date."""
    here = installation()
    migrations.upgrade(here.engine)
    if count := erase_lacking(here):
        say(f"Erased again, as this database was older than their erasure: {count}.")


def seed(folder: Path | None) -> None:
    """Load a folder of data."""
    here = installation()
    done = load_seeds(here.engine, folder or data_folder("seeds") / "demo", desk=here.desk, now=utc_now())
    made = ", ".join(f"{n} {what}" for what, n in done.created.items() if n)
    say(f"Loaded: {made}." if made else "Everything was there already; nothing was changed.")


def doctor(*, as_json: bool, asks_dns: bool = False) -> int:
    """Say what is wrong with this installation, and what the DNS must hold; 0 when nothing is wrong."""
    here = installation()
    problems, setup = _problems(here), domain.setup_of(here)
    if setup:
        problems += domain.problems(setup, asks_dns=asks_dns)
    words = ["\n".join(problems) or "Everything is in order.", *([domain.sentences(setup)] if setup else [])]
    told = {"problems": problems, "records": domain.facts(setup) if setup else []}
    show(told, "\n\n".join(words), as_json=as_json)
    return 1 if problems else 0


def _problems(here: Installation) -> list[str]:
    found = []
    try:
        if not migrations.is_current(here.engine):
            found.append("The database is missing migrations. Run `farsow migrate`.")
    except OperationalError:
        found.append("The database cannot be reached: check FARSOW_DATABASE_URL.")
    else:
        found += _erasures(here) + _seals(here) + _workers(here) + _incoming(here)
    if here.is_local_mail and not here.settings.demo:
        found.append("Letters stay in the local mailbox: set FARSOW_MAIL_URL.")
    if not here.settings.public_url.startswith("https://") and not here.settings.demo:
        found.append("FARSOW_PUBLIC_URL is not https: links in letters would travel in the clear.")
    return found


def _erasures(here: Installation) -> list[str]:
    """Erase again what a restored backup brought back, and say so; say too when deletions lie behind."""
    if not migrations.is_current(here.engine):
        return []
    found = []
    try:
        if count := erase_lacking(here):
            found.append(f"This database was older than {count} erasures; they are done again now.")
    except BadTombstones as error:
        found.append(f"{error.sentence} Put back the newest copy of it.")
    return found


def _seals(here: Installation) -> list[str]:
    """Say how many sealed texts lie under a key that is missing, and how many under an older one."""
    if not migrations.is_current(here.engine):
        return []
    found = []
    lost = resealing.count_lost(here.engine, here.ring)
    if lost:
        said = "Add that key to FARSOW_FIELD_KEYS, or put the earlier FARSOW_SECRET_KEY back."
        found.append(f"{lost} sealed texts cannot be read: their key is not here. {said}")
    if count := resealing.count_elsewhere(here.engine, here.ring) - lost:
        said = "Run `farsow keys rotate`; until then keep the older key."
        found.append(f"{count} sealed texts lie under another key than the current one. {said}")
    return found


def _workers(here: Installation) -> list[str]:
    """Say that nobody works; on SQLite the pages bring their worker."""
    if not migrations.is_current(here.engine):
        return []
    with reading(here.engine) as session:
        is_idle = count_workers(session) == 0
    return ["No worker is at work, so no letter leaves: start `farsow worker`."] if is_idle else []


def _incoming(here: Installation) -> list[str]:
    """Say that the mailbox of the intake address is not being read, as the worker noted it."""
    if not here.settings.intake_url or not migrations.is_current(here.engine):
        return []
    with reading(here.engine) as session:
        trouble = mailboxes.read_trouble(session)
    if trouble is None:
        return []
    code, since = trouble
    return [f"Mail that comes in is not read since {since:%Y-%m-%d %H:%M} UTC ({code}): check FARSOW_INTAKE_URL."]


def rotate_keys(*, as_json: bool) -> int:
    """Seal every sealed text under the current key again; 1 when some did not open."""
    here = installation()
    if not migrations.is_current(here.engine):
        raise Conflict("The database is missing migrations. Run `farsow migrate`.")
    done = resealing.reseal(here.engine, here.ring)
    facts = {"key": here.ring.current, "resealed": done.cells, "unopened": done.unopened, "reasons": done.reasons}
    lines = [f"Sealed again under the key “{here.ring.current}”: {done.cells}."]
    lines += [f"Left as they are, because they do not open: {done.unopened}.", *done.reasons] if done.unopened else []
    show(facts, "\n".join(lines), as_json=as_json)
    return 1 if done.unopened else 0


def make_key(key_id: str) -> None:
    """Print a fresh key of sealed texts, as FARSOW_FIELD_KEYS takes it."""
    made = make_field_key(key_id)
    read_field_keys(made)
    say(made)


def add_staff(email: str, *, role: str, name: str, as_json: bool) -> None:
    """Add someone who works here and print a one-time link."""
    here, now = installation(), utc_now()
    with writing(here.engine) as session:
        wanted = parse_role(role)
        staff = accounts.add_staff(session, email=email, role=wanted, name=name, now=now, actor=ACTOR)
        secret = accounts.make_link(session, staff.id, now=now, lifetime=FIRST_LINK_LIFETIME)
    link = f"{here.settings.public_url}/sign-in/link/{secret}"
    show({"staff_id": staff.id, "sign_in": link}, f"Sign in once at {link}", as_json=as_json)


def add_key(name: str, *, role: str, project: str | None, as_json: bool) -> None:
    """Make a key and print it, once."""
    with writing(installation().engine) as session:
        made = accounts.add_key(session, name, parse_role(role), now=utc_now(), actor=ACTOR, project_id=project)
    show({"id": made.id, "key": made.secret}, f"Key (shown once): {made.secret}", as_json=as_json)


def import_people(
    file: Path, *, list_key: str | None, basis: str | None, source: str, dry_run: bool, as_json: bool
) -> None:
    """Import people: the preview's counts, then the same chunks as the page."""
    here, now = installation(), utc_now()
    with reading(here.engine) as session:
        list_id = people_store.find_list(session, list_key).id if list_key else None
    asked: dict[str, Any] = {"list_id": list_id, "consent_basis": basis, "consent_source": source}
    view = _preview(here, file, {**asked, "filename": file.name, "now": now, "actor": ACTOR, "ring": here.ring})
    if not dry_run:
        with writing(here.engine) as session:
            imports.start_apply(session, view.id, now=now, actor=ACTOR)
    keys: dict[str, Any] = {"address_key": here.address_key, "ring": here.ring}
    while not dry_run and imports.apply_chunk(here.engine, view.id, **keys, now=now):
        pass
    counts = ", ".join(f"{n} {verdict}" for verdict, n in view.counts.items())
    facts = {"id": view.id, "state": "preview" if dry_run else "applied", "counts": view.counts}
    show(facts, ("Would be: " if dry_run else "Done: ") + counts, as_json=as_json)


def _preview(here: Installation, file: Path, asked: dict[str, Any]) -> ImportView:
    """Read a file as the page does: a small one at once, a large one a stretch at a time."""
    if file.stat().st_size <= AT_ONCE:
        with writing(here.engine) as session:
            return previewing.preview_import(session, file.read_bytes(), address_key=here.address_key, **asked)
    with file.open("rb") as opened, writing(here.engine) as session:
        check_size(opened.read(4), file.stat().st_size, sizes_of(here.settings))
        opened.seek(0)
        pieces = iter(lambda: opened.read(previewing.PART), b"")
        view = previewing.leave_for_worker(session, pieces, **asked)
    reader = Reader(f"import-{view.id}", here.address_key, here.ring, sizes_of(here.settings))
    while read_stretch(here.engine, view.id, reader=reader, now=utc_now()):
        pass
    with reading(here.engine) as session:
        return imports.read_import(session, view.id)


def write_report(project: str, *, output: Path, format: str, profile: str) -> None:
    """Freeze a snapshot and write it in a format."""
    with writing(installation().engine) as session:
        found = events.read_project_by_slug(session, project) or events.read_project(session, project)
        snapshot = dissemination.freeze_snapshot(
            session, found.id, profile=profile, period=None, now=utc_now(), actor=ACTOR
        )
    output.write_bytes(render(snapshot, format))
    say(f"Written: {output}")


def write_ics(event: str, *, output: Path) -> None:
    """Write an event's PUBLISH file."""
    here = installation()
    with reading(here.engine) as session:
        found = events.read_event_by_slug(session, event) or events.read_event(session, event)
    organizer = Address(here.settings.intake_address, "")
    meetings = publishable([found], organizer=organizer, public_url=here.settings.public_url)
    output.write_bytes(feed.publish(meetings, name=found.title))
    say(f"Written: {output}")


def take_in(files: list[Path], *, as_json: bool) -> int:
    """Take in raw messages, each in its own transaction."""
    raws = [path.read_bytes() for path in files] or [sys.stdin.buffer.read()]
    worst = 0
    for raw in raws:
        try:
            taken = _take_in(raw)
        except (OperationalError, Temporary):
            return TRY_AGAIN
        facts: dict[str, Any] = {"verdict": taken.verdict, "applied": taken.applied, "reason": taken.reason}
        show(facts, f"{taken.verdict}: {'done' if taken.applied else taken.reason or 'kept'}", as_json=as_json)
        worst = max(worst, UNUSABLE if taken.verdict == "unknown" else 0)
    return worst


def _take_in(raw: bytes) -> Taken:
    here = installation()
    with writing(here.engine) as session:
        return take_in_message(session, raw, desk=here.desk, keyring=here.keyring, now=utc_now())


def forget(email: str, *, even_that: bool, as_json: bool) -> None:
    """Erase everything held on an address."""
    here = installation()
    with writing(here.engine) as session:
        done = privacy.forget(
            session,
            email,
            address_key=here.address_key,
            now=utc_now(),
            actor=ACTOR,
            remember=not even_that,
            desk=here.desk,
            tombstones=here.tombstones,
        )
    is_empty = privacy.empty_journal(here.engine)
    facts = {**done.facts(), "journal_emptied": is_empty}
    later = "" if is_empty else " The database's journal is still read by someone: it is emptied within the hour."
    show(facts, done.sentence() + later, as_json=as_json)


def erase_again(*, as_json: bool) -> None:
    """Erase again whoever was erased after this database was backed up."""
    count = erase_lacking(installation())
    said = f"Erased again: {count}." if count else "Nobody was erased after this database was backed up."
    show({"erased_again": count}, said, as_json=as_json)


def erase_lacking(here: Installation) -> int:
    """Erase again what this database lacks; then empty its journal. Return how many erasures it lacked."""
    count = privacy.erase_again(here.engine, here.tombstones, address_key=here.address_key, now=utc_now())
    if count:
        privacy.empty_journal(here.engine)
    return count


def certificates(*, check: bool, as_json: bool) -> int:
    """Print the certificates of deletion; with `check`, 1 when one was changed or is missing."""
    with reading(installation().engine) as session:
        found = privacy.read_chain(session)
    broken = privacy.first_broken(found) if check else None
    lines = [one.sentence() for one in found] or ["Nothing has been deleted yet."]
    if check:
        whole = f"Whole: {len(found)} certificates, each with the hash of the one before."
        lines.append(whole if broken is None else f"Broken from number {broken} on: it was changed, or one is missing.")
    facts = {"certificates": [one.facts() for one in found], "broken_from": broken}
    show(facts, "\n".join(lines), as_json=as_json)
    return 0 if broken is None else 1


def export_subject(email: str, *, output: Path) -> None:
    """Write everything held on one person, as JSON."""
    here = installation()
    with reading(here.engine) as session:
        held = privacy.export_subject(session, email, address_key=here.address_key, ring=here.ring)
    output.write_text(json.dumps(held, ensure_ascii=False, indent=2, default=str))
    say(f"Written: {output}")
