"""A guest's own page (`/p`): what we hold on them, a copy of it, and forget me. GET shows, POST acts.

What they choose and correct there is in `preferences`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any

from babel.dates import format_date
from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts import store as accounts
from service.directory import preferences, store
from service.directory.values import Choice, HeldConsent, HeldExport, HeldInvitation, Holdings
from service.dissemination.quoting import Quote
from service.dissemination.store.quotes import read_quotes_of
from service.kernel.clock import zone_names
from service.kernel.tokens import PREFERENCES
from service.letters import files
from service.mail import actions as mail
from service.mail.values import SuppressionReason
from service.privacy import actions as privacy
from service.web import dates, words
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.desk import desk_of
from service.web.guest import gone, spoken, when_words
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule
from service.web.throttle import caller_of, throttle_of

router = page_router("/p")
Said = Callable[[str], str]
NOTHING = {"held": "", "forget": "", "stop": ""}


def find_holdings(request: Request, session: Session, house: House, token: str) -> Holdings | None:
    """Return what is held on the person of a token; None, and a mark on the caller, when it leads nowhere."""
    throttle, caller = throttle_of(request), caller_of(request)
    throttle.refuse(caller)
    claim = house.keyring.read(PREFERENCES, token)
    person_id = store.find_person(session, claim.identifier) if claim else None
    if person_id is None:
        throttle.failed(caller)
        return None
    return store.read_holdings(session, person_id)


@router.get("/{token}")
@rule(Open.GUEST)
def show(
    request: Request, session: ReadSession, house: House, token: str, step: str = "show", done: str = ""
) -> Response:
    """Show what is held, or ask before it is forgotten."""
    holdings = find_holdings(request, session, house, token)
    if holdings is None:
        return gone(request)
    if step == "confirm":
        return _bare(request, holdings, token, step="confirm")
    return whole_page(request, session, house, holdings, token, done=done)


def _bare(request: Request, holdings: Holdings, token: str, *, step: str) -> Response:
    """Ask before everything is forgotten, or say that it was."""
    language = holdings.language or spoken(request)
    context: dict[str, Any] = {"step": step, "sender": holdings.sender, "action": f"/p/{token}", "links": NOTHING}
    return page(request, "guest/preferences.html", language=language, **context)


def whole_page(
    request: Request,
    session: Session,
    house: House,
    holdings: Holdings,
    token: str,
    *,
    done: str = "",
    error: str = "",
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Show the page; `error` names what was wrong with the form of details, `typed` is what it held."""
    language = holdings.language or spoken(request)
    said = words.translations(words.spoken(language)).gettext
    subjects = files.subjects(session, [x.delivery_id for x in holdings.newest_letters], composer=house.composer)
    choices = preferences.read_choices(session, holdings.person_id, address_key=house.address_key)
    context: dict[str, Any] = {
        "step": "show",
        "sender": holdings.sender,
        "done": done,
        "error": error,
        "held": _pairs(holdings, language, said),
        "choices": [_choice(one, language, said) for one in choices],
        "details": _details(holdings) | (typed or {}),
        "languages": _languages(holdings.language),
        "zones": zone_names(),
        "invitations": [_invitation(i, language, said) for i in holdings.invitations],
        "letters": holdings.letters,
        "newest": [
            {"subject": subjects.get(x.delivery_id, said("A letter")), "when": _day(x.at, language)}
            for x in holdings.newest_letters
        ],
        "consents": [_consent(one, language, said) for one in holdings.consents],
        "quotes": [_quote(one, language, said) for one in read_quotes_of(session, holdings.person_id)],
        "exports": _exports(session, holdings.exports, language, said),
        "action": f"/p/{token}",
        "links": NOTHING,
    }
    return page(request, "guest/preferences.html", status=status, language=language, **context)


def _pairs(holdings: Holdings, language: str, said: Said) -> list[tuple[str, str]]:
    country = words.locale_of(language).territories.get(holdings.country, holdings.country)
    pairs = [
        (said("Name"), holdings.name),
        (said("How we address you"), holdings.greeting),
        (said("Address"), holdings.email),
        (said("Organisation"), holdings.organisation),
        (said("Country"), country),
        (said("Language"), dates.language_name(holdings.language, language) if holdings.language else ""),
        (said("Time zone"), holdings.time_zone),
        (said("Where the address came from"), holdings.source),
    ]
    return [(label, text) for label, text in pairs if text]


