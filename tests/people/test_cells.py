"""Cells as people leave them become plain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.people.cells import guarded, is_turned, narrow, says_no_address, tidy


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("\u00a0 Maria\u200b  Achieng ", "Maria Achieng"),
        ("\u202egnehcA airaM\u202c", "gnehcA airaM"),
        ("Tomás\r\nRivadeneira", "Tomás Rivadeneira"),
        ("'=cmd", "=cmd"),
        ("'Aisha", "'Aisha"),
        ("  a   b ", "a b"),
    ],
)
def test_cells_are_tidied(cell: str, text: str) -> None:
    assert tidy(cell) == text


@pytest.mark.parametrize("cell", ["n/a", "N/A", " - ", "--", "\u2013", "#N/A", "n. a.", "?"])
def test_words_for_nothing_are_nothing(cell: str) -> None:
    assert tidy(cell) == ""


@pytest.mark.parametrize("cell", ["NA", "Null", "Nil", "No", "None"])
def test_what_may_be_a_country_or_a_name_stays(cell: str) -> None:
    assert tidy(cell) == cell


def test_words_for_no_address_are_known() -> None:
    assert [says_no_address(text) for text in ("NA", "none", "Aucun", "m@x.org", "x" * 100)] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_turned_text_is_seen() -> None:
    assert [is_turned(cell) for cell in ("m@x.org", "\u202em@x.org", "\u0645\u0631\u064a\u0645")] == [
        False,
        True,
        False,
    ]


@given(st.text(max_size=60))
def test_tidying_is_done_once_and_for_all(cell: str) -> None:
    text = tidy(cell)

    assert tidy(guarded(text)) == text
    assert tidy(f" {text}") == text or guarded(text) != text
    assert not is_turned(text)
    assert narrow(narrow(text)) == narrow(text)
