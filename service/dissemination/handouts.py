"""What may be handed out, and what counts as asking for it. Pure."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from service.dissemination import filetypes
from service.kernel.errors import Invalid, NotFound, TooLarge

LARGEST = 20_000_000  # bytes of one file
DOUBLE_CLICK = timedelta(seconds=30)
LONGEST_LINK = timedelta(days=366)
OTHER = "other"
CHANNELS = ("newsletter", "invitation", "follow-up", "website", "social", "print", "event", "press", OTHER)
# Words in the name of a program that is nobody's reading. Our own short list; docs/privacy.md says so.
ROBOTS = (
    "bot",
    "crawl",
    "spider",
    "slurp",
    "preview",
    "scan",
    "monitor",
    "fetch",
    "headless",
    "curl",
    "wget",
    "python",
)
TYPES = ("pdf", "epub", "docx", "pptx", "xlsx", "png", "jpg")


class UnknownMaterial(NotFound):
    """There is no such material, or it is no longer handed out."""

    code = "unknown-material"

    def __init__(self) -> None:
        super().__init__("There is no such material, or it is no longer handed out.")


class BadMaterial(Invalid):
    """This cannot be handed out."""

    code = "bad-material"


class MaterialTooLarge(TooLarge):
    """The file is larger than we keep."""

    code = "material-too-large"

    def __init__(self) -> None:
        super().__init__(f"This file is more than we take: at most {LARGEST // 1_000_000} MB.")


@dataclass(frozen=True, slots=True)
class Material:
    """A material without its content. `size` in bytes; a link has an address, a file a name."""

    id: str
    project_id: str
    output_key: str | None
    title: str
    language: str
    kind: str
    address: str
    filename: str
    media_type: str
    size: int
    sha256: str
    version: int
    restricted: bool
    link_version: int
    added_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class OldVersion:
    """A file that was at a material's address before the one of today."""

    asset_id: str
    number: int
    filename: str
    size: int
    sha256: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class Hits:
    """How often one material was asked for by one channel, over all days. Sessions are not people."""

    asset_id: str
    channel: str
    requests: int
    sessions: int
    robots: int


def check_title(title: str) -> str:
    """Return a title.

    Raises:
        BadMaterial: it is empty or too long.
    """
    title = " ".join(title.split())
    if not 0 < len(title) <= 300:
        raise BadMaterial("Give it a title of at most 300 letters.", field="title")
    return title


def check_address(address: str) -> str:
    """Return the address of a link.

    Raises:
        BadMaterial: it is not an https address.
    """
    address = address.strip()
    is_plain = re.fullmatch(r"https://[!-~]{1,1990}", address) is not None
    try:
        host, user = urlsplit(address).hostname, urlsplit(address).username
    except ValueError:
        host = user = None
    if not is_plain or not host or user:
        raise BadMaterial("Give an address that begins with https://.", field="address")
    return address


def check_file(filename: str, content: bytes) -> tuple[str, str]:
    """Return the name and the media type of a file, judged by its name and by its content.

    Raises:
        MaterialTooLarge, BadMaterial: we do not hand it out.
    """
    if len(content) > LARGEST:
        raise MaterialTooLarge
    stem, ending = filetypes.ending_of(filename)
    if ending not in TYPES:
        raise BadMaterial(f"This kind of file is not handed out. Give one of: {', '.join(TYPES)}.", field="file")
    if not filetypes.holds(ending, content):
        raise BadMaterial(
            f"This file is called .{ending} and is something else inside. Nothing was kept.", field="file"
        )
    name = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")[:100] or "material"
    return f"{name}.{ending}", filetypes.TYPES[ending]


def check_last_day(last_day: date, today: date) -> date:
    """Return the last day of a signed link.

    Raises:
        BadMaterial: it has passed, or is more than a year away.
    """
    if not today <= last_day <= today + LONGEST_LINK:
        raise BadMaterial("Choose a day from today to a year from now.", field="last_day")
    return last_day


def channel_of(given: str) -> str:
    """Return the channel that an address names; what we do not know is "other"."""
    return given if given in CHANNELS else OTHER


def is_robot(agent: str) -> bool:
    """Whether a program asks and no reader; one that does not say what it is counts as one."""
    return not agent.strip() or any(word in agent.lower() for word in ROBOTS)


def hour_of(now: datetime) -> str:
    """Return the hour whose secret counts, in UTC."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H")


def mark_of(secret: bytes, caller: str, agent: str, asset_id: str) -> str:
    """Return what stands for one caller and material within one hour; nobody can go back once the secret is gone."""
    return hmac.digest(secret, "\x1f".join((caller, agent, asset_id)).encode(), "sha256").hex()
