"""Every calendar file that a test makes goes through the strict checker, and every letter with one: none is missed.

It stands where they all come from: the one function that closes a VCALENDAR, and the one that fills a letter. Letters
of a mailing differ in their files, each of which is checked, and share their frame, which is checked once. What is
wrong is told at the end of the test that made it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from service.ical import feed, itip
from service.mail import form
from tests.calendar_check import check

# A form is compiled with marks in place of what is one person's own; the letters filled from it are checked.
_MARK = re.compile(rb"[0-9a-f]{32}[0-9]{3}f")
_FRAME = re.compile(rb"(?m)^(?:--|Content-|MIME-).*(?:\r\n[ \t].*)*")
_seen: set[bytes] = set()
_wrong: list[str] = []
_count = 0


def begin() -> None:
    """Look at all that is made from now on."""
    itip.calendar = _watched(itip.calendar, _look_at_file)  # type: ignore[attr-defined]
    feed.calendar = _watched(feed.calendar, _look_at_file)  # type: ignore[attr-defined]
    form._File.filled = _watched(form._File.filled, lambda made: _look_at_file(made[0]))  # type: ignore[method-assign]
    form.Form.fill = _watched(form.Form.fill, _look_at_letter)  # type: ignore[method-assign]


def _watched(make: Callable[..., Any], look: Callable[[Any], None]) -> Callable[..., Any]:
    @wraps(make)
    def made(*args: Any, **wishes: Any) -> Any:
        result = make(*args, **wishes)
        look(result)
        return result

    return made


def _look_at_file(data: bytes) -> None:
    _look(data, data)


def _look_at_letter(raw: bytes) -> None:
    if b"text/calendar" in raw:
        _look(raw, b"".join(_FRAME.findall(raw)))


def _look(data: bytes, known_by: bytes) -> None:
    global _count
    digest = sha256(known_by).digest()
    if digest in _seen or _MARK.search(data.replace(b"\r\n ", b"")):
        return
    _seen.add(digest)
    _count += 1
    _wrong.extend(f"{finding}" for finding in check(data))


def looked_at() -> int:
    """Return how many different files and frames of letters were checked."""
    return _count


def take_wrong() -> list[str]:
    """Return what the checker had to say since it was asked last."""
    found = _wrong[:]
    _wrong.clear()
    return found
