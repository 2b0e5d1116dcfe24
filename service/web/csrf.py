"""Requests that change something must come from our own pages.

Browsers send `Sec-Fetch-Site`; older ones an `Origin`. Our pages have `Referrer-Policy:
no-referrer`, which makes browsers say `Origin: null` even for our own forms, so `null` proves
nothing either way and the token bound to the session decides.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import Request

from service.accounts.values import Principal
from service.kernel.errors import Forbidden

FIELD, HEADER = "csrf", "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class ForeignForm(Forbidden):
    """The request was not made from one of our pages."""

    code = "foreign-form"

    def __init__(self) -> None:
        super().__init__("This form did not come from this page, or the page was too old. Open it again and repeat.")


def require_same_origin(request: Request) -> None:
    """Refuse what another site made the browser send.

    Raises:
        ForeignForm: the browser says that another site asked for it.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise ForeignForm
        return
    origin = request.headers.get("origin", "null")
    if origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForeignForm


async def require_token(request: Request, principal: Principal) -> None:
    """Refuse a request of a signed-in browser that does not carry its session's token.

    Raises:
        ForeignForm: no token, or that of another session.
    """
    require_same_origin(request)
    given = request.headers.get(HEADER) or await _field(request)
    if not principal.csrf or not hmac.compare_digest(given.encode(), principal.csrf.encode()):
        raise ForeignForm


async def _field(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return ""
    value = (await request.form()).get(FIELD)
    return value if isinstance(value, str) else ""
