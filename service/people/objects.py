"""Objects of JSON, such as our own export of people, as a table: one record an object, one column a key. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from service.people.cells import guarded

MOST_LETTERS = 20_000_000
_HEADINGS = {"email": "E-mail", "other_emails": "Other e-mails"}


def may_be_objects(start: str) -> bool:
    """Tell whether a text begins as JSON does; a table may begin so too."""
    return start.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def read_objects(text: str) -> Iterator[list[str]]:
    """Give the keys as headings, then one record an object.

    Takes an array of objects, or an object that holds one: `{"people": [{"name": "Maria", "email": …}]}`.

    Raises:
        ValueError: it is no such JSON. At the first record, before any is given.
    """
    try:
        objects = _objects(json.loads(text.lstrip("\ufeff")))
    except RecursionError:
        raise ValueError("too deep") from None
    keys = list(dict.fromkeys(key for one in objects for key in one))
    yield [_HEADINGS.get(key, key.replace("_", " ")) for key in keys]
    for one in objects:
        yield [_cell(one.get(key)) for key in keys]


def _objects(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else [found]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("no list of objects")
    return found


def _cell(value: Any) -> str:
    """Return a value as a cell holds it; text is text, whatever it looks like."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return "; ".join(filter(None, map(_cell, value)))
    return guarded(value) if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
