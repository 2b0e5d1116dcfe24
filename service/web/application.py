"""Put the pages and the API together: every module here with a `router` is part of it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

import service.web
import service.web.api
from service import __version__
from service.web import problems, words
from service.web.access import AccessLog, LastNet
from service.web.headers import SecurityHeaders
from service.web.house import House
from service.web.limits import BodyLimit, HeadAsGet, KnownHosts
from service.web.render import STATIC, environment
from service.web.static_files import StaticFolder
from service.web.throttle import Throttle


def make_app(house: House, routers: Iterable[APIRouter] | None = None) -> FastAPI:
    """Return the application of one installation; tests may give other routers."""
    app = FastAPI(
        title="Farsow",
        version=__version__,
        openapi_url=None,
        redirect_slashes=False,
        routes=_routes(all_routers() if routers is None else routers),
        middleware=_middleware(house),
    )
    app.state.house = house
    app.state.pages = environment(house.templates)
    app.state.throttle = Throttle()
    for language in words.languages():
        words.translations(language)
    problems.install(app)
    return app


def all_routers() -> list[APIRouter]:
    """Return the router of every module of the web that has one, by name."""
    return [
        module.router for module in [*_modules(service.web), *_modules(service.web.api)] if hasattr(module, "router")
    ]


def _modules(package: ModuleType) -> list[ModuleType]:
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__) if not found.ispkg)
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def _routes(routers: Iterable[APIRouter]) -> list[BaseRoute]:
    static = Mount("/static", StaticFolder(directory=STATIC, check_dir=False), name="static")
    return [*(route for router in routers for route in router.routes), static]


def _middleware(house: House) -> list[Middleware]:
    hosts = {*house.allowed_hosts, urlsplit(house.public_url).hostname or ""}
    return [
        Middleware(AccessLog),
        Middleware(SecurityHeaders, https=house.secure_cookies),
        Middleware(LastNet),
        Middleware(HeadAsGet),
        Middleware(KnownHosts, hosts=hosts),
        Middleware(BodyLimit, file_bytes=house.sizes.bytes, evidence_bytes=house.evidence_bytes),
    ]
