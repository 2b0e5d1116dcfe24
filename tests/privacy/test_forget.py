"""Forgetting someone who is everywhere, beside someone who is not to be touched; and showing what is held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Engine, LargeBinary, String, TypeDecorator, insert, select
from sqlmodel import Session

from service.accounts.tables import IdempotencyRecord
from service.adapters.mailbox import MailboxTransport
from service.audit import log
from service.campaign import grants, introductions, meetings, messages, stances
from service.db.engine import reading, writing
from service.directory import duplicates, merging
from service.dissemination import (
    case_studies,
    costs,
    evidence,
    guest_tasks,
    issuing,
    lessons,
    notes,
    outcomes,
    quotes,
    records,
)
from service.dissemination.actions import freeze_snapshot
from service.dissemination.proving import Claim
from service.dissemination.recording import Kind
from service.dissemination.store import evidence as files
from service.events.store import add_series, read_event, read_events, read_project
from service.ical.values import PartStat
from service.invitations import colleagues
from service.invitations import store as invitations
from service.invitations.store import surveys
from service.invitations.survey_form import Answer as SurveyAnswer
from service.invitations.survey_form import Commitment, Progress, Return
from service.invitations.values import Answer, Source
from service.letters import actions as letters
from service.letters import standing
from service.letters.store import intakes
from service.mail import actions as mail
from service.mail.values import DeliveryState, SuppressionReason
from service.people import actions as people
from service.people import imports, previewing
from service.people import store as people_store
from service.people.rules.addresses import BadAddress
from service.people.values import Basis, Consent, Person, Reason, Verdict
from service.privacy import actions
from service.privacy.values import KEPT, Certificate, Unsearched
from service.schema import metadata
from tests.factories import DESK, NOW, RING, STAFF, add_event
from tests.mail.cast import composer

KEY = DESK.address_key
LATER = NOW + timedelta(days=1)
MARKS = ("maria@example.org", "m.achieng@example.org", "maria achieng", "mama maria", "wheelchair", "achieng-7")
DELETED = {"person", "membership", "consent_record", "invitation", "reply", "import_row", "mailbox_letter"}
DELETED |= {"substitute_request", "import_original", "person_change", "person_key", "different_people"}
DELETED |= {"merged_id", "person_merge", "standing_invitation", "introduction", "quote", "guest_task"}
DELETED |= {"survey_return", "survey_answer", "commitment"}
DELETED_ANSWERS = {"idempotency_record"}
EMPTIED = {"delivery", "intake_message", "stance", "campaign_message", "small_grant", "lesson", "lobby_meeting"}
EMPTIED |= {"outcome", "result_record", "event_notes", "case_study", "event_cost", "evidence_file", "snapshot"}
SECOND = "mama@example.net"
FILE = (
    b"Name,E-mail,Source\n"
    b'Maria Achieng,"Maria@Example.org; m.achieng@example.org",card\n'
    b"Maria Achieng,maria@example.org,\n"
    b"Anna Maria,anna-maria@example.org,card\n"
)


@dataclass(frozen=True, slots=True)
class World:
    """Maria, who is everywhere, and Anna, whose address ends as hers does."""

    engine: Engine
    maria: Person
    anna: Person
    import_id: str
    event_id: str


@pytest.fixture
def world(engine: Engine) -> World:
    """Maria everywhere, and Anna beside her."""
    return build(engine)


def build(engine: Engine) -> World:
    """Maria imported, invited, written to, answered, mailed back and remembered; Anna beside her."""
    with writing(engine) as session:
        guests = people.create_list(session, name="Guests", now=NOW, actor=STAFF).id
        view = previewing.preview_import(
            session, FILE, filename="contacts.csv", list_id=guests, consent_basis="consent", consent_source="card",
            address_key=KEY, now=NOW, actor=STAFF,
        )  # fmt: skip
        imports.start_apply(session, view.id, now=NOW, actor=STAFF)
    while imports.apply_chunk(engine, view.id, address_key=KEY, now=NOW):
        pass
    with writing(engine) as session:
        people_store.imports.keep_original(
            session, view.id, [FILE], ring=RING
        )  # as a preview that is not carried out yet
        anna, maria = people_store.read_people(session).items
        more = {"greeting": "Mama Maria", "pseudonym": "Achieng-7", "role": "uses a wheelchair"}
        more |= {"notes": "Met at the wheelchair rally", "phone": "+254 700 000 000"}
        maria = people.update_person(session, maria.id, more, now=NOW, actor=STAFF, ring=RING)  # type: ignore[arg-type]
        second = people.create_person(session, {"name": "M. Achieng", "email": SECOND}, now=NOW, actor=STAFF)
        merging.merge(session, maria.id, second.id, {}, ring=RING, address_key=KEY, now=NOW, actor=STAFF)
        first = {"other_emails": list(maria.other_emails)}  # only what can be undone still holds the second one
        people.update_person(session, maria.id, first, now=NOW, actor=STAFF)  # type: ignore[arg-type]
        duplicates.tell_apart(session, maria.id, anna.id, now=NOW, actor=STAFF)
        duplicates.work_out_stretch(session, now=NOW)
        event_id = add_event(session).id
        first = letters.invite_list(session, event_id, guests, desk=DESK, now=NOW, actor=STAFF)
        letters.approve(session, first.mailing_id or "", desk=DESK, now=NOW, actor=STAFF)
    deliver(engine)
    with writing(engine) as session:
        answer_and_write_back(session, maria, event_id)
        annas = actions.export_subject(session, anna.email)["invitations"][0]["id"]
        named = {"name": maria.name, "email": maria.email.upper()}
        colleagues.ask(session, annas, **named, now=NOW, actor=f"guest:{annas}")
        other = add_event(session, title="Seminar 3")
        letters.invite_list(session, other.id, guests, desk=DESK, now=NOW, actor=STAFF)
        series_id = add_series(session, other.project_id, "Dialogues")
        note_records(session, other.project_id, maria, anna)
        standing.invite_to_series(session, series_id, list_id=guests, desk=DESK, now=NOW, actor=STAFF)
        quote(session, other.project_id, maria, anna)
        told = {"title": "How one won", "names": "Maria Achieng", "consent": "form"}
        case_studies.add_study(session, other.project_id, told, now=NOW, actor=STAFF)
        notes.write_notes(session, event_id, {"owners": "Maria Achieng writes the minutes"}, now=NOW, actor=STAFF)
        spent = {"what": "Train of Maria Achieng", "on_day": NOW.date(), "amount": "12.50", "currency": "GBP"}
        costs.book(session, read_event(session, event_id), spent, now=NOW, actor=STAFF)
        call = {"person_ref": maria.id, "kind": "call", "owner": "Ruth", "due_on": NOW.date()}
        guest_tasks.add_guest_task(session, event_id, call, now=NOW, actor=STAFF)
        said = {"what": "MARIA Achieng was heard", "evidence": f"a letter of {maria.email}, 3 May"}
        outcomes.propose_outcome(session, other.project_id, said, source=None, now=NOW, actor=STAFF)
        heard = {
            "title": "Guide",
            "type": "training",
            "on_day": NOW.date(),
            "by_whom": "maria  Achieng",
            "reference": "x",
        }
        record = records.add_record(session, other.project_id, Kind.REUSE, heard, now=NOW, actor=STAFF)
        draft = freeze_snapshot(session, other.project_id, profile="donor", now=NOW, actor=STAFF).snapshot_id
        told = {"summary": "Maria  ACHIENG came.", "next_steps": "We go on."}
        issuing.write_words(session, draft, told, grade="interim", now=NOW, actor=STAFF)
        attach(session, other.project_id, Claim.RECORD, record.id, note="Sheet of Maria Achieng", names_people=False)
    return World(engine, maria, anna, view.id, event_id)


def attach(session: Session, project_id: str, claim: Claim, record_id: str, **said: Any) -> None:
    """Keep a file of evidence beside a record."""
    shows: dict[str, Any] = {"note": "A letter"} | said
    evidence.attach(session, project_id, claim, record_id, "a.txt", b"thanks", **shows, ring=RING, now=NOW, actor=STAFF)


def note_records(session: Session, project_id: str, maria: Person, anna: Person) -> None:
    """Write her name where none belongs: into each record of the campaign."""
    state = {"country": "Kenya", "position": "latent", "noted_on": "2026-11-02", "source": "told by Maria  ACHIENG"}
    stances.note_stance(session, project_id, state, now=NOW, actor=STAFF)
    message = {"title": "Thanks", "text": "Maria Achieng made this possible."}
    messages.add_message(session, project_id, message, now=NOW, actor=STAFF)
    asked = {"organisation": "Rural Voices", "purpose": "Training", "note": "Maria Achieng called"}
    grants.add_grant(session, project_id, asked, now=NOW, actor=STAFF)
    talk = {"country": "KE", "held_on": "2026-11-02", "place": "Geneva", "said": "Maria Achieng asked for time"}
    meetings.add_meeting(session, project_id, talk, now=NOW, actor=STAFF)
    met = {"person_id": anna.id, "to_person_id": maria.id, "about": "the wheelchair rally"}
    introductions.add_introduction(session, project_id, met, now=NOW, actor=STAFF)
    lessons.add_lesson(session, project_id, {"text": "maria achieng: ask early"}, now=NOW, actor=STAFF)


def quote(session: Session, project_id: str, maria: Person, anna: Person) -> None:
    """Let Maria be quoted by name, and Anna say something of her."""
    agreed = {"uses": ["donor"], "agreed_on": NOW.date(), "agreed_how": "form", "until": NOW.date() + timedelta(days=9)}
    hers = {"person_ref": maria.id, "attribution": "name", "credit": maria.name, "words": "We changed our minds."}
    annas = {"person_ref": anna.id, "words": "Maria Achieng said it first."}
    for one in (hers, annas):
        quotes.add_quote(session, project_id, agreed | one, now=NOW, actor=STAFF)


def deliver(engine: Engine) -> None:
    mail.deliver_batch(
        engine, MailboxTransport(), composer(), owner="test", now_fn=lambda: LATER, on_recorded=letters.note_deliveries
    )


def answer_and_write_back(session: Session, maria: Person, event_id: str) -> None:
    held = actions.export_subject(session, maria.email)
    invitation_id = held["invitations"][0]["id"]
    answer = Answer(PartStat.ACCEPTED, Source.LINK, online=False, comment="I use a wheelchair")
    letters.take_answer(session, invitation_id, answer, desk=DESK, now=NOW, actor=f"guest:{invitation_id}")
    surveys.write_return(session, Return(invitation_id, answered=True, next_steps=True, may_ask=True))
    said = SurveyAnswer(surveys.chance_id(), event_id, invitation_id, NOW.date(), 4, "A ramp for my wheelchair")
    surveys.write_answer(session, said)
    promise = Commitment(
        surveys.chance_id(), invitation_id, event_id, "Bring mama maria", NOW.date(), Progress.OPEN, ""
    )
    surveys.write_commitment(session, promise)
    raw = b"From: Maria Achieng <MARIA@example.org>\r\n\r\nI am away."
    plain = {"sha256": "0" * 64, "verdict": "auto_reply", "applied": False}
    intakes.add(session, at=NOW, raw=raw, **plain)
    intakes.add(session, at=NOW, raw=b"about a wheelchair", context=f"invitation:{invitation_id}", **plain)
    intakes.add(session, at=NOW, raw=b"From: anna@example.org", **plain)
    for number, body in enumerate(({"id": maria.id}, {"email": maria.email}, {"email": "anna@example.org"})):
        row = {"principal": "key:1", "key": str(number), "request_sha256": "0" * 64, "status": 201, "created_at": NOW}
        session.execute(insert(IdempotencyRecord).values(**row, body=json.dumps(body).encode(), media_type="x"))
    mail.suppress(
        session, maria.email, "purpose:news", SuppressionReason.UNSUBSCRIBED, address_key=KEY, now=NOW, actor=STAFF
    )


def forget(engine: Engine, email: str) -> Certificate:
    with writing(engine) as session:
        return actions.forget(session, email, address_key=KEY, now=LATER, actor=STAFF)


def is_text(column: Column) -> bool:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, String | JSON | LargeBinary)


def texts(engine: Engine) -> Iterator[tuple[str, str, str]]:
    """Give every text, JSON and blob of the database as (table, column, text in lower case)."""
    with reading(engine) as session:
        for table in metadata.sorted_tables:
            kinds = [c for c in table.columns if is_text(c)]
            for row in session.execute(select(*kinds)):
                for column, value in zip(kinds, row, strict=True):
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    yield table.name, column.name, text.lower()


def places_of(engine: Engine, marks: tuple[str, ...] = MARKS) -> set[str]:
    return {table for table, _column, text in texts(engine) if any(mark in own(text) for mark in marks)}


def own(text: str) -> str:
    """Return a text without Anna, whose address ends as Maria's does."""
    return text.replace("anna-maria@example.org", "")


