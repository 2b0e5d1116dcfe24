"""Writing a report, seeing what stands in its way, issuing it and giving it away: in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def assert_tables_wait_to_be_opened(page: Page) -> None:
    """Long tables are folded, a link to one opens it, and paper shows them all."""
    table, other = page.locator("#table-plan"), page.locator("#table-steps")
    assert not table.is_visible()
    page.get_by_role("link", name="As a table").first.click()
    table.wait_for(state="visible")
    assert not other.is_visible()
    page.emulate_media(media="print")
    assert other.is_visible()
    page.emulate_media(media="screen")


def test_a_report_is_written_reviewed_and_issued(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/reports?profile=donor")
    assert_tables_wait_to_be_opened(page)
    page.get_by_role("button", name="Begin a report").click()
    page.get_by_role("link", name="Write its words").click()
    look(page, "report-words")
    page.get_by_label("The final report").check()
    page.get_by_label("Summary").fill("The book was launched.\nPeople came from many countries.\nSome use it already.")
    page.get_by_label("Next steps").fill("Three more seminars.")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Not finished in the plan: Briefing for policy makers").wait_for()
    look(page, "report-in-the-way")

    page.get_by_role("link", name="Write its words").click()
    page.get_by_label("An interim report").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Mark as reviewed").click()
    page.get_by_text("Nothing stands in the way of issuing it.").wait_for()
    look(page, "report-reviewed")
    page.get_by_role("button", name="Issue this report").click()
    page.get_by_text("It does not change any more.").wait_for()
    look(page, "report-issued")

    page.get_by_role("button", name="Write another in its place").click()
    page.get_by_role("link", name="Write its words").click()
    page.get_by_label("Summary").fill("Another summary.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="What changed since").click()
    page.get_by_role("heading", name="What changed since").wait_for()
    look(page, "report-changes")
