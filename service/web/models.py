"""Base of what the API takes and gives: unknown fields are refused, lists come in pages."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")


class ApiModel(BaseModel):
    """A body of the API; a field it does not know is an error that names the field."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, str_max_length=100_000)


class Page(ApiModel, Generic[Item]):
    """Some items of a list; `next` is the `?after=` of the following page, null at the end."""

    items: list[Item]
    next: str | None = None
