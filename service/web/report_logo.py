"""Staff page of the organisation's mark on reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import branding
from service.dissemination.logos import LARGEST, BadLogo
from service.events.values import Project
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/reports/logo")


class SentPicture:
    """What was sent, drawn anew before any transaction begins; `error` says why it is not taken."""

    def __init__(self, file: Annotated[UploadFile | None, File()] = None) -> None:
        self.picture, self.size = b"", (0, 0)
        self.error: BadLogo | None = None
        try:
            self.picture, self.size = branding.draw_logo(file.file.read(LARGEST + 1) if file else b"")
        except BadLogo as error:
            self.error = error

    def drawn(self) -> tuple[bytes, tuple[int, int]]:
        """Return the picture and its size.

        Raises:
            BadLogo: it is not taken.
        """
        if self.error:
            raise self.error
        return self.picture, self.size


@router.get("")
@rule(Permission.EXPORT)
def show(request: Request, session: ReadSession, who: Who, saved: str = "") -> Response:
    """Show the mark that reports bear from now on."""
    return _page(request, session, own_project(request, session, who), saved=saved)


@router.post("")
@rule(Permission.EXPORT)
def change(
    request: Request,
    sent: Annotated[SentPicture, Depends()],
    session: WriteSession,
    who: Who,
    now: Now,
    alt: Annotated[str, Form()] = "",
    remove: Annotated[str, Form()] = "",
) -> Response:
    """Put a mark on reports, or take it off; a picture that is not taken comes back with the reason."""
    project = own_project(request, session, who)
    try:
        if remove:
            branding.remove_logo(session, project.id, now=now, actor=who.actor)
        else:
            branding.set_logo(session, project.id, *sent.drawn(), alt=alt, now=now, actor=who.actor)
    except BadLogo as error:
        session.rollback()
        return _page(request, session, project, alt=alt, error=error)
    return RedirectResponse(f"/reports/logo?project={project.id}&saved=yes", 303)


def _page(
    request: Request,
    session: Session,
    project: Project,
    *,
    alt: str = "",
    error: BadLogo | None = None,
    saved: str = "",
) -> Response:
    return page(
        request,
        "reports/logo.html",
        project=project,
        logo=branding.read_logo(session, project.id),
        alt=alt,
        errors={"file": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
