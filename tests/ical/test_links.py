"""Links that open a calendar on the web."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from service.ical.links import web_calendars
from service.ical.values import Address, Meeting
from tests.factories import NOW

FILE = "https://events.example.org/events/launch.ics"
LAUNCH = Meeting(
    uid="u@example.org",
    sequence=0,
    dtstamp=NOW,
    starts_local=datetime(2027, 3, 4, 18, 0),
    ends_local=datetime(2027, 3, 4, 20, 0),
    time_zone="Europe/Zurich",
    summary="Launch: 100 % “ours” & yours",
    organizer=Address("rsvp@example.org"),
    description="Two speakers.",
    location="Palais, Room XX",
    url="https://events.example.org/events/launch",
)


def asked(link: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def test_each_calendar_gets_the_same_event_in_its_own_words():
    links = dict(web_calendars(LAUNCH, FILE))

    assert list(links) == ["Google", "Outlook.com", "Microsoft 365", "Apple"]
    assert links["Apple"] == "webcal://events.example.org/events/launch.ics"
    assert asked(links["Google"]) == {
        "action": "TEMPLATE",
        "text": "Launch: 100 % “ours” & yours",
        "dates": "20270304T180000/20270304T200000",
        "ctz": "Europe/Zurich",
        "details": "Two speakers.\n\nhttps://events.example.org/events/launch",
        "location": "Palais, Room XX",
    }
    assert (
        asked(links["Outlook.com"])
        == asked(links["Microsoft 365"])
        == {
            "path": "/calendar/action/compose",
            "rru": "addevent",
            "startdt": "2027-03-04T17:00:00Z",
            "enddt": "2027-03-04T19:00:00Z",
            "subject": "Launch: 100 % “ours” & yours",
            "location": "Palais, Room XX",
            "body": "Two speakers.\n\nhttps://events.example.org/events/launch",
        }
    )


def test_neither_organizer_nor_join_link_stands_in_a_link():
    meeting = replace(LAUNCH, conference="https://meet.example.org/secret")

    for _, link in web_calendars(meeting, FILE):
        assert "secret" not in link
        assert "rsvp" not in link


def test_a_long_description_is_cut_and_the_page_still_named():
    details = asked(dict(web_calendars(replace(LAUNCH, description="x" * 4000), FILE))["Google"])["details"]

    assert details == "x" * 1000 + "…\n\nhttps://events.example.org/events/launch"
