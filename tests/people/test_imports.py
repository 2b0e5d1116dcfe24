"""A file from preview to people, on both databases: verdicts, chunks, crashes, second presses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.kernel.errors import FarsowError
from service.kernel.sealing import FieldKey, SealRing
from service.mail import actions as mail
from service.mail.values import SuppressionReason
from service.people import actions, imports, organisations, previewing, rereading, store
from service.people.rules.imports import ImportClosed
from service.people.store import history
from service.people.tables import ImportOriginal
from service.people.values import Basis, ImportState, ImportView, Reason, Ruling, Verdict
from service.privacy import resealing
from tests.factories import NOW, RING, STAFF

KEY = b"k" * 32
LATER = NOW + timedelta(hours=1)
MESSY = (
    "Name;E-mail;Organisation;Country;Passport no;Audience rank\r\n"
    "Maria Achieng;Maria@Example.org;Halden Trust;Kenya;A1;1\r\n"
    'Tomás Rivadeneira;"tomas@example.org; t2@example.org";Fjord Institute;Ecuador;A2;2\r\n'
    "Ingrid Solheim;ingrid@example.org;Fjord Institute;Narnia;;\r\n"
    "M. Achieng;MARIA@example.org;;U.K.;;\r\n"
    "H. Penhale;hpenhale(at)example;;UK;;\r\n"
    "Layla Mansour;layla@example.org;Halden Trust;England;;1\r\n"
).encode("cp1252")


def preview(session: Session, data: bytes, *, list_id: str | None = None, basis: str | None = None) -> ImportView:
    return previewing.preview_import(
        session,
        data,
        filename="contacts.csv",
        list_id=list_id,
        consent_basis=basis,
        consent_source="card, Geneva" if basis else None,
        address_key=KEY,
        now=NOW,
        actor=STAFF,
        ring=RING,
    )


def apply(engine: Engine, import_id: str) -> int:
    """Press Import and do the duty until it is done; return how many chunks had more after them."""
    with writing(engine) as session:
        imports.start_apply(session, import_id, now=NOW, actor=STAFF)
    chunks = 0
    while imports.apply_chunk(engine, import_id, address_key=KEY, now=LATER, ring=RING):
        chunks += 1
    return chunks


def run(engine: Engine, data: bytes, *, list_id: str | None = None, basis: str | None = None) -> ImportView:
    with writing(engine) as session:
        view = preview(session, data, list_id=list_id, basis=basis)
    apply(engine, view.id)
    with reading(engine) as session:
        return imports.read_import(session, view.id)


def setting(engine: Engine) -> str:
    """Make three audiences and a list; return the list's id."""
    with writing(engine) as session:
        for rank, name in enumerate(("Civil society", "Officials", "Academia"), 1):
            actions.create_audience(session, rank=rank, name=name, now=NOW, actor=STAFF)
        return actions.create_list(session, name="Guests", now=NOW, actor=STAFF).id


def suppress(engine: Engine, address: str, scope: str, reason: SuppressionReason) -> None:
    with writing(engine) as session:
        mail.suppress(session, address, scope, reason, address_key=KEY, now=NOW, actor=STAFF)


def people_of(engine: Engine) -> list[tuple[object, ...]]:
    with reading(engine) as session:
        people = store.read_people(session, limit=1000).items
    return [(p.name, p.email, p.organisation, p.country, p.audience, p.other_emails, p.source) for p in people]


def rows_of(engine: Engine, import_id: str) -> list[Ruling]:
    with reading(engine) as session:
        return imports.read_import_rows(session, import_id, limit=1000)


def verdicts_of(engine: Engine, import_id: str) -> list[tuple[int, Verdict, Reason | None]]:
    return [(r.row, r.verdict, r.reason) for r in rows_of(engine, import_id)]


