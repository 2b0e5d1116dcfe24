"""The guard of each route: who is asking, do they come from our pages, and may they."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from service.accounts import actions
from service.accounts.rules import may, needs_touch
from service.accounts.values import Permission, Principal
from service.db.engine import reading, writing
from service.kernel.errors import Forbidden, Unauthorised
from service.web import csrf
from service.web.house import House, house_of
from service.web.rules import Open, Rule
from service.web.throttle import caller_of, throttle_of


class SignInNeeded(Unauthorised):
    """Nobody is signed in; a page sends the browser to sign in."""

    code = "sign-in-needed"

    def __init__(self) -> None:
        super().__init__("Sign in first, or send a key as “Authorization: Bearer …”.")


class UnknownKey(Unauthorised):
    """The key is not known, or was revoked."""

    code = "unknown-key"

    def __init__(self) -> None:
        super().__init__("This key is not known here.")


class RoleTooLow(Forbidden):
    """The role does not hold the permission."""

    code = "role-too-low"

    def __init__(self, permission: Permission) -> None:
        super().__init__("Your role does not allow this. Ask a manager.", permission=permission)


def guard(needed: Rule) -> Callable[[Request], Awaitable[None]]:
    """Return the dependency that lets a request through, or raises why not."""

    async def check(request: Request) -> None:
        changes = request.method not in csrf.SAFE_METHODS
        if isinstance(needed, Open):
            if changes and needed is Open.PUBLIC:
                csrf.require_same_origin(request)
            return
        principal = await run_in_threadpool(identify, request)
        if principal is None:
            raise SignInNeeded
        if changes and principal.csrf:
            await csrf.require_token(request, principal)
        if not may(principal.role, needed):
            raise RoleTooLow(needed)
        request.state.principal = principal

    return check


def identify(request: Request) -> Principal | None:
    """Return who is asking, by key or by cookie.

    Raises:
        UnknownKey: a key was given and is not known.
        TooMany: too many unknown keys from there.
    """
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return _by_key(request, authorization)
    house = house_of(request)
    secret = request.cookies.get(cookie_name(house))
    return _by_cookie(house, secret) if secret else None


def cookie_name(house: House) -> str:
    """Return the name of the session's cookie; `__Host-` ties it to this host and to https."""
    return "__Host-farsow" if house.secure_cookies else "farsow"


def _by_key(request: Request, authorization: str) -> Principal:
    throttle, caller = throttle_of(request), caller_of(request)
    throttle.refuse(caller)
    scheme, _, secret = authorization.partition(" ")
    with reading(house_of(request).engine) as session:
        principal = actions.who_holds_key(session, secret.strip()) if scheme.lower() == "bearer" else None
    if principal is None:
        throttle.failed(caller)
        raise UnknownKey
    return principal


def _by_cookie(house: House, secret: str) -> Principal | None:
    now = house.clock()
    with reading(house.engine) as session:
        principal = actions.who_signed_in(session, secret, now=now)
    if principal and principal.seen_at and needs_touch(principal.seen_at, now):
        with writing(house.engine) as session:
            actions.note_use(session, secret, now=now)
    return principal
