"""A letter that has left, sent to those who came since: to its list, or to the people of its event. The caller commits.

Whoever would get it now and has not had it is one who came since. Each letter of such a mailing names the first
mailing, and the ledger takes one of these for each recipient, so two who press at once write to nobody twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from service.events import store as events
from service.events.values import Event
from service.invitations import rules as invitation_rules
from service.invitations import store as invitations
from service.invitations.store import surveys
from service.invitations.values import Invitation, SkipReason, Status
from service.kernel.errors import Conflict
from service.letters import actions, rosters, rules, store, to_lists
from service.letters import desk as writing_desk
from service.letters.store import planned_letters
from service.letters.values import Desk, Invited, Kind, Recipient
from service.mail import actions as mail
from service.mail.values import MailingState, MailingView
from service.people import store as people

HAS_LEFT = (MailingState.RUNNING, MailingState.PAUSED, MailingState.DONE)
_OWN = ("note", "subject", "body", "to", "materials")  # words and wishes of the first that the next one keeps


class NotToThoseAdded(Conflict):
    """This letter cannot be sent to those who came since."""

    code = "not-to-those-added"


class OthersCame(Conflict):
    """Since someone looked, others would get the letter."""

    code = "others-came"

    def __init__(self) -> None:
        super().__init__("Others came or left meanwhile: look once more at who gets it.")


@dataclass(frozen=True, slots=True)
class Added:
    """Who came since a mailing and would get it now, and who of those who came is left out and why."""

    people: tuple[Recipient, ...]
    skipped: tuple[tuple[str, str], ...]

    @property
    def seen(self) -> str:
        """A mark of exactly these people."""
        return sha256(" ".join(sorted(one.person_id for one in self.people)).encode()).hexdigest()[:32]

    def reasons(self) -> dict[str, int]:
        """Return how many are left out for each reason."""
        return Invited(None, 0, self.skipped).counts()


def is_possible(mailing: MailingView) -> bool:
    """Tell whether a mailing is one that those who come later can get: it has left, and is no news of a change."""
    is_of_list = to_lists.list_of(mailing) is not None or (mailing.kind == Kind.INVITATION and bool(mailing.list_id))
    return mailing.state in HAS_LEFT and (is_of_list or _is_of_guests(mailing))


def _is_of_guests(mailing: MailingView) -> bool:
    return actions.event_of(mailing) is not None and mailing.kind in rules.DEFAULT_STATUSES


def find(session: Session, mailing: MailingView, *, desk: Desk, now: datetime) -> Added:
    """Return who came since a mailing and would get it now.

    Raises:
        NotToThoseAdded: it has not left, is no such letter, or its time has passed.
        NotAnnounced, EventClosed, SegmentBroken: of an invitation.
    """
    _check(mailing)
    if to_lists.list_of(mailing):
        return Added(*_shown(*to_lists.find_newcomers(session, mailing, desk=desk)))
    event = events.read_event(session, actions.event_of(mailing) or "")
    if mailing.kind == Kind.INVITATION:
        return _find_uninvited(session, event, mailing.list_id or "", desk=desk, now=now)
    writes, skipped = _guests(session, event, mailing, desk=desk, now=now)
    known = store.read_recipients(session, [one.id for one in writes])
    return Added(*_shown([known[one.id] for one in writes], [(one.person_id, _STOPPED) for one in skipped]))


_STOPPED = SkipReason.SUPPRESSED


def _check(mailing: MailingView) -> None:
    if not is_possible(mailing):
        raise NotToThoseAdded("Only a letter that has left, to a list or to guests, can be sent to those added since.")


def _shown(
    chosen: Sequence[Recipient], skipped: Sequence[tuple[str, SkipReason]]
) -> tuple[tuple[Recipient, ...], tuple[tuple[str, str], ...]]:
    return tuple(chosen), tuple((person, reason.value) for person, reason in skipped)


def _find_uninvited(session: Session, event: Event, list_id: str, *, desk: Desk, now: datetime) -> Added:
    roster = rosters.of_list(session, event.id, people.read_list(session, list_id))
    roster = rosters.with_suppression(session, roster, writing_desk.scopes(list_id), desk)
    plan = invitation_rules.plan_invitations(event, roster, now=now)
    known = store.read_readers(session, [one.person_id for one in plan.invite])
    news = [(person, reason) for person, reason in plan.skip if reason is not SkipReason.ALREADY_INVITED]
    return Added(*_shown(list(known.values()), news))


def _guests(
    session: Session, event: Event, mailing: MailingView, *, desk: Desk, now: datetime
) -> tuple[list[Invitation], list[Invitation]]:
    """Return which guests came since and get the letter, and to whose address letters are stopped."""
    kind = Kind(mailing.kind)
    if not rules.is_for_those_added(kind, event, now=now):
        raise NotToThoseAdded("The time of this letter has passed.")
    statuses = frozenset(Status(word) for word in mailing.facts.get("to", ())) or rules.DEFAULT_STATUSES[kind]
    chosen = rules.recipients_of(kind, invitations.read_of_event(session, event.id), statuses)
    if kind in rules.ONCE:
        returns, had = surveys.read_returns(session, event.id), planned_letters.read_had(session, event.id)
        chosen = rules.step_recipients(kind, chosen, returns, had)
    known = set(store.read_refs_of_family(session, mailing.context, first_of(mailing)))
    came = [one for one in chosen if one.id not in known]
    recipients = store.read_recipients(session, [one.id for one in came])
    open_ids = writing_desk.reachable(session, list(recipients.values()), desk=desk)
    return [one for one in came if one.id in open_ids], [one for one in came if one.id not in open_ids]


def first_of(mailing: MailingView) -> str:
    """Return the mailing whose words a mailing carries to those who came since: itself, when it is the first."""
    return str(mailing.facts.get("first", mailing.id))


def write(session: Session, mailing_id: str, *, desk: Desk, now: datetime, actor: str) -> Invited:
    """Write a letter that has left to those who came since: a draft of the same words, true to the event as it is now.

    Raises:
        what `find` does. NobodyToWriteTo: nobody came.
    """
    mailing = mail.read_mailing(session, mailing_id)
    _check(mailing)
    given: dict[str, Any] = {"desk": desk, "now": now, "actor": actor}
    if to_lists.list_of(mailing):
        return to_lists.write_to_newcomers(session, mailing, **given)
    event = events.lock_event(session, actions.event_of(mailing) or "")
    facts = _facts(mailing)
    if mailing.kind == Kind.INVITATION:
        list_id = mailing.list_id or ""
        roster = rosters.of_list(session, event.id, people.read_list(session, list_id))
        done = actions.invite_roster(session, event, roster, list_id=list_id, facts=facts, **given)
        return done if done.mailing_id else _nobody(done.skipped)
    writes, stopped = _guests(session, event, mailing, desk=desk, now=now)
    skipped = tuple((one.person_id, _STOPPED.value) for one in stopped)
    if not writes:
        return _nobody(skipped)
    counts = Invited(None, 0, skipped).counts()
    mailing_id = writing_desk.write(session, event, Kind(mailing.kind), writes, skipped=counts, facts=facts, **given)
    return Invited(mailing_id, len(writes), skipped)


def _facts(mailing: MailingView) -> dict[str, Any]:
    own = {name: mailing.facts[name] for name in _OWN if name in mailing.facts}
    return {**own, "wording": mailing.facts.get("wording") or {}, "first": first_of(mailing)}


def _nobody(skipped: Sequence[tuple[str, str]]) -> Invited:
    raise actions.NobodyToWriteTo("Nobody here would get this letter.", skipped=len(skipped))


def send(session: Session, mailing_id: str, *, seen: str, desk: Desk, now: datetime, actor: str) -> str:
    """Send a letter that has left to exactly those who were `seen` to have come since; return the mailing.

    It leaves after the undo window; where someone else must read it first it stays a draft.

    Raises:
        what `write` does. OthersCame: they are others by now; nothing is stored.
    """
    mailing = mail.read_mailing(session, mailing_id)
    if find(session, mailing, desk=desk, now=now).seen != seen:
        raise OthersCame
    done = write(session, mailing_id, desk=desk, now=now, actor=actor)
    made = done.mailing_id or ""
    if not desk.four_eyes:
        actions.approve(session, made, desk=desk, now=now, actor=actor)
    return made
