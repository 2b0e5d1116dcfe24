"""The files of others that we ship: none missing, none unlisted, none changed."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
STATIC = ROOT / "service/web/static"
OURS = {"farsow.css", "charts.css", "guest.css", "app.js", "icon.svg", "vendor.json"}
MANIFESTS = [
    pytest.param(STATIC / "vendor.json", OURS, id="static"),
    pytest.param(ROOT / "tests/browser/vendor/vendor.json", {"vendor.json"}, id="browser tests"),
    pytest.param(ROOT / "templates/reports/fonts/vendor.json", {"vendor.json"}, id="fonts of reports"),
]
PERMISSIVE = {"MIT", "0BSD", "OFL-1.1", "MPL-2.0"}


def integrity(file: Path) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()


@pytest.mark.parametrize(("manifest", "ours"), MANIFESTS)
def test_the_folder_holds_exactly_what_is_listed(manifest: Path, ours: set[str]) -> None:
    listed = [entry["file"] for entry in json.loads(manifest.read_text())]

    found = {path.relative_to(manifest.parent).as_posix() for path in manifest.parent.rglob("*") if path.is_file()}

    assert len(listed) == len(set(listed))
    assert found == set(listed) | ours


@pytest.mark.parametrize(("manifest", "ours"), MANIFESTS)
def test_each_file_is_byte_for_byte_what_was_fetched(manifest: Path, ours: set[str]) -> None:
    entries = json.loads(manifest.read_text())

    assert {entry["file"]: entry["sha384"] for entry in entries} == {
        entry["file"]: integrity(manifest.parent / entry["file"]) for entry in entries
    }


@pytest.mark.parametrize(("manifest", "ours"), MANIFESTS)
def test_each_package_comes_with_its_licence_and_one_version(manifest: Path, ours: set[str]) -> None:
    packages: dict[str, list[dict[str, str]]] = {}
    for entry in json.loads(manifest.read_text()):
        packages.setdefault(entry["package"], []).append(entry)

    assert packages
    for package, entries in packages.items():
        assert any(entry["from"].startswith("LICENSE") for entry in entries), package
        assert len({(entry["version"], entry["licence"]) for entry in entries}) == 1, package
        assert entries[0]["licence"] in PERMISSIVE, package


def test_our_stylesheets_load_nothing_from_elsewhere() -> None:
    for name in ("farsow.css", "charts.css", "guest.css", "app.js"):
        text = (STATIC / name).read_text()
        assert "//" not in text.replace("http://www.w3.org/2000/svg", ""), name
        assert "eval" not in text


def test_what_pages_and_reports_draw_alike_is_said_once() -> None:
    pages, reports, both = (
        rules(path) for path in (STATIC / "farsow.css", ROOT / "templates/reports/document.css", STATIC / "charts.css")
    )
    charts = {rule.split(" ")[0].split(".")[1] for rule in both if rule.startswith(".")}

    assert [rule for rule in sorted(pages & reports) if rule.startswith(".") and rule[1:].split(" ")[0] in charts] == []
    assert both & (pages | reports) == set()


def rules(path: Path) -> set[str]:
    """Return the rules of a sheet that hold in every window, one a line."""
    return {line for line in path.read_text().split("\n") if line.endswith("}") and not line.startswith(" ")}
