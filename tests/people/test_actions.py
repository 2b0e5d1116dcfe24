"""People, organisations, audiences, lists and consent, as stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update
from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Invalid
from service.people import actions, organisations, store
from service.people.rules.addresses import BadAddress
from service.people.rules.fields import PersonExists
from service.people.tables import ConsentRecord
from service.people.values import (
    Audience,
    AudienceId,
    Basis,
    Consent,
    MailingList,
    Membership,
    Organisation,
    Person,
    PersonFields,
)
from tests.factories import NOW, STAFF

LATER = NOW + timedelta(days=1)
CARD = Consent(Basis.CONSENT, "card, Geneva", "2026-1")


def add(session: Session, **fields: object) -> Person:
    given: PersonFields = {"name": "Maria Achieng", "email": "maria@example.org", **fields}  # type: ignore[typeddict-item]
    return actions.create_person(session, given, now=NOW, actor=STAFF)


def add_list(session: Session, name: str = "Seminar guests") -> MailingList:
    return actions.create_list(session, name=name, now=NOW, actor=STAFF)


def test_person_is_made_whole(session: Session) -> None:
    audience = actions.create_audience(session, rank=1, name="Civil society", now=NOW, actor=STAFF)

    made = add(
        session,
        email="Maria@Example.org",
        organisation="Halden  Trust",
        audience="rank 1",
        country="Kenya",
        language="English",
        tags=["panel"],
        source="card",
        source_on=date(2026, 11, 3),
    )

    assert made == Person(
        id=made.id,
        name="Maria Achieng",
        greeting=None,
        email="Maria@example.org",
        email_key="maria@example.org",
        other_emails=(),
        organisation_id=made.organisation_id,
        organisation="Halden Trust",
        audience_id=audience.id,
        audience="Civil society",
        role=None,
        country="KE",
        region="014",
        language="en",
        time_zone="Africa/Nairobi",
        tags=("panel",),
        at_risk=False,
        pseudonym=None,
        source="card",
        source_on=date(2026, 11, 3),
        created_at=NOW,
        updated_at=NOW,
    )
    assert store.read_person(session, made.id) == made
    (entry,) = log.trail(session, f"person:{made.id}")
    assert (entry["action"], entry["actor"], entry["details"]) == ("person.created", STAFF, {})


def test_an_address_is_one_person(session: Session) -> None:
    known = add(session)

    with pytest.raises(PersonExists) as refused:
        add(session, name="Someone else", email=" MARIA@example.org ")

    assert (refused.value.code, refused.value.facts) == ("person-exists", {"id": known.id})
    assert store.count_people(session) == 1


def test_bad_address_makes_nobody(session: Session) -> None:
    with pytest.raises(BadAddress, match=r"such as example\.org"):
        add(session, email="maria@example")

    assert store.count_people(session) == 0


def test_person_is_changed_field_by_field(session: Session) -> None:
    before = add(session, organisation="Halden Trust", country="KE", role="Lecturer")

    after = actions.update_person(
        session, before.id, {"name": "Dr Maria Achieng", "country": "UG", "role": None}, now=LATER, actor=STAFF
    )

    assert after == replace(before, name="Dr Maria Achieng", country="UG", region="014", role=None, updated_at=LATER)
    assert [p.id for p in store.read_people(session, text="dr halden").items] == [before.id]
    assert log.trail(session, f"person:{before.id}")[0]["details"] == {"fields": ["country", "name", "role"]}


def test_change_that_changes_nothing_is_none(session: Session) -> None:
    before = add(session, tags=["panel"], organisation="Halden Trust")

    after = actions.update_person(
        session, before.id, {"tags": ["panel"], "organisation": "halden TRUST"}, now=LATER, actor=STAFF
    )

    assert after == before
    assert len(log.trail(session, f"person:{before.id}")) == 1


def test_search_follows_the_organisation_and_the_address(session: Session) -> None:
    person = add(session, organisation="Halden Trust")

    actions.update_person(
        session, person.id, {"organisation": "Fjord Institute", "email": "m@fjord.example.org"}, now=LATER, actor=STAFF
    )

    assert [p.id for p in store.read_people(session, text="FJORD m@fjord").items] == [person.id]
    assert store.read_people(session, text="halden").items == ()


def test_address_of_someone_else_cannot_be_taken(session: Session) -> None:
    maria, joseph = add(session), add(session, name="Joseph Karanja", email="joseph@example.org")

    with pytest.raises(PersonExists) as refused:
        actions.update_person(session, joseph.id, {"email": "maria@example.org"}, now=NOW, actor=STAFF)

    assert refused.value.facts == {"id": maria.id}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"audience": "wizards"}, "invalid"),
        ({"audience_id": "none"}, "unknown-audience"),
        ({"organisation_id": "none"}, "unknown-organisation"),
        ({"height": 3}, "invalid"),
    ],
)
def test_unknown_references_are_refused(session: Session, fields: dict[str, object], code: str) -> None:
    with pytest.raises((Invalid, store.UnknownAudience, store.UnknownOrganisation)) as refused:
        add(session, **fields)

    assert refused.value.code == code


def test_unknown_person_is_not_found(session: Session) -> None:
    with pytest.raises(store.UnknownPerson) as refused:
        actions.update_person(session, "nobody", {"name": "X"}, now=NOW, actor=STAFF)

    assert refused.value.code == "unknown-person"


def test_walk_in_is_found_by_address_or_made(session: Session) -> None:
    known = add(session)

    assert find_or_create(session, "M.", "maria@EXAMPLE.org") == known.id
    made = store.read_person(session, find_or_create(session, "", "amara.okoye@example.org"))

    assert (made.name, made.source, made.source_on) == ("Amara Okoye", "came to the event", NOW.date())


def find_or_create(session: Session, name: str, email: str) -> str:
    return actions.find_or_create(session, name=name, email=email, source="came to the event", now=NOW, actor=STAFF)


def test_organisation_is_one_whatever_its_case_and_accents(session: Session) -> None:
    first = organisations.ensure(session, "Médecins du Nord", now=NOW)

    assert organisations.ensure(session, "MEDECINS  du nord", now=NOW) == first
    assert store.read_organisations(session).items == (
        Organisation(id=first, name="Médecins du Nord", type=None, country=None, audience_id=None),
    )


def test_organisation_is_described(session: Session) -> None:
    organisation_id = organisations.ensure(session, "Fjord Institute", now=NOW)

    changed = organisations.change(
        session, organisation_id, {"country": "Norway", "type": "university"}, now=NOW, actor=STAFF
    )

    assert (changed.country, changed.type) == ("NO", "university")
    with pytest.raises(Invalid, match="no field"):
        organisations.change(session, organisation_id, {"folded": "x"}, now=NOW, actor=STAFF)


def test_audiences_are_ranked_and_their_keys_are_their_own(session: Session) -> None:
    second = actions.create_audience(session, rank=2, name="Officials", planned_share=0.3, now=NOW, actor=STAFF)
    first = actions.create_audience(session, rank=1, name="Civil society", now=NOW, actor=STAFF)

    assert store.read_audiences(session) == [first, second]
    assert second == Audience(AudienceId(second.id), 2, "officials", "Officials", 0.3)
    with pytest.raises(store.KeyTaken):
        actions.create_audience(session, rank=3, name="OFFICIALS", now=NOW, actor=STAFF)
    changed = actions.update_audience(session, second.id, {"rank": 3, "planned_share": None}, now=NOW, actor=STAFF)
    assert changed == replace(second, rank=3, planned_share=None)


@pytest.mark.parametrize("wrong", [{"rank": 0}, {"planned_share": 1.5}, {"name": " "}])
def test_audience_values_have_bounds(session: Session, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_audience(session, **{"rank": 1, "name": "A", **wrong}, now=NOW, actor=STAFF)  # type: ignore[arg-type]

    assert refused.value.field == next(iter(wrong))


def test_lists_have_keys_of_their_own_and_count_their_members(session: Session) -> None:
    made = add_list(session)
    actions.add_members(session, made.id, [add(session).id], CARD, now=NOW, actor=STAFF)

    assert store.read_lists(session) == [replace(made, members=1)]
    assert store.find_list(session, "seminar-guests").id == made.id
    assert (made.purpose, made.public, made.double_opt_in, made.members) == ("events", False, True, 0)
    with pytest.raises(store.KeyTaken):
        add_list(session, "SEMINAR GUESTS")
    with pytest.raises(store.UnknownList):
        store.find_list(session, "nothing")
    renamed = actions.update_list(session, made.id, {"name": "Guests", "language": "fr"}, now=NOW, actor=STAFF)
    assert (renamed.name, renamed.language, renamed.key) == ("Guests", "fr", "seminar-guests")


def test_members_join_once_with_consent(session: Session) -> None:
    target, person = add_list(session), add(session)

    joined = [actions.add_members(session, target.id, [person.id] * 2, CARD, now=NOW, actor=STAFF) for _ in range(2)]

    assert joined == [1, 0]
    assert store.read_memberships(session, person.id) == [
        Membership(target.id, "seminar-guests", "Seminar guests", "events", Basis.CONSENT, "card, Geneva", NOW)
    ]
    assert said(session, person.id) == [("consent", "card, Geneva", "2026-1", False, "events")]


def said(session: Session, person_id: str) -> list[tuple[object, ...]]:
    names = ("basis", "source", "text_version", "withdrawn", "purpose")
    return [tuple(c[n] for n in names) for c in store.read_consents(session, person_id)]


def test_member_without_a_basis_gets_one_later_and_keeps_it(session: Session) -> None:
    target, person = add_list(session), add(session)
    contract = Consent(Basis.CONTRACT)

    counts = [
        actions.add_members(session, target.id, [person.id], ground, now=NOW, actor=STAFF)
        for ground in (None, None, CARD, contract)
    ]

    assert counts == [1, 0, 1, 0]
    assert [m.basis for m in store.read_memberships(session, person.id)] == [Basis.CONSENT]
    assert len(said(session, person.id)) == 1


def test_leaving_a_list_is_remembered(session: Session) -> None:
    target, person, other = add_list(session), add(session), add(session, email="b@example.org")
    actions.add_members(session, target.id, [person.id, other.id], CARD, now=NOW, actor=STAFF)

    left = [actions.remove_members(session, target.id, [person.id], now=LATER, actor=STAFF) for _ in range(2)]

    assert left == [1, 0]
    assert store.read_memberships(session, person.id) == []
    assert [c[3] for c in said(session, person.id)] == [False, True]
    assert store.read_list(session, target.id).members == 1


def test_unknown_people_cannot_join(session: Session) -> None:
    target, person = add_list(session), add(session)

    with pytest.raises(store.UnknownPerson):
        actions.add_members(session, target.id, [person.id, "nobody"], CARD, now=NOW, actor=STAFF)

    assert store.read_list(session, target.id).members == 0


def test_search_pages_in_order_of_names(session: Session) -> None:
    names = ["Amara Okoye", "Bo Lund", "Çelik Demir", "Dina Haddad", "Edvin Larsson"]
    for number, name in enumerate(reversed(names)):
        add(session, name=name, email=f"p{number}@example.org")

    pages, after = [], None
    while True:
        page = store.read_people(session, after=after, limit=2)
        pages.append([person.name for person in page.items])
        after = page.next
        if after is None:
            break

    assert pages == [names[:2], names[2:4], names[4:]]
    with pytest.raises(Invalid, match="first page"):
        store.read_people(session, after="nobody")


def test_search_finds_by_words_list_and_audience(session: Session) -> None:
    audience = actions.create_audience(session, rank=1, name="Academia", now=NOW, actor=STAFF)
    target = add_list(session)
    maria = add(session, organisation="Halden Trust", audience_id=audience.id)
    add(session, name="Tomás Rivadeneira", email="tomas@example.org", organisation="Halden Trust")
    add(session, name="100% Sure", email="sure_x@example.org")
    actions.add_members(session, target.id, [maria.id], CARD, now=NOW, actor=STAFF)

    def names(**wanted: str) -> list[str]:
        found = [person.name for person in store.read_people(session, **wanted).items]  # type: ignore[arg-type]
        assert store.count_people(session, **wanted) == len(found)
        return found

    assert names(text="TOMAS halden") == ["Tomás Rivadeneira"]
    assert names(text="halden") == ["Maria Achieng", "Tomás Rivadeneira"]
    assert names(text="0%") == ["100% Sure"]
    assert names(text="e_x") == ["100% Sure"]
    assert names(text="a_i") == []
    assert names(list_id=target.id) == ["Maria Achieng"]
    assert names(audience_id=audience.id) == ["Maria Achieng"]
    assert names(organisation_id=maria.organisation_id or "") == ["Maria Achieng", "Tomás Rivadeneira"]


def test_what_was_agreed_to_cannot_be_changed_unseen(session: Session) -> None:
    with pytest.raises(AssertionError, match="append-only"):
        session.execute(update(ConsentRecord).values(source="another card"))
    with pytest.raises(AssertionError, match="append-only"):
        session.execute(delete(ConsentRecord))
