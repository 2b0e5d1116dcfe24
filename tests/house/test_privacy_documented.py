"""docs/privacy.md says the periods that the code keeps."""

from __future__ import annotations

import re
from pathlib import Path

from service.privacy.retention import PERIODS

TEXT = (Path(__file__).parents[2] / "docs/privacy.md").read_text()


def test_the_table_of_periods_is_the_codes():
    rows = re.findall(r"^\| (\w+) \| (\d+) days(?: \((\d+) for research\))? \| ([\w ]+) \|$", TEXT, re.MULTILINE)

    assert rows == [
        (held.value, str(period.days), str(period.research_days or ""), period.start.value)
        for held, period in PERIODS.items()
    ]
