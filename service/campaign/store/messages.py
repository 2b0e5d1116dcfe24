"""The drawer of messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.campaign import tables
from service.campaign.store.drawers import Drawer
from service.campaign.values import Message, Topic


def _message(row: Mapping[Any, Any]) -> Message:
    topic = Topic(row["topic"]) if row["topic"] else None
    return Message(**{**row, "topic": topic, "countries": tuple(row["countries"]), "writers": tuple(row["writers"])})


MESSAGES = Drawer(tables.CampaignMessage, Message, _message)
