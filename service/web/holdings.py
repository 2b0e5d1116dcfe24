"""A guest's own pages: no more letters (`/u`), what we hold on you and forget me (`/p`).

GET shows, POST acts; the one-click POST of mail programs (RFC 8058) needs no page, cookie or token.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from babel.dates import format_date
from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.directory import store
from service.directory.values import HeldInvitation, HeldList, Holdings
from service.kernel.errors import Invalid
from service.kernel.tokens import PREFERENCES, UNSUBSCRIBE
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import Delivery, SuppressionReason
from service.people import actions as people
from service.people.values import PersonFields
from service.privacy import actions as privacy
from service.web import dates, words
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.desk import desk_of
from service.web.guest import gone, spoken, when_words
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule
from service.web.throttle import caller_of, throttle_of


class Correction:
    """What a person says of themselves."""

    def __init__(
        self,
        name: Annotated[str, Form()] = "",
        greeting: Annotated[str, Form()] = "",
        language: Annotated[str, Form()] = "",
    ) -> None:
        self.name, self.greeting, self.language = name, greeting, language


router = page_router("")
Said = Callable[[str], str]
LANGUAGES = ("en", "fr", "es", "ar")
NOTHING = {"held": "", "forget": "", "stop": ""}


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
        mail.suppress(
            session,
            delivery.address,
            "all",
            SuppressionReason.UNSUBSCRIBED,
            address_key=house.address_key,
            now=now,
            actor=actor,
        )
    else:
        mail.unsubscribe(session, delivery.id, now=now, actor=actor)
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


def _holdings(request: Request, session: Session, house: House, token: str) -> Holdings | None:
    throttle, caller = throttle_of(request), caller_of(request)
    throttle.refuse(caller)
    claim = house.keyring.read(PREFERENCES, token)
    person_id = store.find_person(session, claim.identifier) if claim else None
    if person_id is None:
        throttle.failed(caller)
        return None
    email = store.read_email(session, person_id)
    return store.read_holdings(session, person_id, mail.hash_of(email, house.address_key))


@router.get("/p/{token}")
@rule(Open.GUEST)
def show(request: Request, session: ReadSession, house: House, token: str, step: str = "show") -> Response:
    """Show what is held, or ask before it is forgotten."""
    holdings = _holdings(request, session, house, token)
    if holdings is None:
        return gone(request)
    return _page(request, holdings, token, step="confirm" if step == "confirm" else "show")


def _list(held: HeldList, language: str) -> dict[str, Any]:
    state = "left" if held.is_left else "stopped" if held.is_stopped else "on"
    return {"id": held.id, "name": held.name, "since": _day(held.since, language), "state": state}


def _base(language: str) -> str:
    return language.partition("-")[0].lower()


def _page(
    request: Request, holdings: Holdings, token: str, *, step: str, said_back: str = "", status: int = 200
) -> Response:
    language = holdings.language or spoken(request)
    said = words.translations(words.spoken(language)).gettext
    context: dict[str, Any] = {
        "step": step,
        "sender": holdings.sender,
        "held": [] if step == "done" else _pairs(holdings, language, said),
        "lists": [_list(one, language) for one in holdings.lists],
        "mine": {"name": holdings.name, "greeting": holdings.greeting, "language": _base(holdings.language)},
        "languages": [(code, dates.language_name(code, code)) for code in LANGUAGES],
        "said": said_back,
        "invitations": [_invitation(i, language, said) for i in holdings.invitations],
        "letters": holdings.letters,
        "kept_until": "",
        "stop": f"/p/{token}",
        "action": f"/p/{token}",
        "forget": f"/p/{token}?step=confirm",
        "copy": f"/p/{token}/copy",
        "links": NOTHING,
    }
    return page(request, "guest/preferences.html", status=status, language=language, **context)


def _pairs(holdings: Holdings, language: str, said: Said) -> list[tuple[str, str]]:
    country = words.locale_of(language).territories.get(holdings.country, holdings.country)
    pairs = [
        (said("Name"), holdings.name),
        (said("Address"), holdings.email),
        (said("Organisation"), holdings.organisation),
        (said("Country"), country),
        (said("Language"), dates.language_name(holdings.language, language) if holdings.language else ""),
        (said("Where the address came from"), holdings.source),
    ]
    return [(label, text) for label, text in pairs if text]


def _invitation(held: HeldInvitation, language: str, said: Said) -> dict[str, str]:
    answers = {
        "ACCEPTED": said("You said yes"),
        "DECLINED": said("You said no"),
        "TENTATIVE": said("You were not sure"),
    }
    when = when_words(language, held.starts_at, held.starts_at, held.time_zone, "").when_venue.rpartition("–")[0]
    return {"title": held.title, "when": when, "answer": answers.get(held.partstat, said("No answer"))}


def _day(at: datetime, language: str) -> str:
    return format_date(at.date(), "medium", locale=words.locale_of(language))


@router.post("/p/{token}")
@rule(Open.GUEST)
def act(
    request: Request,
    session: WriteSession,
    house: House,
    now: Now,
    token: str,
    do: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = "",
    list_id: Annotated[str, Form()] = "",
    *,
    correction: Annotated[Correction, Depends()],
) -> Response:
    """Forget this person, stop every letter or those of a list, take them up again, or correct what is held."""
    holdings = _holdings(request, session, house, token)
    if holdings is None:
        return gone(request)
    actor = f"guest:{holdings.person_id}"
    key = house.address_key
    if do == "forget":
        privacy.forget(
            session,
            holdings.email,
            address_key=key,
            now=now,
            actor=actor,
            desk=desk_of(house),
            tombstones=house.tombstones,
        )
        return _page(request, holdings, token, step="done")
    if do == "correct":
        return _correct(request, session, house, holdings, token, correction, now=now)
    if do in ("leave", "join") and list_id in {one.id for one in holdings.lists}:
        _turn(session, holdings, f"list:{list_id}", leave=do == "leave", house=house, now=now)
    elif scope == "all":
        reason = SuppressionReason.OBJECTED
        mail.suppress(session, holdings.email, "all", reason, address_key=key, now=now, actor=actor)
    return RedirectResponse(f"/p/{token}", 303)


def _turn(session: Session, holdings: Holdings, scope: str, *, leave: bool, house: House, now: datetime) -> None:
    """Stop the letters of a list, or take them up again where the reader alone had stopped them."""
    told: dict[str, Any] = {"address_key": house.address_key, "now": now, "actor": f"guest:{holdings.person_id}"}
    if leave:
        mail.suppress(session, holdings.email, scope, SuppressionReason.UNSUBSCRIBED, **told)
    else:
        mail.lift(session, holdings.email, [scope], **told)


def _correct(
    request: Request,
    session: Session,
    house: House,
    holdings: Holdings,
    token: str,
    correction: Correction,
    *,
    now: datetime,
) -> Response:
    """Keep what a person says of themselves; their history says that it was them."""
    fields: PersonFields = {"name": correction.name, "greeting": correction.greeting or None}
    if correction.language in LANGUAGES and correction.language != _base(holdings.language):
        fields["language"] = correction.language
    try:
        people.update_person(session, holdings.person_id, fields, now=now, actor=f"guest:{holdings.person_id}")
    except Invalid:
        session.rollback()
        return _page(request, holdings, token, step="show", said_back="bad", status=422)
    after = _holdings(request, session, house, token) or holdings
    return _page(request, after, token, step="show", said_back="kept")


@router.post("/p/{token}/copy")
@rule(Open.GUEST)
def copy(request: Request, session: WriteSession, house: House, token: str) -> Response:
    """Give everything held on this person as a file."""
    holdings = _holdings(request, session, house, token)
    if holdings is None:
        return gone(request)
    held = privacy.export_subject(session, holdings.email, ring=house.ring)
    headers = {"Content-Disposition": 'attachment; filename="what-is-held.json"'}
    return Response(privacy.as_json(held), media_type="application/json", headers=headers)
