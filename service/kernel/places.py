"""Where the files lie that are no code: templates, seeds and migrations.

A checkout and the image have them beside the package; a wheel carries them inside it.
"""

from __future__ import annotations

from pathlib import Path

from service.kernel.errors import NotFound

PACKAGE = Path(__file__).resolve().parent.parent


class MissingFolder(NotFound):
    """This installation is not whole."""

    code = "missing-folder"

    def __init__(self, name: str) -> None:
        super().__init__(f"The folder “{name}” is missing from this installation: install Farsow again.", name=name)


def data_folder(name: str, *, package: Path = PACKAGE) -> Path:
    """Return the folder `templates`, `seeds` or `alembic`.

    Raises:
        MissingFolder: neither place has it.
    """
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise MissingFolder(name)
