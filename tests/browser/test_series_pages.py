"""A series in a real browser: who stands invited, one date's exception, the end."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def sign_in(page: Page, demo: Demo) -> None:
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()


def test_a_list_stands_invited_to_a_series(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    sign_in(page, demo)
    page.goto(f"{demo.address}/series")
    look(page, "series-list")
    page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_label("List", exact=True).select_option(index=1)
    page.get_by_role("button", name="Invite to the series").click()
    page.get_by_text("stand invited now.").wait_for()
    look(page, "series")

    page.get_by_role("heading", name="Who stands invited").locator("xpath=../..").get_by_role("link").first.click()
    page.get_by_role("button", name="Leave out").last.click()
    page.get_by_role("button", name="Put back").wait_for()
    look(page, "standing")
    page.get_by_role("button", name="End the standing invitation").click()
    page.get_by_text("The standing invitation has ended.").wait_for()
    look(page, "series-ended")
