"""Signing up for a list twice agreed: nobody is made before the letter is answered, and no address is told apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event as sql_events
from sqlalchemy import func, select
from sqlmodel import Session

from service.db.types import columns
from service.letters import sign_ups
from service.letters.sign_ups import NoSuchList, TooManySignUps
from service.mail import actions as mail
from service.mail.tables import Delivery
from service.mail.values import SuppressionReason
from service.people import actions as people
from service.people import store
from service.people.rules.addresses import BadAddress
from service.people.values import MailingList
from service.privacy.store import ageing
from tests.factories import DESK, NOW, STAFF, add_people, add_project

ALL = ("stranger@example.org", "guest0@example.org", "stopped@example.org", "erased@example.org")


def public_list(session: Session) -> MailingList:
    add_project(session)
    return people.create_list(session, name="Friends of the book", public=True, now=NOW, actor=STAFF)


def ask(session: Session, target: MailingList, email: str = "maria@example.org", *, now=NOW, **wishes) -> None:
    sign_ups.ask(session, target, **{"email": email, "name": "Maria", "language": "fr", **wishes}, desk=DESK, now=now)


def asked_last(session: Session, *, now=NOW) -> sign_ups.Asked | None:
    newest = select(columns(Delivery).id).order_by(columns(Delivery).id.desc()).limit(1)
    return sign_ups.read(session, session.execute(newest).scalar_one(), now=now)


def suppress(session: Session, address: str, scope: str, reason: SuppressionReason) -> None:
    mail.suppress(session, address, scope, reason, address_key=DESK.address_key, now=NOW, actor=STAFF)


def test_asking_makes_nobody_and_confirming_puts_them_on_the_list(session):
    target = public_list(session)

    ask(session, target)
    before = store.count_people(session)
    for _ in range(2):
        sign_ups.confirm(session, asked_last(session), desk=DESK, now=NOW + timedelta(days=6))

    (maria,) = store.read_people(session, list_id=target.id).items
    assert (before, maria.name, maria.email, maria.language, maria.source) == (
        *(0, "Maria", "maria@example.org", "fr", sign_ups.SOURCE),
    )
    (consent,) = store.read_consents(session, maria.id)
    assert (consent["basis"], consent["text_version"], consent["source"]) == ("consent", "sign-up-1", sign_ups.SOURCE)


def test_the_work_and_the_letter_are_the_same_for_every_address(session):
    target = public_list(session)
    store.join(session, target, add_people(session, 1), None, now=NOW)
    suppress(session, ALL[2], f"list:{target.id}", SuppressionReason.UNSUBSCRIBED)
    suppress(session, ALL[3], "all", SuppressionReason.ERASED)
    done: list[str] = []
    listen = lambda _c, _cur, statement, *_rest: done.append(statement)  # noqa: E731
    sql_events.listen(session.get_bind(), "before_cursor_execute", listen)
    work = []
    for address in ALL:
        done.clear()
        ask(session, target, address)
        work.append(list(done))
    sql_events.remove(session.get_bind(), "before_cursor_execute", listen)

    assert len(work[0]) >= 5
    assert work[1:] == work[:1] * 3


def test_confirming_lets_letters_leave_again_that_only_the_reader_had_stopped(session):
    target = public_list(session)
    suppress(session, "maria@example.org", f"list:{target.id}", SuppressionReason.UNSUBSCRIBED)
    suppress(session, "maria@example.org", f"purpose:{target.purpose}", SuppressionReason.COMPLAINED)
    ask(session, target)

    sign_ups.confirm(session, asked_last(session), desk=DESK, now=NOW)

    hashed = mail.hash_of("maria@example.org", DESK.address_key)
    assert mail.suppressed_hashes(session, [hashed], [f"list:{target.id}"]) == set()
    assert mail.suppressed_hashes(session, [hashed], [f"purpose:{target.purpose}"]) == {hashed}


def test_one_address_is_asked_a_few_times_a_day_and_everyone_a_few_hundred_an_hour(session, monkeypatch):
    target = public_list(session)
    for _ in range(5):
        ask(session, target)
    assert session.execute(select(func.count()).select_from(Delivery)).scalar_one() == sign_ups.AN_ADDRESS_A_DAY
    ask(session, target, now=NOW + timedelta(days=1, minutes=1))
    assert session.execute(select(func.count()).select_from(Delivery)).scalar_one() == sign_ups.AN_ADDRESS_A_DAY + 1

    monkeypatch.setattr(sign_ups, "ALL_AN_HOUR", 4)
    for number in range(3):
        ask(session, target, f"other{number}@example.org", now=NOW + timedelta(days=1, minutes=1))
    with pytest.raises(TooManySignUps):
        ask(session, target, "last@example.org", now=NOW + timedelta(days=1, minutes=1))


def test_what_nobody_confirmed_is_emptied_after_seven_days(session):
    target = public_list(session)
    ask(session, target)

    assert asked_last(session, now=NOW + sign_ups.VALID + timedelta(seconds=1)) is None
    assert ageing.empty_sign_ups(session, before=NOW + timedelta(seconds=1)) == 1
    row = session.execute(select(*(columns(Delivery)[n] for n in ("address", "address_hash", "slots")))).one()
    assert tuple(row) == ("", "", {})
    assert asked_last(session) is None


def test_a_list_for_few_is_no_list_and_a_bad_address_is_none(session):
    target = public_list(session)
    people.create_list(session, name="Board", key="board", now=NOW, actor=STAFF)

    with pytest.raises(NoSuchList):
        sign_ups.find_list(session, "board")
    with pytest.raises(BadAddress):
        ask(session, target, "nobody at all")
    assert sign_ups.find_list(session, target.key) == target


def test_a_list_that_is_closed_meanwhile_takes_nobody(session):
    target = public_list(session)
    ask(session, target)
    people.update_list(session, target.id, {"public": False}, now=NOW, actor=STAFF)

    assert asked_last(session) is None
