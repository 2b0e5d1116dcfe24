"""What staff decide otherwise for one row of a preview: leave it out, take it in again, keep the name we have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Conflict, NotFound
from service.people.rules.imports import ImportClosed
from service.people.store import import_rows
from service.people.store import imports as store
from service.people.values import ImportState, ImportView, Reason, Ruling, Verdict


class Choice(StrEnum):
    """What may be chosen for a row."""

    LEAVE_OUT = "leave-out"
    TAKE_IN = "take-in"
    KEEP_NAME = "keep-name"


class UnknownRow(NotFound):
    """The import has no such row."""

    code = "unknown-row"

    def __init__(self) -> None:
        super().__init__("There is no such row.")


class NoSuchChoice(Conflict):
    """The row is not such that this can be chosen for it."""

    code = "no-such-choice"

    def __init__(self) -> None:
        super().__init__("This cannot be chosen for that row.")


def choices_of(ruling: Ruling) -> tuple[Choice, ...]:
    """Return what may be chosen for a row as it is."""
    if ruling.reason is Reason.LEFT_OUT:
        return (Choice.TAKE_IN,)
    if ruling.verdict is Verdict.UPDATE and "name" in ruling.before and len(ruling.before) > 1:
        return Choice.KEEP_NAME, Choice.LEAVE_OUT
    return (Choice.LEAVE_OUT,) if ruling.verdict in (Verdict.CREATE, Verdict.UPDATE) else ()


def choose(session: Session, import_id: str, row: int, choice: Choice, *, now: datetime, actor: str) -> ImportView:
    """Do what staff chose for a row; a second press changes nothing.

    Raises:
        ImportClosed: it is no preview any more. UnknownRow, NoSuchChoice: see there.
    """
    batch = store.read_import(session, import_id, lock=True)
    if batch.state is not ImportState.PREVIEW:
        raise ImportClosed(batch.state)
    ruling = next(iter(import_rows.read_rulings(session, import_id, after_row=row - 1, limit=1)), None)
    if ruling is None or ruling.row != row:
        raise UnknownRow
    chosen = _CHOOSE[choice](ruling)
    if chosen != ruling:
        import_rows.write_rulings(session, import_id, [chosen])
        counts, looks = import_rows.count_rulings(session, import_id)
        store.write_import(session, import_id, counts=counts, reading={**batch.reading, "look": looks})
        subject = f"import:{import_id}"
        log.record(session, actor=actor, action=f"import.row-{choice.value}", subject=subject, now=now, row=row)
    return store.read_import(session, import_id)


def _leave_out(ruling: Ruling) -> Ruling:
    """Skip the row, and note what it was to do."""
    if ruling.reason is Reason.LEFT_OUT:
        return ruling
    if Choice.LEAVE_OUT not in choices_of(ruling):
        raise NoSuchChoice
    notes = (*ruling.notes, (Reason.LEFT_OUT, ruling.verdict.value))
    return replace(ruling, verdict=Verdict.SKIP, reason=Reason.LEFT_OUT, notes=notes)


def _take_in(ruling: Ruling) -> Ruling:
    """Give the row the verdict it had; when it is carried out it is judged again."""
    if ruling.reason is not Reason.LEFT_OUT:
        return ruling
    was = next(Verdict(detail) for code, detail in ruling.notes if code == Reason.LEFT_OUT)
    notes = tuple(note for note in ruling.notes if note[0] != Reason.LEFT_OUT)
    joins = was is Verdict.UPDATE and not ruling.before
    return replace(ruling, verdict=was, reason=Reason.JOINS_LIST if joins else None, notes=notes)


def _keep_name(ruling: Ruling) -> Ruling:
    """Let the row say the name that is held, so that it changes the rest only."""
    if Choice.KEEP_NAME not in choices_of(ruling):
        raise NoSuchChoice
    before = {name: value for name, value in ruling.before.items() if name != "name"}
    notes = tuple(note for note in ruling.notes if note[0] != Reason.NAMES_DIFFER)
    return replace(ruling, fields={**ruling.fields, "name": ruling.before["name"]}, before=before, notes=notes)


_CHOOSE: Mapping[Choice, Callable[[Ruling], Ruling]] = {
    Choice.LEAVE_OUT: _leave_out,
    Choice.TAKE_IN: _take_in,
    Choice.KEEP_NAME: _keep_name,
}
