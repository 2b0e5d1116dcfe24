"""Outcomes: proposed, written down, agreed, substantiated by someone independent; and counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from service.accounts import actions as accounts
from service.accounts.values import Role
from service.audit import log
from service.dissemination import actions, harvest, manual, outcomes
from service.dissemination.harvest import ChangeKind, Outcome, OutcomeState
from service.dissemination.store import outcomes as store
from service.dissemination.values.figures import Dimension
from service.kernel.errors import FarsowError, Invalid
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
TODAY = date(2027, 1, 12)
DRAFT: dict[str, Any] = {
    "who": "The ministry of defence",
    "what": "asks coalitions before it votes",
    "kind": "procedural",
    "changed_on": "2027-01-04",
}
WHOLE = DRAFT | {"place": "Nairobi", "significance": "It never did", "contribution": "Chapter 1", "evidence": "Minutes"}
CONFIRMED = WHOLE | {"substantiator": "J. Otieno, University of Nairobi"}


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (OutcomeState.PROPOSED, ["drafted", "dismissed"]),
        (OutcomeState.DRAFTED, ["agreed"]),
        (OutcomeState.AGREED, ["drafted", "substantiated"]),
        (OutcomeState.SUBSTANTIATED, ["drafted"]),
        (OutcomeState.DISMISSED, []),
    ],
)
def test_each_state_leads_to_the_next(state: OutcomeState, wanted: list[str]):
    before = made(state)

    for one in OutcomeState:
        if one.value in wanted:
            assert harvest.step(before, one.value, ()).state is one
        else:
            with pytest.raises(harvest.WrongStep):
                harvest.step(before, one.value, ())


def made(state: OutcomeState, wishes: dict[str, Any] = CONFIRMED) -> Outcome:
    blank = Outcome("o", OutcomeState.PROPOSED, "", source="commitment:1")
    return replace(harvest.edit(blank, wishes, ("policy",), today=TODAY), state=state)


@pytest.mark.parametrize(
    ("state", "wanted", "lacking"),
    [
        *((OutcomeState.PROPOSED, "drafted", name) for name in ("who", "kind", "changed_on")),
        *((OutcomeState.DRAFTED, "agreed", name) for name in ("place", "significance", "contribution")),
        *((OutcomeState.AGREED, "substantiated", name) for name in ("evidence", "substantiator")),
    ],
)
def test_a_step_needs_what_the_outcome_does_not_say(state: OutcomeState, wanted: str, lacking: str):
    with pytest.raises(harvest.OutcomeIncomplete) as refused:
        harvest.step(made(state, CONFIRMED | {lacking: ""}), wanted, ())

    assert refused.value.field == lacking


@pytest.mark.parametrize(
    ("named", "is_staff"),
    [
        ("Ruth Ellery", True),
        ("Dr RUTH  Ellery, project manager", True),
        ("write to ruth@example.org", True),
        ("Rüth Ellery", True),
        ("J. Otieno", False),
    ],
)
def test_who_works_here_cannot_confirm_it(named: str, is_staff: bool):
    staff = ["Ruth Ellery", "ruth@example.org"]
    agreed = made(OutcomeState.AGREED, CONFIRMED | {"substantiator": named})

    if is_staff:
        with pytest.raises(harvest.SubstantiatorNotIndependent):
            harvest.step(agreed, "substantiated", staff)
    else:
        assert harvest.step(agreed, "substantiated", staff).state is OutcomeState.SUBSTANTIATED


@pytest.mark.parametrize(
    ("wishes", "state"),
    [
        ({}, OutcomeState.SUBSTANTIATED),
        ({"what": WHOLE["what"], "changed_on": TODAY.replace(day=4)}, OutcomeState.SUBSTANTIATED),
        ({"evidence": "Minutes, page 3"}, OutcomeState.AGREED),
        ({"substantiator": "Someone else"}, OutcomeState.AGREED),
        ({"contribution": "Chapters 1 and 2"}, OutcomeState.DRAFTED),
    ],
)
def test_what_is_changed_afterwards_has_to_be_agreed_anew(wishes: dict[str, Any], state: OutcomeState):
    assert harvest.edit(made(OutcomeState.SUBSTANTIATED), wishes, (), today=TODAY).state is state


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"changed_on": "2027-01-13"}, "not-a-day", "changed_on"),
        ({"changed_on": "soon"}, "not-a-day", "changed_on"),
        ({"kind": "magical"}, "unknown-reference", "kind"),
        ({"audience_key": "nobody"}, "unknown-reference", "audience_key"),
    ],
)
def test_an_outcome_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        made(OutcomeState.DRAFTED, DRAFT | wishes)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.fixture
def world(session: Session) -> World:
    """A project, stored."""
    return store_world(session, empty_world())


def test_a_source_proposes_once_and_what_is_dismissed_stays_dismissed(session: Session, world: World):
    said = {"what": "They run a training of their own"}

    first = outcomes.propose_outcome(session, world.project_id, said, source="commitment:1", **ACTOR)
    again = outcomes.propose_outcome(session, world.project_id, {"what": "x"}, source="commitment:1", **ACTOR)
    gone = outcomes.step_outcome(session, world.project_id, first.id, "dismissed", **ACTOR)
    late = outcomes.propose_outcome(session, world.project_id, said, source="commitment:1", **ACTOR)

    assert first == again == Outcome(first.id, OutcomeState.PROPOSED, said["what"], source="commitment:1")
    assert gone == late == Outcome(first.id, OutcomeState.DISMISSED, "", source="commitment:1")
    assert store.read_outcomes(session, world.project_id) == [gone]
    assert store.count_proposed(session, world.project_id) == 0
    actions_noted = sorted(entry["action"] for entry in log.trail(session, f"outcome:{first.id}"))
    assert actions_noted == ["outcome.dismissed", "outcome.proposed"]
    with pytest.raises(harvest.OutcomeIncomplete):
        outcomes.propose_outcome(session, world.project_id, {"what": " "}, source=None, **ACTOR)


def test_an_outcome_is_written_down_agreed_and_substantiated(session: Session, world: World):
    accounts.add_staff(session, name="Ruth Ellery", email="ruth@example.org", role=Role.MANAGER, **ACTOR)
    draft = outcomes.add_outcome(session, world.project_id, WHOLE, **ACTOR)
    assert draft.kind is ChangeKind.PROCEDURAL

    agreed = outcomes.step_outcome(session, world.project_id, draft.id, "agreed", **ACTOR)
    with pytest.raises(harvest.OutcomeIncomplete):
        outcomes.step_outcome(session, world.project_id, draft.id, "substantiated", **ACTOR)
    outcomes.edit_outcome(session, world.project_id, draft.id, {"substantiator": "Ruth Ellery"}, **ACTOR)
    with pytest.raises(harvest.SubstantiatorNotIndependent):
        outcomes.step_outcome(session, world.project_id, draft.id, "substantiated", **ACTOR)
    outcomes.edit_outcome(session, world.project_id, draft.id, {"substantiator": "J. Otieno"}, **ACTOR)
    done = outcomes.step_outcome(session, world.project_id, draft.id, "substantiated", **ACTOR)

    expected = replace(agreed, state=OutcomeState.SUBSTANTIATED, substantiator="J. Otieno")
    assert store.read_outcomes(session, world.project_id) == [done] == [expected]
    with pytest.raises(store.UnknownOutcome):
        outcomes.step_outcome(session, world.project_id, "01unknown", "agreed", **ACTOR)


def test_outcomes_count_from_the_draft_on_by_state_kind_and_audience(session: Session, world: World):
    def figure() -> Any:
        return actions.live_figures(session, world.project_id, "donor", NOW).figure("C1")

    assert figure().text == "n/a"
    outcomes.propose_outcome(session, world.project_id, DRAFT, source=None, **ACTOR)
    assert figure().text == "n/a"
    outcomes.add_outcome(session, world.project_id, DRAFT | {"audience_key": "policy"}, **ACTOR)
    done = outcomes.add_outcome(session, world.project_id, CONFIRMED | {"kind": "content"}, **ACTOR)
    for state in ("agreed", "substantiated"):
        outcomes.step_outcome(session, world.project_id, done.id, state, **ACTOR)

    found = figure()
    cells = {
        by: [(cell.label, cell.value) for cell in found.by(by).values()]
        for by in (Dimension.STATE, Dimension.KIND, Dimension.AUDIENCE)
    }
    assert (found.value, cells) == (
        2,
        {
            Dimension.STATE: [("Drafted", 1), ("Substantiated", 1)],
            Dimension.KIND: [("Content", 1), ("Procedural", 1)],
            Dimension.AUDIENCE: [("Not stated", 1), ("2 Policy", 1)],
        },
    )


def test_outcomes_are_not_given_by_hand(session: Session, world: World):
    figure = {"indicator": "C1", "on_day": "2027-01-04", "amount": 3, "basis": "counted", "evidence": "a list"}

    with pytest.raises(FarsowError) as refused:
        manual.give(session, world.project_id, figure, **ACTOR)

    assert refused.value.code == "unknown-indicator"
