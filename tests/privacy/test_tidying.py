"""What goes by itself after its time, and what stays until then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select

from service.db.engine import reading, writing
from service.events.store import add_series
from service.invitations.store import standing
from service.letters.intake import take_in
from service.mail.tables import IntakeMessage
from service.people import imports, previewing
from service.people.tables import ImportRow
from service.privacy.store.ageing import count_leftover
from service.privacy.tidying import tidy_up
from tests.factories import DESK, NOW, STAFF, add_event, add_people, add_project
from tests.letters.test_intake import KEYRING

FILE = b"name,e-mail\nMaria Achieng,maria@example.org\n"


def read_file(engine: Engine) -> str:
    with writing(engine) as session:
        view = previewing.preview_import(
            session,
            FILE,
            filename="people.csv",
            list_id=None,
            consent_basis=None,
            consent_source=None,
            address_key=DESK.address_key,
            now=NOW,
            actor=STAFF,
        )
    return view.id


def rows(engine: Engine) -> int:
    with reading(engine) as session:
        return session.execute(select(func.count()).select_from(ImportRow)).scalar_one()


def test_the_rows_of_an_import_go_after_thirty_days(engine: Engine):
    read_file(engine)

    tidy_up(engine, now=NOW + timedelta(days=29))
    kept = rows(engine)
    tidy_up(engine, now=NOW + timedelta(days=31))

    assert (kept, rows(engine)) == (1, 0)


def test_an_import_under_way_is_left_alone(engine: Engine):
    import_id = read_file(engine)
    with writing(engine) as session:
        imports.start_apply(session, import_id, now=NOW, actor=STAFF)

    tidy_up(engine, now=NOW + timedelta(days=31))

    assert rows(engine) == 1


def test_mail_kept_for_the_manager_loses_its_text_and_keeps_its_verdict(engine: Engine):
    with writing(engine) as session:
        take_in(session, b"From: a@example.org\r\n\r\nHello\r\n", desk=DESK, keyring=KEYRING, now=NOW)

    tidy_up(engine, now=NOW + timedelta(days=31))

    with reading(engine) as session:
        kept = session.execute(select(IntakeMessage.raw, IntakeMessage.verdict)).all()
        assert [tuple(row) for row in kept] == [(None, "unknown")]


def test_the_journal_is_emptied(engine: Engine):
    read_file(engine)

    assert tidy_up(engine, now=NOW) is True


def stand(engine: Engine) -> str:
    """Let one person stand invited to a series whose only date is 28 January 2027; return the series."""
    with writing(engine) as session:
        project = add_project(session)
        series = add_series(session, project, "Dialogues")
        add_event(session, project_id=project, series_id=series)
        standing.add(session, series, add_people(session, 1), list_id=None, now=NOW, actor=STAFF)
    return series


def still_stand(engine: Engine, series: str) -> int:
    with reading(engine) as session:
        return len(standing.read_of_series(session, series))


def test_a_standing_invitation_goes_a_year_after_the_last_date(engine: Engine):
    series = stand(engine)
    last = datetime(2027, 1, 28, 16, tzinfo=UTC)

    tidy_up(engine, now=last + timedelta(days=365))
    kept = still_stand(engine, series)
    tidy_up(engine, now=last + timedelta(days=365, minutes=1))

    assert (kept, still_stand(engine, series)) == (1, 0)


def test_a_standing_invitation_goes_a_year_after_it_ended_though_dates_follow(engine: Engine):
    series = stand(engine)
    with writing(engine) as session:
        (one,) = standing.read_of_series(session, series)
        standing.write(session, one.id, ended_at=NOW)
    assert still_stand(engine, series) == 1

    tidy_up(engine, now=NOW + timedelta(days=365, minutes=1))

    assert still_stand(engine, series) == 0


def test_whoever_stands_invited_is_not_proposed_for_deletion(engine: Engine):
    series = stand(engine)
    late = NOW + timedelta(days=1)

    with writing(engine) as session:
        stands = count_leftover(session, before=late)
        (one,) = standing.read_of_series(session, series)
        standing.write(session, one.id, ended_at=NOW)
        assert (stands, count_leftover(session, before=late)) == (0, 1)