def test_messy_file_is_read_judged_and_stores_nobody(engine: Engine) -> None:
    list_id = setting(engine)

    with writing(engine) as session:
        view = preview(session, MESSY, list_id=list_id, basis="consent")

    assert (view.state, view.counts, view.rows, view.people) == (
        ImportState.PREVIEW,
        {"create": 4, "update": 0, "merge": 1, "skip": 0, "refuse": 1},
        6,
        4,
    )
    assert view.reading == {
        "encoding": "Windows-1252",
        "sheet": "",
        "other_sheets": [],
        "sheets": [],
        "delimiter": ";",
        "has_heading": True,
        "heading_row": 1,
        "columns": [
            {"letter": "A", "heading": "Name", "field": "name"},
            {"letter": "B", "heading": "E-mail", "field": "email"},
            {"letter": "C", "heading": "Organisation", "field": "organisation"},
            {"letter": "D", "heading": "Country", "field": "country"},
            {"letter": "E", "heading": "Passport no", "field": None},
            {"letter": "F", "heading": "Audience rank", "field": "audience"},
        ],
        "left_out": [{"letter": "E", "heading": "Passport no"}],
        "countries": {"GB": ["England", "U.K.", "UK"]},
        "remembered": False,
        "look": 2,
    }
    assert verdicts_of(engine, view.id) == [
        (2, Verdict.CREATE, None),
        (3, Verdict.CREATE, None),
        (4, Verdict.CREATE, None),
        (5, Verdict.MERGE, Reason.SAME_ADDRESS),
        (6, Verdict.REFUSE, Reason.BAD_ADDRESS),
        (7, Verdict.CREATE, None),
    ]
    with reading(engine) as session:
        looks = imports.read_import_rows(session, view.id, look=True)
        refused = imports.read_import_rows(session, view.id, Verdict.REFUSE)
        rest = imports.read_import_rows(session, view.id, after_row=4, limit=2)
        assert store.count_people(session) == 0
    assert [(r.row, r.notes) for r in looks] == [
        (3, ((Reason.TWO_ADDRESSES, "t2@example.org"),)),
        (4, ((Reason.UNKNOWN_COUNTRY, "Narnia"),)),
    ]
    assert [(r.row, r.notes) for r in refused] == [(6, ((Reason.BAD_ADDRESS, "The address has no @."),))]
    assert [r.row for r in rest] == [5, 6]


def test_applying_makes_people_members_and_consent(engine: Engine) -> None:
    list_id = setting(engine)

    view = run(engine, MESSY, list_id=list_id, basis="consent")

    assert (view.state, view.applied_at, view.counts["create"]) == (ImportState.APPLIED, LATER, 4)
    card = "card, Geneva"
    assert people_of(engine) == [
        ("Ingrid Solheim", "ingrid@example.org", "Fjord Institute", None, None, (), card),
        ("Layla Mansour", "layla@example.org", "Halden Trust", "GB", "Civil society", (), card),
        ("Maria Achieng", "Maria@example.org", "Halden Trust", "KE", "Civil society", (), card),
        ("Tomás Rivadeneira", "tomas@example.org", "Fjord Institute", "EC", "Officials", ("t2@example.org",), card),
    ]
    with reading(engine) as session:
        maria = store.read_people(session, text="maria").items[0]
        assert (maria.region, maria.time_zone, maria.source_on) == ("014", "Africa/Nairobi", LATER.date())
        assert [(m.key, m.basis, m.source) for m in store.read_memberships(session, maria.id)] == [
            ("guests", Basis.CONSENT, card)
        ]
        assert [(c["basis"], c["list_id"]) for c in store.read_consents(session, maria.id)] == [("consent", list_id)]
        assert store.read_list(session, list_id).members == 4
        trail = [(e["action"], e["actor"]) for e in log.trail(session, f"import:{view.id}")]
    assert sorted(trail) == [("import.applied", "system"), ("import.read", STAFF), ("import.started", STAFF)]
    assert {r.person_id for r in rows_of(engine, view.id) if r.verdict is Verdict.CREATE} >= {maria.id}


