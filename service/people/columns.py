"""What a ruling writes: the columns of a person to be made, or of one that changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.kernel.regions import region_of
from service.people.judging import changes
from service.people.places import guess_time_zone
from service.people.rules import organisation_key, place_columns, search_text
from service.people.values import Known, Ruling

_NONE: list[str] = []


def new_person(
    ruling: Ruling, organisations: Mapping[str, str], *, source: str | None, now: datetime
) -> dict[str, Any]:
    """Return the whole row of a new person. `organisations`: folded name -> id; `source`: where the file is from."""
    fields = ruling.fields
    organisation = fields.get("organisation")
    get, country = fields.get, fields.get("country")
    at_risk = get("at_risk", False)
    return {
        "id": ruling.person_id,
        "name": fields["name"],
        "email": fields["email"],
        "email_key": fields["email_key"],
        "other_emails": get("other_emails", _NONE),
        "organisation_id": organisations[organisation_key(organisation)] if organisation else None,
        "audience_id": get("audience_id"),
        "greeting": get("greeting"),
        "role": get("role"),
        "country": country,
        "region": region_of(country),
        "language": get("language"),
        "time_zone": get("time_zone") or (None if at_risk else guess_time_zone(country)),
        "tags": get("tags", _NONE),
        "at_risk": at_risk,
        "pseudonym": get("pseudonym"),
        "source": get("source") or source,
        "source_on": now.date(),
        "folded": search_text(fields["name"], fields["email"], organisation),
        "created_at": now,
        "updated_at": now,
    }


def changed_person(ruling: Ruling, known: Known, organisations: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return the columns that change of a known person, with the `id`."""
    news = changes(ruling.fields, ruling.before)
    held = known.held
    text = search_text(news.get("name", held["name"]), held["email"], news.get("organisation", held["organisation"]))
    if "organisation" in news:
        news["organisation_id"] = organisations[organisation_key(news.pop("organisation"))]
    if "country" in news:
        news |= place_columns(news["country"])
    return {"id": known.person_id, **news, "folded": text, "updated_at": now}
