"""Two people made one, and two again: nothing is lost, nothing is left behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete
from sqlmodel import Session, SQLModel

from service.directory import merging, unmerging
from service.directory.rules import SamePerson
from service.directory.store.merging import scope
from service.ical.values import PartStat
from service.kernel.errors import Invalid
from service.mail import actions as mail
from service.mail.values import SuppressionReason
from service.people import actions, bulk_edits
from service.people import store as people_store
from service.people.store import UnknownPerson
from service.privacy.erasing import erase, subject_of_person
from service.schema import metadata
from tests.directory.pairs import FULL, KEY, Life, Rows, build, everything
from tests.factories import NOW, RING, STAFF

LATER = NOW + timedelta(hours=5)
MAIN = st.sampled_from([{}, {"email": "taken"}, {"email": "taken", "name": "taken", "notes": "taken"}])
NUMBERS = st.lists(st.integers(0, 2), unique=True, max_size=3).map(tuple)
ANSWERS = st.tuples(*[st.sampled_from([None, PartStat.ACCEPTED, PartStat.DECLINED, PartStat.TENTATIVE])] * 3)
TEXTS = st.sampled_from(["", "a", "b"])
LIVES = st.builds(
    Life,
    lists=NUMBERS, left=NUMBERS, events=NUMBERS, answers=ANSWERS, present=st.booleans(), needs=TEXTS, notes=TEXTS,
    tags=st.lists(st.sampled_from(["x", "y"]), unique=True), others=st.just(()), at_risk=st.booleans(),
    said_no=st.booleans(), told_apart=st.booleans(),
)  # fmt: skip
LIBERAL = settings(
    max_examples=15, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)


def merge(session: Session, people: tuple[str, ...], **wishes: str) -> str:
    made, _plan = merging.merge(
        session, people[0], people[1], wishes, ring=RING, address_key=KEY, now=LATER, actor=STAFF
    )
    return made


def undo(session: Session, merge_id: str, **more: Any) -> Any:
    return unmerging.undo(session, merge_id, ring=RING, **{"now": LATER, "actor": STAFF, **more})


def rows(found: Rows, table: str, **where: Any) -> list[dict[str, Any]]:
    return [row for row in found[table] if all(row[name] == value for name, value in where.items())]


@pytest.mark.parametrize("wishes", [{}, {"email": "taken", "notes": "taken"}], ids=["proposed", "other address"])
def test_a_merge_undone_at_once_leaves_every_row_as_it_was(session: Session, wishes: dict[str, str]) -> None:
    people = build(session, FULL)
    before = everything(session)

    undo(session, merge(session, people, **wishes))

    assert everything(session) == before


def test_nothing_names_the_one_who_was_taken_in_but_what_leads_on(session: Session) -> None:
    people = build(session, FULL)

    merge(session, people)

    kept, taken, _anna = people
    found = everything(session)
    named = {
        (table, column)
        for table, held in found.items()
        for row in held
        for column, value in row.items()
        if value == taken
    }
    assert named == {("merged_id", "old_id"), ("person_merge", "taken_id"), ("person_change", "after")}
    assert rows(found, "merged_id", old_id=taken) == [{"old_id": taken, "new_id": kept}]


def test_what_both_were_is_united(session: Session) -> None:
    people = build(session, FULL)

    merge(session, people)

    found = everything(session)
    (person,) = rows(found, "person", id=people[0])
    assert (person["email"], person["other_emails"]) == (
        "maria@example.org",
        ["maria@old.example", "m.achieng@example.org", "m@second.example"],
    )
    assert (person["tags"], person["at_risk"]) == (["press", "board", "geneva"], True)
    assert (person["notes"], person["phone"]) == ("Met in Accra\n\nChairs the board", "+254 1")
    lists = {row["list_id"]: row["joined_at"] for row in rows(found, "membership", person_id=people[0])}
    names = {row["id"]: row["name"] for row in found["mailing_list"]}
    # The second of them left list 0 after the first joined.
    assert {names[one]: at for one, at in lists.items()} == {"List 1": NOW, "List 2": NOW + timedelta(minutes=1)}


def test_of_two_invitations_to_one_event_the_later_answer_counts_and_the_history_stays(session: Session) -> None:
    people = build(session, FULL)
    before = everything(session)

    merge(session, people)

    found = everything(session)
    held = rows(found, "invitation", person_id=people[0])
    twice = rows(before, "invitation", event_id=rows(before, "invitation", person_id=people[0])[0]["event_id"])
    (one,) = [row for row in held if row["event_id"] == twice[0]["event_id"]]
    assert len(held) == 3
    assert (one["partstat"], one["attendance"], one["needs"]) == ("DECLINED", "present", "vegan\nstep-free")
    assert one["unsubscribed"] is True
    assert len(rows(found, "reply", invitation_id=one["id"])) == 2
    (gone,) = [row["id"] for row in twice if row["id"] != one["id"]]
    assert rows(found, "merged_id", old_id=gone) == [{"old_id": gone, "new_id": one["id"]}]
    assert rows(found, "intake_message", context=f"invitation:{gone}") == []


@LIBERAL
@given(one=LIVES, other=LIVES, wishes=MAIN)
def test_whoever_they_are_nothing_is_lost_and_all_comes_back(
    engine: Engine, one: Life, other: Life, wishes: dict[str, str]
) -> None:
    with Session(engine) as session:  # never committed: each example begins with an empty database
        people = build(session, (one, other))
        before = everything(session)
        made = merge(session, people, **wishes)
        after = everything(session)
        undone = undo(session, made)
        again = everything(session)

    assert undone.newer == ()
    assert again == before
    nothing_is_lost(before, after, people)


def nothing_is_lost(before: Rows, after: Rows, people: tuple[str, ...]) -> None:
    """Assert that what both had, the one has: invitations, answers, consents, addresses, lists, a no, history."""
    both = set(people[:2])

    def of_both(table: str, column: str) -> set[Any]:
        return {row[column] for row in before[table] if row["person_id"] in both}

    def kept(table: str, column: str) -> set[Any]:
        return {row[column] for row in after[table] if row["person_id"] == people[0]}

    assert kept("invitation", "event_id") == of_both("invitation", "event_id")
    assert kept("consent_record", "id") == of_both("consent_record", "id")
    assert kept("import_row", "row") == of_both("import_row", "row")
    assert kept("person_change", "id") >= of_both("person_change", "id")
    assert {row["id"] for row in after["reply"]} == {row["id"] for row in before["reply"]}
    assert {row["id"] for row in after["delivery"]} == {row["id"] for row in before["delivery"]}
    lost = of_both("membership", "list_id") - kept("membership", "list_id")
    assert lost <= {row["list_id"] for row in before["consent_record"] if row["withdrawn"]}
    addresses = [{row["email"], *row["other_emails"]} for row in before["person"] if row["id"] in both]
    (person,) = (row for row in after["person"] if row["id"] == people[0])
    assert {person["email"], *person["other_emails"]} == set.union(*addresses)
    held = {(row["address_hash"], row["scope"]) for row in after["suppression"]}
    assert {(row["address_hash"], row["scope"]) for row in before["suppression"]} <= held


def test_every_column_that_points_at_a_person_or_an_invitation_is_moved() -> None:
    # The ids of introductions lead on to whoever the person is now: see tests/campaign/test_introductions.py.
    moved = {table.name for table in scope(["p"], [], ["h"], [])} | {"person_key", "person_merge", "introduction"}
    names = {"person_id", "invitation_id", "recipient_ref"}

    pointing = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        for column in table.c
        if column.name in names or any(key.column.table.name in ("person", "invitation") for key in column.foreign_keys)
    }

    assert pointing <= moved


def test_what_is_newer_stays_when_a_merge_is_undone(session: Session) -> None:
    people = build(session, FULL)
    before = everything(session)
    made = merge(session, people)
    soon = LATER + timedelta(days=1)
    changes = {"role": "Director", "tags": ["new"]}
    actions.update_person(session, people[0], changes, now=soon, actor=STAFF)  # type: ignore[arg-type]
    lists = {row["name"]: row["id"] for row in before["mailing_list"]}
    actions.remove_members(session, lists["List 1"], [people[0]], now=soon, actor=STAFF)
    where = {"address_key": KEY, "now": soon, "actor": STAFF}
    mail.suppress(session, "maria@example.org", "purpose:news", SuppressionReason.UNSUBSCRIBED, **where)  # type: ignore[arg-type]

    undone = undo(session, made, now=soon)

    found = everything(session)
    one, other = (rows(found, "person", id=person_id)[0] for person_id in people[:2])
    assert undone.newer == ("tags",)
    assert (one["role"], one["tags"], one["at_risk"]) == ("Director", ["new"], False)
    assert other == rows(before, "person", id=people[1])[0]
    # Who left the list since is not put on it again by either name; a no said since stays one.
    assert rows(found, "membership", list_id=lists["List 1"]) == []
    stopped = {row["address_hash"] for row in found["suppression"]}
    assert stopped == {mail.hash_of(one, KEY) for one in ("maria@example.org", "m.achieng@example.org")}


def test_what_was_deleted_since_is_left_out_of_an_undo(session: Session) -> None:
    people = build(session, FULL)
    made = merge(session, people)
    organisations = metadata.tables["organisation"]
    session.execute(delete(organisations).where(organisations.c.name == "House of m.achieng"))
    for person_id in people[2:]:  # both had been told apart from her
        erase(session, subject_of_person(session, person_id), [], now=LATER)

    undo(session, made)

    found = everything(session)
    (taken,) = rows(found, "person", id=people[1])
    assert (taken["name"], taken["organisation_id"]) == ("Maria m.achieng", None)
    assert found["different_people"] == []


def test_an_undo_is_refused_where_it_cannot_be_whole(session: Session) -> None:
    people = build(session, FULL)
    made = merge(session, people)
    with pytest.raises(unmerging.MergeTooOld):
        undo(session, made, now=LATER + merging.UNDO_FOR)
    taken = {"name": "B", "email": "m.achieng@example.org"}
    holder = actions.create_person(session, taken, now=LATER, actor=STAFF).id  # type: ignore[arg-type]
    with pytest.raises(unmerging.AddressTaken):
        undo(session, made)
    actions.update_person(session, holder, {"email": "b@example.net"}, now=LATER, actor=STAFF)
    into = merge(session, (people[2], people[0]))
    with pytest.raises(unmerging.MergedSince):
        undo(session, made)

    undo(session, into)
    undo(session, made)

    with pytest.raises(unmerging.UnknownMerge):
        undo(session, made)


def test_what_can_be_undone_no_more_is_forgotten(session: Session) -> None:
    people = build(session, FULL)
    merge(session, people)

    kept = (merging.forget_old(session, now=LATER + merging.UNDO_FOR - timedelta(seconds=1)), len(_merges(session)))
    gone = (merging.forget_old(session, now=LATER + merging.UNDO_FOR), len(_merges(session)))

    assert (kept, gone) == ((0, 1), (1, 0))
    assert merging.find_new(session, people[1]) == people[0]


def _merges(session: Session) -> list[dict[str, Any]]:
    return everything(session)["person_merge"]


def test_a_chain_of_merges_leads_to_whoever_is_there(session: Session) -> None:
    people = build(session, FULL)

    merge(session, people)
    merge(session, (people[2], people[0]))

    assert [merging.find_new(session, one) for one in people] == [people[2], people[2], None]


@pytest.mark.parametrize(
    ("pair", "wishes", "error"),
    [
        ((0, 0), {}, SamePerson),
        ((0, 9), {}, UnknownPerson),
        ((0, 1), {"shoe": "kept"}, Invalid),
        ((0, 1), {"name": "both"}, Invalid),
    ],
    ids=["one person", "nobody", "no field", "no side"],
)
def test_a_merge_that_cannot_be_changes_nothing(
    session: Session, pair: tuple[int, int], wishes: dict[str, str], error: type[Exception]
) -> None:
    people = (*build(session, FULL), *["nobody"] * 7)
    before = everything(session)

    with pytest.raises(error):
        merge(session, (people[pair[0]], people[pair[1]]), **wishes)

    assert everything(session) == before


@pytest.mark.parametrize("taken_only", [False, True], ids=["both changed", "the taken one"])
def test_a_change_of_many_is_not_undone_across_two_people(session: Session, taken_only: bool) -> None:
    kept, taken, third = (
        actions.create_person(
            session,
            {"name": name, "email": f"{name}@example.org", **({"language": spoken} if spoken else {})},  # type: ignore[typeddict-item]
            now=NOW,
            actor=STAFF,
        ).id
        for name, spoken in (("ann", "es" if taken_only else "fr"), ("bea", None), ("cora", "en"))
    )
    edit = bulk_edits.apply(
        session, [kept, taken, third], bulk_edits.read_wish(session, {"language": "es"}),
        now=NOW + timedelta(hours=1), actor=STAFF,
    )  # fmt: skip
    merge(session, (kept, taken))

    assert bulk_edits.undo(session, edit.id, now=LATER, actor=STAFF) == bulk_edits.Undone(1, 1)
    assert [people_store.read_person(session, one).language for one in (kept, third)] == ["es", "en"]


def test_a_change_of_many_is_undone_of_two_who_were_one_for_a_while(session: Session) -> None:
    kept, taken = (
        actions.create_person(session, {"name": name, "email": f"{name}@example.org"}, now=NOW, actor=STAFF).id
        for name in ("ann", "bea")
    )
    edit = bulk_edits.apply(
        session, [kept, taken], bulk_edits.read_wish(session, {"language": "es"}),
        now=NOW + timedelta(hours=1), actor=STAFF,
    )  # fmt: skip
    undo(session, merge(session, (kept, taken)))

    assert bulk_edits.undo(session, edit.id, now=LATER, actor=STAFF) == bulk_edits.Undone(2, 0)
    assert [people_store.read_person(session, one).language for one in (kept, taken)] == [None, None]
