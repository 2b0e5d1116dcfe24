"""Which words of a report name someone who is forgotten, and the report without them. Pure.

A name is looked for as forgetting looks for it in all free texts: whole, without regard to case and accents.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any

from service.dissemination.gate import texts_of
from service.dissemination.snapshots import SnapshotView
from service.kernel.text import folded


def places_naming(view: SnapshotView, marks: Collection[str]) -> tuple[str, ...]:
    """Return the parts of a report that hold one of some texts; quotes are a part of their own."""
    said = texts_of(view) | {"quotes": "\n".join(f"{one.words}\n{one.credit}" for one in view.quotes)}
    return tuple(place for place, text in said.items() if _names(text, marks))


def without_words(view: SnapshotView, marks: Collection[str], quote_ids: Collection[str] = ()) -> SnapshotView:
    """Return a report without the texts that hold one of some texts, and without some quotes.

    What stands in the plan stays: it is mended there, and holds a report up until it is.
    """
    kept = (one for one in view.quotes if one.id not in quote_ids and not _names(f"{one.words}\n{one.credit}", marks))
    return replace(
        view,
        narrative=_emptied(view.narrative, marks),
        outcomes=tuple(_emptied(one, marks) for one in view.outcomes),
        studies=tuple(_emptied(one, marks) for one in view.studies),
        quotes=tuple(kept),
    )


def _emptied(said: Any, marks: Collection[str]) -> Any:
    """Return a value of texts with each text emptied that holds one of the marks."""
    values = {one.name: getattr(said, one.name) for one in fields(said)}
    named = {name: "" for name, value in values.items() if isinstance(value, str) and _names(value, marks)}
    return replace(said, **named)


def _names(text: str, marks: Collection[str]) -> bool:
    found = folded(text)
    return any(folded(mark) in found for mark in marks)
