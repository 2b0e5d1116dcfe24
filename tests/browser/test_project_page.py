"""The page of the project in a real browser: what it is called, its days, its time zone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_the_project_is_called_something_else_and_lies_elsewhere(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/reports")
    page.get_by_role("link", name="The project and the organisation").click()
    look(page, "project")

    page.get_by_label("Name of the project").fill("How campaigns win")
    page.get_by_label("Last day").fill("2020-01-01")
    page.get_by_label("Time zone").fill("Africa/Nairobi")
    save(page)
    page.get_by_text("The last day is before the first.").first.wait_for()
    look_at_what_came_back(page)

    page.get_by_label("Last day").fill("2029-01-31")
    save(page)
    page.get_by_text("Saved.").wait_for()
    assert page.locator(".mast .proj").inner_text() == "How campaigns win"
    shown = [page.get_by_label(label).input_value() for label in ("Name of the project", "Last day", "Time zone")]
    assert shown == ["How campaigns win", "2029-01-31", "Africa/Nairobi"]
    page.goto(f"{demo.address}/reports")
    page.get_by_text("How campaigns win").first.wait_for()


def save(page: Page) -> None:
    """Press the button by keyboard."""
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")


def look_at_what_came_back(page: Page) -> None:
    """What was typed stands there still, beside the reason."""
    assert page.get_by_label("Name of the project").input_value() == "How campaigns win"
    assert page.get_by_label("Last day").get_attribute("aria-invalid") == "true"
