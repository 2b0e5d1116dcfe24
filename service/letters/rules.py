"""Rules of letters: who gets which kind, when it is due, and what a change tells whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from service.events.values import Change, Event, EventDiff, EventKind, EventState
from service.ical.values import PartStat
from service.invitations import survey_form
from service.invitations.rules import calendar_partstat, is_live, next_sequence, status
from service.invitations.survey_form import Return
from service.invitations.values import Invitation, LetterState, Seat, Status
from service.kernel.clock import floor_second, instant, local_time
from service.kernel.errors import NoSuchTime
from service.letters.values import TO_LISTS, Desk, Kind, PlannedLetter, Recipient, Told
from service.mail.values import Mailing, MailingState, Semantics

DAY = 24 * 60
LATE = timedelta(days=1)  # a planned letter more than a day late is dropped: it would say what is no longer true
LATE_AFTER = timedelta(days=7)  # what follows an event stays true for longer
AFTER_AT = time(10)  # what follows an event leaves in the morning, where the event was
NOBODY: Mapping[str, bool] = {}
CONFIRMATIONS_AN_HOUR = 3
STOP_COUNTS_FOR = timedelta(days=30)  # a stop after that is not laid at the door of the letter

# What follows an event, in days after it is closed.
STEPS: tuple[tuple[Kind, int], ...] = (
    (Kind.THANK_YOU, DAY),
    (Kind.MISSED_YOU, DAY),
    (Kind.SURVEY, 2 * DAY),
    (Kind.SURVEY_REMINDER, 5 * DAY),
    (Kind.NEXT_STEPS, 7 * DAY),
    (Kind.COMMITMENT_CHECK, 90 * DAY),
)
_SEMINAR_LETTERS = ((Kind.REMINDER, -7 * DAY), (Kind.JOINING, -1 * DAY), *STEPS)
DEFAULT_LETTERS: dict[EventKind, tuple[tuple[Kind, int], ...]] = {
    EventKind.LAUNCH: _SEMINAR_LETTERS,
    EventKind.SEMINAR: _SEMINAR_LETTERS,
    EventKind.BRIEFING: _SEMINAR_LETTERS,
    EventKind.CONFERENCE: _SEMINAR_LETTERS,
    EventKind.MEETING: ((Kind.JOINING, -DAY),),
}
FOLLOWED = frozenset(kind for kind, letters in DEFAULT_LETTERS.items() if letters is _SEMINAR_LETTERS)
AFTER_EVENT = frozenset(kind for kind, _minutes in STEPS)
ASKING = frozenset({Kind.SURVEY, Kind.SURVEY_REMINDER, Kind.COMMITMENT_CHECK})  # their page opens once it is closed
CANCELS = frozenset({Kind.CANCELLATION, Kind.READDRESSED})
ONCE = AFTER_EVENT | {Kind.JOINING}  # of whatever mailing, a guest of an event who had one is not sent another
DATED = frozenset({Kind.INVITATION, Kind.REMINDER, Kind.UPDATE, Kind.CONFIRMATION, Kind.JOINING})  # says when it is
SHOWS_LINK = frozenset({Kind.JOINING, Kind.UPDATE})  # an update, to those who have it already
WITH_CALENDAR = DATED | {Kind.POSTPONEMENT}
DEFAULT_STATUSES: dict[Kind, frozenset[Status]] = {
    Kind.REMINDER: frozenset({Status.SENT}),
    Kind.JOINING: frozenset({Status.ACCEPTED}),
    Kind.THANK_YOU: frozenset({Status.PRESENT}),
    Kind.MISSED_YOU: frozenset({Status.ABSENT}),
    **dict.fromkeys((*ASKING, Kind.NEXT_STEPS), frozenset({Status.PRESENT})),
    Kind.MESSAGE: frozenset({Status.ACCEPTED, Status.TENTATIVE, Status.SENT, Status.WAITING}),
}


def semantics(kind: Kind) -> Semantics:
    """Return what a letter of unknown fate becomes: sent again, byte for byte, or left alone."""
    once = kind in (Kind.MESSAGE, *AFTER_EVENT, *TO_LISTS)
    return Semantics.AT_MOST_ONCE if once else Semantics.AT_LEAST_ONCE


def needs_another(mailing: Mailing, actor: str, desk: Desk) -> bool:
    """Tell whether someone else than this one must send a draft."""
    return desk.four_eyes and mailing.state is MailingState.DRAFT and mailing.created_by == actor


def recipients_of(kind: Kind, invitations: Iterable[Invitation], statuses: frozenset[Status]) -> list[Invitation]:
    """Return who gets a letter of this kind: those of the given statuses whom our mail reaches.

    A reminder never goes to someone who answered; "we missed you" only to those who had said yes. What follows an
    event goes to those too who came uninvited.
    """
    chosen = []
    for invitation in invitations:
        if status(invitation) not in statuses or not _is_reached(invitation, kind):
            continue
        if kind is Kind.REMINDER and not (invitation.partstat is PartStat.NEEDS_ACTION or invitation.asked_again):
            continue
        if kind is Kind.MISSED_YOU and invitation.partstat is not PartStat.ACCEPTED:
            continue
        chosen.append(invitation)
    if kind is Kind.REMINDER:
        chosen += [i for i in _asked_again(invitations) if i not in chosen]
    return chosen


def _is_reached(invitation: Invitation, kind: Kind) -> bool:
    if invitation.walk_in and invitation.letter is LetterState.NONE:
        return kind in AFTER_EVENT
    return invitation.letter not in (LetterState.NONE, LetterState.BOUNCED)


def _asked_again(invitations: Iterable[Invitation]) -> list[Invitation]:
    return [i for i in invitations if i.asked_again and is_live(i)]


def planned_for(event: Event, *, now: datetime) -> list[tuple[Kind, int, datetime]]:
    """Return the letters an event sends by itself, those whose day has passed left out."""
    plans = [(kind, minutes, due_at(event, minutes)) for kind, minutes in DEFAULT_LETTERS.get(event.kind, ())]
    return [plan for plan in plans if plan[2] > now]


def due_at(event: Event, offset_minutes: int) -> datetime:
    """Return when a letter leaves: so many minutes before the start by the wall clock of the event's zone.

    "A day before, at 14:00" stays 14:00 when the clocks change in between. After the event the
    distance counts in days from the day it was closed, and the letter leaves in the morning.
    """
    if offset_minutes > 0:
        day = closing_day(event) + timedelta(minutes=offset_minutes)
        local = datetime.combine(day, AFTER_AT)
    else:
        local = datetime.fromisoformat(event.starts_local) + timedelta(minutes=offset_minutes)
    try:
        return instant(local, event.time_zone)
    except NoSuchTime:
        return instant(local + timedelta(hours=1), event.time_zone)


def closing_day(event: Event) -> date:
    """Return the day from which what follows an event counts: its close, until then its end."""
    return local_time(event.closed_at, event.time_zone).date() if event.closed_at else event.last_day


def moved_due(letter: PlannedLetter, after: Event, diff: EventDiff, *, now: datetime) -> datetime | None:
    """Return when a planned letter leaves once an event has changed, or None when its day stays.

    One that left before the time moved leaves again, where its day comes again.
    """
    due = due_at(after, letter.offset_minutes)
    if letter.mailing_id and not (diff.moves_time and due > now):
        return None
    return due if letter.mailing_id or due != letter.due_at else None


def is_sendable(letter: PlannedLetter, event: Event, *, now: datetime) -> bool:
    """Tell whether a planned letter that is due still says something true."""
    is_after = letter.kind in AFTER_EVENT
    if letter.held or now - letter.due_at > (LATE_AFTER if is_after else LATE):
        return False
    if is_after:
        return event.state is EventState.CLOSED and is_in_time(letter.kind, event, now=now)
    return event.state is EventState.ANNOUNCED and now < event.starts_at


def is_for_those_added(kind: Kind, event: Event, *, now: datetime) -> bool:
    """Tell whether a letter that has left still says something true to guests who came since."""
    if kind in AFTER_EVENT:
        is_open = kind not in ASKING or event.state is EventState.CLOSED
        return event.state in (EventState.ANNOUNCED, EventState.CLOSED) and is_open and is_in_time(kind, event, now=now)
    return event.state is EventState.ANNOUNCED and now < event.starts_at


def is_in_time(kind: Kind, event: Event, *, now: datetime) -> bool:
    """Tell whether the questions a letter leads to can still be answered; other letters lead to none."""
    if kind in (Kind.SURVEY, Kind.SURVEY_REMINDER):
        return now < survey_form.closes_at(event)
    return kind is not Kind.COMMITMENT_CHECK or now < survey_form.check_closes_at(event)


def step_recipients(
    kind: Kind, chosen: Iterable[Invitation], returns: Mapping[str, Return], had: Mapping[Kind, frozenset[str]]
) -> list[Invitation]:
    """Return who of those a letter after an event is for gets it now: each step once, and only where it is wished.

    `had` says who has or had a letter of each kind. Whoever has answered is not asked again.
    """
    return [one for one in chosen if one.id not in had.get(kind, ()) and _wants(kind, one, returns, had)]


def _wants(kind: Kind, one: Invitation, returns: Mapping[str, Return], had: Mapping[Kind, frozenset[str]]) -> bool:
    said = returns.get(one.id) or Return(one.id)
    if kind in (Kind.SURVEY, Kind.SURVEY_REMINDER):
        was_asked = kind is Kind.SURVEY or one.id in had.get(Kind.SURVEY, ())
        return was_asked and not said.answered
    if kind is Kind.NEXT_STEPS:
        return said.next_steps
    return said.may_ask and not said.checked if kind is Kind.COMMITMENT_CHECK else True


def tell(
    invitations: Sequence[Invitation],
    diff: EventDiff,
    *,
    drafts: frozenset[str],
    holders: Mapping[str, bool] = NOBODY,
) -> list[Invitation]:
    """Return who must be told of a change: live invitations whose letter is out. `drafts` have not left yet.

    Another link to join is no new time or place: it concerns `holders` alone, who have the old one.
    """
    live = [i for i in invitations if is_live(i) and i.id not in drafts]
    if diff.change is Change.MATERIAL:
        return live
    return [i for i in live if holds_link(i, holders)] if "online_url" in diff.fields else []


def holds_link(invitation: Invitation, holders: Mapping[str, bool]) -> bool:
    """Tell whether a guest has the link to join and may read of it; `holders` says who had it in discretion.

    In discretion nothing is said of it without a yes, also to someone who had said yes.
    """
    in_discretion = holders.get(invitation.id)
    return in_discretion is not None and (not in_discretion or invitation.partstat is PartStat.ACCEPTED)


def preview(
    invitations: Sequence[Invitation],
    diff: EventDiff,
    *,
    drafts: frozenset[str],
    holders: Mapping[str, bool] = NOBODY,
) -> tuple[Told, ...]:
    """Return a change preview's lines, one a status, in a fixed order, nobody counted twice."""
    told = {i.id for i in tell(invitations, diff, drafts=drafts, holders=holders)}
    groups: dict[tuple[str, str, str], int] = {}
    for invitation in invitations:
        word = status(invitation)
        if word in (Status.WITHDRAWN, Status.SUBSTITUTED) or invitation.id in drafts or invitation.walk_in:
            continue
        line = (word.value, *_fate(invitation, word, diff, invitation.id in told))
        groups[line] = groups.get(line, 0) + 1
    order = {s.value: n for n, s in enumerate(_PREVIEW_ORDER)}
    lines = [Told(word, people, gets, answer) for (word, gets, answer), people in groups.items()]
    return tuple(sorted(lines, key=lambda line: order.get(line.status, 99)))


