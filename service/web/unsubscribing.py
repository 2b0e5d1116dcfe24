"""A guest stops letters (`/u`), from the link in each. GET shows, POST acts.

The one-click POST of mail programs (RFC 8058) needs no page, cookie or token.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from sqlmodel import Session

from service.kernel.tokens import PREFERENCES, UNSUBSCRIBE
from service.letters import stopping
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import Delivery
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.guest import gone
from service.web.holdings import NOTHING
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule
from service.web.throttle import caller_of, throttle_of

router = page_router("")


def _delivery(request: Request, session: Session, house: House, token: str) -> Delivery | None:
    throttle, caller = throttle_of(request), caller_of(request)
    throttle.refuse(caller)
    claim = house.keyring.read(UNSUBSCRIBE, token)
    found = mail_store.read_delivery(session, claim.identifier) if claim else None
    if found is None:
        throttle.failed(caller)
    return found


def _sender(session: Session, delivery: Delivery) -> str:
    facts = mail.read_mailing(session, delivery.mailing_id).facts
    return str(facts.get("sender", {}).get("organisation", ""))


@router.get("/u/{token}")
@rule(Open.GUEST)
def ask(request: Request, session: ReadSession, house: House, token: str) -> Response:
    """Ask before letters stop."""
    delivery = _delivery(request, session, house, token)
    if delivery is None:
        return gone(request)
    return page(
        request,
        "guest/unsubscribe.html",
        language=delivery.language,
        action=f"/u/{token}",
        sender=_sender(session, delivery),
        list_name="",
        address_hint=hint(delivery.address),
        links=NOTHING,
    )


def hint(address: str) -> str:
    """Return an address with its middle hidden."""
    local, _, host = address.rpartition("@")
    return f"{local[:1]}…@{host}"


@router.post("/u/{token}")
@rule(Open.GUEST)
def stop(
    request: Request,
    session: WriteSession,
    house: House,
    now: Now,
    token: str,
    scope: Annotated[str, Form()] = "list",
) -> Response:
    """Stop the letters: those like this one, or all. Twice is as once."""
    delivery = _delivery(request, session, house, token)
    if delivery is None:
        return gone(request)
    actor = f"guest:{delivery.recipient_ref}"
    if scope == "all":
        stopping.stop_all(session, delivery, address_key=house.address_key, now=now, actor=actor)
    else:
        stopping.stop_like(session, delivery.id, now=now, actor=actor)
    return page(
        request,
        "guest/unsubscribed.html",
        language=delivery.language,
        scope=scope if scope == "all" else "list",
        sender=_sender(session, delivery),
        list_name="",
        preferences=f"/p/{house.keyring.sign(PREFERENCES, delivery.recipient_ref)}",
        again="",
        links=NOTHING,
    )
