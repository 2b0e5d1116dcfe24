"""The same facts counted again, by hand: one invitation after the other, in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from service.dissemination.facts import AudienceFact, EventFact, Facts, OutputFact, Segment
from service.dissemination.handouts import Hits, Material
from service.dissemination.snapshots import UseLine
from service.dissemination.values.plan import LineStatus, PlanLine
from service.events.values import RESEARCH_KINDS
from tests.dissemination.worlds import NOW, World

# Where the clocks and the countries of the small worlds are.
ZONES = {"Europe/London": "154", "Africa/Nairobi": "014", "UTC": None}
COUNTRIES = {"KE": "014", "GB": "154"}


def recount(world: World) -> Facts:
    """Return the facts of a world."""
    events = [_event(row) for row in world.events]
    counted = {event.id for event in events if event.is_counted}
    held = {event.id for event in events if event.is_held}
    by_person: dict[str, Counter[str]] = defaultdict(Counter)
    by_event: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    people = {person["id"]: person for person in world.people}
    first = {audience["id"] for audience in world.audiences if audience["rank"] == 1}
    for row in world.invitations:
        if row["event_id"] not in counted:
            continue
        kinds[row["event_id"]].update(_kinds(_tallies(row, held), people[row["person_id"]], first))
        kinds[row["event_id"]]["kept_online"] += "kept" in _tallies(row, held) and row["online"]
        for tally in _tallies(row, held):
            by_person[row["person_id"]][tally] += 1
            by_event[row["event_id"]][tally] += 1
    came = [person for person in world.people if by_person[person["id"]]["attended"]]
    return Facts(
        today=NOW.date(),
        audiences=tuple(
            AudienceFact(row["key"], row["rank"], row["name"], row["planned_share"]) for row in world.audiences
        ),
        events=tuple(sorted(events, key=lambda event: (_starts(world, event), event.id))),
        segments=tuple(_segments(world, by_person)),
        by_event={event: dict(tallies) for event, tallies in by_event.items()},
        kinds=kinds,
        languages=_spoken(world, counted),
        organisations=len({person["organisation_id"] for person in came} - {None}),
        organisations_of=_organisations(world, came),
        countries=len({person["country"] for person in came if not person["at_risk"]} - {None}),
        outputs=tuple(
            OutputFact(row["key"], row["kind"], row["status"] == "published", row.get("title", ""))
            for row in _by_key(world.outputs)
        ),
        plan=tuple(_line(row) for row in sorted(world.plan, key=lambda row: (row["due_on"], row["key"]))),
        copies=_copies(world, lambda row: row.get("audience_key")),
        copies_to=_copies(world, lambda row: COUNTRIES.get(row.get("country"))),
        materials=tuple(_material(row) for row in sorted(world.materials, key=lambda row: (row["title"], row["id"]))),
        hits=tuple(_hits(world)),
        use=tuple(_use(world)),
    )


def _organisations(world: World, came: list[dict[str, Any]]) -> dict[str, int]:
    types = {row["id"]: row.get("type") for row in world.organisations}
    known = {person["organisation_id"] for person in came if not person["at_risk"]} - {None}
    return dict(Counter(types[one] for one in known if types.get(one)))


def _spoken(world: World, counted: set[str]) -> dict[str, int]:
    """Return the languages of those whose invitations are still there."""
    there = [row for row in world.invitations if row["event_id"] in counted and row["id"] not in world.gone]
    invited = {row["person_id"] for row in there if "people_invited" in _tallies(row, set())}
    asked = [person for person in world.people if person["id"] in invited and not person["at_risk"]]
    spoken = Counter(person["language"].partition("-")[0] for person in asked if person.get("language"))
    return dict(sorted(spoken.items()))


def _by_key(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["key"]))


def _starts(world: World, event: EventFact) -> Any:
    return next(row["starts_at"] for row in world.events if row["id"] == event.id)


def _event(row: dict[str, Any]) -> EventFact:
    return EventFact(
        id=row["id"],
        title=row["title"],
        kind=row["kind"],
        state=row["state"],
        privacy=row["privacy"],
        mode=row["mode"],
        starts_on=date.fromisoformat(row["starts_local"][:10]),
        is_research=row["kind"] in {kind.value for kind in RESEARCH_KINDS},
        is_over=row["ends_at"] < NOW,
        slug=row["slug"],
        region=ZONES[row["time_zone"]] if row["mode"] in ("in_person", "hybrid") else None,
    )


def _tallies(row: dict[str, Any], held: set[str]) -> list[str]:
    """Return the tallies that one invitation counts in."""
    found = []
    yes, present = row["partstat"] == "ACCEPTED", row["attendance"] == "present"
    if not row["walk_in"]:
        if row["letter"] in ("sent", "bounced", "unknown"):
            found += ["people_invited", "attempted"]
            found += {"bounced": ["bounced"], "unknown": ["unsure"]}.get(row["letter"], [])
        elif row["letter"] == "queued" and row["withdrawn_at"] is None:
            found.append("people_invited")
        if row["letter"] == "sent":
            found.append("delivered")
            if row["partstat"] != "NEEDS-ACTION":
                found.append("answered")
            if yes:
                found.append("accepted")
            if row["unsubscribed"]:
                found.append("unsubscribed")
    if row["event_id"] in held:
        promised = yes and not row["walk_in"] and row["withdrawn_at"] is None
        found += ["promised"] * promised + ["attended"] * present + ["kept"] * (promised and present)
    return found


def _kinds(tallies: list[str], person: dict[str, Any], first: set[str]) -> dict[str, int]:
    """Return of what kind the person of one invitation is, among those invited and among those who came."""
    audience, is_invited = person["audience_id"], "people_invited" in tallies
    is_complete = audience and person["region"] and not person["at_risk"]
    return {
        "priority": int(is_invited and audience in first),
        "without_audience": int(is_invited and audience is None),
        "incomplete": int("attended" in tallies and not is_complete),
    }


_ONCE = {
    "people_invited": "people_invited",
    "people_delivered": "delivered",
    "people_accepted": "accepted",
    "people_attended": "attended",
}


def _segments(world: World, by_person: dict[str, Counter[str]]) -> list[Segment]:
    keys = {row["id"]: row["key"] for row in world.audiences}
    found: dict[tuple[str | None, str | None], Counter[str]] = defaultdict(Counter)
    for person in world.people:
        if person["id"] not in by_person:
            continue
        region = None if person["at_risk"] else person["region"]
        tallies = by_person[person["id"]]
        counts = Counter(
            {name: n for name, n in tallies.items() if name not in (*_ONCE, "bounced", "unsure", "unsubscribed")}
        )
        counts.update({name: 1 for name, of in _ONCE.items() if tallies[of]})
        found[(keys.get(person["audience_id"]), region)].update(counts)
    return [Segment(audience, region, dict(counts)) for (audience, region), counts in found.items()]


def _line(row: dict[str, Any]) -> PlanLine:
    given = {name: row.get(name) for name in PlanLine.__dataclass_fields__}
    words = {name: given[name] or "" for name in ("id", "channel", "owner", "reason", "evidence")}
    return PlanLine(**{**given, **words, "status": LineStatus(row.get("status", "planned"))})


def _copies(world: World, key: Callable[[dict[str, Any]], str | None]) -> dict[str | None, int]:
    found: Counter[str | None] = Counter()
    for row in world.shipments:
        found[key(row)] += row["copies"]
    return dict(found)


def _material(row: dict[str, Any]) -> Material:
    return Material(**{name: row[name] for name in Material.__dataclass_fields__})


def _hits(world: World) -> list[Hits]:
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in world.hits:
        found[row["asset_id"], row["channel"]].update({name: row[name] for name in ("requests", "sessions", "robots")})
    return [Hits(*key, **counts) for key, counts in sorted(found.items())]


def _use(world: World) -> list[UseLine]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in world.hits:
        found[row["day"].isoformat()[:7]].update({name: row[name] for name in ("requests", "sessions")})
    return [UseLine(month, **counts) for month, counts in sorted(found.items())]


def _added_up(segments: Iterable[Segment]) -> dict[tuple[str | None, str | None], dict[str, int]]:
    found: dict[tuple[str | None, str | None], Counter[str]] = defaultdict(Counter)
    for segment in segments:
        found[segment.audience, segment.region].update({name: n for name, n in segment.counts.items() if n})
    return {key: dict(counts) for key, counts in found.items() if counts}


def without_zeros(facts: Facts) -> dict[str, Any]:
    """Return the tallies of facts in a form to compare: zeros left out, order of segments forgotten."""
    return {
        "events": facts.events,
        "audiences": facts.audiences,
        "languages": facts.languages,
        "places": (facts.organisations, facts.organisations_of, facts.countries),
        "segments": _added_up(facts.segments),
        "by_event": {
            event: {name: n for name, n in counts.items() if n}
            for event, counts in facts.by_event.items()
            if any(counts.values())
        },
        "kinds": {
            event: {name: n for name, n in counts.items() if n}
            for event, counts in (facts.kinds or {}).items()
            if any(counts.values())
        },
        "outputs": facts.outputs,
        "copies": (dict(facts.copies), dict(facts.copies_to)),
        "materials": facts.materials,
        "hits": facts.hits,
        "use": facts.use,
    }
