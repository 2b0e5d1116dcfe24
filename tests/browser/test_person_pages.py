"""The pages of a person and of organisations, in a real browser on the sample project."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_a_person_is_changed_and_an_organisation_known_by_another_name(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/people")
    person = page.locator("th a[href^='/people/0']").first.get_attribute("href")

    page.goto(f"{demo.address}{person}/edit")
    look(page, "person-edit")
    page.get_by_label("How to address them").fill("Ama")
    page.get_by_label("Other addresses").fill("second@example.org")
    page.get_by_label("Telephone").fill("+233 30 000 00 00")
    page.get_by_label("Organisation").fill("Fjord Institute")
    page.get_by_label("Role there").fill("Director")
    page.get_by_label("Tags").fill("press, board")
    page.get_by_label("Notes").fill("Prefers calls after six.\nSpeaks at the launch.")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Speaks at the launch.").wait_for()
    look(page, "person")

    page.get_by_role("link", name="All changes").click()
    look(page, "person-history")
    page.get_by_role("link", name="Open Notes").first.click()
    page.get_by_text("Speaks at the launch.").wait_for()
    look(page, "person-change")

    page.goto(f"{demo.address}{person}")
    page.get_by_role("link", name="Put on or take off").click()
    look(page, "person-lists")
    page.get_by_label("List", exact=True).select_option(index=1)
    page.get_by_label("How we know").fill("told Layla in Nairobi, 3 March")
    page.get_by_role("button", name="Put on the list").click()
    page.get_by_text("told Layla in Nairobi, 3 March").wait_for()

    page.goto(f"{demo.address}{person}")
    page.get_by_role("link", name="Fjord Institute").click()
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Other names").fill("FI\nInstitut du fjord")
    page.get_by_label("Type").select_option(label="Think tank")
    page.get_by_label("Country").fill("Norway")
    look(page, "organisation-edit")
    page.get_by_label("Other names").fill("FI\nInstitut du fjord")
    page.get_by_label("Type").select_option(label="Think tank")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/organisations/[0-9a-z]+$"))
    look(page, "organisation")
    page.goto(f"{demo.address}/organisations")
    look(page, "organisations")


def test_what_a_guest_needs_is_noted_and_stands_on_the_sheet(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in_again())
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/events")
    page.get_by_role("link", name=re.compile("Seminar")).first.click()
    event = page.url.partition("?")[0]
    page.goto(f"{event}?status=accepted")
    page.locator("th a[href^='/invitations/']").first.click()

    page.get_by_text("Note what they need").click()
    page.get_by_label("Access, food, interpreting").fill("A ramp at the side door,\nno nuts.")
    page.get_by_role("button", name="Note it").click()
    page.get_by_text("A ramp at the side door,").first.wait_for()
    look(page, "invitation-needs")
    page.goto(f"{event}/needs")
    page.get_by_text("no nuts.").wait_for()
    look(page, "event-needs")
