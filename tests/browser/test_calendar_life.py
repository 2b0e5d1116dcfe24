"""One event's life between our pages and a guest's calendar: asked, moved, answered by mail, called off.

Everything is done as people do it, in a browser and by mail; the letters are those in the mailbox. The same life in
ten zones, without a browser: `tests/journeys/test_life_cycle.py`.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, come_in, demo, look, sign_in
from tests.calendar_check import check
from tests.ical.readers import Seen, by_icalendar, by_vobject

__all__ = ["demo"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
GUEST = "maria.life@example.org"
REPLY = """From: Maria <{guest}>
To: {organizer}
Subject: Accepted: {title}
MIME-Version: 1.0
Content-Type: text/calendar; charset=utf-8; method=REPLY

BEGIN:VCALENDAR
METHOD:REPLY
VERSION:2.0
PRODID:-//Some//Calendar//EN
BEGIN:VEVENT
UID:{uid}
SEQUENCE:{sequence}
ATTENDEE;PARTSTAT=ACCEPTED:mailto:{guest}
COMMENT:I come by train.
END:VEVENT
END:VCALENDAR
"""


def test_asked_moved_answered_and_called_off(browser_page: Page, demo: Demo, tmp_path: Path) -> None:
    page = browser_page
    sign_in(page, demo)
    event_page = make(page, demo)
    invite(page, demo, event_page, tmp_path)
    asked = newest(page, demo, 1)

    move(page, event_page)
    moved = newest(page, demo, 2)
    taken = come_in(page, demo, reply_to(moved))
    confirmed = newest(page, demo, 3)
    shows_the_answer(page, event_page)
    call_off(page, event_page)
    ended = newest(page, demo, 4)

    first, again, told, off = (seen(raw) for raw in (asked, moved, confirmed, ended))
    assert taken == {"verdict": "reply", "applied": True, "reason": ""}
    assert [(one.method, one.sequence, one.attendees) for one in (first, again, told, off)] == [
        ("REQUEST", 0, ((f"mailto:{GUEST}", "NEEDS-ACTION"),)),
        ("REQUEST", 1, ((f"mailto:{GUEST}", "NEEDS-ACTION"),)),
        ("REQUEST", 1, ((f"mailto:{GUEST}", "ACCEPTED"),)),
        ("CANCEL", 2, ((f"mailto:{GUEST}", "ACCEPTED"),)),
    ]
    assert len({one.uid for one in (first, again, told, off)}) == 1
    # 28 March 2031 is before London's clocks change, 4 April after: 14:00 there is another hour of UTC.
    assert [again.starts - first.starts, off.starts, off.ends - off.starts] == [7 * 86_400 - 3_600, again.starts, 7_200]


def make(page: Page, demo: Demo) -> str:
    page.goto(f"{demo.address}/events/new")
    page.get_by_label("Title").fill("Seminar 10: A life")
    page.get_by_label("Day", exact=True).fill("2031-03-28")
    page.get_by_label("Starts").fill("14:00")
    page.get_by_label("Minutes").fill("120")
    page.get_by_label("Time zone").fill("Europe/London")
    page.get_by_label("Place").fill("Meeting house, Room 2")
    page.get_by_role("button", name="Make the event").click()
    page.wait_for_url(re.compile(r"/events/[0-9a-z]{26}"))
    return page.url.partition("?")[0]


def invite(page: Page, demo: Demo, event_page: str, folder: Path) -> None:
    """Bring one guest in by a file, and invite the list she is on."""
    file = folder / "one.csv"
    file.write_text(f"Name;E-mail\nMaria Life;{GUEST}\n", encoding="utf-8")
    page.goto(f"{demo.address}/people/import")
    page.get_by_label("File").set_input_files(str(file))
    page.get_by_label("New list").fill("One guest")
    page.get_by_label("They agreed").check()
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name=re.compile("Import (1|one)")).click()
    page.get_by_role("link", name="Undo this import").wait_for()
    page.goto(f"{event_page}/invite")
    page.get_by_label("List").select_option(label="One guest, 1")
    page.get_by_role("button", name="Write the invitations").click()
    page.get_by_role("button", name="Send to one person").click()
    page.get_by_text("Nobody has it yet").first.wait_for()


def move(page: Page, event_page: str) -> None:
    """Give it a day a week later; the page says first what that does, and to whom."""
    page.goto(f"{event_page}/change")
    page.get_by_label("Day", exact=True).fill("2031-04-04")
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("every calendar that holds it must be told").wait_for()
    dialog.get_by_text("These letters move with it").wait_for()
    dialog.get_by_text("the entry in their calendar moves").wait_for()
    look(page, "life-preview")
    page.get_by_role("button", name="Change it and tell one person").click()
    page.wait_for_url(re.compile(r"/letters/"))


def shows_the_answer(page: Page, event_page: str) -> None:
    """The guest's page says what she answered, how it came, and her comment."""
    page.goto(event_page)
    page.get_by_role("link", name="Maria Life").click()
    page.get_by_text("Mail reply").first.wait_for()
    page.get_by_text("I come by train.").first.wait_for()
    look(page, "life-guest")


def call_off(page: Page, event_page: str) -> None:
    page.goto(f"{event_page}/end")
    page.get_by_role("button", name=re.compile("Cancel it")).click()
    page.wait_for_url(re.compile(r"/letters/"))


def newest(page: Page, demo: Demo, count: int) -> Message:
    """Return the guest's newest letter once so many have come, each of them lawful."""
    links = page.locator("main a[href^='/mailbox/']")
    for _ in range(60):
        page.goto(f"{demo.address}/mailbox?to={GUEST}")
        if links.count() >= count:
            raw = page.request.get(f"{demo.address}/api/v1{links.first.get_attribute('href')}.eml").body()
            assert check(raw, require_calendar=True) == []
            return message_from_bytes(raw)
        page.wait_for_timeout(1000)
    raise AssertionError("no letter came")


def seen(letter: Message) -> Seen:
    """Return what two readers of other makers make of a letter's calendar part."""
    part = next(p for p in letter.walk() if p.get_content_type() == "text/calendar")
    data = bytes(part.get_payload(decode=True))  # type: ignore[arg-type]
    assert by_icalendar(data) == by_vobject(data)
    return by_icalendar(data)[0]


def reply_to(letter: Message) -> bytes:
    """Return what her calendar mails when she presses Accept; without a stamp, as Exchange."""
    asked = seen(letter)
    organizer = asked.organizer.removeprefix("mailto:")
    facts = {"guest": GUEST, "organizer": organizer, "title": asked.summary, "uid": asked.uid}
    return REPLY.format(**facts, sequence=asked.sequence).replace("\n", "\r\n").encode()
