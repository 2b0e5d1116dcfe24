"""What must be true before a report is issued. Pure: every refusal is named, all of them at once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from service.dissemination.naming import Named, find_names
from service.dissemination.rechecking import weak_spots
from service.dissemination.snapshots import ActivityLine, Grade, SnapshotView
from service.dissemination.values.figures import Release
from service.dissemination.values.plan import LineStatus
from service.kernel.errors import Conflict

UNFINISHED = (LineStatus.ONGOING, LineStatus.POSTPONED)


class Reason(StrEnum):
    """Why a report is not issued."""

    UNFINISHED = "unfinished"
    NOTHING_DELIVERED = "nothing-delivered"
    NO_EVIDENCE = "no-evidence"
    UNPROTECTED = "unprotected"
    OUT_OF_DATE = "out-of-date"
    NO_CONSENT = "no-consent"
    NAMES_SOMEONE = "names-someone"
    MAY_NAME_SOMEONE = "may-name-someone"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, and what it is about: titles of the plan, counts, words. One that `may_be_waived` wants a yes."""

    reason: Reason
    what: tuple[str, ...] = ()

    @property
    def may_be_waived(self) -> bool:
        """Whether a person who has read the words may say that they name nobody."""
        return self.reason is Reason.MAY_NAME_SOMEONE


_SENTENCES = {
    Reason.UNFINISHED: "The plan is not finished: {what}. A final report needs every line delivered or cancelled.",
    Reason.NOTHING_DELIVERED: "Nothing in the plan is delivered yet.",
    Reason.NO_EVIDENCE: "Delivered, but nothing to show for it: {what}.",
    Reason.UNPROTECTED: "These figures say too much for this reader: {what}.",
    Reason.OUT_OF_DATE: "A newer report for the same reader was issued since these figures were taken.",
    Reason.NO_CONSENT: "Quoted without a consent that holds: {what}. Take the figures again.",
    Reason.NAMES_SOMEONE: "The words name someone who is held here: {what}.",
    Reason.MAY_NAME_SOMEONE: "These words may name someone who is held here: {what}. Say that they do not.",
}


class NotReady(Conflict):
    """The report may not be issued yet; `reasons` says why, all at once."""

    code = "report-not-ready"

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        sentences = (_SENTENCES[one.reason].format(what=", ".join(one.what)) for one in self.refusals)
        super().__init__(" ".join(sentences), reasons=[as_data(one) for one in self.refusals])


def as_data(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal for programs."""
    return {
        "reason": refusal.reason.value,
        "what": list(refusal.what),
        "sentence": _SENTENCES[refusal.reason].format(what=", ".join(refusal.what)),
        "may_be_waived": refusal.may_be_waived,
    }


def refusals(
    view: SnapshotView,
    *,
    names: Iterable[str],
    before: Mapping[str, Release] | None = None,
    agreed: Container[str] = frozenset(),
    is_overtaken: bool = False,
) -> tuple[Refusal, ...]:
    """Return everything that stands against issuing a report.

    `names` are those of the people held here; `before` the counts that the figures were set against; `agreed`
    the ids of the quotes that may be printed today; `is_overtaken`: another report for the same reader was
    issued since the figures were taken.
    """
    named = find_names(texts_of(view), names)
    found = [
        *_of_plan(view),
        Refusal(Reason.OUT_OF_DATE) if is_overtaken else None,
        _about(Reason.UNPROTECTED, weak_spots(view, before)),
        _about(Reason.NO_CONSENT, (f"“{one.words[:40]}”" for one in view.quotes if one.id not in agreed)),
        _about(Reason.NAMES_SOMEONE, _words(named, certain=True)),
        _about(Reason.MAY_NAME_SOMEONE, _words(named, certain=False)),
    ]
    return tuple(one for one in found if one)


def texts_of(view: SnapshotView) -> dict[str, str]:
    """Return everything in a report that people wrote freely, by place."""
    words = view.narrative
    parts = {name: getattr(words, name) for name in words.__dataclass_fields__}
    lines = [f"{line.title}\n{line.reason}\n{line.evidence}" for line in view.plan]
    plan = "\n".join([*lines, *(f"{target.note}\n{target.risk}" for target in view.targets)])
    told = [f"{one.what}\n{one.who}\n{one.significance}\n{one.contribution}" for one in view.outcomes]
    studies = [f"{one.title}\n{one.text}" for one in view.studies]
    return {**parts, "plan": plan, "results": "\n".join([*told, *studies])}


def _of_plan(view: SnapshotView) -> Iterable[Refusal | None]:
    delivered = [line for line in view.plan if line.status is LineStatus.DELIVERED]
    if view.grade is Grade.FINAL:
        yield _about(Reason.UNFINISHED, _titles(line for line in view.plan if line.status in UNFINISHED))
        yield None if delivered else Refusal(Reason.NOTHING_DELIVERED)
    yield _about(Reason.NO_EVIDENCE, _titles(line for line in delivered if not line.has_evidence))


def _about(reason: Reason, what: Iterable[str]) -> Refusal | None:
    named = tuple(what)
    return Refusal(reason, named) if named else None


def _titles(lines: Iterable[ActivityLine]) -> tuple[str, ...]:
    return tuple(line.title for line in lines)


def _words(named: Iterable[Named], *, certain: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.words for one in named if one.is_certain is certain))
