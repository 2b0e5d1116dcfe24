"""Segments: lists of whoever matches a filter now, each written to on its ground; who unsubscribed stays out."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import Session

from service.directory import segments
from service.directory.filters import BadFilter
from service.directory.segments import Reach, SegmentBroken
from service.events.tables import Event
from service.kernel.errors import Invalid
from service.letters import actions as letters
from service.mail import actions as mail
from service.mail.values import SuppressionReason
from service.people import actions, previewing
from service.people import store as people
from service.people.rules import lists
from service.people.tables import Audience, Organisation
from service.people.tables import MailingList as MailingListRow
from service.people.values import Basis, Consent, MailingList
from tests.factories import DESK, NOW, STAFF, add_audience, add_event, add_list, add_organisation, add_people

FRENCH = {"all": [{"language": "fr"}, {"any": [{"country": ["KE", "SN"]}, {"tag": "press"}]}]}


@pytest.fixture
def guests(session: Session) -> dict[str, str]:
    """Three who match `FRENCH` and one who does not; one of them consented on a list."""
    of: Any = {
        "amina": {"language": "fr", "country": "SN"},
        "ben": {"language": "fr-CA", "tags": ["press"]},
        "chloe": {"language": "fr", "country": "KE"},
        "dan": {"language": "en", "country": "KE"},
    }
    made = {
        name: actions.create_person(
            session, {"name": name.title(), "email": f"{name}@example.org", **fields}, now=NOW, actor=STAFF
        ).id
        for name, fields in of.items()
    }
    consent = Consent(Basis.CONSENT, "card")
    news = actions.create_list(session, name="News", now=NOW, actor=STAFF)
    actions.add_members(session, news.id, [made["amina"], made["dan"]], consent, now=NOW, actor=STAFF)
    return {name: str(person_id) for name, person_id in made.items()}


def segment(session: Session, wanted: Any = FRENCH, **more: Any) -> MailingList:
    return segments.save(session, wanted=wanted, now=NOW, actor=STAFF, **{"name": "French speakers", **more})


def test_whoever_matches_now_is_in_it(session: Session, guests: dict[str, str]) -> None:
    made = segment(session, owner="Layla")
    before = segments.member_ids(session, made)

    actions.update_person(session, guests["dan"], {"language": "fr"}, now=NOW, actor=STAFF)
    actions.update_person(session, guests["chloe"], {"language": "es"}, now=NOW, actor=STAFF)

    assert set(before) == {guests[name] for name in ("amina", "ben", "chloe")}
    assert set(segments.member_ids(session, made)) == {guests[name] for name in ("amina", "ben", "dan")}
    assert segments.reach(session, made) == Reach(3, 0)
    assert [(x.name, x.members, x.owner) for x in segments.counted(session, people.read_lists(session))] == [
        ("French speakers", 3, "Layla"),
        ("News", 2, ""),
    ]
    assert [p.name for p in segments.read_members(session, made, after=None, limit=2).items] == ["Amina", "Ben"]


@pytest.mark.parametrize(("ground", "invited"), [("consent", {"amina"}), ("legitimate_interest", {"amina", "ben"})])
def test_it_is_invited_like_a_list_each_on_its_ground_and_an_unsubscription_sticks(
    session: Session, guests: dict[str, str], ground: str, invited: set[str]
) -> None:
    made = segment(session, ground=ground)
    scope = f"list:{made.id}"
    reason = SuppressionReason.UNSUBSCRIBED
    mail.suppress(session, "chloe@example.org", scope, reason, address_key=DESK.address_key, now=NOW, actor=STAFF)
    event = add_event(session)

    done = letters.invite_list(session, event.id, made.id, desk=DESK, now=NOW, actor=STAFF)
    again = letters.invite_list(session, event.id, made.id, desk=DESK, now=NOW, actor=STAFF)

    assert done.queued == len(invited)
    assert done.counts().get("suppressed") == 1
    assert done.counts().get("no-consent", 0) == 2 - len(invited)
    assert (again.queued, again.counts()["already-invited"]) == (0, len(invited))
    assert segments.reach(session, made) == Reach(3, 1)


def test_an_unsubscription_by_the_link_in_its_letter_is_counted_and_sticks(
    session: Session, guests: dict[str, str]
) -> None:
    made, other = segment(session, ground="legitimate_interest"), segment(session, name="Other")
    done = letters.invite_list(session, add_event(session).id, made.id, desk=DESK, now=NOW, actor=STAFF)
    line, *rest = mail.read_deliveries(session, str(done.mailing_id))

    scopes = {mail.unsubscribe(session, line.id, now=NOW, actor="guest:x") for _twice in range(2)}
    again = letters.invite_list(session, add_event(session).id, made.id, desk=DESK, now=NOW, actor=STAFF)

    assert (scopes, len(rest)) == ({"purpose:events"}, 2)
    assert (again.queued, again.counts()) == (2, {"suppressed": 1})
    assert (segments.reach(session, made), segments.reach(session, other)) == (Reach(3, 1), Reach(3, 0))
    mail.unsubscribe(session, rest[0].id, now=NOW, actor="guest:y", reason=SuppressionReason.COMPLAINED)
    mail.suppress(
        session, rest[1].address, "all", SuppressionReason.BOUNCED, address_key=DESK.address_key, now=NOW, actor=STAFF
    )
    assert segments.reach(session, made) == Reach(3, 2)  # a dead mailbox asked for nothing


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"text": "Amina"}, "keeps no words"),
        ({"not": {"any": [{"text": "Amina"}]}}, "keeps no words"),
        ({"list": "nowhere"}, "no such list"),
        ({"invited": "01gone"}, "no such event"),
        ({"attended": {"project": "01gone"}}, "no such project"),
        ({"not": {"organisation": "Nowhere"}}, "no such organisation"),
        ({"not": {"audience": ["nobody"]}}, "no such audience"),
        ({"not": {"audience_rank": 77}}, "no such audience"),
        ({"not": {"organisation_type": "minstry"}}, "type of organisation is not known"),
        ({"list": "french-speakers"}, "cannot be made of another one"),
    ],
)
def test_what_would_keep_a_name_or_run_in_a_circle_is_refused(session: Session, wanted: Any, sentence: str) -> None:
    segment(session)

    with pytest.raises(Invalid, match=sentence):
        segment(session, wanted, name="Second")
    with pytest.raises(Invalid, match="ground"):
        segment(session, name="Third", ground="contract")
    with pytest.raises(BadFilter):
        segment(session, {"colour": "red"}, name="Fourth")


def test_one_that_speaks_of_what_is_gone_means_nobody_and_says_so(session: Session, guests: dict[str, str]) -> None:
    event, other = add_event(session, announce=False), add_event(session, title="Another")
    made = segment(session, {"not": {"invited": event.id}})
    assert segments.reach(session, made) == Reach(4, 0)
    session.execute(delete(Event).where(Event.id == event.id))  # type: ignore[arg-type]

    assert segments.reach(session, made) == Reach(None, 0)
    with pytest.raises(SegmentBroken, match="an event that is gone"):
        letters.invite_list(session, other.id, made.id, desk=DESK, now=NOW, actor=STAFF)


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ({"not": {"organisation": "Halden Trust"}}, "an organisation"),
        ({"not": {"audience": ["press", "officials"]}}, "an audience"),
        ({"not": {"audience_rank": 2}}, "an audience"),
        ({"any": [{"country": "KE"}, {"not": {"list": "board"}}]}, "a list"),
    ],
)
def test_one_that_leaves_out_who_is_gone_never_comes_to_mean_everybody(
    session: Session, guests: dict[str, str], wanted: Any, what: str
) -> None:
    add_organisation(session, "Halden Trust")
    for rank, key in ((1, "press"), (2, "officials")):
        add_audience(session, rank, key)
    add_list(session, [], key="board")
    made, event = segment(session, wanted, ground="legitimate_interest"), add_event(session)
    assert segments.reach(session, made) == Reach(4, 0)
    for table, name in ((Organisation, "Halden Trust"), (Audience, "Officials"), (MailingListRow, "Board")):
        session.execute(delete(table).where(table.name == name))  # type: ignore[arg-type]

    assert segments.reach(session, made) == Reach(None, 0)
    with pytest.raises(SegmentBroken, match=f"{what} that is gone"):
        letters.invite_list(session, event.id, made.id, desk=DESK, now=NOW, actor=STAFF)


def test_one_that_cannot_be_read_any_more_means_nobody_and_says_so(session: Session, guests: dict[str, str]) -> None:
    made = segment(session)
    people.write_list(session, made.id, {"filter": {"not": {"colour": "red"}}})
    broken = people.read_list(session, made.id)

    assert segments.reach(session, broken) == Reach(None, 0)
    assert [x.members for x in segments.counted(session, [broken])] == [0]
    with pytest.raises(SegmentBroken, match="something that is gone"):
        segments.member_ids(session, broken)


def test_nobody_is_put_into_it_or_signs_up(session: Session) -> None:
    made = segment(session)
    person = add_people(session, 1)

    with pytest.raises(lists.IsSegment):
        actions.add_members(session, made.id, person, None, now=NOW, actor=STAFF)
    with pytest.raises(lists.IsSegment):
        actions.update_list(session, made.id, {"public": True}, now=NOW, actor=STAFF)
    with pytest.raises(lists.IsSegment):
        previewing.preview_import(
            session, b"Name,E-mail\nA,a@x.org\n", filename="a.csv", list_id=made.id, consent_basis=None,
            consent_source=None, address_key=DESK.address_key, now=NOW, actor=STAFF,
        )  # fmt: skip
