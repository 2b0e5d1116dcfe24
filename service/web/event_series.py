"""Staff pages of series: the dates, and who stands invited to all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.directory import segments
from service.events import store
from service.events.values import Event, EventState
from service.invitations import store as invitations
from service.invitations.store import funnels
from service.invitations.store import standing as stands
from service.kernel.errors import FarsowError, Invalid
from service.kernel.text import clean_line
from service.letters import standing
from service.letters import store as letter_store
from service.letters.values import Stood
from service.people import store as people
from service.people.rules.addresses import normalise_address
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.events import PAGE, Typed
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/series")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
BY_LIST = "list"


def own_series(session: Session, who: Principal, series_id: str) -> dict[str, Any]:
    """Return a series this person may see."""
    series = store.read_one_series(session, series_id)
    if who.project_id not in (None, series["project_id"]):
        raise store.UnknownSeries("There is no such series.")
    return series


@router.get("")
@rule(Permission.READ)
def show_all(request: Request, session: ReadSession, who: Who) -> Response:
    """List the series of the project, with a form to make one."""
    project = current_project(request, session, who)
    found = store.read_series(session, project.id) if project else []
    dates = {one["id"]: store.read_dates(session, one["id"]) for one in found}
    return page(request, "series/list.html", project=project, series=found, dates=dates)


@router.post("")
@rule(Permission.EDIT)
def create(request: Request, session: WriteSession, who: Who, title: Annotated[str, Form()] = "") -> Response:
    """Make a series."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    if not clean_line(title):
        raise Invalid("Give the series a title.", field="title")
    series_id = store.add_series(session, project.id, clean_line(title)[:300])
    return RedirectResponse(f"/series/{series_id}", 303)


@router.get("/{series_id:identifier}")
@rule(Permission.READ)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    now: Now,
    series_id: str,
    added: int = -1,
    taken: int = -1,
    kept: int = 0,
    changed: int = -1,
    told: int = 0,
    made: int = -1,
    start: int = 0,
) -> Response:
    """Show a series: its dates, and who stands invited."""
    said = {"added": added, "taken": taken, "kept": kept, "changed": changed, "told": told, "made": made}
    return _page(request, session, own_series(session, who, series_id), now=now, said=said, start=max(0, start))


def _page(
    request: Request,
    session: Session,
    series: dict[str, Any],
    *,
    now: Now,
    said: dict[str, int] | None = None,
    nobody: Stood | None = None,
    typed: dict[str, str] | None = None,
    error: FarsowError | None = None,
    start: int = 0,
) -> Response:
    dates = store.read_dates(session, series["id"])
    shown = stands.read_shown(session, series["id"])
    ids = [event.id for event in dates]
    return page(
        request,
        "series/show.html",
        status=422 if error else 200,
        project=store.read_project(session, series["project_id"]),
        series=series,
        dates=dates,
        ahead=[event for event in dates if event.state in standing.AHEAD and event.starts_at > now],
        counts=funnels.funnels(session, ids),
        drafts={event_id: len(letter_store.read_drafts(session, event_id)) for event_id in ids},
        lacking=_lacking(session, series["id"], dates, shown, now=now),
        people=shown,
        start=start,
        page_size=PAGE,
        lists=segments.counted(session, people.read_lists(session)),
        typed={"kind": BY_LIST, "list_id": "", "email": "", **(typed or {})},
        errors={getattr(error, "field", None) or "list_id": error.sentence} if error else {},
        said=said or {"added": -1, "taken": -1, "changed": -1, "made": -1},
        nobody=nobody.reasons() if nobody else None,
    )


def _lacking(
    session: Session, series_id: str, dates: Sequence[Event], shown: Sequence[dict[str, Any]], *, now: Now
) -> dict[str, int]:
    """Return how many who stand invited have no invitation yet, by date that takes invitations."""
    takes = [e.id for e in dates if e.state is EventState.ANNOUNCED and e.starts_at > now]
    invited = stands.read_invited(session, series_id, takes)
    standing_now = [row["standing"] for row in shown]
    return {
        event_id: sum(s.stands_for(event_id) and s.person_id not in invited[event_id] for s in standing_now)
        for event_id in takes
    }


