"""Files as they come: every encoding and delimiter, and what is no table."""

from __future__ import annotations

import codecs
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.kernel.errors import FarsowError, Invalid, TooLarge
from service.people import reading
from service.people.headings import find_layout
from service.people.importing import audience_finder, read_drafts
from service.people.reading import Sizes, read_table
from service.people.values import Draft

TEXT = "Nom;Courriel\r\nTomás;t@x.org\r\n"
ROWS = [["Nom", "Courriel"], ["Tomás", "t@x.org"]]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        pytest.param(TEXT.encode(), "UTF-8", id="utf-8"),
        pytest.param(TEXT.encode("utf-8-sig"), "UTF-8 with a mark", id="utf-8 with BOM"),
        pytest.param(TEXT.encode("utf-16"), "UTF-16", id="utf-16 with BOM"),
        pytest.param(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16", id="utf-16-be with BOM"),
        pytest.param(TEXT.encode("utf-16-le"), "UTF-16", id="utf-16-le without BOM"),
        pytest.param(TEXT.encode("utf-16-be"), "UTF-16", id="utf-16-be without BOM"),
        pytest.param(TEXT.encode("cp1252"), "Windows-1252", id="cp1252"),
    ],
)
def test_encoding_is_found(data: bytes, encoding: str) -> None:
    table = read_table(data)

    assert (table.encoding, table.delimiter, table.records) == (encoding, ";", ROWS)