def test_the_same_file_again_changes_nothing(engine: Engine) -> None:
    list_id = setting(engine)
    run(engine, MESSY, list_id=list_id, basis="consent")
    before = people_of(engine)

    again = run(engine, MESSY, list_id=list_id, basis="consent")

    assert again.counts == {"create": 0, "update": 0, "merge": 1, "skip": 4, "refuse": 1}
    assert people_of(engine) == before
    with reading(engine) as session:
        ids = [p.id for p in store.read_people(session).items]
        assert [len(store.read_consents(session, person_id)) for person_id in ids] == [1, 1, 1, 1]


def test_known_people_are_updated_field_by_field_and_never_emptied(engine: Engine) -> None:
    setting(engine)
    run(engine, MESSY)

    update = b"Name,E-mail,Organisation,Language,Country\nDr Ingrid Solheim,ingrid@example.org,Halden Trust,nb,\n"
    view = run(engine, update + b"Layla Mansour,layla@example.org,,,\n")

    assert [(r.verdict, r.before) for r in rows_of(engine, view.id)] == [
        (Verdict.UPDATE, {"name": "Ingrid Solheim", "organisation": "Fjord Institute", "language": None}),
        (Verdict.SKIP, {}),
    ]
    with reading(engine) as session:
        (ingrid,) = store.read_people(session, text="dr ingrid halden").items
        (layla,) = store.read_people(session, text="layla").items
    assert (ingrid.name, ingrid.organisation, ingrid.language) == ("Dr Ingrid Solheim", "Halden Trust", "nb")
    assert (ingrid.updated_at, ingrid.source, layla.country, layla.organisation) == (LATER, None, "GB", "Halden Trust")


def test_known_people_join_the_list_and_get_a_basis(engine: Engine) -> None:
    list_id = setting(engine)
    run(engine, MESSY)

    joined = run(engine, MESSY, list_id=list_id)
    based = run(engine, MESSY, list_id=list_id, basis="legitimate_interest")
    third = run(engine, MESSY, list_id=list_id, basis="consent")

    counts = [(v.counts["update"], v.counts["skip"]) for v in (joined, based, third)]
    assert counts == [(4, 0), (4, 0), (0, 4)]
    with reading(engine) as session:
        (layla,) = store.read_people(session, text="layla").items
        assert [m.basis for m in store.read_memberships(session, layla.id)] == [Basis.LEGITIMATE_INTEREST]
        assert len(store.read_consents(session, layla.id)) == 1


@pytest.mark.parametrize(
    ("scope", "with_list", "reason", "skipped"),
    [
        ("all", False, SuppressionReason.BOUNCED, True),
        ("list:{}", True, SuppressionReason.UNSUBSCRIBED, True),
        ("list:{}", False, SuppressionReason.UNSUBSCRIBED, False),
        ("purpose:events", True, SuppressionReason.OBJECTED, True),
        ("list:other", True, SuppressionReason.UNSUBSCRIBED, False),
    ],
)
def test_those_who_do_not_want_our_letters_are_skipped(
    engine: Engine, scope: str, with_list: bool, reason: SuppressionReason, skipped: bool
) -> None:
    list_id = setting(engine)
    suppress(engine, "layla@example.org", scope.format(list_id), reason)

    view = run(engine, MESSY, list_id=list_id if with_list else None)

    found = {r.row: (r.verdict, r.reason and r.reason.value) for r in rows_of(engine, view.id)}[7]
    assert found == ((Verdict.SKIP, reason.value) if skipped else (Verdict.CREATE, None))
    assert len(people_of(engine)) == (3 if skipped else 4)


def test_who_was_erased_leaves_nothing_in_the_preview(engine: Engine) -> None:
    setting(engine)
    for address in ("layla@example.org", "t2@example.org"):
        suppress(engine, address, "all", SuppressionReason.ERASED)

    view = run(engine, MESSY)

    rows = rows_of(engine, view.id)
    assert [(r.row, r.reason, r.fields) for r in rows if r.verdict is Verdict.SKIP] == [(7, Reason.ERASED, {})]
    assert "layla" not in str(rows).lower()
    assert "t2@example.org" not in str(rows)


