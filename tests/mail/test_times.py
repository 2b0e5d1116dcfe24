"""The reader's clock first, the venue's beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.mail.times import Phrases, Row, Span, city, clocks, long_day, short_day

ENGLISH = Phrases("en", "In {city}", "{start}–{end}", "same day")
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
