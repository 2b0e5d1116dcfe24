"""The drawers of the lobby log and of introductions."""

from __future__ import annotations

from service.campaign import tables
from service.campaign.store.drawers import Drawer
from service.campaign.values import Introduction, LobbyMeeting

MEETINGS = Drawer(tables.LobbyMeeting, LobbyMeeting, lambda row: LobbyMeeting(**row))
INTRODUCTIONS = Drawer(tables.Introduction, Introduction, lambda row: Introduction(**row))
