"""Those who count elsewhere, asked over real HTTP: each provider's shape, and what hosts do wrong."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from service.adapters.statistics import HttpStatistics
from service.adapters.statistics.asking import Reach, Trouble, public_address
from service.dissemination.external import Answer, Provider, Source
from service.dissemination.snapshots import ExternalMetric
from tests.dissemination.hosts import Host, serve
from tests.mail.peers import certificate

HOST = "stats.example.org"
DOI = "10.5281/zenodo.1234567"
ITEM = "1911e8a4-6939-490c-b58b-a5d70f8d91fb"
TODAY = date(2027, 1, 12)
VIEWS, DOWNLOADS = ExternalMetric.VIEWS, ExternalMetric.DOWNLOADS
VISITORS, CITATIONS = ExternalMetric.VISITORS, ExternalMetric.CITATIONS
WORK = {"data": {"id": DOI, "attributes": {"viewCount": 812, "downloadCount": 340, "citationCount": 7}}}


@pytest.fixture
def host() -> Iterator[Host]:
    """A host in the clear."""
    with serve(Host()) as host:
        yield host


async def loopback(_host: str) -> str:
    return "127.0.0.1"


def source(provider: Provider, reference: str = DOI, **facts: Any) -> Source:
    return Source("01source", "01project", provider, HOST, reference, "Book", date(2026, 3, 1), **facts)


def look(host: Host, asked: Source, **options: Any) -> Answer | None:
    options = {"hosts": [HOST], "wait": 8.0, "reach": Reach("http", host.port, loopback), **options}
    return HttpStatistics(**options).look(asked, today=TODAY)


def report(kind: str, *views: int) -> dict[str, Any]:
    points = [{"id": str(n), "type": "item", "label": "Book", "values": {"views": n}} for n in views]
    return {"id": f"{ITEM}_{kind}", "report-type": kind, "type": "usagereport", "points": points}


def stats(**counts: int) -> dict[str, int]:
    return {"data_volume": 1, "unique_downloads": 1, "unique_views": 1, **counts}


@pytest.mark.parametrize(
    ("provider", "reference", "bodies", "numbers"),
    [
        (Provider.DATACITE, DOI, {f"/dois/{DOI}": WORK}, {VIEWS: 812, DOWNLOADS: 340, CITATIONS: 7}),
        (Provider.OPENALEX, DOI, {f"/works/doi:{DOI}": {"id": "W1", "cited_by_count": 12}}, {CITATIONS: 12}),
        (
            Provider.CROSSREF,
            DOI,
            {f"/works/{DOI}": {"status": "ok", "message": {"DOI": DOI, "is-referenced-by-count": 5}}},
            {CITATIONS: 5},
        ),
        (
            Provider.INVENIORDM,
            "1234567",
            {
                "/api/records/1234567": {
                    "stats": {
                        "this_version": stats(views=3, downloads=1),
                        "all_versions": stats(views=90, downloads=41),
                    }
                }
            },
            {VIEWS: 90, DOWNLOADS: 41},
        ),
        (
            Provider.DSPACE,
            ITEM,
            {
                f"/server/api/statistics/usagereports/{ITEM}_TotalVisits": report("TotalVisits", 70),
                f"/server/api/statistics/usagereports/{ITEM}_TotalDownloads": report("TotalDownloads", 20, 11),
            },
            {VIEWS: 70, DOWNLOADS: 31},
        ),
        (
            Provider.MATOMO,
            "3",
            {"/index.php": {"nb_pageviews": 640, "nb_uniq_pageviews": 500, "nb_downloads": 66, "nb_outlinks": 1}},
            {VIEWS: 640, DOWNLOADS: 66},
        ),
        (
            Provider.PLAUSIBLE,
            "book.example.org",
            {"/api/v2/query": {"results": [{"metrics": [640, 310], "dimensions": []}], "meta": {}, "query": {}}},
            {VIEWS: 640, VISITORS: 310},
        ),
    ],
    ids=lambda value: value.value if isinstance(value, Provider) else None,
)
def test_each_provider_is_read_as_it_documents_itself(
    host: Host, provider: Provider, reference: str, bodies: dict[str, Any], numbers: dict[ExternalMetric, int]
):
    host.bodies = bodies

    answer = look(host, source(provider, reference))

    assert answer == Answer(numbers)


def test_keys_stand_in_no_address(host: Host):
    host.bodies = {
        "/index.php": {"nb_pageviews": 1, "nb_downloads": 1},
        "/api/v2/query": {"results": [{"metrics": [1, 1]}]},
    }
    keys = {HOST: "s3cret", "elsewhere.example.org": "other"}

    look(host, source(Provider.MATOMO, "3"), keys=keys)
    look(host, source(Provider.PLAUSIBLE, "book.example.org"), keys=keys)

    (method, path, headers, body), (also, query, bearing, wish) = host.asked
    assert (method, path, "authorization" in headers) == ("POST", "/index.php", False)
    assert {name: values[0] for name, values in parse_qs(body).items()} == {
        "module": "API",
        "method": "Actions.get",
        "format": "JSON",
        "idSite": "3",
        "period": "range",
        "date": "2026-03-01,2027-01-12",
        "token_auth": "s3cret",
    }
    assert (also, urlsplit(query).query, bearing["authorization"]) == ("POST", "", "Bearer s3cret")
    assert json.loads(wish) == {
        "site_id": "book.example.org",
        "metrics": ["pageviews", "visitors"],
        "date_range": ["2026-03-01", "2027-01-12"],
    }


def test_what_has_not_changed_is_not_sent_again(host: Host):
    host.bodies, host.headers = {f"/dois/{DOI}": WORK}, {"ETag": '"v1"'}

    first = look(host, source(Provider.DATACITE))
    again = look(host, source(Provider.DATACITE, etag='"v1"'))

    assert first == Answer({VIEWS: 812, DOWNLOADS: 340, CITATIONS: 7}, etag='"v1"')
    assert again == Answer(is_unchanged=True)
    assert [headers.get("if-none-match") for _, _, headers, _ in host.asked] == [None, '"v1"']


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (301, "moved"),
        (302, "moved"),
        (304, "nonsense"),
        (400, "nonsense"),
        (401, "refused"),
        (403, "refused"),
        (404, "not-there"),
        (410, "not-there"),
        (429, "busy"),
        (500, "busy"),
        (503, "busy"),
    ],
)
def test_a_status_has_its_meaning(host: Host, status: int, code: str):
    host.bodies, host.status = {f"/dois/{DOI}": WORK}, status
    host.headers = {"Location": "http://127.0.0.1/", "Retry-After": "120"} if code in ("moved", "busy") else {}

    answer = look(host, source(Provider.DATACITE))

    assert answer == Answer(trouble=code, wait=timedelta(seconds=120) if code in ("moved", "busy") else None)
    assert len(host.asked) == 1  # nobody was followed elsewhere


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><p>Sign in",
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"[]",
        {"data": None},
        {"data": {"attributes": {"viewCount": 1}}},
        {"data": {"attributes": {**WORK["data"]["attributes"], "viewCount": "812"}}},
        {"data": {"attributes": {**WORK["data"]["attributes"], "viewCount": -1}}},
        {"data": {"attributes": {**WORK["data"]["attributes"], "viewCount": None}}},
        {"data": {"attributes": {**WORK["data"]["attributes"], "viewCount": True}}},
        {"data": {"attributes": {**WORK["data"]["attributes"], "viewCount": 10**30}}},
        {"data": {"attributes": {**WORK["data"]["attributes"], "viewCount": 1.5}}},
    ],
    ids=range(15),
)
def test_an_answer_that_holds_no_numbers_is_nonsense_and_never_nought(host: Host, body: Any):
    host.bodies = {f"/dois/{DOI}": body}

    assert look(host, source(Provider.DATACITE)) == Answer(trouble="nonsense")


@pytest.mark.parametrize(
    ("misdeed", "code"), [("hang", "no-answer"), ("drip", "no-answer"), ("huge", "nonsense"), ("cut", "nonsense")]
)
def test_a_host_that_misbehaves_is_left(host: Host, misdeed: str, code: str):
    host.bodies, host.misdeed = {f"/dois/{DOI}": WORK}, misdeed

    assert look(host, source(Provider.DATACITE), longest=1.5) == Answer(trouble=code)


def test_matomo_says_its_errors_with_200(host: Host):
    host.bodies = {"/index.php": {"result": "error", "message": "You can't access this resource"}}

    assert look(host, source(Provider.MATOMO, "3")) == Answer(trouble="refused")


def test_nobody_is_there(host: Host):
    away = Reach("http", 1, loopback)

    assert look(host, source(Provider.DATACITE), reach=away) == Answer(trouble="away")


def test_a_host_that_nobody_allowed_is_not_asked(host: Host):
    assert look(host, source(Provider.DATACITE), hosts=["other.example.org"]) == Answer(trouble="not-allowed")
    assert host.asked == []


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "192.168.1.1"])
def test_a_private_address_is_not_spoken_to(name: str):
    with pytest.raises(Trouble, match="private-address"):
        asyncio.run(public_address(name))


def test_the_certificate_must_be_the_hosts(tmp_path: Path):
    server_side, authority = certificate(tmp_path, host=HOST)
    trusting = ssl.create_default_context(cafile=str(authority))
    with serve(Host(bodies={f"/dois/{DOI}": WORK}), server_side) as host:
        reach = Reach("https", host.port, loopback, trusting)

        trusted = look(host, source(Provider.DATACITE), reach=reach)
        unknown = look(host, source(Provider.DATACITE), reach=Reach("https", host.port, loopback))
        other = HttpStatistics(["other.example.org"], reach=reach, wait=8.0).look(
            Source("01other", "01project", Provider.DATACITE, "other.example.org", DOI, "Book", TODAY), today=TODAY
        )

    assert trusted == Answer({VIEWS: 812, DOWNLOADS: 340, CITATIONS: 7})
    assert [unknown, other] == [Answer(trouble="tls"), Answer(trouble="tls")]


def test_a_look_does_not_wait_for_a_slow_host(host: Host):
    host.bodies, host.misdeed = {f"/dois/{DOI}": WORK}, "hang"
    statistics = HttpStatistics([HOST], reach=Reach("http", host.port, loopback), longest=10)

    first = statistics.look(source(Provider.DATACITE), today=TODAY)
    until = time.monotonic() + 15
    answer = None
    while answer is None and time.monotonic() < until:
        time.sleep(0.05)
        answer = statistics.look(source(Provider.DATACITE), today=TODAY)

    assert first is None
    assert answer == Answer({VIEWS: 812, DOWNLOADS: 340, CITATIONS: 7})
    assert len(host.asked) == 1
