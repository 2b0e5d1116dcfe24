"""Staff pages of reports: the figures as they are now for each reader, and the ones that are frozen."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts import store as accounts
from service.accounts.values import Permission, Principal
from service.dissemination import actions, issuing, quotes, shares
from service.dissemination.lifecycle import needs_another
from service.dissemination.rendering import FORMATS, LANGUAGES, UnknownLanguage, render, render_sections
from service.dissemination.report import compose
from service.dissemination.snapshots import SnapshotLine, SnapshotView, State
from service.dissemination.values.figures import Profile
from service.dissemination.wording import Voice
from service.events import store as events
from service.kernel.clock import local_time
from service.web import identifiers, words
from service.web.deps import House, Now, ReadSession, WriteSession, require_project
from service.web.deps import Principal as Who
from service.web.projects import current_project
from service.web.render import page
from service.web.report_figures import links
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/reports")
OTHER_LANGUAGES = [(code, name) for code, name in LANGUAGES.items() if code != "en"]
READABLE = ("html", "pdf", "docx", "xlsx")  # the other formats have no words
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
STYLE = re.compile(rb"<style>(.*?)</style>", re.S)


def voice(language: str) -> Voice:
    """Return the words of a report in a language."""
    spoken = words.spoken(language)
    return Voice(words.translations(spoken), spoken)


def report_file(view: SnapshotView, format: str, *, language: str = "en", opened: bool = False) -> Response:
    """Return a report as one file under a policy of its own: no script, nothing from outside, its own style by hash.

    `opened`: the browser shows the HTML instead of saving it.

    Raises:
        UnknownFormat: not one of FORMATS. UnknownLanguage: not one of LANGUAGES.
    """
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise UnknownLanguage(f"A report comes in {known}, not in “{language[:20]}”.", field="language")
    body = render(view, format, words=words.translations(words.spoken(language)), language=language)
    marked = "" if language == "en" else f"-{language}"
    manner = "inline" if opened and format == "html" else "attachment"
    headers = {
        "Content-Security-Policy": _policy(body) if format == "html" else "sandbox; default-src 'none'",
        "Content-Disposition": f'{manner}; filename="report-{view.profile}-{view.snapshot_id}{marked}.{format}"',
        "Content-Language": language,
    }
    return Response(body, media_type=FORMATS[format].media_type, headers=headers)


def _policy(html: bytes) -> str:
    digests = (base64.b64encode(sha256(style).digest()).decode() for style in STYLE.findall(html))
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    return (
        f"sandbox; default-src 'none'; img-src data:; font-src data:; style-src {allowed}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _shown(view: SnapshotView, who: Principal, links: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what the pages of a report need: its words and its sections, whose figures may lead on by `links`."""
    return {
        "document": compose(view, voice(who.locale)),
        "sections": render_sections(
            view, words=words.translations(words.spoken(who.locale)), language=who.locale, links=links
        ),
        "profile": view.profile.value,
    }


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, now: Now, profile: str = "internal") -> Response:
    """Show the figures as they are now, as one reader would get them."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    leads_on = links(project.id) if profile == Profile.INTERNAL else {}
    return page(
        request,
        "reports/live.html",
        project=project,
        profiles=[p.value for p in Profile],
        snapshots=actions.read_snapshots(session, project.id),
        stale=quotes.needs_superseding(session, project.id, local_time(now, project.time_zone).date()),
        formats=list(FORMATS),
        **_shown(actions.live_figures(session, project.id, profile, now, in_full=True), who, leads_on),
    )


@router.post("")
@rule(Permission.EXPORT)
def freeze(
    request: Request, session: WriteSession, who: Who, now: Now, profile: Annotated[str, Form()] = "internal"
) -> Response:
    """Begin the draft of a report from the figures as they are now."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    view = actions.freeze_snapshot(session, project.id, profile=profile, now=now, actor=who.actor)
    return RedirectResponse(f"/reports/{view.snapshot_id}", 303)


def own_snapshot(session: Session, who: Principal, snapshot_id: str) -> SnapshotView:
    """Return a snapshot this reader may see."""
    view = actions.read_snapshot(session, snapshot_id)
    require_project(who, view.project.id)
    return view


@router.get("/{snapshot_id:identifier}")
@rule(Permission.READ)
def show_frozen(request: Request, session: ReadSession, who: Who, now: Now, house: House, snapshot_id: str) -> Response:
    """Show a report, and where it stands."""
    return frozen_page(request, session, who, own_snapshot(session, who, snapshot_id), house=house, now=now)


def frozen_page(
    request: Request,
    session: Session,
    who: Principal,
    view: SnapshotView,
    *,
    house: House,
    now: datetime,
    address: str = "",
    refused: bool = False,
    status: int = 200,
) -> Response:
    """Return the page of a report.

    `address` is one just made for someone outside, shown this once; `refused`: it was to be issued and is not.
    """
    line = issuing.read_line(session, view.snapshot_id)
    project = events.read_project(session, view.project.id)
    stale = quotes.needs_superseding(session, project.id, local_time(now, project.time_zone).date())
    is_open = line.state in (State.DRAFT, State.REVIEWED)
    return page(
        request,
        "reports/frozen.html",
        status=status,
        project=project,
        stale=stale.get(view.snapshot_id, ""),
        snapshot_id=view.snapshot_id,
        line=line,
        grade=view.grade.value,
        names=_names(session, line),
        refusals=issuing.read_refusals(session, line, now=now) if is_open else (),
        refused=refused,
        needs_another=needs_another(line, who.actor, four_eyes=house.four_eyes),
        shares=[one for one in shares.read(session, view.snapshot_id) if one.is_open(now)],
        may_be_shared=view.profile is not Profile.INTERNAL and line.state is State.ISSUED,
        address=address,
        seal=view.sha256,
        formats=list(FORMATS),
        languages=OTHER_LANGUAGES,
        **_shown(view, who),
    )


def _names(session: Session, line: SnapshotLine) -> dict[str, str]:
    """Return the names of those who brought a report where it stands, by actor; a key has none here."""
    actors = {line.created_by, line.written_by, line.reviewed_by or "", line.issued_by or ""}
    found = {actor: accounts.read_staff(session, actor.removeprefix("staff:")) for actor in actors if actor}
    return {actor: staff.name for actor, staff in found.items() if staff}


@router.get("/{snapshot_id:identifier}.{format}")
@rule(Permission.EXPORT)
def download(session: ReadSession, who: Who, snapshot_id: str, format: str, language: str = "en") -> Response:
    """Give a frozen report as one file, in a language; the HTML opens as a document of its own."""
    return report_file(own_snapshot(session, who, snapshot_id), format, language=language, opened=True)