def test_every_table_is_forgotten_or_kept_for_a_reason() -> None:
    tables = {table.name for table in metadata.sorted_tables}
    kept_whole = {name for name in KEPT if "." not in name}

    assert kept_whole | DELETED | DELETED_ANSWERS | EMPTIED == tables
    assert not kept_whole & (DELETED | DELETED_ANSWERS | EMPTIED)
    assert {name.split(".")[0] for name in KEPT if "." in name} == EMPTIED


def test_she_was_everywhere_and_is_nowhere(world: World) -> None:
    sealed = {"import_original", "survey_return"}  # nobody can be found in them; they are gone all the same
    everywhere = (DELETED - sealed) | DELETED_ANSWERS | EMPTIED | {"audit_entry"}
    assert places_of(world.engine, (*MARKS, world.maria.id)) == everywhere

    certificate = forget(world.engine, " MARIA@example.org ")

    assert places_of(world.engine) == set()
    assert places_of(world.engine, (world.maria.id,)) == {"audit_entry"}
    with reading(world.engine) as session:
        assert [name for name in sealed if session.execute(select(metadata.tables[name])).all()] == []
    assert dict(certificate.removed) == {
        "letters": 3,
        "mailbox letters": 1,
        "messages received": 2,
        "attendance sheets": 0,
        "answers": 1,
        "invitations": 2,
        "standing invitations": 1,
        "tasks": 1,
        "quotes": 2,
        "report drafts": 1,
        "import rows": 2,
        "introductions": 1,
        "campaign notes": 11,
        "remembered answers": 2,
        "memberships": 1,
        "consents": 1,
        "changes": 9,
        "keys": 3,
        "merges": 1,
        "ids that led on": 1,
        "told apart": 1,
        "people": 1,
    }
    assert (certificate.addresses, certificate.at) == (2, LATER)


