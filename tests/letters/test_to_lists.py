"""Letters to everybody on a list or in a segment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from sqlmodel import Session

from service.directory import segments
from service.events import store as events
from service.kernel.errors import Invalid
from service.letters import actions as letters
from service.letters import added_later, files
from service.letters.actions import NobodyToWriteTo
from service.letters.added_later import NotToThoseAdded
from service.letters.to_lists import write_to_list
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import ComposedLetter, MailingState, SuppressionReason
from service.people import actions
from service.people import store as people
from service.people.values import Basis, Consent
from service.privacy.erasing import erase, subject_of_person
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people, add_project
from tests.mail.cast import composer

TOLD: dict[str, Any] = {"desk": DESK, "now": NOW, "actor": STAFF}
WORDS = {"subject": "Seeds are sown", "body": "The book is out.\n\nRead chapter one."}


@pytest.fixture
def readers(session: Session) -> dict[str, str]:
    """Five on a list: one French, one at risk, one who said stop, one without a ground."""
    ids = {
        "ann": add_people(session, 1, prefix="ann", language="fr")[0],
        "bea": add_people(session, 1, prefix="bea", at_risk=True)[0],
        "cora": add_people(session, 1, prefix="cora", name="Cora Castell")[0],
        "dia": add_people(session, 1, prefix="dia")[0],
    }
    ids["list"] = add_list(session, list(ids.values()))
    ids["eva"] = add_people(session, 1, prefix="eva")[0]
    actions.add_members(session, ids["list"], [ids["eva"]], None, now=NOW, actor=STAFF)
    mail.suppress(
        session, "dia0@example.org", f"list:{ids['list']}", SuppressionReason.UNSUBSCRIBED,
        address_key=DESK.address_key, now=NOW, actor=STAFF,
    )  # fmt: skip
    return ids


def write(session: Session, list_id: str, kind: str = "newsletter", **wishes: Any) -> Any:
    project = events.read_project(session, add_project(session))
    return write_to_list(session, project, list_id, kind, **{**WORDS, **wishes}, **TOLD)


def leave(session: Session, mailing_id: str) -> None:
    """Let a draft leave: its first letter is taken up."""
    letters.approve(session, mailing_id, desk=DESK, now=NOW, actor=STAFF)
    mail_store.start(session, [mailing_id])


def letter_of(session: Session, mailing_id: str, person_id: str) -> ComposedLetter:
    mailing = mail.read_mailing(session, mailing_id)
    return files.preview(session, mailing, person_id, composer=composer())


def test_each_gets_one_in_their_own_frame_and_the_others_are_counted(session: Session, readers: dict[str, str]) -> None:
    done = write(session, readers["list"])

    lines = mail.read_deliveries(session, done.mailing_id)
    assert {line.recipient_ref for line in lines} == {readers[name] for name in ("ann", "bea", "cora")}
    assert (done.queued, done.counts()) == (3, {"suppressed": 1, "no-consent": 1})
    assert mail.read_mailing(session, done.mailing_id).state is MailingState.DRAFT

    french = letter_of(session, done.mailing_id, readers["ann"])
    assert (french.subject, "Read chapter one." in french.text) == ("Seeds are sown", True)
    assert "Plus de lettres comme celle-ci" in french.text or "Ne plus" in french.text
    headers = message_from_bytes(french.raw, policy=default)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Precedence"] == "bulk"
    assert headers["To"].count("@") == 1
    assert french.ics is None


def test_to_someone_at_risk_the_subject_says_nothing(session: Session, readers: dict[str, str]) -> None:
    done = write(session, readers["list"])

    assert letter_of(session, done.mailing_id, readers["bea"]).subject == "A letter for you"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("press_release", "Not to be published before 4 March 2027, 18:00"),
        ("action_alert", "Please do it by 4 March 2027, 18:00"),
    ],
)
def test_an_embargo_and_a_deadline_are_told(session: Session, readers: dict[str, str], kind: str, words: str) -> None:
    until = "2027-03-04T18:00"
    done = write(session, readers["list"], kind, until=until)
    plain = write(session, readers["list"], kind)

    told = letter_of(session, done.mailing_id, readers["cora"])
    assert " ".join(words.split()) in " ".join(told.text.split()).replace("Thursday, ", "").replace("Thursday ", "")
    assert "18:00" in told.html
    assert "18:00" not in letter_of(session, plain.mailing_id, readers["cora"]).text


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"kind": "invitation"}, "kind"),
        ({"subject": "  "}, "subject"),
        ({"body": ""}, "body"),
        ({"until": "tomorrow"}, "until"),
        ({"until": "2020-01-01T10:00"}, "until"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    session: Session, readers: dict[str, str], wishes: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        write(session, readers["list"], **wishes)

    assert refused.value.field == field
    assert mail.read_mailings(session) == []


def test_a_list_of_nobody_who_may_be_written_to(session: Session, readers: dict[str, str]) -> None:
    empty = actions.create_list(session, name="Board", now=NOW, actor=STAFF)
    actions.add_members(session, empty.id, [readers["eva"]], None, now=NOW, actor=STAFF)

    with pytest.raises(NobodyToWriteTo):
        write(session, empty.id)


def test_a_segment_is_written_to_like_a_list_on_its_ground(session: Session, readers: dict[str, str]) -> None:
    made = segments.save(
        session, name="French", wanted={"language": "fr"}, ground="consent", purpose="events", now=NOW, actor=STAFF
    )
    add_people(session, 1, prefix="fred", language="fr")  # agreed to nothing

    done = write(session, made.id)

    assert (done.queued, done.counts()) == (1, {"no-consent": 1})


def test_who_leaves_by_the_link_gets_no_more_of_the_list_and_other_lists_go_on(
    session: Session, readers: dict[str, str]
) -> None:
    done = write(session, readers["list"])
    line = next(x for x in mail.read_deliveries(session, done.mailing_id) if x.recipient_ref == readers["cora"])

    scope = mail.unsubscribe(session, line.id, now=NOW, actor="guest:x")

    assert scope in (f"list:{readers['list']}", "purpose:events")
    assert write(session, readers["list"]).counts() == {"suppressed": 2, "no-consent": 1}


def test_those_who_joined_since_get_the_same_letter_once(session: Session, readers: dict[str, str]) -> None:
    done = write(session, readers["list"])
    with pytest.raises(NotToThoseAdded):
        added_later.write(session, done.mailing_id, **TOLD)  # it has not left
    leave(session, done.mailing_id)
    with pytest.raises(NobodyToWriteTo):
        added_later.write(session, done.mailing_id, **TOLD)

    new = add_people(session, 1, prefix="new")
    actions.add_members(session, readers["list"], new, Consent(Basis.CONSENT, "card"), now=NOW, actor=STAFF)
    later = added_later.write(session, done.mailing_id, **TOLD)

    assert [x.recipient_ref for x in mail.read_deliveries(session, later.mailing_id)] == new
    assert letter_of(session, later.mailing_id, new[0]).subject == "Seeds are sown"
    leave(session, later.mailing_id)
    for mailing_id in (done.mailing_id, later.mailing_id):
        with pytest.raises(NobodyToWriteTo):
            added_later.write(session, mailing_id, **TOLD)


def test_who_is_forgotten_stands_in_no_letter_any_more(session: Session, readers: dict[str, str]) -> None:
    done = write(session, readers["list"])
    person = people.read_person(session, readers["cora"])

    hashed = mail.hash_of(person.email, DESK.address_key)
    erase(session, subject_of_person(session, person.id), [hashed], now=NOW + timedelta(days=1))

    held = [mail_store.read_delivery(session, x.id) for x in mail.read_deliveries(session, done.mailing_id)]
    assert person.email not in str(held)
    assert person.name not in str(held)


def test_a_date_to_save_goes_to_those_not_invited_yet_and_is_true_when_it_leaves(
    session: Session, readers: dict[str, str]
) -> None:
    event = add_event(session)
    project = events.read_project(session, event.project_id)
    letters.invite_people(session, event.id, [readers["ann"]], **TOLD)
    about = {"subject": "", "body": "", "event_id": event.id}

    done = write_to_list(session, project, readers["list"], "save_the_date", **about, **TOLD)
    assert done.counts() == {"suppressed": 1, "no-consent": 1, "already-invited": 1}
    letter = letter_of(session, done.mailing_id or "", readers["cora"])
    assert (event.title in letter.subject, event.title in letter.text, letter.ics) == (True, True, None)
    assert event.title not in letter_of(session, done.mailing_id or "", readers["bea"]).text

    events.write_event(session, replace(event, title="Another name"), ["title"])
    letters.approve(session, done.mailing_id or "", desk=DESK, now=NOW, actor=STAFF)
    assert "Another name" in letter_of(session, done.mailing_id or "", readers["cora"]).subject

    for wrong in ("", "gone"):
        with pytest.raises(Invalid, match="Choose the event"):
            write_to_list(session, project, readers["list"], "save_the_date", **{**about, "event_id": wrong}, **TOLD)
