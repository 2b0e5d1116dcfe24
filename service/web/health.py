"""Is it alive, is it ready, and figures for Prometheus. No personal data."""

from __future__ import annotations

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.web import faults, problems
from service.web.deps import House, ReadSession
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router()


@router.get("/healthz")
@rule(Open.PUBLIC)
async def healthz() -> dict[str, str]:
    """Alive: the process answers."""
    return {"status": "alive"}


@router.get("/readyz", response_model=None)
@rule(Open.PUBLIC)
def readyz(request: Request, session: ReadSession, house: House) -> Response | dict[str, str]:
    """Ready: the database answers and has the schema of this version."""
    try:
        session.execute(text("SELECT 1"))
        migrated = house.is_migrated()
    except DBAPIError as error:
        trouble = faults.database_trouble(error) or faults.AWAY
        return problems.answer(request, 503, trouble.code, trouble.sentence)
    if not migrated:
        return problems.answer(request, 503, faults.OLD.code, faults.OLD.sentence)
    return {"status": "ready"}


@router.get("/metrics")
@rule(Open.PUBLIC)
def metrics() -> Response:
    """Prometheus figures."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
