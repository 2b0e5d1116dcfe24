"""A report for someone outside: staff make and end its secret address; whoever has it reads, and nothing is counted."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.values import Permission
from service.dissemination import shares
from service.dissemination.rendering import FORMATS
from service.dissemination.report import compose
from service.kernel.errors import NotFound
from service.web import identifiers
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.public import NOTHING
from service.web.render import page
from service.web.reports import OTHER_LANGUAGES, READABLE, frozen_page, own_snapshot, report_file
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
QUIET = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@router.post("/reports/{snapshot_id:identifier}/shares")
@rule(Permission.EXPORT)
def share(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    house: House,
    snapshot_id: str,
    days: Annotated[int, Form()] = 90,
) -> Response:
    """Make a secret address of the report, and show it this once."""
    view = own_snapshot(session, who, snapshot_id)
    secret = shares.share(session, snapshot_id, days=days, now=now, actor=who.actor)
    return frozen_page(request, session, who, view, house=house, now=now, address=f"{house.public_url}/d/{secret}")


@router.post("/reports/shares/{share_id:identifier}/end")
@rule(Permission.EXPORT)
def end(session: WriteSession, who: Who, now: Now, share_id: str) -> Response:
    """End a secret address."""
    ended = shares.end(session, share_id, now=now, actor=who.actor)
    own_snapshot(session, who, ended.snapshot_id)
    return RedirectResponse(f"/reports/{ended.snapshot_id}", 303)


@router.get("/d/{secret}")
@rule(Open.GUEST)
def show(request: Request, session: ReadSession, now: Now, secret: str) -> Response:
    """Say which report this is, and offer its files."""
    found, view = shares.open_shared(session, secret, now=now)
    return page(
        request,
        "guest/shared_report.html",
        language="en",
        headers=QUIET,
        sender=view.project.organisation,
        links=NOTHING,
        report=compose(view),
        languages=OTHER_LANGUAGES,
        readable=[(kind.upper(), f"/d/{secret}/report.{kind}") for kind in READABLE],
        files=[(kind.upper(), f"/d/{secret}/report.{kind}") for kind in FORMATS],
        until=found.ends_at,
        is_replaced=found.snapshot_id != view.snapshot_id,
    )


@router.get("/d/{secret}/report.{format}")
@rule(Open.GUEST)
def download(session: ReadSession, now: Now, secret: str, format: str, language: str = "en") -> Response:
    """Give the report as one file, in a language; the HTML opens as a document of its own."""
    _found, view = shares.open_shared(session, secret, now=now)
    if format not in FORMATS:
        raise NotFound("There is no such file.")
    answer = report_file(view, format, language=language, opened=True)
    answer.headers.update(QUIET)
    return answer
