"""Every route says who may use it: `@rule(…)` on the endpoint. A route without one cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from service.accounts.values import Permission


class Open(StrEnum):
    """Routes that ask for no account."""

    PUBLIC = "public"
    GUEST = "guest"  # the token in the path is the proof


Rule = Open | Permission
Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def rule(needed: Rule) -> Callable[[Endpoint], Endpoint]:
    """Say who may use an endpoint: `Open.PUBLIC`, `Open.GUEST` or a permission."""

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.__rule__ = needed  # type: ignore[attr-defined]
        return endpoint

    return mark


def rule_of(endpoint: object) -> Rule | None:
    """Return what an endpoint asks for, or None when it says nothing."""
    return getattr(endpoint, "__rule__", None)
