"""What stands against issuing a report: every reason by its name, all at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from service.dissemination.gate import NotReady, Reason, Refusal, refusals
from service.dissemination.rechecking import weak_spots
from service.dissemination.snapshots import ActivityLine, Grade, Narrative, SnapshotView
from service.dissemination.values.figures import Dimension, Printed
from service.dissemination.values.plan import LineStatus
from tests.dissemination.test_leaks import TARGETS, small_world
from tests.dissemination.views import view_of
from tests.dissemination.worlds import random_world


def line(title: str, status: str, *, evidence: str = "", reason: str = "") -> ActivityLine:
    day = date(2027, 1, 1)
    given = {"audience": "", "channel": "", "output": "", "event": "", "due_on": day, "delivered_on": None}
    shown = {"reason": reason, "evidence": evidence, "has_evidence": bool(evidence)}
    return ActivityLine(key=title.lower(), title=title, status=LineStatus(status), **given, **shown)  # type: ignore[arg-type]


LAUNCH, LETTER = line("Launch", "delivered", evidence="Photos"), line("Letter", "cancelled", reason="No money")


def view(*plan: ActivityLine, grade: str = "final", words: str = "We met many people.", **wishes: Any) -> SnapshotView:
    made = view_of(small_world(), "donor", TARGETS)
    return replace(made, plan=plan, grade=Grade(grade), narrative=Narrative(summary=words), **wishes)


@pytest.mark.parametrize(
    ("report", "against"),
    [
        (view(LAUNCH, LETTER), ()),
        (view(LAUNCH, line("Poster", "planned")), ()),
        (view(LETTER), (Refusal(Reason.NOTHING_DELIVERED),)),
        (
            view(LAUNCH, line("Radio", "postponed"), line("Briefing", "ongoing")),
            (Refusal(Reason.UNFINISHED, ("Radio", "Briefing")),),
        ),
        (view(LAUNCH, line("Poster", "delivered")), (Refusal(Reason.NO_EVIDENCE, ("Poster",)),)),
        (view(line("Radio", "postponed"), grade="interim"), ()),
        (view(line("Poster", "delivered"), grade="interim"), (Refusal(Reason.NO_EVIDENCE, ("Poster",)),)),
        (view(LAUNCH, words="Maria Achieng spoke."), (Refusal(Reason.NAMES_SOMEONE, ("Maria Achieng",)),)),
        (view(LAUNCH, words="Achieng spoke."), (Refusal(Reason.MAY_NAME_SOMEONE, ("Achieng",)),)),
        (
            view(line("Tea with Maria Achieng", "delivered", evidence="Her card")),
            (Refusal(Reason.NAMES_SOMEONE, ("Maria Achieng",)),),
        ),
    ],
    ids=[
        "all delivered or cancelled",
        "planned may stay",
        "nothing delivered",
        "ongoing and postponed",
        "no evidence",
        "interim may go on",
        "interim wants evidence too",
        "names",
        "may name",
        "the plan's words",
    ],
)
def test_a_report_is_held_back_for_named_reasons(report: SnapshotView, against: tuple[Refusal, ...]):
    assert refusals(report, names=["Maria Achieng"]) == against


def test_all_reasons_are_told_at_once():
    report = view(line("Radio", "ongoing"), words="Maria Achieng met Bo.", k=3)

    against = refusals(report, names=["Maria Achieng", "Bo Lindqvist", "Ann Bo"], is_overtaken=True)

    assert [one.reason for one in against] == [
        Reason.UNFINISHED,
        Reason.NOTHING_DELIVERED,
        Reason.OUT_OF_DATE,
        Reason.UNPROTECTED,
        Reason.NAMES_SOMEONE,
    ]
    assert str(NotReady(against[:2])) == (
        "The plan is not finished: Radio. A final report needs every line delivered or cancelled. "
        "Nothing in the plan is delivered yet."
    )


@pytest.mark.parametrize("profile", ["internal", "donor", "public"])
@pytest.mark.parametrize("seed", range(25))
def test_what_was_frozen_by_the_rule_passes_a_second_look(profile: str, seed: int):
    world = random_world(seed, people=[9, 40, 150][seed % 3], events=4)
    first = view_of(world, profile)
    moved = replace(world, invitations=world.invitations[seed % 7 :])

    assert weak_spots(first) == ()
    assert weak_spots(view_of(moved, profile, before=first.counts), first.counts) == ()


def test_a_second_look_finds_an_exact_number_among_bands_and_a_cell_that_can_be_worked_out():
    banded = view_of(small_world(), "donor", TARGETS)
    came = banded.counts["people_attended"]
    exact = replace(came, total=Printed(36, 36, exact=True))
    regions = {key: Printed(0, 0, exact=False) for key in came.rows[Dimension.REGION]}
    one = {**regions, "014": Printed(35, 39, exact=False), "154": Printed(1, 4, exact=False)}
    tight = replace(came, total=Printed(43, 43, exact=False), rows={Dimension.REGION: one})
    figures = tuple(replace(f, value=36) if f.indicator == "E4" else f for f in banded.figures)

    assert weak_spots(banded) == ()
    assert weak_spots(replace(banded, counts={**banded.counts, "people_attended": exact})) == ("people_attended",)
    assert "people_attended" in weak_spots(replace(banded, counts={**banded.counts, "people_attended": tight}))
    assert weak_spots(replace(banded, figures=figures)) == ("E4",)
