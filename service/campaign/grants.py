"""Small grants: asked about, applied for, awarded, reported on, or declined on the way.

Amounts are for staff. No report and no public page says them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.campaign import rules
from service.campaign.store import GRANTS
from service.campaign.values import Grant, GrantState
from service.events.store import read_project
from service.kernel.clock import NotADay, local_time
from service.kernel.errors import Conflict, Invalid
from service.kernel.ids import new_id
from service.people import organisations
from service.people import store as people

MOVES: Mapping[GrantState, tuple[GrantState, ...]] = {
    GrantState.ENQUIRY: (GrantState.APPLIED, GrantState.DECLINED),
    GrantState.APPLIED: (GrantState.AWARDED, GrantState.DECLINED),
    GrantState.AWARDED: (GrantState.REPORTED,),
    GrantState.REPORTED: (),
    GrantState.DECLINED: (),
}
LARGEST = 10**9
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"[0-9]{1,10}")


class WrongMove(Conflict):
    """A grant does not go from this state to that one."""

    code = "wrong-move"


class BadAmount(Invalid):
    """An amount or a currency that cannot be read, or none where one is needed."""

    code = "bad-amount"


def add_grant(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Grant:
    """Note an enquiry. The organisation is named by `organisation_id`, or by `organisation`, made when there is none.

    Raises:
        UnknownProject, UnknownOrganisation, RecordIncomplete, BadAmount, NotADay.
    """
    today = local_time(now, read_project(session, project_id).time_zone).date()
    since = rules.past_day(wishes.get("since") or today, "since", today)
    blank = Grant(new_id(), _organisation(session, wishes, now=now), "", GrantState.ENQUIRY, since, "", None, None, "")
    grant = judge(blank, wishes)
    GRANTS.add(session, project_id, grant)
    log.record(session, actor=actor, action="grant.added", subject=f"grant:{grant.id}", now=now)
    return grant


def edit_grant(
    session: Session, project_id: str, grant_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Grant:
    """Change what a grant is for, its amount, its report's day or its note; the state changes by `move_grant`.

    Raises:
        UnknownRecord, RecordIncomplete, BadAmount, NotADay.
    """
    before = GRANTS.read(session, project_id, grant_id)
    after = judge(before, wishes)
    if after != before:
        GRANTS.write(session, after)
        log.record(session, actor=actor, action="grant.changed", subject=f"grant:{grant_id}", now=now)
    return after


def move_grant(
    session: Session, project_id: str, grant_id: str, state: str, on_day: Any, *, now: datetime, actor: str
) -> Grant:
    """Let a grant go on to another state on a day.

    Raises:
        UnknownRecord, UnknownChoice, NotADay, WrongMove, BadAmount.
    """
    today = local_time(now, read_project(session, project_id).time_zone).date()
    before = GRANTS.read(session, project_id, grant_id)
    day = rules.past_day(on_day or today, "on_day", today)
    after = moved(before, rules.choice(GrantState, state, "state"), day)
    GRANTS.write(session, after)
    facts = {"before": before.state.value, "after": after.state.value}
    log.record(session, actor=actor, action="grant.moved", subject=f"grant:{grant_id}", now=now, **facts)
    return after


def remove_grant(session: Session, project_id: str, grant_id: str, *, now: datetime, actor: str) -> None:
    """Take away a grant that was put in by mistake.

    Raises:
        UnknownRecord: the project has none of this id.
    """
    GRANTS.read(session, project_id, grant_id)
    GRANTS.remove(session, grant_id)
    log.record(session, actor=actor, action="grant.removed", subject=f"grant:{grant_id}", now=now)


def _organisation(session: Session, wishes: Mapping[str, Any], *, now: datetime) -> str:
    if wanted := wishes.get("organisation_id"):
        return str(people.read_organisation(session, str(wanted)).id)
    name = rules.line(wishes.get("organisation"), 300)
    return str(organisations.ensure(session, rules.needed(name, "organisation", "Say who asks."), now=now))


# Pure


def judge(grant: Grant, wishes: Mapping[str, Any]) -> Grant:
    """Return a grant as it is wanted; what is left out stays.

    Raises:
        RecordIncomplete, BadAmount, NotADay.
    """
    given = {name: getattr(grant, name) for name in ("purpose", "amount", "currency", "report_due_on", "note")}
    wanted = given | {name: wishes[name] for name in given if name in wishes}
    amount, currency = _money(wanted["amount"], wanted["currency"])
    if grant.state in (GrantState.AWARDED, GrantState.REPORTED) and amount is None:
        raise BadAmount("A grant that was awarded has an amount.", field="amount")
    return replace(
        grant,
        purpose=rules.needed(rules.line(wanted["purpose"], 300), "purpose", "Say what it is for."),
        amount=amount,
        currency=currency,
        report_due_on=rules.day_or_none(wanted["report_due_on"], "report_due_on"),
        note=rules.block(wanted["note"], 1000),
    )


def moved(grant: Grant, state: GrantState, day: date) -> Grant:
    """Return a grant in its next state since a day.

    Raises:
        WrongMove: it does not go there from where it is.
        NotADay: the day is before the one it came to its present state.
        BadAmount: it is awarded and nobody said how much.
    """
    if state not in MOVES[grant.state]:
        raise WrongMove("A grant is asked about, applied for, awarded, then reported on; no step is left out.")
    if day < grant.since:
        raise NotADay("That is before the step it follows.", field="on_day")
    if state is GrantState.AWARDED and grant.amount is None:
        raise BadAmount("Say how much is awarded first.", field="amount")
    return replace(grant, state=state, since=day)


def _money(amount: Any, currency: Any) -> tuple[int | None, str]:
    """Return whole units and the code of their currency; nothing typed is no amount."""
    said = str("" if amount is None else amount).strip().replace(" ", "").replace(",", "")
    code = rules.line(currency, 10).upper()
    if not said:
        return None, code if _CURRENCY.fullmatch(code) else ""
    if not _AMOUNT.fullmatch(said) or not 0 < int(said) <= LARGEST:
        raise BadAmount("Give a whole number, such as 1500.", field="amount")
    if not _CURRENCY.fullmatch(code):
        raise BadAmount("Give the currency by its three letters, such as GBP.", field="currency")
    return int(said), code
