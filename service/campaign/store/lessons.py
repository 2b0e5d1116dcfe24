"""The drawer of lessons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.campaign import tables
from service.campaign.store.drawers import Drawer
from service.campaign.values import Campaign, Lesson, Setting, Topic


def _lesson(row: Mapping[Any, Any]) -> Lesson:
    topic = Topic(row["topic"]) if row["topic"] else None
    setting = Setting(row["setting"]) if row["setting"] else None
    return Lesson(**{**row, "topic": topic, "setting": setting, "campaigns": tuple(map(Campaign, row["campaigns"]))})


LESSONS = Drawer(tables.Lesson, Lesson, _lesson)
