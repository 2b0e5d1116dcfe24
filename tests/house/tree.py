"""The checkout as a list of files: what git would carry, also before the commit."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = {".png", ".jpg", ".ico", ".woff2", ".zip", ".xlsx", ".mo", ".db"}


@cache
def files() -> tuple[Path, ...]:
    """Return every file of the tree that is not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if listed.returncode:  # a checkout without git, such as an unpacked archive
        return tuple(path for path in ROOT.rglob("*") if path.is_file() and not is_made_here(path))
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def is_made_here(path: Path) -> bool:
    """Tell what a checkout makes for itself."""
    parts = path.relative_to(ROOT).parts
    return parts[0] in ("var", "dist", ".venv") or any(part.endswith(("_cache", "__pycache__")) for part in parts)


def texts() -> Iterator[tuple[str, str]]:
    """Yield the name and the words of every file that is not binary."""
    for path in files():
        if path.suffix not in BINARY:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace")
