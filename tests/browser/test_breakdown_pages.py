"""Figures by what they are divided by: where copies went, whose tasks were on time, the tables of the live report."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_figures_are_divided_for_those_inside(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Reports").first.click()
    page.locator("summary", has_text="By way of taking part").click()
    page.get_by_text("In the room").first.wait_for()
    look(page, "breakdowns-report")
    page.goto(f"{demo.address}/plan/shipments")
    page.get_by_label("Country").wait_for()
    page.get_by_text("Kenya").first.wait_for()
    look(page, "breakdowns-shipments")
