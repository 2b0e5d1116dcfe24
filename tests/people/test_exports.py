"""Handing people out as a file, on both databases: who is in it, and what is noted of it."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from service.audit import log
from service.db.engine import reading, writing
from service.kernel.errors import Invalid
from service.people import actions, exports
from service.people.exports import SignInAgain, Taken, Why
from tests.factories import NOW, STAFF

JUST_NOW, LONG_AGO = NOW - timedelta(minutes=9), NOW - timedelta(minutes=11)


@pytest.fixture
def guests(engine: Engine) -> str:
    """A list with Maria, and with Amara who is at risk; Jos is on no list."""
    with writing(engine) as session:
        made = actions.create_list(session, name="Guests", now=NOW, actor=STAFF).id
        for name, at_risk in (("Maria", False), ("Amara", True), ("Jos", False)):
            fields = {"name": name, "email": f"{name.lower()}@example.org", "at_risk": at_risk}
            one = actions.create_person(session, fields, now=NOW, actor=STAFF)  # type: ignore[arg-type]
            if name != "Jos":
                actions.add_members(session, made, [one.id], None, now=NOW, actor=STAFF)
    return made


def names_of(engine: Engine, wish: exports.Wish, signed_in_at: datetime | None = JUST_NOW) -> tuple[list[str], Taken]:
    file = io.BytesIO()
    with reading(engine) as session:
        taken = exports.write_export(session, wish, file, signed_in_at=signed_in_at, now=NOW)
    rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))))[1:]
    return [row[0] for row in rows], taken


def test_whoever_is_at_risk_is_left_out(engine: Engine, guests: str) -> None:
    wish = exports.read_wish(wanted="csv", list_id=guests)

    assert names_of(engine, wish) == (["Maria"], Taken(1, 0, 1))
    assert names_of(engine, exports.read_wish(wanted="csv"), None) == (["Jos", "Maria"], Taken(2, 0, 1))


def test_people_at_risk_are_in_it_for_a_reason_and_a_fresh_session(engine: Engine, guests: str) -> None:
    wish = exports.read_wish(wanted="csv", text="a", list_id=guests, at_risk=True, why="emergency")

    assert names_of(engine, wish) == (["Amara", "Maria"], Taken(2, 1, 0))
    for signed_in_at in (LONG_AGO, None):
        with pytest.raises(SignInAgain):
            names_of(engine, wish, signed_in_at)


@pytest.mark.parametrize(
    "wrong", [{"wanted": "pdf"}, {"wanted": "csv", "at_risk": True}, {"wanted": "csv", "at_risk": True, "why": "fun"}]
)
def test_wish_that_cannot_be_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        exports.read_wish(**wrong)  # type: ignore[arg-type]


def test_a_reason_without_people_at_risk_takes_none_out() -> None:
    assert exports.read_wish(wanted="csv", why="law") == exports.Wish(exports.Format.CSV)


def test_more_than_one_page_is_written_whole(engine: Engine, guests: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    wish = exports.read_wish(wanted="csv", at_risk=True, why="law")

    assert names_of(engine, wish)[0] == ["Amara", "Jos", "Maria"]


def test_it_is_noted_who_took_how_many_and_nobody_is_named(engine: Engine, guests: str) -> None:
    wish = exports.read_wish(wanted="xlsx", list_id=guests, at_risk=True, why="handover")
    with writing(engine) as session:
        exports.record_export(session, wish, Taken(2, 1, 0), now=NOW, actor=STAFF)
        (entry,) = [one for one in log.trail(session, f"list:{guests}") if one["action"] == "people.exported"]

    assert entry == {
        "at": NOW,
        "actor": STAFF,
        "action": "people.exported",
        "details": {"format": "xlsx", "people": 2, "at_risk": 1, "why": Why.HANDOVER.value},
    }
