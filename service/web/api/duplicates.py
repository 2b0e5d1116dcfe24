"""The API of people who may be one."""

from __future__ import annotations

from service.accounts.values import Permission
from service.directory import duplicates
from service.directory.values import Likeness, Suggestion
from service.web.deps import After, Limit, Now, Principal, ReadSession, WriteSession
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/duplicates", tag="people")


class SuggestionOut(ApiModel):
    """Two people who may be one, and why, the strongest reason first."""

    person_ids: tuple[str, str]
    reasons: list[Likeness]


class DifferentIn(ApiModel):
    """Two people who look like one and are not."""

    person_ids: tuple[str, str]


@router.get("")
@rule(Permission.EDIT)
def list_duplicates(session: ReadSession, limit: Limit = 100, after: After = None) -> Page[SuggestionOut]:
    """Return pairs of people who may be one; those told apart are left out."""
    found = duplicates.suggest(session, limit=limit, after=after)
    return Page(items=[_out(one) for one in found.items], next=found.next)


@router.post("/different", status_code=201)
@rule(Permission.EDIT)
def tell_apart(session: WriteSession, who: Principal, now: Now, body: DifferentIn) -> DifferentIn:
    """Remember that two people are two: they are never suggested again."""
    duplicates.tell_apart(session, *body.person_ids, now=now, actor=who.actor)
    return body


def _out(found: Suggestion) -> SuggestionOut:
    return SuggestionOut(person_ids=(found.place.first, found.place.second), reasons=list(found.reasons))
