"""The reader's clock first, the venue's beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from service.mail.times import Phrases, Row, Span, city, clocks, days_between, line, long_day, reader_day, short_day

ENGLISH = Phrases("en", "In {city}", "{start}–{end}", "same day", "When", "{day}, the whole day")
AFTERNOON = Span(datetime(2027, 1, 28, 14, tzinfo=UTC), datetime(2027, 1, 28, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("reader", "rows"),
    [
        pytest.param(
            "Africa/Nairobi",
            (
                Row("In Nairobi", "Thursday 28 January 2027, 17:00–19:00", leads=True),
                Row("In London", "14:00–16:00, same day"),
            ),
            id="same day",
        ),
        pytest.param(
            "Pacific/Auckland",
            (
                Row("In Auckland", "Friday 29 January 2027, 03:00–05:00", leads=True),
                Row("In London", "Thursday 28 January, 14:00–16:00"),
            ),
            id="another day",
        ),
        pytest.param(
            "Africa/Accra", (Row("In Accra", "Thursday 28 January 2027, 14:00–16:00", leads=True),), id="same clock"
        ),
        pytest.param(
            None, (Row("In London", "Thursday 28 January 2027, 14:00–16:00", leads=True),), id="zone not known"
        ),
        pytest.param(
            "Mars/Base", (Row("In London", "Thursday 28 January 2027, 14:00–16:00", leads=True),), id="no such zone"
        ),
    ],
)
def test_clocks(reader: str | None, rows: tuple[Row, ...]):
    assert clocks(AFTERNOON, "Europe/London", reader, ENGLISH) == rows


@pytest.mark.parametrize(
    ("language", "first", "last", "words"),
    [
        ("en", date(2027, 3, 3), date(2027, 3, 5), "3–5 March 2027"),
        ("en", date(2027, 3, 30), date(2027, 4, 2), "30 March – 2 April 2027"),
        ("en", date(2027, 12, 30), date(2028, 1, 1), "30 December 2027 – 1 January 2028"),
        ("fr", date(2027, 3, 1), date(2027, 3, 2), "1er–2 mars 2027"),
        ("fr", date(2027, 12, 31), date(2028, 1, 1), "31 décembre 2027 – 1er janvier 2028"),
        ("es", date(2027, 3, 30), date(2027, 4, 2), "30 de marzo – 2 de abril de 2027"),
        ("ar", date(2027, 3, 3), date(2027, 3, 5), "من 3 إلى 5 مارس 2027"),
        ("ar", date(2027, 3, 30), date(2027, 4, 2), "من 30 مارس إلى 2 أبريل 2027"),
        ("pt-BR", date(2027, 3, 3), date(2027, 3, 5), "3–5 março 2027"),
    ],
)
def test_days_name_the_month_and_the_year_once_where_both_ends_share_them(language, first, last, words):
    span = "من {start} إلى {end}" if language == "ar" else "{start}–{end}"

    assert days_between(first, last, language, span) == words


@pytest.mark.parametrize("reader", ["Pacific/Auckland", "America/Los_Angeles", None])
def test_whole_days_have_no_clock_and_no_city(reader: str | None):
    span = Span(AFTERNOON.starts_at, AFTERNOON.ends_at, days=(date(2027, 1, 28), date(2027, 1, 28)))
    said = "Thursday 28 January 2027, the whole day"

    assert clocks(span, "Europe/London", reader, ENGLISH) == (Row("When", said, leads=True),)
    assert line(span, "Europe/London", reader, ENGLISH) == said
    assert reader_day(span, "Europe/London", reader) == date(2027, 1, 28)


def test_event_over_midnight_names_both_days():
    night = Span(AFTERNOON.starts_at + timedelta(hours=8), AFTERNOON.ends_at + timedelta(hours=10))

    (row,) = clocks(night, "Europe/London", None, ENGLISH)

    assert row.value == "Thursday 28 January 2027, 22:00–Friday 29 January 2027, 02:00"


def test_clock_of_the_day_counts_not_todays():
    summer = Span(datetime(2027, 6, 3, 17, tzinfo=UTC), datetime(2027, 6, 3, 18, tzinfo=UTC))

    assert clocks(summer, "Europe/London", None, ENGLISH)[0].value == "Thursday 3 June 2027, 18:00–19:00"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Friday 1 January 2027"),
        ("fr", "vendredi 1er janvier 2027"),
        ("fr-CA", "vendredi 1er janvier 2027"),
        ("es", "viernes 1 de enero de 2027"),
        ("ar", "الجمعة، 1 يناير 2027"),
        ("zz", "Friday 1 January 2027"),
    ],
)
def test_day_is_named(language: str, words: str):
    assert long_day(datetime(2027, 1, 1, tzinfo=UTC), language) == words


def test_short_day_is_named():
    days = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 21, tzinfo=UTC)

    assert [short_day(day, "fr") for day in days] == ["1er janvier", "21 janvier"]
    assert [short_day(day, "es") for day in days] == ["1 de enero", "21 de enero"]


def test_city_is_named_in_the_language():
    assert city("Africa/Cairo", "fr") == "Le Caire"
    assert city("America/Argentina/Buenos_Aires", "en") == "Buenos Aires"
    assert (city("UTC", "en"), city("Etc/GMT+3", "en")) == ("UTC", "GMT+3")
