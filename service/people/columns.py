"""What a ruling writes: what goes with a person to be made, and the columns of one that changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.kernel.regions import region_of
from service.people.places import guess_time_zone
from service.people.rules.fields import place_columns, search_text
from service.people.rules.organisations import organisation_key
from service.people.values import SEALED, Known, Ruling

SETS = ("tags", "other_emails")  # added to, never replaced


def with_derived(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a person to be made with all that is worked out from them.

    Nothing is guessed of where someone at risk is.
    """
    country, organisation = fields.get("country"), fields.get("organisation")
    derived: dict[str, Any] = {
        "folded": search_text(fields["name"], fields["email"], organisation, fields.get("tags", ())),
    }
    if organisation:
        derived["organisation_key"] = organisation_key(organisation)
    if country:
        derived["region"] = region_of(country)
        derived["zone"] = None if fields.get("at_risk") else guess_time_zone(country)
    return {"other_emails": [], "tags": [], "at_risk": False, **fields, **derived}


def changed_person(ruling: Ruling, known: Known, organisations: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return the columns that change of a known person, with the `id`."""
    news = changes(ruling.fields, ruling.before)
    held = known.held
    named = (news.get("name", held["name"]), held["email"], news.get("organisation", held["organisation"]))
    text = search_text(*named, news.get("tags", held["tags"]) or ())
    if "organisation" in news:
        news["organisation_id"] = organisations[organisation_key(news.pop("organisation"))]
    if "country" in news:
        news |= place_columns(news["country"])
    return {"id": known.person_id, **news, "folded": text, "updated_at": now}


def changes(fields: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new values of the plain fields that change; tags and second addresses are added to what is held."""
    return {
        name: list(dict.fromkeys([*(now or ()), *fields[name]])) if name in SETS else fields[name]
        for name, now in before.items()
        if name not in SEALED
    }
