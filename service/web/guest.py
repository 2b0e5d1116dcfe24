"""The invitee's page: GET shows, POST answers. No account, no cookie, no script.

Mail scanners follow links: nothing is changed by GET or HEAD, `?a=yes` only pre-selects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse
from sqlmodel import Session

from service.db.engine import reading
from service.events import store as events
from service.events.times import begins_at
from service.events.values import Event, EventState
from service.ical.values import PartStat
from service.invitations.needs import has_needs
from service.invitations.store import guests, seats
from service.invitations.store.of_person import current_id
from service.invitations.values import Answer, Guest, LetterState, Seat, Source
from service.kernel.errors import Invalid
from service.kernel.tokens import ANSWER, PREFERENCES
from service.letters import files
from service.letters.actions import take_answer
from service.letters.series_files import dates_of
from service.web import dates
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.desk import Desk
from service.web.house import house_of
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule
from service.web.throttle import caller_of, throttle_of

router = page_router("/r")

ANSWERS = {
    "yes": (PartStat.ACCEPTED, False),
    "yes_online": (PartStat.ACCEPTED, True),
    "maybe": (PartStat.TENTATIVE, None),
    "no": (PartStat.DECLINED, None),
}


@dataclass(frozen=True, slots=True)
class When:
    """The words for the time of an event: the reader's, the venue's. Whole days, the same for all, have no city."""

    city_reader: str
    when_reader: str
    city_venue: str
    when_venue: str
    same_day: bool  # the venue's date is the reader's: its hours are enough


@router.get("/{token}")
@rule(Open.GUEST)
async def show(request: Request, token: str, a: str = "", noted: bool = False) -> Response:
    """Show the question, or the answer given; `a` pre-selects one and changes nothing.

    The page most asked for. On SQLite reading takes less than waiting for a thread's turn, and a
    reader never waits for a writer there; on PostgreSQL it is a thread's work like any other.
    """
    if house_of(request).engine.dialect.name == "sqlite":
        return _look(request, token, a, noted)
    return await run_in_threadpool(_look, request, token, a, noted)


def _look(request: Request, token: str, a: str, noted: bool) -> Response:
    house = house_of(request)
    with reading(house.engine) as session:
        return _show(request, session, house, token, a=a, noted=noted)


def _show(request: Request, session: Session, house: House, token: str, *, a: str, noted: bool) -> Response:
    guest, now = find_guest(request, session, house, token), house.clock()
    if guest is None:
        return gone(request)
    reply = reply_word(guest)
    settled = reply and not guest.invitation.asked_again and a not in (*ANSWERS, "change")
    context = answer_context(guest, house, token, now=now, chosen=a if a in ANSWERS else "", reply=reply)
    language = guest.language
    if settled and context["state"] == "open":
        context |= _settled_context(session, guest, token, now=now, noted=noted)
        return page(request, "guest/answered.html", language=language, **context)
    context["queue"] = _queue(session, guest)
    context["moved_from"] = _moved_from(session, guest) if guest.invitation.asked_again else ""
    return page(request, "guest/answer.html", language=language, **context)


@router.post("/{token}")
@rule(Open.GUEST)
def answer(
    request: Request,
    session: WriteSession,
    house: House,
    desk: Desk,
    now: Now,
    token: str,
    answer: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
) -> Response:
    """Take the answer and show it."""
    guest = find_guest(request, session, house, token)
    if guest is None:
        return gone(request)
    if answer not in ANSWERS:
        raise Invalid("Choose one of the answers.", field="answer")
    partstat, online = ANSWERS[answer]
    said = Answer(partstat, Source.LINK, online=online, comment=comment)
    invitation_id = guest.invitation.id
    outcome = take_answer(session, invitation_id, said, desk=desk, now=now, actor=f"guest:{invitation_id}")
    if "application/json" in request.headers.get("accept", ""):
        after = outcome.after
        return JSONResponse({"partstat": after.partstat, "seat": after.seat, "event": guest.event.id})
    suffix = "?noted=true" if comment.strip() else ""
    return RedirectResponse(f"/r/{token}{suffix}", 303)


@router.get("/{token}/calendar.ics")
@rule(Open.GUEST)
def calendar(request: Request, session: ReadSession, house: House, token: str) -> Response:
    """Give the guest's own calendar file: one ATTENDEE, no personal link."""
    guest = find_guest(request, session, house, token)
    if guest is None or guest.invitation.withdrawn_at:
        return gone(request)
    data = files.calendar_of(session, guest.invitation, composer=house.composer)
    headers = {"Content-Disposition": 'attachment; filename="invite.ics"'}
    return Response(data, media_type="text/calendar; charset=utf-8", headers=headers)


