"""Outcome harvesting: changes in others to which the project contributed. Pure.

An outcome says who changed what, when and where, why that matters, what we contributed, and how one
can tell. It is *proposed*, *drafted* once a person has taken it up, *agreed* when it is whole, and
*substantiated* when someone independent of us confirms it. What is changed afterwards is a draft again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from service.dissemination.editing import NotADay, UnknownReference, parse_day
from service.kernel.errors import Conflict, Invalid
from service.kernel.text import clean_block, clean_line, folded


class OutcomeState(StrEnum):
    """How far an outcome is."""

    PROPOSED = "proposed"
    DRAFTED = "drafted"
    AGREED = "agreed"
    SUBSTANTIATED = "substantiated"
    DISMISSED = "dismissed"


class ChangeKind(StrEnum):
    """What kind of change it is (ROMA)."""

    DISCURSIVE = "discursive"
    PROCEDURAL = "procedural"
    CONTENT = "content"
    ATTITUDINAL = "attitudinal"
    BEHAVIOURAL = "behavioural"


COUNTED = (OutcomeState.DRAFTED, OutcomeState.AGREED, OutcomeState.SUBSTANTIATED)
STATE_WORDS: Mapping[str, str] = {one.value: one.value.capitalize() for one in OutcomeState}
KIND_WORDS: Mapping[str, str] = {one.value: one.value.capitalize() for one in ChangeKind}


class OutcomeIncomplete(Invalid):
    """A step that needs more than the outcome says."""

    code = "outcome-incomplete"


class SubstantiatorNotIndependent(Invalid):
    """Someone who works here cannot substantiate what we did."""

    code = "substantiator-not-independent"


class WrongStep(Conflict):
    """That step does not follow from where the outcome stands."""

    code = "wrong-step"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome. `source` names what proposed it, such as a commitment, so that it is proposed once."""

    id: str
    state: OutcomeState
    what: str
    who: str = ""
    changed_on: date | None = None
    place: str = ""
    kind: ChangeKind | None = None
    audience_key: str | None = None
    significance: str = ""
    contribution: str = ""
    evidence: str = ""
    substantiator: str = ""
    source: str | None = None


TEXTS = {"who": 300, "place": 200, "evidence": 500, "substantiator": 300}
BLOCKS = {"what": 1000, "significance": 1000, "contribution": 1000}
FIELDS = (*TEXTS, *BLOCKS, "changed_on", "kind", "audience_key")
# What may still be filled in without its being another outcome.
_PROOF = {"evidence", "substantiator"}

# What each step needs, in the order of the form, with the sentence that asks for it.
_ASKED = {
    "who": "Say who changed.",
    "what": "Say what changed.",
    "kind": "Choose what kind of change it is.",
    "changed_on": "Say when it changed; the first day of the month will do.",
    "place": "Say where it changed.",
    "significance": "Say why it matters.",
    "contribution": "Say what we contributed.",
    "evidence": "Say where one can see it.",
    "substantiator": "Name who confirms it: someone who knows, and does not work here.",
}
_NEEDED: Mapping[OutcomeState, tuple[str, ...]] = {
    OutcomeState.PROPOSED: ("what",),
    OutcomeState.DRAFTED: ("who", "what", "kind", "changed_on"),
    OutcomeState.AGREED: ("who", "what", "kind", "changed_on", "place", "significance", "contribution"),
    OutcomeState.SUBSTANTIATED: tuple(_ASKED),
}
_BEFORE: Mapping[OutcomeState, tuple[OutcomeState, ...]] = {
    OutcomeState.DRAFTED: (OutcomeState.PROPOSED, OutcomeState.AGREED, OutcomeState.SUBSTANTIATED),
    OutcomeState.AGREED: (OutcomeState.DRAFTED,),
    OutcomeState.SUBSTANTIATED: (OutcomeState.AGREED,),
    OutcomeState.DISMISSED: (OutcomeState.PROPOSED,),
}


def next_steps(outcome: Outcome) -> list[OutcomeState]:
    """Return where an outcome may go from where it stands."""
    return [state for state, before in _BEFORE.items() if outcome.state in before]


def step(outcome: Outcome, wanted: str, staff: Collection[str]) -> Outcome:
    """Return an outcome one step on; `staff` are the names and addresses of those who work here.

    Raises:
        WrongStep, OutcomeIncomplete, SubstantiatorNotIndependent.
    """
    state = next((one for one in next_steps(outcome) if one.value == wanted), None)
    if state is None:
        raise WrongStep("From where it stands it cannot go there.")
    if state is OutcomeState.DISMISSED:
        return Outcome(outcome.id, state, "", source=outcome.source)
    after = replace(outcome, state=state)
    check(after, staff)
    return after


def check(outcome: Outcome, staff: Collection[str]) -> None:
    """Refuse an outcome that says less than its state needs.

    Raises:
        OutcomeIncomplete, SubstantiatorNotIndependent.
    """
    for name in _NEEDED.get(outcome.state, ()):
        if not getattr(outcome, name):
            raise OutcomeIncomplete(_ASKED[name], field=name)
    if outcome.state is OutcomeState.SUBSTANTIATED and is_staff(outcome.substantiator, staff):
        raise SubstantiatorNotIndependent("They work here. It takes someone independent.", field="substantiator")


def is_staff(named: str, staff: Collection[str]) -> bool:
    """Tell whether a text names someone who works here, by name or by address."""
    text = folded(named)
    return any(known in text for one in staff if (known := folded(one)))


def edit(outcome: Outcome, wishes: Mapping[str, Any], audiences: Collection[str], *, today: date) -> Outcome:
    """Return an outcome as it is wanted; another wording of what was agreed is a draft again.

    Raises:
        WrongStep, NotADay, UnknownReference, OutcomeIncomplete, SubstantiatorNotIndependent.
    """
    if outcome.state is OutcomeState.DISMISSED:
        raise WrongStep("It was dismissed; write a new one.")
    after = replace(outcome, **_changes(wishes, audiences, today))
    if outcome.state in (OutcomeState.AGREED, OutcomeState.SUBSTANTIATED):
        return replace(after, state=_still(outcome, after))
    return after


def _still(before: Outcome, after: Outcome) -> OutcomeState:
    changed = {one.name for one in fields(Outcome) if getattr(before, one.name) != getattr(after, one.name)}
    if changed - _PROOF:
        return OutcomeState.DRAFTED
    return OutcomeState.AGREED if changed else before.state


def _changes(wishes: Mapping[str, Any], audiences: Collection[str], today: date) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in FIELDS:
        if name not in wishes:
            continue
        raw = wishes[name]
        if name in TEXTS:
            found[name] = clean_line(str(raw or ""))[: TEXTS[name]]
        elif name in BLOCKS:
            found[name] = clean_block(str(raw or ""))[: BLOCKS[name]]
        elif name == "changed_on":
            found[name] = _day(raw, today)
        else:
            known = audiences if name == "audience_key" else {one.value for one in ChangeKind}
            chosen = _choice(name, raw, known)
            found[name] = ChangeKind(chosen) if chosen and name == "kind" else chosen
    return found


def _day(raw: Any, today: date) -> date | None:
    if raw in (None, ""):
        return None
    day = parse_day(raw, "changed_on")
    if day > today:
        raise NotADay("That day has not come yet.", field="changed_on")
    return day


def _choice(name: str, raw: Any, known: Collection[str]) -> str | None:
    if raw in (None, ""):
        return None
    if raw not in known:
        raise UnknownReference("Choose one of the list.", field=name)
    return str(raw)
