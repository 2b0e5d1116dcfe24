"""The SQL of the campaign's records: a drawer for each kind."""

from __future__ import annotations

from service.campaign.store.drawers import Drawer, UnknownRecord
from service.campaign.store.grants import GRANTS
from service.campaign.store.lessons import LESSONS
from service.campaign.store.meetings import INTRODUCTIONS, MEETINGS
from service.campaign.store.messages import MESSAGES
from service.campaign.store.stances import STANCES

__all__ = ["GRANTS", "INTRODUCTIONS", "LESSONS", "MEETINGS", "MESSAGES", "STANCES", "Drawer", "UnknownRecord"]
