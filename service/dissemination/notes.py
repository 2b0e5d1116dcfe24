"""What was agreed at an event, as plain lists, and the letter of next steps that is drafted from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination.store import notes as store
from service.events.store import read_event
from service.kernel.text import clean_block

MOST = 2000  # characters a list
PARTS = ("decisions", "asks", "owners", "links")


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes of an event, one line a point."""

    decisions: str = ""
    asks: str = ""
    owners: str = ""
    links: str = ""

    def lines(self, part: str) -> list[str]:
        """Return the points of one list."""
        return [line for line in getattr(self, part).splitlines() if line]


def read_notes(session: Session, event_id: str) -> Notes:
    """Return the notes of an event, empty when nobody wrote any."""
    return Notes(**(store.read_notes(session, event_id) or {}))


def write_notes(session: Session, event_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Notes:
    """Write down what was agreed; what is left out stays.

    Raises:
        UnknownEvent: there is no such event.
    """
    read_event(session, event_id)
    before = read_notes(session, event_id)
    said = {part: clean_block(str(wishes[part] or ""))[:MOST] for part in PARTS if part in wishes}
    after = Notes(**{part: said.get(part, getattr(before, part)) for part in PARTS})
    if after != before:
        store.write_notes(session, event_id, {part: getattr(after, part) for part in PARTS})
        log.record(session, actor=actor, action="event.notes-written", subject=f"event:{event_id}", now=now)
    return after


def draft_letter(notes: Notes, say: Callable[[str], str]) -> str:
    """Return the paragraphs of a letter of next steps: each list under its heading, in the words of a language."""
    headings = {
        "decisions": say("What was decided:"),
        "asks": say("What was asked for:"),
        "owners": say("Who does what:"),
        "links": say("Where to read more:"),
    }
    parts = [
        "\n".join([headings[part], *(f"- {line.lstrip('-• ')}" for line in notes.lines(part))])
        for part in PARTS
        if notes.lines(part)
    ]
    return "\n\n".join(parts)
