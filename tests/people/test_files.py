"""Files of every kind through the one opener; hostile ones are refused in a sentence, for their size.

The clocks of the opener are set far off here: however slow the machine, it is a count that refuses a hostile file.
What it costs is compared with an honest file on the same machine, in processor time.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from service.people import files, reader_process
from service.people.cards import HEADINGS
from service.people.files import Limits, ReadingTooLong, TooMuchInside, open_table
from service.people.reading import Table
from service.people.workbooks import BrokenWorkbook

MEMORY = 200_000_000
_MEASURE = """
import json, resource, sys, time
from service.kernel.errors import FarsowError
from service.people.files import Limits, open_table
data = open(sys.argv[1], "rb").read()
peak = lambda: int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]) * 1024
before = peak()
try:
    said = {"rows": len(open_table(data, limits=Limits(cpu=300, wall=3000.0)).records)}
except FarsowError as error:
    said = {"code": error.code, "sentence": error.sentence}
used = resource.getrusage(resource.RUSAGE_CHILDREN)
said["cost"] = used.ru_utime + used.ru_stime + time.process_time()
said["child"] = used.ru_maxrss * 1024
said["own"] = peak() - before
print(json.dumps(said))
"""


def workbook(rows: list[list[str]]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": True})
    sheet = book.add_worksheet("Guests")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.add_worksheet("Notes of others")
    book.close()
    return file.getvalue()


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


def changed(book: bytes, name: str, content: bytes) -> bytes:
    """Return a workbook with one of its parts replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = workbook([["Name", "E-mail"], ["Maria", "maria@example.org"]])


def bomb() -> bytes:
    """Return a workbook of 400 kB whose sheet unpacks to 420 MB."""
    return changed(PLAIN, SHEET, b"<worksheet><sheetData>" + b" " * 420_000_000)


def hidden_bomb() -> bytes:
    """Return a bomb whose directory says that it is small."""
    data = bytearray(changed(PLAIN, SHEET, b"<worksheet><sheetData>" + b"<row/>" * 30_000_000))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(SHEET.encode()))
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def many_cells() -> bytes:
    """Return a workbook of 1 MB with 15 million cells: less than what is refused at once, more than fits."""
    return changed(PLAIN, SHEET, b"<worksheet><sheetData>" + (b"<row>" + b"<c><v>1</v></c>" * 190 + b"</row>") * 80_000)


def laughs() -> bytes:
    """Return a workbook whose words are entities of entities: a billion of them."""
    rows = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "lol">{rows}]>'
    return changed(PLAIN, "xl/sharedStrings.xml", f"{head}<sst><si><t>&l9;</t></si></sst>".encode())


def outside() -> bytes:
    """Return a workbook whose words are to be fetched from a file of the machine."""
    head = '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    words = "<si><t>Name &f;</t></si><si><t>E-mail</t></si><si><t>Maria</t></si><si><t>maria@example.org</t></si>"
    return changed(PLAIN, "xl/sharedStrings.xml", f"{head}<sst>{words}</sst>".encode())


def measured(data: bytes, folder: Path) -> dict[str, object]:
    """Open a file in a fresh process; return what was said, and what it and its child took."""
    environment = {**os.environ, "PYTHONPATH": str(files.ROOT)}
    path = folder / "file"
    path.write_bytes(data)
    command = [sys.executable, "-c", _MEASURE, str(path)]
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    return dict(json.loads(done.stdout))


def test_workbook_is_read_in_a_process_of_its_own() -> None:
    assert open_table(PLAIN) == Table(
        "", "workbook", [["Name", "E-mail"], ["Maria", "maria@example.org"]], "Guests", ["Notes of others"],
        ["Guests", "Notes of others"],
    )  # fmt: skip


def test_cards_and_texts_are_read_whatever_they_are_called() -> None:
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoë\r\nEMAIL:z@example.org\r\nEND:VCARD\r\n"
    tables = [open_table(card.encode(encoding)) for encoding in ("utf-8", "utf-8-sig", "utf-16")]

    assert [(t.delimiter, t.records[0], t.records[1][0]) for t in tables] == [("vcard", list(HEADINGS), "Zoë")] * 3
    assert open_table(b"Name;E-mail\nMaria;m@example.org\n").records[1] == ["Maria", "m@example.org"]


def test_formula_gives_what_was_stored_with_it() -> None:
    book = workbook([["Name", "E-mail"], ["=1+1", "m@example.org"]])

    assert open_table(book).records[1] == ["0", "m@example.org"]


def test_entity_from_outside_is_never_fetched() -> None:
    try:
        said = json.dumps(open_table(outside()).records)
    except BrokenWorkbook as refused:
        said = refused.sentence

    assert "root:" not in said