def test_what_is_emptied_holds_only_what_may_be_kept(world: World) -> None:
    with reading(world.engine) as session:
        ids = {row["id"] for row in actions.export_subject(session, world.maria.email)["letters"]}
    forget(world.engine, world.maria.email)

    table = metadata.tables["delivery"]
    wanted = [c for c in table.columns if is_text(c) and f"delivery.{c.name}" not in KEPT]
    with reading(world.engine) as session:
        rows = session.execute(select(*wanted).where(table.c.id.in_(ids))).mappings().all()
        hashes = session.execute(select(table.c.address_hash).where(table.c.id.in_(ids))).scalars().all()
    assert [dict(row) for row in rows] == [{"address": "", "domain": "", "slots": {}, "smtp_text": ""}] * 3
    assert hashes == [""] * 3


def test_her_seat_goes_to_the_first_who_waits_and_they_are_told(world: World) -> None:
    with writing(world.engine) as session:
        event_id = add_event(session, title="Small room", capacity=1).id
        letters.invite_people(session, event_id, [world.maria.id, world.anna.id], desk=DESK, now=NOW, actor=STAFF)
        hers, annas = (invitations.find(session, event_id, one.id) for one in (world.maria, world.anna))
        assert hers
        assert annas
        invitations.write_all(session, [hers.id, annas.id], letter="sent")
        yes = Answer(PartStat.ACCEPTED, Source.LINK)
        for one in (hers, annas):
            letters.take_answer(session, one.id, yes, desk=DESK, now=NOW, actor=f"guest:{one.id}")
        assert [invitations.read(session, one.id).seat for one in (hers, annas)] == ["held", "waiting"]
        told = letter_count(session, annas.id)

    with writing(world.engine) as session:
        actions.forget(session, world.maria.email, address_key=KEY, now=LATER, actor=STAFF, desk=DESK)

    with reading(world.engine) as session:
        assert invitations.read(session, annas.id).seat == "held"
        assert letter_count(session, annas.id) == told + 1


