"""Materials are added and handed out: in a real browser, on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_a_chapter_is_handed_out(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/materials")
    page.get_by_text("Nothing is handed out yet.").wait_for()
    look(page, "materials-none")
    page.get_by_label("Title").fill("Chapter 1: Governance")
    pdf = {"name": "chapter-1.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 one"}
    page.locator("#file").set_input_files(pdf)  # type: ignore[arg-type]
    page.get_by_role("button", name="Hand it out").click()
    page.get_by_role("rowheader", name="Chapter 1: Governance").wait_for()
    page.locator("summary", has_text="Hand out").click()
    look(page, "materials")

    page.get_by_label("Title").fill("Lobbying guide")
    page.locator("#file").set_input_files({**pdf, "name": "guide.pdf"})  # type: ignore[arg-type]
    page.get_by_text("Restricted: a file for few").click()
    page.get_by_role("button", name="Hand it out").click()
    page.get_by_role("row", name="Lobbying guide").locator("summary").click()
    page.get_by_role("button", name="Make a link").click()
    page.get_by_text("Copy it now, it is shown this once").wait_for()
