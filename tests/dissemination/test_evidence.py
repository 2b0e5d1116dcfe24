"""Files of evidence: which are kept, what they count for, and when they go."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.dissemination import actions, evidence, manual, markers, outcomes, proving, records, shipments
from service.dissemination.annex import method, tables
from service.dissemination.proving import Claim, Evidence
from service.dissemination.recording import Kind
from service.dissemination.rules import EvidenceMissing
from service.dissemination.snapshots import from_json, to_json
from service.dissemination.store import evidence as store
from service.dissemination.wording import Voice
from service.kernel.errors import FarsowError
from tests.dissemination.worlds import NOW, World, add_event, empty_world, store_world
from tests.factories import RING

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
PDF = b"%PDF-1.7\nsigned sheet"
ODT = "application/vnd.oasis.opendocument.text"


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """Return an archive of parts, in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


KEPT = {
    "sheet.PDF": PDF,
    "C:\\photos\\a.jpeg": b"\xff\xd8\xff\xe0 picture",
    "a.png": b"\x89PNG\r\n\x1a\n picture",
    "a.docx": packed({"word/document.xml": "<w/>"}),
    "a.xlsx": packed({"xl/workbook.xml": "<w/>"}),
    "a.odt": packed({"mimetype": ODT, "content.xml": "<o/>"}),
    "a.ods": packed({"mimetype": ODT.replace("text", "spreadsheet"), "content.xml": "<o/>"}),
    "a.csv": "Name;Ort\nZoë;Bärn\n".encode("cp1252"),
    "a.txt": "قائمة الحضور: 12 < 20".encode(),
    "b.txt": "Name\tOrt".encode("utf-16"),
}
REFUSED = {
    "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a.html": b"<script>alert(1)</script>",
    "a.eml": b"From: ada@example.org\n\nhello",
    "a.exe": b"MZ\x90\x00",
    "a": PDF,
    "empty.pdf": b"",
    "page.pdf": b"<html>",
    "page.txt": b"\xef\xbb\xbf \n<!DOCTYPE html><p>",
    "drawn.csv": b"a,b\n<svg onload=alert(1)>",
    "page16.txt": "<html>".encode("utf-16"),
    "shell.txt": b"#!/bin/sh\nrm -rf /",
    "binary.txt": b"text\x00text",
    "program.pdf": b"MZ\x90\x00",
    "nothing.docx": b"PK\x03\x04 nothing in it",
    "macros.docx": packed({"word/document.xml": "<w/>", "word/vbaProject.bin": "x"}),
    "macros.odt": packed({"mimetype": ODT, "Basic/script-lc.xml": "<x/>"}),
    "template.odt": packed({"mimetype": ODT + "-template"}),
    "hidden.xlsx": b"<html>" + packed({"xl/workbook.xml": "<w/>"}),
    "sheet.docx": packed({"xl/workbook.xml": "<w/>"}),
}


@pytest.mark.parametrize(("name", "content"), KEPT.items(), ids=KEPT)
def test_what_it_says_it_is_inside_too_is_kept(name: str, content: bytes):
    ending = {"jpeg": "jpg"}.get(name.rpartition(".")[2].lower(), name.rpartition(".")[2].lower())

    assert proving.check_file(name, content, largest=1_000) == ending


@pytest.mark.parametrize(("name", "content"), REFUSED.items(), ids=REFUSED)
def test_pages_programs_macros_and_disguises_are_refused(name: str, content: bytes):
    with pytest.raises(proving.BadEvidence) as refused:
        proving.check_file(name, content, largest=1_000)

    assert (refused.value.code, refused.value.field) == ("bad-evidence", "file")


def test_a_file_that_is_too_large_is_refused_in_a_sentence():
    with pytest.raises(proving.EvidenceTooLarge) as refused:
        proving.check_file("a.pdf", PDF + bytes(2_000_000), largest=2_000_000)

    assert (refused.value.code, str(refused.value)) == (
        "evidence-too-large", "This file is more than we take: at most 2 MB.",
    )  # fmt: skip


