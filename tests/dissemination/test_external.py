"""Figures that others count: what a source is, when it is asked, how its numbers stand side by side."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from service.dissemination.external import (
    Answer,
    NewSource,
    Provider,
    Reading,
    Source,
    lines,
    next_look,
    parse_source,
)
from service.dissemination.snapshots import ExternalLine, ExternalMetric
from service.kernel.errors import Invalid

NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
DOI = {"provider": "datacite", "reference": "10.5281/zenodo.1234567", "label": "Book"}
SITE = {"provider": "matomo", "host": "x.example.org", "reference": "3", "label": "Site"}
VIEWS, DOWNLOADS, CITATIONS = ExternalMetric.VIEWS, ExternalMetric.DOWNLOADS, ExternalMetric.CITATIONS


@pytest.mark.parametrize(
    ("wishes", "source"),
    [
        (DOI, NewSource(Provider.DATACITE, "api.datacite.org", "10.5281/zenodo.1234567", "Book")),
        (
            {**DOI, "provider": "crossref", "reference": " https://doi.org/10.1017/ABC.1 ", "label": " The  book "},
            NewSource(Provider.CROSSREF, "api.crossref.org", "10.1017/abc.1", "The book"),
        ),
        (
            {"provider": "inveniordm", "host": "Zenodo.org", "reference": "1234567", "label": "Book"},
            NewSource(Provider.INVENIORDM, "zenodo.org", "1234567", "Book"),
        ),
        (
            {"provider": "plausible", "reference": "book.example.org", "label": "Site"},
            NewSource(Provider.PLAUSIBLE, "plausible.io", "book.example.org", "Site"),
        ),
    ],
    ids=["doi", "doi-as-address", "own-host", "usual-host"],
)
def test_a_source_is_read_from_a_form(wishes: dict[str, Any], source: NewSource):
    assert parse_source(wishes) == source


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({}, "unknown-provider", "provider"),
        ({**DOI, "provider": "file"}, "unknown-provider", "provider"),
        ({**DOI, "reference": "zenodo"}, "bad-source", "reference"),
        ({**DOI, "reference": "10.5281/a b"}, "bad-source", "reference"),
        ({**DOI, "reference": "10.5281/x\r\ny"}, "bad-source", "reference"),
        ({**DOI, "label": " "}, "bad-source", "label"),
        ({**SITE, "host": ""}, "bad-source", "host"),
        (
            {"provider": "matomo", "host": "https://x.example.org/", "reference": "3", "label": "S"},
            "bad-source",
            "host",
        ),
        ({**SITE, "host": "127.0.0.1"}, "bad-source", "host"),
        ({**SITE, "host": "x.example.org:81"}, "bad-source", "host"),
        (
            {"provider": "matomo", "host": "x.example.org", "reference": "3&x=1", "label": "S"},
            "bad-source",
            "reference",
        ),
        (
            {"provider": "dspace", "host": "x.example.org", "reference": "../..", "label": "S"},
            "bad-source",
            "reference",
        ),
        (
            {"provider": "inveniordm", "host": "x.example.org", "reference": "a/b", "label": "S"},
            "bad-source",
            "reference",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        parse_source(wishes)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("answer", "failures", "pause"),
    [
        (Answer({VIEWS: 1}), 5, timedelta(days=1)),
        (Answer(is_unchanged=True), 0, timedelta(days=1)),
        (Answer(trouble="away"), 0, timedelta(minutes=15)),
        (Answer(trouble="away"), 3, timedelta(hours=2)),
        (Answer(trouble="away"), 99, timedelta(days=1)),
        (Answer(trouble="busy", wait=timedelta(hours=3)), 0, timedelta(hours=3)),
        (Answer(trouble="busy", wait=timedelta(seconds=1)), 0, timedelta(minutes=15)),
        (Answer(trouble="busy", wait=timedelta(days=365)), 0, timedelta(days=7)),
    ],
)
def test_it_is_asked_once_a_day_and_after_trouble_ever_later(answer: Answer, failures: int, pause: timedelta):
    assert next_look(answer, failures, now=NOW) - NOW == pause


def test_numbers_stand_side_by_side_and_none_is_nought():
    def source(provider: Provider, label: str, **facts: Any) -> Source:
        return Source(label, "01project", provider, "", "", label, date(2026, 3, 1), **facts)

    sources = [
        source(Provider.OPENALEX, "a"),
        source(Provider.OPENALEX, "b", trouble="away", asked_at=NOW),
        source(Provider.CROSSREF, "c", trouble="away", asked_at=NOW),
        source(Provider.FILE, "d"),
        source(Provider.CROSSREF, "e"),
    ]
    latest = {
        ("a", CITATIONS): Reading("a", CITATIONS, date(2027, 1, 12), 0),
        ("b", CITATIONS): Reading("b", CITATIONS, date(2027, 1, 2), 12),
        ("d", DOWNLOADS): Reading("d", DOWNLOADS, date(2026, 12, 31), 700),
    }

    found = lines(sources, latest)

    today = NOW.date()
    assert found == (
        ExternalLine("a:citations", "a", "openalex", CITATIONS, 0, today, None),
        ExternalLine("b:citations", "b", "openalex", CITATIONS, 12, date(2027, 1, 2), today),
        ExternalLine("c:citations", "c", "crossref", CITATIONS, None, None, today),
        ExternalLine("d:downloads", "d", "file", DOWNLOADS, 700, date(2026, 12, 31), None),
        ExternalLine("e:citations", "e", "crossref", CITATIONS, None, None, None),
    )
