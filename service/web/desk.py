"""The letter desk of this installation, for pages and the API."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from service.letters.values import Desk as DeskValue
from service.web.house import House, house_of


def desk_of(house: House) -> DeskValue:
    """Return what the letter desk needs to know."""
    domain = urlsplit(house.public_url).hostname or "localhost"
    return DeskValue(house.address_key, house.undo_seconds, domain, house.four_eyes)


async def desk(request: Request) -> DeskValue:
    """Return the letter desk of the house that serves this request."""
    return desk_of(house_of(request))


Desk = Annotated[DeskValue, Depends(desk)]
