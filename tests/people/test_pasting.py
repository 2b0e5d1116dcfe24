"""What people paste into a box: mail headers' lists, lines, cells of a spreadsheet."""

from __future__ import annotations

from contextlib import suppress
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.errors import FarsowError
from service.people.pasting import HEADINGS, NothingToWriteTo, pasted_file
from service.people.reading import EmptyFile, read_table


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param("Maria Achieng <maria@example.org>", [["Maria Achieng", "maria@example.org"]], id="one"),
        pytest.param("a@x.org\r\nb@x.org\r\n", [["", "a@x.org"], ["", "b@x.org"]], id="lines"),
        pytest.param("a@x.org, b@x.org;c@x.org", [["", "a@x.org"], ["", "b@x.org"], ["", "c@x.org"]], id="marks"),
        pytest.param(
            '"Peeters, Jos" <jos@x.org>; Rao, Sunita <s@x.org>, t@x.org,',
            [["Peeters, Jos", "jos@x.org"], ["Rao, Sunita", "s@x.org"], ["", "t@x.org"]],
            id="commas in names",
        ),
        pytest.param("Rao, Sunita <s@x.org>\nb@x.org", [["Rao, Sunita", "s@x.org"], ["", "b@x.org"]], id="one comma"),
        pytest.param("Jos (jos@x.org)\nRao [s@x.org]", [["Jos", "jos@x.org"], ["Rao", "s@x.org"]], id="brackets"),
        pytest.param("<jos@x.org> Jos Peeters", [["Jos Peeters", "jos@x.org"]], id="name after"),
        pytest.param("To: Jos <mailto:jos@x.org>", [["To: Jos", "mailto:jos@x.org"]], id="mailto"),
        pytest.param("a@x.org\nask Maria\nb@x.org", [["", "a@x.org"], ["", "ask Maria"], ["", "b@x.org"]], id="words"),
    ],
)
def test_lists_of_addresses_become_names_and_addresses(text: str, rows: list[list[str]]) -> None:
    assert read_table(pasted_file(text)).records == [HEADINGS, *rows]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param("Maria\tm@x.org\tKE\nJos\tj@x.org", [["Maria", "m@x.org", "KE"], ["Jos", "j@x.org"]], id="tabs"),
        pytest.param("Name;E-mail\nMaria;m@x.org", [["Name", "E-mail"], ["Maria", "m@x.org"]], id="headings"),
        pytest.param("Maria, m@x.org\nJos, j@x.org", [["Maria", " m@x.org"], ["Jos", " j@x.org"]], id="commas"),
    ],
)  # fmt: skip
def test_tables_stay_as_they_are(text: str, rows: list[list[str]]) -> None:
    assert read_table(pasted_file(text)).records == rows


@pytest.mark.parametrize("text", ["", " \r\n ", "\ufeff"])
def test_nothing_is_nothing(text: str) -> None:
    with pytest.raises(EmptyFile):
        pasted_file(text)


def test_words_without_an_address_are_refused() -> None:
    with pytest.raises(NothingToWriteTo):
        pasted_file("Maria and Jos")


NAMES = st.text(st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=12)


@given(st.lists(NAMES, min_size=1, max_size=20), st.sampled_from(["\n", "; ", ", ", "\r\n"]))
def test_what_a_mail_program_writes_comes_back(names: list[str], between: str) -> None:
    text = between.join(f"{name} <p{at}@example.org>" for at, name in enumerate(names))

    rows = [[name, f"p{at}@example.org"] for at, name in enumerate(names)]
    assert read_table(pasted_file(text)).records == [HEADINGS, *rows]


@given(st.lists(st.sampled_from(list('@<>,;"\t\n()[] ')) | st.text(max_size=5), max_size=80).map("".join))
def test_any_text_is_taken_or_refused(text: str) -> None:
    with suppress(FarsowError):
        read_table(pasted_file(text))


@pytest.mark.parametrize(
    "bomb",
    ["@" * 1_000_000, "<@" * 500_000, '"' * 1_000_000, "a@x.org," * 200_000, "(@" * 500_000, "x <" * 300_000 + "@@"],
    ids=["at", "open", "quotes", "addresses", "brackets", "names"],
)
def test_heavy_text_costs_little_more_than_an_honest_list(bomb: str) -> None:
    honest = cost_of("Maria <m@example.org>\n" * 45_000)

    assert cost_of(bomb) < 20 * honest


def cost_of(text: str) -> float:
    """Return the processor time of taking a text: what else the machine does is not in it."""
    start = thread_time()
    with suppress(FarsowError):
        pasted_file(text)
    return thread_time() - start
