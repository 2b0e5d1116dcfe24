"""What is to be done for one guest after an event: call, send a copy, introduce, a grant enquiry, media. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from service.dissemination.editing import UnknownReference, parse_day
from service.kernel.errors import Invalid
from service.kernel.text import clean_line

WEEK = timedelta(days=7)


class GuestTaskKind(StrEnum):
    """What is done for a guest."""

    CALL = "call"
    SEND_COPY = "send_copy"
    INTRODUCE = "introduce"
    SMALL_GRANT = "small_grant"
    MEDIA = "media"


class OwnerMissing(Invalid):
    """A task that nobody sees to."""

    code = "owner-missing"


@dataclass(frozen=True, slots=True)
class GuestTask:
    """A task for one guest. `done_by` is who of staff did it."""

    id: str
    event_id: str
    person_ref: str
    kind: GuestTaskKind
    note: str
    owner: str
    due_on: date
    done_on: date | None = None
    done_by: str | None = None

    def is_late(self, today: date) -> bool:
        """Whether its day has passed undone."""
        return self.done_on is None and self.due_on < today

    def is_needed(self, today: date) -> bool:
        """Whether it is late or due within the week."""
        return self.done_on is None and self.due_on < today + WEEK


def make_guest_task(task_id: str, event_id: str, wishes: Mapping[str, Any]) -> GuestTask:
    """Return a task as a form or a program gives it.

    Raises:
        UnknownReference, OwnerMissing, NotADay.
    """
    kinds = {kind.value: kind for kind in GuestTaskKind}
    kind, person_ref = kinds.get(str(wishes.get("kind") or "")), str(wishes.get("person_ref") or "")
    if kind is None:
        raise UnknownReference("Choose one of the list.", field="kind")
    if not person_ref:
        raise UnknownReference("Choose for whom it is.", field="person_ref")
    owner = clean_line(str(wishes.get("owner") or ""))[:60]
    if not owner:
        raise OwnerMissing("Say who sees to it.", field="owner")
    note = clean_line(str(wishes.get("note") or ""))[:300]
    return GuestTask(task_id, event_id, person_ref, kind, note, owner, parse_day(wishes.get("due_on"), "due_on"))
