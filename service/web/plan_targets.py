"""Staff page of targets: what the plan promises for each indicator, by which steps, by when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import planning, rules, store
from service.dissemination.indicators import INDICATORS, REGISTRY
from service.dissemination.values.plan import Target
from service.events.values import Project
from service.kernel.errors import Invalid
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/targets")
SPARE = 2  # empty milestones that the form offers


@router.get("")
@rule(Permission.READ)
def show_list(request: Request, session: ReadSession, who: Who, saved: str = "") -> Response:
    """Show what is promised for which indicator."""
    project = own_project(request, session, who)
    targets = [target for target in store.read_targets(session, project.id) if target.indicator in REGISTRY]
    order = [one.id for one in INDICATORS]
    promised = {target.indicator for target in targets}
    return page(
        request,
        "plan/targets.html",
        project=project,
        targets=sorted(targets, key=lambda target: order.index(target.indicator)),
        free=[one for one in INDICATORS if one.id not in promised],
        indicators=REGISTRY,
        saved=saved,
    )


@router.get("/{indicator}")
@rule(Permission.EDIT)
def edit(request: Request, session: ReadSession, who: Who, indicator: str) -> Response:
    """Show the promise for an indicator in a form, empty when there is none."""
    project = own_project(request, session, who)
    target = next((one for one in store.read_targets(session, project.id) if one.indicator == indicator), None)
    return _form(request, project, indicator, _values(target), is_promised=target is not None)


@router.post("/{indicator}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, indicator: str) -> Response:
    """Say what is promised; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        planning.set_target(session, project.id, indicator, _wishes(form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _form(
            request, project, indicator, form, is_promised=_is_promised(session, project, indicator), error=error
        )
    return RedirectResponse(f"/plan/targets?project={project.id}&saved={indicator}", 303)


@router.post("/{indicator}/drop")
@rule(Permission.EDIT)
def drop(
    request: Request, session: WriteSession, who: Who, now: Now, indicator: str, sure: Annotated[str, Form()] = ""
) -> Response:
    """Take a promise out of the plan, once it is said to be meant."""
    project = own_project(request, session, who)
    if sure:
        planning.drop_target(session, project.id, indicator, now=now, actor=who.actor)
    return RedirectResponse(f"/plan/targets?project={project.id}", 303)


def _is_promised(session: Session, project: Project, indicator: str) -> bool:
    return indicator in {target.indicator for target in store.read_targets(session, project.id)}


def _wishes(form: Mapping[str, str]) -> dict[str, Any]:
    numbers = [name.removeprefix("milestone_on_") for name in form if name.startswith("milestone_on_")]
    milestones = [{"on": form[f"milestone_on_{n}"], "value": form.get(f"milestone_value_{n}", "")} for n in numbers]
    fields = ("baseline", "target", "due_on", "note", "weight", "risk")
    return {name: form.get(name, "") for name in fields} | {"milestones": milestones}


def _values(target: Target | None) -> dict[str, str]:
    if target is None:
        return {}
    values = {"baseline": _plain(target.baseline), "target": _plain(target.target), "note": target.note}
    values |= {"due_on": target.due_on.isoformat(), "risk": target.risk}
    values["weight"] = "" if target.weight is None else _plain(target.weight)
    for number, one in enumerate(target.milestones):
        values |= {f"milestone_on_{number}": one.on.isoformat(), f"milestone_value_{number}": _plain(one.value)}
    return values


def _plain(value: float) -> str:
    return f"{value:g}" if value != int(value) else str(int(value))


def _form(
    request: Request,
    project: Project,
    indicator: str,
    values: Mapping[str, str],
    *,
    is_promised: bool,
    error: Invalid | None = None,
) -> Response:
    if indicator not in REGISTRY:
        raise rules.UnknownIndicator("Choose an indicator of the list.", field="indicator")
    filled = sum(name.startswith("milestone_on_") and bool(value) for name, value in values.items())
    return page(
        request,
        "plan/target.html",
        project=project,
        indicator=REGISTRY[indicator],
        values=dict.fromkeys(("baseline", "target", "due_on", "note"), "") | dict(values),
        rows=range(max(filled + SPARE, SPARE)),
        is_promised=is_promised,
        errors={error.field or "target": error.sentence} if error else {},
        status=422 if error else 200,
    )
