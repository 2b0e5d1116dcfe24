"""Tables of materials and of how often they were asked for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.db.types import moment, row_id


class Asset(SQLModel, table=True):
    """A material that is handed out: a file kept here, or an address elsewhere."""

    __tablename__ = "asset"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    output_key: str | None = Field(default=None, max_length=60)
    title: str = Field(max_length=300)
    language: str = Field(default="", max_length=12)
    kind: str = Field(max_length=4)  # file link
    address: str = Field(default="", max_length=2000)  # of a link
    filename: str = Field(default="", max_length=120)
    media_type: str = Field(default="", max_length=100)
    size: int = 0
    sha256: str = Field(default="", max_length=64)
    content: bytes | None = None
    version: int = 1
    restricted: bool = False  # handed out by signed links only, which run out
    link_version: int = 1  # raised to end all of those
    added_by: str = Field(max_length=60)
    added_at: datetime = moment()
    retired_at: datetime | None = moment(default=None)


class AssetVersion(SQLModel, table=True):
    """That a file was at a material's address once: its hash, for whoever has it. The bytes are gone."""

    __tablename__ = "asset_version"
    asset_id: str = Field(foreign_key="asset.id", primary_key=True)
    number: int = Field(primary_key=True)
    filename: str = Field(max_length=120)
    size: int
    sha256: str = Field(max_length=64)
    replaced_by: str = Field(max_length=60)
    replaced_at: datetime = moment()


class AssetHitDaily(SQLModel, table=True):
    """How often a material was asked for on one day (UTC) by one channel. Of nobody in particular."""

    __tablename__ = "asset_hit_daily"
    __table_args__ = (
        Index("ix_asset_hit_daily_day", "day", "asset_id", "requests", "sessions"),  # months, in one pass
        {"sqlite_with_rowid": False},  # the key and its numbers lie together: one pass adds them up
    )
    asset_id: str = Field(foreign_key="asset.id", primary_key=True)
    channel: str = Field(primary_key=True, max_length=20)
    day: date = Field(primary_key=True)
    requests: int = 0
    sessions: int = 0
    robots: int = 0


class AssetHour(SQLModel, table=True):
    """The secret of this hour (mark "") and who asked within it, as keyed hashes. Destroyed when the hour ends."""

    __tablename__ = "asset_hour"
    hour: str = Field(primary_key=True, max_length=13)  # 2027-01-12T10, UTC
    mark: str = Field(primary_key=True, max_length=64)
    secret: bytes | None = None
    last_at: datetime = moment()
