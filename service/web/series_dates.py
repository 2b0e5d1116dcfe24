"""Staff page that makes dates of a series by a rule: the dates first, then all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.events import actions, store
from service.events.recurrence import BadRule, Dates, Frequency, Repeat, drafts_of, plan_dates
from service.events.rules import plan_event
from service.events.values import Event, EventDraft, EventKind, Mode, Privacy
from service.kernel.errors import Invalid
from service.letters import changes
from service.web import identifiers
from service.web.dates import long_date, whole_days
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.event_forms import as_typed, hours_of, shown_field, typed_fields
from service.web.event_series import own_series
from service.web.events import LANGUAGES, Typed
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/series")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
EMPTY = {"title": "", "summary": "", "place": "", "online_url": "", "starts_date": "", "ends_date": ""}
RULE = {"frequency": "weekly", "every": "1", "ends": "count", "count": "6", "until": ""}
OPTIONS = {
    "kinds": [kind.value for kind in EventKind],
    "modes": [mode.value for mode in Mode],
    "privacies": [privacy.value for privacy in Privacy],
    "languages": LANGUAGES,
}


@router.get("/{series_id:identifier}/dates")
@rule(Permission.EDIT)
def show(request: Request, session: ReadSession, who: Who, series_id: str) -> Response:
    """Show the form, filled as the last date of the series is."""
    return _page(request, session, own_series(session, who, series_id), {})


def _page(
    request: Request,
    session: Session,
    series: dict[str, Any],
    typed: dict[str, str],
    *,
    dates: Dates | None = None,
    shown: Sequence[tuple[str, str]] = (),
    error: Invalid | None = None,
) -> Response:
    project = store.read_project(session, series["project_id"])
    known = store.read_dates(session, series["id"])
    usual = _usual(known[-1]) if known else {"time_zone": project.time_zone, "language": project.locale}
    hours = {"whole_day": "", "starts_time": "14:00", "duration_minutes": 120}
    preset = {**hours, "kind": "meeting", "mode": "hybrid", "privacy": "invited", "capacity": ""}
    return page(
        request,
        "series/dates.html",
        status=422 if error else 200,
        project=project,
        series=series,
        values={**EMPTY, **RULE, **preset, "title": series["title"], **usual, **as_typed(typed)},
        options={**OPTIONS, "frequencies": [one.value for one in Frequency]},
        dates=dates,
        starts=shown,
        errors={shown_field(error, typed): error.sentence} if error else {},
    )


def _usual(event: Event) -> dict[str, Any]:
    """Return how the dates of a series usually are, but when."""
    names = ("summary", "time_zone", "place", "online_url", "language")
    return {
        **{name: getattr(event, name) for name in names},
        **{name: getattr(event, name).value for name in ("kind", "mode", "privacy")},
        **hours_of(event),
        "capacity": "" if event.capacity is None else event.capacity,
    }


@router.post("/{series_id:identifier}/dates")
@rule(Permission.EDIT)
def make(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, desk: Desk, series_id: str
) -> Response:
    """Show the dates a rule makes; make them once they are confirmed."""
    series = own_series(session, who, series_id)
    try:
        fields = {**typed_fields(form), "series_id": series_id}
        draft, repeat = EventDraft(project_id=series["project_id"], **fields), read_rule(form)
        dates = plan_dates(draft.starts_at, draft.time_zone, repeat, whole_day=draft.whole_day)
        plan_event(draft)
        if not form.get("confirmed"):
            return _page(request, session, series, form, dates=dates, shown=_shown(draft, dates))
        made = actions.create_dates(session, draft, repeat, uid_domain=desk.domain, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, series, form, error=error)
    for event in made if form.get("announce") else ():
        changes.announce_event(session, event.id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/series/{series_id}?made={len(made)}", 303)


def _shown(draft: EventDraft, dates: Dates) -> list[tuple[str, str]]:
    """Return the starts of a rule, each with the words for it."""
    if not draft.whole_day:
        return [(one, f"{long_date(date.fromisoformat(one[:10]))}, {one[11:]}") for one in dates.starts]
    spans = [(one.starts_at, one.ends_at or one.starts_at) for one in drafts_of(draft, dates)]
    return [(first, whole_days(*map(date.fromisoformat, (first, last)))) for first, last in spans]


def read_rule(form: dict[str, str]) -> Repeat:
    """Return the rule as typed; of count and last day, the one that was chosen.

    Raises:
        BadRule: a number or a day is none.
    """
    by_count = form.get("ends", "count") == "count"
    return Repeat(
        form.get("frequency", ""),
        _number(form.get("every", ""), "every"),
        _number(form.get("count", ""), "count") if by_count else None,
        None if by_count else _day(form.get("until", "")),
    )


def _number(raw: str, field: str) -> int:
    try:
        return int(raw)
    except ValueError:
        raise BadRule("Give a whole number.", field=field) from None


def _day(raw: str) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise BadRule("Give the last day.", field="until") from None
