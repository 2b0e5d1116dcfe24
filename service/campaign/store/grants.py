"""The drawer of small grants."""

from __future__ import annotations

from service.campaign import tables
from service.campaign.store.drawers import Drawer
from service.campaign.values import Grant, GrantState

GRANTS = Drawer(tables.SmallGrant, Grant, lambda row: Grant(**{**row, "state": GrantState(row["state"])}))
