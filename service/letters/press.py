"""The press: journalists are the people of media; each with what they were told, when, and until when it is held.

There is no list of its own: a journalist is a person of an organisation that is media, or whoever got a press release.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from service.directory import store as directory
from service.directory.filters import Condition
from service.letters.store import press as store
from service.letters.values import Kind
from service.mail import actions as mail
from service.mail.values import DeliveryState, MailingState
from service.people import store as people
from service.people.values import OrganisationType, Person

MEDIA = Condition("organisation_type", (OrganisationType.MEDIA.value,))
MOST = 2_000  # journalists on the page
_HAVE_IT = (DeliveryState.SENT, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Release:
    """A press release: what it is called, until when it is held, and whether it has left."""

    id: str
    subject: str
    embargo: datetime | None
    time_zone: str
    state: MailingState
    written_at: datetime
    told: int

    def is_held(self, now: datetime) -> bool:
        """Whether the embargo still runs."""
        return self.embargo is not None and now < self.embargo


@dataclass(frozen=True, slots=True)
class Telling:
    """That someone was told: by which release, and when it left; `unknown`: the line broke after our last word."""

    release: Release
    state: DeliveryState
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Journalist:
    """Someone of the press with what they were told, the newest first."""

    person: Person
    told: tuple[Telling, ...]


def read_releases(session: Session, project_id: str) -> list[Release]:
    """Return the press releases of a project, the newest first."""
    return [
        Release(
            id=m.id,
            subject=str(m.facts.get("subject", "")),
            embargo=datetime.fromisoformat(m.facts["until"]) if m.facts.get("until") else None,
            time_zone=str(m.facts.get("time_zone", "UTC")),
            state=m.state,
            written_at=m.created_at,
            told=sum(m.counts[state] for state in _HAVE_IT),
        )
        for m in mail.read_mailings(session, kind=Kind.PRESS_RELEASE)
        if m.facts.get("project_id") == project_id and m.state is not MailingState.CANCELLED
    ]


def read_press(session: Session, releases: list[Release]) -> list[Journalist]:
    """Return the press by name, with what each was told of some releases."""
    by_id = {release.id: release for release in releases}
    told: dict[str, list[Telling]] = {}
    for person_id, mailing_id, state, at in store.read_told(session, list(by_id)) if by_id else ():
        if DeliveryState(state) in _HAVE_IT:
            told.setdefault(person_id, []).append(Telling(by_id[mailing_id], DeliveryState(state), at))
    found: dict[str, Person] = {one.id: one for one in directory.find_matching(session, MEDIA, limit=MOST).items}
    others = people.read_these(session, [one for one in told if one not in found])
    every = [*found.values(), *others.values()]
    press = (Journalist(one, tuple(reversed(told.get(one.id, [])))) for one in every)
    return sorted(press, key=lambda one: (one.person.organisation or "", one.person.name, one.person.id))
