"""What each METHOD demands of the events in a file (RFC 5546 §3.2)."""

from __future__ import annotations

from tests.ical.checking.content import Comp
from tests.ical.checking.report import Report

METHODS = {"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"}


def check_itip(cal: Comp, method: str, events: list[Comp], report: Report) -> None:
    """Check a file that has a METHOD."""
    _distinct(cal, method, events, report)
    for event in events:
        _organizer_and_attendees(event, method, report)
        _needed(event, method, report)
        if method == "REQUEST":
            _request(event, report)
        if method == "CANCEL":
            _cancel(event, report)
        if method == "REPLY":
            _reply(event, report)


def _distinct(cal: Comp, method: str, events: list[Comp], report: Report) -> None:
    uids = {event.value("UID") for event in events}
    if method != "PUBLISH" and len(uids) > 1:
        report.error(cal.line, "5546-3.2", f"{method} with {len(uids)} different UIDs")
    keys = {(event.value("UID"), event.value("RECURRENCE-ID")) for event in events}
    if method in ("REQUEST", "CANCEL", "REPLY") and len(keys) < len(events):
        report.error(cal.line, "5546-3.2", f"{method}: two components with the same UID and RECURRENCE-ID")


def _organizer_and_attendees(event: Comp, method: str, report: Report) -> None:
    rule = f"5546-3.2-{method}"
    organizers, attendees = len(event.all("ORGANIZER")), len(event.all("ATTENDEE"))
    if organizers != 1:
        report.error(event.line, rule, f"{method} needs exactly one ORGANIZER, found {organizers}")
    if method == "REQUEST" and not attendees:
        report.error(event.line, "5546-3.2.2", "REQUEST needs at least one ATTENDEE")
    if method == "PUBLISH" and attendees:
        report.error(event.line, "5546-3.2.1", "PUBLISH must not contain ATTENDEE")
    is_counter = method == "COUNTER" and attendees > 0
    if method in ("REPLY", "COUNTER", "REFRESH") and attendees != 1 and not is_counter:
        report.error(event.line, rule, f"{method} needs exactly one ATTENDEE, found {attendees}")


def _needed(event: Comp, method: str, report: Report) -> None:
    rule = f"5546-3.2-{method}"
    if method in ("REQUEST", "PUBLISH", "ADD") and not event.one("SUMMARY"):
        report.error(event.line, rule, f"{method} needs SUMMARY")
    if method in ("CANCEL", "ADD") and not event.one("SEQUENCE"):
        report.error(event.line, rule, f"{method} needs SEQUENCE")


def _request(event: Comp, report: Report) -> None:
    attendees = event.all("ATTENDEE")
    if not event.one("SEQUENCE"):
        report.warn(event.line, "5546-3.2.2", "without SEQUENCE it counts as 0: updates cannot be ordered")
    if (event.value("STATUS") or "").upper() == "CANCELLED":
        report.error(event.line, "5546-3.2.2", "REQUEST with STATUS:CANCELLED: use METHOD:CANCEL")
    if not any(prop.param("RSVP") == "TRUE" for prop in attendees):
        report.warn(event.line, "rsvp", "no ATTENDEE has RSVP=TRUE: clients may hide the answer buttons")
    if len(attendees) > 1:
        report.quirk(
            event.line,
            "privacy",
            f"{len(attendees)} ATTENDEEs in one REQUEST: every invitee sees the others",
        )
    if not (event.one("DTEND") or event.one("DURATION")):
        report.quirk(event.line, "interop-end", "no DTEND/DURATION: zero-length event in clients")
    if event.one("DURATION"):
        report.quirk(event.line, "interop-duration", "DURATION instead of DTEND: prefer DTEND for Outlook")


def _cancel(event: Comp, report: Report) -> None:
    """No STATUS means one person is uninvited, CANCELLED the whole event (§3.2.5)."""
    status = (event.value("STATUS") or "").upper()
    if status and status != "CANCELLED":
        report.error(event.line, "5546-3.2.5", f"CANCEL with STATUS:{status}")
    if event.value("SEQUENCE") == "0":
        report.warn(event.line, "5546-2.1.4", "CANCEL with SEQUENCE 0: must be higher than the REQUEST's")
    if not event.all("ATTENDEE"):
        report.warn(event.line, "5546-3.2.5", "CANCEL without ATTENDEE (allowed only for the whole event)")


def _reply(event: Comp, report: Report) -> None:
    for prop in event.all("ATTENDEE"):
        if prop.param("PARTSTAT", "NEEDS-ACTION") == "NEEDS-ACTION":
            report.error(prop.line, "5546-3.2.3", "REPLY without an answering PARTSTAT")
