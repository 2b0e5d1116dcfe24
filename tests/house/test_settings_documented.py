"""docs/settings.md lists every setting once, in the words of the code, and no other."""

from __future__ import annotations

import re
from typing import Any

from pydantic.fields import FieldInfo

from service.settings import PREFIX, Settings
from tests.house import tree

ROW = re.compile(r"(?m)^\| `(\w+)` \| (.*?) \| (.*) \|$")


def default_of(field: FieldInfo) -> str:
    """Return how a default is written in the table."""
    value: Any = field.default
    if field.is_required() or value in (None, ""):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_the_table_of_settings_is_the_one_of_the_code() -> None:
    documented = ROW.findall((tree.ROOT / "docs" / "settings.md").read_text())

    assert documented == [
        (PREFIX + name.upper(), default_of(field), field.description) for name, field in Settings.model_fields.items()
    ]


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {"FARSOW_TEST_DATABASE_URL", "FARSOW_TEST_REQUIRE"}
    named = {
        (name, variable)
        for name, words in tree.texts()
        if name.endswith((".md", ".yaml", "Dockerfile")) and name != "CHANGELOG.md"
        for variable in re.findall(r"FARSOW_[A-Z_]*[A-Z]", words)
    }

    assert {(name, variable) for name, variable in named if variable not in known} == set()