def letter_count(session: Session, invitation_id: str) -> int:
    table = metadata.tables["delivery"]
    return len(session.execute(select(table.c.id).where(table.c.recipient_ref == invitation_id)).all())


def test_waiting_letters_are_called_off_and_sent_ones_stay_counted(world: World) -> None:
    forget(world.engine, world.maria.email)

    with reading(world.engine) as session:
        counts = [
            {state.value: n for state, n in view.counts.items() if n}
            for view in mail.read_mailings(session)
            if view.kind == "invitation"
        ]
    assert counts == [{"queued": 1, "cancelled": 1}, {"sent": 2}]


def test_others_are_left_alone(world: World) -> None:
    apart = {"audit_entry", "import_original"}  # a file of many goes as a whole
    before = [(t, c, x) for t, c, x in texts(world.engine) if "anna" in x and t not in apart]

    forget(world.engine, world.maria.email)

    after = [(t, c, x) for t, c, x in texts(world.engine) if "anna" in x and t not in apart]
    assert len(before) > 10
    assert after == before
    with reading(world.engine) as session:
        assert people_store.read_person(session, world.anna.id) == world.anna


def test_the_address_is_remembered_only_as_a_hash_and_never_written_to_again(world: World) -> None:
    forget(world.engine, world.maria.email)

    with writing(world.engine) as session:
        held = actions.export_subject(session, "m.achieng@example.org", address_key=KEY)
        assert held["stopped"] == [{"scope": "all", "reason": "erased", "at": LATER.isoformat()}]
        again = previewing.preview_import(
            session, FILE, filename="again.csv", list_id=None, consent_basis=None, consent_source=None,
            address_key=KEY, now=LATER, actor=STAFF,
        )  # fmt: skip
        rows = imports.read_import_rows(session, again.id)
        assert [(r.row, r.verdict, r.reason) for r in rows] == [
            (2, Verdict.SKIP, Reason.ERASED),
            (3, Verdict.SKIP, Reason.ERASED),
            (4, Verdict.SKIP, Reason.NOTHING_NEW),
        ]
    assert places_of(world.engine) == set()


