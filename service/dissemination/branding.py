"""Put the organisation's mark on reports, or take it off. Reports frozen before keep theirs. The caller commits."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.dissemination.formats import logo_png
from service.dissemination.logos import Logo, check_logo
from service.dissemination.store import logos as store
from service.events.store import read_project
from service.kernel.text import clean_line


def draw_logo(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return a picture drawn anew, and its size. It takes a moment: do it before a transaction begins.

    Raises:
        BadLogo: it is not taken.
    """
    size = check_logo(content)
    return logo_png.drawn(content, *size), size


def set_logo(
    session: Session,
    project_id: str,
    picture: bytes,
    size: tuple[int, int],
    *,
    alt: str = "",
    now: datetime,
    actor: str,
) -> None:
    """Let the reports frozen from now on bear a mark; without `alt` it says the organisation's name.

    Raises:
        UnknownProject.
    """
    project = read_project(session, project_id)
    said = clean_line(alt)[:200] or project.organisation or project.name
    store.write(session, project_id, picture, size, said[:200], by=actor, now=now)
    log.record(session, actor=actor, action="logo.set", subject=f"project:{project_id}", now=now)


def remove_logo(session: Session, project_id: str, *, now: datetime, actor: str) -> None:
    """Let the reports frozen from now on bear none. A second press changes nothing."""
    if read_logo(session, project_id) is not None:
        store.remove(session, project_id)
        log.record(session, actor=actor, action="logo.removed", subject=f"project:{project_id}", now=now)


def read_logo(session: Session, project_id: str) -> Logo | None:
    """Return the mark that reports bear from now on, or None."""
    return store.read(session, project_id)