@pytest.mark.parametrize(
    ("text", "delimiter", "records"),
    [
        pytest.param("a,b\nc,d\n", ",", [["a", "b"], ["c", "d"]], id="comma"),
        pytest.param("a\tb\nc\td", "\t", [["a", "b"], ["c", "d"]], id="tab, no last line end"),
        pytest.param("a|b\rc|d\r", "|", [["a", "b"], ["c", "d"]], id="bar, old Mac line ends"),
        pytest.param("sep=;\r\na,1;b\r\n", ";", [["a,1", "b"]], id="sep line"),
        pytest.param("SEP=\t\na,1\tb\n", "\t", [["a,1", "b"]], id="sep line with a tab"),
        pytest.param("n;e\nA, B;x\nC, D;y\n", ";", [["n", "e"], ["A, B", "x"], ["C, D", "y"]], id="commas"),
        pytest.param("n,e\nM,a; b\nN,c", ",", [["n", "e"], ["M", "a; b"], ["N", "c"]], id="two in a cell"),
        pytest.param('n,e\n"A\nB",x\n', ",", [["n", "e"], ["A\nB", "x"]], id="line break in quotes"),
        pytest.param('n,e\n5" pipe,x\n', ",", [["n", "e"], ['5" pipe', "x"]], id="inch mark"),
        pytest.param("a,b\n\nc,d\n", ",", [["a", "b"], [], ["c", "d"]], id="blank line keeps row numbers"),
        pytest.param("a@x.org\nb@x.org\n", ",", [["a@x.org"], ["b@x.org"]], id="one column"),
    ],
)  # fmt: skip
def test_delimiter_and_quotes_are_read(text: str, delimiter: str, records: list[list[str]]) -> None:
    table = read_table(text.encode())

    assert (table.delimiter, table.records) == (delimiter, records)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"PK\x03\x04\x14\0", "spreadsheet-file", id="xlsx or zip"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", "spreadsheet-file", id="xls"),
        pytest.param(b"\x1f\x8b\x08\x00", "spreadsheet-file", id="gzip"),
        pytest.param(b"%PDF-1.7", "not-a-table", id="pdf"),
        pytest.param(b"<html><table>", "not-a-table", id="html named xls"),
        pytest.param(b"a,b\0c,d\n" * 9, "not-a-table", id="NUL bytes"),
        pytest.param(bytes(range(1, 200)), "not-a-table", id="binary"),
        pytest.param(b"a@x.org,\x81\x8d\n", "not-a-table", id="no letters of cp1252"),
        pytest.param(codecs.BOM_UTF16_LE + b"a\0b", "not-a-table", id="half a letter"),
        pytest.param(b"", "empty-file", id="empty"),
        pytest.param(b"\r\n;;\r\n", "empty-file", id="blank"),
        pytest.param(b"," * 200, "file-too-large", id="201 columns"),
        pytest.param(b"n,e\n" + b"x" * 1_000_001, "file-too-large", id="cell over 1 MB"),
        pytest.param(b'n,e\n"x' + b"y\n" * 600_000, "file-too-large", id="open quote over 1 MB"),
        pytest.param(b"a\n" * 1_000_002, "file-too-large", id="too many rows"),
        pytest.param(b'n,e\n"Maria,m@x.org\nB,b@x.org\n', "open-quote", id="open quote"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(data: bytes, code: str) -> None:
    with pytest.raises((Invalid, TooLarge)) as refused:
        read_table(data)

    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")


def test_a_file_of_too_many_bytes_or_rows_is_refused() -> None:
    few = Sizes(bytes=4_000_012, rows=2)

    with pytest.raises(reading.FileTooLarge, match="larger than 4 MB"):
        read_table(b"a" * 4_000_013, few)
    with pytest.raises(reading.FileTooLarge, match="more than 2 rows"):
        read_table(b"n,e\nA,a\nB,b\nC,c\n", few)
    assert read_table(b"n,e\nA,a\nB,b\n", few).records == [["n", "e"], ["A", "a"], ["B", "b"]]


def test_archive_is_told_to_be_unpacked() -> None:
    with pytest.raises(reading.SpreadsheetFile, match="Unpack it"):
        read_table(b"PK\x03\x04")


def test_address_cards_are_a_table_in_any_encoding() -> None:
    text = "\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Tomás\r\nEMAIL:t@x.org\r\nEND:VCARD\r\n"

    tables = [read_table(text.encode(encoding)) for encoding in ("utf-8", "utf-16", "cp1252")]

    assert [(t.encoding, t.delimiter, t.records[1][0]) for t in tables] == [
        ("UTF-8", "vcard", "Tomás"),
        ("UTF-16", "vcard", "Tomás"),
        ("Windows-1252", "vcard", "Tomás"),
    ]


def test_open_quote_is_named_by_its_row() -> None:
    with pytest.raises(reading.OpenQuote) as refused:
        read_table(b'n,e\nA,a@x.org\n"B,b@x.org\nC,c@x.org\n')

    assert (refused.value.facts, "row 3" in str(refused.value)) == ({"row": 3}, True)


def drafts_or_refusal(data: bytes) -> list[Draft] | FarsowError:
    try:
        records = read_table(data).records
        return read_drafts(records, find_layout(records, is_audience=str.isdigit), audience_finder([]))
    except FarsowError as refused:
        return refused


@given(st.binary(max_size=3000) | st.text("a@x.,;\t\"'\n\r|=sep\0é\u202e", max_size=2000).map(str.encode))
@settings(max_examples=500, deadline=None)
@example(b'"' * 2000)
@example(b'""",;' * 500)
@example(b"sep=\n")
@example(b"sep=")
@example(b"\xff\xfe")
@example(codecs.BOM_UTF16_LE + "\ud800".encode("utf-16-le", "surrogatepass"))
def test_any_bytes_are_read_or_refused_within_a_second(data: bytes) -> None:
    start = process_time()

    outcome = drafts_or_refusal(data)

    assert process_time() - start < 1
    if isinstance(outcome, FarsowError):
        assert isinstance(outcome, Invalid | TooLarge)
        assert outcome.sentence.endswith(".")
    else:
        assert all(d.refusal or (d.fields["name"] and d.fields["email_key"]) for d in outcome)


MANY_ADDRESSES = ";".join(f"a{n}@x.org" for n in range(80_000))


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param('"' * 999_999, id="quotes"),
        pytest.param('"",' * 66, id="empty quotes"),
        pytest.param("a" * 900_000, id="one word"),
        pytest.param("@" * 900_000, id="at signs"),
        pytest.param("<a@" * 100_000, id="brackets"),
        pytest.param("a@x." * 200_000, id="dots"),
        pytest.param("x@" + "a-" * 400_000, id="hyphens"),
        pytest.param(MANY_ADDRESSES, id="addresses"),
        pytest.param("\u0301" * 400_000, id="combining marks"),
    ],
)
@pytest.mark.parametrize("heading", ["email", "name,email,country,language,tags,audience"])
def test_heavy_cells_are_read_within_a_second(bomb: str, heading: str) -> None:
    cells = ",".join([f'"{bomb}"' if '"' not in bomb else bomb] * len(heading.split(",")))
    start = process_time()

    drafts_or_refusal(f"{heading}\n{cells}\nm@x.org".encode())

    assert process_time() - start < 1