def test_a_second_address_finds_the_same_person(world: World) -> None:
    certificate = forget(world.engine, "M.Achieng@example.org")

    assert (certificate.removed["people"], certificate.addresses) == (1, 2)
    assert places_of(world.engine) == set()


def test_forgetting_twice_is_forgetting_once(world: World) -> None:
    forget(world.engine, world.maria.email)
    before = {
        row for row in texts(world.engine) if row[0] not in ("audit_entry", "suppression", "deletion_certificate")
    }

    again = forget(world.engine, world.maria.email)

    assert set(again.removed.values()) == {0}
    assert again.sentence().startswith("Nothing was held on this address.")
    assert {
        row for row in texts(world.engine) if row[0] not in ("audit_entry", "suppression", "deletion_certificate")
    } == before


def test_an_address_nobody_has_is_remembered_too(engine: Engine) -> None:
    certificate = forget(engine, "stranger@example.org")

    assert set(certificate.removed.values()) == {0}
    with reading(engine) as session:
        held = actions.export_subject(session, "stranger@example.org", address_key=KEY)
        assert held["stopped"] == [{"scope": "all", "reason": "erased", "at": LATER.isoformat()}]


def test_someone_whom_a_colleague_only_named_is_forgotten_too(world: World) -> None:
    with writing(world.engine) as session:
        annas = actions.export_subject(session, world.anna.email)["invitations"][1]["id"]
        colleagues.ask(
            session, annas, name="Sofia Lindqvist", email="sofia@example.org", now=NOW, actor=f"guest:{annas}"
        )
    assert places_of(world.engine, ("sofia",)) == {"substitute_request"}

    forget(world.engine, "Sofia@example.org")

    assert places_of(world.engine, ("sofia",)) == set()


def test_no_address_is_refused(session: Session) -> None:
    with pytest.raises(BadAddress):
        actions.forget(session, "maria", address_key=KEY, now=NOW, actor=STAFF)


def test_certificate_names_nobody_and_is_in_the_trail(world: World) -> None:
    certificate = forget(world.engine, world.maria.email)

    said = f"{certificate.facts()} {certificate.sentence()}".lower()
    assert not [mark for mark in (*MARKS, world.maria.id) if mark in said]
    assert certificate.sentence().startswith("Erased: 3 letters, 1 mailbox letters, 2 messages received,")
    assert certificate.facts()["removed"]["people"] == 1
    with reading(world.engine) as session:
        (entry,) = log.trail(session, f"certificate:{certificate.id}")
    assert (entry["action"], entry["actor"], entry["at"]) == ("person.forgotten", STAFF, LATER)


