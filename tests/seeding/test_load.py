"""The sample project: loaded once it is all there, loaded again nothing changes, and nothing is ever sent."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from service.adapters.mailbox import MailboxTransport
from service.campaign import together
from service.campaign.store import GRANTS, LESSONS, MESSAGES, STANCES
from service.campaign.store.quotas import read_quotas
from service.db.engine import reading
from service.dissemination import store as dissemination
from service.events import store as events
from service.events.values import EventKind, EventState
from service.invitations.store import funnels as invitation_funnels
from service.mail import store as mail_store
from service.people import store as people
from service.people.store import imports
from service.seeding.actions import load
from service.seeding.reading import NoSeeds
from service.worker.duties import Tools, run_until_idle
from tests.factories import DESK
from tests.web.support import _composer

FOLDER = Path(__file__).parents[2] / "seeds" / "demo"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ACTION = ["joint-action", "joint-action-nairobi", "joint-action-dakar", "joint-action-bogota"]


def rows(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every table as text."""
    with engine.connect() as connection:
        tables = sorted(inspect(engine).get_table_names())
        return {t: sorted(str(r) for r in connection.execute(text(f'SELECT * FROM "{t}"'))) for t in tables}


def test_loading_again_also_on_a_later_day_changes_nothing(engine: Engine):
    first = load(engine, FOLDER, desk=DESK, now=NOW)
    before = rows(engine)

    again = load(engine, FOLDER, desk=DESK, now=NOW + timedelta(days=40))

    assert first.created["people"] == 292
    assert again.unchanged
    after = rows(engine)
    assert {t for t in before if before[t] != after[t]} <= {"audit_entry"}  # a load itself is noted


def test_nothing_is_sent_by_itself_on_any_later_day(engine: Engine):
    load(engine, FOLDER, desk=DESK, now=NOW)
    done = []
    for days in (0, 1, 18, 25, 26, 40, 70, 200):
        at = NOW + timedelta(days=days)
        tools = Tools(engine, MailboxTransport(), _composer(), DESK, "seeds", lambda at=at: at)
        done.append(run_until_idle(tools))

    assert done == [292, *[0] * 7]  # the 292 people are compared with each other, once
    with reading(engine) as session:
        assert mail_store.read_local_letters(session) == []


def test_the_sample_project_is_whole(engine: Engine):
    load(engine, FOLDER, desk=DESK, now=NOW)

    with reading(engine) as session:
        (project,) = events.read_projects(session)
        found = events.read_events(session, project.id)
        funnels = {e.slug: invitation_funnels.funnel(session, e.id) for e in found}
        plan = dissemination.read_plan(session, project.id)
        everyone = people.read_people(session, limit=1000).items
    by_state = {s: [e.slug for e in found if e.state is s] for s in EventState}
    assert by_state[EventState.CLOSED][-4:] == ["launch", "seminar-1", "seminar-2", "seminar-3"]
    assert Counter(e.kind.value for e in found) == {
        "inception": 1, "brainstorm": 2, "facilitated_meeting": 2, "focus_group": 4, "interview": 35,
        "recall_session": 2, "launch": 1, "seminar": 6, "briefing": 1,
        "meeting": 4,
    }  # fmt: skip
    interviews = [e for e in found if e.kind is EventKind.INTERVIEW]
    assert Counter(e.mode.value for e in interviews) == {"email": 15, "in_person": 20}
    assert all(funnels[e.slug]["invited"] == 1 and e.is_discreet for e in interviews)
    assert by_state[EventState.ANNOUNCED] == ["briefing-parliament", "seminar-4", "seminar-5"]
    assert by_state[EventState.DRAFT] == ["seminar-6", *ACTION]
    assert all(e.ends_at < NOW for e in found if e.state is EventState.CLOSED)
    ahead = [e for e in found if e.state is not EventState.CLOSED and e.slug != "briefing-parliament"]
    assert all(e.starts_at > NOW for e in ahead)
    waits = next(e for e in found if e.slug == "briefing-parliament")
    assert waits.ends_at < NOW
    assert funnels[waits.slug]["accepted"] > funnels[waits.slug]["present"] == 0
    launch = funnels["launch"]
    assert launch["invited"] > launch["delivered"] > launch["accepted"] > launch["present"] > 50
    assert (len(plan), len(everyone), sum(p.at_risk for p in everyone)) == (14, 292, 3)
    assert {p.email.rpartition("@")[2] for p in everyone} == {"example.org", "example.net", "example.com"}
    assert project.is_sample


def test_the_sample_campaign_is_there(engine: Engine):
    load(engine, FOLDER, desk=DESK, now=NOW)

    with reading(engine) as session:
        (project,) = events.read_projects(session)
        kinds = {"stances": STANCES, "messages": MESSAGES, "lessons": LESSONS, "grants": GRANTS}
        counts = {name: len(drawer.read_all(session, project.id)) for name, drawer in kinds.items()}
        launch, umbrella = (events.read_event_by_slug(session, slug) for slug in ("launch", "joint-action"))
        assert launch
        assert umbrella
        places = read_quotas(session, launch.id)
        local = [event.slug for event, _numbers in together.read_action(session, umbrella).local]
    assert counts == {"stances": 10, "messages": 4, "lessons": 10, "grants": 5}
    assert places == {"civil_society": 60, "policy": 40, "academia": 10, "press": 10}
    assert local == ACTION[1:]


def test_the_importer_refuses_no_row_of_the_people_file(engine: Engine):
    load(engine, FOLDER, desk=DESK, now=NOW)

    with reading(engine) as session:
        counts = [batch.counts for batch in imports.read_imports(session)]
    assert sum(c["refuse"] for c in counts) == 0
    assert sum(c["create"] for c in counts) == 292


def test_a_folder_without_seeds_is_refused_by_name(engine: Engine, tmp_path: Path):
    with pytest.raises(NoSeeds) as refused:
        load(engine, tmp_path, desk=DESK, now=NOW)

    assert "project.toml" in str(refused.value)