@pytest.fixture
def world(session: Session) -> World:
    """A project with a book and one line of the plan that is due."""
    world = empty_world()
    world.outputs = [{"key": "book", "kind": "publication", "title": "The book"}]
    world.plan = [{"key": "launch", "title": "Launch", "due_on": date(2027, 1, 4), "status": "planned"}]
    return store_world(session, world)


def line_of(session: Session, world: World) -> str:
    return actions.read_plan(session, world.project_id)[0].id


def attach(session: Session, world: World, claim: Claim, record_id: str, **wishes: Any) -> Evidence:
    said: dict[str, Any] = {"note": "Signed  sheet", "ring": RING, **ACTOR} | wishes
    return evidence.attach(session, world.project_id, claim, record_id, "a.pdf", said.pop("content", PDF), **said)


def test_a_file_is_kept_sealed_described_and_deleted(session: Session, world: World):
    line = line_of(session, world)
    one = attach(session, world, Claim.LINE, line)
    again = attach(session, world, Claim.LINE, line, note="pressed twice")

    assert again == one
    assert (one.note, one.size, one.names_people, one.media_type) == ("Signed sheet", len(PDF), True, "application/pdf")
    assert one.filename == f"evidence-{one.id.lower()}.pdf"
    assert store.read_content(session, one.id, ring=RING) == PDF
    cell = session.connection().exec_driver_sql("SELECT content FROM evidence_file").scalar_one()
    assert PDF not in bytes(cell)
    said = evidence.describe(session, world.project_id, one.id, names_people=False, **ACTOR)
    assert said == replace(one, names_people=False)
    assert store.read_all(session, world.project_id) == [said]
    assert store.read_all(session, world.project_id, naming=True) == []
    evidence.remove(session, world.project_id, one.id, **ACTOR)
    assert store.read_all(session, world.project_id) == []
    noted = sorted(entry["action"] for entry in log.trail(session, f"evidence:{one.id}"))
    assert noted == ["evidence.added", "evidence.described", "evidence.removed"]


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        pytest.param({"note": " "}, "bad-evidence", id="nothing said of it"),
        pytest.param({"content": b"<html>"}, "bad-evidence", id="a page"),
        pytest.param({"largest": 5}, "evidence-too-large", id="too large"),
    ],
)
def test_nothing_is_kept_of_what_is_refused(session: Session, world: World, wishes: dict[str, Any], code: str):
    with pytest.raises(FarsowError) as refused:
        attach(session, world, Claim.LINE, line_of(session, world), **wishes)

    assert (refused.value.code, store.read_all(session, world.project_id)) == (code, [])


def test_no_file_without_its_record_and_not_too_many(session: Session, world: World, monkeypatch: pytest.MonkeyPatch):
    line = line_of(session, world)
    for claim, record_id in ((Claim.LINE, "nowhere"), (Claim.OUTCOME, line)):
        with pytest.raises(proving.UnknownClaim):
            attach(session, world, claim, record_id)
    elsewhere = empty_world()
    elsewhere.audiences = []
    other = store_world(session, elsewhere)
    with pytest.raises(proving.UnknownClaim):
        attach(session, other, Claim.LINE, line)
    monkeypatch.setattr(proving, "MOST", 1)
    attach(session, world, Claim.LINE, line)
    with pytest.raises(proving.TooManyFiles):
        attach(session, world, Claim.LINE, line, content=PDF + b"2")


def test_a_line_shown_by_a_file_is_delivered_and_the_report_says_how_many(session: Session, world: World):
    line = line_of(session, world)
    with pytest.raises(EvidenceMissing):
        actions.set_plan_line(session, line, "delivered", **ACTOR)
    attach(session, world, Claim.LINE, line)
    attach(session, world, Claim.LINE, line, content=PDF + b"2", note="Maria's photograph")

    actions.set_plan_line(session, line, "delivered", **ACTOR)

    view = actions.live_figures(session, world.project_id, "public", NOW)
    (said,) = view.plan
    assert (said.has_evidence, said.evidence, said.files) == (True, "", 2)
    (activities,) = (table for table in tables(view, Voice()) if table.key == "activities")
    assert activities.rows[0][-1] == "evidence held: 2 files"
    assert "Maria" not in str(to_json(view))
    assert from_json(to_json(view)) == view


