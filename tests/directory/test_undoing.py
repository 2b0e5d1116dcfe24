"""An import taken back: everything as before, but for what people have done since, on both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select, update
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.db.types import columns
from service.directory import undoing
from service.directory.values import Undoing
from service.kernel.ids import new_id
from service.letters import actions as letters
from service.mail import actions as mail
from service.mail.values import Letter, NewMailing, Semantics
from service.people import actions, imports, private, store
from service.people.rules.imports import ImportClosed, TooLate
from service.people.store import history
from service.people.tables import ConsentRecord, Membership, Organisation, Person, PersonChange
from service.people.values import ImportState, ImportView
from tests.factories import DESK, NOW, RING, STAFF, add_event
from tests.people.test_imports import KEY, LATER, apply, many, preview, run, setting

AFTER = LATER + timedelta(days=1)
FILE = (
    b"Name,E-mail,Organisation,Country,Tags,Notes\n"
    b"Maria A. Achieng,maria@example.org,Fjord Institute,UG,speaker,Likes tea\n"
    b"Tomas,tomas@example.org,Halden Trust,EC,,\nNew One,new1@example.org,Brand New,KE,,Met in Quito\n"
    b"New Two,new2@example.org,,,,\n"
)


def undo(engine: Engine, view: ImportView) -> ImportView:
    """Press Undo and do the duty until it is done."""
    with writing(engine) as session:
        undoing.start_undo(session, view.id, now=AFTER, actor=STAFF)
    while undoing.undo_chunk(engine, view.id, now=AFTER):
        pass
    with reading(engine) as session:
        return imports.read_import(session, view.id)


def dump(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Return all that is held on people, but for when they were last written."""
    with reading(engine) as session:
        return {
            table.__tablename__: sorted(
                (
                    {name: value for name, value in row.items() if name not in ("updated_at", "folded")}
                    for row in session.execute(select(*columns(table))).mappings()
                ),
                key=repr,
            )
            for table in (Person, Organisation, Membership)
        }


def known(engine: Engine, list_id: str) -> dict[str, str]:
    """Make two people who are known already, one of them on the list; return their ids by name."""
    with writing(engine) as session:
        fields = {"organisation": "Halden Trust", "country": "KE", "tags": ["author"]}
        maria = actions.create_person(
            session, {"name": "Maria Achieng", "email": "maria@example.org", **fields}, now=NOW, actor=STAFF
        )
        tomas = actions.create_person(session, {"name": "Tomas", "email": "tomas@example.org"}, now=NOW, actor=STAFF)
        session.execute(insert(Membership).values(list_id=list_id, person_id=tomas.id, basis=None, joined_at=NOW))
    return {"Maria": maria.id, "Tomas": tomas.id}


def id_of(session: Session, address: str) -> str:
    return str(store.find_person(session, address))


def test_all_is_as_before(engine: Engine) -> None:
    list_id = setting(engine)
    people = known(engine, list_id)
    before = dump(engine)

    view = run(engine, FILE, list_id=list_id, basis="consent")
    assert view.counts == {"create": 2, "update": 2, "merge": 0, "skip": 0, "refuse": 0}
    after = undo(engine, view)

    assert dump(engine) == before
    assert (after.state, after.applied_through) == (ImportState.UNDONE, 0)
    assert after.reading["undo"] == {"removed": 2, "stay": 0, "put_back": 2}
    with reading(engine) as session:
        said = [(c["source"], c["withdrawn"]) for c in store.read_consents(session, people["Maria"])]
        assert sorted(said, key=str) == [("card, Geneva", False), ("import taken back", True)]
        told = history.read_changes(session, people["Maria"])
        assert {c.field for c in told if c.actor == f"undo:{view.id}"} == {
            *("name", "organisation", "country", "tags", "notes")
        }


def changed(session: Session, person_id: str) -> None:
    actions.update_person(session, person_id, {"role": "Dean"}, now=AFTER, actor=STAFF)


def invited(session: Session, person_id: str) -> None:
    letters.invite_people(session, add_event(session).id, [person_id], desk=DESK, now=NOW, actor=STAFF)


