"""The records of the campaign: looked at and written in a real browser, on the sample project."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)
BASE = "/plan/campaign"


def test_the_records_of_the_campaign_are_kept(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in_again())
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/plan")
    page.get_by_role("link", name="Campaign", exact=True).click()
    look(page, "campaign")

    page.get_by_role("link", name="Stances").click()
    page.get_by_text("One earlier stance").click()
    look(page, "campaign-stances")
    page.get_by_label("State", exact=False).first.fill("Kenya")
    page.get_by_label("Since").fill("2026-11-02")
    page.get_by_label("How you know").fill("Floor statement")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("2 earlier stances").wait_for()

    page.goto(f"{demo.address}{BASE}/messages?audience=policy")
    page.get_by_text("Change Come to the table early").click()
    look(page, "campaign-messages")
    page.get_by_role("button", name="Sign it off").first.click()
    page.get_by_role("link", name="Put it into a letter", exact=False).first.click()
    page.get_by_text("Example. States that sat", exact=False).wait_for()
    look(page, "campaign-letter")

    page.goto(f"{demo.address}{BASE}/lessons?campaign=landmines")
    look(page, "campaign-lessons")
    page.goto(f"{demo.address}{BASE}/grants")
    page.get_by_text("Change Open Door Initiative, KE").click()
    look(page, "campaign-grants")
    page.goto(f"{demo.address}{BASE}/press")
    look(page, "campaign-press")
    page.goto(f"{demo.address}{BASE}/hand-over")
    page.get_by_text("People too").click()
    look(page, "campaign-hand-over")


def test_talks_introductions_places_and_local_events(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}{BASE}/meetings")
    page.get_by_label("Or an institution").fill("Assembly of Examples")
    page.get_by_label("Day").fill("2026-11-02")
    page.get_by_label("Where").fill("Geneva")
    page.get_by_label("What was said").fill("They will look at the text.")
    page.get_by_label("Next step").fill("Send the text")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("One next step waits.").wait_for()
    page.get_by_text("Change Assembly of Examples").click()
    look(page, "campaign-meetings")

    page.goto(f"{demo.address}{BASE}/introductions")
    page.get_by_label("E-mail of the one you introduced").fill("p001@example.net")
    page.get_by_label("To whom, by e-mail").fill("p041@example.com")
    page.get_by_label("What is to follow").fill("Call both")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("One waits for what is to follow.").wait_for()
    look(page, "campaign-introductions")

    page.goto(f"{demo.address}/events")
    page.get_by_role("link", name="Seminar 4", exact=False).first.click()
    page.get_by_role("link", name="Places").click()
    look(page, "event-places")
    page.goto(f"{demo.address}/events")
    page.get_by_role("link", name="Day of joint action", exact=False).first.click()
    page.get_by_role("link", name="Local events").click()
    page.get_by_text("3 local events, each at its own hour.").wait_for()
    look(page, "event-local")
