"""The life of a report through the real actions, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from service.audit.tables import AuditEntry
from service.db.types import columns
from service.dissemination import actions, issuing, quotes, shares
from service.dissemination.gate import NotReady, Reason
from service.dissemination.lifecycle import AnotherMustIssue, ReportMoved, TooLong, UnknownGrade, WrongState
from service.dissemination.rendering import FORMATS, render
from service.dissemination.rules import PeriodsOverlap
from service.dissemination.sharing import NotIssued
from service.dissemination.snapshots import Grade, Narrative, Period, State, from_json, seal, to_json
from service.dissemination.tables.plan import PlanLine
from service.kernel.errors import FarsowError
from tests.dissemination.worlds import NOW, World, random_world, store_world
from tests.web.plans import small_world

ADA, BO = "staff:01ada", "staff:01bo"
LATER = NOW + timedelta(days=1)
WORDS = {"summary": "We began.\nMany came.", "changes": "Letters went late.", "next_steps": "Six more."}


def begin(session: Session, world: World, profile: str = "donor") -> str:
    return actions.freeze_snapshot(session, world.project_id, profile=profile, now=NOW, actor=ADA).snapshot_id


def issue(session: Session, report: str, actor: str = ADA, *, four_eyes: bool = False, waived: bool = False) -> None:
    issuing.review(session, report, now=LATER, actor=actor)
    issuing.issue(session, report, waived=waived, four_eyes=four_eyes, now=LATER, actor=actor)


def test_words_are_frozen_with_the_figures_and_sealed_anew(session: Session):
    report = begin(session, store_world(session, small_world()))
    before = actions.read_snapshot(session, report)

    written = issuing.write_words(session, report, WORDS, grade="final", seen=before.sha256, now=LATER, actor=BO)

    words = Narrative(WORDS["summary"], "", WORDS["changes"], WORDS["next_steps"])
    assert written == replace(before, narrative=words, grade=Grade.FINAL, sha256=seal(to_json(written)))
    assert actions.read_snapshot(session, report) == written
    line = issuing.read_line(session, report)
    assert (line.state, line.created_by, line.written_by, line.sha256) == (State.DRAFT, ADA, BO, written.sha256)


def test_a_report_goes_from_draft_to_reviewed_to_issued_and_leaves_a_trace(session: Session):
    report = begin(session, store_world(session, small_world()))

    issuing.review(session, report, now=LATER, actor=BO)
    issuing.reopen(session, report, now=LATER, actor=BO)
    issuing.review(session, report, now=LATER, actor=BO)
    issuing.issue(session, report, four_eyes=False, now=LATER, actor=BO)

    line = issuing.read_line(session, report)
    facts = (line.state, line.reviewed_by, line.reviewed_at, line.issued_by, line.issued_at)
    assert facts == (State.ISSUED, BO, LATER, BO, LATER)
    c = columns(AuditEntry)
    found = session.execute(select(c.actor, c.action).where(c.subject == f"snapshot:{report}").order_by(c.id))
    assert sorted(map(tuple, found)) == [
        (ADA, "snapshot.frozen"),
        (BO, "report.issued"),
        (BO, "report.reopened"),
        (BO, "report.reviewed"),
        (BO, "report.reviewed"),
    ]


def test_a_report_that_shares_days_with_an_issued_one_is_neither_begun_nor_issued(session: Session):
    world = store_world(session, small_world())
    spring, summer = (Period(date(2026, a, 1), date(2026, b, 1)) for a, b in ((4, 7), (6, 9)))

    def begun(period: Period) -> str:
        given = {"profile": "donor", "now": NOW, "actor": ADA}
        return actions.freeze_snapshot(session, world.project_id, period=period, **given).snapshot_id

    first, second = begun(spring), begun(summer)
    for report in (first, second):
        issuing.review(session, report, now=LATER, actor=BO)
    issuing.issue(session, first, four_eyes=False, now=LATER, actor=BO)

    with pytest.raises(PeriodsOverlap):
        begun(summer)
    with pytest.raises(PeriodsOverlap):
        issuing.issue(session, second, four_eyes=False, now=LATER, actor=BO)
    assert issuing.read_line(session, second).state is State.REVIEWED
    assert begun(Period(spring.starts_on, summer.ends_on))


STEPS = {
    "write": lambda session, report: issuing.write_words(session, report, WORDS, grade="interim", now=LATER, actor=ADA),
    "count": lambda session, report: issuing.count_anew(session, report, now=LATER, actor=ADA),
    "review": lambda session, report: issuing.review(session, report, now=LATER, actor=ADA),
    "reopen": lambda session, report: issuing.reopen(session, report, now=LATER, actor=ADA),
    "issue": lambda session, report: issuing.issue(session, report, four_eyes=False, now=LATER, actor=ADA),
}


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        ((), {"reopen", "issue"}),
        (("review",), {"write", "count", "review"}),
        (("review", "reopen"), {"reopen", "issue"}),
        (("review", "issue"), set(STEPS)),
    ],
    ids=["draft", "reviewed", "opened again", "issued"],
)
def test_only_a_draft_is_changed_and_only_a_reviewed_one_issued(
    session: Session, steps: tuple[str, ...], refused: set[str]
):
    report = begin(session, store_world(session, small_world()))
    for step in steps:
        STEPS[step](session, report)

    found = set()
    for step in sorted(refused):
        try:
            STEPS[step](session, report)
        except WrongState:
            found.add(step)
    assert found == refused


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grade": "last"}, UnknownGrade),
        ({"seen": "0" * 64}, ReportMoved),
        ({"words": {"summary": "x" * 4001}}, TooLong),
    ],
    ids=["grade", "another draft", "too long"],
)
def test_words_that_cannot_be_kept_change_nothing(session: Session, changes: dict[str, str], error: type[FarsowError]):
    report = begin(session, store_world(session, small_world()))
    given = {"words": WORDS, "grade": "interim", "seen": None, **changes}

    with pytest.raises(error):
        issuing.write_words(session, report, now=LATER, actor=ADA, **given)  # type: ignore[arg-type]

    assert actions.read_snapshot(session, report).narrative == Narrative()


def test_a_draft_that_changed_since_it_was_read_is_not_closed(session: Session):
    report = begin(session, store_world(session, small_world()))
    seen = issuing.read_line(session, report).sha256
    issuing.write_words(session, report, WORDS, grade="interim", now=LATER, actor=BO)

    with pytest.raises(ReportMoved):
        issuing.review(session, report, seen=seen, now=LATER, actor=ADA)


def test_a_final_report_waits_for_the_plan_and_goes_when_its_figures_are_taken_again(session: Session):
    world = store_world(session, small_world())
    report = begin(session, world)
    issuing.write_words(session, report, WORDS, grade="final", now=LATER, actor=ADA)
    with pytest.raises(NotReady) as told:
        issue(session, report)
    assert [(one.reason, one.what) for one in told.value.refusals] == [(Reason.UNFINISHED, ("Radio talk",))]

    c = columns(PlanLine)
    session.execute(update(PlanLine).where(c.key == "radio").values(status="cancelled"))
    issuing.reopen(session, report, now=LATER, actor=ADA)
    counted = issuing.count_anew(session, report, now=LATER, actor=ADA)
    issue(session, report)

    assert counted.narrative.summary == WORDS["summary"]
    assert (counted.grade, counted.cutoff, counted.snapshot_id) == (Grade.FINAL, LATER, report)
    assert counted.period == Period(world.project["starts_on"], LATER.date() + timedelta(days=1))
    assert issuing.read_line(session, report).state is State.ISSUED


def test_words_that_may_name_someone_want_a_yes_and_a_whole_name_never_goes(session: Session):
    world = small_world()
    world.people[0]["name"] = "Maria Achieng"
    store_world(session, world)
    report = begin(session, world)
    issuing.write_words(session, report, {"summary": "Achieng Valley came."}, grade="interim", now=NOW, actor=ADA)

    with pytest.raises(NotReady) as told:
        issue(session, report)
    assert [one.reason for one in told.value.refusals] == [Reason.MAY_NAME_SOMEONE]
    issuing.issue(session, report, waived=True, four_eyes=False, now=LATER, actor=ADA)

    other = begin(session, world, "public")
    issuing.write_words(session, other, {"summary": "Maria Achieng came."}, grade="interim", now=NOW, actor=ADA)
    with pytest.raises(NotReady):
        issue(session, other, waived=True)


def test_where_four_eyes_are_wanted_who_drafted_or_wrote_does_not_issue(session: Session):
    report = begin(session, store_world(session, small_world()))
    issuing.write_words(session, report, WORDS, grade="interim", now=NOW, actor=BO)

    for writer in (ADA, BO):
        with pytest.raises(AnotherMustIssue):
            issuing.review(session, report, now=LATER, actor=ADA) and issuing.issue(
                session, report, four_eyes=True, now=LATER, actor=writer
            )
        issuing.reopen(session, report, now=LATER, actor=ADA)
    issue(session, report, "staff:01cy", four_eyes=True)

    assert issuing.read_line(session, report).issued_by == "staff:01cy"


def test_issuing_another_supersedes_the_last_of_its_profile_and_its_address_leads_on(session: Session):
    world = store_world(session, small_world())
    first, public = begin(session, world), begin(session, world, "public")
    with pytest.raises(NotIssued):
        shares.share(session, first, days=30, now=LATER, actor=ADA)
    issue(session, first)
    issue(session, public)
    secret = shares.share(session, first, days=30, now=LATER, actor=ADA)
    before = {format: render(actions.read_snapshot(session, first), format) for format in FORMATS}
    assert shares.open_shared(session, secret, now=LATER)[1].snapshot_id == first

    second = issuing.succeed(session, first, now=LATER, actor=ADA).snapshot_id
    assert shares.open_shared(session, secret, now=LATER)[1].snapshot_id == first
    issue(session, second)

    states = {line.id: line.state for line in actions.read_snapshots(session, world.project_id)}
    assert states == {first: State.SUPERSEDED, second: State.ISSUED, public: State.ISSUED}
    assert issuing.read_line(session, first).superseded_by == second
    assert shares.open_shared(session, secret, now=LATER)[1].snapshot_id == second
    assert {format: render(actions.read_snapshot(session, first), format) for format in FORMATS} == before


def test_figures_taken_before_another_report_was_issued_are_out_of_date(session: Session):
    world = store_world(session, random_world(3, people=150))
    late, first = begin(session, world), begin(session, world)
    issue(session, first)

    with pytest.raises(NotReady) as told:
        issue(session, late)

    assert Reason.OUT_OF_DATE in [one.reason for one in told.value.refusals]


def test_a_report_of_the_older_schema_keeps_its_seal(session: Session):
    world = store_world(session, small_world())
    view = actions.read_snapshot(session, begin(session, world))
    old = {
        name: part
        for name, part in to_json(view).items()
        if name not in ("grade", "narrative", "plan", "quotes", "outcomes", "studies", "use", "print", "sha256")
    }
    old["schema_version"] = 1
    old["targets"] = [
        {name: part for name, part in one.items() if name not in ("milestones", "weight", "risk")}
        for one in old["targets"]
    ]
    old["sha256"] = seal(old)

    read = from_json(old)

    assert to_json(read) == old
    assert read.narrative == Narrative()


def test_a_quote_is_printed_while_its_consent_holds_and_stops_the_report_once_it_is_taken_back(session: Session):
    world = store_world(session, small_world())
    until = (NOW.date() + timedelta(days=90)).isoformat()
    consent = {"words": "We began again.", "uses": ["donor"], "until": until, "attribution": "anonymous"}
    told = {"agreed_on": NOW.date().isoformat(), "agreed_how": "On a form"}
    quote = quotes.add_quote(session, world.project_id, {**consent, **told}, now=NOW, actor=ADA)
    report = begin(session, world)
    assert [one.words for one in actions.read_snapshot(session, report).quotes] == ["We began again."]
    assert "We began again." in render(actions.read_snapshot(session, report), "html").decode()

    quotes.withdraw(session, world.project_id, quote.id, now=NOW, actor=ADA)
    with pytest.raises(NotReady) as refused:
        issue(session, report)
    issuing.reopen(session, report, now=LATER, actor=ADA)
    issuing.count_anew(session, report, now=LATER, actor=ADA)
    issue(session, report)

    assert [(one.reason, one.what) for one in refused.value.refusals] == [(Reason.NO_CONSENT, ("“We began again.”",))]
    assert actions.read_snapshot(session, report).quotes == ()
