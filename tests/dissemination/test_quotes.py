"""Quotes: printed only where and while their consent covers it, taken back for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from service.audit import log
from service.dissemination import actions, issuing, quotes, quoting, shares, superseding
from service.dissemination.quoting import Attribution, Quote, Speaker, Standing, UsableQuote, Use
from service.dissemination.sharing import UnknownShare
from service.dissemination.snapshots import Narrative, State
from service.dissemination.store import quotes as store
from service.dissemination.store import reports
from service.dissemination.tables.reports import SnapshotQuote
from service.dissemination.values.figures import Profile
from service.kernel.errors import Invalid
from service.people.tables import MergedId, Person
from tests.dissemination.worlds import NOW, World, add_event, add_person, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
TODAY, UNTIL = date(2027, 1, 12), date(2027, 6, 30)
MARIA = Speaker(("Maria Achieng",), at_risk=False)
SAID: dict[str, Any] = {
    "words": " It changed how\r\nwe work. ",
    "uses": ["donor"],
    "agreed_on": "2027-01-10",
    "agreed_how": "By e-mail",
    "until": "2027-06-30",
}


def made(**wishes: Any) -> Quote:
    return quoting.make_quote("q", SAID | wishes, None, today=TODAY)


def test_a_quote_is_anonymous_unless_more_was_agreed():
    assert made(credit="Maria Achieng") == Quote(
        "q", None, None, "It changed how\nwe work.", Attribution.ANONYMOUS, "", (Use.DONOR,), False,
        date(2027, 1, 10), "By e-mail", quoting.end_of(UNTIL), None,
    )  # fmt: skip
    assert made().until == UNTIL
    named = quoting.make_quote("q", SAID | {"attribution": "name", "credit": "Maria Achieng"}, MARIA, today=TODAY)
    assert (named.attribution, named.credit) == (Attribution.NAME, "Maria Achieng")


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        pytest.param({"words": " \n"}, "words-missing", "words", id="no words"),
        pytest.param({"words": "I, MARIA Achieng, agree"}, "named-unasked", "words", id="her name in the words"),
        pytest.param(
            {"attribution": "role", "credit": "Maria Achieng, campaigner"}, "named-unasked", "credit", id="in the role"
        ),
        pytest.param({"attribution": "role"}, "credit-missing", "credit", id="a role that is not said"),
        pytest.param({"attribution": "photo"}, "credit-missing", "attribution", id="no such attribution"),
        pytest.param({"uses": []}, "consent-missing", "uses", id="for nothing"),
        pytest.param({"uses": ["billboard"]}, "consent-missing", "uses", id="for something else"),
        pytest.param({"agreed_how": " "}, "consent-missing", "agreed_how", id="nobody knows how"),
        pytest.param({"agreed_on": "2027-01-13"}, "consent-missing", "agreed_on", id="agreed tomorrow"),
        pytest.param({"until": ""}, "not-a-day", "until", id="without an end"),
        pytest.param({"until": "2027-01-11"}, "consent-too-long", "until", id="over already"),
        pytest.param({"until": "2031-01-11"}, "consent-too-long", "until", id="for too long"),
    ],
)
def test_a_quote_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        quoting.make_quote("q", SAID | wishes, MARIA, today=TODAY)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_people_at_risk_are_quoted_without_a_name():
    at_risk = replace(MARIA, at_risk=True)

    assert quoting.make_quote("q", SAID, at_risk, today=TODAY).credit == ""
    with pytest.raises(quoting.NamedUnasked):
        quoting.make_quote("q", SAID | {"attribution": "role", "credit": "A survivor"}, at_risk, today=TODAY)


@pytest.mark.parametrize(
    ("uses", "covered"),
    [
        (["internal"], {"internal"}),
        (["donor"], {"internal", "donor"}),
        (["public"], {"internal", "donor", "public"}),
        (["site"], {"internal"}),
        (["donor", "site"], {"internal", "donor"}),
    ],
)
def test_consent_covers_a_profile(uses: list[str], covered: set[str]):
    quote = made(uses=uses)

    assert {profile.value for profile in Profile if quoting.covers(quote, profile, TODAY)} == covered


def test_consent_holds_from_its_first_to_its_last_day():
    quote = made()
    days = [date(2027, 1, 9), date(2027, 1, 10), UNTIL, UNTIL + timedelta(days=1)]

    assert [quote.standing(day) for day in days] == [Standing.OVER, Standing.HOLDS, Standing.HOLDS, Standing.OVER]
    assert replace(quote, withdrawn_at=NOW).standing(TODAY) is Standing.WITHDRAWN


def test_a_quote_for_one_report_is_not_printed_twice_and_one_at_risk_loses_its_credit():
    once, named = made(once=True), replace(made(), id="n", credit="Maria", attribution=Attribution.NAME)

    assert quoting.usable([once, named], Profile.DONOR, TODAY, at_risk={"n"}, printed={"q", "n"}) == [
        UsableQuote("n", "It changed how\nwe work.", "")
    ]


@pytest.fixture
def world(session: Session) -> World:
    """A project with one seminar and one person, stored."""
    world = empty_world()
    add_event(world)
    add_person(world, name="Maria Achieng")
    return store_world(session, world)


def add(session: Session, world: World, **wishes: Any) -> Quote:
    return quotes.add_quote(session, world.project_id, SAID | wishes, **ACTOR)


def freeze_with(session: Session, world: World, quote: Quote) -> str:
    """Freeze a report as if it printed a quote."""
    snapshot_id = actions.freeze_snapshot(session, world.project_id, profile="donor", **ACTOR).snapshot_id
    store.note_held(session, snapshot_id, {"quotes": [{"id": quote.id}]})
    return snapshot_id


def test_a_quote_is_put_in_and_printed(session: Session, world: World):
    maria = world.people[0]["id"]
    quote = add(session, world, person_ref=maria, event_id=world.events[0]["id"])

    assert store.read_quotes(session, world.project_id) == [quote]
    printed = [UsableQuote(quote.id, quote.words, "")]
    assert quotes.usable_quotes(session, world.project_id, "donor", TODAY) == printed
    assert quotes.usable_quotes(session, world.project_id, "public", TODAY) == []
    assert quotes.usable_quotes(session, world.project_id, "donor", date(2027, 7, 1)) == []
    (entry,) = log.trail(session, f"quote:{quote.id}")
    assert entry["details"] == {"uses": ["donor"], "until": "2027-06-30"}


def test_unknown_people_and_events_are_refused(session: Session, world: World):
    for field in ("person_ref", "event_id"):
        with pytest.raises(Invalid) as refused:
            add(session, world, **{field: "01unknown"})
        assert (refused.value.code, refused.value.field) == ("unknown-reference", field)
    assert store.read_quotes(session, world.project_id) == []


def test_words_that_are_taken_back_are_kept_nowhere_and_mark_the_report(session: Session, world: World):
    quote = add(session, world, attribution="role", credit="A campaigner")
    snapshot_id = freeze_with(session, world, quote)
    issuing.review(session, snapshot_id, **ACTOR)
    issuing.issue(session, snapshot_id, waived=True, four_eyes=False, **ACTOR)
    secret = shares.share(session, snapshot_id, days=30, **ACTOR)
    assert quotes.needs_superseding(session, world.project_id, TODAY) == {}
    assert shares.open_shared(session, secret, now=NOW)[1].snapshot_id == snapshot_id

    gone = quotes.withdraw(session, world.project_id, quote.id, **ACTOR)
    again = quotes.withdraw(session, world.project_id, quote.id, now=NOW + timedelta(days=1), actor="staff:other")

    assert gone == again == replace(quote, words="", credit="", agreed_how="", withdrawn_at=NOW)
    assert quotes.usable_quotes(session, world.project_id, "donor", TODAY) == []
    assert quotes.needs_superseding(session, world.project_id, TODAY) == {snapshot_id: quotes.Why.TAKEN_BACK}
    before, after = actions.read_snapshot(session, snapshot_id), shares.open_shared(session, secret, now=NOW)[1]
    assert after == replace(before, snapshot_id=after.snapshot_id, quotes=(), sha256=after.sha256)
    assert after.sha256 == after.sealed().sha256
    found = actions.read_snapshots(session, world.project_id)
    lines = {one.id: (one.state, one.superseded_by, one.issued_by) for one in found}
    assert lines == {
        snapshot_id: (State.SUPERSEDED, after.snapshot_id, "staff:01test"),
        after.snapshot_id: (State.ISSUED, None, "system"),
    }


def test_a_report_that_names_someone_forgotten_is_mended_or_marked(session: Session, world: World):
    marks, said = ["joyce maina"], {"summary": "JOYCE Maina came.", "next_steps": "More."}
    quote = add(session, world, words="Joyce Maina said it first.")
    issued = freeze_with(session, world, quote)
    issuing.write_words(session, issued, said, grade="interim", **ACTOR)
    issuing.review(session, issued, **ACTOR)
    reports.write_line(session, replace(reports.read_line(session, issued), state=State.ISSUED, issued_at=NOW))
    secret = shares.share(session, issued, days=30, **ACTOR)
    draft = issuing.succeed(session, issued, **ACTOR).snapshot_id
    issuing.review(session, draft, **ACTOR)
    told = [(line.id, places) for line, _view, places in superseding.read_naming(session, marks)]

    lost = [superseding.forget_words(session, marks, [quote.id], now=NOW) for _ in range(2)]

    frozen, mended = actions.read_snapshot(session, issued), actions.read_snapshot(session, draft)
    assert (told, lost) == ([(issued, ("summary", "quotes")), (draft, ("summary", "quotes"))], [1, 0])
    assert (mended.narrative, mended.quotes) == (Narrative(next_steps="More."), ())
    assert (mended.sha256, issuing.read_line(session, draft).state) == (mended.sealed().sha256, State.DRAFT)
    assert (frozen.narrative.summary, frozen.sha256) == ("JOYCE Maina came.", frozen.sealed().sha256)
    assert issuing.read_line(session, issued).forgotten_in == "quotes,summary"
    marked = quotes.needs_superseding(session, world.project_id, TODAY)
    assert marked == {issued: quotes.Why.NAMES_FORGOTTEN}
    with pytest.raises(UnknownShare):
        shares.open_shared(session, secret, now=NOW)


def test_a_report_is_marked_when_a_consent_is_over_or_a_quote_forgotten(session: Session, world: World):
    quote = add(session, world)
    held = freeze_with(session, world, quote)
    lost = freeze_with(session, world, quote)
    session.execute(insert(SnapshotQuote).values(snapshot_id=lost, quote_id="01forgotten"))

    found = quotes.needs_superseding(session, world.project_id, date(2027, 7, 1))

    assert found == {held: quotes.Why.OVER, lost: quotes.Why.TAKEN_BACK}


def test_a_quote_for_one_report_may_stand_in_the_one_that_takes_its_place(session: Session, world: World):
    quote = add(session, world, once=True)
    first = freeze_with(session, world, quote)

    assert quotes.usable_quotes(session, world.project_id, "donor", TODAY) == []
    again = quotes.usable_quotes(session, world.project_id, "donor", TODAY, instead_of=first)
    assert [one.id for one in again] == [quote.id]


def test_people_take_back_their_own_words_only_also_after_a_merge(session: Session, world: World):
    maria = world.people[0]["id"]
    hers, other = add(session, world, person_ref=maria), add(session, world)
    session.execute(insert(MergedId).values(old_id=maria, new_id="01kept"))

    quotes.withdraw_own(session, "01kept", other.id, now=NOW)
    quotes.withdraw_own(session, "01kept", hers.id, now=NOW)

    found = {one.id: one.standing(TODAY) for one in store.read_quotes(session, world.project_id)}
    assert found == {hers.id: Standing.WITHDRAWN, other.id: Standing.HOLDS}


def test_someone_who_is_at_risk_by_now_loses_the_credit(session: Session, world: World):
    maria = world.people[0]["id"]
    quote = add(session, world, person_ref=maria, attribution="name", credit="Maria Achieng")
    assert quotes.usable_quotes(session, world.project_id, "donor", TODAY)[0].credit == "Maria Achieng"

    session.execute(Person.__table__.update().values(at_risk=True))

    assert quotes.usable_quotes(session, world.project_id, "donor", TODAY) == [UsableQuote(quote.id, quote.words, "")]
