"""What a file is: its name says what it claims to be, its content whether that is true. Pure.

Nothing is unpacked: of an archive only the table of contents is read. Pictures of markup (SVG), pages and
programs are no type of this list, whatever they are called.
"""

from __future__ import annotations

import io
import zipfile

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
TYPES = {
    "pdf": "application/pdf",
    "epub": "application/epub+zip",
    "docx": _OFFICE + "wordprocessingml.document",
    "pptx": _OFFICE + "presentationml.presentation",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "odt": _OPEN + "text",
    "ods": _OPEN + "spreadsheet",
    "png": "image/png",
    "jpg": "image/jpeg",
    "csv": "text/csv",
    "txt": "text/plain",
}
_STARTS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
_PARTS = {"docx": "word/document.xml", "pptx": "ppt/presentation.xml", "xlsx": "xl/workbook.xml"}
_MACROS = ("vbaproject.bin", "basic/script-lc.xml")
_MARKUP = (b"<!doctype", b"<?xml", b"<html", b"<svg", b"<script", b"<iframe", b"{\\rtf")
_HEAD = 4096
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f"))


def ending_of(filename: str) -> tuple[str, str]:
    """Return the stem of a file's name and its ending in lower case, without the folders before it."""
    stem, _, ending = filename.replace("\\", "/").rpartition("/")[2].rpartition(".")
    return stem, {"jpeg": "jpg"}.get(ending.lower(), ending.lower())


def holds(ending: str, content: bytes) -> bool:
    """Whether a content is what an ending of `TYPES` claims, and holds no macros."""
    if ending in _STARTS:
        return content.startswith(_STARTS[ending])
    if ending in ("csv", "txt"):
        return _is_text(content)
    names, says = _contents(content)
    if not names or any(name.lower().endswith(_MACROS) for name in names):
        return False
    return _PARTS[ending] in names if ending in _PARTS else says == TYPES[ending]


def _contents(content: bytes) -> tuple[list[str], str]:
    """Return the names in an archive, and what it says it is; nothing of what cannot be read."""
    if not content.startswith(b"PK\x03\x04"):
        return [], ""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = archive.namelist()
        first = archive.infolist()[0] if names else None
        # OpenDocument and EPUB say it in their first part, which is not packed.
        is_told = first is not None and first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
        return names, archive.read("mimetype")[:100].decode("ascii") if is_told else ""
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError):
        return [], ""


def _is_text(content: bytes) -> bool:
    """Whether it is plain text of any alphabet: no control characters, no markup that a browser would act on."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeDecodeError:
            return False
    head = content[:_HEAD].lower().lstrip(b"\xef\xbb\xbf \t\r\n")
    is_acted_on = head.startswith(b"#!") or any(mark in head for mark in _MARKUP)
    return bool(content) and not is_acted_on and content.translate(None, _CONTROLS) == content