_PREVIEW_ORDER = (
    Status.ACCEPTED,
    Status.TENTATIVE,
    Status.SENT,
    Status.QUEUED,
    Status.WAITING,
    Status.DECLINED,
    Status.BOUNCED,
    Status.DRAFT,
)


def _fate(invitation: Invitation, word: Status, diff: EventDiff, is_told: bool) -> tuple[str, str]:
    if word is Status.BOUNCED:
        return "phone", "none"
    if not is_told:
        return "nothing", "kept"
    if word is Status.SENT or word is Status.QUEUED:
        return "letter-and-calendar", "open"
    return "letter-and-calendar", "asked-again" if is_asked_again(invitation, diff) else "kept"


def is_stop_counted(left_at: datetime | None, *, now: datetime) -> bool:
    """Whether letters stopped now count in the figures as stopped because of a letter that left then."""
    return left_at is not None and now - left_at <= STOP_COUNTS_FOR


def is_asked_again(invitation: Invitation, diff: EventDiff) -> bool:
    """Tell whether a change of time makes a yes a "yes, to the old time"."""
    return diff.moves_time and invitation.partstat is PartStat.ACCEPTED


def after_change(invitation: Invitation, diff: EventDiff) -> Invitation:
    """Return the invitation as it is once the change is told."""
    return replace(invitation, asked_again=True) if is_asked_again(invitation, diff) else invitation