def test_what_changed_since_the_preview_is_seen_when_it_is_applied(engine: Engine) -> None:
    list_id = setting(engine)
    with writing(engine) as session:
        view = preview(session, MESSY, list_id=list_id, basis="consent")
        actions.create_person(
            session, {"name": "Maria Achieng", "email": "maria@example.org", "country": "UG"}, now=NOW, actor=STAFF
        )
    suppress(engine, "ingrid@example.org", "all", SuppressionReason.COMPLAINED)

    apply(engine, view.id)

    after = {r.row: (r.verdict, r.reason, dict(r.before)) for r in rows_of(engine, view.id)}
    assert after[2][0] is Verdict.UPDATE
    assert after[2][2]["country"] == "UG"
    assert after[4][:2] == (Verdict.SKIP, Reason.COMPLAINED)
    assert [p[1] for p in people_of(engine)] == ["layla@example.org", "maria@example.org", "tomas@example.org"]
    with reading(engine) as session:
        done = imports.read_import(session, view.id)
        assert done.counts == {"create": 2, "update": 1, "merge": 1, "skip": 1, "refuse": 1}
        assert store.read_list(session, list_id).members == 3


def test_a_second_press_changes_nothing(engine: Engine) -> None:
    setting(engine)
    view = run(engine, MESSY)
    before = people_of(engine)

    assert apply(engine, view.id) == 0
    assert apply(engine, view.id) == 0

    assert people_of(engine) == before
    with reading(engine) as session:
        assert imports.read_import(session, view.id).state is ImportState.APPLIED
        assert imports.read_imports_in(session, ImportState.APPLYING) == []


def test_nothing_is_applied_before_the_press(engine: Engine) -> None:
    setting(engine)
    with writing(engine) as session:
        view = preview(session, MESSY)

    assert imports.apply_chunk(engine, view.id, address_key=KEY, now=LATER) is False
    assert people_of(engine) == []
    with writing(engine) as session:
        imports.start_apply(session, view.id, now=NOW, actor=STAFF)
        assert imports.read_imports_in(session, ImportState.APPLYING) == [view.id]


def test_discarded_preview_is_gone_for_good(engine: Engine) -> None:
    with writing(engine) as session:
        view = preview(session, MESSY)
        discarded = [imports.discard(session, view.id, now=NOW, actor=STAFF).state for _ in range(2)]

    assert discarded == [ImportState.DISCARDED] * 2
    assert rows_of(engine, view.id) == []
    with writing(engine) as session, pytest.raises(ImportClosed) as refused:
        imports.start_apply(session, view.id, now=NOW, actor=STAFF)
    assert refused.value.code == "import-closed"


def test_applied_import_cannot_be_discarded(engine: Engine) -> None:
    view = run(engine, MESSY)

    with writing(engine) as session, pytest.raises(ImportClosed):
        imports.discard(session, view.id, now=NOW, actor=STAFF)
    assert len(rows_of(engine, view.id)) == 6


@pytest.mark.parametrize(
    ("data", "list_id", "basis", "code"),
    [
        (b"PK\x03\x04", None, None, "broken-workbook"),
        (b"Name\nMaria\n", None, None, "no-address-column"),
        (MESSY, "no-list", None, "unknown-list"),
        (MESSY, None, "because", "invalid"),
    ],
)
def test_unusable_import_stores_nothing(
    session: Session, data: bytes, list_id: str | None, basis: str | None, code: str
) -> None:
    with pytest.raises(FarsowError) as refused:
        preview(session, data, list_id=list_id, basis=basis)

    assert refused.value.code == code
    assert store.imports.read_imports(session) == []


