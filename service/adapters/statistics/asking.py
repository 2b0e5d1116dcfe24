"""One question to a host that counts: https only, allowed hosts only, public addresses only, small answers only.

The address that was checked is the one that is spoken to, whatever the DNS says a moment later. Redirections are
not followed: they would lead where nobody allowed us to go.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import httpx

from service import __version__

LARGEST = 2_000_000  # bytes of an answer
AGENT = f"Farsow/{__version__}"


class Trouble(Exception):
    """Why there is no answer, as a code; `wait` is how long the host asks us to stay away."""

    def __init__(self, code: str, wait: timedelta | None = None) -> None:
        super().__init__(code)
        self.code, self.wait = code, wait


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask: a path with parameters, or a form or JSON to post."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None
    key_field: str = ""  # the field of the form that holds the key; else it is a bearer's
    accept: str = "application/json"

    @property
    def is_plain(self) -> bool:
        """Whether nothing is posted."""
        return self.form is None and self.json is None


@dataclass(frozen=True, slots=True)
class Said:
    """A host's answer: its JSON, None when it has not changed."""

    body: Any
    etag: str = ""


async def public_address(host: str) -> str:
    """Return an address of a host; every one it has must be public, or none is used."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443)
    addresses = sorted({str(entry[4][0]) for entry in found}, key=lambda one: (":" in one, one))
    if not addresses or not all(ip_address(one.partition("%")[0]).is_global for one in addresses):
        raise Trouble("private-address")
    return addresses[0]


@dataclass(frozen=True, slots=True)
class Reach:
    """How hosts are reached. Tests reach a server of their own."""

    scheme: str = "https"
    port: int = 443
    address_of: Callable[[str], Any] = public_address
    tls: ssl.SSLContext | None = None


async def ask(
    host: str, question: Question, *, reach: Reach, allowed: Collection[str], key: str = "", etag: str = ""
) -> Said:
    """Return what a host says.

    Raises:
        Trouble: not-allowed, private-address, away, tls, no-answer, moved, refused, not-there, busy, nonsense.
    """
    if host not in allowed:
        raise Trouble("not-allowed")
    try:
        address = await reach.address_of(host)
        return await _ask(host, f"[{address}]" if ":" in address else address, question, reach, key, etag)
    except ssl.SSLError:
        raise Trouble("tls") from None
    except httpx.ConnectError as error:
        raise Trouble("tls" if isinstance(_root(error), ssl.SSLError) else "away") from None
    except httpx.TimeoutException:
        raise Trouble("no-answer") from None
    except OSError:
        raise Trouble("away") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Trouble("nonsense") from None


async def _ask(host: str, address: str, question: Question, reach: Reach, key: str, etag: str) -> Said:
    headers = {"Host": host, "User-Agent": AGENT, "Accept": question.accept, "Accept-Encoding": "identity"}
    form = dict(question.form) if question.form is not None else None
    if key and form is not None and question.key_field:
        form[question.key_field] = key
    elif key:
        headers["Authorization"] = f"Bearer {key}"
    if etag:
        headers["If-None-Match"] = etag
    transport = httpx.AsyncHTTPTransport(verify=reach.tls or ssl.create_default_context())
    async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=10) as client:
        request = client.build_request(
            "GET" if question.is_plain else "POST",
            f"{reach.scheme}://{address}:{reach.port}{question.path}",
            params=dict(question.params),
            headers=headers,
            data=form,
            json=question.json,
            extensions={"sni_hostname": host},
        )
        answer = await client.send(request, stream=True)
        try:
            return await _read(answer)
        finally:
            await answer.aclose()


async def _read(answer: httpx.Response) -> Said:
    if answer.status_code == 304:
        return Said(None)
    if code := _code(answer.status_code):
        raise Trouble(code, _wait(answer.headers.get("retry-after", "")))
    pieces, size = [], 0
    async for piece in answer.aiter_raw():
        size += len(piece)
        if size > LARGEST:
            raise Trouble("nonsense")
        pieces.append(piece)
    try:
        return Said(json.loads(b"".join(pieces)), answer.headers.get("etag", "")[:200])
    except (ValueError, RecursionError):
        raise Trouble("nonsense") from None


def _code(status: int) -> str:
    """Return the trouble that a status means, "" when it means none."""
    if status == 200:
        return ""
    named = {401: "refused", 403: "refused", 404: "not-there", 410: "not-there", 429: "busy"}
    if status in named:
        return named[status]
    return "moved" if 300 <= status < 400 else "busy" if status >= 500 else "nonsense"


def _wait(raw: str) -> timedelta | None:
    return timedelta(seconds=int(raw)) if raw.isascii() and raw.isdigit() and len(raw) < 8 else None


def _root(error: BaseException) -> BaseException:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error
