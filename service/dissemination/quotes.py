"""What one does with quotes: put one in with its consent, take it back, ask what a report may print."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination import quoting, superseding
from service.dissemination.editing import UnknownReference
from service.dissemination.quoting import Quote, Standing, UsableQuote
from service.dissemination.rules import parse_profile
from service.dissemination.store import quotes as store
from service.events.store import read_events, read_project
from service.kernel.clock import local_time
from service.kernel.ids import new_id


class Why(StrEnum):
    """Why a frozen report needs a newer one in its place."""

    TAKEN_BACK = "taken-back"
    OVER = "over"
    NAMES_FORGOTTEN = "names-forgotten"


def add_quote(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Quote:
    """Put in what someone said, with their consent to print it.

    `person_ref` is whose words they are, so that they can take them back and forgetting finds them;
    without it nobody can but staff.

    Raises:
        UnknownProject, UnknownReference, WordsMissing, ConsentMissing, ConsentTooLong, CreditMissing,
        NamedUnasked, NotADay.
    """
    today = local_time(now, read_project(session, project_id).time_zone).date()
    speaker = _speaker(session, wishes.get("person_ref"))
    _check_event(session, project_id, wishes.get("event_id"))
    quote = quoting.make_quote(new_id(), wishes, speaker, today=today)
    store.add_quote(session, project_id, quote, added_by=actor)
    facts = {"uses": [use.value for use in quote.uses], "until": quote.until.isoformat()}
    log.record(session, actor=actor, action="quote.added", subject=f"quote:{quote.id}", now=now, **facts)
    return quote


def _speaker(session: Session, person_id: str | None) -> quoting.Speaker | None:
    speaker = store.read_speaker(session, person_id) if person_id else None
    if person_id and speaker is None:
        raise UnknownReference("There is no such person.", field="person_ref")
    return speaker


def _check_event(session: Session, project_id: str, event_id: str | None) -> None:
    if event_id and event_id not in {event.id for event in read_events(session, project_id)}:
        raise UnknownReference("Choose one of the list.", field="event_id")


def withdraw(session: Session, project_id: str, quote_id: str, *, now: datetime, actor: str) -> Quote:
    """Take a quote back; its words are deleted, and an issued report is issued anew without it.

    A second press changes nothing.

    Raises:
        UnknownQuote: the project has none of this id.
    """
    quote = store.read_quote(session, project_id, quote_id)
    if quote.standing(quote.until) is not Standing.WITHDRAWN:
        _withdraw(session, quote_id, now=now, actor=actor)
    return store.read_quote(session, project_id, quote_id)


def withdraw_own(session: Session, person_id: str, quote_id: str, *, now: datetime) -> None:
    """Take back what one said oneself; an id of someone else's words changes nothing."""
    if quote_id in {one.id for one in store.read_quotes_of(session, person_id)}:
        _withdraw(session, quote_id, now=now, actor=f"guest:{person_id}")


def _withdraw(session: Session, quote_id: str, *, now: datetime, actor: str) -> None:
    store.write_withdrawn(session, quote_id, now=now)
    log.record(session, actor=actor, action="quote.withdrawn", subject=f"quote:{quote_id}", now=now)
    superseding.issue_without(session, [quote_id], now=now)


def usable_quotes(
    session: Session, project_id: str, profile: str, today: date, *, instead_of: str | None = None
) -> list[UsableQuote]:
    """Return the quotes that a report of a profile may print on a day, the newest first.

    Put them into the body's `quotes` as they are, ids too: what a frozen report holds is noted by them.
    A quote for one report is left out once a frozen one holds it, other than the one it is made
    `instead_of`.

    Raises:
        UnknownProfile.
    """
    found = store.read_quotes(session, project_id)
    printed = store.read_printed(session, [one.id for one in found if one.once], but=instead_of)
    at_risk = store.read_at_risk(session, project_id)
    return quoting.usable(found, parse_profile(profile), today, at_risk=at_risk, printed=printed)


def needs_superseding(session: Session, project_id: str, today: date) -> dict[str, Why]:
    """Return the frozen reports that hold words which may not be printed any more, and why."""
    found = dict.fromkeys(store.read_forgotten_in(session, project_id), Why.NAMES_FORGOTTEN)
    for snapshot_id, _quote_id, quote in store.read_held(session, project_id):
        standing = quote.standing(today) if quote else Standing.WITHDRAWN
        if standing is Standing.WITHDRAWN:
            found[snapshot_id] = Why.TAKEN_BACK
        elif standing is Standing.OVER:
            found.setdefault(snapshot_id, Why.OVER)
    return found
