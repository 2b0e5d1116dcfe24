"""`farsow backup` and `farsow restore`: one file with the database and what belongs to it in the data folder.

The file holds everything: keep it as you keep the database. Keys that are settings are not in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from service.cli.data import erase_lacking
from service.cli.output import show
from service.db import backups, migrations
from service.db.engine import writing
from service.kernel.clock import utc_now
from service.kernel.errors import Conflict, Invalid
from service.letters.restoring import calm
from service.privacy import tombstones
from service.settings import KEY_FILE, Settings, load
from service.wiring import Installation, open_installation

FORMAT = 1
DATABASE, MANIFEST = "database", "manifest.json"
BESIDE = (KEY_FILE, tombstones.FILE)  # of the data folder
PIECE = 1 << 20


class NotABackup(Invalid):
    """The file is no backup of ours, or a damaged one."""

    code = "not-a-backup"

    def __init__(self) -> None:
        super().__init__("This file is no backup of Farsow, or it is damaged. Nothing was changed.")


def backup(file: Path, *, as_json: bool) -> None:
    """Write a backup to a new file, while others work. It is whole, or it is not there.

    Raises:
        Conflict: there is such a file. NoTool, DumpFailed: PostgreSQL's program cannot do it.
    """
    settings = load(os.environ)
    if file.exists():
        raise Conflict(f"There is a file {file.name} already. Choose another name.")
    with TemporaryDirectory(dir=file.parent, prefix=".farsow-backup-") as folder:
        part = Path(folder) / "backup"
        made = _write(settings, Path(folder), part)
        part.replace(file)
    _sync(file.parent)
    facts = {"file": file.name, "bytes": file.stat().st_size, "made_at": made}
    show(facts, f"Backed up: {file} ({facts['bytes']:,} bytes). It holds everything: keep it safe.", as_json=as_json)


def _write(settings: Settings, folder: Path, part: Path) -> str:
    """Write the archive; return when the database was copied."""
    backups.dump(settings.database_url, folder / DATABASE)
    made_at = utc_now().isoformat()
    parts = {DATABASE: folder / DATABASE} | {name: settings.data_folder() / name for name in BESIDE}
    parts = {name: path for name, path in parts.items() if path.exists()}
    kind = settings.database_url.partition(":")[0].partition("+")[0]
    told = {"format": FORMAT, "made_at": made_at, "kind": kind, "sha256": {n: _digest(p) for n, p in parts.items()}}
    (folder / MANIFEST).write_text(json.dumps(told))
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as archive:
        for name, path in {MANIFEST: folder / MANIFEST, **parts}.items():
            archive.add(path, name)
        archive.close()
        raw.flush()
        os.fsync(raw.fileno())
    return made_at


def restore(file: Path, *, as_json: bool) -> None:
    """Make an installation of a backup, at a place where there is no database yet. Nothing leaves it by itself.

    Raises:
        NotABackup, BrokenCopy: it cannot be used. Conflict: there is a database, another key, another kind.
    """
    settings = load(os.environ)
    if not backups.is_empty(settings.database_url):
        raise Conflict("There is a database at this place already. Move it away, or name another place.")
    with _opened(file) as (folder, told):
        _check_fit(settings, folder, told)
        _put_beside(settings, folder)
        backups.load(settings.database_url, folder / DATABASE)
    here = open_installation(settings)
    migrations.upgrade(here.engine)
    facts = {"made_at": told["made_at"], "erased_again": erase_lacking(here), **_calm(here)}
    show(facts, _said(facts), as_json=as_json)


def _calm(here: Installation) -> dict[str, int]:
    with writing(here.engine) as session:
        found = calm(session, now=utc_now(), actor="system")
    return {"unsure": found.unsure, "paused": found.paused, "held": found.held}


def _said(facts: dict[str, Any]) -> str:
    made = datetime.fromisoformat(facts["made_at"])
    return (
        f"Restored as it was on {made:%d %B %Y, %H:%M} UTC. People erased again: {facts['erased_again']}.\n"
        f"Letters that may have left since: {facts['unsure']}; the outbox shows them as unsure, to send again or not.\n"
        f"Mailings paused: {facts['paused']}. Planned letters held: {facts['held']}. Look at each, then let it go on."
    )


@contextmanager
def _opened(file: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give the unpacked parts of a backup in a folder of their own, and what it tells of itself, both checked."""
    if not file.is_file():
        raise Invalid(f"There is no file {file.name}.")
    with TemporaryDirectory(prefix="farsow-restore-") as made:
        folder = Path(made)
        try:
            with tarfile.open(file) as archive:
                for name in (MANIFEST, DATABASE, *BESIDE):
                    if name in archive.getnames():
                        archive.extract(name, folder, filter="data")
            told = json.loads((folder / MANIFEST).read_text())
            is_whole = all(_digest(folder / name) == digest for name, digest in told["sha256"].items())
        except (tarfile.TarError, OSError, ValueError, KeyError, TypeError, AttributeError):
            raise NotABackup from None
        if not is_whole or told.get("format") != FORMAT or not (folder / DATABASE).exists():
            raise NotABackup
        yield folder, told


def _check_fit(settings: Settings, folder: Path, told: dict[str, Any]) -> None:
    """Refuse a backup of the other kind of database, and one whose suppression list would not be known here."""
    if not settings.database_url.startswith(told["kind"]):
        raise Conflict(f"This is a backup of {told['kind']}: name such a database in FARSOW_DATABASE_URL.")
    ours, theirs = settings.data_folder() / KEY_FILE, folder / KEY_FILE
    if theirs.exists() and (settings.suppression_key or (ours.exists() and ours.read_bytes() != theirs.read_bytes())):
        raise Conflict("Another suppression key is set here. With it, everyone who said stop would be written to.")


def _put_beside(settings: Settings, folder: Path) -> None:
    """Put the key where it belongs, and add the erasures that are not known here; those known stay."""
    ours, theirs = settings.data_folder() / KEY_FILE, folder / KEY_FILE
    if theirs.exists() and not ours.exists():
        _write_private(ours, theirs.read_bytes())
    known, kept = settings.data_folder() / tombstones.FILE, folder / tombstones.FILE
    if kept.exists():
        lines = known.read_bytes().split(b"\n") if known.exists() else []
        new = [line for line in kept.read_bytes().split(b"\n") if line and line not in lines]
        _write_private(known, b"".join(b"\n" + line for line in new) + b"\n")


def _write_private(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
