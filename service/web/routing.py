"""Routes that cannot be made without a rule, and routers for pages and for the API."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request, Response, params
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.web import idempotency
from service.web.deps import write_session
from service.web.guards import guard
from service.web.rules import rule_of

API = "/api/v1"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class GuardedRoute(APIRoute):
    """A route whose endpoint says its rule; the guard runs before anything else."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[params.Depends] | None = None,
        **options: Any,
    ) -> None:
        needed = rule_of(endpoint)
        if needed is None:
            raise TypeError(f"{path} has no rule: put @rule(…) under the router's decorator")
        guarded = [Depends(guard(needed)), *(dependencies or ())]
        super().__init__(path, endpoint, dependencies=guarded, **options)


class ApiRoute(GuardedRoute):
    """A route of the API: a POST writes in one transaction and honours Idempotency-Key."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        if "POST" in (self.methods or ()) and not _writes(self.dependant):
            raise TypeError(f"POST {path} has no WriteSession: Idempotency-Key needs its transaction")

    def get_route_handler(self) -> Handler:
        """Wrap a POST so that its answer is kept before the transaction ends."""
        answer = super().get_route_handler()
        return _once(answer) if "POST" in (self.methods or ()) else answer


def page_router(prefix: str = "") -> APIRouter:
    """Return a router for pages: they stand in no OpenAPI document."""
    return APIRouter(prefix=prefix, route_class=GuardedRoute, include_in_schema=False)


def api_router(prefix: str, *, tag: str) -> APIRouter:
    """Return a router for one subject of the API, below /api/v1."""
    return APIRouter(prefix=API + prefix, route_class=ApiRoute, tags=[tag])


def _once(answer: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        asked = await idempotency.read_key(request)
        if asked is None:
            return await answer(request)
        request.state.repeatable = asked
        try:
            response = await answer(request)
        except idempotency.Replay as replay:
            return replay.answer
        await run_in_threadpool(idempotency.keep, asked, response)
        return response

    return handle


def _writes(dependant: Dependant) -> bool:
    return any(each.call is write_session or _writes(each) for each in dependant.dependencies)