def find_guest(request: Request, session: Session, house: House, token: str) -> Guest | None:
    """Return whose link this is, or None: unknown, replaced by a newer one and erased look the same."""
    throttle, caller = throttle_of(request), caller_of(request)
    throttle.refuse(caller)
    claim = house.keyring.read(ANSWER, token)
    guest = guests.read_guest(session, claim.identifier) if claim else None
    if claim and guest is None:
        guest = guests.read_guest(session, current_id(session, claim.identifier))
    if claim is None or guest is None or guest.invitation.token_version != claim.version:
        throttle.failed(caller)
        return None
    return guest


def gone(request: Request) -> Response:
    """Return the one page for every link that leads nowhere."""
    links = {"held": "", "forget": "", "stop": ""}
    return page(request, "guest/gone.html", status=404, language=spoken(request), sender="", links=links)


def spoken(request: Request) -> str:
    """Return the language a browser asks for first; there is no guest to know it from."""
    return request.headers.get("accept-language", "en").split(",")[0].split(";")[0].strip()[:20] or "en"


def reply_word(guest: Guest) -> str:
    """Return the answer that stands, in the words of the form, or ""."""
    invitation = guest.invitation
    if invitation.partstat is PartStat.ACCEPTED:
        return "yes_online" if invitation.online else "yes"
    return {PartStat.TENTATIVE: "maybe", PartStat.DECLINED: "no"}.get(invitation.partstat, "")


def state_of(guest: Guest, *, now: datetime) -> str:
    """Return how the page stands: open, past, closed, cancelled, postponed or withdrawn."""
    event, invitation = guest.event, guest.invitation
    if invitation.withdrawn_at or invitation.substituted_by:
        return "substituted" if invitation.substituted_by else "withdrawn"
    if event.state in (EventState.CANCELLED, EventState.POSTPONED):
        return str(event.state.value)
    if event.state is EventState.CLOSED:
        return "past"
    return "past" if now >= event.starts_at else "open"


def answer_context(guest: Guest, house: House, token: str, *, now: datetime, chosen: str, reply: str) -> dict[str, Any]:
    """Return what both pages of a guest show."""
    return {
        "action": f"/r/{token}",
        "sender": guest.organisation,
        "guest": {"name": guest.name, "first_name": guest.greeting},
        "event": event_words(guest),
        "state": state_of(guest, now=now),
        "chosen": chosen,
        "reply": reply,
        "asked_again": guest.invitation.asked_again,
        "moved_from": "",
        "queue": 0,
        "colleague": f"/r/{token}/colleague",
        "links": links_of(guest, house),
    }


def event_words(guest: Guest) -> dict[str, Any]:
    """Return the event as this guest may read it: in confidence or at risk, no place before a yes."""
    event = guest.event
    when = when_of(event, guest.language, guest.time_zone or "")
    is_discreet = event.is_discreet or guest.at_risk
    may_know = not is_discreet or guest.invitation.partstat is PartStat.ACCEPTED
    return {
        "title": event.title,
        "city_reader": when.city_reader,
        "when_reader": when.when_reader,
        "city_venue": when.city_venue,
        "when_venue": when.when_venue,
        "same_day": when.same_day,
        "place": event.place if may_know else "",
        "has_room": event.has_room,
        "has_link": event.has_link,
        "cancel_reason": event.cancel_reason,
    }


