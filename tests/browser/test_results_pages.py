"""Evidence of results: quotes with their consent. In a real browser, on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_a_quote_is_put_in_and_taken_back(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/people")
    page.locator("th a[href^='/people/']").first.click()
    page.get_by_role("link", name="Add a quote").click()
    page.get_by_label("What was said").fill("The checklist for conferences saved us a month.")
    page.get_by_label("What stands under it").select_option("role")
    page.get_by_label("Reports for the donor").check()
    page.get_by_label("Agreed on").fill("2026-11-02")
    page.get_by_label("Until").fill("2028-11-02")
    page.get_by_label("How they agreed").fill("By e-mail")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Write what is to stand under the words.").first.wait_for()
    page.get_by_label("The role or the name").fill("A campaigner, Kenya")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. Reports may print it within its consent.").wait_for()
    look(page, "results-quotes")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("Taken back: the words are deleted.").wait_for()
