"""Pages: one Jinja2 environment, undefined names fail, what people typed is never markup."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from service.accounts.rules import may
from service.accounts.values import Permission, Principal
from service.web import dates, words
from service.web.house import house_of

STATIC = Path(__file__).parent / "static"


def environment(templates: Path) -> Environment:
    """Return the environment for pages; template names are paths below `web/`."""
    made = Environment(
        loader=FileSystemLoader(templates / "web"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _words().gettext(text),
        lambda one, many, n: _words().ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: _words().pgettext(context, text),
        npgettext=lambda context, one, many, n: _words().npgettext(context, one, many, n),
    )
    # The extension's own `_` goes through three calls by the context; pages say twenty words each.
    made.globals["_"] = _said
    made.filters.update(dates.FILTERS)
    made.tests["same_day"] = dates.same_day
    made.globals["same_day"] = dates.same_day
    made.globals["asset"] = asset
    return made


def _said(text: str, /, **variables: Any) -> Markup:
    """Return a translation; what is filled into it is escaped."""
    found = Markup(_words().gettext(text))  # noqa: S704  (our own words)
    return found % variables if "%" in found else found


def _words() -> Any:
    return words.translations(dates.LANGUAGE.get())


@lru_cache(maxsize=200)
def asset(name: str) -> str:
    """Return the address of a static file, with its hash so that it can be cached for ever."""
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    language: str | None = None,
    headers: Mapping[str, str] | None = None,
    fragment: str = "main",
    **context: Any,
) -> HTMLResponse:
    """Return a page, or only its `fragment` block when htmx asks for part of it.

    `language` is the invitee's on guest pages; staff pages take that of the signed-in person.
    """
    chosen: Template = request.app.state.pages.get_template(template)
    values = base_context(request, language) | context
    token = dates.LANGUAGE.set(values["language"])
    try:
        partial = request.headers.get("hx-request-type") == "partial" and fragment in chosen.blocks
        body = _block(chosen, fragment, values) if partial else chosen.render(values)
    finally:
        dates.LANGUAGE.reset(token)
    sent = {"Vary": "HX-Request-Type", "Content-Language": values["language"], **(headers or {})}
    return HTMLResponse(body, status, sent)


def _block(template: Template, name: str, values: Mapping[str, Any]) -> str:
    context = template.new_context(dict(values))
    # The first step runs what stands above the blocks: the imports of macros that a block uses.
    next(iter(template.root_render_func(context)), None)
    return "".join(template.blocks[name](context))


def base_context(request: Request, language: str | None) -> dict[str, Any]:
    """Return what every page has: words, who is signed in, where one is."""
    house = house_of(request)
    who: Principal | None = getattr(request.state, "principal", None)
    chosen = words.spoken(language or (who.locale if who else words.DEFAULT))
    return {
        "language": chosen,
        "dir": words.direction(chosen),
        "csrf": who.csrf if who else "",
        "staff": who,
        "may": _may(who),
        "nav": request.url.path.strip("/").partition("/")[0] or "home",
        "path": request.url.path,
        "project": None,
        "public_url": house.public_url,
        "demo": house.demo,
        "stays_home": house.local_mail and not house.demo,
        "now": house.clock(),
    }


def _may(who: Principal | None) -> Callable[[str], bool]:
    return lambda permission: who is not None and may(who.role, Permission(permission))
