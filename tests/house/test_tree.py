"""Nothing in the tree knows the machine it was written on, or where packages come from."""

from __future__ import annotations

import re

import pytest

from tests.house import tree

MACHINE = re.compile(r"(?<![\w.<])/(?:work|home|root|Users)/\w")
REGISTRY = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|deb\.debian\.org")
KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def found(pattern: re.Pattern[str]) -> list[str]:
    """Return `file: what matched` for every file in which the pattern is found."""
    matches = ((name, pattern.search(words)) for name, words in tree.texts())
    return [f"{name}: {match.group()}" for name, match in matches if match]


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert found(MACHINE) == []


def test_no_file_names_a_registry() -> None:
    assert found(REGISTRY) == []


def test_no_file_holds_a_private_key() -> None:
    assert found(KEY) == []


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        # Put together here, so that this file is searched as well.
        (MACHINE, 'open("' + "/home" + '/ada/list.csv")'),
        (MACHINE, "file://" + "/work" + "/x"),
        (REGISTRY, "https://files.pythonhosted" + ".org/x"),
        (KEY, "-----BEGIN RSA " + "PRIVATE KEY-----"),
    ],
)
def test_the_patterns_find_what_they_look_for(pattern: re.Pattern[str], words: str) -> None:
    assert pattern.search(words)


def test_every_test_folder_is_a_package() -> None:
    folders = {path.parent for path in tree.files() if path.match("tests/**/*.py")}

    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
