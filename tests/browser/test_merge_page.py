"""Two people made one in a real browser on the sample project: suggested, compared, merged, undone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)
TWO = (
    ("Wanjiru Otieno", "w.otieno@fjord.example", "Fjord Institute", "Speaks at the launch.\nPrefers calls."),
    ("Dr Wanjiru Otieno", "wo@fjord.example", "Fjord Institute for Peace", "Chairs the board."),
)


def test_two_are_compared_made_one_and_two_again(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    for name, address, organisation, notes in TWO:
        page.goto(f"{demo.address}/people/new")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("E-mail").fill(address)
        page.get_by_label("Organisation").fill(organisation)
        page.get_by_label("Notes").fill(notes)
        page.get_by_role("button", name="Add", exact=True).click()
        page.wait_for_load_state()
    page.goto(f"{demo.address}/people?q=wanjiru+otieno")
    page.get_by_role("link", name="Wanjiru Otieno", exact=True).click()
    page.get_by_role("link", name="Merge with…").click()
    page.get_by_label("Name, address or organisation").fill("otieno")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("row").filter(has_text="wo@fjord.example").wait_for()
    look(page, "merge-with")

    page.get_by_role("row").filter(has_text="wo@fjord.example").get_by_role("link", name="Compare").click()
    page.get_by_role("heading", name="Letters that will leave").wait_for()
    look(page, "merge")
    page.get_by_role("radio", name="Name: Dr Wanjiru Otieno").check()
    page.get_by_role("button", name="Make them one").click()
    page.wait_for_url(re.compile("/people/[0-9a-z]+$"))
    page.get_by_role("heading", name="Dr Wanjiru Otieno").wait_for()
    look(page, "merged")

    page.get_by_role("button", name="Undo the merge").click()
    page.get_by_role("heading", name="Wanjiru Otieno", exact=True).wait_for()
    page.goto(f"{demo.address}/people?q=wanjiru+otieno")
    assert page.locator("th[scope=row]").filter(has_text="Otieno").count() == len(TWO)


def test_what_follows_for_guests_is_said_before(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in_again())
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/people?q=otieno")
    links = [one.get_attribute("href") for one in page.locator("th a[href^='/people/0']").all()]
    one, other = (str(link).removeprefix("/people/") for link in links[:2])

    page.goto(f"{demo.address}/people/merge?keep={one}&taken={other}")
    page.get_by_role("heading", name="Letters that will leave").wait_for()

    look(page, "merge-guests")
