"""Signing in and out. A link's page shows a button; only the POST behind it spends the link.

Asking for a link gives the same answer, in the same time, whether or not anyone has the
address: what is done about it is done after the answer has left.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.accounts import actions, rules
from service.accounts.values import Permission, SignedIn, Staff
from service.db.engine import reading, writing
from service.kernel.errors import Invalid
from service.web import house as houses
from service.web.addresses import own_path
from service.web.deps import House, Now, Principal, WriteSession
from service.web.guards import cookie_name
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule
from service.web.throttle import caller_of, throttle_of

router = page_router()
Field = Annotated[str, Form(max_length=1000)]


@router.get("/sign-in")
@rule(Open.PUBLIC)
def ask(request: Request, next: str = "/") -> Response:
    """Show the form: one field, the address."""
    return page(request, "sign_in/ask.html", email="", error=None, next=own_path(next))


@router.post("/sign-in")
@rule(Open.PUBLIC)
def send_link(request: Request, house: House, tasks: BackgroundTasks, email: Field = "", next: Field = "/") -> Response:
    """Send a link to an address, if someone who works here has it."""
    try:
        rules.parse_address(email)
    except Invalid as error:
        return page(request, "sign_in/ask.html", status=422, email=email, error=error.sentence, next=own_path(next))
    tasks.add_task(post_link, house, email)
    return RedirectResponse("/sign-in/sent", 303)


@router.get("/sign-in/sent")
@rule(Open.PUBLIC)
def sent(request: Request) -> Response:
    """Say that a link is on its way, if the address is known."""
    return page(request, "sign_in/sent.html")


def post_link(house: houses.House, email: str) -> None:
    """Make a link and hand it to the post, if the address is that of someone who works here."""
    with writing(house.engine) as session:
        asked = actions.request_link(session, email, now=house.clock())
    if asked:
        house.send_sign_in(asked.address, f"{house.public_url}/sign-in/link/{asked.secret}")


@router.get("/sign-in/link/{secret}")
@rule(Open.PUBLIC)
def show_link(request: Request, secret: str) -> Response:
    """Show the button. Nothing is looked up: mail scanners come here too."""
    return page(request, "sign_in/link.html", secret=secret)


@router.post("/sign-in/link/{secret}")
@rule(Open.PUBLIC)
def spend_link(request: Request, secret: str, session: WriteSession, now: Now) -> Response:
    """Spend the link and begin a session."""
    throttle, caller = throttle_of(request), caller_of(request)
    throttle.refuse(caller)
    try:
        begun = actions.spend_link(session, secret, now=now, replaces=_old_session(request))
    except actions.LinkSpent:
        throttle.failed(caller)
        raise
    return _enter(houses.house_of(request), begun, "/")


@router.get("/sign-in/password")
@rule(Open.PUBLIC)
def ask_password(request: Request, next: str = "/") -> Response:
    """Show the form for those who set a password."""
    return page(request, "sign_in/password.html", email="", error=None, next=own_path(next))


def checked(request: Request, email: Field = "", password: Field = "") -> Staff | str:
    """Return who this is, or the sentence why not. It takes a while, so it holds no transaction."""
    throttle, caller = throttle_of(request), caller_of(request)
    throttle.refuse(caller)
    try:
        with reading(houses.house_of(request).engine) as session:
            return actions.check_password(session, email, password)
    except Invalid as error:
        return error.sentence
    except actions.WrongPassword as error:
        throttle.failed(caller)
        return error.sentence


@router.post("/sign-in/password")
@rule(Open.PUBLIC)
def with_password(
    request: Request,
    found: Annotated[Staff | str, Depends(checked)],
    session: WriteSession,
    now: Now,
    email: Field = "",
    next: Field = "/",
) -> Response:
    """Begin a session for someone whose password was right."""
    if isinstance(found, str):
        return page(request, "sign_in/password.html", status=422, email=email, error=found, next=own_path(next))
    begun = actions.sign_in(session, found, now=now, by="password", replaces=_old_session(request))
    return _enter(houses.house_of(request), begun, own_path(next))


@router.post("/sign-out")
@rule(Permission.READ)
def sign_out(request: Request, session: WriteSession, who: Principal, house: House, now: Now) -> Response:
    """End this session."""
    actions.sign_out(session, _old_session(request), now=now, actor=who.actor)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(cookie_name(house), secure=house.secure_cookies, httponly=True, samesite="lax")
    return answer


def _old_session(request: Request) -> str:
    return request.cookies.get(cookie_name(houses.house_of(request)), "")


def _enter(house: houses.House, begun: SignedIn, path: str) -> Response:
    answer = RedirectResponse(path, 303)
    answer.set_cookie(
        cookie_name(house),
        begun.secret,
        max_age=int(rules.SESSION_LIFETIME.total_seconds()),
        secure=house.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return answer
