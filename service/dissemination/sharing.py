"""What may be shared with someone outside, and for how long. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.dissemination.snapshots import SnapshotLine, State
from service.dissemination.values.figures import Profile
from service.kernel.errors import Conflict, Invalid, NotFound

LONGEST_DAYS = 365


class UnknownShare(NotFound):
    """There is no such address, or it is over."""

    code = "unknown-share"

    def __init__(self) -> None:
        super().__init__("There is no such address, or it is over.")


class InternalReport(Conflict):
    """Exact figures stay inside."""

    code = "internal-report"

    def __init__(self) -> None:
        super().__init__("This report has exact figures, for inside only. Freeze one for the donor or for everyone.")


class NotIssued(Conflict):
    """Only an issued report goes outside."""

    code = "report-not-issued"

    def __init__(self) -> None:
        super().__init__("Only an issued report can be given to someone outside.")


class BadDays(Invalid):
    """A number of days that an address cannot live."""

    code = "bad-days"

    def __init__(self) -> None:
        super().__init__(f"An address lives for 1 to {LONGEST_DAYS} days.", field="days")


@dataclass(frozen=True, slots=True)
class Share:
    """A secret address of one frozen report. `ended_at` is set once staff have ended it."""

    id: str
    snapshot_id: str
    made_by: str
    made_at: datetime
    ends_at: datetime
    ended_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Tell whether it still leads to the report."""
        return self.ended_at is None and now < self.ends_at


def ends_at(line: SnapshotLine, days: int, *, now: datetime) -> datetime:
    """Return when the address of a report is over.

    Raises:
        InternalReport, NotIssued, BadDays.
    """
    if line.profile is Profile.INTERNAL:
        raise InternalReport
    if line.state is not State.ISSUED:
        raise NotIssued
    if not 1 <= days <= LONGEST_DAYS:
        raise BadDays
    return now + timedelta(days=days)
