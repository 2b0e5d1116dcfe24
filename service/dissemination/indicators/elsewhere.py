"""What others count: downloads and views, and citations. Each source as it says; nothing is added up."""

from __future__ import annotations

from service.dissemination.facts import Facts
from service.dissemination.indicators.registry import indicator
from service.dissemination.snapshots import ExternalMetric
from service.dissemination.values.figures import Measure, Unit

_USES = (ExternalMetric.VIEWS, ExternalMetric.VISITORS, ExternalMetric.DOWNLOADS)


def _told(facts: Facts, name: str, metrics: tuple[ExternalMetric, ...]) -> Measure:
    """Return the numbers of some metrics by source; not known while no source has given one."""
    found = {line.key: line.value for line in facts.external if line.metric in metrics and line.value is not None}
    return Measure(facts.things(name, len(found)), is_known=bool(found), side_by_side=found)


@indicator("U3", "Downloads and views elsewhere", Unit.USES, verification="page of the provider, on the day named")
def uses_elsewhere(facts: Facts) -> Measure:
    """Views, visitors and downloads as each provider counts them, beside each other and never added up."""
    return _told(facts, "external_uses", _USES)


@indicator("U4", "Citations", Unit.CITATIONS, verification="page of the provider, on the day named")
def citations(facts: Facts) -> Measure:
    """Citations as each provider counts them, beside each other and never added up."""
    return _told(facts, "external_citations", (ExternalMetric.CITATIONS,))
