"""The OpenAPI document: the reference of the API."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import JSONResponse

from service.web.routing import API, page_router
from service.web.rules import Open, rule

router = page_router()


@router.get(f"{API}/openapi.json")
@rule(Open.PUBLIC)
def openapi(request: Request) -> JSONResponse:
    """Return the OpenAPI document."""
    return JSONResponse(request.app.openapi())
