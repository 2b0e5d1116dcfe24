"""What was pasted into a box becomes a file like any other: a table as it is, a list of addresses as a table of two
columns.

    Maria Achieng <maria@example.org>                       one a line, or several with commas or semicolons
    "Peeters, Jos" <jos@example.org>; t@example.org
    Maria<tab>maria@example.org<tab>Kenya                   cells of a spreadsheet
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from service.kernel.errors import Invalid
from service.people.reading import EmptyFile

HEADINGS = ["Name", "E-mail"]
# A piece ends at a comma or semicolon that is neither quoted nor between angle brackets.
_PIECE = re.compile(r'((?:"[^"\n]*"|<[^>\n]*>|[^,;])*)([,;]|$)')
_NAMED = re.compile(
    r"(?P<name>.*?)[<(\[]\s*(?P<address>[^<>()\[\]\s]*@[^<>()\[\]]*?)\s*[>)\]]\s*(?P<after>.*)", re.DOTALL
)
_CARD = re.compile(r"\s*BEGIN:VCARD", re.IGNORECASE)
_LONGEST = 20_000  # letters of one line; who pastes more in one line has pasted something else


class NothingToWriteTo(Invalid):
    """Words were pasted, and no address."""

    code = "no-address-pasted"

    def __init__(self) -> None:
        super().__init__("There is no e-mail address in what was pasted.", field="pasted")


def pasted_file(text: str) -> bytes:
    """Return what was pasted as the bytes of a file, UTF-8.

    Raises:
        EmptyFile: nothing was pasted. NothingToWriteTo: there is no address in it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n\ufeff")
    if not text.strip():
        raise EmptyFile
    if "@" not in text and not _CARD.match(text):
        raise NothingToWriteTo
    if _is_table(text):
        return (text + "\n").encode("utf-8", "replace")
    made = io.StringIO()
    csv.writer(made).writerows([HEADINGS, *_entries(text)])
    return made.getvalue().encode("utf-8", "replace")


def _is_table(text: str) -> bool:
    """Tell whether it is cells in columns: with tabs, address cards, or lines of one address beside other cells."""
    if "\t" in text or _CARD.match(text):
        return True
    lines = [line for line in text.split("\n") if line.strip()]
    if "@" not in lines[0] and len(lines) > 1 and re.search(r"[,;|]", lines[0]):
        return True  # headings
    return all(line.count("@") == 1 and "<" not in line and re.search(r"\w\s*[,;|]\s*\S", line) for line in lines)


def _entries(text: str) -> Iterator[list[str]]:
    for line in text.split("\n"):
        for piece in _pieces(line[:_LONGEST]):
            yield _entry(piece)


def _pieces(line: str) -> Iterator[str]:
    """Yield what stands between commas or semicolons; “Achieng, Maria <m@x.org>” stays together."""
    if line.count("@") <= 1:
        yield from filter(None, [line.strip(" ,;")])
        return
    begun = ""
    for found in _PIECE.finditer(line):
        begun = f"{begun}{found[1]}"
        if "@" in begun or found[2] == ";":
            yield from filter(None, [begun.strip()])
            begun = ""
        else:
            begun += found[2]
    yield from filter(None, [begun.strip(" ,;")])


def _entry(piece: str) -> list[str]:
    """Return name and address of one entry; words without an address stay in the second, so that they are refused."""
    found = _NAMED.fullmatch(piece)
    if not found:
        return ["", piece]
    name = found["name"].strip(" \"'\t:") or found["after"].strip(" \"',;")
    return [name, found["address"]]