def put_elsewhere(session: Session, person_id: str) -> None:
    other = actions.create_list(session, name="Others", now=NOW, actor=STAFF).id
    session.execute(insert(Membership).values(list_id=other, person_id=person_id, basis="consent", joined_at=AFTER))


def withdrew(session: Session, person_id: str) -> None:
    row = {"purpose": "events", "basis": "consent", "withdrawn": True, "at": AFTER}
    session.execute(insert(ConsentRecord).values(id=new_id(), person_id=person_id, **row))


def written_to(session: Session, person_id: str) -> None:
    new = NewMailing("project:1", "message", "events", None, Semantics.AT_LEAST_ONCE, {}, {})
    letter = Letter(person_id, "new1@example.org", "en", {}, None)
    mail.dispatch(session, new, [letter], address_key=KEY, undo_seconds=0, now=NOW, actor=STAFF)


@pytest.mark.parametrize("since", [changed, invited, put_elsewhere, withdrew, written_to])
def test_whoever_is_in_use_since_stays_with_all_that_is_known(
    engine: Engine, since: Callable[[Session, str], None]
) -> None:
    list_id = setting(engine)
    view = run(engine, FILE, list_id=list_id, basis="consent")
    with writing(engine) as session:
        since(session, id_of(session, "new1@example.org"))
    with reading(engine) as session:
        assert undoing.plan_undo(session, view.id) == Undoing(going=3, staying=1, put_back=0)

    after = undo(engine, view)

    assert after.reading["undo"] == {"removed": 3, "stay": 1, "put_back": 0}
    with reading(engine) as session:
        (stays,) = store.read_people(session).items
        assert (stays.email, stays.organisation) == ("new1@example.org", "Brand New")
        assert list_id in {m.list_id for m in session.execute(select(columns(Membership).list_id)).all()}


def test_a_field_that_someone_changed_since_stays_as_it_is(engine: Engine) -> None:
    list_id = setting(engine)
    people = known(engine, list_id)
    view = run(engine, FILE)
    with writing(engine) as session:
        news = {"name": "Maria Achieng-Lund", "tags": ["author", "speaker", "chair"], "notes": "Likes coffee"}
        actions.update_person(session, people["Maria"], news, now=AFTER, actor=STAFF, ring=RING)  # type: ignore[arg-type]

    undo(engine, view)

    with reading(engine) as session:
        maria = store.read_person(session, people["Maria"])
        notes = private.read_private(session, maria.id, ring=RING).notes
    assert (maria.name, maria.country, maria.organisation) == ("Maria Achieng-Lund", "KE", "Halden Trust")
    assert maria.tags == ("author", "chair")
    assert notes == "Likes coffee"


def test_someone_who_is_gone_since_is_no_obstacle(engine: Engine) -> None:
    people = known(engine, setting(engine))
    view = run(engine, FILE)
    with writing(engine) as session:
        for table, column in ((Membership, "person_id"), (PersonChange, "person_id"), (Person, "id")):
            session.execute(delete(table).where(columns(table)[column] == people["Tomas"]))

    assert undo(engine, view).reading["undo"] == {"removed": 2, "stay": 0, "put_back": 1}


