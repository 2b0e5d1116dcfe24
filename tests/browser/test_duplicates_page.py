"""The list of people who may be one, in a real browser on the sample project."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_two_who_look_like_one_are_told_apart(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    for name, address in (("Wanjiru Otieno", "w.otieno@fjord.example"), ("Dr Wanjiru Otieno", "wo@fjord.example")):
        page.goto(f"{demo.address}/people/new")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("E-mail").fill(address)
        page.get_by_role("button", name="Add", exact=True).click()
        page.wait_for_load_state()
    page.goto(f"{demo.address}/people")
    page.get_by_role("link", name="Duplicates").click()
    row = page.get_by_role("row").filter(has_text="wo@fjord.example")
    for _ in range(20):
        if row.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    row.get_by_text("The same name, and addresses of the same domain.").wait_for()
    look(page, "duplicates")

    row.get_by_role("button", name="Two different people").click()
    page.get_by_role("heading", name="Duplicates").wait_for()
    assert row.count() == 0
