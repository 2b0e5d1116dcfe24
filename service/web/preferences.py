"""What a guest chooses and corrects on their own page (`/p`): letters, their details, words that may be printed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from service.directory import preferences
from service.dissemination import quotes
from service.kernel.errors import Invalid
from service.letters import corrections
from service.people import actions as people
from service.people.values import PersonFields
from service.web.deps import House, Now, WriteSession
from service.web.guest import gone
from service.web.holdings import find_holdings, whole_page
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("/p")


@router.post("/{token}/lists")
@rule(Open.GUEST)
def choose(
    request: Request,
    session: WriteSession,
    house: House,
    now: Now,
    token: str,
    scope: Annotated[str, Form()] = "",
    on: Annotated[str, Form()] = "",
) -> Response:
    """Stop the letters of one scope, or let them come again."""
    holdings = find_holdings(request, session, house, token)
    if holdings is None:
        return gone(request)
    turn = preferences.turn_on if on == "yes" else preferences.turn_off
    turn(session, holdings.person_id, scope, address_key=house.address_key, now=now)
    return RedirectResponse(f"/p/{token}#lists", 303)


@router.post("/{token}/quotes")
@rule(Open.GUEST)
def take_back(
    request: Request, session: WriteSession, house: House, now: Now, token: str, quote: Annotated[str, Form()] = ""
) -> Response:
    """Take back words that may be printed; they are deleted."""
    holdings = find_holdings(request, session, house, token)
    if holdings is None:
        return gone(request)
    quotes.withdraw_own(session, holdings.person_id, quote, now=now)
    return RedirectResponse(f"/p/{token}#lists", 303)


@router.post("/{token}/details")
@rule(Open.GUEST)
def correct(
    request: Request,
    session: WriteSession,
    house: House,
    now: Now,
    token: str,
    name: Annotated[str, Form()] = "",
    greeting: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    time_zone: Annotated[str, Form()] = "",
    wish: Annotated[str, Form()] = "",
) -> Response:
    """Correct what a person may say of themself at once; whatever else they ask waits for staff."""
    holdings = find_holdings(request, session, house, token)
    if holdings is None:
        return gone(request)
    typed = {"name": name, "greeting": greeting, "language": language, "time_zone": time_zone, "wish": wish}
    try:
        fields: PersonFields = {
            "name": name, "greeting": greeting or None, "language": language or None, "time_zone": time_zone or None,
        }  # fmt: skip
        people.update_person(session, holdings.person_id, fields, now=now, actor=f"guest:{holdings.person_id}")
    except Invalid as error:
        session.rollback()
        wrong = error.field or "name"
        return whole_page(request, session, house, holdings, token, error=wrong, typed=typed, status=422)
    asked = corrections.ask(session, holdings.person_id, email=holdings.email, wish=wish, now=now)
    return RedirectResponse(f"/p/{token}?done={'asked' if asked else 'saved'}#details", 303)
