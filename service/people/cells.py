"""Cells of a file as people leave them, made plain: invisible marks, wide letters, words for “nothing here”. Pure."""

from __future__ import annotations

import re
import unicodedata

from service.kernel.text import clean_line

_MARKS = re.compile("[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2060\u2800\u3164\ufe0f\ufffe\ufeff]")
# These turn the direction of what follows: an address that is shown backwards is no mistake of typing.
_TURNS = re.compile("[\u202d\u202e]")
_WIDE = re.compile("[\uff01-\uff5e\u3000\u3002\uff61]")
# What a spreadsheet would carry out; an apostrophe in front keeps it from that, in our exports and by hand.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_EMPTY = frozenset(
    ["-", "--", "---", "–", "—", ".", "..", "...", "?", "??", "/", "#n/a", "n/a", "n.a.", "n. a.", "n.a"]
)
# What stands for “no address”. Not for other cells: NA is Namibia, and people are called Null.
_NO_ADDRESS = _EMPTY | frozenset(
    [
        *("na", "n\\a", "nil", "null", "none", "nan", "no", "unknown", "no email", "no e-mail", "not available"),
        *("tbc", "tbd", "aucun", "aucune", "inconnu", "néant", "sans", "s/o", "pas d'email"),
        *("ninguno", "no tiene", "sin correo", "s/d"),
    ]
)
_LONGEST = 16  # letters of the longest of them


def tidy(cell: str) -> str:
    """Return a cell's text on one line, without invisible and direction marks; "" for “n/a” and the like."""
    if cell.isascii() and cell.isprintable():
        text = cell.strip() if "  " not in cell else " ".join(cell.split())
    else:
        text = clean_line(_MARKS.sub("", cell))
    if len(text) <= _LONGEST and text.lower() in _EMPTY:
        return ""
    return text[1:] if text.startswith("'") and _needs_guard(text) else text


def guarded(text: str) -> str:
    """Return a cell for a CSV file that no spreadsheet takes for a formula, and that `tidy` makes what it was.

    >>> guarded("=1+1"), guarded("n/a"), guarded("Maria")
    ("'=1+1", "'n/a", 'Maria')
    """
    return f"'{text}" if _needs_guard(text) else text


def _needs_guard(text: str) -> bool:
    """Tell whether a text, less the apostrophes in front, is a formula or says that there is nothing."""
    bare = text.lstrip("'")
    return bare.startswith(_FORMULA) or (len(bare) <= _LONGEST and bare.lower() in _EMPTY)


def is_formula(cell: str) -> bool:
    """Tell whether a spreadsheet would work this cell out; one that is `guarded` is text."""
    return cell.startswith(("=", "＝"))


def is_turned(cell: str) -> bool:
    """Tell whether a cell is made to be shown in another order than it is written in."""
    return not cell.isascii() and _TURNS.search(cell) is not None


def says_no_address(text: str) -> bool:
    """Tell whether a tidy cell says that there is no address: “none”, “aucun”, “no tiene”."""
    return len(text) <= _LONGEST and text.lower() in _NO_ADDRESS


def narrow(text: str) -> str:
    """Return a text with the wide letters and marks of East Asian keyboards as plain ones.

    >>> narrow("ｍ＠ｅｘａｍｐｌｅ。org")
    'm@example.org'
    """
    if text.isascii():
        return text
    return _WIDE.sub(lambda found: _narrow(found[0]), text)


def _narrow(letter: str) -> str:
    return "." if letter in "\u3002\uff61" else unicodedata.normalize("NFKC", letter)
