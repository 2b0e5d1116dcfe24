"""What stands behind each figure: the guests it counts, or the page that lists its things. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from service.dissemination.facts import TaskFact


@dataclass(frozen=True, slots=True)
class Tally:
    """A tally of invitations, or of their people; `narrowed` names what more is asked of a person."""

    name: str
    is_of_people: bool = False
    narrowed: str = ""


@dataclass(frozen=True, slots=True)
class Guest:
    """Someone whom a figure counts, as staff may see them; `times` is how many invitations they are counted for."""

    invitation_id: str
    person_id: str
    name: str
    pseudonym: str | None
    at_risk: bool
    event_title: str
    times: int


_INVITED, _CAME = Tally("people_invited", True), Tally("attended", True)

# By indicator: whom its numerator counts, and whom its denominator does, where it has one.
GUESTS: dict[str, tuple[Tally, ...]] = {
    "R1": (_INVITED,),
    "R2": (Tally("delivered"),),
    "R3": (Tally("delivered"), Tally("attempted")),
    "R4": (Tally("bounced"), Tally("attempted")),
    "R5": (Tally("unsubscribed"), Tally("delivered")),
    "R6": (Tally("people_invited", True, "priority"), Tally("people_invited", True, "with_audience")),
    "R7": (Tally("attended", True, "placed"),),
    "R8": (Tally("attended", True, "with_organisation"),),
    "E1": (Tally("answered"), Tally("delivered")),
    "E2": (Tally("accepted"), Tally("delivered")),
    "E3": (Tally("attended"),),
    "E4": (_CAME,),
    "E5": (Tally("kept"), Tally("promised")),
    "E6": (Tally("walk_ins"),),
    "E7": (Tally("attended", True, "priority"), _CAME),
    "Q3": (Tally("attended", True, "complete"), _CAME),
}

# By indicator: the page on which its things stand, of those that count no guests or know none.
PAGES: dict[str, str] = {
    "O1": "/plan/outputs",
    "O2": "/plan",
    "O3": "/events",
    "O4": "/plan/shipments",
    "E8": "/plan/figures",
    **dict.fromkeys(("E9", "E10", "U8", "Q2"), "/events"),  # each event has its survey and its costs
    "U6": "/plan/commitments",
    "U7": "/plan/commitments",
    "U1": "/materials",
    "U2": "/materials",
    "U3": "/plan/sources",
    "U4": "/plan/sources",
    "U5": "/plan/records/mention",
    "U9": "/plan/records/reuse",
    "C1": "/plan/outcomes",
    "C2": "/plan/records/influence",
    "Q1": "/plan",
}


def by_owner(tasks: Iterable[TaskFact]) -> list[tuple[str, int, int]]:
    """Return whose tasks were due, how many they did on time, and of how many; "" where nobody is named."""
    listed = list(tasks)
    return [
        (owner, sum(one.is_on_time for one in listed if one.owner == owner), due)
        for owner, due in sorted(Counter(one.owner for one in listed).items())
    ]