def test_the_longest_texts_and_the_oddest_letters_are_stored(engine: Engine) -> None:
    wide = "𐐷" * 400  # four bytes each, and an index takes 2,700
    rows = f"Name\0;E-mail;Organisation;Role;Tags;Country\0\n{wide};m@x.org;{wide};{wide};{wide};{wide}\n"
    long = "ﷺ" * 300  # one letter that folds to eighteen

    view = run(engine, f"{rows}{long};n@x.org;{long};;;\n".encode("utf-16"))

    assert view.counts["create"] == 2
    assert {len(str(p[0])) for p in people_of(engine)} == {300}


def many(count: int) -> bytes:
    rows = (f"Guest {n},guest{n}@example.org,Coalition {n % 7},{'Kenya' if n % 2 else 'KE'}" for n in range(count))
    return ("Name,E-mail,Organisation,Country\n" + "\n".join(rows)).encode()


def test_many_rows_come_in_chunks_and_each_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK", 20)
    list_id = setting(engine)
    with writing(engine) as session:
        view = preview(session, many(45), list_id=list_id, basis="consent")

    assert apply(engine, view.id) == 3

    with reading(engine) as session:
        assert store.count_people(session) == 45
        assert len(store.read_organisations(session).items) == 7
        assert store.read_list(session, list_id).members == 45


def test_a_failing_chunk_leaves_the_chunks_before_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK", 20)
    with writing(engine) as session:
        view = preview(session, many(45))
        imports.start_apply(session, view.id, now=NOW, actor=STAFF)
    imports.apply_chunk(engine, view.id, address_key=KEY, now=LATER)
    with monkeypatch.context() as broken:
        broken.setattr(store, "ensure_organisations", _fail)
        with pytest.raises(OSError, match="disk"):
            imports.apply_chunk(engine, view.id, address_key=KEY, now=LATER)
    assert len(people_of(engine)) == 20

    apply(engine, view.id)

    assert len(people_of(engine)) == 45


def _fail(*_args: object, **_names: object) -> None:
    raise OSError("disk full")


WORKER = """
import sys
from service.db.engine import make_engine
from service.kernel.clock import utc_now
from service.people import imports
imports.CHUNK = 10
engine = make_engine(sys.argv[1])
while imports.apply_chunk(engine, sys.argv[2], address_key=b"k" * 32, now=utc_now()):
    pass
"""


