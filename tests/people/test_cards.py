"""Address cards of every age become rows: folded lines, preferences, quoted-printable, and cards that are cut."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.people.cards import HEADINGS, MAX_LINE, NESTED, UNFINISHED, is_card_file, read_cards
from service.people.headings import find_layout


def read(text: str) -> list[dict[str, str]]:
    """Return what each card says, by heading, without what it leaves blank."""
    headings, *records = read_cards(text.splitlines(keepends=True))
    assert headings == list(HEADINGS)
    return [{name: cell for name, cell in zip(headings, r, strict=True) if cell} for r in records]


V3 = r"""BEGIN:VCARD
VERSION:3.0
N:Achieng;Maria;;Dr.;
FN:Dr. Maria Achieng
item1.EMAIL;TYPE=INTERNET:maria.private@example.org
EMAIL;TYPE=INTERNET,PREF:maria@example.org
ORG:Coalition\, Eastern Africa;Campaigns
TITLE:Coordinator
TEL;TYPE=CELL:+254 700 000 000
ADR;TYPE=WORK:;;1 Main St;Nairobi;;00100;Kenya
CATEGORIES:Seminar guests,Press
BDAY:1980-01-01
NOTE:Met in Geneva\; likes
  tea\nwith milk
END:VCARD
"""
V4 = """BEGIN:VCARD
VERSION:4.0
FN:Jos Peeters
EMAIL;PREF=2:jos2@example.org
EMAIL;PREF="1":mailto:jos@example.org
LANG;PREF=2:en
LANG;PREF=1:fr
TZ:Europe/Brussels
ROLE:Adviser
ADR;LABEL="Rue: 1; Bruxelles":;;Rue 1;Bruxelles;;1000;Belgium
TEL;VALUE=uri:tel:+32-2-000
END:VCARD
"""
V21 = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Rivadeneira;Tom=C3=A1s
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Tom=C3=A1s =
Rivadeneira
EMAIL;INTERNET;PREF:t@example.org
END:VCARD
"""


def test_version_3_is_read_with_all_it_says() -> None:
    assert read(V3) == [
        {
            "Name": "Dr. Maria Achieng",
            "First name": "Maria",
            "Last name": "Achieng",
            "E-mail": "maria@example.org",
            "Other e-mail": "maria.private@example.org",
            "Organisation": "Coalition, Eastern Africa",
            "Role": "Coordinator",
            "Telephone": "+254 700 000 000",
            "Country": "Kenya",
            "Tags": "Seminar guests, Press",
            "Notes": "Met in Geneva; likes tea with milk",
        }
    ]


def test_version_4_is_read_by_preference() -> None:
    assert read(V4) == [
        {
            "Name": "Jos Peeters",
            "E-mail": "jos@example.org",
            "Other e-mail": "jos2@example.org",
            "Role": "Adviser",
            "Telephone": "+32-2-000",
            "Country": "Belgium",
            "Language": "fr",
            "Time zone": "Europe/Brussels",
        }
    ]


def test_version_2_is_read_through_quoted_printable_and_its_soft_line_ends() -> None:
    assert read(V21) == [
        {
            "Name": "Tomás Rivadeneira",
            "First name": "Tomás",
            "Last name": "Rivadeneira",
            "E-mail": "t@example.org",
        }
    ]


def test_many_cards_keep_their_order_and_what_lies_between_is_passed_over() -> None:
    names = [card["Name"] for card in read(V3 + "\njunk: between\n\n" + V4 + V21)]

    assert names == ["Dr. Maria Achieng", "Jos Peeters", "Tomás Rivadeneira"]


@pytest.mark.parametrize(
    ("text", "cards"),
    [
        pytest.param(
            "BEGIN:VCARD\nFN:Cut Off\nEMAIL:cut@exam",
            [{"Name": "Cut Off", "Fault of the card": UNFINISHED}],
            id="cut at the end",
        ),
        pytest.param(
            "BEGIN:VCARD\nFN:One\nEMAIL:one@x.org\n" + V21.replace("\r", ""),
            [{"Name": "One", "Fault of the card": NESTED}, *read(V21)],
            id="no end before the next",
        ),
        pytest.param("BEGIN:VCARD\nEND:VCARD\n", [{}], id="empty card"),
        pytest.param("END:VCARD\nFN:Nobody\n", [], id="end without beginning"),
        pytest.param(
            "begin:vcard\nfn:Low\nemail:l@x.org\nend:vcard\n", [{"Name": "Low", "E-mail": "l@x.org"}], id="small"
        ),
    ],
)  # fmt: skip
def test_broken_cards_say_what_is_wrong_with_them(text: str, cards: list[dict[str, str]]) -> None:
    assert read(text) == cards


