"""Staff pages that change many people at once: what would change, the change, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.directory import store as directory
from service.kernel.errors import Conflict, Invalid
from service.people import bulk_edits, store
from service.people.store import bulk_edits as ledger
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.people import Picked, posted, wanted_of
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/people/bulk")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
SHOWN = 20  # people whose change is shown as an example


@dataclass
class Wish:
    """What shall be so of them, as typed; empty where nothing changes."""

    set_audience: str = ""
    set_country: str = ""
    set_language: str = ""
    add_tags: str = ""
    remove_tags: str = ""
    at_risk: str = ""

    @property
    def given(self) -> dict[str, str]:
        """What is wished for, by the field it changes."""
        return {name.removeprefix("set_"): value.strip() for name, value in vars(self).items() if value.strip()}


def typed_wish(
    set_audience: Annotated[str, Form()] = "",
    set_country: Annotated[str, Form()] = "",
    set_language: Annotated[str, Form()] = "",
    add_tags: Annotated[str, Form()] = "",
    remove_tags: Annotated[str, Form()] = "",
    at_risk: Annotated[str, Form()] = "",
) -> Wish:
    """Return what a form says shall change."""
    return Wish(set_audience, set_country, set_language, add_tags, remove_tags, at_risk)


@router.get("")
@rule(Permission.EDIT)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    picked: Annotated[Picked, Depends()],
    wish: Annotated[Wish, Depends()],
    q: str = "",
    in_list: str = "",
) -> Response:
    """Say what shall change of those who were narrowed down, and show what it would do."""
    error, planned = "", None
    ids: list[str] = []
    try:
        ids = _chosen(session, picked, q, in_list)
        if wish.given:
            people = sorted(store.read_these(session, ids).values(), key=lambda person: person.name)
            planned = bulk_edits.plan(people, bulk_edits.read_wish(session, wish.given))
    except (Invalid, Conflict) as refused:
        error = refused.sentence
    context: dict[str, Any] = {
        "count": len(ids),
        "most": bulk_edits.MOST,
        "planned": planned,
        "examples": planned.changes[:SHOWN] if planned else (),
        "audiences": store.read_audiences(session),
        "selection": {"q": q, "in_list": in_list, **picked.given},
        "back": urlencode({"q": q, "in_list": in_list, **picked.given}),
        "project": current_project(request, session, who),
    }
    return page(request, "people/bulk.html", status=422 if error else 200, wish=wish, error=error, **context)


def _chosen(session: Session, picked: Picked, q: str, in_list: str) -> list[str]:
    shown = store.read_list(session, in_list) if in_list else None
    wanted, error = wanted_of(session, picked, shown)
    if error:
        raise Invalid(error, field="filter")
    ids = directory.read_matching_ids(session, wanted, text=q)
    if len(ids) > bulk_edits.MOST:
        raise bulk_edits.TooManyPeople(len(ids))
    return ids


@router.post("")
@rule(Permission.EDIT)
def apply(
    session: WriteSession,
    who: Who,
    now: Now,
    picked: Annotated[Picked, Depends(posted)],
    wish: Annotated[Wish, Depends(typed_wish)],
    q: Annotated[str, Form()] = "",
    in_list: Annotated[str, Form()] = "",
) -> Response:
    """Change them."""
    wanted = bulk_edits.read_wish(session, wish.given)
    made = bulk_edits.apply(session, _chosen(session, picked, q, in_list), wanted, now=now, actor=who.actor)
    return RedirectResponse(f"/people/bulk/{made.id}", 303)


@router.get("/{edit_id:identifier}")
@rule(Permission.EDIT)
def done(request: Request, session: ReadSession, who: Who, edit_id: str, kept: int = 0) -> Response:
    """Show what was changed, and offer to take it back."""
    made = ledger.read(session, edit_id)
    project = current_project(request, session, who)
    return page(request, "people/bulk_done.html", edit=made, kept=kept, project=project)


@router.post("/{edit_id:identifier}/undo")
@rule(Permission.EDIT)
def undo(session: WriteSession, who: Who, now: Now, edit_id: str) -> Response:
    """Take it back."""
    undone = bulk_edits.undo(session, edit_id, now=now, actor=who.actor)
    return RedirectResponse(f"/people/bulk/{edit_id}?kept={undone.kept}", 303)
