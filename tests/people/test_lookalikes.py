"""Domains that pass for another are seen, and honest ones in any alphabet are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.people.lookalikes import Suspicion, Trick, by_skeleton, skeleton, suspicion

KNOWN = by_skeleton({"example.org": 40, "modern.example": 9, "coalition.example": 12})


@pytest.mark.parametrize(
    ("domain", "of"),
    [
        pytest.param("ex\u0430mple.org", "example.org", id="Cyrillic a"),
        pytest.param("exampl\u03b5.org", "example.org", id="Greek epsilon"),
        pytest.param("examp1e.org", "example.org", id="one for l"),
        pytest.param("exarnple.org", "example.org", id="r n for m"),
        pytest.param("c0alition.example", "coalition.example", id="nought for o"),
        pytest.param("exámple.org", "example.org", id="accent"),
        pytest.param("EX\u0410MPLE.ORG", "example.org", id="capitals"),
        pytest.param("\u0435\u0445\u0430\u043c\u0440\u04cf\u0435.org", "example.org", id="wholly Cyrillic"),
    ],
)
def test_known_domain_in_other_letters_is_suspicious(domain: str, of: str) -> None:
    assert suspicion(domain, KNOWN) == Suspicion(Trick.LIKE_KNOWN, of)


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        pytest.param("p\u0430ypal.example", Suspicion(Trick.TWO_ALPHABETS), id="Latin and Cyrillic"),
        pytest.param("\u03bfpen.example", Suspicion(Trick.TWO_ALPHABETS), id="Greek and Latin"),
        pytest.param("\u0441\u043e\u0440.com", Suspicion(Trick.OTHER_ALPHABET), id="Cyrillic that reads as Latin"),
        pytest.param("example.org", None, id="known"),
        pytest.param("other.example", None, id="unknown and plain"),
        pytest.param("пример.рф", None, id="Russian"),
        pytest.param("почта.org", None, id="Russian word no one takes for Latin"),
        pytest.param("münchen.example", None, id="German"),
        pytest.param("例え-テスト.jp", None, id="Japanese"),
        pytest.param("مثال.إختبار", None, id="Arabic"),
        pytest.param("modern.example", None, id="r n that is known"),
    ],
)
def test_alphabets_are_looked_at(domain: str, found: Suspicion | None) -> None:
    assert suspicion(domain, KNOWN) == found


def test_the_commoner_of_two_plain_domains_is_meant() -> None:
    known = by_skeleton({"examp1e.org": 30, "example.org": 1})

    assert suspicion("example.org", known) == Suspicion(Trick.LIKE_KNOWN, "examp1e.org")
    assert suspicion("examp1e.org", known) is None


def test_plain_letters_are_meant_however_common_the_others_are() -> None:
    known = by_skeleton({"ex\u0430mple.org": 30, "example.org": 1})

    assert suspicion("ex\u0430mple.org", known) == Suspicion(Trick.LIKE_KNOWN, "example.org")


@given(st.text(max_size=300), st.text(max_size=30))
def test_any_text_has_a_look_or_none(domain: str, other: str) -> None:
    known = by_skeleton({other: 1})

    found = suspicion(domain, known)

    assert found is None or found.of in {"", other.lower()}
    assert skeleton(domain) == skeleton(domain.lower())