def test_a_letter_on_its_way_keeps_only_the_hash_that_stops_it(world: World) -> None:
    with writing(world.engine) as session:
        table = metadata.tables["delivery"]
        sending = table.update().where(table.c.address == world.maria.email, table.c.state == "queued")
        session.execute(sending.values(state=DeliveryState.SENDING.value))

    forget(world.engine, world.maria.email)

    with reading(world.engine) as session:
        kept = session.execute(select(table).where(table.c.state == "sending")).mappings().all()
    assert [(k["address"], k["slots"], bool(k["address_hash"])) for k in kept] == [("", {}, True)] * len(kept)
    assert kept


def test_on_sqlite_the_file_itself_holds_nothing_once_the_journal_is_empty(
    world: World, database_url: str, tmp_path: Path
) -> None:
    if not database_url.startswith("sqlite"):
        assert actions.empty_journal(world.engine) is True
        return
    path = Path(database_url.removeprefix("sqlite:///"))
    assert actions.empty_journal(world.engine) is True
    assert b"maria@example.org" in path.read_bytes().lower().replace(b"anna-maria@", b"")

    assert forget(world.engine, world.maria.email).is_pending is True
    assert actions.empty_journal(world.engine) is True

    left = b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*")).lower()
    left = left.replace(b"anna-maria@example.org", b"")
    assert [mark for mark in MARKS if mark.encode() in left] == []


def test_everything_held_is_shown(world: World) -> None:
    with reading(world.engine) as session:
        held = actions.export_subject(session, "maria@example.org", address_key=KEY)

    json.dumps(held)
    assert held["addresses"] == ["maria@example.org", "Maria@example.org", "m.achieng@example.org"]
    assert {name: len(rows) for name, rows in held.items()} == {
        "addresses": 3, "people": 1, "merges": 1, "ids that led on": 1,
        "lists": 1, "consents": 1, "invitations": 2, "letters": 3, "mailbox": 1,
        "named by colleagues": 1, "standing invitations": 1, "changes": 9, "keys": 3, "told apart": 1,
        "received": 2, "imports": 2, "introductions": 1, "campaign notes": 11, "stopped": 1, "quotes": 1,
        "tasks": 1, "attendance sheets": 0, "not searched": 0, "report drafts": 1, "issued reports": 0,
    }  # fmt: skip
    (person,) = held["people"]
    assert (person["name"], person["pseudonym"], person["organisation"]) == ("Maria Achieng", "Achieng-7", None)
    assert set(person) >= {column.name for column in metadata.tables["person"].columns}
    assert [(r["partstat"], r["comment"]) for i in held["invitations"] for r in i["replies"]] == [
        ("ACCEPTED", "I use a wheelchair")
    ]
    (survey,) = [i for i in held["invitations"] if "survey" in i]
    assert survey["survey answers"][0]["words"] == "A ramp for my wheelchair"
    assert (survey["commitments"][0]["words"], survey["survey"][0]["may_ask"]) == ("Bring mama maria", True)
    assert held["stopped"][0]["reason"] == "unsubscribed"
    assert "anna" not in json.dumps(held).lower()


def test_export_shows_every_place_that_forgetting_empties(world: World) -> None:
    shown = {
        "person": "people", "membership": "lists", "consent_record": "consents", "invitation": "invitations",
        "reply": "invitations", "delivery": "letters", "mailbox_letter": "mailbox", "intake_message": "received",
        "import_row": "imports", "import_original": "imports", "person_change": "changes",
        "substitute_request": "named by colleagues", "person_key": "keys", "different_people": "told apart",
        "person_merge": "merges", "merged_id": "ids that led on", "standing_invitation": "standing invitations",
        "stance": "campaign notes", "campaign_message": "campaign notes",
        "small_grant": "campaign notes", "lesson": "campaign notes", "lobby_meeting": "campaign notes",
        "introduction": "introductions",
        "guest_task": "tasks",
        "event_notes": "campaign notes",
        "event_cost": "campaign notes",
        "case_study": "campaign notes",
        "quote": "quotes", "outcome": "campaign notes",
        "result_record": "campaign notes",
        "evidence_file": "campaign notes",
        "snapshot": "report drafts",
        "survey_return": "invitations", "survey_answer": "invitations", "commitment": "invitations",
    }  # fmt: skip
    with reading(world.engine) as session:
        held = actions.export_subject(session, world.maria.email)

    assert set(shown) == DELETED | EMPTIED
    assert all(held[name] for name in shown.values())


