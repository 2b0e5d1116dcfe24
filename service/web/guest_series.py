"""The invitee's file of all dates of a series, fetched from their own page."""

from __future__ import annotations

from fastapi import Request, Response

from service.letters.series_files import series_calendar_of
from service.web.deps import House, Now, ReadSession
from service.web.guest import find_guest, gone
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("/r")


@router.get("/{token}/series.ics")
@rule(Open.GUEST)
def calendar(request: Request, session: ReadSession, house: House, now: Now, token: str) -> Response:
    """Give one file with every date ahead the guest is invited to: no ATTENDEE, no personal link."""
    guest = find_guest(request, session, house, token)
    if guest is None or guest.invitation.withdrawn_at:
        return gone(request)
    data = series_calendar_of(session, guest.invitation, composer=house.composer, now=now)
    if not data:
        return gone(request)
    headers = {"Content-Disposition": 'attachment; filename="dates.ics"'}
    return Response(data, media_type="text/calendar; charset=utf-8", headers=headers)
