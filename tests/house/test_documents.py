"""The documents are there, whole, and point at files that exist."""

from __future__ import annotations

import re
import tomllib

import pytest

import service
from tests.house import tree

DECISIONS = sorted((tree.ROOT / "docs" / "decisions").glob("*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Alternatives"]
DOCUMENTS = [path for path in tree.files() if path.suffix == ".md"]
TOP = "alembic|bench|docs|requirements|seeds|service|templates|tests"
PATH = re.compile(rf"`((?:{TOP})/[\w./-]+)`")
TEST = re.compile(r"`(tests/[\w./]+\.py)::(\w+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_four_headings_on_one_page(path: object) -> None:
    words = path.read_text()

    assert re.findall(r"(?m)^## (.+)$", words) == HEADINGS
    assert words.startswith(f"# {int(path.name[:4])}. ")
    assert len(words.splitlines()) <= 60


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(tree.ROOT)))
def test_links_lead_to_files_that_exist(path: object) -> None:
    targets = [link for link in LINK.findall(path.read_text()) if "://" not in link and not link.startswith("mailto:")]

    assert [link for link in targets if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(tree.ROOT)))
def test_paths_that_are_named_exist(path: object) -> None:
    assert [name for name in PATH.findall(path.read_text()) if not (tree.ROOT / name).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(tree.ROOT)))
def test_tests_that_are_named_exist(path: object) -> None:
    named = TEST.findall(path.read_text())

    assert [(file, name) for file, name in named if f"def {name}(" not in (tree.ROOT / file).read_text()] == []


def test_the_changelog_has_a_section_for_this_version() -> None:
    sections = re.findall(r"(?m)^## (.+)$", (tree.ROOT / "CHANGELOG.md").read_text())

    assert sections[0].split(" ")[0] in ("Unreleased", service.__version__)


def test_the_licence_is_the_one_the_package_names() -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["project"]
    first, second = (tree.ROOT / "LICENSE").read_text().splitlines()[:2]

    assert project["license"] == "AGPL-3.0-or-later"
    assert (first.strip(), second.strip()) == ("GNU AFFERO GENERAL PUBLIC LICENSE", "Version 3, 19 November 2007")
