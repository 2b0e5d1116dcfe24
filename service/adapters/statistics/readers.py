"""What to ask each provider, and where its numbers stand in what it says. Pure; one pair a provider.

A number that is missing, negative or no whole number is no number: the provider's answer is then nonsense.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from service.adapters.statistics.asking import Question, Trouble
from service.dissemination.external import Provider, Source, is_number
from service.dissemination.snapshots import ExternalMetric

VIEWS, DOWNLOADS = ExternalMetric.VIEWS, ExternalMetric.DOWNLOADS
VISITORS, CITATIONS = ExternalMetric.VISITORS, ExternalMetric.CITATIONS
Numbers = dict[ExternalMetric, int]


@dataclass(frozen=True, slots=True)
class Reader:
    """One provider: what to ask of a source on a day, and what its answers come to."""

    questions: Callable[[Source, date], tuple[Question, ...]]
    numbers: Callable[[Sequence[Any]], Mapping[ExternalMetric, Any]]


def read(reader: Reader, bodies: Sequence[Any]) -> Numbers:
    """Return the numbers in a provider's answers.

    Raises:
        Trouble: nonsense; they are not where the provider's documents say.
    """
    try:
        found = dict(reader.numbers(bodies))
    except (KeyError, IndexError, TypeError, AttributeError):
        raise Trouble("nonsense") from None
    if not all(is_number(value) for value in found.values()):
        raise Trouble("nonsense")
    return found


def _one(path: str, **options: Any) -> tuple[Question, ...]:
    return (Question(path, **options),)


def _doi(source: Source) -> str:
    return quote(source.reference, safe="/")


# DataCite REST API: /dois/{doi}, JSON:API attributes viewCount, downloadCount, citationCount.
def _datacite(bodies: Sequence[Any]) -> Mapping[ExternalMetric, Any]:
    told = bodies[0]["data"]["attributes"]
    return {VIEWS: told["viewCount"], DOWNLOADS: told["downloadCount"], CITATIONS: told["citationCount"]}


# InvenioRDM REST API: /api/records/{id}; `stats` counts all versions of a record together.
def _inveniordm(bodies: Sequence[Any]) -> Mapping[ExternalMetric, Any]:
    told = bodies[0]["stats"]["all_versions"]
    return {VIEWS: told["views"], DOWNLOADS: told["downloads"]}


# DSpace 7 REST contract, statistics reports: one for visits of the item, one for downloads of its files.
def _ask_dspace(source: Source, _today: date) -> tuple[Question, ...]:
    path = f"/server/api/statistics/usagereports/{source.reference}_"
    return Question(f"{path}TotalVisits"), Question(f"{path}TotalDownloads")


def _dspace(bodies: Sequence[Any]) -> Mapping[ExternalMetric, Any]:
    visits, downloads = ([point["values"]["views"] for point in body["points"]] for body in bodies)
    if not all(is_number(n) for n in (*visits, *downloads)):
        raise Trouble("nonsense")
    return {VIEWS: sum(visits), DOWNLOADS: sum(downloads)}


# Matomo Reporting API: the key goes in the posted form, so that it stands in no log of addresses. Visitors are
# left out: of a range of days Matomo counts none unless it was told to.
def _ask_matomo(source: Source, today: date) -> tuple[Question, ...]:
    span = {"period": "range", "date": f"{source.since.isoformat()},{today.isoformat()}"}
    common = {"module": "API", "format": "JSON", "idSite": source.reference, **span}
    return _one("/index.php", form={**common, "method": "Actions.get"}, key_field="token_auth")


def _matomo(bodies: Sequence[Any]) -> Mapping[ExternalMetric, Any]:
    if bodies[0].get("result") == "error":
        raise Trouble("refused")
    return {VIEWS: bodies[0]["nb_pageviews"], DOWNLOADS: bodies[0]["nb_downloads"]}


# Plausible Stats API v2: one query, one row of the metrics in the order asked for.
def _ask_plausible(source: Source, today: date) -> tuple[Question, ...]:
    span = [source.since.isoformat(), today.isoformat()]
    return _one(
        "/api/v2/query",
        json={"site_id": source.reference, "metrics": ["pageviews", "visitors"], "date_range": span},
    )


def _plausible(bodies: Sequence[Any]) -> Mapping[ExternalMetric, Any]:
    (row,) = bodies[0]["results"]
    views, visitors = row["metrics"]
    return {VIEWS: views, VISITORS: visitors}


READERS: dict[Provider, Reader] = {
    Provider.DATACITE: Reader(lambda source, _: _one(f"/dois/{_doi(source)}"), _datacite),
    Provider.OPENALEX: Reader(
        lambda source, _: _one(f"/works/doi:{_doi(source)}", params={"select": "id,cited_by_count"}),
        lambda bodies: {CITATIONS: bodies[0]["cited_by_count"]},
    ),
    Provider.CROSSREF: Reader(
        lambda source, _: _one(f"/works/{_doi(source)}"),
        lambda bodies: {CITATIONS: bodies[0]["message"]["is-referenced-by-count"]},
    ),
    Provider.INVENIORDM: Reader(
        lambda source, _: _one(f"/api/records/{source.reference}", accept="application/vnd.inveniordm.v1+json"),
        _inveniordm,
    ),
    Provider.DSPACE: Reader(_ask_dspace, _dspace),
    Provider.MATOMO: Reader(_ask_matomo, _matomo),
    Provider.PLAUSIBLE: Reader(_ask_plausible, _plausible),
}
