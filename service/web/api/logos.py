"""The API of the organisation's mark on reports."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import Depends, Form, Response

from service.accounts.values import Permission
from service.dissemination import branding
from service.kernel.errors import NotFound
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.report_logo import SentPicture
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/logo", tag="reports")


class NoLogo(NotFound):
    """Reports of the project bear no mark."""

    code = "no-logo"

    def __init__(self) -> None:
        super().__init__("Reports of this project bear no mark.")


@router.get("")
@rule(Permission.READ)
def read_logo(session: ReadSession, who: Principal, project_id: str) -> Response:
    """Return the mark that reports bear from now on, as PNG."""
    require_project(who, project_id)
    found = branding.read_logo(session, project_id)
    if found is None:
        raise NoLogo
    return Response(base64.b64decode(found.data), media_type="image/png", headers={"Cache-Control": "no-store"})


@router.put("", status_code=204)
@rule(Permission.EXPORT)
def set_logo(
    sent: Annotated[SentPicture, Depends()],
    session: WriteSession,
    who: Principal,
    now: Now,
    project_id: str,
    alt: Annotated[str, Form()] = "",
) -> Response:
    """Put a PNG or JPEG on the reports frozen from now on; it is drawn anew."""
    require_project(who, project_id)
    branding.set_logo(session, project_id, *sent.drawn(), alt=alt, now=now, actor=who.actor)
    return Response(status_code=204)


@router.delete("", status_code=204)
@rule(Permission.EXPORT)
def remove_logo(session: WriteSession, who: Principal, now: Now, project_id: str) -> Response:
    """Take the mark off the reports frozen from now on."""
    require_project(who, project_id)
    branding.remove_logo(session, project_id, now=now, actor=who.actor)
    return Response(status_code=204)
