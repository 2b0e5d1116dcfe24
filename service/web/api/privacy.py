"""The API of what is kept and what was deleted; it names nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from service.accounts.values import Permission
from service.privacy import actions
from service.privacy.retention import PERIODS
from service.web.deps import Limit, Now, ReadSession
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="privacy")


class PeriodOut(ApiModel):
    """How long one class of data is kept, before a manager shortened it."""

    held: str
    days: int
    research_days: int | None
    start: str
    note: str


class ComingOut(ApiModel):
    """What is deleted next of one class, or of one event."""

    held: str
    due_at: datetime
    rows: int
    event_id: str | None


class RetentionOut(ApiModel):
    """The table of periods, and what goes next, the nearest first."""

    periods: list[PeriodOut]
    coming: list[ComingOut]


class CertificateOut(ApiModel):
    """Proof of a deletion: numbers and hashes."""

    id: str
    number: int
    rule: str
    event_id: str | None
    opened_at: str
    sealed_at: str
    counts: dict[str, int]
    ids_sha256: str
    previous_sha256: str
    sha256: str


def _certificate(facts: dict[str, Any]) -> CertificateOut:
    return CertificateOut(**{name: facts[name] for name in CertificateOut.model_fields})


@router.get("/retention")
@rule(Permission.READ)
def show_retention(session: ReadSession, now: Now) -> RetentionOut:
    """Return how long everything is kept and what is deleted next."""
    periods = [PeriodOut(**{n: getattr(p, n) for n in PeriodOut.model_fields}) for p in PERIODS.values()]
    coming = [
        ComingOut(held=one.held, due_at=one.due_at, rows=one.rows, event_id=one.event_id)
        for one in actions.read_coming(session, now=now)
    ]
    return RetentionOut(periods=periods, coming=coming)


@router.get("/certificates")
@rule(Permission.READ)
def list_certificates(session: ReadSession, limit: Limit = 100, after: int | None = None) -> Page[CertificateOut]:
    """Return certificates of deletion, newest first; `after` is the number of the last one seen."""
    found = actions.read_certificates(session, before=after, limit=limit)
    following = str(found[-1].number) if len(found) == limit and found[-1].number > 1 else None
    return Page(items=[_certificate(one.facts()) for one in found], next=following)


@router.get("/certificates/{certificate_id}")
@rule(Permission.READ)
def show_certificate(session: ReadSession, certificate_id: str) -> CertificateOut:
    """Return one certificate."""
    return _certificate(actions.read_certificate(session, certificate_id).facts())
