"""Reading the mailbox of the intake address, over a real IMAP conversation."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from service.adapters import imap
from service.adapters.imap import BadIntakeUrl, ImapInbox, read_account
from service.letters.values import Cursor, Fetched, Look
from tests.mail.imap_server import Box, serving

ONE, TWO = b"Subject: one\r\n\r\nfirst\r\n", b"Subject: two\r\n\r\nsecond\r\n"


def look(box: Box, cursor: Cursor = Cursor(), *, query: str = "", patience: float = 2.0) -> Look:  # noqa: B008
    """Return what one look finds."""
    inbox = ImapInbox(read_account(box.url + query), patience=patience, longest=1.0)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if (found := inbox.look(cursor)) is not None:
            return found
        time.sleep(0.01)
    raise AssertionError("the look never ended")


def test_what_lies_beyond_the_cursor_is_found_in_order_and_nothing_is_changed() -> None:
    with serving(Box({12: TWO, 5: ONE})) as box:
        assert look(box) == Look(7, (Fetched(5, ONE), Fetched(12, TWO)))
        assert look(box, Cursor(7, 5)) == Look(7, (Fetched(12, TWO),))
        assert look(box, Cursor(7, 12)) == Look(7)  # the server names the last one all the same
        assert look(box, Cursor(6, 12)) == Look(7, (Fetched(5, ONE), Fetched(12, TWO)))  # the mailbox was made anew
        assert {said.split()[0] for said in box.commands} == {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}


def test_what_was_taken_in_is_deleted_where_the_address_says_so_and_only_that() -> None:
    with serving(Box({5: ONE, 12: TWO})) as box:
        assert look(box, query="&then=delete").messages[0].uid == 5
        assert sorted(box.messages) == [5, 12]
        assert look(box, Cursor(7, 5), query="&then=delete") == Look(7, (Fetched(12, TWO),))
        assert sorted(box.messages) == [12]
        assert look(box, Cursor(6, 99), query="&then=delete").messages[0].uid == 12  # another mailbox: nothing is ours
        assert sorted(box.messages) == [12]


def test_a_large_message_is_cut_and_a_look_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "LARGEST", 1_000)
    monkeypatch.setattr(imap, "MOST_BYTES", 2_500)
    with serving(Box(dict.fromkeys(range(1, 9), b"x" * 5000))) as box:
        assert look(box) == Look(7, tuple(Fetched(n, b"x" * 1_000) for n in (1, 2, 3)))


@pytest.mark.parametrize(
    ("command", "what", "trouble"),
    [
        ("GREETING", "hang", "imap-away"),
        ("GREETING", "drip", "imap-nonsense"),
        ("GREETING", "drop", "imap-nonsense"),
        ("GREETING", "garbage", "imap-nonsense"),
        ("LOGIN", "no", "imap-sign-in"),
        ("LOGIN", "drop", "imap-nonsense"),
        ("EXAMINE", "no", "imap-folder"),
        ("SEARCH", "garbage", "imap-nonsense"),
        ("SEARCH", "hang", "imap-away"),
        ("FETCH", "drop", "imap-nonsense"),
        ("FETCH", "huge", "imap-nonsense"),
        ("FETCH", "drip", "imap-nonsense"),
        ("FETCH", "no", "imap-nonsense"),
    ],
)
def test_a_server_that_misbehaves_is_a_code_and_never_an_error(command: str, what: str, trouble: str) -> None:
    with serving(Box({5: ONE}, misdeed=(command, what))) as box:
        assert look(box, patience=0.4) == Look(trouble=trouble)


def test_a_server_without_starttls_or_that_is_not_there() -> None:
    with serving(Box({5: ONE})) as box:
        account = read_account(box.url)
        safe = ImapInbox(replace(account, tls="starttls"))
        assert _wait(safe) == Look(trouble="imap-tls")
        assert not any(said.startswith("LOGIN") for said in box.commands)
    assert _wait(ImapInbox(account)) == Look(trouble="imap-away")


def _wait(inbox: ImapInbox) -> Look:
    while (found := inbox.look(Cursor())) is None:
        time.sleep(0.01)
    return found


def test_after_a_look_without_news_it_rests() -> None:
    with serving(Box({})) as box:
        inbox = ImapInbox(read_account(box.url), every=60)
        assert _wait(inbox) == Look(7)
        assert [inbox.look(Cursor()) for _again in range(3)] == [None] * 3
        assert inbox._running is None


@pytest.mark.parametrize(
    "url",
    [
        "imaps://mail.example.org",
        "pop3://u:p@mail.example.org",
        "imaps://u:p@mail.example.org:port",
        "imaps://u:p@mail.example.org?then=burn",
        "imaps://u:p@mail.example.org?colour=red",
        "imaps://u:p@mail.example.org/Entw%C3%BCrfe",
    ],
)
def test_an_address_that_names_no_mailbox_is_refused(url: str) -> None:
    with pytest.raises(BadIntakeUrl, match="FARSOW_INTAKE_URL"):
        read_account(url)


def test_a_mailbox_is_shown_without_its_password_and_known_without_its_name() -> None:
    account = read_account("imaps://rsvp%40example.org:s%2Fcret@mail.example.org/Answers%20in?then=delete")

    assert (account.username, account.password, account.folder) == ("rsvp@example.org", "s/cret", "Answers in")
    assert (account.port, account.tls, account.deletes) == (993, "implicit", True)
    assert "cret" not in repr(account)
    assert "rsvp" not in account.key
