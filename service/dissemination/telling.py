"""Case studies: what one campaign shows, told at length. Pure.

It is a *draft*, then *agreed*, then *published*. Whoever it names has agreed to be named before it is
agreed, and how is written beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from service.campaign.values import Campaign
from service.dissemination.editing import TitleMissing, UnknownReference
from service.dissemination.quoting import ConsentMissing
from service.kernel.errors import Invalid
from service.kernel.text import clean_block, clean_line

LENGTHS = {"title": 300, "names": 300, "consent": 300}
FIELDS = (*LENGTHS, "text", "campaign", "chapter_key", "status")
MOST = 20_000


class StudyStatus(StrEnum):
    """How far a case study is."""

    DRAFT = "draft"
    AGREED = "agreed"
    PUBLISHED = "published"


class TextMissing(Invalid):
    """A case study that is agreed and tells nothing."""

    code = "text-missing"


@dataclass(frozen=True, slots=True)
class CaseStudy:
    """A case study. `names` is whom it names, `consent` how they agreed to it."""

    id: str
    title: str
    campaign: str = ""
    chapter_key: str | None = None
    status: StudyStatus = StudyStatus.DRAFT
    text: str = ""
    names: str = ""
    consent: str = ""


def edit_study(study: CaseStudy, wishes: Mapping[str, Any], chapters: Collection[str]) -> CaseStudy:
    """Return a case study as it is wanted; what is left out stays.

    Raises:
        TitleMissing, UnknownReference, TextMissing, ConsentMissing.
    """
    found: dict[str, Any] = {
        name: clean_line(str(wishes[name] or ""))[:most] for name, most in LENGTHS.items() if name in wishes
    }
    if "text" in wishes:
        found["text"] = clean_block(str(wishes["text"] or ""))[:MOST]
    if "campaign" in wishes:
        found["campaign"] = _chosen(wishes["campaign"], {one.value for one in Campaign}, "campaign") or ""
    if "chapter_key" in wishes:
        found["chapter_key"] = _chosen(wishes["chapter_key"], chapters, "chapter_key")
    if "status" in wishes:
        wanted = _chosen(wishes["status"], {one.value for one in StudyStatus}, "status")
        found["status"] = StudyStatus(wanted or StudyStatus.DRAFT)
    after = replace(study, **found)
    _check(after)
    return after


def _check(study: CaseStudy) -> None:
    if not study.title:
        raise TitleMissing("Say what it is called.", field="title")
    if study.status is StudyStatus.DRAFT:
        return
    if not study.text:
        raise TextMissing("Write it before it is agreed.", field="text")
    if study.names and not study.consent:
        raise ConsentMissing("Say how those it names agreed: by e-mail of which day.", field="consent")


def _chosen(raw: Any, known: Collection[str], field: str) -> str | None:
    if raw in (None, ""):
        return None
    if raw not in known:
        raise UnknownReference("Choose one of the list.", field=field)
    return str(raw)
