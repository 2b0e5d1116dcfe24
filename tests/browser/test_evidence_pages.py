"""What shows results and what was agreed: files of evidence, records, notes, costs, tasks for guests, definitions.

In a real browser; the forms are filled in and sent by keyboard.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page

from tests.browser.test_story import Demo, demo, look
from tests.dissemination.test_logos import png

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)
SHEET: FilePayload = {"name": "sheet.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed"}


def test_a_file_is_attached_and_other_pages_are_walked(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    attach_a_file(page, demo)
    record_a_mention(page, demo)
    walk_an_event(page, demo)
    put_a_mark_on(page, demo)
    page.goto(f"{demo.address}/reports/figures")
    look(page, "definitions")
    page.get_by_role("link", name="E4", exact=False).first.click()
    look(page, "definition")


def press(page: Page, name: str) -> None:
    """Press a button by keyboard."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def attach_a_file(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/plan")
    page.get_by_role("link", name="Attach a file", exact=False).first.click()
    look(page, "evidence-none")
    page.locator("#file").set_input_files({**SHEET, "buffer": b"<html>"})
    page.get_by_label("What it shows").fill("Signed sheet of the launch")
    press(page, "Attach it")
    page.get_by_text("is something else inside").first.wait_for()
    page.locator("#file").set_input_files(SHEET)
    press(page, "Attach it")
    page.get_by_role("rowheader", name="Signed sheet of the launch").wait_for()
    look(page, "evidence")
    page.get_by_role("link", name="Change", exact=False).last.click()
    look(page, "evidence-change")
    page.get_by_role("link", name="Files of evidence").click()
    look(page, "evidence-all")


def record_a_mention(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/plan/records/mention")
    page.get_by_label("Outlet, and what it is called").fill("The Standard: how campaigns win")
    page.get_by_label("Type").select_option("newspaper")
    page.get_by_label("Day").fill("2026-11-02")
    page.get_by_label("Where one can see it").fill("https://example.org/standard")
    press(page, "Save")
    page.get_by_text("Saved. It counts now.").wait_for()
    look(page, "records-mention")


def put_a_mark_on(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/reports")
    page.get_by_role("link", name="Your mark on reports").click()
    page.locator("#file").set_input_files({"name": "mark.png", "mimeType": "image/png", "buffer": png()})
    press(page, "Put it on")
    page.get_by_role("button", name="Take it off").wait_for()
    look(page, "report-mark")


def walk_an_event(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/events")
    page.get_by_role("link", name="Seminar 1", exact=False).first.click()
    event = page.url.partition("?")[0]
    page.goto(f"{event}/attendance")
    page.get_by_role("link", name="Attach a file", exact=False).click()
    look(page, "evidence-event-none")
    page.locator("#file").set_input_files(SHEET)
    page.get_by_label("What it shows").fill("Signed attendance sheet")
    press(page, "Attach it")
    page.get_by_role("rowheader", name="Signed attendance sheet").wait_for()
    look(page, "evidence-event")
    page.goto(f"{event}/attendance")
    page.get_by_role("link", name="One file", exact=False).wait_for()
    look(page, "attendance-with-a-sheet")
    page.goto(event)
    page.get_by_role("link", name="Files of evidence").click()
    page.get_by_role("rowheader", name="Signed attendance sheet").wait_for()

    page.goto(f"{event}/notes")
    page.get_by_label("What was decided").fill("The second edition has a chapter on parliaments.")
    press(page, "Save")
    page.get_by_text("Saved.").wait_for()
    look(page, "event-notes")

    page.goto(f"{event}/costs")
    page.get_by_label("What").fill("Hall")
    page.get_by_label("Day").fill("2026-11-02")
    page.get_by_label("Amount").fill("240")
    page.get_by_label("Currency").fill("GBP")
    press(page, "Save")
    page.get_by_role("rowheader", name="Hall").wait_for()
    look(page, "event-costs")
    page.goto(f"{event}/guest-tasks")
    look(page, "guest-tasks")
