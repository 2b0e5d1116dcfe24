"""The messy file of 500 rows in a real browser, as someone new here brings it in; and people saved as a file again."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import messy
from tests.browser.test_story import Demo, demo, look, sign_in
from tests.people.test_files import PLAIN

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)
PREVIEW = re.compile(r"/people/import/\w+")


def upload(page: Page, demo: Demo, file: Path, list_name: str) -> None:
    page.goto(f"{demo.address}/people/import")
    page.get_by_label("File").set_input_files(str(file))
    page.get_by_label("New list").fill(list_name)
    page.get_by_label("They agreed").check()
    page.get_by_label("Where these addresses come from").fill("cards given in Geneva")
    page.get_by_role("button", name="Read the file").click()
    page.wait_for_url(PREVIEW)


def test_a_messy_file_becomes_people_without_reading_a_manual(browser_page: Page, demo: Demo, tmp_path: Path) -> None:
    page = browser_page
    sign_in(page, demo)
    file = tmp_path / "contacts_final_v3.csv"
    file.write_bytes(messy.as_csv())
    told = Counter(verdict for verdict, _reason, _notes in messy.expected().values())

    upload(page, demo, file, "Coalition contacts")
    expect(page.get_by_text("495 rows read.")).to_be_visible()
    look(page, "import-messy")

    page.get_by_text("Change what a column holds").click()
    page.get_by_label("H, “Tags”").select_option(label="leave it out")
    page.get_by_role("button", name="Read it again").click()
    expect(page.get_by_label("H, “Tags”")).to_have_value("")

    page.get_by_role("link", name=re.compile("Needs a look")).click()
    page.wait_for_url(re.compile("look=true"))
    expect(page.get_by_text("The domain looks like example.org").first).to_be_visible()
    look(page, "import-messy-looks")
    page.get_by_role("button", name="Leave out row 22").click()
    page.wait_for_url(re.compile("#row-22"))

    page.get_by_role("link", name=re.compile(r"Refuse \d")).click()
    page.wait_for_url(re.compile("verdict=refuse"))
    expect(page.get_by_text("A cell holds a formula").first).to_be_visible()
    look(page, "import-messy-refused")
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save the {told['refuse']} refused rows").click()
    refused = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(refused) == told["refuse"] + 1

    page.get_by_role("button", name=f"Import {told['create'] - 1} people").click()
    page.get_by_text(f"Imported. {told['create'] - 1} people were made").wait_for()
    look(page, "import-messy-done")


def test_people_come_in_from_a_workbook_and_go_out_as_one(browser_page: Page, demo: Demo, tmp_path: Path) -> None:
    page = browser_page
    sign_in(page, demo, first=False)
    file = tmp_path / "guests.xlsx"
    file.write_bytes(PLAIN)

    upload(page, demo, file, "Guests of the workbook")
    expect(page.get_by_text("Sheet “Guests”")).to_be_visible()
    look(page, "import-workbook")

    page.goto(f"{demo.address}/people")
    page.get_by_role("link", name="Save as a file").click()
    page.get_by_text("People at risk too").click()
    look(page, "export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the file").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert download.value.path().read_bytes()[:2] == b"PK"
