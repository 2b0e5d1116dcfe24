"""Sources and their numbers: named, asked by the duty, put in by file, printed side by side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from service.db.engine import reading, writing
from service.dissemination import actions, sources
from service.dissemination.external import Answer, Provider, Source
from service.dissemination.rendering import render
from service.dissemination.snapshots import ExternalMetric, Period
from service.dissemination.store import external as store
from service.dissemination.values.figures import Dimension
from service.kernel.errors import FarsowError
from service.worker import duties
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
TODAY = NOW.date()
BOOK = {"provider": "datacite", "reference": "10.5281/zenodo.1234567", "label": "Book, DataCite"}
VIEWS, DOWNLOADS, CITATIONS = ExternalMetric.VIEWS, ExternalMetric.DOWNLOADS, ExternalMetric.CITATIONS
NUMBERS = [
    ["Source", "Metric", "Day", "Number", "Remark"],
    ["Publisher", "downloads", "2026-12-31", "150"],
    [],
    ["Publisher", "Downloads", "2027-01-11", "151", "counted by them"],
    ["Library", "views", "2027-01-02", "0"],
]


@pytest.fixture
def world(session: Session) -> World:
    """A project, stored."""
    return store_world(session, empty_world())


def told(session: Session, world: World, period: Period | None = None) -> list[tuple[Any, ...]]:
    lines = store.read_lines(session, world.project_id, period)
    return [(one.source, one.metric.value, one.value, one.as_of, one.unavailable_on) for one in lines]


def test_a_source_is_asked_at_once_and_named_only_once(session: Session, world: World):
    first = sources.add_source(session, world.project_id, BOOK, **ACTOR)
    again = sources.add_source(session, world.project_id, {**BOOK, "label": "Another name"}, **ACTOR)

    assert again == first
    assert store.read_due(session, now=NOW) == first
    assert store.read_due(session, now=NOW - timedelta(seconds=1)) is None
    assert told(session, world) == [
        ("Book, DataCite", "views", None, None, None),
        ("Book, DataCite", "downloads", None, None, None),
        ("Book, DataCite", "citations", None, None, None),
    ]


def test_an_answer_is_kept_by_day_and_a_trouble_leaves_the_last_one(session: Session, world: World):
    source = sources.add_source(session, world.project_id, BOOK, **ACTOR)
    numbers = {VIEWS: 8, DOWNLOADS: 3, CITATIONS: 0}
    sources.note_answer(session, source, Answer(numbers, etag='"1"'), now=NOW, today=TODAY)
    later, day = NOW + timedelta(days=1), TODAY + timedelta(days=1)

    asked = store.read_source(session, world.project_id, source.id)
    sources.note_answer(session, asked, Answer(trouble="away"), now=later, today=day)

    failed = store.read_source(session, world.project_id, source.id)
    assert failed == replace(asked, trouble="away", failures=1, asked_at=later)
    assert asked == replace(source, etag='"1"', asked_at=NOW)
    assert told(session, world) == [
        ("Book, DataCite", "views", 8, TODAY, day),
        ("Book, DataCite", "downloads", 3, TODAY, day),
        ("Book, DataCite", "citations", 0, TODAY, day),
    ]
    assert store.read_due(session, now=later + timedelta(minutes=14)) is None
    assert store.read_due(session, now=later + timedelta(minutes=15)) == failed


def test_what_has_not_changed_is_true_again_today(session: Session, world: World):
    source = sources.add_source(session, world.project_id, BOOK, **ACTOR)
    numbers = {VIEWS: 8, DOWNLOADS: 3, CITATIONS: 0}
    sources.note_answer(session, source, Answer(numbers, etag='"1"'), now=NOW, today=TODAY)
    source = store.read_source(session, world.project_id, source.id)

    sources.note_answer(session, source, Answer(is_unchanged=True), now=NOW, today=TODAY + timedelta(days=1))

    assert {line[2:] for line in told(session, world)} == {(n, TODAY + timedelta(days=1), None) for n in (8, 3, 0)}
    assert store.read_source(session, world.project_id, source.id).etag == '"1"'


def test_a_source_that_is_gone_meanwhile_takes_no_answer_in(session: Session, world: World):
    source = sources.add_source(session, world.project_id, BOOK, **ACTOR)
    sources.remove_source(session, world.project_id, source.id, **ACTOR)

    sources.note_answer(session, source, Answer({VIEWS: 1}), now=NOW, today=TODAY)

    assert (told(session, world), store.read_due(session, now=NOW)) == ([], None)


def test_numbers_come_by_file_and_the_latest_of_a_period_counts(session: Session, world: World):
    count = sources.put_in_numbers(session, world.project_id, NUMBERS, **ACTOR)
    sources.put_in_numbers(session, world.project_id, NUMBERS, **ACTOR)

    assert count == 3
    assert told(session, world) == [
        ("Library", "views", 0, date(2027, 1, 2), None),
        ("Publisher", "downloads", 151, date(2027, 1, 11), None),
    ]
    assert told(session, world, Period(date(2026, 4, 1), date(2027, 1, 1))) == [
        ("Publisher", "downloads", 150, date(2026, 12, 31), None)
    ]
    assert store.read_due(session, now=NOW + timedelta(days=900)) is None


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (["", "views", "2027-01-02", "1"], "Row 2: There is no source."),
        (["A", "clicks", "2027-01-02", "1"], "Row 2: The metric is views, visitors, downloads or citations."),
        (["A", "views", "2 January", "1"], "Row 2: Give the day as year, month, day: 2027-03-31."),
        (["A", "views", "2027-01-13", "1"], "Row 2: That day has not come yet."),
        (["A", "views", "2027-01-02", "-1"], "Row 2: Give a whole number, 0 or more."),
        (["A", "views", "2027-01-02", "1.5"], "Row 2: Give a whole number, 0 or more."),
        (["A", "views"], "Row 2: Give the day as year, month, day: 2027-03-31."),
    ],
)
def test_one_wrong_row_and_nothing_is_kept(session: Session, world: World, row: list[str], sentence: str):
    good = ["A", "views", "2027-01-02", "7"]

    with pytest.raises(sources.BadNumbers) as refused:
        sources.put_in_numbers(session, world.project_id, [NUMBERS[0], row, good], **ACTOR)

    assert (refused.value.sentence, refused.value.code) == (sentence, "bad-numbers")
    assert store.read_sources(session, world.project_id) == []


@pytest.mark.parametrize("records", [[], [NUMBERS[0]], [["a", "b"], ["1", "2"]]], ids=["empty", "head", "no-columns"])
def test_a_table_without_numbers_is_refused(session: Session, world: World, records: list[list[str]]):
    with pytest.raises(FarsowError, match="first row"):
        sources.put_in_numbers(session, world.project_id, records, **ACTOR)


def test_a_report_prints_each_source_for_itself(session: Session, world: World):
    book = sources.add_source(session, world.project_id, BOOK, **ACTOR)
    site = sources.add_source(
        session, world.project_id, {**BOOK, "provider": "openalex", "label": "Book, OpenAlex"}, **ACTOR
    )
    sources.note_answer(session, book, Answer({VIEWS: 812, DOWNLOADS: 340, CITATIONS: 7}), now=NOW, today=TODAY)
    sources.note_answer(session, site, Answer(trouble="away"), now=NOW, today=TODAY)

    view = actions.freeze_snapshot(session, world.project_id, profile="public", **ACTOR)

    uses, cited = view.figure("U3"), view.figure("U4")
    assert (uses.value, {cell.label: cell.value for cell in uses.by(Dimension.SOURCE).values()}) == (
        None,
        {"Book, DataCite, views": 812, "Book, DataCite, downloads": 340},
    )
    assert (cited.value, cited.text) == (None, "Book, DataCite, citations 7")
    kept = actions.read_snapshot(session, view.snapshot_id)
    assert kept == view
    printed = render(kept, "html").decode()
    assert "not available on 12 January 2027" in printed
    assert "1,152" not in printed  # 812 + 340: nobody knows which readers they share


def test_nothing_known_is_not_nought(session: Session, world: World):
    view = actions.live_figures(session, world.project_id, "internal", NOW)

    assert [(view.figure(one).value, view.figure(one).text) for one in ("U3", "U4")] == [(None, "n/a"), (None, "n/a")]


@dataclass
class Scripted:
    """Those who count elsewhere, with answers laid out beforehand."""

    answers: list[Answer | None]
    asked: list[str] = field(default_factory=list)

    def look(self, source: Source, *, today: date) -> Answer | None:
        """Return the next answer."""
        self.asked.append(f"{source.label} {today}")
        return self.answers.pop(0)


def test_the_duty_asks_what_is_due_and_only_that(engine: Engine):
    with writing(engine) as session:
        world = store_world(session, empty_world())
        sources.add_source(session, world.project_id, BOOK, **ACTOR)
    others = Scripted([None, Answer({VIEWS: 5, DOWNLOADS: 1, CITATIONS: 0})])
    tools = _tools(engine, others, NOW)

    done = [duties.collect_statistics(tools) for _ in range(3)]

    assert (done, others.asked) == ([0, 1, 0], [f"Book, DataCite {TODAY}"] * 2)
    with reading(engine) as session:
        assert [line[2] for line in told(session, world)] == [5, 1, 0]
    assert duties.collect_statistics(replace(tools, statistics=None)) == 0


def _tools(engine: Engine, statistics: Scripted, now: datetime) -> duties.Tools:
    missing: Any = None
    return duties.Tools(engine, missing, missing, missing, "test", lambda: now, statistics=statistics)


def test_file_sources_are_never_asked(session: Session, world: World):
    sources.put_in_numbers(session, world.project_id, [NUMBERS[0], NUMBERS[-1]], **ACTOR)
    (source,) = store.read_sources(session, world.project_id)

    sources.ask_again(session, world.project_id, source.id, **ACTOR)

    assert (source.provider, store.read_due(session, now=NOW)) == (Provider.FILE, None)
