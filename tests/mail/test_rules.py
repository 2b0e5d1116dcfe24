"""What a relay's answer means, and what becomes of a letter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.mail import rules
from service.mail.values import DeliveryState, Fate, MailingState, Offer, Outcome, Semantics, Stage
from tests.mail.cast import NOW


@pytest.mark.parametrize(
    ("stage", "code", "text", "fate"),
    [
        pytest.param(Stage.DATA, 250, "2.0.0 Ok: queued as 1", Fate.ACCEPTED, id="taken"),
        pytest.param(Stage.DATA, 354, "End data with .", Fate.ACCEPTED, id="go on"),
        pytest.param(Stage.RCPT, 550, "5.1.1 no such user", Fate.BOUNCED, id="5.1.1"),
        pytest.param(Stage.RCPT, 550, "5.1.10 null MX", Fate.BOUNCED, id="5.1.10"),
        pytest.param(Stage.RCPT, 550, "5.2.1 disabled", Fate.BOUNCED, id="5.2.1"),
        pytest.param(Stage.RCPT, 550, "no such user", Fate.BOUNCED, id="plain 550"),
        pytest.param(Stage.RCPT, 550, "5.7.1 relaying denied", Fate.OUR_FAULT, id="5.7.1 is ours"),
        pytest.param(Stage.DATA, 554, "5.7.1 spam", Fate.OUR_FAULT, id="5.7.1 after data"),
        pytest.param(Stage.RCPT, 530, "5.5.1 authenticate first", Fate.OUR_FAULT, id="53x"),
        pytest.param(Stage.MAIL, 550, "5.1.8 sender unknown", Fate.OUR_FAULT, id="5xx at MAIL"),
        pytest.param(Stage.CONNECT, 554, "no service for you", Fate.OUR_FAULT, id="5xx greeting"),
        pytest.param(Stage.RCPT, 552, "5.2.2 mailbox full", Fate.DEFERRED, id="full"),
        pytest.param(Stage.RCPT, 552, "mailbox full", Fate.DEFERRED, id="plain 552"),
        pytest.param(Stage.DATA, 552, "5.3.4 too big", Fate.REFUSED, id="too big"),
        pytest.param(Stage.RCPT, 550, "5.4.1 no route", Fate.REFUSED, id="5.4.1 is no proof"),
        pytest.param(Stage.RCPT, 450, "4.2.0 greylisted", Fate.DEFERRED, id="greylist"),
        pytest.param(Stage.RCPT, 450, "4.7.1 too many", Fate.THROTTLED, id="450 4.7"),
        pytest.param(Stage.DATA, 451, "4.7.0 slow down", Fate.THROTTLED, id="451 4.7"),
        pytest.param(Stage.MAIL, 421, "4.3.2 closing", Fate.THROTTLED, id="421"),
        pytest.param(Stage.RCPT, 452, "4.5.3 too many recipients", Fate.THROTTLED, id="452"),
    ],
)
def test_reply_is_classified(stage: Stage, code: int, text: str, fate: Fate):
    assert rules.classify(stage, code, text) is fate


@pytest.mark.parametrize(
    ("code", "text", "discreet", "said"),
    [
        pytest.param(550, "5.1.1 <ada@example.org>: gone", False, "550 5.1.1 <ada@example.org>: gone", id="as it came"),
        pytest.param(550, "5.1.1 <ada@example.org>: gone", True, "550 5.1.1", id="its codes alone"),
        pytest.param(550, "ada is gone", True, "550", id="a code without a status"),
        pytest.param(None, rules.EXPIRED, False, rules.EXPIRED, id="words of our own"),
        pytest.param(None, "", False, "", id="nothing"),
    ],
)
def test_words_of_a_relay_name_nobody_where_discretion_is_due(code: int | None, text: str, discreet: bool, said: str):
    assert rules.relay_words(code, text, discreet=discreet) == said


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        pytest.param(
            554, "5.7.1 <ada@example.org>: Relay access denied", "554 5.7.1 …: Relay access denied", id="Postfix"
        ),
        pytest.param(550, "5.7.1 ada@example.org not by you", "550 5.7.1 … not by you", id="bare address"),
        pytest.param(535, "5.7.8 wrong password", "535 5.7.8 wrong password", id="nobody named"),
        pytest.param(None, "TLS failed", "TLS failed", id="our own words"),
    ],
)
def test_reason_of_a_pause_names_no_reader(code: int | None, text: str, reason: str):
    assert rules.pause_reason(Outcome(Fate.OUR_FAULT, code, text)) == reason


A, B = Offer("m", "a.example", ("a1", "a2", "a3")), Offer("n", "b.example", ("b1",))


@pytest.mark.parametrize(
    ("offers", "size", "dealt"),
    [
        pytest.param([], 3, {}, id="nothing offered"),
        pytest.param([A, B], 2, {"a1": "m", "b1": "n"}, id="one of each in its turn"),
        pytest.param([A, B], 3, {"a1": "m", "b1": "n", "a2": "m"}, id="what one leaves over goes to the other"),
        pytest.param([A, B], 9, {"a1": "m", "b1": "n", "a2": "m", "a3": "m"}, id="all there are"),
        pytest.param([A.cut(1), B.cut(0)], 9, {"a1": "m"}, id="no more than there is room for"),
    ],
)
def test_letters_are_dealt_in_turn(offers: list[Offer], size: int, dealt: dict[str, str]):
    assert rules.deal(offers, size) == dealt


def decide(fate: Fate, **changes: object) -> rules.Next:
    given = {
        "attempts": 0,
        "semantics": Semantics.AT_LEAST_ONCE,
        "mailing": MailingState.RUNNING,
        "give_up_at": None,
        "now": NOW,
        "chance": 0.5,
    }
    return rules.after_attempt(Outcome(fate), **(given | changes))  # type: ignore[arg-type]


MINUTE = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fate", "changes", "after"),
    [
        pytest.param(Fate.ACCEPTED, {}, rules.Next(DeliveryState.SENT, 1, NOW), id="accepted"),
        pytest.param(Fate.BOUNCED, {}, rules.Next(DeliveryState.BOUNCED, 1, NOW), id="bounced"),
        pytest.param(Fate.REFUSED, {}, rules.Next(DeliveryState.FAILED, 1, NOW), id="refused"),
        pytest.param(Fate.DEFERRED, {}, rules.Next(DeliveryState.DEFERRED, 1, MINUTE), id="deferred"),
        pytest.param(
            Fate.THROTTLED,
            {},
            rules.Next(DeliveryState.DEFERRED, 0, NOW + timedelta(minutes=5.5), cools=True),
            id="a throttle costs no attempt",
        ),
        pytest.param(
            Fate.UNREACHABLE,
            {},
            rules.Next(DeliveryState.QUEUED, 0, NOW, avoids=rules.RELAY_AWAY),
            id="an absent relay costs no attempt",
        ),
        pytest.param(
            Fate.BARRED,
            {},
            rules.Next(DeliveryState.QUEUED, 0, NOW, avoids=rules.RELAY_BARS_US),
            id="a relay that bars us is avoided",
        ),
        pytest.param(Fate.OUR_FAULT, {}, rules.Next(DeliveryState.QUEUED, 0, NOW, pauses=True), id="our fault pauses"),
        pytest.param(Fate.HELD, {}, rules.Next(DeliveryState.QUEUED, 0, NOW), id="held"),
        pytest.param(
            Fate.HELD,
            {"mailing": MailingState.CANCELLED},
            rules.Next(DeliveryState.CANCELLED, 0, NOW),
            id="held by a cancellation",
        ),
        pytest.param(
            Fate.UNCLEAR, {}, rules.Next(DeliveryState.DEFERRED, 1, MINUTE, repeats=True), id="unclear is sent again"
        ),
        pytest.param(
            Fate.UNCLEAR,
            {"semantics": Semantics.AT_MOST_ONCE},
            rules.Next(DeliveryState.UNKNOWN, 1, NOW),
            id="unclear, at most once",
        ),
        pytest.param(
            Fate.UNCLEAR,
            {"mailing": MailingState.CANCELLED},
            rules.Next(DeliveryState.UNKNOWN, 0, NOW),
            id="unclear and cancelled",
        ),
        pytest.param(
            Fate.DEFERRED,
            {"give_up_at": NOW + timedelta(seconds=30)},
            rules.Next(DeliveryState.FAILED, 1, NOW),
            id="no try after the event",
        ),
        pytest.param(
            Fate.UNCLEAR,
            {"give_up_at": NOW + timedelta(seconds=30)},
            rules.Next(DeliveryState.UNKNOWN, 1, NOW),
            id="unclear at the end stays unknown",
        ),
        pytest.param(
            Fate.DEFERRED,
            {"attempts": rules.MAX_ATTEMPTS - 1},
            rules.Next(DeliveryState.FAILED, rules.MAX_ATTEMPTS, NOW),
            id="the last attempt",
        ),
    ],
)
def test_attempt_decides_what_becomes_of_the_letter(fate: Fate, changes: dict[str, object], after: rules.Next):
    assert decide(fate, **changes) == after


def test_backoff_doubles_to_four_hours_with_jitter():
    waits = [rules.backoff(n, 0.5) for n in (1, 2, 3, 8, 9, 23)]
    spread = [rules.backoff(1, chance) for chance in (0.0, 1.0)]

    assert waits == [timedelta(minutes=m) for m in (1, 2, 4, 128, 240, 240)]
    assert spread == [timedelta(seconds=48), timedelta(seconds=72)]


@pytest.mark.parametrize(
    ("dot", "semantics", "mailing", "late", "state"),
    [
        (False, Semantics.AT_LEAST_ONCE, MailingState.RUNNING, False, DeliveryState.QUEUED),
        (False, Semantics.AT_MOST_ONCE, MailingState.RUNNING, False, DeliveryState.QUEUED),
        (False, Semantics.AT_LEAST_ONCE, MailingState.CANCELLED, False, DeliveryState.CANCELLED),
        (True, Semantics.AT_LEAST_ONCE, MailingState.RUNNING, False, DeliveryState.QUEUED),
        (True, Semantics.AT_MOST_ONCE, MailingState.RUNNING, False, DeliveryState.UNKNOWN),
        (True, Semantics.AT_LEAST_ONCE, MailingState.CANCELLED, False, DeliveryState.UNKNOWN),
        (True, Semantics.AT_LEAST_ONCE, MailingState.RUNNING, True, DeliveryState.UNKNOWN),
    ],
)
def test_crash_is_judged_by_the_dot(
    dot: bool, semantics: Semantics, mailing: MailingState, late: bool, state: DeliveryState
):
    after = rules.after_crash(
        NOW if dot else None, semantics=semantics, mailing=mailing, give_up_at=NOW if late else None, now=NOW
    )

    assert after is state


MOVES = {
    "approve": (rules.approved, {MailingState.DRAFT: MailingState.APPROVED}),
    "undo": (rules.undone, {MailingState.APPROVED: MailingState.DRAFT}),
    "pause": (
        rules.paused,
        {MailingState.APPROVED: MailingState.PAUSED, MailingState.RUNNING: MailingState.PAUSED},
    ),
    "resume": (lambda state: rules.resumed(state, NOW, NOW), {MailingState.PAUSED: MailingState.RUNNING}),
    "resume early": (
        lambda state: rules.resumed(state, NOW + timedelta(hours=1), NOW),
        {MailingState.PAUSED: MailingState.APPROVED},
    ),
    "cancel": (
        rules.cancelled,
        dict.fromkeys(
            (MailingState.DRAFT, MailingState.APPROVED, MailingState.RUNNING, MailingState.PAUSED),
            MailingState.CANCELLED,
        ),
    ),
}


@pytest.mark.parametrize("wish", MOVES)
def test_mailing_moves_only_along_its_states(wish: str):
    move, allowed = MOVES[wish]
    reached = {}
    for state in MailingState:
        try:
            reached[state] = move(state)
        except (rules.MailingClosed, rules.AlreadyLeaving):
            continue

    assert reached == allowed


def test_scopes_name_everything_that_can_stop_a_letter():
    assert rules.scopes("events", None) == ("all", "purpose:events")
    assert rules.scopes("events", "L1") == ("all", "purpose:events", "list:L1")
    assert (rules.way_out("events", None), rules.way_out("news", "L1")) == ("purpose:events", "list:L1")
    assert rules.way_out("events", "L1") == "purpose:events"  # a reminder of the same event belongs to no list


def test_address_is_compared_without_case_and_space():
    assert rules.normalised("  Maria.Achieng@Example.ORG ") == "maria.achieng@example.org"
    assert (rules.domain_of("Maria@Example.ORG"), rules.domain_of("nobody")) == ("example.org", "")