def test_headings_of_cards_are_understood() -> None:
    records = list(read_cards(V3.splitlines(keepends=True)))

    layout = find_layout(records, is_audience=lambda _text: False)

    assert {c.heading: c.field for c in layout.columns if c.field} == {
        "Name": "name",
        "First name": "first_name",
        "Last name": "last_name",
        "E-mail": "email",
        "Other e-mail": "other_email",
        "Organisation": "organisation",
        "Role": "role",
        "Telephone": "phone",
        "Country": "country",
        "Language": "language",
        "Time zone": "time_zone",
        "Tags": "tags",
        "Notes": "notes",
        "Fault of the card": "fault",
    }


@pytest.mark.parametrize(
    ("start", "is_one"),
    [("\ufeffbegin:vcard\r\n", True), ("\n BEGIN:VCARD", True), ("Name,E-mail", False), ("", False)],
)
def test_card_files_are_known_by_how_they_begin(start: str, is_one: bool) -> None:
    assert is_card_file(start) is is_one


LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"], exclude_characters="\x85\ufeff")
WORDS = st.text(LETTERS, min_size=1, max_size=20)


def escaped(text: str) -> str:
    """Return a text as vCard writes it."""
    for letter in "\\,;":
        text = text.replace(letter, "\\" + letter)
    return text


def folded(line: str, width: int) -> str:
    """Return a line folded every `width` letters."""
    return "\r\n ".join(line[at : at + width] for at in range(0, len(line), width))


@given(name=WORDS, organisation=WORDS, width=st.integers(1, 30))
def test_any_words_come_back_however_they_are_folded(name: str, organisation: str, width: int) -> None:
    lines = (f"FN:{escaped(name)}", f"ORG:{escaped(organisation)};Unit", "EMAIL:m@x.org")
    text = "".join(f"{folded(line, width)}\r\n" for line in lines)

    (card,) = list(read_cards(f"BEGIN:VCARD\r\n{text}END:VCARD\r\n".split("\n")))[1:]

    found = dict(zip(HEADINGS, card, strict=True))
    assert (found["Name"], found["Organisation"], found["E-mail"]) == (name, organisation, "m@x.org")


MARKS = ["N:", "FN", ";", ":", "=\n", "\n ", "ENCODING=QUOTED-PRINTABLE", "CHARSET=x", '"', "=C3", "\\"]
PIECES = st.sampled_from(["BEGIN:VCARD\n", "END:VCARD\n", *MARKS])


@given(st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join))
def test_any_text_is_read_as_rows_of_one_width(text: str) -> None:
    assert {len(record) for record in read_cards(text.splitlines(keepends=True))} == {len(HEADINGS)}


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param("BEGIN:VCARD\nFN:" + "x" * 5_000_000 + "\nEND:VCARD\n", id="one long line"),
        pytest.param("BEGIN:VCARD\nFN:x\n" + " y\n" * 1_000_000 + "END:VCARD\n", id="folded without end"),
        pytest.param("BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:" + "=\n" * 1_000_000, id="soft line ends"),
        pytest.param("BEGIN:VCARD\n" + "EMAIL:m@x.org\n" * 300_000 + "END:VCARD\n", id="many addresses"),
        pytest.param("BEGIN:VCARD\nADR:" + ";" * 2_000_000 + "\nEND:VCARD\n", id="many components"),
        pytest.param("BEGIN:VCARD\nFN" + ';A="' * 500_000 + "\nEND:VCARD\n", id="quotes"),
        pytest.param("BEGIN:VCARD\n" * 50_000, id="cards within cards"),
    ],
)
def test_heavy_cards_cost_at_most_three_seconds_of_work(bomb: str) -> None:
    start = process_time()

    records = list(read_cards(bomb.splitlines(keepends=True)))

    assert process_time() - start < 3
    assert max(len(cell) for record in records for cell in record) <= MAX_LINE
