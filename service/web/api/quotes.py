"""The API of quotes and their consent."""

from __future__ import annotations

from datetime import date, datetime

from service.accounts.values import Permission
from service.dissemination import quotes
from service.dissemination.quoting import Quote
from service.dissemination.store.quotes import read_quotes
from service.events import store as events
from service.kernel.clock import local_time
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/quotes", tag="results")


class QuoteIn(ApiModel):
    """What someone said and agreed to.

    `uses` are internal, donor, public, site; `attribution` is anonymous, role or name, the last two with a
    `credit`; `once`: in one report only. `person_id` is whose words they are.
    """

    words: str
    uses: list[str]
    agreed_on: date
    agreed_how: str
    until: date
    attribution: str = "anonymous"
    credit: str = ""
    once: bool = False
    person_id: str | None = None
    event_id: str | None = None


class QuoteOut(QuoteIn):
    """A quote as it is kept; `standing` is holds, over or withdrawn, and withdrawn words are empty."""

    id: str
    standing: str
    withdrawn_at: datetime | None


def _quote(quote: Quote, today: date) -> QuoteOut:
    same = ("id", "words", "credit", "once", "agreed_on", "agreed_how", "until", "event_id", "withdrawn_at")
    return QuoteOut(
        **{name: getattr(quote, name) for name in same},
        uses=[use.value for use in quote.uses],
        attribution=quote.attribution.value,
        person_id=quote.person_ref,
        standing=quote.standing(today).value,
    )


@router.get("")
@rule(Permission.EDIT)
def list_quotes(session: ReadSession, who: Principal, now: Now, project_id: str) -> Page[QuoteOut]:
    """Return the quotes of a project, the newest first."""
    require_project(who, project_id)
    today = local_time(now, events.read_project(session, project_id).time_zone).date()
    return Page(items=[_quote(one, today) for one in read_quotes(session, project_id)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, body: QuoteIn) -> QuoteOut:
    """Put in a quote with its consent."""
    require_project(who, project_id)
    wishes = body.model_dump() | {"person_ref": body.person_id}
    made = quotes.add_quote(session, project_id, wishes, now=now, actor=who.actor)
    return _quote(made, local_time(now, events.read_project(session, project_id).time_zone).date())


@router.post("/{quote_id}/withdraw")
@rule(Permission.EDIT)
def withdraw(session: WriteSession, who: Principal, now: Now, project_id: str, quote_id: str) -> QuoteOut:
    """Take a quote back; its words are kept nowhere."""
    require_project(who, project_id)
    gone = quotes.withdraw(session, project_id, quote_id, now=now, actor=who.actor)
    return _quote(gone, local_time(now, events.read_project(session, project_id).time_zone).date())
