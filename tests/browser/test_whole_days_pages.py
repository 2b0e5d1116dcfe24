"""Whole days in a real browser: the form asks for days, the guest reads days, a move is told in days."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_calendar_life import invite, newest
from tests.browser.test_story import Demo, demo, look, sign_in
from tests.ical.test_whole_days import seen
from tests.journeys.world import answer_path, body_of

__all__ = ["demo"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_whole_days_are_made_told_and_moved(browser_page: Page, demo: Demo, tmp_path: Path) -> None:
    page = browser_page
    sign_in(page, demo)
    event_page = make(page, demo)
    invite(page, demo, event_page, tmp_path)
    asked = newest(page, demo, 1)
    guest_sees(page, demo, asked)
    move(page, event_page)
    moved = newest(page, demo, 2)

    first, then = (seen(body_of(letter, "text/calendar").encode())[0] for letter in (asked, moved))
    assert [[str(day) for day in days] for days in (first, then)] == [
        ["2031-03-30", "2031-04-01"],
        ["2031-04-06", "2031-04-09"],
    ]
    assert "until now: 30–31 March 2031" in " ".join(body_of(moved, "text/plain").split())


def make(page: Page, demo: Demo) -> str:
    page.goto(f"{demo.address}/events/new?kind=conference")
    fill(page)
    look(page, "days-form")
    page.goto(f"{demo.address}/events/new?kind=conference")
    fill(page)
    page.get_by_role("button", name="Make the event").click()
    page.wait_for_url(re.compile(r"/events/[0-9a-z]{26}"))
    page.get_by_text("30–31 March 2031").first.wait_for()
    look(page, "days-event")
    return page.url.partition("?")[0]


def fill(page: Page) -> None:
    """Ask for two days, the first of which has no midnight there."""
    page.get_by_label("Title").fill("Days of action")
    expect(page.get_by_label("Last day")).to_be_hidden()
    page.get_by_label("The whole day").check()
    expect(page.get_by_label("Starts")).to_be_hidden()
    expect(page.get_by_label("Minutes")).to_be_hidden()
    page.get_by_label("Day", exact=True).fill("2031-03-30")
    page.get_by_label("Last day").fill("2031-03-31")
    page.get_by_label("Time zone").fill("Asia/Beirut")
    page.get_by_label("Place").fill("In all towns")


def guest_sees(page: Page, demo: Demo, letter: object) -> None:
    page.goto(f"{demo.address}{answer_path(letter)}")  # type: ignore[arg-type]
    page.get_by_text(re.compile("30.*31 March 2031")).first.wait_for()
    expect(page.get_by_text("For you, in")).to_have_count(0)
    look(page, "days-guest")


def move(page: Page, event_page: str) -> None:
    page.goto(f"{event_page}/change")
    expect(page.get_by_label("The whole day")).to_be_checked()
    page.get_by_label("Day", exact=True).fill("2031-04-06")
    page.get_by_label("Last day").fill("2031-04-08")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").get_by_text("6–8 April 2031").wait_for()
    look(page, "days-preview")
    page.get_by_role("button", name="Change it and tell one person").click()
    page.wait_for_url(re.compile(r"/letters/"))
