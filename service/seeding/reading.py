"""From files to values. Pure but for opening the files."""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from service.kernel.errors import Invalid
from service.seeding.values import Folder

WHOM = ("list", "rank", "every", "first", "count")
FILES = ("project.toml", "events.toml", "outputs.toml", "history.toml", "people.csv", "plan.csv", "targets.csv")
MAY_HAVE = ("shipments", "markers", "stances", "messages", "lessons", "grants")


class NoSeeds(Invalid):
    """Not a folder of seed data."""

    code = "no-seeds"


def read_folder(folder: Path) -> Folder:
    """Return what a folder of seed data says.

    Raises:
        NoSeeds: a file is missing or cannot be read; the sentence names it.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise NoSeeds(f"The folder {folder.name} holds no {name}.")
    return Folder(
        project=_toml(folder / "project.toml"),
        people=_csv(folder / "people.csv"),
        outputs=tuple(_toml(folder / "outputs.toml")["outputs"]),
        events=(*_research(folder / "research.csv"), *_toml(folder / "events.toml")["events"]),
        history=_toml(folder / "history.toml"),
        plan=_csv(folder / "plan.csv"),
        targets=_csv(folder / "targets.csv"),
        **{name: _csv(path) for name in MAY_HAVE if (path := folder / f"{name}.csv").is_file()},
    )


def _research(path: Path) -> tuple[dict[str, Any], ...]:
    """Return research events, a row each: what is left empty is the kind's own."""
    return tuple(map(_research_event, _csv(path))) if path.is_file() else ()


def _research_event(row: dict[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: int(value) if value.isdecimal() else value for name, value in row.items() if value}
    return {**given, "invite": {name: given[name] for name in WHOM if name in given}}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise NoSeeds(f"{path.name}: {error}.") from None


def _csv(path: Path) -> tuple[dict[str, str], ...]:
    with path.open(newline="", encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def people_file(rows: Iterable[dict[str, str]]) -> bytes:
    """Return rows of people as the CSV file that a user would import."""
    rows = list(rows)
    text = io.StringIO()
    names = [name for name in rows[0] if name != "lists"]
    writer = csv.DictWriter(text, names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def stable_number(*words: str) -> int:
    """Return 0 to 99, the same for the same words at every load."""
    return hashlib.sha256("|".join(words).encode()).digest()[0] * 100 // 256