HOSTILE = [
    pytest.param(bomb, "file-too-large", id="zip bomb"),
    pytest.param(hidden_bomb, "broken-workbook", id="zip bomb that hides its size"),
    pytest.param(many_cells, "file-too-large", id="cells without end"),
    pytest.param(laughs, "broken-workbook", id="billion laughs"),
    pytest.param(lambda: archive(readme=b"x"), "spreadsheet-file", id="zip renamed .csv"),
    pytest.param(lambda: PLAIN[:-40], "broken-workbook", id="cut off"),
    pytest.param(lambda: b"<?xml version='1.0'?><!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>", "not-a-table", id="XXE"),
    pytest.param(lambda: b"a," * 10_000 + b"m@example.org\n", "file-too-large", id="10,000 columns"),
    pytest.param(lambda: workbook([["x@example.org"] * 10_000]), "file-too-large", id="10,000 columns of a sheet"),
    pytest.param(lambda: b"Name,E-mail\n" + b"x" * 99_000_000, "file-too-large", id="100 MB field"),
    pytest.param(lambda: b'Name,E-mail\n"' + b"x" * 99_000_000, "file-too-large", id="100 MB field in quotes"),
    pytest.param(lambda: b'Name,E-mail\n"' + b'""' * 5_000_000, "file-too-large", id="quadratic quotes"),
    pytest.param(lambda: b'"\n' * 5_000_000, "file-too-large", id="quotes on lines"),
    pytest.param(lambda: b"BEGIN:VCARD\n" * 3_000_000, "file-too-large", id="cards within cards"),
    pytest.param(lambda: b"BEGIN:VCARD\nN:\\\n" * 2_000_000, "file-too-large", id="cards of escapes"),
]


@pytest.fixture(scope="module")
def honest_cost(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Return the processor time of a list of half a million guests."""
    said = measured(b"Maria,maria@example.org\n" * 500_000, tmp_path_factory.mktemp("honest"))
    assert said["rows"] == 500_000
    return float(str(said["cost"]))


@pytest.mark.slow
@pytest.mark.parametrize(("make", "code"), HOSTILE)
def test_hostile_file_is_refused_within_memory_and_work(
    make: Callable[[], bytes], code: str, honest_cost: float, tmp_path: Path
) -> None:
    said = measured(make(), tmp_path)

    assert said["code"] == code
    assert str(said["sentence"]).endswith(".")
    assert float(str(said["cost"])) < 4 * honest_cost
    assert int(str(said["child"])) < MEMORY
    assert int(str(said["own"])) < MEMORY


@pytest.mark.slow
def test_card_of_one_endless_line_is_read_within_memory_and_work(honest_cost: float, tmp_path: Path) -> None:
    said = measured(b"BEGIN:VCARD\nFN:x\n" + b" y" * 20_000_000, tmp_path)

    assert said["rows"] == 2
    assert float(str(said["cost"])) < 4 * honest_cost
    assert int(str(said["child"])) < MEMORY
    assert int(str(said["own"])) < MEMORY


def test_process_that_takes_too_long_is_stopped_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReadingTooLong) as refused:
        open_table(PLAIN, limits=Limits(wall=0.01))

    assert refused.value.code == "reading-too-long"


def test_process_that_wants_more_memory_than_it_may_have_is_refused() -> None:
    many = workbook([["Name", "E-mail"], *([f"Guest {n}", f"g{n}@example.org"] for n in range(20_000))])

    with pytest.raises(TooMuchInside):
        open_table(many, limits=Limits(memory=2_000_000))


def test_what_is_written_out_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = workbook([["Name", "E-mail"], *([f"Guest {n}", f"g{n}@example.org"] for n in range(5_000))])

    with pytest.raises(TooMuchInside):
        open_table(many, limits=Limits(written=10_000))


def test_process_has_no_setting_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARSOW_SECRET_KEY", "s" * 40)
    seen: list[dict[str, str]] = []
    run = subprocess.Popen

    def note(*command: object, **options: object) -> object:
        seen.append(options["env"])  # type: ignore[arg-type]
        return run(*command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(files.subprocess, "Popen", note)  # type: ignore[attr-defined]
    open_table(PLAIN)

    assert seen == [{}]


def test_codes_of_the_process_are_ours() -> None:
    kinds = [files._error(code, "It is so.").code for code in ("broken-workbook", "file-too-large", "x", "empty-file")]

    assert kinds == ["broken-workbook", "file-too-large", "not-a-table", "empty-file"]
    assert reader_process.MOST_BYTES == 50_000_000