def test_stopped_in_the_middle_it_goes_on_or_is_taken_back(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK", 20)
    with writing(engine) as session:
        view = preview(session, many(45))
        imports.start_apply(session, view.id, now=NOW, actor=STAFF)
    imports.apply_chunk(engine, view.id, address_key=KEY, now=LATER)
    with writing(engine) as session:
        assert imports.stop(session, view.id, now=NOW, actor=STAFF).state is ImportState.STOPPED
    assert imports.apply_chunk(engine, view.id, address_key=KEY, now=LATER) is False
    with reading(engine) as session:
        assert undoing.plan_undo(session, view.id) == Undoing(going=20, staying=0, put_back=0)

    apply(engine, view.id)
    with reading(engine) as session:
        assert store.count_people(session) == 45
    undo(engine, view)

    with reading(engine) as session:
        assert (store.count_people(session), len(store.read_organisations(session).items)) == (0, 0)
    acts = [entry["action"] for entry in trail(engine, view)]
    assert acts == [
        "import.undone",
        "import.applied",
        "import.started",
        "import.stopped",
        "import.started",
        "import.read",
    ]


def trail(engine: Engine, view: ImportView) -> list[dict[str, Any]]:
    with reading(engine) as session:
        return log.trail(session, f"import:{view.id}")


def test_what_cannot_be_taken_back_says_so(engine: Engine) -> None:
    with writing(engine) as session:
        waiting = preview(session, FILE)
    done = run(engine, FILE)

    with writing(engine) as session:
        with pytest.raises(ImportClosed):
            undoing.start_undo(session, waiting.id, now=NOW, actor=STAFF)
        with pytest.raises(TooLate):
            undoing.start_undo(session, done.id, now=NOW + timedelta(days=30), actor=STAFF)
        with pytest.raises(ImportClosed):
            imports.stop(session, waiting.id, now=NOW, actor=STAFF)
    undo(engine, done)
    with writing(engine) as session:
        with pytest.raises(ImportClosed):
            imports.start_apply(session, done.id, now=NOW, actor=STAFF)
        assert undoing.start_undo(session, done.id, now=NOW, actor=STAFF).state is ImportState.UNDONE


WORKER = """
import sys
from service.db.engine import make_engine
from service.directory import undoing
from service.kernel.clock import utc_now
from service import schema
engine = make_engine(sys.argv[1])
while undoing.undo_chunk(engine, sys.argv[2], now=utc_now()):
    pass
"""


def test_kill_9_while_it_is_taken_back(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK", 20)
    list_id = setting(engine)
    people = known(engine, list_id)
    before = dump(engine)
    view = run(engine, many(2000) + b"\nMaria Other,maria@example.org,,UG", list_id=list_id, basis="consent")
    with writing(engine) as session:
        undoing.start_undo(session, view.id, now=AFTER, actor=STAFF)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, database_url, view.id], cwd=Path(__file__).parents[2])
    deadline = monotonic() + 30
    while count(engine) == 2000 + len(people) and monotonic() < deadline:
        sleep(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert len(people) < count(engine) < 2000 + len(people)

    after = undo(engine, view)

    assert dump(engine) == before
    assert after.reading["undo"] == {"removed": 2000, "stay": 0, "put_back": 1}


def count(engine: Engine) -> int:
    with reading(engine) as session:
        return store.count_people(session)


NAMES = st.sampled_from(["Maria", "Tomas", "Ingrid", "Bo"])
ROW = st.tuples(
    NAMES,
    st.sampled_from(["a", "b", "c", "d", "e"]),
    st.sampled_from(["", "Halden Trust", "Fjord"]),
    st.sampled_from(["", "KE", "NO"]),
    st.sampled_from(["", "author", "author|speaker"]),
)
HEAD = "Name,E-mail,Organisation,Country,Tags\n"


def table(rows: list[tuple[str, ...]]) -> bytes:
    lines = [f"{name},{key}@example.org,{org},{country},{tags}" for name, key, org, country, tags in rows]
    return (HEAD + "\n".join(lines)).encode()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, min_size=1, max_size=6), st.lists(ROW, min_size=1, max_size=8), st.booleans())
def test_any_import_taken_back_at_once_leaves_no_trace(
    engine: Engine, first: list[tuple[str, ...]], second: list[tuple[str, ...]], joins: bool
) -> None:
    with writing(engine) as session:
        for each in (PersonChange, Membership, ConsentRecord, Person, Organisation):
            session.execute(delete(each))
        list_id = actions.create_list(session, name=new_id(), now=NOW, actor=STAFF).id
    run(engine, table(first), list_id=list_id)
    with writing(engine) as session:  # no two chunks are of one instant
        session.execute(update(Membership).values(joined_at=NOW))
        session.execute(update(Organisation).values(created_at=NOW))
    before = dump(engine)

    undo(engine, run(engine, table(second), list_id=list_id if joins else None, basis="consent" if joins else None))

    assert dump(engine) == before
