"""Verdicts: create, update field by field, merge, skip, refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from service.people.columns import changes
from service.people.judging import judge, judge_all, without_addresses
from service.people.values import Draft, Known, Note, Reason, Ruling, Suppressed, Verdict

NOVEMBER = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
HELD: dict[str, Any] = {
    "name": "Maria Achieng", "email": "m@x.org", "greeting": None, "role": None, "audience_id": "a1",
    "country": "KE", "language": None, "time_zone": None, "tags": ["panel"], "other_emails": [],
    "at_risk": False, "pseudonym": None, "source": None, "organisation": "Halden Trust",
}  # fmt: skip


def draft(row: int = 2, *, notes: tuple[Note, ...] = (), **fields: Any) -> Draft:
    return Draft(row, {"name": "Maria Achieng", "email": "m@x.org", "email_key": "m@x.org", **fields}, notes)


def known(*, member: bool = False, basis: str | None = None, **held: Any) -> Known:
    return Known("p1", {**HELD, **held}, member, basis)


def ruled(
    one: Draft,
    held: Known | None,
    *,
    suppressed: Suppressed | None = None,
    joins: bool = False,
    basis: str | None = None,
) -> Ruling:
    return judge(one, held, suppressed, joins=joins, basis=basis, make_id=lambda: "new")


def test_unknown_address_makes_a_person_with_what_is_worked_out() -> None:
    ruling = ruled(draft(country="KE", organisation="Halden Trust"), None)

    assert ruling == Ruling(
        2,
        Verdict.CREATE,
        None,
        {
            "name": "Maria Achieng",
            "email": "m@x.org",
            "email_key": "m@x.org",
            "country": "KE",
            "organisation": "Halden Trust",
            "organisation_key": "halden trust",
            "region": "014",
            "zone": "Africa/Nairobi",
            "folded": "maria achieng m@x.org halden trust",
            "other_emails": [],
            "tags": [],
            "at_risk": False,
        },
        person_id="new",
    )


@pytest.mark.parametrize(
    ("fields", "before"),
    [
        ({"language": "en"}, {"language": None}),
        ({"country": "UG"}, {"country": "KE"}),
        ({"name": "Dr Maria Achieng"}, {"name": "Maria Achieng"}),
        ({"organisation": "Fjord Institute"}, {"organisation": "Halden Trust"}),
        ({"tags": ["press", "panel"]}, {"tags": ["panel"]}),
        ({"other_emails": ["m2@x.org"]}, {"other_emails": []}),
        ({"at_risk": True}, {"at_risk": False}),
        ({"source": "card"}, {"source": None}),
        ({"audience_id": "a2", "role": "Lecturer"}, {"audience_id": "a1", "role": None}),
    ],
)
def test_what_differs_is_an_update_field_by_field(fields: dict[str, Any], before: dict[str, Any]) -> None:
    one = draft(**fields)

    assert ruled(one, known()) == Ruling(2, Verdict.UPDATE, None, one.fields, before, person_id="p1")


@pytest.mark.parametrize(
    ("fields", "held"),
    [
        ({}, {}),
        ({"name": "MARIA  ACHIENG"}, {}),
        ({"organisation": "HALDEN trust"}, {}),
        ({"tags": ["panel"]}, {}),
        ({"email": "M@x.org"}, {}),
        ({"source": "card"}, {"source": "Geneva"}),
        ({"at_risk": False}, {"at_risk": True}),
    ],
)
def test_nothing_new_is_skipped(fields: dict[str, Any], held: dict[str, Any]) -> None:
    one = draft(**fields)

    assert ruled(one, known(**held)) == Ruling(2, Verdict.SKIP, Reason.NOTHING_NEW, one.fields, person_id="p1")


def test_a_made_up_name_never_replaces_a_real_one() -> None:
    ruling = ruled(draft(name="M", notes=((Reason.NAME_FROM_ADDRESS, ""),)), known())

    assert (ruling.verdict, ruling.before) == (Verdict.SKIP, {})


def test_another_name_at_the_same_address_asks_for_a_look() -> None:
    ruling = ruled(draft(name="Joseph Karanja"), known())

    assert (ruling.verdict, ruling.notes, ruling.look) == (
        Verdict.UPDATE,
        ((Reason.NAMES_DIFFER, "Joseph Karanja"),),
        True,
    )


@pytest.mark.parametrize("name", ["M. Achieng", "Dr Maria Achieng", "Achieng Maria"])
def test_a_shorter_or_longer_form_of_the_name_needs_no_look(name: str) -> None:
    assert ruled(draft(name=name), known()).look is False


def test_where_someone_at_risk_is_is_not_taken_from_a_file() -> None:
    update = ruled(draft(country="UG", language="en"), known(at_risk=True))
    create = ruled(draft(country="UG", at_risk=True), None)

    assert (update.before, update.notes) == ({"language": None}, ((Reason.AT_RISK, ""),))
    assert {"country", "region", "zone"}.isdisjoint(create.fields)
    assert create.notes == ((Reason.AT_RISK, ""),)


@pytest.mark.parametrize(
    ("member", "held_basis", "basis", "verdict"),
    [
        (False, None, None, Verdict.UPDATE),
        (False, None, "consent", Verdict.UPDATE),
        (True, None, "consent", Verdict.UPDATE),
        (True, None, None, Verdict.SKIP),
        (True, "consent", "contract", Verdict.SKIP),
    ],
)
def test_someone_known_joins_the_list_once(
    member: bool, held_basis: str | None, basis: str | None, verdict: Verdict
) -> None:
    ruling = ruled(draft(), known(member=member, basis=held_basis), joins=True, basis=basis)

    reason = Reason.JOINS_LIST if verdict is Verdict.UPDATE else Reason.NOTHING_NEW
    assert (ruling.verdict, ruling.reason, ruling.before) == (verdict, reason, {})


def test_someone_who_left_is_skipped_with_reason_and_day() -> None:
    ruling = ruled(draft(), known(), suppressed=Suppressed(Reason.UNSUBSCRIBED, NOVEMBER), joins=True)

    assert (ruling.verdict, ruling.reason, ruling.notes) == (
        Verdict.SKIP,
        Reason.UNSUBSCRIBED,
        ((Reason.UNSUBSCRIBED, "2026-11-03"),),
    )


def test_of_someone_erased_nothing_is_kept() -> None:
    ruling = ruled(draft(), None, suppressed=Suppressed(Reason.ERASED, NOVEMBER))

    assert ruling == Ruling(2, Verdict.SKIP, Reason.ERASED, {})


def test_erased_second_address_is_dropped() -> None:
    one = draft(other_emails=["gone@x.org", "m2@x.org"], notes=((Reason.TWO_ADDRESSES, "gone@x.org, m2@x.org"),))
    keys = {"gone@x.org": "gone@x.org", "m2@x.org": "m2@x.org"}

    assert without_addresses(one, keys, {"gone@x.org"}) == draft(other_emails=["m2@x.org"])
    assert without_addresses(one, keys, {"gone@x.org", "m2@x.org"}) == draft()
    assert without_addresses(one, keys, {"other@x.org"}) == one


def all_ruled(*drafts: Draft, suppressed: dict[str, Suppressed] | None = None) -> list[Ruling]:
    return judge_all(drafts, {}, suppressed or {}, joins=False, basis=None, make_id=lambda: "new")


def test_the_same_address_twice_is_merged_into_the_first_row() -> None:
    first, second = all_ruled(draft(8, role="Lecturer"), draft(61, role="Dean", language="es", tags=["press"]))

    assert (first.row, first.verdict, first.fields["role"], first.fields["language"], first.fields["tags"]) == (
        8, Verdict.CREATE, "Lecturer", "es", ["press"],
    )  # fmt: skip
    assert (second.row, second.verdict, second.reason, second.notes, second.person_id) == (
        61, Verdict.MERGE, Reason.SAME_ADDRESS, ((Reason.SAME_ADDRESS, "8"),), None,
    )  # fmt: skip


def test_a_later_row_gives_the_name_the_first_one_lacked() -> None:
    first, second = all_ruled(draft(2, name="M", notes=((Reason.NAME_FROM_ADDRESS, ""),)), draft(3))

    assert (first.fields["name"], first.notes, second.verdict) == ("Maria Achieng", (), Verdict.MERGE)


def test_rows_of_one_address_with_other_names_ask_for_a_look() -> None:
    _first, second = all_ruled(draft(2), draft(3, name="Joseph Karanja"))

    assert second.notes == ((Reason.SAME_ADDRESS, "2"), (Reason.NAMES_DIFFER, "Maria Achieng"))
    assert second.look


def test_every_row_of_an_erased_address_is_emptied() -> None:
    rulings = all_ruled(draft(2), draft(3), suppressed={"m@x.org": Suppressed(Reason.ERASED, NOVEMBER)})

    assert [(r.row, r.verdict, r.fields) for r in rulings] == [(2, Verdict.SKIP, {}), (3, Verdict.SKIP, {})]


def test_refused_rows_keep_their_place() -> None:
    bad = Draft(4, {"name": "H. Penhale", "email": "h(at)x"}, ((Reason.BAD_ADDRESS, "No @."),), Reason.BAD_ADDRESS)

    assert [(r.row, r.verdict, r.reason) for r in all_ruled(draft(2), bad, draft(5))] == [
        (2, Verdict.CREATE, None),
        (4, Verdict.REFUSE, Reason.BAD_ADDRESS),
        (5, Verdict.MERGE, Reason.SAME_ADDRESS),
    ]


def test_changes_add_to_sets_and_replace_the_rest() -> None:
    fields = {"tags": ["press", "panel"], "role": "Dean", "name": "Maria"}

    assert changes(fields, {"tags": ["panel"], "role": None}) == {"tags": ["panel", "press"], "role": "Dean"}
