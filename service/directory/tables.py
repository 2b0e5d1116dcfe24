"""Tables of telling people apart: what each is looked up by, and who was said to be two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.db.types import json_dict, json_list, moment, row_id, sealed


class PersonKey(SQLModel, table=True):
    """What a person is looked up by as a possible duplicate.

    `of`: the person's `updated_at` it was worked out from. `shared`: by a few others too.
    """

    __tablename__ = "person_key"
    __table_args__ = (
        Index("ix_person_key_person_id", "person_id", "of"),
        # All that the list reads, and nothing else, however many people there are.
        Index(
            "ix_person_key_shared",
            *("kind", "key", "person_id"),
            sqlite_where=text("shared"),
            postgresql_where=text("shared"),
        ),
    )
    kind: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})  # KeyKind
    key: str = Field(primary_key=True, max_length=20)  # a hash, no text
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    of: datetime = moment(index=True)
    shared: bool = False


class DifferentPeople(SQLModel, table=True):
    """Two people who look like one and are not; `first_id` is the smaller."""

    __tablename__ = "different_people"
    first_id: str = Field(primary_key=True, foreign_key="person.id")
    second_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    at: datetime = moment()
    by: str = Field(max_length=60)


class PersonMerge(SQLModel, table=True):
    """Two people who were made one, for as long as it can be undone.

    `journal`: every row it changed, as it was and as it became, as JSON under seal.
    """

    __tablename__ = "person_merge"
    id: str = row_id()
    kept_id: str = Field(max_length=26, index=True)
    taken_id: str = Field(max_length=26)
    at: datetime = moment(index=True)
    by: str = Field(max_length=60)
    hashes: list[str] = json_list()  # keyed hashes of both people's addresses, to be found by when one is forgotten
    letters: dict[str, Any] = json_dict()  # mailings it set off, and what invitations were told by them
    journal: bytes | None = sealed()
