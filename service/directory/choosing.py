"""What becomes of two people's data when they are made one. Pure.

Fields are chosen one by one; tags, addresses and lists are united; whatever protects someone wins:
at risk over not, having left a list over being on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from service.directory.values import Doubled, Facts, FieldChoice, OnList, Side
from service.invitations.values import Attendance, Invitation, LetterState, Seat
from service.kernel.errors import Invalid
from service.people.rules import fields as people_fields
from service.people.rules.addresses import BadAddress, normalise_address
from service.people.values import Person

Columns = tuple[str, ...]
# A field as it is chosen, and the columns that go with it.
FIELDS: Mapping[str, Columns] = {
    "name": ("name",),
    "greeting": ("greeting",),
    "email": ("email", "email_key"),
    "phone": ("phone",),
    "organisation": ("organisation_id",),
    "role": ("role",),
    "audience": ("audience_id",),
    "country": ("country", "region"),
    "language": ("language",),
    "time_zone": ("time_zone",),
    "pseudonym": ("pseudonym",),
    "source": ("source", "source_on"),
    "notes": ("notes",),
}
PRIVATE = ("phone", "notes")
NOTES_LIMIT = 8_000
NEVER = datetime.min.replace(tzinfo=UTC)
_REACHED = (LetterState.SENT, LetterState.UNKNOWN)
_PRESENCE = (Attendance.PRESENT, Attendance.EXCUSED, Attendance.ABSENT, Attendance.UNKNOWN)
_CHAIRS = (Seat.HELD, Seat.OFFERED, Seat.WAITING, Seat.NONE)


# Fields


def propose(kept: Facts, taken: Facts, wishes: Mapping[str, str]) -> tuple[FieldChoice, ...]:
    """Return what there is to choose, with the proposal for what is not wished for.

    What only one of them says stays; of two, the kept person's; of notes, both.

    Raises:
        Invalid: a wish names no field, or no side of it.
    """
    if unknown := next((name for name in wishes if name not in FIELDS), None):
        raise Invalid(f"There is no field “{unknown[:40]}” to choose.", field=unknown[:40])
    return tuple(_choice(name, kept, taken, wishes.get(name)) for name in FIELDS)


def _choice(name: str, kept: Facts, taken: Facts, wish: str | None) -> FieldChoice:
    choice = FieldChoice(name, _said(kept, name), _said(taken, name), Side.KEPT)
    if wish is None:
        return replace(choice, chosen=_proposed(choice))
    if wish not in choice.sides:
        raise Invalid(f"Choose one of: {', '.join(choice.sides)}.", field=name)
    return replace(choice, chosen=Side(wish))


def _proposed(choice: FieldChoice) -> Side:
    if choice.field == "notes" and choice.differs and len(_joined(choice)) <= NOTES_LIMIT:
        return Side.BOTH
    return Side.KEPT if choice.kept or not choice.taken else Side.TAKEN


def _said(facts: Facts, name: str) -> str:
    """Return what one of them says in a field, as it is read by people."""
    if name in PRIVATE:
        return getattr(facts.private, name) or ""
    said = getattr(facts.person, name) or ""
    on = facts.person.source_on
    return f"{said}, {on.isoformat()}".strip(", ") if name == "source" and on else said


def _joined(choice: FieldChoice) -> str:
    return f"{choice.kept}\n\n{choice.taken}"


def merged_columns(kept: Facts, taken: Facts, fields: Iterable[FieldChoice]) -> dict[str, Any]:
    """Return the open columns of the person who stays."""
    columns: dict[str, Any] = {}
    for choice in fields:
        source = (taken if choice.chosen is Side.TAKEN else kept).person
        columns |= {name: getattr(source, name) for name in FIELDS[choice.field] if name not in PRIVATE}
    one, other = kept.person, taken.person
    columns["tags"] = list(dict.fromkeys((*one.tags, *other.tags)))
    columns["other_emails"] = other_addresses((kept, taken), columns["email_key"])
    columns["at_risk"] = one.at_risk or other.at_risk
    organisation = one.organisation if columns["organisation_id"] == one.organisation_id else other.organisation
    words = (columns["name"], columns["email"], organisation)
    return {**columns, "folded": people_fields.search_text(*words, columns["tags"])}


def merged_private(fields: Iterable[FieldChoice]) -> dict[str, str | None]:
    """Return what is to be sealed of the person who stays.

    Raises:
        Invalid: both notes are longer than notes may be.
    """
    private: dict[str, str | None] = {}
    for choice in fields:
        if choice.field in PRIVATE:
            both = _joined(choice) if choice.differs else choice.kept or choice.taken
            text = {Side.KEPT: choice.kept, Side.TAKEN: choice.taken, Side.BOTH: both}[choice.chosen]
            private[choice.field] = text or None
    if len(private["notes"] or "") > NOTES_LIMIT:
        raise Invalid("Both notes together are too long. Keep one of them.", field="notes")
    return private


def addresses_of(person: Person) -> dict[str, str]:
    """Return all addresses of a person by their keys, the main one first."""
    return {person.email_key: person.email} | {_key(address): address for address in person.other_emails}


def other_addresses(both: Sequence[Facts], main: str) -> list[str]:
    """Return the addresses of both but the main one."""
    united: dict[str, str] = {}
    for facts in both:
        for key, address in facts.addresses.items():
            united.setdefault(key, address)
    return [address for key, address in united.items() if key != main]


def _key(address: str) -> str:
    try:
        return normalise_address(address).key
    except BadAddress:  # taken before today's rule
        return address.lower()


# Lists


def united_lists(kept: Iterable[OnList], taken: Iterable[OnList], left: Mapping[str, datetime]) -> tuple[OnList, ...]:
    """Return the lists of the person who stays.

    `left`: by list, when the one who is not on it left it. Who left after the other joined is not on it.
    """
    united: dict[str, OnList] = {}
    for one in (*kept, *taken):
        united[one.list_id] = _stronger(united[one.list_id], one) if one.list_id in united else one
    return tuple(one for one in united.values() if left.get(one.list_id, NEVER) <= one.joined_at)


def _stronger(one: OnList, other: OnList) -> OnList:
    """Return the membership with a ground; of two, the earlier."""
    if (one.basis is None) != (other.basis is None):
        return one if one.basis else other
    return min(one, other, key=lambda each: each.joined_at)


# Invitations


def settle(one: Invitation, other: Invitation) -> Doubled:
    """Return which of two invitations of one person to one event stays, and as what.

    The later valid answer counts; who was there was there; a chair that one of them has is not lost.
    """
    stays, goes = sorted((one, other), key=_weight, reverse=True)
    seat = _seat(stays, goes)
    after = replace(
        stays,
        attendance=min(stays.attendance, goes.attendance, key=_PRESENCE.index),
        seat=seat.seat,
        seat_order=seat.seat_order,
        sequence_sent=_later(stays.sequence_sent, goes.sequence_sent),
        comment=both_texts(stays.comment, goes.comment)[:1000],
        substitute_for=_not(stays.substitute_for or goes.substitute_for, (one.id, other.id)),
        substituted_by=_not(stays.substituted_by, (one.id, other.id)),
        unsubscribed=stays.unsubscribed or goes.unsubscribed,
    )
    return Doubled(after, goes)


def _weight(invitation: Invitation) -> tuple[Any, ...]:
    is_open = not (invitation.withdrawn_at or invitation.substituted_by)
    reached = invitation.letter in _REACHED
    answered = invitation.replied_at or NEVER
    return is_open, not invitation.walk_in, answered, reached, -invitation.created_at.timestamp(), invitation.id


def _seat(stays: Invitation, goes: Invitation) -> Invitation:
    """Return the invitation whose chair counts: of two yeses to the room the better chair, else the one that stays."""
    if stays.seat is Seat.NONE or goes.seat is Seat.NONE:
        return stays
    return min((stays, goes), key=lambda each: (_CHAIRS.index(each.seat), each.seat_order))


def _later(*sequences: int | None) -> int | None:
    return max((one for one in sequences if one is not None), default=None)


def both_texts(one: str, other: str) -> str:
    """Return two texts as one; what is said twice is said once."""
    return one if one == other or not other else f"{one}\n{other}".strip()


def _not(found: str | None, ids: Sequence[str]) -> str | None:
    return None if found in ids else found


def pair_up(kept: Sequence[Invitation], taken: Sequence[Invitation]) -> tuple[list[Invitation], list[Doubled]]:
    """Return the taken person's invitations that only move, and those to events both are invited to."""
    by_event = {one.event_id: one for one in kept}
    moved = [one for one in taken if one.event_id not in by_event]
    doubled = [settle(by_event[one.event_id], one) for one in taken if one.event_id in by_event]
    return moved, doubled
