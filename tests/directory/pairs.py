"""Two people who are one, with everything that can hang on them: made at random, or both full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, SQLModel

from service.db.types import Sealed
from service.directory import duplicates
from service.events.store import add_series
from service.ical.values import PartStat
from service.invitations import colleagues
from service.invitations import store as invitations
from service.invitations.needs import write_needs
from service.invitations.store import standing, surveys
from service.invitations.survey_form import Answer as SurveyAnswer
from service.invitations.survey_form import Commitment, Progress, Return
from service.invitations.values import Answer, Attendance, Source
from service.letters import actions as letters
from service.letters.store import intakes
from service.mail import actions as mail
from service.mail.values import SuppressionReason
from service.people import actions
from service.people.tables import ImportBatch, ImportRow
from service.people.values import Basis, Consent, PersonFields
from tests.factories import DESK, NOW, RING, STAFF, add_event, add_project
from tests.letters.test_actions import sent

KEY = DESK.address_key
AGREED = Consent(Basis.CONSENT, "card")
# What is not a fact about people, or is worked out again.
APART = frozenset({"audit_entry", "person_key"})
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Life:
    """What there is of one person: which lists and events by number, what they answered, what else."""

    lists: Sequence[int] = ()
    left: Sequence[int] = ()
    events: Sequence[int] = ()
    answers: Sequence[PartStat | None] = ()
    present: bool = False
    needs: str = ""
    notes: str = ""
    tags: Sequence[str] = ()
    others: Sequence[str] = ()
    at_risk: bool = False
    said_no: bool = False
    told_apart: bool = False


FULL = (
    Life(
        lists=(0, 1), events=(0, 1), answers=(PartStat.ACCEPTED, None), needs="step-free", notes="Met in Accra",
        tags=("press", "board"), others=("maria@old.example",), told_apart=True,
    ),
    Life(
        lists=(1, 2), left=(0,), events=(0, 2), answers=(PartStat.DECLINED, PartStat.ACCEPTED), present=True,
        needs="vegan", notes="Chairs the board", tags=("board", "geneva"), others=("m@second.example",),
        at_risk=True, said_no=True, told_apart=True,
    ),
)  # fmt: skip


def build(session: Session, lives: Sequence[Life]) -> tuple[str, ...]:
    """Store two people with their lives, and a third beside them; return their ids."""
    lists = [actions.create_list(session, name=f"List {n}", now=NOW, actor=STAFF).id for n in range(3)]
    events = [add_event(session, title=f"Seminar {n}", capacity=2) for n in range(3)]
    names = ("maria", "m.achieng", "anna")
    people = [_person(session, name, life) for name, life in zip(names, (*lives, Life()), strict=True)]
    for number, life in enumerate(lives):
        _lists(session, lists, people[number], life, minutes=number)
        _invitations(session, [events[n].id for n in life.events], people[number], life, minutes=number)
        if life.said_no:
            objected = SuppressionReason.OBJECTED
            where = {"address_key": KEY, "now": NOW, "actor": STAFF}
            mail.suppress(session, f"{names[number]}@example.org", "purpose:news", objected, **where)  # type: ignore[arg-type]
        if life.told_apart:
            duplicates.tell_apart(session, people[number], people[2], now=NOW, actor=STAFF)
    _series(session, people, lives)
    _files(session, people)
    duplicates.work_out_stretch(session, now=NOW)
    return tuple(people)


def _person(session: Session, name: str, life: Life) -> str:
    fields: PersonFields = {
        "name": f"Maria {name}",
        "email": f"{name}@example.org",
        "other_emails": list(life.others),
        "organisation": f"House of {name}",
        "tags": list(life.tags),
        "at_risk": life.at_risk,
        "notes": life.notes or None,
    }
    person_id = actions.create_person(session, fields, now=NOW, actor=STAFF, ring=RING).id
    actions.update_person(session, person_id, {"role": "Chair", "phone": "+254 1"}, now=NOW, actor=STAFF, ring=RING)
    return person_id


def _lists(session: Session, lists: Sequence[str], person_id: str, life: Life, *, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    for number in {*life.lists, *life.left}:
        actions.add_members(session, lists[number], [person_id], AGREED, now=at, actor=STAFF)
    for number in set(life.left) - set(life.lists):
        left_at = at + timedelta(hours=1)
        actions.remove_members(session, lists[number], [person_id], now=left_at, actor=STAFF)


def _invitations(session: Session, events: Sequence[str], person_id: str, life: Life, *, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    for event_id, answer in zip(events, life.answers, strict=False):
        done = letters.invite_people(session, event_id, [person_id], desk=DESK, now=at, actor=STAFF)
        if not done.mailing_id:
            continue
        (invitation_id,) = sent(session, done.mailing_id)
        if life.needs:
            write_needs(session, invitation_id, life.needs, ring=RING, now=at, actor=STAFF)
        if answer:
            said = Answer(answer, Source.LINK, online=False, comment=f"{answer} {minutes}")
            letters.take_answer(session, invitation_id, said, desk=DESK, now=at, actor=STAFF)
        if life.present:
            found = invitations.read_many(session, [invitation_id])
            invitations.write_all(session, [found[0].id], attendance=Attendance.PRESENT, unsubscribed=True)
        else:
            named = {"name": "Bo", "email": f"bo{minutes}@example.net"}
            colleagues.ask(session, invitation_id, **named, now=at, actor=f"guest:{invitation_id}")
        _said(session, event_id, invitation_id, minutes=minutes)
        row = {"sha256": invitation_id.ljust(64, "0"), "verdict": "counter", "applied": False, "raw": b"x"}
        intakes.add(session, at=at, context=f"invitation:{invitation_id}", **row)


def _said(session: Session, event_id: str, invitation_id: str, *, minutes: int) -> None:
    """Let a guest answer the survey, and promise something."""
    surveys.write_return(session, Return(invitation_id, answered=True, next_steps=bool(minutes)))
    said = SurveyAnswer(surveys.chance_id(), event_id, invitation_id, NOW.date(), 3 + minutes, f"Words {minutes}")
    surveys.write_answer(session, said)
    promise = Commitment(surveys.chance_id(), invitation_id, event_id, "Call Bo", NOW.date(), Progress.OPEN, "")
    surveys.write_commitment(session, promise)


def _series(session: Session, people: Sequence[str], lives: Sequence[Life]) -> None:
    """Let both stand invited to one series, each to one of their own; of one who left a list the first is ended."""
    project_id = add_project(session, name="Dialogues")
    both = add_series(session, project_id, "Both")
    for number, life in enumerate(lives):
        own = add_series(session, project_id, f"Of {number}")
        for series_id in (both, own) if life.lists else ():
            standing.add(session, series_id, [people[number]], list_id=None, now=NOW, actor=STAFF)
        theirs = [one for one in standing.read_of_series(session, both) if one.person_id == people[number]]
        for one in theirs if life.left else ():
            standing.write(session, one.id, ended_at=NOW + timedelta(hours=1))


def _files(session: Session, people: Sequence[str]) -> None:
    batch = {"id": "batch", "filename": "a.csv", "state": "applied", "created_by": STAFF, "created_at": NOW}
    session.execute(insert(ImportBatch).values(**batch, reading={}, counts={}, applied_through=9))
    for number, person_id in enumerate(people, 2):
        row = {"batch_id": "batch", "row": number, "verdict": "create", "look": False, "person_id": person_id}
        session.execute(insert(ImportRow).values(**row, fields={}, before={}, notes=[]))


def everything(session: Session) -> Rows:
    """Return every row of every table, sealed cells opened, but what is `APART`."""
    session.flush()
    found: Rows = {}
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in APART:
            rows = [_opened(table, dict(row)) for row in session.execute(select(table)).mappings()]
            found[table.name] = sorted(rows, key=lambda row: [str(row[c.name]) for c in table.primary_key])
    return found


def _opened(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    row_id = ":".join(str(row[column.name]) for column in table.primary_key)
    for column in table.c:
        if isinstance(column.type, Sealed) and row[column.name] is not None:
            row[column.name] = RING.open(row[column.name], table=table.name, row_id=row_id, column=column.name)
    return row
