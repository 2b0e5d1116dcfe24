"""The access log, the metrics, and the last net for errors.

A line names the route's template, never the path, the query or the caller's address: paths
carry tokens.
"""

from __future__ import annotations

import time

import structlog
from fastapi import Request, Response
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.kernel.ids import new_id
from service.web.faults import places
from service.web.problems import on_fault

log = structlog.get_logger()
REQUESTS = Counter("farsow_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("farsow_request_seconds", "Time to the first byte of the answer.", ["route"])
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class AccessLog:
    """Give each request a number, and log what it was answered with."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["request_id"] = new_id()
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        begun = time.perf_counter()

        async def send_logged(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-request-id", request_id.encode()))
                _note(scope, method, message["status"], time.perf_counter() - begun)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self.app(scope, receive, send_logged)


def _note(scope: Scope, method: str, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "-")
    principal = scope.get("state", {}).get("principal")
    actor = principal.actor if principal else None
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(route).observe(seconds)
    milliseconds = round(seconds * 1000, 1)
    log.info("request.answered", method=method, route=route, status=status, milliseconds=milliseconds, actor=actor)


class LastNet:
    """Answer what no handler took. It does not go on to the server, which would print values."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            if started:  # half an answer cannot be taken back; the server closes the line
                log.error("request.failed", error=type(error).__name__, at=places(error))
                return
            await _say_so(Request(scope), error)(scope, receive, send_watched)


def _say_so(request: Request, error: Exception) -> Response:
    try:
        return on_fault(request, error)
    except Exception as second:  # the error page itself is broken
        log.error("request.failed", error=type(second).__name__, at=places(second))
        return Response("Something went wrong on our side.", 500, media_type="text/plain")