def test_kill_9_in_the_middle_loses_and_repeats_nobody(engine: Engine, database_url: str) -> None:
    list_id = setting(engine)
    with writing(engine) as session:
        view = preview(session, many(3000), list_id=list_id, basis="consent")
        imports.start_apply(session, view.id, now=NOW, actor=STAFF)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, database_url, view.id], cwd=Path(__file__).parents[2])
    deadline = monotonic() + 30
    while not people_of(engine) and monotonic() < deadline:
        sleep(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    with reading(engine) as session:
        done = store.count_people(session)
        assert done % 10 == 0
        assert store.read_list(session, list_id).members == done
    assert 0 < done < 3000
    apply(engine, view.id)

    with reading(engine) as session:
        assert store.count_people(session) == 3000
        assert store.read_list(session, list_id).members == 3000
        first = store.read_people(session, limit=1).items[0]
        assert len(store.read_consents(session, first.id)) == 1


def test_person_made_by_hand_and_by_file_hold_the_same(engine: Engine) -> None:
    setting(engine)
    headings = b"Name,E-mail,Organisation,Country,Language,Audience,Tags,Role\n"
    run(engine, headings + "Tomás R,t@example.org,Fjord,Ecuador,es,2,a|b,Dean\n".encode())
    with writing(engine) as session:
        made = actions.create_person(
            session,
            {"name": "Tomás R", "email": "u@example.org", "organisation": "Fjord", "country": "Ecuador",
             "language": "es", "audience": "2", "tags": ["a", "b"], "role": "Dean"},
            now=LATER,
            actor=STAFF,
        )  # fmt: skip
        (imported,) = store.read_people(session, text="t@example.org").items

    own = ("id", "email", "email_key", "source_on")
    assert {n: getattr(imported, n) for n in imported.__slots__ if n not in own} == {
        n: getattr(made, n) for n in made.__slots__ if n not in own
    }


# Columns chosen by staff

ODD = b"Gast;Post;Wo\nMaria Achieng;m@example.org;Nairobi\nBo Lund;b@example.org;Oslo\n"


def again(engine: Engine, view: ImportView, fields: dict[int, str | None]) -> ImportView:
    with writing(engine) as session:
        return rereading.read_again(session, view.id, fields, ring=RING, address_key=KEY, now=NOW, actor=STAFF)


def read_odd(engine: Engine, data: bytes = ODD) -> ImportView:
    with writing(engine) as session:
        return preview(session, data)


def test_file_is_read_again_with_the_columns_that_staff_chose(engine: Engine) -> None:
    view = read_odd(engine)

    after = again(engine, view, {0: "organisation", 2: "name"})

    assert [c["field"] for c in view.reading["columns"]] == ["name", "email", None]
    assert [c["field"] for c in after.reading["columns"]] == ["organisation", "email", "name"]
    assert (after.id, after.counts) == (view.id, view.counts)
    assert [(r.row, r.fields["name"], r.fields["organisation"]) for r in rows_of(engine, view.id)] == [
        (2, "Nairobi", "Maria Achieng"),
        (3, "Oslo", "Bo Lund"),
    ]


def test_chosen_columns_are_remembered_for_files_of_the_same_shape(engine: Engine) -> None:
    again(engine, read_odd(engine), {2: "tags"})

    same = read_odd(engine, b"GAST;post;Wo\nJos;j@example.org;Gent\n")
    other = read_odd(engine, b"Gast;Post;Wann\nJos;j@example.org;Gent\n")

    assert [c["field"] for c in same.reading["columns"]] == ["name", "email", "tags"]
    assert [c["field"] for c in other.reading["columns"]] == ["name", "email", None]
    assert (same.reading["remembered"], other.reading["remembered"]) == (True, False)


def test_file_without_a_column_of_addresses_may_wait_for_staff_to_say_which_it_is(engine: Engine) -> None:
    data = b"Name,Contact details\nMaria,m at example dot org\nJos,j@example.org\nBo,none\n"
    asked = {
        "list_id": None,
        "consent_basis": None,
        "consent_source": None,
        "address_key": KEY,
        "ring": RING,
        "now": NOW,
    }
    with writing(engine) as session:
        view = previewing.preview_import(session, data, filename="x.csv", actor=STAFF, may_ask=True, **asked)  # type: ignore[arg-type]

    after = again(engine, view, {1: "email"})

    assert (view.rows, after.counts["create"], after.counts["refuse"]) == (0, 1, 2)


@pytest.mark.parametrize(
    ("fields", "code"),
    [({1: None}, "no-address-column"), ({0: "passport"}, "invalid"), ({1: "name"}, "no-address-column")],
)
def test_columns_that_cannot_be_read_leave_the_preview_as_it_is(
    engine: Engine, fields: dict[int, str | None], code: str
) -> None:
    view = read_odd(engine)
    before = rows_of(engine, view.id)

    with pytest.raises(FarsowError) as refused:
        again(engine, view, fields)

    assert (refused.value.code, rows_of(engine, view.id)) == (code, before)


def test_column_that_is_not_held_cannot_be_chosen(engine: Engine) -> None:
    view = read_odd(engine, b"Name;E-mail;Passport no\nMaria;m@example.org;A1\n")

    after = again(engine, view, {2: "tags"})

    assert [c["field"] for c in after.reading["columns"]] == ["name", "email", None]


def test_file_is_kept_for_the_preview_only(engine: Engine) -> None:
    applied, discarded, waiting = read_odd(engine), read_odd(engine), read_odd(engine)

    apply(engine, applied.id)
    with writing(engine) as session:
        imports.discard(session, discarded.id, now=NOW, actor=STAFF)

    with reading(engine) as session:
        kept = [
            list(store.imports.read_original(session, view.id, ring=RING)) for view in (applied, discarded, waiting)
        ]
    assert kept == [[], [], [ODD]]
    with pytest.raises(ImportClosed):
        again(engine, applied, {})


def test_an_organisation_is_matched_by_its_other_names_at_the_preview_and_when_it_is_done(engine: Engine) -> None:
    with writing(engine) as session:
        doctors = organisations.ensure(session, "Northern Doctors", now=NOW)
        given = {"name": "Ada", "email": "ada@example.org", "organisation": "Northern Doctors"}
        ada = actions.create_person(session, given, now=NOW, actor=STAFF)  # type: ignore[arg-type]
        organisations.change(session, doctors, {"other_names": ["Médecins du Nord"]}, now=NOW, actor=STAFF)
        data = b"Name;E-mail;Organisation\nAda;ada@example.org;MEDECINS DU NORD\nBo;bo@example.org;medecins du nord\n"
        data += b"Cy;cy@example.org;N. Doctors\n"
        view = preview(session, data)
    shown = {r.fields["name"]: (r.verdict, r.fields["organisation"]) for r in rows_of(engine, view.id)}
    with writing(engine) as session:
        organisations.change(session, doctors, {"other_names": ["N. Doctors"]}, now=NOW, actor=STAFF)

    apply(engine, view.id)

    assert shown == {
        "Ada": (Verdict.SKIP, "Northern Doctors"),
        "Bo": (Verdict.CREATE, "Northern Doctors"),
        "Cy": (Verdict.CREATE, "N. Doctors"),
    }
    with reading(engine) as session:
        people = store.read_people(session).items
        assert [(p.name, p.organisation_id) for p in people] == [("Ada", doctors), ("Bo", doctors), ("Cy", doctors)]
        assert len(store.read_organisations(session).items) == 1
        assert store.read_person(session, ada.id) == ada


def test_what_an_import_changes_stands_in_the_history(engine: Engine) -> None:
    with writing(engine) as session:
        given = {"name": "Ada", "email": "ada@example.org", "tags": ["press"]}
        ada = actions.create_person(session, given, now=NOW, actor=STAFF)  # type: ignore[arg-type]
        data = b"Name;E-mail;Organisation;Tags\nAda Nwosu;ada@example.org;Fjord Institute;board\n"
        view = preview(session, data)

    apply(engine, view.id)

    with reading(engine) as session:
        found = {(c.field, str(c.before), str(c.after), c.actor) for c in history.read_changes(session, ada.id)}
    by = f"import:{view.id}"
    assert found == {
        ("created", "None", "None", STAFF),
        ("name", "Ada", "Ada Nwosu", by),
        ("organisation", "None", "Fjord Institute", by),
        ("tags", "['press']", "['press', 'board']", by),
    }


def test_file_that_is_kept_lies_sealed_and_outlives_a_change_of_keys(engine: Engine) -> None:
    data = ODD.decode().encode("utf-16")  # no text in the eyes of a database
    view = read_odd(engine, data)
    old, new = FieldKey("test", bytes(range(32))), FieldKey("new", bytes(range(32, 64)))
    with reading(engine) as session:
        cell = session.execute(select(ImportOriginal.data)).scalar_one()  # type: ignore[call-overload]

    resealing.reseal(engine, SealRing(new, old))

    with reading(engine) as session:
        (opened,) = store.imports.read_original(session, view.id, ring=SealRing(new))
    assert "Maria".encode("utf-16-le") in data
    assert "Maria".encode("utf-16-le") not in cell
    assert opened == data


def test_without_the_ring_no_file_is_kept(engine: Engine) -> None:
    with writing(engine) as session:
        asked = {"list_id": None, "consent_basis": None, "consent_source": None, "address_key": KEY, "now": NOW}
        view = previewing.preview_import(session, ODD, filename="x.csv", actor=STAFF, **asked)  # type: ignore[arg-type]
        assert not store.imports.has_original(session, view.id)