def when_of(event: Event, language: str, reader: str = "") -> When:
    """Return the words for the time of an event, to a reader in a zone."""
    days = (event.first_day, event.last_day) if event.whole_day else None
    return when_words(language, event.starts_at, event.ends_at, event.time_zone, reader, days)


@lru_cache(maxsize=2048)
def when_words(
    language: str, start: datetime, end: datetime, venue: str, reader: str, days: tuple[date, date] | None = None
) -> When:
    """Return the words for a time: the reader's own first, the venue's beside it, "same day" left to the page.

    Formatting a date by locale costs more than the rest of the page, so it is remembered.
    """
    token = dates.LANGUAGE.set(language)
    try:
        if days:
            return When("", "", "", dates.whole_days(*days), False)
        at_venue = dates.day_and_hours(start, end, venue)
        if not reader or _same_clock(start, venue, reader):
            return When("", "", dates.zone_name(venue), at_venue, False)
        at_reader = dates.day_and_hours(start, end, reader)
        same = dates.same_day(start, start, venue, reader)
        beside = dates.time_range(start, end, venue) if same else at_venue
        return When(dates.zone_name(reader), at_reader, dates.zone_name(venue), beside, same)
    finally:
        dates.LANGUAGE.reset(token)


def _same_clock(at: datetime, venue: str, reader: str) -> bool:
    return dates.in_zone(at, venue).utcoffset() == dates.in_zone(at, reader).utcoffset()


def links_of(guest: Guest, house: House) -> dict[str, str]:
    """Return the addresses at the foot of a guest's page."""
    held = f"/p/{house.keyring.sign(PREFERENCES, guest.invitation.id)}"
    return {"held": held, "forget": f"{held}?step=confirm", "stop": f"{held}#stop"}


def _moved_from(session: Session, guest: Guest) -> str:
    """Return the time before the last move, in the reader's words."""
    event = guest.event
    moves = (c["fields"] for c in events.read_changes(session, event.id))
    before = next((m for m in moves if {"whole_day", "starts_local", "time_zone"} & m.keys()), None)
    if before is None:
        return ""
    old = {name: pair[0] for name, pair in before.items()}
    names = ("whole_day", "starts_local", "ends_local", "time_zone")
    was = replace(event, **{name: old[name] for name in names if name in old})
    start, end = (_instant_of(was, local) for local in (was.starts_local, was.ends_local))
    when = when_of(replace(was, starts_at=start, ends_at=end), guest.language, guest.time_zone or "")
    return when.when_reader or when.when_venue


def _instant_of(event: Event, local: str) -> datetime:
    return begins_at(datetime.fromisoformat(local), event.time_zone, whole_day=event.whole_day)


def _queue(session: Session, guest: Guest) -> int:
    """Return the place in the queue that a yes to the room would get; 0 while a seat is free or held."""
    event, invitation = guest.event, guest.invitation
    if event.capacity is None or not event.has_room or invitation.seat in (Seat.HELD, Seat.OFFERED):
        return 0
    if invitation.seat is Seat.WAITING:
        return seats.place_in_queue(session, invitation)
    seating = seats.seating(session, event.id, event.capacity, without=invitation.id)
    return len(seats.read_waiting(session, event.id)) + 1 if seating.is_full else 0


def _settled_context(session: Session, guest: Guest, token: str, *, now: datetime, noted: bool) -> dict[str, Any]:
    seat = guest.invitation.seat
    waiting = seat is Seat.WAITING
    dates = len(dates_of(session, guest.invitation, now=now)) if guest.event.series_id else 0
    return {
        "seat": seat.value,
        "place_in_queue": seats.place_in_queue(session, guest.invitation) if waiting else 0,
        "letter_sent": guest.invitation.letter in (LetterState.QUEUED, LetterState.SENT),
        "calendar": f"/r/{token}/calendar.ics",
        "series_calendar": f"/r/{token}/series.ics" if dates > 1 else "",
        "series_dates": dates,
        "change": f"/r/{token}?a=change",
        "join_url": "",
        "link_comes": "",
        "noted": noted,
        "needs": has_needs(session, guest.invitation.id),
    }
