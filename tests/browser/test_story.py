"""The main job in a real browser, on the sample project, as a newcomer starts it: `farsow demo`.

Every page on the way is looked at by axe in light and dark, at 320 px, and must make no request
but to its own origin. FARSOW_TEST_SCREENS=1 keeps pictures at 390 and 1280 pixels.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bench.load import free_port
from tests.browser.harness import ROOT, Watch, assert_accessible, assert_fits, shoot

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = (
    ("/events", "events"),
    ("/people", "people"),
    ("/letters", "outbox"),
    ("/plan", "plan"),
    ("/reports", "reports"),
)
PEOPLE = "Name;E-mail;Organisation;Audience;Country;Language\n" + "".join(
    f"Guest {n} Example;story{n}@example.org;Example House;civil_society;Kenya;en\n" for n in range(1, 8)
)


@dataclass
class Demo:
    """A running demo: its address and the one-time link it printed."""

    address: str
    sign_in: str
    folder: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, started as a newcomer does, in a folder of its own; letters leave at once."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    command = [sys.executable, "-m", "service", "demo", "--port", str(port), "--dir", str(folder)]
    environment = {**os.environ, "FARSOW_UNDO_SECONDS": "3", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if "Ctrl-C" in line:
            break
    link = re.search(r"\S+/sign-in/link/\S+", printed)
    assert link, printed
    _wait(port)
    yield Demo(f"http://127.0.0.1:{port}", link.group(), folder)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)


def _wait(port: int) -> None:
    from bench.load import wait_for

    wait_for(port)


def look(page: Page, name: str) -> None:
    """Judge the page one is on: quiet, accessible in light and dark, fits 320 px; keep pictures if asked."""
    with Watch(page) as watch:
        page.reload()
        page.wait_for_load_state("networkidle")
    watch.assert_quiet()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert_accessible(page)
    page.emulate_media(color_scheme="light")
    assert_fits(page, width=320)
    if os.environ.get("FARSOW_TEST_SCREENS"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            shoot(page, f"story-{name}-{width}")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_the_main_job_in_a_browser(browser_page: Page, demo: Demo, tmp_path: Path) -> None:
    page = browser_page
    page.goto(demo.address)
    look(page, "sign-in")
    page.goto(demo.sign_in)
    look(page, "sign-in-link")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{demo.address}/")
    look(page, "home")
    for path, name in (
        ("/events", "events"),
        ("/people", "people"),
        ("/letters", "outbox"),
        ("/plan", "plan"),
        ("/reports", "reports"),
    ):
        page.goto(demo.address + path)
        look(page, name)

    page.goto(f"{demo.address}/events/new")
    look(page, "event-new")
    page.get_by_label("Title").fill("Seminar 9: A story")
    page.get_by_label("Day").fill("2031-03-06")
    page.get_by_label("Place").fill("Meeting house, Room 2")
    page.get_by_label("Online link").fill("https://meet.example.org/nine")
    page.get_by_label("Seats in the room").fill("3")
    page.get_by_role("button", name="Make the event").click()
    page.wait_for_url(re.compile(r"/events/[0-9a-z]{26}"))
    event_page = page.url.partition("?")[0]
    look(page, "event-empty")

    file = tmp_path / "contacts.csv"
    file.write_text(PEOPLE + "Broken;not an address;;;;\n", encoding="utf-8")
    page.goto(f"{demo.address}/people/import")
    look(page, "import-form")
    page.get_by_label("File").set_input_files(str(file))
    page.get_by_label("New list").fill("Story guests")
    page.get_by_label("They agreed").check()
    page.get_by_role("button", name="Read the file").click()
    page.wait_for_url(re.compile(r"/people/import/"))
    look(page, "import-preview")
    page.get_by_role("button", name=re.compile("Import 7")).click()
    page.get_by_text("7 people").first.wait_for()
    page.get_by_text("Imported").first.wait_for()

    page.goto(f"{event_page}/invite")
    look(page, "invite")
    page.get_by_label("List").select_option(label="Story guests, 7")
    page.get_by_role("button", name="Write the invitations").click()
    page.wait_for_url(re.compile(r"/letters/"))
    look(page, "composer")
    assert page.frame_locator("iframe").get_by_text("Can you come?").count() == 1
    page.get_by_role("button", name="Send to 7 people").click()
    page.get_by_text("Nobody has it yet").first.wait_for()
    look(page, "outbox-undo")
    page.wait_for_timeout(6000)
    page.goto(f"{demo.address}/mailbox?to=story1@example.org")
    look(page, "mailbox")
    page.get_by_role("link", name=re.compile("Seminar 9|6 March|Invitation", re.I)).first.click()
    look(page, "mailbox-letter")

    page.get_by_text("Plain text").click()
    link = re.search(r"http://\S+/r/[\w-]{44}", page.locator("pre").first.inner_text())
    assert link
    page.goto(link.group() + "?a=yes")
    look(page, "answer-chosen")
    page.get_by_role("button", name=re.compile("Confirm")).click()
    page.get_by_text("Thank you").first.wait_for()
    look(page, "answered")

    page.goto(f"{event_page}/change")
    look(page, "change-form")
    page.get_by_label("Title").fill("Seminar 9: One story")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved. Nobody was told.").wait_for()
    page.goto(f"{event_page}/change")
    page.get_by_label("Starts").fill("16:00")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").wait_for()
    assert_accessible(page)
    if os.environ.get("FARSOW_TEST_SCREENS"):
        shoot(page, "story-change-preview-1280")
    page.get_by_role("button", name="Change it and tell 7 people").click()
    page.wait_for_url(re.compile(r"/letters/"))
    page.goto(event_page)
    look(page, "event")
    page.get_by_role("link", name="Guest 1 Example").click()
    look(page, "invitation")
    page.goto(f"{event_page}/end")
    look(page, "event-end")
    page.get_by_role("button", name=re.compile("Cancel it")).click()
    page.wait_for_url(re.compile(r"/letters/"))

    page.goto(f"{demo.address}/events")
    page.get_by_role("link", name=re.compile("launch", re.I)).first.click()
    look(page, "event-closed")
    page.goto(page.url.partition("?")[0] + "/attendance")
    look(page, "attendance")


def test_a_second_start_keeps_the_data(browser_page: Page, demo: Demo) -> None:
    assert (demo.folder / "farsow.db").stat().st_size > 100_000
    assert sorted(p.name for p in demo.folder.iterdir() if p.name.endswith(".key")) == ["secret.key", "suppression.key"]


def test_a_taken_port_is_one_sentence(demo: Demo, tmp_path: Path) -> None:
    port = demo.address.rpartition(":")[2]
    command = [sys.executable, "-m", "service", "demo", "--port", port, "--dir", str(tmp_path)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == f"Port {port} is taken. Choose another one, such as --port {int(port) + 1}."
