"""Fetch the files of others that we ship, as `vendor.json` names them, and note their hashes.

    python3 tools/vendor.py                      fetch all again: nothing changes
    python3 tools/vendor.py pico.min.css …       fetch these only, after changing their version

For maintainers; needs npm. Neither the product nor its tests fetch anything.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
MANIFESTS = (ROOT / "service/web/static/vendor.json", ROOT / "tests/browser/vendor/vendor.json")


def integrity(content: bytes) -> str:
    """Return the hash of a file as browsers write it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


@lru_cache
def packed(package: str, version: str) -> bytes:
    """Return the archive that npm holds of one version of a package."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"{package}@{version}"]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
        return (Path(folder) / done.stdout.split()[-1]).read_bytes()


def member(archive: bytes, path: str) -> bytes:
    """Return one file of an npm archive."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        file = tar.extractfile(f"package/{path}")
        if file is None:
            raise FileNotFoundError(path)
        return file.read()


def fetch(manifest: Path, wanted: set[str]) -> None:
    """Fetch the files of one manifest, all or those wanted by name, and write their hashes into it."""
    entries = json.loads(manifest.read_text())
    for entry in entries:
        target = manifest.parent / entry["file"]
        if wanted and target.name not in wanted:
            continue
        content = member(packed(entry["package"], entry["version"]), entry["from"])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        entry["sha384"] = integrity(content)
        print(f"{entry['file']}  {entry['package']} {entry['version']}")
    manifest.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    for path in MANIFESTS:
        fetch(path, set(sys.argv[1:]))
