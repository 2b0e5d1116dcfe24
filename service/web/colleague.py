"""A guest names a colleague to be invited instead (`/r/{token}/colleague`), and staff decide.

GET shows, POST acts. Nobody is written to before staff agree.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.values import Permission
from service.invitations import colleagues
from service.invitations.store.colleagues import read_wishes
from service.kernel.errors import Invalid
from service.letters import substitutes
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.events import own_event
from service.web.guest import answer_context, find_guest, gone, reply_word
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("")
PAGE = "guest/colleague.html"


@router.get("/r/{token}/colleague")
@rule(Open.GUEST)
def show(request: Request, session: ReadSession, house: House, now: Now, token: str) -> Response:
    """Show the form, and what became of the last wish."""
    guest = find_guest(request, session, house, token)
    if guest is None:
        return gone(request)
    context = answer_context(guest, house, token, now=now, chosen="", reply=reply_word(guest))
    wishes = read_wishes(session, guest.invitation.id)
    wish = wishes[0].state.value if wishes else ""
    return page(request, PAGE, language=guest.language, wish=wish, errors={}, typed={}, **context)


@router.post("/r/{token}/colleague")
@rule(Open.GUEST)
def ask(
    request: Request,
    session: WriteSession,
    house: House,
    now: Now,
    token: str,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    agreed: Annotated[str, Form()] = "",
) -> Response:
    """Keep the wish, or show the form again with what is wrong and what was typed."""
    guest = find_guest(request, session, house, token)
    if guest is None:
        return gone(request)
    try:
        if not agreed:
            raise Invalid("Ask your colleague first.", field="agreed")
        actor = f"guest:{guest.invitation.id}"
        colleagues.ask(session, guest.invitation.id, name=name, email=email, now=now, actor=actor)
    except Invalid as problem:
        session.rollback()
        context = answer_context(guest, house, token, now=now, chosen="", reply=reply_word(guest))
        typed = {"name": name[:300], "email": email[:320], "agreed": agreed}
        errors = {problem.field or "name": True}
        return page(request, PAGE, status=422, language=guest.language, wish="", errors=errors, typed=typed, **context)
    return RedirectResponse(f"/r/{token}/colleague", 303)


@router.post("/substitute-requests/{request_id}/accept")
@rule(Permission.SEND)
def accept(session: WriteSession, who: Who, now: Now, desk: Desk, request_id: str) -> Response:
    """Invite the colleague instead; the letters leave after the undo window."""
    own_event(session, who, substitutes.event_of(session, request_id))
    done = substitutes.accept(session, request_id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/letters/{done.mailing_id}", 303)


@router.post("/substitute-requests/{request_id}/refuse")
@rule(Permission.EDIT)
def refuse(session: WriteSession, who: Who, now: Now, request_id: str) -> Response:
    """Leave the invitation where it is."""
    event_id = substitutes.event_of(session, request_id)
    own_event(session, who, event_id)
    substitutes.refuse(session, request_id, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}", 303)
