"""The pages of an organisation's own wording of letters in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_a_wording_is_written_refused_tried_and_used(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    page.goto(f"{demo.address}/letters")
    page.get_by_role("link", name="Wording of letters").click()
    look(page, "templates")
    page.get_by_role("link", name="Invitation: English").click()

    page.get_by_label("Opening").fill("Dear {{ name }},\n{{ secret }}")
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_text("Line 2:").first.wait_for()
    page.get_by_label("Subject").fill("Come to {{ event.title }}")
    page.get_by_label("Opening").fill("Dear {{ name }},\n\nplease bring:\n\n- **a pen**\n- time")
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_role("heading", name="Version 1 as it reads").wait_for()
    look(page, "template")

    seminar = page.get_by_label("Try it with").locator("option", has_text="Seminar 2").first.get_attribute("value")
    page.get_by_label("Try it with").select_option(seminar)
    page.get_by_role("button", name="Show this one").click()
    page.get_by_label("and this guest").select_option(index=1)
    page.get_by_role("button", name="Show this one").click()
    page.frame_locator("iframe").get_by_text("please bring").wait_for()
    look(page, "template-with-a-guest")
    page.get_by_role("button", name="Use this: version 1").click()
    page.get_by_role("button", name="Use the built-in wording").wait_for()
    page.get_by_role("button", name="Send me a test of version 1").click()
    page.get_by_role("heading", name="Invitation").wait_for()
    look(page, "template-test")
