"""The page of a mailing in a real browser, with letters nobody is sure of."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page

from tests.browser.test_story import Demo, demo, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIXTURES = (demo,)


def test_letters_in_doubt_are_named(browser_page: Page, demo: Demo) -> None:
    with closing(sqlite3.connect(demo.folder / "farsow.db", timeout=20)) as database, database:
        database.execute("PRAGMA busy_timeout = 20000")
        (mailing_id,) = database.execute(
            "SELECT mailing_id FROM delivery WHERE state = 'sent' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
        of_it = "id IN (SELECT id FROM delivery WHERE mailing_id = ? AND state = 'sent' ORDER BY id LIMIT 3)"
        database.execute(f"UPDATE delivery SET repeats = 1 WHERE {of_it}", (mailing_id,))
        newest = "id = (SELECT max(id) FROM delivery WHERE mailing_id = ? AND state = 'sent')"
        database.execute(f"UPDATE delivery SET state = 'unknown' WHERE {newest}", (mailing_id,))
    page = browser_page
    page.goto(demo.sign_in)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()

    page.goto(f"{demo.address}/letters/{mailing_id}")
    page.get_by_role("heading", name="3 people may have this letter twice").wait_for()
    page.get_by_role("heading", name="One person may not have received this").wait_for()
    look(page, "letters-in-doubt")
    page.get_by_role("link", name="One by one").click()
    page.get_by_role("navigation", name="By what became of them").get_by_role("link", name="Unsure").click()
    page.get_by_role("button", name="Send again").wait_for()
    look(page, "letters-one-by-one")


def test_a_newsletter_goes_to_a_list_and_is_read_in_the_mailbox(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in_again())
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/letters")
    page.get_by_role("link", name="Write to a list").click()
    look(page, "letter-to-list")
    page.get_by_label("To the list or segment").select_option(index=1)
    page.get_by_label("Press release").check()
    page.get_by_label("Subject").fill("The book on coalitions is out")
    page.get_by_label("Text").fill("It is free to read.\n\nChapter one tells how coalitions begin.")
    page.get_by_label("Embargo or deadline").fill("2031-03-04T18:00")
    page.get_by_role("button", name="Write the draft").click()
    page.get_by_text("Each reader leaves the list with one press").wait_for()
    page.get_by_text("Send it later").click()
    look(page, "letter-to-list-draft")
    page.get_by_role("button", name="Send to").click()

    page.goto(f"{demo.address}/letters")
    page.get_by_role("link", name="Press release").first.wait_for()
    for _attempt in range(120):
        page.goto(f"{demo.address}/mailbox")
        if page.get_by_text("The book on coalitions is out").count():
            break
        page.wait_for_timeout(250)
    page.get_by_text("The book on coalitions is out").first.wait_for()

    page.goto(f"{demo.address}/letters")
    page.get_by_role("link", name="Press release").first.click()
    page.get_by_role("link", name="Send it to those added later").click()
    page.get_by_text("Nobody new would get this letter now.").wait_for()
    look(page, "letter-added-later")


def test_a_letter_for_another_day_is_cancelled_after_a_look(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    page.goto(demo.sign_in_again())
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{demo.address}/letters/to-list")
    page.get_by_label("To the list or segment").select_option(index=1)
    page.get_by_label("Subject").fill("For another day")
    page.get_by_label("Text").fill("Not yet.")
    page.get_by_role("button", name="Write the draft").click()
    page.get_by_text("Send it later").click()
    page.get_by_label("When it leaves").fill("2031-03-04T18:00")
    page.get_by_role("button", name="Let it leave then").click()

    page.get_by_role("link", name="Cancel it").click()
    page.get_by_text("None has left.").wait_for()
    look(page, "letter-cancel")
    page.get_by_role("button", name="Cancel it for good").click()
    page.get_by_role("link", name="Back to the outbox").wait_for()
