"""The life of a report: draft, reviewed, issued, superseded. Pure.

A draft may be written and counted anew. Whoever marks it as reviewed closes it; from then on its content does not
change, and it can be issued or opened again. An issued one stays issued until another of the same profile is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from service.dissemination.gate import NotReady, Refusal
from service.dissemination.snapshots import Grade, Narrative, SnapshotLine, State
from service.kernel.errors import Conflict, Forbidden, Invalid
from service.kernel.text import clean_block

LONGEST = 4_000  # letters of one part
_SENTENCES = {
    State.DRAFT: "This report is a draft. Have it reviewed first.",
    State.REVIEWED: "This report is reviewed. Open it again to change it.",
    State.ISSUED: "This report is issued and does not change. Write a new one in its place.",
    State.SUPERSEDED: "This report was superseded and does not change.",
}


class WrongState(Conflict):
    """The report does not stand where this can be done."""

    code = "report-state"

    def __init__(self, state: State) -> None:
        super().__init__(_SENTENCES[state], state=state.value)


class ReportMoved(Conflict):
    """The draft is no longer the one that was read."""

    code = "report-moved"

    def __init__(self) -> None:
        super().__init__("The draft changed while you had it open. Read it again, then go on.")


class AnotherMustIssue(Forbidden):
    """Where four eyes are wanted, whoever wrote a report does not issue it."""

    code = "another-must-issue"

    def __init__(self) -> None:
        super().__init__("Whoever wrote a report does not issue it. Ask someone else to.")


class UnknownGrade(Invalid):
    """A report is interim or final."""

    code = "unknown-grade"

    def __init__(self) -> None:
        super().__init__("Choose interim or final.", field="grade")


class TooLong(Invalid):
    """A part of the narrative that is too long to print."""

    code = "too-long"

    def __init__(self, field: str) -> None:
        super().__init__(f"Please use at most {LONGEST} letters.", field=field)


def check_open(line: SnapshotLine, seen: str | None) -> None:
    """Refuse to change what is no draft, or a draft that is not as it was `seen` (its seal; None does not ask).

    Raises:
        WrongState, ReportMoved.
    """
    if line.state is not State.DRAFT:
        raise WrongState(line.state)
    if seen is not None and seen != line.sha256:
        raise ReportMoved


def parse_grade(raw: str) -> Grade:
    """Return the grade of a word.

    Raises:
        UnknownGrade.
    """
    try:
        return Grade(raw)
    except ValueError:
        raise UnknownGrade from None


def read_words(raw: dict[str, str]) -> Narrative:
    """Return the narrative as it was typed, made safe to keep.

    Raises:
        TooLong: one of the parts.
    """
    parts = {name: clean_block(raw.get(name, "")) for name in Narrative.__dataclass_fields__}
    for name, text in parts.items():
        if len(text) > LONGEST:
            raise TooLong(name)
    return Narrative(**parts)


def reviewed(line: SnapshotLine, *, seen: str | None, now: datetime, actor: str) -> SnapshotLine:
    """Return a draft closed.

    Raises:
        WrongState, ReportMoved.
    """
    check_open(line, seen)
    return replace(line, state=State.REVIEWED, reviewed_by=actor, reviewed_at=now)


def reopened(line: SnapshotLine) -> SnapshotLine:
    """Return a reviewed report as a draft again.

    Raises:
        WrongState: it is not reviewed.
    """
    if line.state is not State.REVIEWED:
        raise WrongState(line.state)
    return replace(line, state=State.DRAFT, reviewed_by=None, reviewed_at=None)


def needs_another(line: SnapshotLine, actor: str, *, four_eyes: bool) -> bool:
    """Tell whether someone else than this one must issue a report."""
    return four_eyes and actor in (line.created_by, line.written_by)


def issued(
    line: SnapshotLine, against: Iterable[Refusal], *, waived: bool, four_eyes: bool, now: datetime, actor: str
) -> SnapshotLine:
    """Return a reviewed report issued; `waived`: its words were read, and name nobody.

    Raises:
        WrongState, AnotherMustIssue, NotReady: with every reason.
    """
    if line.state is not State.REVIEWED:
        raise WrongState(line.state)
    if needs_another(line, actor, four_eyes=four_eyes):
        raise AnotherMustIssue
    if standing := [one for one in against if not (one.may_be_waived and waived)]:
        raise NotReady(standing)
    return replace(line, state=State.ISSUED, issued_by=actor, issued_at=now)


def issued_before(line: SnapshotLine, others: Iterable[SnapshotLine]) -> SnapshotLine | None:
    """Return the last report of the same profile that was issued before this one, if any."""
    end = line.issued_at or datetime.max.replace(tzinfo=UTC)
    mine = [one for one in others if one.profile is line.profile and one.id != line.id]
    earlier = [one for one in mine if one.issued_at and one.issued_at < end]
    return max(earlier, key=lambda one: (one.issued_at, one.id), default=None)
