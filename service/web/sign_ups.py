"""Signing up for a public list (`/join/{key}`), and the page that confirms it (`/c/{token}`). GET shows, POST acts.

The same bytes answer every address: nobody learns here who is on a list.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.kernel.tokens import JOIN
from service.letters import sign_ups
from service.people.rules.addresses import BadAddress
from service.people.values import MailingList
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.desk import Desk
from service.web.guest import gone, spoken
from service.web.holdings import NOTHING
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule
from service.web.throttle import caller_of, throttle_of
from service.web.unsubscribing import hint

router = page_router("")
Text = Annotated[str, Form()]


@router.get("/join/{key}")
@rule(Open.PUBLIC)
def show_form(request: Request, session: ReadSession, key: str, sent: bool = False) -> Response:
    """Show the form of a public list, or that a letter is on its way."""
    return _form(request, session, sign_ups.find_list(session, key), sent=sent)


def _form(
    request: Request,
    session: Session,
    target: MailingList,
    *,
    sent: bool = False,
    error: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    return page(
        request,
        "guest/sign_up.html",
        status=422 if error else 200,
        language=target.language or spoken(request),
        sender=sign_ups.organisation(session),
        list_name=target.name,
        action=f"/join/{target.key}",
        sent=sent,
        error=error,
        typed=typed or {},
        links=NOTHING,
    )


@router.post("/join/{key}")
@rule(Open.PUBLIC)
def ask(
    request: Request,
    session: WriteSession,
    now: Now,
    desk: Desk,
    key: str,
    email: Text = "",
    name: Text = "",
    agreed: Text = "",
    website: Text = "",
) -> Response:
    """Send the letter to confirm. A machine that fills the hidden field gets the same answer and no letter."""
    throttle, caller = throttle_of(request), caller_of(request)
    throttle.refuse(caller)
    target = sign_ups.find_list(session, key)
    if not agreed:
        return _form(request, session, target, error="agreed", typed={"email": email[:320], "name": name[:300]})
    language = target.language or spoken(request)
    try:
        if not website:
            sign_ups.ask(session, target, email=email, name=name, language=language, desk=desk, now=now)
    except BadAddress:
        return _form(request, session, target, error="email", typed={"email": email[:320], "name": name[:300]})
    return RedirectResponse(f"/join/{key}?sent=true", 303)


@router.get("/c/{token}")
@rule(Open.GUEST)
def show_confirmation(request: Request, session: ReadSession, house: House, now: Now, token: str) -> Response:
    """Show the button; mail scanners come here too."""
    asked = _asked(request, session, house, now, token)
    return gone(request) if asked is None else _confirmation(request, session, asked, token, done=False)


@router.post("/c/{token}")
@rule(Open.GUEST)
def confirm(request: Request, session: WriteSession, house: House, now: Now, desk: Desk, token: str) -> Response:
    """Put the person on the list."""
    asked = _asked(request, session, house, now, token)
    if asked is None:
        return gone(request)
    sign_ups.confirm(session, asked, desk=desk, now=now)
    return _confirmation(request, session, asked, token, done=True)


def _asked(request: Request, session: Session, house: House, now: Now, token: str) -> sign_ups.Asked | None:
    throttle, caller = throttle_of(request), caller_of(request)
    throttle.refuse(caller)
    claim = house.keyring.read(JOIN, token)
    found = sign_ups.read(session, claim.identifier, now=now) if claim else None
    if found is None:
        throttle.failed(caller)
    return found


def _confirmation(request: Request, session: Session, asked: sign_ups.Asked, token: str, *, done: bool) -> Response:
    return page(
        request,
        "guest/joined.html",
        language=asked.language,
        sender=sign_ups.organisation(session),
        list_name=asked.list.name,
        address_hint=hint(asked.email),
        action=f"/c/{token}",
        done=done,
        links=NOTHING,
    )
