"""Narrowing people down, saving it as a segment, inviting it, changing them all: in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_a_segment_is_saved_and_its_people_are_changed_and_put_back(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/people")
    page.get_by_text("Narrow down").click()
    page.get_by_label("Country").fill("Kenya")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("Save this as a segment").click()
    look(page, "people-narrowed")
    page.get_by_text("Save this as a segment").click()  # it was loaded anew
    page.get_by_label("Name of the segment").fill("Kenya")
    page.get_by_role("button", name="Save the segment").click()
    page.get_by_text("A segment: whoever matches is in it").wait_for()
    look(page, "segment")

    page.get_by_role("link", name="Change all").click()
    page.get_by_label("Add tags").fill("nairobi")
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("heading", name="What would change").wait_for()
    look(page, "bulk")
    page.get_by_role("button", name="people", exact=False).last.click()
    page.get_by_text("people were changed.").wait_for()
    look(page, "bulk-done")
    page.get_by_role("button", name="Undo this change").click()
    page.get_by_text("are as before.").wait_for()
