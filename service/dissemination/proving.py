"""Files of evidence: what may be kept beside a record, and what is said of it. Pure.

An attendance sheet or a photograph can name people. So a file is held to name people until somebody says
otherwise, keeps no name of its own (people stand in those too), and never goes into a report or a package:
they say only how many files are held.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.dissemination import filetypes
from service.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from service.kernel.text import clean_line

MEGABYTE = 1_000_000
USUAL_LARGEST = 20 * MEGABYTE  # bytes of one file
MOST = 20  # files of one record
TYPES = ("pdf", "png", "jpg", "docx", "xlsx", "odt", "ods", "csv", "txt")
_SENTENCE = "This kind of file is not kept as evidence. Give a PDF, a picture (PNG, JPEG), a document or a sheet "


class Claim(StrEnum):
    """What a file can be evidence of."""

    LINE = "line"
    FIGURE = "figure"
    MARKER = "marker"
    OUTCOME = "outcome"
    RECORD = "record"
    SHIPMENT = "shipment"
    COMMITMENT = "commitment"
    EVENT = "event"


class UnknownClaim(NotFound):
    """There is nothing of this kind to show evidence of."""

    code = "unknown-claim"


class UnknownEvidence(NotFound):
    """The project has no such file."""

    code = "unknown-evidence"

    def __init__(self) -> None:
        super().__init__("There is no such file.")


class BadEvidence(Invalid):
    """This file is not kept."""

    code = "bad-evidence"


class EvidenceTooLarge(TooLarge):
    """The file is larger than we keep."""

    code = "evidence-too-large"

    def __init__(self, largest: int) -> None:
        super().__init__(f"This file is more than we take: at most {largest // MEGABYTE} MB.")


class TooManyFiles(Conflict):
    """The record has as many files as one may have."""

    code = "too-many-files"

    def __init__(self) -> None:
        super().__init__(f"At most {MOST} files beside one record: put them into one PDF.")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file without its content; `size` in bytes, `sha256` of what was uploaded."""

    id: str
    project_id: str
    kind: str
    record_id: str
    ending: str
    size: int
    sha256: str
    note: str
    names_people: bool
    added_by: str
    added_at: datetime

    @property
    def filename(self) -> str:
        """What it is called when someone takes it: it says nothing of what is in it."""
        return f"evidence-{self.id.lower()}.{self.ending}"

    @property
    def media_type(self) -> str:
        """Its media type, as its content was read."""
        return filetypes.TYPES[self.ending]


def read_claim(raw: str) -> Claim:
    """Return the kind of record of a word.

    Raises:
        UnknownClaim: it is none.
    """
    try:
        return Claim(raw)
    except ValueError:
        raise UnknownClaim("There is no such kind of record.") from None


def check_file(filename: str, content: bytes, *, largest: int) -> str:
    """Return the ending of a file, judged by its name and by its content.

    Raises:
        EvidenceTooLarge, BadEvidence: it is not kept.
    """
    if len(content) > largest:
        raise EvidenceTooLarge(largest)
    if not content:
        raise BadEvidence("Choose a file that is not empty.", field="file")
    ending = filetypes.ending_of(filename)[1]
    if ending not in TYPES:
        raise BadEvidence(f"{_SENTENCE}(DOCX, XLSX, ODT, ODS, CSV), or plain text.", field="file")
    if not filetypes.holds(ending, content):
        raise BadEvidence(
            f"This file is called .{ending} and is something else inside, or holds macros. Nothing was kept.",
            field="file",
        )
    return ending


def check_note(note: str) -> str:
    """Return what is said of a file.

    Raises:
        BadEvidence: nothing is said.
    """
    note = clean_line(note)[:300]
    if not note:
        raise BadEvidence("Say what it shows, such as “Signed sheet of the launch”.", field="note")
    return note
