"""A series in a real browser: who stands invited, one date's exception, the end."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page

from tests.browser.harness import assert_accessible, assert_fits, shoot
from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_a_series_is_invited_to_moved_and_made_longer(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/series")
    look(page, "series-list")
    invite_a_list(page)
    page.goto(f"{demo.address}/series")
    move_all_dates(page)
    page.goto(f"{demo.address}/series")
    make_dates(page)


def open_the_first(page: Page) -> None:
    page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_role("heading", name="Who stands invited").wait_for()


def invite_a_list(page: Page) -> None:
    open_the_first(page)
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


def move_all_dates(page: Page) -> None:
    open_the_first(page)
    page.get_by_role("link", name="Seminar 5").click()
    page.goto(f"{page.url}/change")
    look(page, "change-with-scope")
    page.get_by_label("Starts").fill("16:30")
    page.get_by_label("All dates").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Change 3 dates?").wait_for()
    judge(page, "change-dates")
    page.get_by_role("button", name="Change them and send the letters").click()
    page.get_by_text("3 dates were changed.").wait_for()


def make_dates(page: Page) -> None:
    open_the_first(page)
    page.get_by_role("link", name="Make dates by a rule").click()
    page.get_by_label("First day").fill("2031-01-31")
    page.get_by_label("Repeat").select_option("monthly")
    look(page, "dates-rule")
    page.get_by_label("First day").fill("2031-01-31")
    page.get_by_label("Repeat").select_option("monthly")
    page.get_by_role("button", name="Show the dates").click()
    page.get_by_role("heading", name="Make 6 dates?").wait_for()
    judge(page, "dates-made")
    page.get_by_role("button", name="Make these 6 dates").click()
    page.get_by_text("6 dates were made.").wait_for()


def judge(page: Page, name: str) -> None:
    """Judge a page that answers a POST: it cannot be loaded anew."""
    assert_accessible(page)
    assert_fits(page, width=320)
    if os.environ.get("FARSOW_TEST_SCREENS"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            shoot(page, f"story-{name}-{width}")
    page.set_viewport_size({"width": 1280, "height": 900})
