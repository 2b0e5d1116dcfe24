"""The pages of what is kept, in a real browser on the sample project: a promise, a person forgotten, the proof."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_a_promise_and_someone_forgotten(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/people")
    person = page.locator("th a[href^='/people/0']").first.get_attribute("href")

    page.goto(f"{demo.address}/privacy")
    page.get_by_text("Promise a day").click()
    page.get_by_label("Day", exact=True).fill("2035-03-06")
    page.get_by_role("button", name="Promise it").click()
    page.get_by_text("6 Mar 2035").first.wait_for()
    look(page, "privacy")

    page.goto(f"{demo.address}{person}")
    look(page, "person-with-forget")
    page.get_by_role("link", name="Forget this person").click()
    look(page, "privacy-forget")
    page.get_by_role("button", name="Forget for good").click()
    page.wait_for_url(re.compile("/privacy/certificates/"))
    look(page, "privacy-certificate")

    page.goto(f"{demo.address}/privacy/certificates")
    look(page, "privacy-certificates")
    page.goto(f"{demo.address}/privacy/people")
    look(page, "privacy-people")
