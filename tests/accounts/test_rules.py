"""Rules of accounts, bare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.accounts.rules import check_password, is_live, may, needs_touch, parse_address, parse_role
from service.accounts.values import Permission, Role
from service.kernel.errors import Invalid

MARCH = datetime(2027, 3, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        (Role.VIEWER, {"read"}),
        (Role.CHECKIN, {"read", "check_in"}),
        (Role.COORDINATOR, {"read", "check_in", "edit", "send"}),
        (Role.MANAGER, {"read", "check_in", "edit", "send", "export", "administer"}),
    ],
)
def test_each_role_holds_what_the_weaker_ones_hold_and_more(role, permissions):
    assert {permission for permission in Permission if may(role, permission)} == permissions


@pytest.mark.parametrize(
    ("idle", "left", "live"),
    [
        (timedelta(minutes=30), timedelta(seconds=1), True),
        (timedelta(minutes=30, seconds=1), timedelta(hours=1), False),
        (timedelta(0), timedelta(0), False),
    ],
    ids=["just in time", "idle too long", "past its end"],
)
def test_a_session_ends_when_idle_or_at_its_end(idle, left, live):
    assert is_live(seen_at=MARCH - idle, expires_at=MARCH + left, now=MARCH) is live


def test_last_seen_is_written_at_most_once_a_minute():
    assert [needs_touch(MARCH - timedelta(seconds=seconds), MARCH) for seconds in (0, 59, 60)] == [False, False, True]


def test_an_address_is_tidied_and_known_in_lower_case():
    assert parse_address("  Maria.Achieng@Example.ORG ") == ("Maria.Achieng@example.org", "maria.achieng@example.org")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("ruth.ellery", "An e-mail address has an @, such as name@example.org."),
        ("ruth.ellery@example", "The part after @ needs an ending, such as example.org."),
        ("@example.org", "This is not an e-mail address. Write it such as name@example.org."),
        ("a b@example.org", "This is not an e-mail address. Write it such as name@example.org."),
        ("", "An e-mail address has an @, such as name@example.org."),
        ("a@example.org\nBcc: b@example.org", "This is not an e-mail address. Write it such as name@example.org."),
    ],
)
def test_what_is_no_address_is_refused_with_how_to_put_it_right(raw, sentence):
    with pytest.raises(Invalid) as refused:
        parse_address(raw)

    assert (refused.value.sentence, refused.value.field) == (sentence, "email")


@pytest.mark.parametrize(
    "password",
    ["short words", "aaaabbbbaaaabbbb", "maria.achieng-2027", "x1y2z3" * 50],
    ids=["short", "few characters", "made of the address", "long"],
)
def test_a_weak_password_is_refused(password):
    with pytest.raises(Invalid) as refused:
        check_password(password, email_key="maria.achieng@example.org")

    assert refused.value.field == "password"


def test_four_words_are_a_password():
    check_password("lantern river copper sixteen", email_key="maria.achieng@example.org")


def test_an_unknown_role_is_refused_with_the_known_ones():
    with pytest.raises(Invalid, match="viewer, checkin, coordinator, manager"):
        parse_role("owner")
