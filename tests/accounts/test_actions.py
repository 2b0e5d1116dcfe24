"""Accounts on both databases: links, sessions, passwords, keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from service.accounts import actions, store
from service.accounts.rules import FIRST_LINK_LIFETIME
from service.accounts.values import Principal, RequestedLink, Role, Staff
from service.audit.log import trail
from service.db.engine import reading, writing
from service.kernel.errors import Invalid

MARCH = datetime(2027, 3, 4, 12, 0, tzinfo=UTC)
PASSWORD = "lantern river copper sixteen"


def add(session, email="maria@example.org", role=Role.COORDINATOR) -> Staff:
    return actions.add_staff(session, email=email, role=role, name="Maria Achieng", now=MARCH, actor="system")


def test_added_staff_can_be_read_again_and_the_trail_says_so_without_the_address(session):
    staff = add(session)

    assert store.read_staff(session, staff.id) == staff
    assert store.list_staff(session) == [staff]
    entries = [(row["actor"], row["action"], row["details"]) for row in trail(session, f"staff:{staff.id}")]
    assert entries == [("system", "staff.added", {"role": "coordinator"})]


def test_an_address_is_taken_in_any_spelling_and_the_transaction_goes_on(session):
    staff = add(session)

    with pytest.raises(actions.AddressTaken):
        add(session, email="MARIA@Example.org")

    assert store.list_staff(session) == [staff]


def test_a_link_signs_in_once(session):
    staff = add(session)
    secret = actions.make_link(session, staff.id, now=MARCH)

    begun = actions.spend_link(session, secret, now=MARCH)

    assert begun.staff == staff
    assert actions.who_signed_in(session, begun.secret, now=MARCH) == Principal(
        actor=f"staff:{staff.id}",
        name="Maria Achieng",
        role=Role.COORDINATOR,
        csrf=begun.csrf,
        seen_at=MARCH,
        signed_in_at=MARCH,
    )
    with pytest.raises(actions.LinkSpent):
        actions.spend_link(session, secret, now=MARCH)


@pytest.mark.parametrize(
    ("lifetime", "later", "works"),
    [
        (None, timedelta(minutes=14, seconds=59), True),
        (None, timedelta(minutes=15), False),
        (FIRST_LINK_LIFETIME, timedelta(hours=23), True),
        (FIRST_LINK_LIFETIME, timedelta(hours=24), False),
    ],
)
def test_a_link_expires(session, lifetime, later, works):
    staff = add(session)
    options = {"lifetime": lifetime} if lifetime else {}
    secret = actions.make_link(session, staff.id, now=MARCH, **options)

    assert (store.spend_link(session, secret, MARCH + later) == staff) is works


def test_a_requested_link_goes_to_the_address_kept_not_the_one_typed(session):
    staff = add(session, email="Maria@example.org")

    asked = actions.request_link(session, "mARIA@EXAMPLE.org", now=MARCH)

    assert asked == RequestedLink("Maria@example.org", asked.secret)
    assert actions.spend_link(session, asked.secret, now=MARCH).staff == staff


def test_nobody_and_the_disabled_get_no_link(session):
    staff = add(session)
    actions.disable_staff(session, staff.id, now=MARCH, actor="system")

    links = [actions.request_link(session, email, now=MARCH) for email in ("nobody@example.org", staff.email)]

    assert links == [None, None]


def test_a_flood_of_requests_makes_three_links_until_they_expire(session):
    add(session)

    made = [actions.request_link(session, "maria@example.org", now=MARCH) is not None for _ in range(5)]
    later = actions.request_link(session, "maria@example.org", now=MARCH + timedelta(minutes=15))

    assert made == [True, True, True, False, False]
    assert later is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda session, staff: actions.change_role(session, staff.id, Role.VIEWER, now=MARCH, actor="system"),
        lambda session, staff: actions.set_password(session, staff.id, PASSWORD, now=MARCH, actor="system"),
        lambda session, staff: actions.disable_staff(session, staff.id, now=MARCH, actor="system"),
    ],
    ids=["another role", "another password", "disabled"],
)
def test_every_session_and_link_ends_when_rights_change(session, change):
    staff = add(session)
    begun = [actions.sign_in(session, staff, now=MARCH, by="test") for _ in range(2)]
    link = actions.make_link(session, staff.id, now=MARCH)
    assert all(actions.who_signed_in(session, each.secret, now=MARCH) for each in begun)

    change(session, staff)

    assert [actions.who_signed_in(session, each.secret, now=MARCH) for each in begun] == [None, None]
    with pytest.raises(actions.LinkSpent):
        actions.spend_link(session, link, now=MARCH)


def test_a_session_lives_on_while_used_but_not_past_twelve_hours(session):
    staff = add(session)
    begun = actions.sign_in(session, staff, now=MARCH, by="test")

    live = []
    for minutes in range(0, 13 * 60, 29):
        now = MARCH + timedelta(minutes=minutes)
        if actions.who_signed_in(session, begun.secret, now=now) is None:
            break
        live.append(minutes)
        store.touch_session(session, begun.secret, now)

    assert live == list(range(0, 12 * 60, 29))


def test_an_idle_session_ends_after_half_an_hour(session):
    begun = actions.sign_in(session, add(session), now=MARCH, by="test")

    assert actions.who_signed_in(session, begun.secret, now=MARCH + timedelta(minutes=31)) is None


def test_signing_out_ends_that_session_only(session):
    staff = add(session)
    one, other = (actions.sign_in(session, staff, now=MARCH, by="test") for _ in range(2))

    actions.sign_out(session, one.secret, now=MARCH, actor=f"staff:{staff.id}")

    assert actions.who_signed_in(session, one.secret, now=MARCH) is None
    assert actions.who_signed_in(session, other.secret, now=MARCH) is not None


def test_signing_in_again_ends_the_browsers_session_before(session):
    staff = add(session)
    old = actions.sign_in(session, staff, now=MARCH, by="test")

    new = actions.spend_link(session, actions.make_link(session, staff.id, now=MARCH), now=MARCH, replaces=old.secret)

    assert actions.who_signed_in(session, old.secret, now=MARCH) is None
    assert actions.who_signed_in(session, new.secret, now=MARCH) is not None


def test_a_password_is_optional_and_must_be_right(session):
    staff = add(session)
    with pytest.raises(actions.WrongPassword):
        actions.check_password(session, staff.email, PASSWORD)
    actions.set_password(session, staff.id, PASSWORD, now=MARCH, actor="system")

    assert actions.check_password(session, staff.email, PASSWORD) == staff
    for email, password in [(staff.email, "wrong"), ("nobody@example.org", PASSWORD), (staff.email, "")]:
        with pytest.raises(actions.WrongPassword):
            actions.check_password(session, email, password)
    with pytest.raises(Invalid):
        actions.check_password(session, "nothing", PASSWORD)


def test_disabled_staff_cannot_use_their_password(session):
    staff = add(session)
    actions.set_password(session, staff.id, PASSWORD, now=MARCH, actor="system")
    actions.disable_staff(session, staff.id, now=MARCH, actor="system")

    with pytest.raises(actions.WrongPassword):
        actions.check_password(session, staff.email, PASSWORD)


def test_a_key_works_until_it_is_revoked(session):
    key = actions.add_key(session, " Website\n", Role.VIEWER, now=MARCH, actor="system", project_id="p" * 26)

    assert key.secret.startswith("fk_")
    assert actions.who_holds_key(session, key.secret) == Principal(
        actor=f"key:{key.id}", name="Website", role=Role.VIEWER, project_id="p" * 26
    )
    actions.revoke_key(session, key.id, now=MARCH, actor="system")
    assert actions.who_holds_key(session, key.secret) is None
    assert actions.who_holds_key(session, "fk_nonsense") is None


def test_no_secret_lies_in_the_database(engine):
    with writing(engine) as session:
        staff = add(session)
        link = actions.make_link(session, staff.id, now=MARCH)
        begun = actions.sign_in(session, staff, now=MARCH, by="test")
        key = actions.add_key(session, "Website", Role.VIEWER, now=MARCH, actor="system")
        actions.set_password(session, staff.id, PASSWORD, now=MARCH, actor="system")
        begun_again = actions.sign_in(session, staff, now=MARCH, by="test")
        left = actions.make_link(session, staff.id, now=MARCH)

    tables = ("staff", "sign_in_link", "staff_session", "api_key", "audit_entry")
    with reading(engine) as session:
        dump = str([session.execute(text(f"SELECT * FROM {table}")).all() for table in tables])

    assert begun_again.csrf in dump  # the dump does show what is kept
    secrets = [link, left, begun.secret, begun_again.secret, key.secret, PASSWORD]
    assert [secret for secret in secrets if secret in dump] == []


def test_sweeping_keeps_what_still_counts(session):
    staff = add(session)
    old = actions.sign_in(session, staff, now=MARCH - timedelta(hours=13), by="test")
    live = actions.sign_in(session, staff, now=MARCH, by="test")
    store.claim_request(session, "key:1", "old", "0" * 64, MARCH - timedelta(days=8))
    store.claim_request(session, "key:1", "new", "0" * 64, MARCH)

    actions.sweep(session, now=MARCH)

    assert store.read_session(session, old.secret) is None
    assert store.read_session(session, live.secret) is not None
    assert store.claim_request(session, "key:1", "old", "0" * 64, MARCH)
    assert not store.claim_request(session, "key:1", "new", "0" * 64, MARCH)
