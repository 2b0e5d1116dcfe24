"""A letter tried before it is used: as one guest would get it, with the worst names there are, or sent to oneself.

No link in a trial answers for anyone: its invitation is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.accounts.values import Staff
from service.events import store as events
from service.events.values import Event, Project
from service.invitations import store as invitations
from service.kernel.clock import floor_second
from service.kernel.errors import Conflict, TooMany
from service.kernel.ids import from_bytes
from service.letters import desk as writing_desk
from service.letters import rules, store
from service.letters.files import NotAddressed
from service.letters.rules import CANCELS, WITH_CALENDAR
from service.letters.values import Desk, Kind, Template
from service.mail import actions as mail
from service.mail.compose import Composer
from service.mail.values import (
    ComposedLetter,
    Delivery,
    DeliveryState,
    Letter,
    Mailing,
    MailingState,
    NewMailing,
    Semantics,
)

NOBODY = from_bytes(0, bytes(10))  # the made-up invitation of trials
CONTEXT = "test:"
TESTS_AN_HOUR = 20

_WORST_TITLE = ("“Rights & <b>Wrongs</b>” {{ title }} – 'how' to \"quote\", %s; =?utf-8?q?x?= 🕊️ الحقوق " * 4)[:200]
_WORST_NAME = (
    'مريم 🕊️ O’Neill-<script>alert(1)</script> "Mimi" & ' + "Wolfeschlegelsteinhausenbergerdorff-" * 4 + "Senior"
)


class NoProject(Conflict):
    """There is no project to write for yet."""

    code = "no-project"


class TooManyTests(TooMany):
    """This member of staff tried many letters within the hour."""

    code = "too-many-tests"


@dataclass(frozen=True, slots=True)
class Trial:
    """For whom a letter is tried: what is frozen on its mailing and in its one letter."""

    facts: Mapping[str, Any]
    letter: Letter


def choose(
    session: Session, kind: Kind, language: str, event: Event | None, person_id: str, *, now: datetime, actor: str
) -> Trial:
    """Return the trial with one guest of an event, or with the worst data when none is named.

    Raises:
        NotAddressed: this person is no guest of the event. NoProject: there is nothing to write for.
    """
    if event is None or not person_id:
        return at_worst(session, language, kind, now=now)
    return for_guest(session, event, person_id, kind, language, now=now, actor=actor)


def for_guest(
    session: Session, event: Event, person_id: str, kind: Kind, language: str, *, now: datetime, actor: str
) -> Trial:
    """Return the trial with one guest of an event, who may be one to whom every letter is discreet.

    It is written in the language that is tried, whichever the guest reads.

    Raises:
        NotAddressed: this person is no guest of the event.
    """
    invitation = invitations.find(session, event.id, person_id)
    if invitation is None:
        raise NotAddressed("This person is not invited to the event.")
    person = store.read_recipients(session, [invitation.id])[invitation.id]
    slots = rules.slots(event, invitation, person, kind, now=now)
    slots["invitation"] = {**slots["invitation"], "id": NOBODY, "token_version": 0}
    if kind is Kind.CANCELLATION:
        slots["calendar"] = {**slots["calendar"], "whole_event": True}
    facts = writing_desk.mailing_facts(session, event, actor=actor)
    return Trial(facts, Letter(NOBODY, person.address, language, slots))


def at_worst(session: Session, language: str, kind: Kind, *, now: datetime) -> Trial:
    """Return the trial with the worst data: very long, both ways of writing, markup, quotes, and no place."""
    project = _project(session)
    event = _example(project, kind, now=now) | {"title": _WORST_TITLE, "summary": _WORST_TITLE * 3, "place": ""}
    slots = _slots(_WORST_NAME, kind, now=now)
    return Trial(_facts(event, kind, project, _WORST_NAME), Letter(NOBODY, "x@example.org", language, slots))


def for_staff(session: Session, staff: Staff, language: str, kind: Kind, *, now: datetime) -> Trial:
    """Return the trial a member of staff sends to themselves: an example event, their own name, no calendar."""
    project = _project(session)
    facts = _facts(_example(project, kind, now=now), kind, project, staff.name)
    slots = {name: value for name, value in _slots(staff.name, kind, now=now).items() if name != "calendar"}
    return Trial({**facts, "test": True}, Letter(staff.id, staff.email, language, slots))


def _project(session: Session) -> Project:
    projects = events.read_projects(session)
    if not projects:
        raise NoProject("Make a project first: letters go out under its name.")
    return projects[-1]


def _facts(event: dict[str, Any], kind: Kind, project: Project, sender: str) -> dict[str, Any]:
    earlier = {**event, "starts_at": event["earlier_at"], "ends_at": event["earlier_at"]}
    moved = [{"what": "time", "before": earlier, "after": event}] if kind is Kind.UPDATE else []
    by = {"name": sender, "organisation": project.organisation, "project": project.name}
    return {"event": event, "sender": by, "note": "", "changes": moved, "cancel_reason": "", "discreet": False}


def _example(project: Project, kind: Kind, *, now: datetime) -> dict[str, Any]:
    """Return an event in a month's time that is nobody's, as it stands on a mailing."""
    starts = floor_second(now) + timedelta(days=30)
    ends, zone = starts + timedelta(hours=2), ZoneInfo(project.time_zone)
    return {
        "title": "An example event",
        "summary": "",
        "mode": "in_person",
        "whole_day": False,
        "starts_local": starts.astimezone(zone).replace(tzinfo=None).isoformat(),
        "ends_local": ends.astimezone(zone).replace(tzinfo=None).isoformat(),
        "time_zone": project.time_zone,
        "starts_at": starts.isoformat(),
        "ends_at": ends.isoformat(),
        "earlier_at": (starts - timedelta(days=1)).isoformat(),
        "place": "An example place",
        "online_url": "",
        "uid": f"{NOBODY}@example.org",
        "reply_by": (starts - timedelta(days=7)).isoformat(),
        "state": "postponed" if kind is Kind.POSTPONEMENT else "announced",
    }


def _slots(name: str, kind: Kind, *, now: datetime) -> dict[str, Any]:
    cancels = kind in CANCELS
    calendar = {
        "method": "CANCEL" if cancels else "REQUEST",
        "sequence": int(cancels),  # a cancellation comes after the request that it ends
        "dtstamp": floor_second(now).isoformat(),
        "partstat": "NEEDS-ACTION",
        "whole_event": cancels,
    }
    invitation = {"id": NOBODY, "token_version": 0, "partstat": "NEEDS-ACTION", "seat": "none", "online": False}
    slots = {"person": {"name": name, "greeting": "", "time_zone": None, "source": ""}, "invitation": invitation}
    return {**slots, "calendar": calendar} if cancels or kind in WITH_CALENDAR else slots


def compose(
    template: Template | None, kind: Kind, trial: Trial, *, composer: Composer, now: datetime
) -> ComposedLetter:
    """Return the letter of a trial in a version's words, or in the built-in ones."""
    made = Mailing(
        id=NOBODY,
        context=CONTEXT,
        kind=kind.value,
        purpose=writing_desk.PURPOSE,
        list_id=None,
        state=MailingState.DRAFT,
        semantics=Semantics.AT_MOST_ONCE,
        facts={**trial.facts, **_wording(template)},
        skipped={},
        created_by="system",
        created_at=now,
        approved_by=None,
        approved_at=None,
        send_at=None,
        done_at=None,
        pause_reason="",
    )
    return composer.compose(made, _delivery(trial.letter, now))


