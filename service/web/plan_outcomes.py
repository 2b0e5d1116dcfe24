"""Staff pages of outcomes: the list, one to be written down, its next step."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import harvest, outcomes
from service.dissemination import store as plans
from service.dissemination.formats import records_csv
from service.dissemination.harvest import ChangeKind, Outcome, OutcomeState
from service.dissemination.proving import Claim
from service.dissemination.store import evidence as files
from service.dissemination.store import outcomes as store
from service.events.values import Project
from service.kernel.errors import Conflict, Invalid
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.files import csv_file
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/outcomes")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
COLUMNS = ("id", "state", *harvest.FIELDS)


@router.get("")
@rule(Permission.READ)
def show_list(request: Request, session: ReadSession, who: Who, state: str = "", kind: str = "") -> Response:
    """Show the outcomes, those of one state and of one kind of change."""
    project = own_project(request, session, who)
    found = [one for one in store.read_outcomes(session, project.id) if kind in ("", one.kind)]
    counted = {one.value: sum(outcome.state is one for outcome in found) for one in OutcomeState}
    return page(
        request,
        "plan/outcomes.html",
        project=project,
        outcomes=[one for one in found if state in ("", one.state)],
        files=files.count(session, project.id, Claim.OUTCOME),
        counted=[("", len(found)), *counted.items()],
        state=state,
        kinds=[one.value for one in ChangeKind],
        kind=kind,
        audiences=_audiences(session),
    )


@router.get("/outcomes.csv")
@rule(Permission.EXPORT)
def download(request: Request, session: ReadSession, who: Who) -> Response:
    """Give the outcomes as a file."""
    project = own_project(request, session, who)
    found = store.read_outcomes(session, project.id)
    rows = ([getattr(one, name) for name in COLUMNS] for one in found if one.state is not OutcomeState.DISMISSED)
    return csv_file(records_csv.written(COLUMNS, rows), f"outcomes-{project.slug}.csv")


@router.get("/new")
@rule(Permission.EDIT)
def new(request: Request, session: ReadSession, who: Who) -> Response:
    """Show an empty form."""
    return _form(request, session, own_project(request, session, who), None, {})


@router.post("/new")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Write an outcome down; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        made = outcomes.add_outcome(session, project.id, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _form(request, session, project, None, form, error=error)
    return RedirectResponse(f"/plan/outcomes/{made.id}?project={project.id}&saved=yes", 303)


@router.get("/{outcome_id:identifier}")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, outcome_id: str, saved: str = "") -> Response:
    """Show one outcome, in a form to those who may change it."""
    project = own_project(request, session, who)
    outcome = store.read_outcome(session, project.id, outcome_id)
    return _form(request, session, project, outcome, _values(outcome), saved=saved)


@router.post("/{outcome_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, outcome_id: str) -> Response:
    """Save what an outcome says, then take the step that was pressed, if any; both or neither."""
    project = own_project(request, session, who)
    outcome = store.read_outcome(session, project.id, outcome_id)
    wanted, actor = form.get("step", ""), who.actor
    try:
        if wanted != OutcomeState.DISMISSED:
            outcomes.edit_outcome(session, project.id, outcome_id, form, now=now, actor=actor)
        if wanted:
            outcomes.step_outcome(session, project.id, outcome_id, wanted, now=now, actor=actor)
    except (Invalid, Conflict) as error:
        session.rollback()
        return _form(request, session, project, outcome, form, error=error)
    return RedirectResponse(f"/plan/outcomes/{outcome_id}?project={project.id}&saved=yes", 303)


def _values(outcome: Outcome) -> dict[str, str]:
    return {name: str(getattr(outcome, name) or "") for name in harvest.FIELDS}


def _audiences(session: Session) -> dict[str, str]:
    return {one.key: one.name for one in plans.read_audiences(session)}


def _form(
    request: Request,
    session: Session,
    project: Project,
    outcome: Outcome | None,
    values: Mapping[str, str],
    *,
    error: Invalid | Conflict | None = None,
    saved: str = "",
) -> Response:
    at = error.field or "what" if isinstance(error, Invalid) else "what"
    return page(
        request,
        "plan/outcome.html",
        project=project,
        outcome=outcome,
        steps=[one.value for one in harvest.next_steps(outcome)] if outcome else [],
        audiences=_audiences(session),
        kinds=[one.value for one in ChangeKind],
        values=dict.fromkeys(harvest.FIELDS, "") | dict(values),
        errors={at: error.sentence} if error else {},
        saved=saved,
        status=200 if error is None else 422 if isinstance(error, Invalid) else 409,
    )
