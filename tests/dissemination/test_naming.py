"""Whether a text names someone."""

from __future__ import annotations

import pytest

from service.dissemination.naming import Named, find_names

PEOPLE = ("Maria Achieng", "José de la Peña", "Grace", "Anna-Lena Berg", "Иван Петров", "ليلى منصور", "O Ba")


def found(text: str, *people: str) -> list[tuple[str, bool]]:
    return [(one.words, one.is_certain) for one in find_names({"summary": text}, people or PEOPLE)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("We heard Maria Achieng speak.", [("Maria Achieng", True)]),
        ("ACHIENG, Maria spoke.", [("ACHIENG Maria", True)]),
        ("m. achieng wrote to us.", [("m achieng", True)]),
        ("Jose Pena and the ministry", [("Jose Pena", True)]),
        ("José de la Peña's office", [("José de la Peña", True)]),
        ("Anna Lena Berg", [("Anna Lena Berg", True)]),
        ("Позвонил Петров Иван.", [("Петров Иван", True)]),
        ("شكرت ليلى منصور الفريق", [("ليلى منصور", True)]),
        ("Achieng came.", [("Achieng", False)]),
        ("They came with Grace.", [("Grace", False)]),
        ("They came with grace.", []),
        ("the coalition of la Plata and de Vries", []),
        ("Mariam Achiengo", []),
        ("", []),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_a_text_names_someone_when_a_reader_would_know_them(text: str, named: list[tuple[str, bool]]):
    assert found(text) == named


def test_each_text_is_named_and_nobody_is_found_across_two_of_them():
    texts = {"summary": "We met Maria", "next_steps": "Achieng Maria will call."}

    assert find_names(texts, PEOPLE) == (
        Named("next_steps", "Achieng Maria", is_certain=True),
        Named("summary", "Maria", is_certain=False),
    )