@router.post("/{series_id:identifier}/invite")
@rule(Permission.SEND)
def invite(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, desk: Desk, series_id: str
) -> Response:
    """Invite a list or one person to every date; the letters wait for Send."""
    series = own_series(session, who, series_id)
    try:
        chosen = _chosen(session, form)
        done = standing.invite_to_series(session, series_id, **chosen, desk=desk, now=now, actor=who.actor)
    except (Invalid, segments.SegmentBroken) as error:
        session.rollback()
        return _page(request, session, series, now=now, typed=form, error=error)
    if not done.added:
        return _page(request, session, series, now=now, typed=form, nobody=done)
    return RedirectResponse(f"/series/{series_id}?added={len(done.added)}", 303)


def _chosen(session: Session, form: dict[str, str]) -> dict[str, Any]:
    """Return who is meant: a list, or the person of an address.

    Raises:
        Invalid: neither is named, or nobody has the address.
    """
    if form.get("kind", BY_LIST) == BY_LIST:
        if not form.get("list_id"):
            raise Invalid("Choose a list.", field="list_id")
        return {"list_id": form["list_id"]}
    person_id = people.find_person(session, normalise_address(form.get("email", "")).key)
    if person_id is None:
        raise Invalid("Nobody here has this address. Add the person first.", field="email")
    return {"person_ids": [person_id]}


@router.post("/{series_id:identifier}/enrol")
@rule(Permission.SEND)
def enrol(session: WriteSession, who: Who, now: Now, desk: Desk, series_id: str) -> Response:
    """Write the invitations that are lacking, as drafts."""
    own_series(session, who, series_id)
    standing.enrol_all(session, series_id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/series/{series_id}", 303)


@router.get("/{series_id:identifier}/standing/{standing_id:identifier}")
@rule(Permission.SEND)
def show_one(request: Request, session: ReadSession, who: Who, now: Now, series_id: str, standing_id: str) -> Response:
    """Show one person's dates: leave them out of one, or end it all."""
    series = own_series(session, who, series_id)
    row = next((r for r in stands.read_shown(session, series_id) if r["standing"].id == standing_id), None)
    if row is None:
        raise stands.UnknownStanding("There is no such standing invitation.")
    dates = store.read_dates(session, series_id, states=standing.AHEAD, after=now)
    found = {e.id: invitations.find(session, e.id, row["standing"].person_id) for e in dates}
    project = store.read_project(session, series["project_id"])
    return page(
        request, "series/standing.html", project=project, series=series, row=row, dates=dates, invitations=found
    )


@router.post("/{series_id:identifier}/standing/{standing_id:identifier}/dates/{event_id:identifier}")
@rule(Permission.SEND)
def change_date(
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    series_id: str,
    standing_id: str,
    event_id: str,
    wish: Annotated[str, Form()] = "",
) -> Response:
    """Leave the person out of one date, or put them back."""
    _own_standing(session, who, series_id, standing_id)
    if wish not in ("out", "in"):
        raise Invalid("Choose what to do.", field="wish")
    change = standing.leave_out if wish == "out" else standing.put_back
    change(session, standing_id, event_id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/series/{series_id}/standing/{standing_id}", 303)


@router.post("/{series_id:identifier}/standing/{standing_id:identifier}/end")
@rule(Permission.SEND)
def end(session: WriteSession, who: Who, now: Now, series_id: str, standing_id: str) -> Response:
    """End a standing invitation."""
    _own_standing(session, who, series_id, standing_id)
    done = standing.end(session, standing_id, now=now, actor=who.actor)
    return RedirectResponse(f"/series/{series_id}?taken={done.taken_back}&kept={done.kept}", 303)


def _own_standing(session: Session, who: Principal, series_id: str, standing_id: str) -> None:
    own_series(session, who, series_id)
    if stands.read(session, standing_id).series_id != series_id:
        raise stands.UnknownStanding("There is no such standing invitation.")
