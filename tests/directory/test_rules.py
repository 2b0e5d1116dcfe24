"""What two people share, and what that says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.directory import rules
from service.directory.values import Likeness, Traits

MARIA = Traits("1", "Maria Achieng", ("maria@halden.example",), "h", "Halden Trust")


def other(name: str, *addresses: str, organisation: str | None = None) -> Traits:
    return Traits("2", name, addresses, "h" if organisation else None, organisation)


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        pytest.param(other("M.", "ma@x.example", "maria@halden.example"), [Likeness.SAME_ADDRESS], id="second"),
        pytest.param(other("M.", "maria+news@halden.example"), [Likeness.PLUS_ADDRESS], id="plus"),
        pytest.param(
            other("Dr ACHIENG, María", "x@gmail.com", organisation="Halden Trust"),
            [Likeness.SAME_NAME_AND_ORGANISATION],
            id="organisation",
        ),
        pytest.param(
            other("Mária Achieng", "ma@halden.example", organisation="Halden Trust"),
            [Likeness.SAME_NAME_AND_ORGANISATION],
            id="organisation-says-more-than-domain",
        ),
        pytest.param(other("maria achieng", "ma@halden.example"), [Likeness.SAME_NAME_AND_DOMAIN], id="domain"),
        pytest.param(
            other("Achieng Maria", "maria+a@halden.example"),
            [Likeness.PLUS_ADDRESS, Likeness.SAME_NAME_AND_DOMAIN],
            id="two-reasons",
        ),
        pytest.param(other("Maria Achieng", "maria@fjord.example"), [], id="only-the-name"),
        pytest.param(other("Bo", "bo@halden.example", organisation="Halden Trust"), [], id="only-the-organisation"),
        pytest.param(other("M.", "mar.ia@halden.example"), [], id="dots-count-elsewhere"),
        pytest.param(other("M.", "+maria@halden.example"), [], id="plus-first"),
    ],
)
def test_why_two_people_may_be_one(given: Traits, reasons: list[Likeness]) -> None:
    assert rules.likenesses(MARIA, given) == tuple(reasons)
    assert rules.likenesses(given, MARIA) == tuple(reasons)
    assert bool(rules.keys_of(MARIA) & rules.keys_of(given)) is bool(reasons)


@pytest.mark.parametrize(
    ("one", "two", "reason"),
    [
        ("ma.ria@gmail.com", "maria@googlemail.com", Likeness.GMAIL_DOTS),
        ("ma.ria+a@gmail.com", "maria@gmail.com", Likeness.GMAIL_DOTS),
        ("maria+a@gmail.com", "maria@gmail.com", Likeness.PLUS_ADDRESS),
    ],
)
def test_gmail(one: str, two: str, reason: Likeness) -> None:
    held = replace(MARIA, name="One", addresses=(one,), organisation_id=None, organisation=None)

    assert rules.likenesses(held, replace(held, name="Two", addresses=(two,))) == (reason,)


def test_an_open_domain_and_a_name_of_one_word_say_nothing() -> None:
    open_to_all = replace(MARIA, addresses=("a@gmail.com",), organisation_id=None)
    one_word = replace(MARIA, name="Maria", organisation_id=None)

    assert rules.likenesses(open_to_all, replace(open_to_all, addresses=("b@gmail.com",))) == ()
    assert rules.likenesses(one_word, replace(one_word, addresses=("b@halden.example",))) == ()


def test_shared_mailboxes_under_the_name_of_their_organisation_are_not_one() -> None:
    info = replace(MARIA, name="Halden Trust", addresses=("info@halden.example",))

    assert rules.likenesses(info, replace(info, addresses=("press@halden.example",))) == ()


def test_a_key_holds_no_text() -> None:
    assert {len(key) for _kind, key in rules.keys_of(MARIA)} == {20}


def test_a_pair_has_one_order_and_two_people() -> None:
    assert rules.ordered("b", "a") == rules.ordered("a", "b") == ("a", "b")
    with pytest.raises(rules.SamePerson):
        rules.ordered("a", "a")
