"""What guests say after an event in the figures, computed by hand: surveys, usefulness, commitments, use."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import delete, insert
from sqlmodel import Session

from service.db.types import columns
from service.dissemination import actions, manual
from service.dissemination.proving import Claim
from service.dissemination.store.commitments import read_lines
from service.dissemination.tables.figures import InvitationTally
from service.dissemination.tables.results import EvidenceFile
from service.dissemination.values.figures import Dimension, ReleaseState
from service.events.values import Event
from service.invitations import actions as invitation_actions
from service.invitations import surveys
from service.invitations.survey_form import Progress
from service.kernel.ids import new_id
from service.letters import actions as letters
from service.letters import chain, store
from service.privacy import actions as privacy
from service.privacy.retaining import remove_invitations
from tests.factories import DESK, STAFF, add_event, add_list, add_people
from tests.letters.test_actions import sent
from tests.letters.test_chain import BY, CLOSED, day, run

CHAPTERS = {"chapter-1": "Working with governments"}
IDS = ("E9", "E10", "U6", "U7", "U8")
# Five came and were asked. Four answered, three of them with a mark: 5, 4 and 2. Two made a commitment and were asked
# about it: one is done. Two told whether they used it: one did.
EXPECTED = {"E9": (4, 5), "E10": (2, 3), "U6": (2, 5), "U7": (1, 2), "U8": (1, 2)}
SAID = (
    {"usefulness": "5", "promise": "Train my team", "due_on": "2027-03-01", "may_ask": "yes"},
    {"usefulness": "4", "promise": "Call Bo", "due_on": "2027-03-01", "may_ask": "yes"},
    {"usefulness": "2"},
    {"words": "Thank you"},
)


def held(session: Session, *, is_anonymous: bool = False) -> tuple[Event, list[str]]:
    """A seminar to which five came, with all that they said afterwards."""
    event = add_event(session)
    guests = add_list(session, add_people(session, 5))
    done = letters.invite_list(session, event.id, guests, now=event.announced_at, **BY)
    ids = sent(session, done.mailing_id)
    for invitation_id in ids:
        invitation_actions.record_attendance(session, invitation_id, "present", now=event.starts_at, actor=STAFF)
    chain.close_event(session, event.id, now=CLOSED, actor=STAFF)
    chain.set_up(session, event.id, is_anonymous=is_anonymous, materials=[], now=CLOSED, **BY)
    chain.approve(session, event.id, now=CLOSED, **BY)
    run(session, event, day(2))
    for invitation_id, said in zip(ids, SAID, strict=False):
        surveys.answer(session, invitation_id, said, now=day(3))
    run(session, event, day(90))
    surveys.check(session, ids[0], {"state": "done", "used": "yes", "chapter": "chapter-1"}, CHAPTERS, now=day(91))
    surveys.check(session, ids[1], {"state": "not_yet", "used": "no"}, CHAPTERS, now=day(91))
    return event, ids


def figures(session: Session, event: Event, now: datetime) -> dict[str, tuple[object, object]]:
    view = actions.live_figures(session, event.project_id, "internal", now)
    return {one: (view.figure(one).numerator, view.figure(one).denominator) for one in IDS}


@pytest.mark.parametrize("is_anonymous", [False, True], ids=["with names", "without"])
def test_what_guests_say_is_counted(session, is_anonymous):
    event, _ids = held(session, is_anonymous=is_anonymous)

    assert figures(session, event, day(92)) == EXPECTED


def test_nothing_said_is_no_figure(session):
    event = add_event(session)

    view = actions.live_figures(session, event.project_id, "internal", day(92))

    assert [view.figure(one).value for one in IDS] == [None] * 5


def test_what_guests_say_stands_by_event_audience_mark_and_chapter(session):
    event, ids = held(session)

    view = actions.live_figures(session, event.project_id, "internal", day(92))
    remove_invitations(session, event.id, ids, now=day(95))
    later = actions.live_figures(session, event.project_id, "internal", day(96))

    found = {one: _rows(view, one) for one in IDS}
    assert found == {
        "E9": {("event", event.title): (4, 5)},
        "E10": {("event", event.title): (2, 3), ("answer", "5"): 1, ("answer", "4"): 1, ("answer", "2"): 1},
        "U6": {("audience", "Not stated"): (2, 5), ("event", event.title): (2, 5)},
        "U7": {
            ("audience", "Not stated"): (1, 2),
            ("event", event.title): (1, 2),
            ("proof", "Not shown by a file"): 1,
        },
        "U8": {("event", event.title): (1, 2)},
    }
    assert _rows(later, "E10") == {
        ("event", event.title): (2, 3),
        ("answer", "4 or 5, not told apart"): 2,
        ("answer", "1 to 3, not told apart"): 1,
    }


def _rows(view, indicator):
    return {
        (one.dimension.value, one.label): one.value if one.denominator is None else (one.numerator, one.denominator)
        for one in view.figure(indicator).cells
        if one.text not in ("0", "n/a")
    }


def test_paper_forms_given_by_hand_stand_beside_it(session):
    event, _ids = held(session)
    paper = {"on_day": "2027-02-01", "basis": "counted", "evidence": "Box 3"}
    for indicator, amount, out_of in (("E9", 6, 15), ("U7", 0, 1)):
        wishes = {**paper, "indicator": indicator, "amount": amount, "out_of": out_of}
        manual.give(session, event.project_id, wishes, now=day(92), actor=STAFF)

    assert figures(session, event, day(92)) == EXPECTED | {"E9": (10, 20), "U7": (1, 3)}


@pytest.mark.parametrize("is_anonymous", [False, True], ids=["with names", "without"])
def test_the_figures_stay_when_someone_is_forgotten_and_when_all_are_deleted(session, is_anonymous):
    event, ids = held(session, is_anonymous=is_anonymous)
    address = store.read_recipients(session, [ids[0]])[ids[0]].address

    privacy.forget(session, address, address_key=DESK.address_key, now=day(93), actor=STAFF)
    after_one = figures(session, event, day(94))
    remove_invitations(session, event.id, ids[1:], now=day(95))
    after_all = figures(session, event, day(96))

    assert (after_one, after_all) == (EXPECTED, EXPECTED)


def test_a_commitment_that_is_not_due_or_was_not_asked_about_does_not_count_as_open(session):
    event, ids = held(session)
    surveys.answer(session, ids[2], {"promise": "Write", "due_on": "2027-02-20"}, now=day(10))

    assert figures(session, event, day(92))["U6"] == (3, 5)
    assert figures(session, event, day(92))["U7"] == (1, 2)


def test_a_kept_commitment_that_a_file_shows_is_told_so_and_stays_when_all_are_deleted(session):
    event, ids = held(session)
    (kept,) = [one for one in read_lines(session, event.project_id) if one.commitment.state is Progress.DONE]
    session.execute(insert(EvidenceFile).values(_file(event.project_id, kept.commitment.id)))

    before = _proof(session, event, day(92))
    remove_invitations(session, event.id, ids, now=day(95))
    after = _proof(session, event, day(96))
    session.execute(delete(InvitationTally).where(columns(InvitationTally).name == "commitments_shown"))
    kept_long_ago = _proof(session, event, day(96))

    assert before == after == ["Shown by a file"]
    assert kept_long_ago == []  # as before it was kept: nothing is said


def _file(project_id, commitment_id):
    about = {"id": new_id(), "project_id": project_id, "kind": Claim.COMMITMENT.value, "record_id": commitment_id}
    what = {"ending": "pdf", "size": 1, "sha256": "0" * 64, "note": "The programme", "names_people": False}
    return {**about, **what, "added_by": STAFF, "added_at": CLOSED, "content": b"sealed"}


def _proof(session, event, now):
    cells = actions.live_figures(session, event.project_id, "internal", now).figure("U7").by(Dimension.PROOF)
    return [cell.label for cell in cells.values() if cell.value]


def test_of_few_people_others_see_bands(session):
    event, _ids = held(session)

    view = actions.live_figures(session, event.project_id, "donor", day(92))

    assert {view.figure(one).release_state for one in IDS} == {ReleaseState.TOTAL_ONLY}
    assert {view.figure(one).numerator for one in ("E9", "E10", "U7")} == {"<5"}