def _wording(template: Template | None) -> dict[str, Any]:
    return {"wording": {template.language: asdict(template.words)}} if template else {}


def _delivery(letter: Letter, now: datetime) -> Delivery:
    return Delivery(
        id=NOBODY,
        mailing_id=NOBODY,
        recipient_ref=NOBODY,
        address=letter.address,
        address_hash="",
        domain="",
        language=letter.language,
        slots=letter.slots,
        state=DeliveryState.QUEUED,
        attempts=0,
        created_at=now,
        give_up_at=None,
        lease_epoch=0,
        finished_at=None,
    )


def send_test(session: Session, template: Template, staff: Staff, *, desk: Desk, now: datetime, actor: str) -> str:
    """Send a version to the member of staff who asks, marked as a test; return the mailing's id.

    It leaves as every letter does: an address that wants no letters gets none.

    Raises:
        TooManyTests: they have had enough this hour.
    """
    if store.count_tests(session, actor, since=now - timedelta(hours=1)) >= TESTS_AN_HOUR:
        raise TooManyTests("You have sent yourself many tests within the hour. Please read these first.")
    trial = for_staff(session, staff, template.language, template.kind, now=now)
    facts, once = {**trial.facts, **_wording(template)}, Semantics.AT_MOST_ONCE
    new = NewMailing(f"{CONTEXT}{template.id}", template.kind.value, writing_desk.PURPOSE, None, once, facts, {})
    letters, key = [trial.letter], desk.address_key
    return mail.dispatch(session, new, letters, address_key=key, undo_seconds=0, now=now, actor=actor)
