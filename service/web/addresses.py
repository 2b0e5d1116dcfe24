"""Where to go on: only ever to a path of our own."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request


def sign_in_address(request: Request) -> str:
    """Return where to sign in, and to come back from there after a GET."""
    if request.method != "GET" or request.url.path == "/":
        return "/sign-in"
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?next={quote(asked, safe='/')}"


def own_path(raw: str) -> str:
    """Return a path of ours to go on to; `/` for anything that could lead elsewhere.

    >>> own_path("/events/1?tab=letters"), own_path("//evil.example"), own_path("https://evil.example")
    ('/events/1?tab=letters', '/', '/')
    """
    plain = raw.isascii() and raw.isprintable() and "\\" not in raw
    return raw if plain and raw.startswith("/") and not raw.startswith("//") else "/"
