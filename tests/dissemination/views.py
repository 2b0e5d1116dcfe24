"""Snapshots of worlds without a database: the recount by hand, put through the real rules."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

from service.dissemination import report
from service.dissemination.composing import compose_snapshot
from service.dissemination.facts import Facts
from service.dissemination.formats import pages_pdf
from service.dissemination.outline import outline
from service.dissemination.rendering import render
from service.dissemination.snapshots import Period, SnapshotView
from service.dissemination.values.figures import USUAL_K, Profile
from service.dissemination.values.plan import Target
from service.dissemination.wording import Voice
from service.events.values import Project, ProjectId
from tests.dissemination.recount import recount
from tests.dissemination.worlds import NOW, World

DUE = date(2027, 12, 31)


def target(indicator: str, amount: float, **wishes: Any) -> Target:
    """A promise to be kept by the end of 2027, from nothing."""
    return Target(**{"indicator": indicator, "baseline": 0.0, "target": amount, "due_on": DUE, "note": "", **wishes})


def view_of(world: World, profile: str = "internal", targets: tuple[Target, ...] = (), **wishes: Any) -> SnapshotView:
    """Return what a snapshot of the world would hold."""
    return view_of_facts(recount(world), world, profile, targets, **wishes)


def view_of_facts(
    facts: Facts, world: World, profile: str = "internal", targets: tuple[Target, ...] = (), **wishes: Any
) -> SnapshotView:
    row = world.project
    known = {name: row[name] for name in Project.__dataclass_fields__ if name != "id"}
    given = {
        "profile": Profile(profile),
        "k": USUAL_K[Profile(profile)],
        "period": Period(row["starts_on"], NOW.date() + timedelta(days=1)),
        "cutoff": NOW,
    }
    return compose_snapshot(facts, Project(id=ProjectId(row["id"]), **known), targets, **{**given, **wishes})


def words_of(view: SnapshotView, format: str) -> str:
    """Return the words of a report in a format: of a PDF, what its typesetter is told."""
    if format == "pdf":
        made = report.compose(view, Voice())
        return pages_pdf.words(made, outline(made, Voice()))
    raw = render(view, format)
    if not raw.startswith(b"PK"):
        return raw.decode()
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        return " ".join(parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels")))