def test_a_report_of_before_there_were_files_is_written_as_it_was(session: Session, world: World):
    view = actions.live_figures(session, world.project_id, "public", NOW)

    assert [sorted(line) for line in to_json(view)["plan"]] == [
        sorted(["key", "title", "audience", "channel", "output", "event", "due_on", "status", "delivered_on", "reason",
                "has_evidence", "evidence"])
    ]  # fmt: skip


def test_files_go_with_their_record(session: Session, world: World):
    project = world.project_id
    mention = {"title": "X", "type": "other", "on_day": "2027-01-04", "reference": "y"}
    record = records.add_record(session, project, Kind.MENTION, mention, **ACTOR)
    sent = {"output_key": "book", "shipped_on": "2027-01-04", "copies": 5, "note": "PN 7"}
    shipment = shipments.add_shipment(session, project, sent, **ACTOR)
    rate = {"indicator": "E8", "on_day": "2027-01-04", "amount": 1, "out_of": 2, "basis": "counted", "evidence": "p"}
    figure = manual.give(session, project, rate, **ACTOR)
    seen = {"audience_key": "policy", "level": "expect", "text": "Reads it"}
    marker = markers.add_marker(session, project, seen, **ACTOR)
    outcome = outcomes.propose_outcome(session, project, {"what": "Heard"}, source=None, **ACTOR)
    held = {
        Claim.RECORD: record.id, Claim.SHIPMENT: shipment.id, Claim.FIGURE: figure.id, Claim.MARKER: marker.id,
        Claim.OUTCOME: outcome.id,
    }  # fmt: skip
    for claim, record_id in held.items():
        attach(session, world, claim, record_id)
    counted = {claim: store.count(session, project, claim) for claim in held}

    records.remove_record(session, project, record.id, **ACTOR)
    shipments.remove_shipment(session, project, shipment.id, **ACTOR)
    manual.take_back(session, project, figure.id, **ACTOR)
    markers.remove_marker(session, project, marker.id, **ACTOR)
    outcomes.step_outcome(session, project, outcome.id, "dismissed", **ACTOR)

    assert counted == {claim: {record_id: 1} for claim, record_id in held.items()}
    assert store.read_all(session, project) == []


def test_a_report_says_for_how_many_events_a_sheet_is_held_and_nothing_of_what_is_in_it(session: Session):
    world = empty_world()
    shown, _bare, _ahead = (add_event(world), add_event(world), add_event(world, days_ago=-9, state="announced"))
    secret = add_event(world, kind="focus_group", privacy="confidential")
    store_world(session, world)
    before = actions.live_figures(session, world.project_id, "public", NOW)
    for event in (shown, secret):
        attach(session, world, Claim.EVENT, event["id"], note="Sheet that Maria signed")
    attach(session, world, Claim.EVENT, shown["id"], content=PDF + b"2", note="Agenda", names_people=False)

    view = actions.live_figures(session, world.project_id, "public", NOW)

    said = "For 1 of 2 events held, an attendance sheet or an agenda is on file (O3, E3)."
    completeness = [{one.head: one.text for one in method(v, Voice())}["Completeness."] for v in (before, view)]
    assert completeness[1] == f"{completeness[0]} {said}"
    assert [one.files for one in view.events] == [2, 0, 0]
    assert [("files" in one) for one in to_json(view)["events"]] == [True, False, False]
    assert "Maria" not in str(to_json(view))
    assert from_json(to_json(view)) == view


def test_an_event_of_another_project_takes_no_file(session: Session, world: World):
    other = empty_world()
    other.audiences = []
    event = add_event(other)
    store_world(session, other)

    with pytest.raises(proving.UnknownClaim):
        attach(session, world, Claim.EVENT, event["id"])
    assert store.find_title(session, other.project_id, Claim.EVENT, event["id"]) == "Seminar 1"
