"""Staff pages of what is kept and what is deleted: periods, promises, certificates, forgetting someone."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

from fastapi import BackgroundTasks, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.events.values import RESEARCH_KINDS, EventKind
from service.kernel.errors import Invalid
from service.people import store as people
from service.privacy import actions, retention
from service.privacy.retention import PERIODS, Held, Period
from service.privacy.store import terms
from service.privacy.values import Deletion
from service.web import identifiers
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
PAGE = 50
LATEST = 5


@router.get("/privacy")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, now: Now) -> Response:
    """Show what is deleted next, how long everything is kept, what is promised, what is proved."""
    return _page(request, session, who, now=now)


def _page(request: Request, session: Session, who: Principal, *, now: Any, error: Invalid | None = None) -> Response:
    return page(
        request,
        "privacy/show.html",
        status=422 if error else 200,
        project=current_project(request, session, who),
        coming=actions.read_coming(session, now=now),
        periods=[_row(session, period) for period in PERIODS.values() if period.held is not Held.PROMISE],
        kinds=[kind.value for kind in EventKind],
        research=[kind.value for kind in RESEARCH_KINDS],
        promises=terms.read_promises(session),
        events=actions.read_promisable(session, now=now),
        leftover=actions.count_leftover(session, now=now),
        certificates=actions.read_certificates(session, limit=LATEST),
        error=error,
    )


def _row(session: Session, period: Period) -> dict[str, Any]:
    shorter = terms.read_shorter(session)
    own = [(kind, days) for (held, kind), days in sorted(shorter.items()) if held is period.held and kind]
    return {
        "held": period.held.value,
        "usual": period.days,
        "days": retention.days_of(period, "", shorter),
        "research": retention.days_of(period, EventKind.FOCUS_GROUP, shorter) if period.research_days else None,
        "start": period.start.value,
        "by_event": period.is_by_event,
        "note": period.note,
        "kinds": own,
    }


@router.post("/privacy/periods")
@rule(Permission.ADMINISTER)
def shorten(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    held: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
) -> Response:
    """Keep a class of data for fewer days; empty: as usual again."""
    try:
        actions.shorten(session, _held(held), kind, _days(days), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, who, now=now, error=error)
    return RedirectResponse("/privacy#periods", 303)


def _held(typed: str) -> Held:
    try:
        return Held(typed)
    except ValueError:
        raise Invalid("There is no such class of data.", field="held") from None


def _days(typed: str) -> int | None:
    try:
        return int(typed) if typed.strip() else None
    except ValueError:
        raise Invalid("Type a number of days, or nothing for the usual period.", field="days") from None


@router.post("/privacy/promises")
@rule(Permission.ADMINISTER)
def promise(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    event_id: Annotated[str, Form()] = "",
    due_on: Annotated[str, Form()] = "",
) -> Response:
    """Promise that everything about the people of an event goes on a day; without a day, take it back."""
    try:
        actions.promise(session, event_id, _day(due_on), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, who, now=now, error=error)
    return RedirectResponse("/privacy#promises", 303)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed.strip() else None
    except ValueError:
        raise Invalid("Type a day such as 2027-03-31.", field="due_on") from None


@router.get("/privacy/people")
@rule(Permission.ADMINISTER)
def leftover(request: Request, session: ReadSession, who: Who, now: Now) -> Response:
    """Show the people who belong to nothing any more: staff decide on each."""
    found = actions.read_leftover(session, now=now, limit=PAGE)
    total = actions.count_leftover(session, now=now)
    project = current_project(request, session, who)
    return page(request, "privacy/people.html", project=project, people=found, total=total)


@router.get("/privacy/certificates")
@rule(Permission.READ)
def certificates(request: Request, session: ReadSession, who: Who, before: int | None = None) -> Response:
    """Show the certificates of deletion, newest first."""
    found = actions.read_certificates(session, before=before, limit=PAGE)
    older = found[-1].number if len(found) == PAGE and found[-1].number > 1 else None
    project = current_project(request, session, who)
    return page(request, "privacy/certificates.html", project=project, certificates=found, older=older)


@router.get("/privacy/certificates.json")
@rule(Permission.READ)
def chain(session: ReadSession) -> Response:
    """Give every certificate as a file, oldest first: the chain can be checked by anyone."""
    return _file("certificates", [one.facts() for one in actions.read_chain(session)])


@router.get("/privacy/certificates/{certificate_id:identifier}")
@rule(Permission.READ)
def certificate(request: Request, session: ReadSession, who: Who, certificate_id: str) -> Response:
    """Show one certificate, to print."""
    project = current_project(request, session, who)
    found = actions.read_certificate(session, certificate_id)
    return page(
        request,
        "privacy/certificate.html",
        project=project,
        certificate=found,
        is_whole=_is_whole(found),
        unsearched=actions.read_unsearched(session),
    )


def _is_whole(found: Deletion) -> bool:
    return actions.is_whole(found)


@router.get("/privacy/certificates/{certificate_id:identifier}.json")
@rule(Permission.READ)
def certificate_file(session: ReadSession, certificate_id: str) -> Response:
    """Give one certificate as a file."""
    found = actions.read_certificate(session, certificate_id)
    return _file(f"certificate-{found.number}", found.facts())


def _file(name: str, facts: Any) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"'}
    return Response(json.dumps(facts, indent=2), media_type="application/json", headers=headers)


@router.get("/people/{person_id:identifier}/forget")
@rule(Permission.ADMINISTER)
def ask(request: Request, session: ReadSession, who: Who, person_id: str) -> Response:
    """Show what would go with a person, and ask."""
    return page(
        request,
        "privacy/forget.html",
        project=current_project(request, session, who),
        person=people.read_person(session, person_id),
        held=actions.count_held(session, person_id),
        unsearched=actions.read_unsearched(session),
    )


@router.post("/people/{person_id:identifier}/forget")
@rule(Permission.ADMINISTER)
def forget(
    session: WriteSession,
    who: Who,
    now: Now,
    house: House,
    desk: Desk,
    after: BackgroundTasks,
    person_id: str,
    even_that: Annotated[str, Form()] = "",
) -> Response:
    """Erase a person; the certificate is the answer."""
    done = actions.forget(
        session,
        people.read_person(session, person_id).email,
        address_key=house.address_key,
        now=now,
        actor=who.actor,
        remember=not even_that,
        desk=desk,
        tombstones=house.tombstones,
    )
    after.add_task(actions.empty_journal, house.engine)
    return RedirectResponse(f"/privacy/certificates/{done.id}", 303, background=after)
