"""Every error becomes one answer: problem+json (RFC 9457) for programs, a page for people.

The body of a problem: `type`, `title`, `status`, `detail` (the sentence), `code` (stable),
`request_id`, `field` and `errors` where fields are at fault, and the facts of the error.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from service.kernel import errors
from service.web import faults
from service.web.addresses import sign_in_address
from service.web.guards import SignInNeeded
from service.web.render import page
from service.web.routing import API

log = structlog.get_logger()

_STATUS: tuple[tuple[type[errors.FarsowError], int], ...] = (
    (errors.Invalid, 422),
    (errors.Conflict, 409),
    (errors.NotFound, 404),
    (errors.Gone, 410),
    (errors.Forbidden, 403),
    (errors.Unauthorised, 401),
    (errors.TooMany, 429),
    (errors.TooLarge, 413),
    (errors.Temporary, 503),
    (errors.Permanent, 502),
)
_PROGRAM_PATHS = (API, "/healthz", "/readyz", "/metrics")
_SENTENCES = {
    400: "The request cannot be read.",
    404: "There is no such page.",
    405: "This address does not take that kind of request.",
    413: "This is more than we take.",
}


def status_of(error: errors.FarsowError) -> int:
    """Return the HTTP status of an error of ours."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def answer(
    request: Request,
    status: int,
    code: str,
    sentence: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    """Return one problem, as JSON to programs and as a page to people."""
    request_id = request.scope.get("request_id", "")
    if not speaks_json(request):
        return _error_page(request, status, sentence, request_id, headers)
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "code": code,
        "request_id": request_id,
        **{name: value for name, value in members.items() if value is not None},
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _error_page(
    request: Request, status: int, sentence: str, request_id: str, headers: Mapping[str, str] | None
) -> Response:
    missing = status == 404
    # No block is called "", so that htmx too gets the whole page.
    return page(
        request, "error.html", status=status, headers=headers, fragment="",
        missing=missing, sentence=sentence, request_id=request_id,
    )  # fmt: skip


def speaks_json(request: Request) -> bool:
    """Tell whether a program is asking: an API address, or an Accept that names JSON and no HTML."""
    accept = request.headers.get("accept", "")
    return request.url.path.startswith(_PROGRAM_PATHS) or ("json" in accept and "html" not in accept)


async def on_error(request: Request, error: errors.FarsowError) -> Response:
    """Answer an error of ours with its sentence, code and facts."""
    status = status_of(error)
    if isinstance(error, SignInNeeded) and not speaks_json(request):
        return RedirectResponse(sign_in_address(request), 303)
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        headers["Retry-After"] = "600" if status == 429 else "5"
    facts = {name: value for name, value in error.facts.items() if isinstance(value, (str, int, float, list, dict))}
    field = facts.pop("field", None) or getattr(error, "field", None)
    return answer(request, status, error.code, error.sentence, headers=headers, field=field, **facts)


async def on_invalid(request: Request, error: RequestValidationError) -> Response:
    """Name the fields that a request has wrong."""
    found = [_field_error(each) for each in error.errors()]
    first = found[0]
    sentence = f"{first['field']}: {first['sentence']}"
    return answer(request, 422, first["code"], sentence, field=first["field"], errors=found)


def _field_error(raised: Mapping[str, Any]) -> dict[str, str]:
    field = _field_name(raised["loc"])
    if raised["type"] == "extra_forbidden":
        return {"field": field, "code": "unknown-field", "sentence": "There is no such field here."}
    if raised["type"] == "json_invalid":
        return {"field": "body", "code": "invalid-json", "sentence": "This is not JSON."}
    return {"field": field, "code": "invalid-field", "sentence": f"{raised['msg']}."}


def _field_name(place: Sequence[str | int]) -> str:
    """Return `members.0.email` of ("body", "members", 0, "email")."""
    return ".".join(str(step) for step in place[1:]) or str(place[0])


async def on_http(request: Request, error: HTTPException) -> Response:
    """Answer what the framework refuses: no route, wrong method, too large."""
    status = error.status_code
    if status == 405:
        return _other_methods(request)
    phrase = HTTPStatus(status).phrase
    sentence = _SENTENCES.get(status, f"{phrase}.")
    return answer(request, status, phrase.lower().replace(" ", "-"), sentence, headers=error.headers)


def _other_methods(request: Request) -> Response:
    taking = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    methods = {"OPTIONS"}.union(*(route.methods or () for route in taking if isinstance(route, Route)))
    allowed = {"Allow": ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))}
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=allowed)
    return answer(request, 405, "method-not-allowed", _SENTENCES[405], headers=allowed)


async def on_database(request: Request, error: DBAPIError | PoolTimeout) -> Response:
    """Answer a fault of the database: busy, full, away, not migrated; else as any other fault."""
    if isinstance(error, IntegrityError):
        sentence = "Someone changed the same thing at the same moment. Look again, then repeat."
        return answer(request, 409, "conflict", sentence)
    trouble = faults.database_trouble(error)
    return _trouble(request, error, trouble)


async def on_os(request: Request, error: OSError) -> Response:
    """Answer a full disk as such; else as any other fault."""
    return _trouble(request, error, faults.FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else None)


def on_fault(request: Request, error: Exception) -> Response:
    """Answer what nobody foresaw: a number to quote, and nothing else."""
    log.error("request.failed", error=type(error).__name__, at=faults.places(error))
    sentence = "Something went wrong on our side. Nothing was changed. Quote the number below when you report it."
    return answer(request, 500, "internal", sentence)


def _trouble(request: Request, error: Exception, trouble: faults.Trouble | None) -> Response:
    if trouble is None:
        return on_fault(request, error)
    log.warning("request.refused", code=trouble.code, error=type(error).__name__)
    headers = {"Retry-After": "5"} if trouble.status == 503 else None
    return answer(request, trouble.status, trouble.code, trouble.sentence, headers=headers)


def install(app: FastAPI) -> None:
    """Let every error of an application be answered here."""
    handlers: dict[Any, Any] = {
        errors.FarsowError: on_error,
        RequestValidationError: on_invalid,
        HTTPException: on_http,
        DBAPIError: on_database,
        PoolTimeout: on_database,
        OSError: on_os,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
