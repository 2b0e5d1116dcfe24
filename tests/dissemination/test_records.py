"""Records of results and print copies: what each needs, and what they count for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.dissemination import actions, manual, records, shipments
from service.dissemination.recording import Kind, Record, make_record
from service.dissemination.shipments import Shipment
from service.dissemination.store import records as store
from service.dissemination.store.shipments import UnknownShipment
from service.dissemination.values.figures import Dimension
from service.kernel.errors import Invalid
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
TODAY = date(2027, 1, 12)
KNOWN = {"audience_key": {"policy"}, "output_key": {"book"}}
MENTION = {
    "title": " The  Standard ", "type": "newspaper", "on_day": "2027-01-04", "country": "Kenya", "language": "English",
    "reference": "https://example.org/1",
}  # fmt: skip
REUSE = {"title": "Guide", "type": "adaptation", "on_day": "2027-01-04", "reference": "a file"}
INFLUENCE = REUSE | {"type": "policy_citation", "extent": "national", "country": "NO"}
ACTIVITY = REUSE | {"type": "public_action", "by_whom": "Halden Youth", "reach": "1200", "basis": "third_party"}
OF = {Kind.MENTION: MENTION, Kind.REUSE: REUSE, Kind.INFLUENCE: INFLUENCE, Kind.ACTIVITY: ACTIVITY}


def made(kind: Kind, **wishes: Any) -> Record:
    return make_record("r", kind, OF[kind] | wishes, KNOWN, today=TODAY)


def test_each_kind_keeps_what_it_is_about():
    day = date(2027, 1, 4)

    assert made(Kind.MENTION, extent="local") == Record(
        "r", Kind.MENTION, "newspaper", "The Standard", day, country="KE", language="en",
        reference="https://example.org/1",
    )  # fmt: skip
    assert made(Kind.REUSE, output_key="book").output_key == "book"
    assert made(Kind.INFLUENCE) == Record(
        "r", Kind.INFLUENCE, "policy_citation", "Guide", day, country="NO", extent="national", reference="a file"
    )
    reached = made(Kind.ACTIVITY, audience_key="policy", amount=7)
    assert (reached.reach, reached.basis, reached.audience_key, reached.amount) == (1200, "third_party", "policy", 1)
    assert made(Kind.ACTIVITY, reach="", basis="").basis == "estimated"


@pytest.mark.parametrize(
    ("kind", "wishes", "code", "field"),
    [
        pytest.param(Kind.MENTION, {"title": " "}, "record-incomplete", "title", id="no outlet"),
        pytest.param(Kind.MENTION, {"type": ""}, "record-incomplete", "type", id="no type"),
        pytest.param(Kind.MENTION, {"type": "committee"}, "unknown-reference", "type", id="a type of another kind"),
        pytest.param(Kind.MENTION, {"reference": ""}, "evidence-missing", "reference", id="nowhere to be seen"),
        pytest.param(Kind.MENTION, {"on_day": "2027-01-13"}, "not-a-day", "on_day", id="tomorrow"),
        pytest.param(Kind.MENTION, {"on_day": ""}, "not-a-day", "on_day", id="no day"),
        pytest.param(Kind.MENTION, {"country": "Narnia"}, "unknown-reference", "country", id="no such country"),
        pytest.param(Kind.MENTION, {"language": "Elvish!"}, "unknown-reference", "language", id="no such language"),
        pytest.param(Kind.MENTION, {"amount": 0}, "not-a-number", "amount", id="none of them"),
        pytest.param(Kind.MENTION, {"amount": "2.5"}, "not-a-number", "amount", id="half of one"),
        pytest.param(Kind.REUSE, {"type": "translation"}, "record-incomplete", "language", id="into which language"),
        pytest.param(Kind.REUSE, {"output_key": "nothing"}, "unknown-reference", "output_key", id="of what"),
        pytest.param(Kind.INFLUENCE, {"extent": ""}, "record-incomplete", "extent", id="how far"),
        pytest.param(Kind.ACTIVITY, {"by_whom": ""}, "record-incomplete", "by_whom", id="by whom"),
        pytest.param(Kind.ACTIVITY, {"basis": "guessed"}, "unknown-reference", "basis", id="how it is known"),
        pytest.param(Kind.ACTIVITY, {"reach": -1}, "not-a-number", "reach", id="fewer than nobody"),
    ],
)
def test_a_record_that_cannot_be_found_again_is_refused(kind: Kind, wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        made(kind, **wishes)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_clipping_is_evidence_of_a_mention():
    assert made(Kind.MENTION, reference="", archived="Folder 3, page 12").archived == "Folder 3, page 12"


@pytest.fixture
def world(session: Session) -> World:
    """A project with a book, stored."""
    world = empty_world()
    world.outputs = [{"key": "book", "kind": "publication", "title": "The book"}]
    return store_world(session, world)


def figure(session: Session, world: World, indicator: str) -> Any:
    return actions.live_figures(session, world.project_id, "public", NOW).figure(indicator)


def test_records_are_put_in_changed_and_taken_away(session: Session, world: World):
    assert [figure(session, world, one).text for one in ("U5", "U9", "C2")] == ["n/a"] * 3
    one = records.add_record(session, world.project_id, Kind.MENTION, MENTION, **ACTOR)
    records.add_record(session, world.project_id, Kind.MENTION, MENTION | {"country": "", "amount": 4}, **ACTOR)
    records.add_record(session, world.project_id, Kind.INFLUENCE, INFLUENCE, **ACTOR)
    records.add_record(session, world.project_id, Kind.ACTIVITY, ACTIVITY, **ACTOR)

    assert [figure(session, world, one).value for one in ("U5", "U9", "C2")] == [5, None, 1]
    assert store.read_records(session, world.project_id, Kind.MENTION, country="KE") == [one]
    changed = records.edit_record(session, world.project_id, one.id, {"type": "radio"}, **ACTOR)
    assert changed == replace(one, type="radio")
    assert store.read_records(session, world.project_id, Kind.MENTION, type="radio") == [changed]
    records.remove_record(session, world.project_id, one.id, **ACTOR)
    assert figure(session, world, "U5").value == 4
    noted = sorted(entry["action"] for entry in log.trail(session, f"record:{one.id}"))
    assert noted == ["record.added", "record.changed", "record.removed"]
    with pytest.raises(store.UnknownRecord):
        records.remove_record(session, world.project_id, one.id, **ACTOR)


def test_records_count_by_type_region_language_and_extent(session: Session, world: World):
    records.add_record(session, world.project_id, Kind.MENTION, MENTION, **ACTOR)
    records.add_record(session, world.project_id, Kind.MENTION, MENTION | {"country": "", "language": ""}, **ACTOR)
    records.add_record(session, world.project_id, Kind.INFLUENCE, INFLUENCE, **ACTOR)

    def cells(indicator: str, by: Dimension) -> list[tuple[str, Any]]:
        return [(cell.label, cell.value) for cell in figure(session, world, indicator).by(by).values()]

    assert cells("U5", Dimension.KIND) == [("Newspaper", 2)]
    assert cells("U5", Dimension.REGION) == [("Eastern Africa", 1), ("Not stated", 1)]
    assert cells("U5", Dimension.LANGUAGE) == [("English", 1), ("Not stated", 1)]
    assert cells("C2", Dimension.EXTENT) == [("National", 1)]


@pytest.mark.parametrize("indicator", ["U5", "U9", "C1", "C2"])
def test_what_is_recorded_is_not_given_by_hand(indicator: str):
    assert indicator not in {one.id for one in manual.indicators()}


SENT = {
    "output_key": "book",
    "shipped_on": "2027-01-04",
    "copies": "100",
    "audience_key": "policy",
    "note": "PN 7",
    "country": "Kenya",
}


def test_copies_go_out_and_come_back(session: Session, world: World):
    sent = shipments.add_shipment(session, world.project_id, SENT, **ACTOR)
    back = shipments.add_shipment(session, world.project_id, SENT | {"copies": 20, "came_back": "yes"}, **ACTOR)

    assert sent == Shipment(sent.id, "book", date(2027, 1, 4), 100, "policy", "PN 7", "KE")
    assert back == replace(sent, id=back.id, copies=-20)
    assert {one.id for one in shipments.read_shipments(session, world.project_id)} == {sent.id, back.id}
    assert figure(session, world, "O4").value == 80
    shipments.remove_shipment(session, world.project_id, back.id, **ACTOR)
    assert figure(session, world, "O4").value == 100
    with pytest.raises(UnknownShipment):
        shipments.remove_shipment(session, world.project_id, back.id, **ACTOR)


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"output_key": "poster"}, "unknown-reference", "output_key"),
        ({"audience_key": "nobody"}, "unknown-reference", "audience_key"),
        ({"shipped_on": "2027-01-13"}, "not-a-day", "shipped_on"),
        ({"copies": ""}, "not-a-number", "copies"),
        ({"copies": "-5"}, "not-a-number", "copies"),
        ({"note": ""}, "evidence-missing", "note"),
        ({"country": "Narnia"}, "unknown-reference", "country"),
    ],
)
def test_copies_that_cannot_be_are_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        shipments.make_shipment("s", SENT | wishes, KNOWN, today=TODAY)

    assert (refused.value.code, refused.value.field) == (code, field)
