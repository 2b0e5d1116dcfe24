"""A letter that has left, sent to those who came since: to guests of an event; to a list, see test_to_lists."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from service.db.engine import writing
from service.events import store as events
from service.events.rules import EventClosed
from service.events.values import Event
from service.ical.values import PartStat
from service.invitations import store as invitations
from service.invitations.values import Answer, Source
from service.letters import actions as letters
from service.letters import added_later
from service.letters.actions import NobodyToWriteTo
from service.letters.added_later import NotToThoseAdded, OthersCame
from service.letters.to_lists import write_to_list
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import Letter, MailingState, NewMailing, SuppressionReason
from service.people import actions as people
from service.people.values import Basis, Consent
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people
from tests.letters.test_actions import sent

TOLD: dict[str, Any] = {"desk": DESK, "now": NOW, "actor": STAFF}
WORDS = {"subject": "The programme", "body": "It begins at two."}


def refs(session: Session, mailing_id: str | None) -> set[str]:
    return {line.recipient_ref for line in mail.read_deliveries(session, mailing_id or "")}


def found(session: Session, mailing_id: str, **given: Any) -> Any:
    return added_later.find(session, mail.read_mailing(session, mailing_id), **{"desk": DESK, "now": NOW} | given)


def sent_message(session: Session, event: Event, **wishes: Any) -> str:
    done = letters.write_letter(session, event.id, "message", **WORDS, **wishes, **TOLD)
    leave(session, done.mailing_id or "")
    return done.mailing_id or ""


def leave(session: Session, mailing_id: str) -> list[str]:
    """Let a draft leave, as if a relay had taken each letter; return to whom."""
    to = sent(session, mailing_id)
    mail_store.change_mailing(session, mailing_id, state=MailingState.DONE)
    return to


def invite(session: Session, event: Event, count: int, *, prefix: str = "guest") -> list[str]:
    """Invite people by name, let the letters leave, and return the invitation ids."""
    done = letters.invite_people(session, event.id, add_people(session, count, prefix=prefix), **TOLD)
    return leave(session, done.mailing_id or "")


def accept(session: Session, invitation_id: str) -> None:
    answer = Answer(PartStat.ACCEPTED, Source.STAFF)
    letters.take_answer(session, invitation_id, answer, **TOLD)


def test_a_message_goes_to_exactly_those_added_since_and_to_nobody_twice(session: Session) -> None:
    event = add_event(session)
    first = set(invite(session, event, 2))
    message = sent_message(session, event)
    assert found(session, message).people == ()
    added = set(invite(session, event, 2, prefix="later"))

    seen = found(session, message)
    made = added_later.send(session, message, seen=seen.seen, **TOLD)

    assert {one.invitation_id for one in seen.people} == added == refs(session, made)
    assert (refs(session, message), mail.read_mailing(session, made).state) == (first, MailingState.APPROVED)
    facts = mail.read_mailing(session, made).facts
    assert (facts["subject"], facts["body"], facts["first"]) == (*WORDS.values(), message)
    for one in (message, made):
        mail_store.change_mailing(session, made, state=MailingState.RUNNING)
        assert found(session, one).people == ()
        with pytest.raises(NobodyToWriteTo):
            added_later.write(session, one, **TOLD)


def test_joining_details_go_to_who_said_yes_since_whichever_mailing_the_others_had_them_in(session: Session) -> None:
    event = add_event(session)
    early, late, never = invite(session, event, 3)
    accept(session, early)
    one = letters.write_letter(session, event.id, "joining", note="Use the back door.", **TOLD).mailing_id or ""
    leave(session, one)
    accept(session, late)
    assert never

    made = added_later.write(session, one, **TOLD)

    assert refs(session, made.mailing_id) == {late}
    assert mail.read_mailing(session, made.mailing_id or "").facts["note"] == "Use the back door."


def test_an_invitation_goes_to_who_joined_its_list_since_and_they_are_invited(session: Session) -> None:
    event, old = add_event(session), add_people(session, 2)
    list_id = add_list(session, old)
    done = letters.invite_list(session, event.id, list_id, note="Do come.", **TOLD)
    first = done.mailing_id or ""
    leave(session, first)
    new = add_people(session, 2, prefix="new")
    people.add_members(session, list_id, new, Consent(Basis.CONSENT, "card"), now=NOW, actor=STAFF)
    stopped = add_people(session, 1, prefix="stopped")
    people.add_members(session, list_id, stopped, Consent(Basis.CONSENT, "card"), now=NOW, actor=STAFF)
    reason = SuppressionReason.UNSUBSCRIBED
    mail.suppress(session, "stopped0@example.org", "all", reason, address_key=DESK.address_key, now=NOW, actor=STAFF)

    seen = found(session, first)
    assert ({one.person_id for one in seen.people}, seen.reasons()) == (set(new), {"suppressed": 1})
    made = added_later.send(session, first, seen=seen.seen, **TOLD)

    invited = {i.person_id: i for i in invitations.read_of_event(session, event.id)}
    assert set(invited) == {*old, *new}
    assert refs(session, made) == {invited[one].id for one in new}
    assert mail.read_mailing(session, made).facts["note"] == "Do come."


def test_what_is_sent_later_says_what_is_true_now(session: Session) -> None:
    event = add_event(session)
    invite(session, event, 1)
    message = sent_message(session, event)
    events.write_event(session, replace(event, place="Another house"), ["place"])
    invite(session, event, 1, prefix="later")

    made = added_later.write(session, message, **TOLD)

    assert mail.read_mailing(session, made.mailing_id or "").facts["event"]["place"] == "Another house"


def test_it_goes_to_the_same_statuses_as_the_first(session: Session) -> None:
    event = add_event(session)
    accept(session, invite(session, event, 1)[0])
    message = sent_message(session, event, statuses=["accepted"])
    silent, coming = invite(session, event, 2, prefix="later")
    accept(session, coming)
    assert silent

    assert refs(session, added_later.write(session, message, **TOLD).mailing_id) == {coming}


def test_a_draft_that_was_dropped_counts_for_nothing(session: Session) -> None:
    event = add_event(session)
    invite(session, event, 1)
    message = sent_message(session, event)
    added = set(invite(session, event, 1, prefix="later"))
    dropped = added_later.write(session, message, **TOLD).mailing_id or ""
    letters.discard(session, dropped, now=NOW, actor=STAFF)

    assert refs(session, added_later.write(session, message, **TOLD).mailing_id) == added


def test_whoever_came_after_the_look_is_looked_at_first(session: Session) -> None:
    event = add_event(session)
    invite(session, event, 1)
    message = sent_message(session, event)
    invite(session, event, 1, prefix="later")
    seen = found(session, message).seen
    invite(session, event, 1, prefix="last")
    before = len(mail.read_mailings(session))

    with pytest.raises(OthersCame):
        added_later.send(session, message, seen=seen, **TOLD)

    assert len(mail.read_mailings(session)) == before


@pytest.mark.parametrize("kind", ["draft", "cancelled", "update", "named"])
def test_what_has_not_left_or_tells_of_a_change_is_refused(session: Session, kind: str) -> None:
    event = add_event(session)
    invite(session, event, 1)
    if kind == "named":
        mailing_id = letters.invite_people(
            session, event.id, add_people(session, 1, prefix="by-name"), **TOLD
        ).mailing_id
        leave(session, mailing_id or "")
    else:
        mailing_id = letters.write_letter(session, event.id, "message", **WORDS, **TOLD).mailing_id
    if kind == "cancelled":
        letters.discard(session, mailing_id or "", now=NOW, actor=STAFF)
    if kind == "update":
        leave(session, mailing_id or "")
        mail_store.change_mailing(session, mailing_id or "", kind="update")

    with pytest.raises(NotToThoseAdded):
        added_later.write(session, mailing_id or "", **TOLD)


def test_once_the_event_has_begun_it_is_too_late(session: Session) -> None:
    event, list_id = add_event(session), add_list(session, add_people(session, 1))
    invitation = letters.invite_list(session, event.id, list_id, **TOLD).mailing_id or ""
    leave(session, invitation)
    message = sent_message(session, event)
    begun = event.starts_at + timedelta(minutes=1)

    with pytest.raises(NotToThoseAdded):
        found(session, message, now=begun)
    with pytest.raises(EventClosed):
        found(session, invitation, now=begun)


def test_two_who_press_at_once_write_to_nobody_twice(engine: Engine) -> None:
    with writing(engine) as session:
        event = add_event(session)
        list_id = add_list(session, add_people(session, 1))
        project = events.read_project(session, event.project_id)
        first = write_to_list(session, project, list_id, "newsletter", **WORDS, **TOLD).mailing_id or ""
        leave(session, first)
        new = add_people(session, 3, prefix="new")
        people.add_members(session, list_id, new, Consent(Basis.CONSENT, "card"), now=NOW, actor=STAFF)
    together, ends = threading.Barrier(2), []

    def press() -> None:
        together.wait()
        try:
            with writing(engine) as session:
                added_later.write(session, first, **TOLD)
            ends.append("written")
        except NobodyToWriteTo:
            ends.append("nobody")

    staff = [threading.Thread(target=press) for _ in range(2)]
    for one in staff:
        one.start()
    for one in staff:
        one.join()

    with writing(engine) as session:
        views = [m for m in mail.read_mailings(session, f"list:{list_id}") if m.id != first]
        lines = [line.recipient_ref for view in views for line in mail.read_deliveries(session, view.id)]
    assert (sorted(ends), sorted(lines)) == (["nobody", "written"], sorted(new))


def test_the_ledger_itself_takes_one_letter_for_each_who_came_since(session: Session) -> None:
    event = add_event(session)
    invite(session, event, 1)
    message = sent_message(session, event)
    added = set(invite(session, event, 1, prefix="later"))
    draft = added_later.write(session, message, **TOLD).mailing_id or ""
    new = NewMailing(f"event:{event.id}", "message", facts={"first": message})
    other = mail.create_mailing(session, new, now=NOW, actor=STAFF)
    again = Letter(added.copy().pop(), "later0@example.org", "en", {})

    assert mail.queue(session, other, [again], address_key=DESK.address_key, now=NOW) == 0
    assert refs(session, draft) == added
