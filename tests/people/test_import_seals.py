"""Notes and telephone numbers of a file: sealed from the preview on, and given to people who have none."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from service.db.engine import reading, writing
from service.kernel.sealing import CannotOpen, FieldKey, SealRing
from service.people import actions, import_seals, imports, previewing, private, store
from service.people.headings import FIELDS
from service.people.tables import ImportRow
from service.people.values import ImportView, Private, Verdict
from tests.factories import NOW, RING, STAFF

KEY = b"k" * 32
OTHER = SealRing(FieldKey("other", bytes(range(32, 64))))
FILE = (
    "Name;E-mail;Mobile;Phone;Notes\n"
    "Ada;ada@example.org;+44 1;+44 2;knows Maria\n"
    "Bo;bo@example.org;;;\n"
    "Ada;ADA@example.org;;;second row\n"
    "Cy;cy@example.org;+44 3;;seen in \u202eAccra\n"
    "Dee;no address;+44 4;;refused\n"
    "Bo;bo@example.org;+44 5;;\n"
).encode()


def preview(engine: Engine, data: bytes = FILE, ring: SealRing | None = RING) -> ImportView:
    with writing(engine) as session:
        return previewing.preview_import(
            session, data, filename="x.csv", list_id=None, consent_basis=None, consent_source=None,
            address_key=KEY, now=NOW, actor=STAFF, ring=ring,
        )  # fmt: skip


def apply(engine: Engine, view: ImportView, ring: SealRing | None = RING) -> ImportView:
    with writing(engine) as session:
        imports.start_apply(session, view.id, now=NOW, actor=STAFF)
    while imports.apply_chunk(engine, view.id, address_key=KEY, now=NOW, ring=ring):
        pass
    with reading(engine) as session:
        return imports.read_import(session, view.id)


def held(engine: Engine, ring: SealRing = RING) -> dict[str, Private]:
    with reading(engine) as session:
        people = store.read_people(session).items
        return {p.name: private.read_private(session, p.id, ring=ring) for p in people}


def test_they_are_hidden_in_the_rows_and_given_to_new_people(engine: Engine) -> None:
    view = preview(engine)
    with reading(engine) as session:
        rows = imports.read_import_rows(session, view.id)
        cells = session.execute(select(ImportRow.row, ImportRow.sealed).where(ImportRow.sealed.is_not(None)))
        texts = {n: import_seals.read_row(cell, view.id, n, ring=RING) for n, cell in cells}

    apply(engine, view)

    assert [(r.row, r.verdict, r.fields.get("phone"), r.fields.get("notes")) for r in rows] == [
        (2, Verdict.CREATE, "•••", "•••"),
        (3, Verdict.CREATE, "•••", None),
        (4, Verdict.MERGE, None, "•••"),
        (5, Verdict.CREATE, "•••", "•••"),
        (6, Verdict.REFUSE, "•••", "•••"),
        (7, Verdict.MERGE, "•••", None),
    ]
    assert texts == {
        2: {"notes": "knows Maria", "phone": "+44 1"},
        3: {"phone": "+44 5"},
        4: {"notes": "second row"},
        5: {"notes": "seen in Accra", "phone": "+44 3"},
        6: {"notes": "refused", "phone": "+44 4"},
        7: {"phone": "+44 5"},
    }
    assert "Accra" not in str(rows)
    assert held(engine) == {
        "Ada": Private("knows Maria", "+44 1"),
        "Bo": Private(None, "+44 5"),
        "Cy": Private("seen in Accra", "+44 3"),
    }


def test_they_fill_what_is_empty_and_replace_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        given = {"name": "Ada", "email": "ada@example.org", "notes": "ours"}
        ada = actions.create_person(session, given, now=NOW, actor=STAFF, ring=RING)  # type: ignore[arg-type]
    view = preview(engine)
    with reading(engine) as session:
        (first, *_others) = imports.read_import_rows(session, view.id)

    apply(engine, view)
    again = preview(engine)

    assert (first.verdict, first.before) == (Verdict.UPDATE, {"phone": None})
    assert held(engine)["Ada"] == Private("ours", "+44 1")
    with reading(engine) as session:
        story = {(c.field, c.after, c.actor) for c in private.read_history(session, ada.id, ring=RING)}
    assert ("phone", "+44 1", f"import:{view.id}") in story
    assert (again.counts["skip"], again.counts["update"]) == (3, 0)


def test_without_the_ring_they_are_left_out(engine: Engine) -> None:
    view = apply(engine, preview(engine, ring=None), ring=None)

    assert set(held(engine).values()) == {Private()}
    with reading(engine) as session:
        assert session.execute(select(ImportRow.sealed).where(ImportRow.sealed.is_not(None))).all() == []
        assert "knows Maria" not in str(imports.read_import_rows(session, view.id))


def test_a_key_that_went_missing_in_between_leaves_them_out_and_says_so(engine: Engine) -> None:
    after = apply(engine, preview(engine), ring=OTHER)

    assert (after.state, after.reading["unopened"], sorted(held(engine))) == ("applied", 3, ["Ada", "Bo", "Cy"])
    assert set(held(engine).values()) == {Private()}


def test_the_kept_file_is_sealed_and_does_not_open_under_another_key(engine: Engine) -> None:
    view = preview(engine)

    with reading(engine) as session:
        assert list(store.imports.read_original(session, view.id, ring=RING)) == [FILE]
        with pytest.raises(CannotOpen):
            list(store.imports.read_original(session, view.id, ring=OTHER))


def test_staff_may_say_that_a_column_holds_them() -> None:
    assert {"phone", "notes"} <= set(FIELDS)
