"""Every table, for Alembic and for tests: importing this fills the metadata."""

from __future__ import annotations

from sqlmodel import SQLModel

import service.accounts.tables
import service.audit.tables
import service.campaign.tables
import service.directory.tables
import service.dissemination.tables.events
import service.dissemination.tables.figures
import service.dissemination.tables.materials
import service.dissemination.tables.plan
import service.dissemination.tables.reports
import service.dissemination.tables.results
import service.events.tables
import service.invitations.tables
import service.letters.tables
import service.mail.tables
import service.people.tables
import service.privacy.tables

metadata = SQLModel.metadata