def _choice(choice: Choice, language: str, said: Said) -> dict[str, str]:
    names = {preferences.ALL: said("All letters"), preferences.EVENTS: said("Invitations to events, and news of them")}
    return {
        "scope": choice.scope,
        "name": names.get(choice.scope) or choice.name,
        "since": _day(choice.since, language) if choice.since else "",
        "state": choice.state.value,
    }


def _details(holdings: Holdings) -> dict[str, str]:
    names = ("name", "greeting", "language", "time_zone")
    return {"wish": ""} | {name: getattr(holdings, name) for name in names}


def _languages(held: str) -> list[tuple[str, str]]:
    """Return the languages we write in, each in its own name, and the one held when it is another."""
    known = dict.fromkeys([*words.languages(), *([held] if held else [])])
    return [(one, dates.language_name(one, one)) for one in known]


def _invitation(held: HeldInvitation, language: str, said: Said) -> dict[str, str]:
    answers = {
        "ACCEPTED": said("You said yes"),
        "DECLINED": said("You said no"),
        "TENTATIVE": said("You were not sure"),
    }
    when = when_words(language, held.starts_at, held.starts_at, held.time_zone, "", held.days).when_venue
    when = when if held.days else when.rpartition("–")[0]
    return {"title": held.title, "when": when, "answer": answers.get(held.partstat, said("No answer"))}


def _consent(held: HeldConsent, language: str, said: Said) -> dict[str, Any]:
    grounds = {
        "consent": said("You agreed"),
        "legitimate_interest": said("Our legitimate interest"),
        "contract": said("An agreement with you"),
    }
    return {
        "what": held.list_name or held.purpose,
        "ground": said("You took it back") if held.withdrawn else grounds.get(held.basis, held.basis),
        "when": _day(held.at, language),
        "source": held.source,
        "text_version": held.text_version,
    }


def _quote(quote: Quote, language: str, said: Said) -> dict[str, str]:
    places = {
        "internal": said("our own reports"),
        "donor": said("reports to those who fund us"),
        "public": said("reports for everyone"),
        "site": said("our website and the press"),
    }
    where = ", ".join(places[use.value] for use in quote.uses)
    until = format_date(quote.until, "medium", locale=words.locale_of(language))
    return {"id": quote.id, "words": quote.words, "credit": quote.credit, "where": where, "until": until}


def _exports(session: Session, exports: Iterable[HeldExport], language: str, said: Said) -> list[dict[str, str]]:
    rows = []
    for one in exports:
        kind, _, identifier = one.actor.partition(":")
        staff = accounts.read_staff(session, identifier) if kind == "staff" else None
        who = staff.name if staff else said("A member of our staff")
        rows.append({"when": _day(one.at, language), "who": who, "format": one.format.upper()})
    return rows


def _day(at: datetime, language: str) -> str:
    return format_date(at.date(), "medium", locale=words.locale_of(language))


@router.post("/{token}")
@rule(Open.GUEST)
def act(
    request: Request,
    session: WriteSession,
    house: House,
    now: Now,
    token: str,
    do: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = "",
) -> Response:
    """Forget this person, or stop every letter to them."""
    holdings = find_holdings(request, session, house, token)
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
        return _bare(request, holdings, token, step="done")
    if scope == "all":
        reason = SuppressionReason.OBJECTED
        mail.suppress(session, holdings.email, "all", reason, address_key=key, now=now, actor=actor)
    return RedirectResponse(f"/p/{token}", 303)


@router.post("/{token}/copy")
@rule(Open.GUEST)
def copy(request: Request, session: WriteSession, house: House, token: str) -> Response:
    """Give everything held on this person as a file."""
    holdings = find_holdings(request, session, house, token)
    if holdings is None:
        return gone(request)
    held = privacy.export_subject(session, holdings.email, address_key=house.address_key, ring=house.ring)
    subjects = files.subjects(session, [letter["id"] for letter in held["letters"]], composer=house.composer)
    held["letters"] = [{**letter, "subject": subjects.get(letter["id"])} for letter in held["letters"]]
    held["files taken"] = [{"at": x.at.isoformat(), "by": x.actor, "format": x.format} for x in holdings.exports]
    headers = {"Content-Disposition": 'attachment; filename="what-is-held.json"'}
    return Response(privacy.as_json(held), media_type="application/json", headers=headers)
