"""What time deletes, chunk by chunk, with proof; and the figures that stay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlmodel import Session

from service.audit import log
from service.audit.tables import AuditEntry
from service.db.engine import reading, writing
from service.dissemination import evidence
from service.dissemination import store as figures
from service.dissemination.proving import Claim
from service.dissemination.tables.results import EvidenceFile
from service.events.tables import Project
from service.invitations.tables import Invitation, Reply
from service.kernel.ids import new_id
from service.mail.tables import Delivery, IntakeMessage, MailboxLetter, Mailing
from service.people import actions as people
from service.people.tables import Person, PersonChange
from service.privacy import actions, certifying, retaining, sheets
from service.privacy.retention import Held
from service.privacy.store import certificates
from service.privacy.values import Deletion
from tests.dissemination.worlds import NOW as THEN
from tests.dissemination.worlds import World, add_attendees, add_event, empty_world, random_world, store_world
from tests.factories import DESK, RING, STAFF, add_list

YEAR = timedelta(days=366)


def facts(session: Session, world: World) -> Any:
    return figures.read_facts(
        session, world.project_id, None, zone="Europe/London", now=THEN + 3 * YEAR, in_full=True, inside=True
    )


def put(engine: Engine, world: World) -> World:
    with writing(engine) as session:
        return store_world(session, world)


def count(engine: Engine, table: Any, *where: Any) -> int:
    with reading(engine) as session:
        return int(session.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def proofs(engine: Engine) -> list[Deletion]:
    with reading(engine) as session:
        return certificates.read_chain(session)


def run(engine: Engine, now: datetime) -> None:
    assert retaining.run(engine, now=now, budget=timedelta(minutes=5))


@pytest.mark.parametrize("seed", range(6))
def test_figures_stay_when_the_answers_go(engine: Engine, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retaining, "CHUNK", 7)
    world = random_world(seed)
    for person in world.people:
        if person["at_risk"]:  # of whom nothing is kept but numbers
            person["organisation_id"] = None
    put(engine, world)
    with reading(engine) as session:
        before = facts(session, world)

    for days in range(90, 470, 35):
        run(engine, THEN + timedelta(days=days))
        with reading(engine) as session:
            assert totals(facts(session, world)) == totals(before)

    assert before.segments
    assert count(engine, Invitation) == 0


def totals(found: Any) -> dict[str, Any]:
    """Return the facts that are promised to stay: everything, with equal kinds of people taken together."""
    segments: dict[tuple[str | None, str | None], dict[str, int]] = {}
    for segment in found.segments:
        one = segments.setdefault((segment.audience, segment.region), {})
        for name, n in segment.counts.items():
            one[name] = one.get(name, 0) + n
    return {
        "segments": {key: {k: n for k, n in c.items() if n} for key, c in segments.items() if any(c.values())},
        "by_event": {key: {k: n for k, n in c.items() if n} for key, c in found.by_event.items() if any(c.values())},
        "kinds": {key: {k: n for k, n in c.items() if n} for key, c in found.kinds.items() if any(c.values())},
        "organisations": (found.organisations, found.organisations_of),
        "countries": found.countries,
    }


@pytest.mark.parametrize("seed", range(4))
def test_figures_stay_when_everyone_is_forgotten(engine: Engine, seed: int) -> None:
    world = random_world(seed, people=12)
    for person in world.people:
        person |= {"organisation_id": None} if person["at_risk"] else {}
        person["email_key"] = person["email"]
    put(engine, world)
    with reading(engine) as session:
        before = totals(facts(session, world))

    for person in world.people:
        with writing(engine) as session:
            actions.forget(session, person["email"], address_key=DESK.address_key, now=THEN, actor=STAFF)
        with reading(engine) as session:
            assert totals(facts(session, world)) == before

    assert count(engine, Person) == count(engine, Invitation) == 0


def one_event(engine: Engine, *, people: int = 3, **wishes: Any) -> tuple[World, str]:
    world = empty_world()
    event = add_event(world, days_ago=0, **wishes)
    for person in add_attendees(world, event, people):
        person["email_key"] = person["email"]
    for invitation in world.invitations:
        invitation["comment"] = "I use a wheelchair"
    put(engine, world)
    with writing(engine) as session:
        for invitation in world.invitations:
            add_traces(session, invitation)
    return world, event["id"]


def add_traces(session: Session, invitation: dict[str, Any]) -> None:
    """An answer, a sent letter with its copy in the mailbox, and a message that came back."""
    ref, mailing, delivery = invitation["id"], new_id(), new_id()
    session.execute(insert(Reply).values(id=new_id(), invitation_id=ref, at=THEN, partstat="ACCEPTED", online=False,
        source="link", actor="x", comment="I use a wheelchair", applied=True, reason=""))  # fmt: skip
    session.execute(insert(Mailing).values(id=mailing, context="event:x", kind="invitation", purpose="events",
        state="done", semantics="at-least-once", facts={}, skipped={}, created_by="x",
        created_at=THEN, pause_reason=""))  # fmt: skip
    session.execute(insert(Delivery).values(id=delivery, mailing_id=mailing, recipient_ref=ref, address="a@example.org",
        address_hash="h", domain="example.org", language="en", slots={"name": "Maria"}, state="sent", attempts=1,
        created_at=THEN, next_attempt_at=THEN, finished_at=THEN, lease_epoch=0, smtp_text="ok"))  # fmt: skip
    session.execute(insert(MailboxLetter).values(id=new_id(), delivery_id=delivery, to="a@example.org", subject="s",
        kind="invitation", at=THEN, raw=b"x"))  # fmt: skip
    session.execute(insert(IntakeMessage).values(id=new_id(), at=THEN, sha256="0" * 64, verdict="reply", applied=True,
        reason="", context=f"invitation:{ref}", raw=b"x"))  # fmt: skip


def held(engine: Engine) -> dict[str, int]:
    return {
        "invitations": count(engine, Invitation),
        "replies": count(engine, Reply),
        "comments": count(engine, Invitation, Invitation.comment != "") + count(engine, Reply, Reply.comment != ""),
        "addresses": count(engine, Delivery, Delivery.address != ""),
        "hashes": count(engine, Delivery, Delivery.address_hash != ""),
        "slots": count(engine, Delivery, Delivery.smtp_text != ""),
        "letters": count(engine, Delivery, Delivery.state == "sent"),
        "mailbox": count(engine, MailboxLetter),
        "received": count(engine, IntakeMessage, IntakeMessage.raw.is_not(None)),
        "people": count(engine, Person),
    }


ALL = dict.fromkeys(
    ("invitations", "replies", "addresses", "hashes", "slots", "letters", "mailbox", "received", "people"), 3
) | {"comments": 6}


def test_each_class_goes_on_its_own_day(engine: Engine) -> None:
    one_event(engine)

    steps = []
    for days in (14, 15, 30, 31, 90, 91, 365, 366):
        run(engine, THEN + timedelta(days=days))
        steps.append({name: n for name, n in held(engine).items() if n != ALL[name]})

    needs = {"comments": 0}
    raw = needs | {"received": 0}
    slots = raw | {"slots": 0, "mailbox": 0}
    answers = slots | {"invitations": 0, "replies": 0, "addresses": 0, "hashes": 0}
    assert steps == [{}, needs, needs, raw, raw, slots, slots, answers]
    assert [(one.rule, one.counts) for one in proofs(engine)] == [
        ("needs", {"comments": 3}),
        ("received", {"messages received": 3}),
        ("slots", {"letter slots": 3}),
        ("mailbox", {"mailbox letters": 3}),
        ("answers", {"invitations": 3, "letters": 3, "messages received": 3}),
    ]


def test_answers_of_a_focus_group_go_after_ninety_days_and_leave_no_tally(engine: Engine) -> None:
    one_event(engine, kind="focus_group")

    run(engine, THEN + timedelta(days=90))
    kept = count(engine, Invitation)
    run(engine, THEN + timedelta(days=91))

    assert (kept, count(engine, Invitation)) == (3, 0)
    assert count(engine, figures.tallies.InvitationTally) == count(engine, figures.tallies.PlaceTally) == 0


def test_a_shorter_period_holds_for_its_kind(engine: Engine) -> None:
    one_event(engine)
    with writing(engine) as session:
        actions.shorten(session, Held.ANSWERS, "seminar", 20, now=THEN, actor=STAFF)

    run(engine, THEN + timedelta(days=21))

    assert held(engine) == ALL | {
        "invitations": 0, "replies": 0, "comments": 0, "addresses": 0, "hashes": 0, "slots": 0, "mailbox": 0,
        "received": 0,
    }  # fmt: skip


def test_a_promise_takes_everything_about_a_focus_group_on_its_day(engine: Engine) -> None:
    world, event_id = one_event(engine, kind="focus_group")
    stays = world.people[0]["id"]
    with writing(engine) as session:
        add_list(session, [stays])
        actions.promise(session, event_id, (THEN + timedelta(days=7)).date(), now=THEN, actor=STAFF)

    run(engine, THEN + timedelta(days=7))
    kept = held(engine)
    run(engine, THEN + timedelta(days=8))

    assert kept == ALL
    assert held(engine) == dict.fromkeys(ALL, 0) | {"letters": 3, "people": 1}
    (proof,) = proofs(engine)
    assert (proof.rule, proof.event_id, proof.event_title) == ("promise", event_id, "Seminar 1")
    assert proof.counts == {"invitations": 3, "letters": 3, "mailbox letters": 3, "messages received": 3, "people": 2}


def test_a_waiting_letter_about_a_deleted_invitation_never_leaves(engine: Engine) -> None:
    one_event(engine)
    with writing(engine) as session:
        session.execute(update(Delivery).values(state="queued", finished_at=None))

    run(engine, THEN + YEAR)

    assert count(engine, Delivery, Delivery.state == "cancelled", Delivery.address == "") == 3


def test_a_run_that_was_stopped_goes_on_in_the_same_certificate(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retaining, "CHUNK", 2)
    one_event(engine, people=7)

    left = []
    while not retaining.run(engine, now=THEN + timedelta(days=366), budget=timedelta(0)):
        left.append((count(engine, Invitation), len(proofs(engine))))

    assert left[:4] == [(5, 0), (3, 0), (1, 0), (0, 0)]
    found = [one for one in proofs(engine) if one.rule == "answers"]
    assert [one.counts for one in found] == [
        {"invitations": 7, "letters": 7, "mailbox letters": 7, "messages received": 7}
    ]


def test_the_certificate_can_be_checked_against_the_ids_of_a_backup(engine: Engine) -> None:
    world, _event = one_event(engine)
    run(engine, THEN + timedelta(days=15))

    (proof,) = proofs(engine)
    assert proof.ids_sha256 == certifying.chained("", [one["id"] for one in world.invitations])
    assert proof.sha256 == certifying.sealed_sha256(proof)


def test_a_certificate_that_was_changed_or_taken_out_breaks_the_chain(engine: Engine) -> None:
    one_event(engine)
    for days in (15, 31, 91, 366):
        run(engine, THEN + timedelta(days=days))
    chain = proofs(engine)

    assert certifying.first_broken(chain) is None
    assert certifying.first_broken([*chain[:1], *chain[2:]]) == 2
    with writing(engine) as session:
        table = certificates.DeletionCertificate
        session.execute(update(table).where(table.number == 3).values(counts={"letter slots": 2}))
    assert certifying.first_broken(proofs(engine)) == 3


def test_a_second_run_does_nothing_twice(engine: Engine) -> None:
    one_event(engine)
    run(engine, THEN + YEAR)
    before = proofs(engine)

    run(engine, THEN + YEAR)
    run(engine, THEN + 2 * YEAR)

    assert proofs(engine) == before


def test_the_trail_is_two_years_long_and_says_what_went(engine: Engine) -> None:
    one_event(engine)
    with writing(engine) as session:
        log.record(session, actor=STAFF, action="old.act", subject="event:x", now=THEN)

    run(engine, THEN + timedelta(days=730))
    kept = count(engine, AuditEntry, AuditEntry.action == "old.act")
    run(engine, THEN + timedelta(days=731))

    assert (kept, count(engine, AuditEntry, AuditEntry.action == "old.act")) == (1, 0)
    with reading(engine) as session:
        (entry,) = log.trail(session, f"certificate:{proofs(engine)[-1].id}")
    assert (entry["actor"], entry["action"], entry["details"]) == ("system", "data.deleted", {"rule": "audit"})


def test_what_changed_of_people_is_two_years_long_and_the_people_stay(engine: Engine) -> None:
    with writing(engine) as session:
        given = {"name": "Ada", "email": "ada@example.org", "notes": "x"}
        ada = people.create_person(session, given, now=THEN, actor=STAFF, ring=RING)  # type: ignore[arg-type]

    run(engine, THEN + timedelta(days=730))
    kept = count(engine, PersonChange)
    run(engine, THEN + timedelta(days=731))

    assert (kept, count(engine, PersonChange), count(engine, Person, Person.id == ada.id)) == (2, 0, 1)  # type: ignore[arg-type]
    by_rule = {proof.rule: dict(proof.counts) for proof in proofs(engine)}
    assert by_rule["history"] == {"changes": 2}


def test_evidence_that_names_people_goes_earlier(engine: Engine) -> None:
    world = empty_world()
    world.plan = [{"key": "launch", "title": "Launch", "due_on": date(2027, 1, 4), "status": "planned"}]
    put(engine, world)
    with writing(engine) as session:
        (line,) = figures.read_plan(session, world.project_id)
        for names_people in (True, False):
            put_file(session, world, Claim.LINE, line.id, names_people=names_people)

    held = []
    for days in (365, 366, 1825, 1826):
        run(engine, THEN + timedelta(days=days))
        held.append(count(engine, EvidenceFile))

    assert held == [2, 1, 1, 0]
    by_rule = {proof.rule: dict(proof.counts) for proof in proofs(engine)}
    assert (by_rule["naming"], by_rule["evidence"]) == ({"evidence that names people": 1}, {"evidence": 1})


def put_file(session: Session, world: World, claim: Claim, record_id: str, *, names_people: bool) -> None:
    evidence.attach(
        session,
        world.project_id,
        claim,
        record_id,
        "a.txt",
        f"names: {names_people}".encode(),
        note="x",
        names_people=names_people,
        ring=RING,
        now=THEN,
        actor=STAFF,
    )


def put_sheets(engine: Engine, world: World, event_id: str, *, names: tuple[bool, ...] = (True, False)) -> None:
    with writing(engine) as session:
        for names_people in names:
            put_file(session, world, Claim.EVENT, event_id, names_people=names_people)


def test_a_sheet_that_names_people_goes_with_the_answers_of_its_event(engine: Engine) -> None:
    world, event_id = one_event(engine, kind="focus_group")
    put_sheets(engine, world, event_id)
    with reading(engine) as session:
        due = sheets.due_at(session, event_id)
        (coming,) = [one for one in retaining.coming(session, now=THEN) if one.held is Held.ANSWERS]

    left = []
    for days in (90, 91):
        run(engine, THEN + timedelta(days=days))
        left.append((count(engine, Invitation), count(engine, EvidenceFile)))

    assert (due, coming.due_at, coming.rows) == (coming.due_at, due, 4)
    assert left == [(3, 2), (0, 1)]
    (proof,) = [one for one in proofs(engine) if one.rule == "answers"]
    assert proof.counts == {
        "attendance sheets": 1, "invitations": 3, "letters": 3, "mailbox letters": 3, "messages received": 3,
    }  # fmt: skip


def test_a_sheet_goes_on_the_promised_day_though_nobody_was_invited(engine: Engine) -> None:
    world, event_id = one_event(engine, people=0)
    put_sheets(engine, world, event_id)
    day = (THEN + timedelta(days=7)).date()
    with writing(engine) as session:
        actions.promise(session, event_id, day, now=THEN, actor=STAFF)
        due = sheets.due_at(session, event_id)

    left = []
    for days in (7, 8, 9):
        run(engine, THEN + timedelta(days=days))
        left.append(count(engine, EvidenceFile))

    assert due == datetime(2027, 1, 20, tzinfo=UTC)
    assert left == [2, 1, 1]
    assert [(one.rule, one.event_id, one.counts) for one in proofs(engine)] == [
        ("promise", event_id, {"attendance sheets": 1})
    ]


def test_the_sample_keeps_its_past_but_for_what_is_promised(engine: Engine) -> None:
    _world, event_id = one_event(engine)
    with writing(engine) as session:
        session.execute(update(Project).values(is_sample=True))

    run(engine, THEN + 2 * YEAR)
    kept = count(engine, Invitation)
    with writing(engine) as session:
        coming = actions.read_coming(session, now=THEN + 2 * YEAR)
        actions.promise(session, event_id, (THEN + 2 * YEAR).date(), now=THEN, actor=STAFF)
    run(engine, THEN + 2 * YEAR + timedelta(days=1))

    assert (kept, [one for one in coming if one.event_id], count(engine, Invitation)) == (3, [], 0)


def test_people_who_belong_to_nothing_are_proposed_and_never_deleted(engine: Engine) -> None:
    world, _event = one_event(engine)
    with writing(engine) as session:
        add_list(session, [world.people[0]["id"]])
    run(engine, THEN + 3 * YEAR)

    with reading(engine) as session:
        early = actions.read_leftover(session, now=THEN + timedelta(days=730))
        found = actions.read_leftover(session, now=THEN + timedelta(days=731))
    assert early == []
    assert {one["id"] for one in found} == {person["id"] for person in world.people[1:]}
    assert count(engine, Person) == 3


def test_what_is_next_is_counted_by_day_and_names_nobody(engine: Engine) -> None:
    _world, event_id = one_event(engine)

    with reading(engine) as session:
        coming = actions.read_coming(session, now=THEN)

    assert [(one.held, one.event_id, one.rows, one.due_at.date()) for one in coming] == [
        (Held.NEEDS, event_id, 3, date(2027, 1, 27)),
        (Held.RECEIVED, None, 3, date(2027, 2, 12)),
        (Held.SLOTS, None, 3, date(2027, 4, 13)),
        (Held.MAILBOX, None, 3, date(2027, 4, 13)),
        (Held.ANSWERS, event_id, 3, date(2028, 1, 13)),
        (Held.ADDRESSES, None, 3, date(2028, 1, 13)),
    ]
    assert "guest" not in str(coming).lower()
    for at in sorted({one.due_at for one in coming}):
        before = held(engine)
        run(engine, at - timedelta(seconds=1))
        assert held(engine) == before
        run(engine, at)
        assert held(engine) != before
