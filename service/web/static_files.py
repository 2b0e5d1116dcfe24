"""Stylesheets, scripts and fonts: cached for ever under an address that carries their hash."""

from __future__ import annotations

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from service.web.rules import Open, rule

FOR_EVER = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=300"


@rule(Open.PUBLIC)
class StaticFolder(StaticFiles):
    """The folder of static files."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return one file, to be kept for ever when its address names its content."""
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = FOR_EVER if b"v=" in scope["query_string"] else A_WHILE
        return answer
