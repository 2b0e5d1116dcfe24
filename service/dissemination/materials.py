"""Hand materials out and count how often they are asked for, never by whom. The caller commits."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination import handouts
from service.dissemination.handouts import Hits, Material, OldVersion, UnknownMaterial
from service.dissemination.store import materials as store
from service.kernel.ids import new_id
from service.kernel.tokens import MATERIAL, Keyring


def add_file(
    session: Session,
    project_id: str,
    filename: str,
    content: bytes,
    *,
    title: str,
    language: str = "",
    output_key: str | None = None,
    restricted: bool = False,
    now: datetime,
    actor: str,
) -> Material:
    """Keep a file and hand it out, to everyone or, when `restricted`, by signed links only.

    Raises:
        BadMaterial, MaterialTooLarge: nothing was kept.
    """
    row = {"kind": "file", "address": "", "restricted": restricted, **_file(filename, content)}
    about = {"title": handouts.check_title(title), "language": language[:12], "output_key": output_key or None}
    return _add(session, project_id, row | about, now=now, actor=actor)


def add_link(
    session: Session,
    project_id: str,
    address: str,
    *,
    title: str,
    language: str = "",
    output_key: str | None = None,
    now: datetime,
    actor: str,
) -> Material:
    """Hand out what lies at an address elsewhere.

    Raises:
        BadMaterial: nothing was kept.
    """
    row = {"kind": "link", "address": handouts.check_address(address), "filename": "", "media_type": "", "size": 0}
    about = {"title": handouts.check_title(title), "language": language[:12], "output_key": output_key or None}
    return _add(session, project_id, row | about | {"sha256": "", "content": None}, now=now, actor=actor)


def _add(session: Session, project_id: str, row: dict[str, Any], *, now: datetime, actor: str) -> Material:
    asset_id = new_id()
    store.add(session, {"id": asset_id, "project_id": project_id, "added_by": actor, "added_at": now, **row})
    log.record(session, actor=actor, action="material.added", subject=f"asset:{asset_id}", now=now)
    return read(session, asset_id)


def _file(filename: str, content: bytes) -> dict[str, Any]:
    name, media_type = handouts.check_file(filename, content)
    digest = sha256(content).hexdigest()
    return {"filename": name, "media_type": media_type, "size": len(content), "sha256": digest, "content": content}


def replace_file(
    session: Session, asset_id: str, filename: str, content: bytes, *, now: datetime, actor: str
) -> Material:
    """Put a new version of a file at the address of the old one, whose hash is kept. The same bytes change nothing.

    Raises:
        UnknownMaterial: there is none, it is retired, or it is a link.
        BadMaterial, MaterialTooLarge: the old one stays.
    """
    before = read_open(session, asset_id)
    if before.kind != "file":
        raise UnknownMaterial
    row = _file(filename, content)
    if row["sha256"] != before.sha256:
        store.keep_version(session, before, now=now, by=actor)
        store.write(session, asset_id, version=before.version + 1, **row)
        log.record(session, actor=actor, action="material.replaced", subject=f"asset:{asset_id}", now=now)
    return read(session, asset_id)


def sign_link(session: Session, asset_id: str, last_day: date, *, keyring: Keyring, now: datetime, actor: str) -> str:
    """Return the key of a link to a restricted material that holds through a day.

    Raises:
        UnknownMaterial, BadMaterial.
    """
    found = read_open(session, asset_id)
    if not found.restricted:
        raise handouts.BadMaterial("Everyone may have this one: it needs no key.", field="last_day")
    handouts.check_last_day(last_day, now.date())
    log.record(session, actor=actor, action="material.link-made", subject=f"asset:{asset_id}", now=now)
    return keyring.sign_until(MATERIAL, asset_id, last_day, found.link_version)


def end_links(session: Session, asset_id: str, *, now: datetime, actor: str) -> None:
    """End every signed link to a material.

    Raises:
        UnknownMaterial: there is none of this id.
    """
    store.write(session, asset_id, link_version=read(session, asset_id).link_version + 1)
    log.record(session, actor=actor, action="material.links-ended", subject=f"asset:{asset_id}", now=now)


def read(session: Session, asset_id: str) -> Material:
    """Return a material, also one that is retired.

    Raises:
        UnknownMaterial: there is none of this id.
    """
    found = store.read(session, asset_id)
    if found is None:
        raise UnknownMaterial
    return found


def read_all(session: Session, project_id: str) -> list[Material]:
    """Return the materials of a project, also those that are retired."""
    return store.read_all(session, project_id)


def read_old_versions(session: Session, project_id: str) -> list[OldVersion]:
    """Return what was at the addresses of a project's materials before, the newest first."""
    return store.read_old_versions(session, project_id)


def read_hits(session: Session, project_id: str) -> list[Hits]:
    """Return how often a project's materials were asked for, by channel."""
    return store.read_hits(session, project_id)


def read_open(session: Session, asset_id: str) -> Material:
    """Return a material that is handed out.

    Raises:
        UnknownMaterial: there is none, or it is retired.
    """
    found = read(session, asset_id)
    if found.retired_at:
        raise UnknownMaterial
    return found


def read_for(session: Session, asset_id: str, key: str, *, keyring: Keyring, now: datetime) -> Material:
    """Return a material that may be handed to whoever holds a key, "" for none.

    Raises:
        UnknownMaterial: there is none, it is retired, or it is restricted and the key does not hold.
    """
    found = read_open(session, asset_id)
    version = found.link_version
    if found.restricted and not keyring.holds(MATERIAL, asset_id, key, today=now.date(), version=version):
        raise UnknownMaterial
    return found


def read_content(session: Session, asset_id: str) -> bytes:
    """Return the bytes of a file."""
    return store.read_content(session, asset_id)


def retire(session: Session, asset_id: str, *, now: datetime, actor: str) -> None:
    """Hand a material out no longer; its counts stay. A second press changes nothing."""
    if read(session, asset_id).retired_at is None:
        store.retire(session, asset_id, now=now)
        log.record(session, actor=actor, action="material.retired", subject=f"asset:{asset_id}", now=now)


def count(session: Session, asset_id: str, channel: str, *, caller: str, agent: str, now: datetime) -> None:
    """Count one request. A second one within 30 seconds is a double click and is not counted."""
    channel = handouts.channel_of(channel)
    if handouts.is_robot(agent):
        store.count(session, asset_id, channel, now=now, robots=1)
        return
    hour = handouts.hour_of(now)
    mark = handouts.mark_of(store.secret_of(session, hour, now=now), caller, agent, asset_id)
    before = store.last_seen(session, hour, mark)
    store.note_seen(session, hour, mark, now=now)
    if before is None or now - before >= handouts.DOUBLE_CLICK:
        store.count(session, asset_id, channel, now=now, requests=1, sessions=int(before is None))


def is_hour_over(session: Session, *, now: datetime) -> bool:
    """Whether secrets or marks are left of an hour that is over."""
    return store.has_other_hours(session, but=handouts.hour_of(now))


def destroy_hours(session: Session, *, now: datetime) -> None:
    """Destroy the secrets and the marks of hours that are over."""
    store.destroy_hours(session, but=handouts.hour_of(now))
