"""Figures that others count: citations, downloads and views, as each source says them. Pure.

A *source* is one work or site at one provider. Its numbers stand beside those of other sources
and are never added to them: nobody knows which readers they share. What could not be had is
"not available on" a day, never 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from service.dissemination.snapshots import ExternalLine, ExternalMetric
from service.kernel.errors import Invalid
from service.kernel.text import clean_line

USUAL_PAUSE, FIRST_PAUSE = timedelta(days=1), timedelta(minutes=15)
LARGEST = 10**15


class Provider(StrEnum):
    """Who counts. FILE: somebody gave the numbers in a file."""

    DATACITE = "datacite"
    OPENALEX = "openalex"
    CROSSREF = "crossref"
    INVENIORDM = "inveniordm"
    DSPACE = "dspace"
    MATOMO = "matomo"
    PLAUSIBLE = "plausible"
    FILE = "file"


VIEWS, DOWNLOADS = ExternalMetric.VIEWS, ExternalMetric.DOWNLOADS
VISITORS, CITATIONS = ExternalMetric.VISITORS, ExternalMetric.CITATIONS

METRICS: dict[Provider, tuple[ExternalMetric, ...]] = {
    Provider.DATACITE: (VIEWS, DOWNLOADS, CITATIONS),
    Provider.OPENALEX: (CITATIONS,),
    Provider.CROSSREF: (CITATIONS,),
    Provider.INVENIORDM: (VIEWS, DOWNLOADS),
    Provider.DSPACE: (VIEWS, DOWNLOADS),
    Provider.MATOMO: (VIEWS, DOWNLOADS),
    Provider.PLAUSIBLE: (VIEWS, VISITORS),
}
ASKED = tuple(METRICS)  # the providers that can be asked
# Those that have one address; for the others each installation has its own.
HOSTS = {
    Provider.DATACITE: "api.datacite.org",
    Provider.OPENALEX: "api.openalex.org",
    Provider.CROSSREF: "api.crossref.org",
    Provider.PLAUSIBLE: "plausible.io",
}
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_DOI = re.compile(r"10\.[0-9]{4,9}/[!-~]{1,200}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REFERENCES = {
    Provider.DATACITE: (_DOI, "Give a DOI, such as 10.5281/zenodo.1234567."),
    Provider.OPENALEX: (_DOI, "Give a DOI, such as 10.5281/zenodo.1234567."),
    Provider.CROSSREF: (_DOI, "Give a DOI, such as 10.1017/9781108571234."),
    Provider.INVENIORDM: (re.compile(r"[a-z0-9-]{1,40}"), "Give the record's id: the last part of its address."),
    Provider.DSPACE: (_UUID, "Give the item's UUID: the last part of its address."),
    Provider.MATOMO: (re.compile(r"[0-9]{1,9}"), "Give the number of the site in Matomo."),
    Provider.PLAUSIBLE: (_HOST, "Give the site's domain, as Plausible knows it."),
}


class UnknownProvider(Invalid):
    """There is no such provider."""

    code = "unknown-provider"


class BadSource(Invalid):
    """A source that cannot be asked: no host, or a reference of another shape."""

    code = "bad-source"


@dataclass(frozen=True, slots=True)
class Source:
    """One work or site at one provider. `since`: the first day counted, where a provider needs one."""

    id: str
    project_id: str
    provider: Provider
    host: str
    reference: str
    label: str
    since: date
    etag: str = ""
    failures: int = 0
    trouble: str = ""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source as a form or the interface gives it."""

    provider: Provider
    host: str
    reference: str
    label: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said: numbers, that nothing changed, or a trouble as a code. `wait`: how long it asks us to."""

    numbers: Mapping[ExternalMetric, int] = field(default_factory=dict)
    etag: str = ""
    is_unchanged: bool = False
    trouble: str = ""
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A number of a source as it stood on a day."""

    source_id: str
    metric: ExternalMetric
    as_of: date
    value: int


def parse_source(wishes: Mapping[str, Any]) -> NewSource:
    """Return the source that a form means; a DOI may come as an address.

    Raises:
        UnknownProvider, BadSource.
    """
    try:
        provider = Provider(str(wishes.get("provider") or ""))
    except ValueError:
        provider = Provider.FILE
    if provider is Provider.FILE:
        raise UnknownProvider("Choose who counts it.", field="provider")
    host = HOSTS.get(provider, "") if not wishes.get("host") else str(wishes["host"]).strip().lower()
    if not _HOST.fullmatch(host):
        raise BadSource("Give the host alone, such as stats.example.org.", field="host")
    shape, sentence = _REFERENCES[provider]
    reference = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", str(wishes.get("reference") or "").strip().lower())
    if not shape.fullmatch(reference):
        raise BadSource(sentence, field="reference")
    label = clean_line(str(wishes.get("label") or ""))[:120]
    if not label:
        raise BadSource("Say how reports shall call it.", field="label")
    return NewSource(provider, host, reference, label)


def next_look(answer: Answer, failures: int, *, now: datetime) -> datetime:
    """Return when to ask again: tomorrow; after a failure sooner, then later and later, and never sooner than asked."""
    if not answer.trouble:
        return now + USUAL_PAUSE
    pause = min(FIRST_PAUSE * int(2 ** min(failures, 10)), USUAL_PAUSE)
    return now + max(pause, min(answer.wait or pause, 7 * USUAL_PAUSE))


def is_number(value: Any) -> bool:
    """Tell whether a provider's value is one that can be kept: a whole number that is not negative."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def lines(sources: Iterable[Source], latest: Mapping[tuple[str, ExternalMetric], Reading]) -> tuple[ExternalLine, ...]:
    """Return every number side by side: the latest of each source and metric, and since when none is to be had."""
    return tuple(
        _line(source, metric, latest.get((source.id, metric)))
        for source in sources
        for metric in METRICS.get(source.provider, tuple(ExternalMetric))
        if source.provider is not Provider.FILE or (source.id, metric) in latest
    )


def _line(source: Source, metric: ExternalMetric, last: Reading | None) -> ExternalLine:
    failed_on = source.asked_at.date() if source.trouble and source.asked_at else None
    return ExternalLine(
        key=f"{source.id}:{metric.value}",
        source=source.label,
        provider=source.provider.value,
        metric=metric,
        value=last.value if last else None,
        as_of=last.as_of if last else None,
        unavailable_on=failed_on if last is None or (failed_on and failed_on >= last.as_of) else None,
    )
