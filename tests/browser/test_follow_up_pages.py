"""What follows an event: looked at, worded and let go, in a real browser, on a phone and on a desk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_staff_see_who_gets_what_and_say_yes(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/events")
    page.get_by_role("link", name="Seminar 1").first.click()
    page.get_by_role("heading", name="After the event").wait_for()
    page.get_by_role("button", name=re.compile("Switch on ?: Survey")).click()
    page.get_by_role("button", name=re.compile("Switch off ?: Survey")).wait_for()
    look(page, "follow-up-event")

    page.get_by_role("link", name="Days, words and materials").click()
    page.get_by_label("Words of yours").last.fill("Read our paper.")
    page.get_by_role("button", name=re.compile("Save ?: What came of it")).click()
    page.get_by_text("Saved.").wait_for()
    look(page, "follow-up")
    page.goto(page.url.split("/follow-up")[0])
    page.get_by_role("button", name="Yes, let these leave on their days").click()
    page.get_by_text("You said yes").wait_for()
    look(page, "follow-up-yes")

    page.get_by_role("link", name="What guests say").click()
    look(page, "answers")
    page.get_by_role("link", name="What guests will do").click()
    page.get_by_role("heading", name="What guests will do").wait_for()
    look(page, "commitments")
