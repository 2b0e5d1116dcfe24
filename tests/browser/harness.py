"""What browser tests ask of every page.

    with Watch(page) as watch:
        page.goto(address)
    watch.assert_quiet()          own origin only, no message of the policy, no error: before axe is injected
    assert_accessible(page)       axe, WCAG 2.0 to 2.2 A and AA; contrast it could not judge counts too
    assert_fits(page)             nothing to scroll sideways at 320 px
    shoot(page, "event-390")      a picture in var/screens/

`serve(pages)` is a small web server for rendered pages, under the product's own policy.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

from service.web.headers import CONTENT_SECURITY_POLICY
from service.web.render import STATIC

ROOT = Path(__file__).parent.parent.parent
SCREENS = ROOT / "var/screens"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TALLEST = 12_000  # pixels
POLICY_MESSAGE = "Content Security Policy"


class Watch:
    """Notes which requests a page makes and what the browser has to say about it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.messages: list[str] = []

    def __enter__(self) -> Watch:
        self.page.on("request", self._request)
        self.page.on("console", self._message)
        self.page.on("pageerror", self._error)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.page.remove_listener("request", self._request)
        self.page.remove_listener("console", self._message)
        self.page.remove_listener("pageerror", self._error)

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.messages.append(message.text)

    def _error(self, error: Exception) -> None:
        self.messages.append(str(error))

    @property
    def policy_messages(self) -> list[str]:
        """What the content policy stopped."""
        return [text for text in self.messages if POLICY_MESSAGE in text]

    @property
    def foreign_requests(self) -> list[str]:
        """Requests that left for elsewhere."""
        own = urlsplit(self.page.url).netloc
        return [url for url in self.requests if not url.startswith("data:") and urlsplit(url).netloc != own]

    def assert_quiet(self) -> None:
        """Assert that the page asked nobody else for anything and broke no rule."""
        assert self.requests, "the page was loaded before it was watched"
        assert self.foreign_requests == [], "\n".join(self.foreign_requests)
        assert self.messages == [], "\n".join(self.messages)


@cache
def _axe() -> str:
    return (Path(__file__).parent / "vendor/axe.min.js").read_text()


def accessibility_faults(page: Page) -> list[str]:
    """Return what axe finds wrong, one line a fault; contrast it could not judge is a fault too.

    The window is made as tall as the page meanwhile: axe cannot judge what a sticky foot covers.
    """
    before = page.viewport_size
    if before:
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": before["width"], "height": min(height, TALLEST)})
    found = _axe_results(page)
    if before:
        page.set_viewport_size(before)
    unsure = [result for result in found["incomplete"] if result["id"] == "color-contrast"]
    return [_fault(result, node) for result in (*found["violations"], *unsure) for node in result["nodes"]]


def _axe_results(page: Page) -> dict[str, Any]:
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(_axe())
    results: dict[str, Any] = page.evaluate(
        "levels => axe.run(document, {runOnly: levels, resultTypes: ['violations', 'incomplete']})", LEVELS
    )
    for result in results["incomplete"]:
        result["nodes"] = [node for node in result["nodes"] if not _is_a_sign(node)]
    return results


def _is_a_sign(node: dict[str, Any]) -> bool:
    """Tell whether axe gave up because there are no letters, as in an arrow."""
    told = (check.get("data") for check in node["any"])
    return any(isinstance(data, dict) and data.get("messageKey") == "nonBmp" for data in told)


def _fault(result: dict[str, Any], node: dict[str, Any]) -> str:
    said = " ".join((node.get("failureSummary") or result["help"]).split())
    return f"{result['id']}: {node['html'][:160]} ({said[:300]})"


def assert_accessible(page: Page) -> None:
    """Assert that axe finds nothing."""
    faults = accessibility_faults(page)
    assert faults == [], "\n".join(faults)


def assert_fits(page: Page, width: int = 320) -> None:
    """Assert that nothing has to be scrolled sideways in a window this narrow; the window keeps its old size."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 640})
    wide = page.evaluate(
        """() => {
          const limit = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= limit) return [];
          return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > limit + 1 ||
            e.getBoundingClientRect().left < -1).filter(e => !e.closest('.scroll, .vh, .skip')).slice(0, 5)
            .map(e => e.outerHTML.slice(0, 120)).concat([`scrolls to ${document.documentElement.scrollWidth}`]);
        }"""
    )
    if before:
        page.set_viewport_size(before)
    assert wide == [], "\n".join(wide)


def shoot(page: Page, name: str, *, whole: bool = True) -> Path:
    """Take a picture of the page, whole or only the window, and return where it lies."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"{name}.png"
    page.screenshot(path=path, full_page=whole, animations="disabled")
    return path


@contextmanager
def serve(pages: Mapping[str, str], *, policy: str = CONTENT_SECURITY_POLICY) -> Iterator[str]:
    """Serve pages by path, and the static files; yield the origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            content, kind = _file(path) if path.startswith("/static/") else _page(pages, path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Cache-Control", "max-age=60" if path.startswith("/static/") else "no-store")
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the browser's side is what counts."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _page(pages: Mapping[str, str], path: str) -> tuple[bytes | None, str]:
    html = pages.get(path)
    # Browsers ask for an icon by themselves; that is not the page's doing.
    return (b"" if path == "/favicon.ico" else html.encode() if html is not None else None), "text/html; charset=utf-8"


def _file(path: str) -> tuple[bytes | None, str]:
    file = STATIC / path.removeprefix("/static/")
    kind = guess_type(file.name)[0] or "application/octet-stream"
    return (file.read_bytes() if file.is_file() else None), kind


def fonts_in_use(page: Page) -> list[str]:
    """Return the families of web fonts that the page has loaded."""
    families = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    return sorted({str(json.loads(f) if f.startswith('"') else f) for f in families})