def follows(invitation: Invitation, event: Event, *, now: datetime) -> bool:
    """Tell whether an invitation goes where its guest's main address goes: the event is ahead, and they may come.

    One whose letter came back goes too: the old address may have been the reason.
    """
    is_ahead = event.state is EventState.ANNOUNCED and now < event.starts_at
    came_back = invitation.letter is LetterState.BOUNCED
    return is_ahead and is_live(replace(invitation, letter=LetterState.QUEUED) if came_back else invitation)


def kind_at_new_address(invitation: Invitation) -> Kind:
    """Return the letter that brings an invitation to its guest's new address: what they answered, or the question."""
    is_open = invitation.partstat is PartStat.NEEDS_ACTION or invitation.asked_again
    return Kind.INVITATION if is_open else Kind.CONFIRMATION


def event_facts(event: Event) -> dict[str, Any]:
    """Return what a letter may say of an event, as plain JSON."""
    return {
        "id": event.id,
        "title": event.title,
        "summary": event.summary,
        "kind": event.kind.value,
        "mode": event.mode.value,
        "whole_day": event.whole_day,
        "starts_local": event.starts_local,
        "ends_local": event.ends_local,
        "time_zone": event.time_zone,
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "place": event.place,
        "online_url": event.online_url,
        "language": event.language,
        "uid": event.uid,
        "slug": event.slug,
        "reply_by": event.reply_by.isoformat() if event.reply_by else None,
        "revision": event.revision,
        "state": event.state.value,
    }


