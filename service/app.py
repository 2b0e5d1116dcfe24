"""The application for a web server: `uvicorn service.app:create --factory`."""

from __future__ import annotations

import os

from fastapi import FastAPI

from service.kernel.logs import set_up_logs
from service.settings import load
from service.web.application import make_app
from service.wiring import make_house, open_installation


def create() -> FastAPI:
    """Return the application of the settings in the environment."""
    settings = load(os.environ)
    set_up_logs(settings.log_level)
    return make_app(make_house(open_installation(settings)))
