"""The API of one edit for several dates of a series."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from service.accounts.values import Permission
from service.letters.series_changes import change_series, preview_series
from service.web.api.events import ChangeOut, EventOut, EventPatch, changed_out, event_out, own_event, previewed_out
from service.web.deps import Now, Principal, WriteSession
from service.web.desk import Desk
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/events", tag="events")


class SeriesPatch(EventPatch):
    """Fields of one date to change, and for which dates: this, following or all."""

    scope: str = "this"


class DatesChangedOut(ApiModel):
    """What became of each date in order of start, and which dates were left alone."""

    dates: list[ChangeOut]
    left_alone: list[EventOut] = Field(default_factory=list)


@router.patch("/{event_id}/dates")
@rule(Permission.EDIT)
def change_dates(
    session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str, body: SeriesPatch, preview: bool = False
) -> DatesChangedOut:
    """Change one date of a series, it and the following, or all; `?preview=true` stores nothing.

    A new start moves each date by as much on its wall clock; other fields that change become the same.
    """
    own_event(session, who, event_id)
    wishes = body.wishes()
    scope = wishes.pop("scope", "this")
    if preview:
        plan = preview_series(session, event_id, wishes, scope, now=now)
        left = [EventOut(**event_out(one)) for one in plan.left_alone]
        return DatesChangedOut(dates=[previewed_out(one) for one in plan.dates], left_alone=left)
    said: dict[str, Any] = {"notify": body.notify, "reason": body.reason, "note": body.note}
    done = change_series(session, event_id, wishes, scope, **said, desk=desk, now=now, actor=who.actor)
    left = [EventOut(**event_out(one)) for one in done.left_alone]
    return DatesChangedOut(dates=[changed_out(one) for one in done.dates], left_alone=left)