def changes(before: Event, after: Event, diff: EventDiff) -> list[dict[str, Any]]:
    """Return what a letter says has changed: what, and the event before and after."""
    what = [w for w, names in _CHANGE_WORDS if names & diff.fields.keys()]
    if "state" in diff.fields and "time" not in what:
        what = ["standing", *what]
    return [{"what": w, "before": event_facts(before), "after": event_facts(after)} for w in what]


_MOVES = {"whole_day", "starts_local", "ends_local", "time_zone", "starts_at"}
_CHANGE_WORDS = (
    ("time", _MOVES),
    ("place", {"place"}),
    ("mode", {"mode"}),
    ("title", {"title"}),
    ("link", {"online_url"}),
)


def slots(
    event: Event,
    invitation: Invitation,
    person: Recipient,
    kind: Kind,
    *,
    now: datetime,
    must_rise: bool = False,
    holds: bool = False,
) -> dict[str, Any]:
    """Return one letter's slot values, frozen as JSON. The join link goes only with the joining details, and in an
    update to whoever `holds` it, so that it stays in their calendar.

    To someone at risk every letter is discreet, whatever the event.
    """
    frozen: dict[str, Any] = {
        **person_slots(person),
        "invitation": {
            "id": invitation.id,
            "token_version": invitation.token_version,
            "partstat": invitation.partstat.value,
            "seat": invitation.seat.value,
            "online": invitation.online,
        },
        "show_link": (kind is Kind.JOINING or holds) and invitation.seat is not Seat.WAITING,
    }
    if kind in WITH_CALENDAR or kind in CANCELS:
        frozen["calendar"] = _calendar(event, invitation, kind, now=now, must_rise=must_rise)
    return frozen


def gives_up_at(event: Event, kind: Kind) -> datetime | None:
    """Return when a letter that has not left says nothing true any more: what is told of a change, at the end."""
    if kind in AFTER_EVENT or kind in CANCELS:
        return None
    return event.ends_at if kind is Kind.UPDATE else event.starts_at


def person_slots(person: Recipient) -> dict[str, Any]:
    """Return what a letter says of its reader; to someone at risk every letter is discreet."""
    names = ("name", "greeting", "time_zone", "language", "source")
    own: dict[str, Any] = {"person": {name: getattr(person, name) for name in names}}
    return {**own, "discreet": True} if person.at_risk else own


def _calendar(event: Event, invitation: Invitation, kind: Kind, *, now: datetime, must_rise: bool) -> dict[str, Any]:
    cancels = kind in CANCELS
    return {
        "method": "CANCEL" if cancels else "REQUEST",
        "sequence": next_sequence(event, invitation, must_rise=must_rise or cancels),
        "dtstamp": floor_second(now).isoformat(),
        "partstat": calendar_partstat(invitation).value,
        "whole_event": cancels and event.state is EventState.CANCELLED,
        **({"tentative": True} if event.state is EventState.POSTPONED and not cancels else {}),
    }
