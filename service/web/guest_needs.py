"""What an invitee needs to take part, told on their own page. Kept sealed, and never shown there again."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from service.invitations.needs import write_needs
from service.web.deps import House, Now, WriteSession
from service.web.guest import find_guest, gone
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("/r")


@router.post("/{token}/needs")
@rule(Open.GUEST)
def tell(
    request: Request, session: WriteSession, house: House, now: Now, token: str, needs: Annotated[str, Form()] = ""
) -> Response:
    """Keep what they need; an empty form changes nothing."""
    guest = find_guest(request, session, house, token)
    if guest is None or guest.invitation.withdrawn_at:
        return gone(request)
    if needs.strip():
        invitation_id = guest.invitation.id
        write_needs(session, invitation_id, needs, ring=house.ring, now=now, actor=f"guest:{invitation_id}")
    return RedirectResponse(f"/r/{token}", 303)
