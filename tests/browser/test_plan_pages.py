"""Writing the plan, its outputs and targets, and approving a version: in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_a_checklist_is_started_and_a_task_is_done(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in_again())
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/events")
    page.get_by_role("link", name="Seminar 4", exact=False).first.click()
    page.get_by_role("link", name="Checklist").click()
    page.get_by_role("button", name="Start it").click()
    page.get_by_role("heading", name="Tasks").wait_for()
    look(page, "checklist")
    page.get_by_role("button", name=re.compile("^Done ?: Choose the chapter")).click()
    page.get_by_text("1 of 11 done.").wait_for()
    look(page, "checklist-done")
    page.goto(f"{demo.address}/plan")
    page.get_by_role("link", name="See the task", exact=False).first.wait_for()
    look(page, "plan-week")
    page.goto(f"{demo.address}/")
    look(page, "today-tasks")


def test_a_plan_is_written_and_approved(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/plan")
    page.get_by_role("link", name="Add a line").click()
    look(page, "plan-line")
    page.get_by_label("What", exact=True).fill("Briefing for parliament")
    page.get_by_label("Due on").fill("2031-03-31")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. Its figures count now.").wait_for()
    look(page, "plan-written")

    page.get_by_role("link", name="Outputs", exact=True).click()
    page.get_by_role("heading", name="Outputs").wait_for()
    look(page, "plan-outputs")
    page.get_by_role("link", name="Individuals as champions").click()
    look(page, "plan-output")

    page.goto(f"{demo.address}/plan/targets")
    look(page, "plan-targets")
    page.get_by_role("link", name="E4 Distinct attendees").click()
    page.get_by_label("Baseline").fill("")
    look(page, "plan-target")

    page.goto(f"{demo.address}/plan/markers")
    page.get_by_text("Change They ask for a briefing").click()
    look(page, "plan-markers")

    page.goto(f"{demo.address}/plan/figures")
    page.get_by_label("Day").fill("2026-11-02")
    page.get_by_label("Number").fill("3")
    page.get_by_label("Out of").fill("6")
    page.get_by_label("Where one can see it").fill("Cuttings 1 to 3")
    page.get_by_label("What").select_option("E8")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. It counts now.").wait_for()
    look(page, "plan-figures")

    page.goto(f"{demo.address}/plan/versions")
    look(page, "plan-draft")
    page.get_by_role("button", name="Approve version 1").click()
    page.get_by_role("heading", name="Approved").wait_for()
    page.goto(f"{demo.address}/plan")
    page.get_by_role("link", name="Add a line").click()
    page.get_by_label("What", exact=True).fill("Poster")
    page.get_by_label("Due on").fill("2031-04-30")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{demo.address}/plan/versions")
    page.get_by_text("One change since version 1 was approved.").wait_for()
    look(page, "plan-versions")


def test_a_source_elsewhere_is_named_and_numbers_are_put_in(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in_again())
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/plan")
    page.get_by_role("link", name="Figures from elsewhere").click()
    look(page, "plan-sources-none")
    page.get_by_label("How it is known there").fill("zenodo")
    page.get_by_label("What reports call it").fill("Book, DataCite")
    page.get_by_role("button", name="Add the source").click()
    page.get_by_role("link", name="Give a DOI").wait_for()
    page.get_by_label("How it is known there").fill("10.5281/zenodo.1234567")
    page.get_by_role("button", name="Add the source").click()
    page.get_by_text("It is asked in the next minutes").wait_for()

    table = b"source,metric,day,number\nPublisher,downloads,2026-02-01,151\n"
    page.get_by_label("File").set_input_files({"name": "n.csv", "mimeType": "text/csv", "buffer": table})
    page.get_by_role("button", name="Put the numbers in").click()
    page.get_by_text("Saved. The numbers stand below.").wait_for()
    look(page, "plan-sources")