def test_what_shows_that_she_kept_her_word_goes_with_it(world: World) -> None:
    with writing(world.engine) as session:
        held = actions.export_subject(session, world.maria.email)["invitations"]
        (promise,) = [one for each in held for one in each.get("commitments", [])]
        project_id = read_event(session, world.event_id).project_id
        attach(session, project_id, Claim.COMMITMENT, promise["id"])
        assert files.count(session, project_id, Claim.COMMITMENT) == {promise["id"]: 1}

    forget(world.engine, world.maria.email)

    with reading(world.engine) as session:
        assert files.count(session, project_id, Claim.COMMITMENT) == {}


def test_the_sheets_of_events_she_said_yes_to_go_and_no_others(world: World) -> None:
    with writing(world.engine) as session:
        project_id = read_event(session, world.event_id).project_id
        (unanswered,) = [e for e in read_events(session) if e.title == "Seminar 3"]
        attach(session, project_id, Claim.EVENT, world.event_id, note="Signed sheet")
        attach(session, unanswered.project_id, Claim.EVENT, unanswered.id, note="Signed sheet of others")
        evidence.attach(session, project_id, Claim.EVENT, world.event_id, "b.txt", b"agenda", note="Agenda",
                        names_people=False, ring=RING, now=NOW, actor=STAFF)  # fmt: skip
        told = actions.export_subject(session, world.maria.email)["attendance sheets"]
        counted = actions.count_held(session, world.maria.id)["attendance sheets"]

    certificate = forget(world.engine, world.maria.email)

    assert [(one["note"], one["added_at"]) for one in told] == [("Signed sheet", NOW.isoformat())]
    assert (counted, certificate.removed["attendance sheets"]) == (1, 1)
    assert certificate.facts()["unsearched_files"] == 1
    with reading(world.engine) as session:
        left = [
            one.note for of in (project_id, unanswered.project_id) for one in files.read_all(session, of)
            if one.kind == Claim.EVENT
        ]  # fmt: skip
    assert left == ["Agenda", "Signed sheet of others"]


def test_staff_are_told_of_files_that_may_name_her(world: World) -> None:
    with writing(world.engine) as session:
        kept = metadata.tables["evidence_file"].c
        ((evidence_id, project_id),) = session.execute(select(kept.id, kept.project_id))
        evidence.describe(session, project_id, evidence_id, names_people=True, now=NOW, actor=STAFF)
        name = read_project(session, project_id).name
        told = actions.export_subject(session, world.maria.email)["not searched"]

        assert actions.read_unsearched(session) == [Unsearched(project_id, name, 1)]
        assert "not searched" not in actions.count_held(session, world.maria.id)
    certificate = forget(world.engine, world.maria.email)

    assert [row["files"] for row in told] == [1]
    assert certificate.facts()["unsearched_files"] == 1
    assert certificate.sentence().endswith(" Files marked as naming people, to be looked at: 1.")


def test_nothing_is_held_on_a_stranger(world: World) -> None:
    with reading(world.engine) as session:
        held = actions.export_subject(session, "stranger@example.org", address_key=KEY)

    assert held.pop("addresses") == ["stranger@example.org"]
    assert set(map(len, held.values())) == {0}


def test_someone_else_may_come_back_by_their_own_wish(world: World) -> None:
    forget(world.engine, world.maria.email)

    with writing(world.engine) as session:
        made = people.create_person(
            session, {"name": "Maria Achieng", "email": "maria@example.org"}, now=LATER, actor=STAFF
        )
        target = people_store.find_list(session, "guests").id
        people.add_members(session, target, [made.id], Consent(Basis.CONSENT), now=LATER, actor=STAFF)
        done = letters.invite_list(session, world.event_id, target, desk=DESK, now=LATER, actor=STAFF)
    assert dict(done.skipped)[made.id] == "suppressed"
