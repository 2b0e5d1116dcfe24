"""The folders beside the code are found in a checkout and inside a wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.kernel.places import MissingFolder, data_folder
from tests.house import tree


def test_a_checkout_has_them_beside_the_package() -> None:
    assert data_folder("templates") == tree.ROOT / "templates"


def test_a_wheel_has_them_inside_the_package(tmp_path: Path) -> None:
    inside = tmp_path / "service" / "_data" / "templates"
    for folder in (inside, tmp_path / "templates"):  # the second is someone else's
        folder.mkdir(parents=True)

    assert data_folder("templates", package=tmp_path / "service") == inside


def test_an_installation_that_is_not_whole_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingFolder) as missing:
        data_folder("seeds", package=tmp_path / "service")

    assert missing.value.sentence == "The folder “seeds” is missing from this installation: install Farsow again."
