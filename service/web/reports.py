"""Staff pages of reports: the figures as they are now for each reader, and the ones that are frozen."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.dissemination import actions
from service.dissemination.rendering import FORMATS, render, render_sections
from service.dissemination.report import compose
from service.dissemination.snapshots import SnapshotView
from service.dissemination.values import Profile
from service.dissemination.wording import Voice
from service.events import store as events
from service.kernel.errors import NotFound
from service.web import identifiers, words
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/reports")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
STYLE = re.compile(r"<style>(.*?)</style>", re.S)


def voice(language: str) -> Voice:
    """Return the words of a report in a language."""
    spoken = words.spoken(language)
    return Voice(words.translations(spoken), spoken)


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, now: Now, profile: str = "internal") -> Response:
    """Show the figures as they are now, as one reader would get them."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    view = actions.live_figures(session, project.id, profile, now)
    return page(
        request,
        "reports/live.html",
        project=project,
        document=compose(view, voice(who.locale)),
        sections=render_sections(view, words=words.translations(words.spoken(who.locale)), language=who.locale),
        profile=view.profile.value,
        profiles=[p.value for p in Profile],
        snapshots=actions.read_snapshots(session, project.id),
    )


@router.post("")
@rule(Permission.EXPORT)
def freeze(
    request: Request, session: WriteSession, who: Who, now: Now, profile: Annotated[str, Form()] = "internal"
) -> Response:
    """Freeze the figures for good."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    view = actions.freeze_snapshot(session, project.id, profile=profile, now=now, actor=who.actor)
    return RedirectResponse(f"/reports/{view.snapshot_id}", 303)


def own_snapshot(session: Session, who: Principal, snapshot_id: str) -> SnapshotView:
    """Return a snapshot this person may see."""
    view = actions.read_snapshot(session, snapshot_id)
    if who.project_id not in (None, view.project.id):
        raise NotFound("There is no such report.")
    return view


@router.get("/{snapshot_id:identifier}")
@rule(Permission.READ)
def show_frozen(request: Request, session: ReadSession, who: Who, snapshot_id: str) -> Response:
    """Show a frozen report."""
    view = own_snapshot(session, who, snapshot_id)
    return page(
        request,
        "reports/frozen.html",
        project=events.read_project(session, view.project.id),
        document=compose(view, voice(who.locale)),
        sections=render_sections(view, words=words.translations(words.spoken(who.locale)), language=who.locale),
        snapshot_id=snapshot_id,
        profile=view.profile.value,
        formats=list(FORMATS),
    )


@router.get("/{snapshot_id:identifier}.{format}")
@rule(Permission.EXPORT)
def download(session: ReadSession, who: Who, snapshot_id: str, format: str) -> Response:
    """Give a frozen report as one file; the HTML is a document of its own, with its own policy."""
    view = own_snapshot(session, who, snapshot_id)
    body = render(view, format, words=words.translations(words.spoken(who.locale)), language=who.locale)
    headers = {"Content-Disposition": f'attachment; filename="report-{view.profile}.{format}"'}
    if format == "html":
        headers = {"Content-Security-Policy": _policy(body.decode())}
    return Response(body, media_type=FORMATS[format].media_type, headers=headers)


def _policy(html: str) -> str:
    """Return the policy of a one-file report: no script, nothing from outside, its own style by hash."""
    styles = [base64.b64encode(sha256(style.encode()).digest()).decode() for style in STYLE.findall(html)]
    allowed = " ".join(f"'sha256-{digest}'" for digest in styles) or "'none'"
    return f"sandbox; default-src 'none'; img-src data:; font-src data:; style-src {allowed}"
