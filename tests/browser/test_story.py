"""The main job in a real browser, on the sample project, as a newcomer starts it: `farsow demo`.

Every page on the way is looked at by axe in light and dark, at 320 px, and must make no request
but to its own origin. FARSOW_TEST_SCREENS=1 keeps pictures at 390 and 1280 pixels.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from functools import cache
from pathlib import Path
from urllib.parse import urljoin
from uuid import uuid4

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
    ("/calendar", "calendar"),
)
PEOPLE = (
    "Name;E-mail;Organisation;Audience;Country;Language\n"
    + "".join(f"Guest {n} Example;story{n}@example.org;Example House;civil_society;Kenya;en\n" for n in range(1, 8))
    + "Layla Mansour;layla@example.org;Open Door Amman;civil_society;Jordan;ar\n"
)


@dataclass
class Demo:
    """A running demo: its address and the one-time link it printed."""

    address: str
    sign_in: str
    folder: Path

    def sign_in_again(self) -> str:
        """Return a one-time link for one more manager, as `farsow staff add` prints one."""
        address = f"manager-{uuid4().hex}@example.org"
        command = [sys.executable, "-m", "service", "staff", "add", address, "--role", "manager", "--json"]
        environment = {**os.environ, **self.environment()}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return str(json.loads(done.stdout)["sign_in"])

    def environment(self) -> dict[str, str]:
        """Return the settings under which commands work on the demo's data."""
        key = (self.folder / "secret.key").read_text().strip()
        data = {"FARSOW_DATA_DIR": str(self.folder), "FARSOW_DATABASE_URL": f"sqlite:///{self.folder / 'farsow.db'}"}
        return {**data, "FARSOW_PUBLIC_URL": self.address, "FARSOW_SECRET_KEY": key}


@cache
def _sample() -> Path:
    """Return the demo's data as its first start leaves them: making them takes longest, so it is done once."""
    folder = Path(tempfile.mkdtemp(prefix="farsow-sample-"))
    atexit.register(shutil.rmtree, folder, True)
    with _started(folder):
        return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo in a folder of its own, as it is found after its first start; letters leave at once."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(_sample(), folder, dirs_exist_ok=True)
    with _started(folder) as demo:
        yield demo


@contextmanager
def _started(folder: Path) -> Iterator[Demo]:
    """Start the demo as a newcomer does, and end it with Ctrl-C."""
    port = free_port()
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
    sign_in(page, demo)
    for path, name in PAGES:
        page.goto(demo.address + path)
        look(page, name)
    event_page = make_event(page, demo)
    import_list(page, demo, tmp_path)
    invite(page, event_page)
    wait_for_letters(page, demo, "layla@example.org")
    answer_by_link(page, demo)
    answer_in_arabic(page, demo)
    name_a_colleague(page, demo, event_page)
    answer_by_mail(page, demo, event_page)
    correct_then_move(page, event_page)
    put_off_and_back(page, event_page)
    call_off(page, event_page)


def test_from_who_came_to_a_frozen_report(browser_page: Page, demo: Demo) -> None:
    page = browser_page
    sign_in(page, demo, first=False)
    page.goto(demo.address)
    page.locator("li", has_text="Briefing for parliamentary researchers").get_by_role("link").click()
    look(page, "attendance-open")
    for row in page.get_by_role("group", name="Was there").all()[:3]:
        row.get_by_text("Present", exact=True).click()
    page.get_by_role("button", name="Save, and the rest were absent").click()
    page.get_by_text("3 people are recorded as present").wait_for()
    page.get_by_label("Name").fill("Ada Example")
    page.get_by_label("E-mail").fill("ada.example@example.org")
    page.get_by_role("button", name="Add and mark present").click()
    page.get_by_text("4 people are recorded as present").wait_for()
    page.get_by_role("link", name="Close the event").click()
    look(page, "event-close")
    page.get_by_role("button", name="Close it").click()
    page.get_by_text("Closed.").first.wait_for()
    look(page, "event-closed")

    page.goto(f"{demo.address}/reports?profile=donor")
    page.get_by_role("button", name="Begin a report").click()
    page.wait_for_url(re.compile(r"/reports/[0-9a-z]{26}"))
    look(page, "report-frozen")
    files = {name: file_of(page, name) for name in ("html", "pdf", "docx", "xlsx", "csv", "json", "zip")}
    assert json.loads(files["json"])["profile"] == "donor"
    assert files["html"].lower().startswith(b"<!doctype html>")
    assert not any(b"example.org" in content for content in files.values()), "no address leaves in a report"
    page.get_by_role("button", name="Mark as reviewed").click()
    page.get_by_role("button", name="Issue this report").click()
    page.get_by_text("It does not change any more.").wait_for()
    read_from_outside(page)
    page.goto(f"{demo.address}/plan")
    look(page, "plan-after")


def read_from_outside(page: Page) -> None:
    """Make the secret address of the report one is on, and open it."""
    page.get_by_role("button", name="Make an address").click()
    address = page.locator("#shares code").inner_text()
    look_at = page.url
    page.goto(address)
    look(page, "report-shared")
    page.get_by_role("link", name="Read the report").click()
    page.get_by_role("heading", level=1).wait_for()
    page.goto(look_at.partition("/shares")[0])
    look(page, "report-shares")


def file_of(page: Page, name: str) -> bytes:
    """Return a file of the frozen report one is on, taken as its button takes it."""
    button = page.locator(f"a[href$='.{name}']").first
    return page.request.get(urljoin(page.url, button.get_attribute("href") or "")).body()


def sign_in(page: Page, demo: Demo, *, first: bool = True) -> None:
    """Spend the printed link, or ask for another one as staff do later: from the command line."""
    if first:
        page.goto(demo.address)
        look(page, "sign-in")
        page.goto(demo.sign_in)
        look(page, "sign-in-link")
    else:
        page.goto(demo.sign_in_again())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{demo.address}/")
    if first:
        look(page, "home")


def make_event(page: Page, demo: Demo) -> str:
    """Make a seminar and return its address."""
    page.goto(f"{demo.address}/events/new")
    look(page, "event-new")
    page.get_by_label("Title").fill("Seminar 9: A story")
    page.get_by_label("Day", exact=True).fill("2031-03-06")
    page.get_by_label("Place").fill("Meeting house, Room 2")
    page.get_by_label("Online link").fill("https://meet.example.org/nine")
    page.get_by_label("Seats in the room").fill("3")
    page.get_by_role("button", name="Make the event").click()
    page.wait_for_url(re.compile(r"/events/[0-9a-z]{26}"))
    look(page, "event-empty")
    return page.url.partition("?")[0]


def import_list(page: Page, demo: Demo, folder: Path) -> None:
    """Bring a semicolon file with a bad row into a new list."""
    file = folder / "contacts.csv"
    file.write_text(PEOPLE + "Broken;not an address;;;;\n", encoding="utf-8")
    page.goto(f"{demo.address}/people/import")
    look(page, "import-form")
    page.get_by_label("File").set_input_files(str(file))
    page.get_by_label("New list").fill("Story guests")
    page.get_by_label("They agreed").check()
    page.get_by_role("button", name="Read the file").click()
    page.wait_for_url(re.compile(r"/people/import/"))
    look(page, "import-preview")
    page.get_by_role("button", name=re.compile("Import 8")).click()
    page.get_by_text("8 people").first.wait_for()
    page.get_by_text("Imported").first.wait_for()
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_text("8 people it made are removed").wait_for()
    look(page, "import-undo")
    page.get_by_role("link", name="Leave it as it is").click()


def invite(page: Page, event_page: str) -> None:
    """Write the invitations, read one as it will arrive, send."""
    page.goto(f"{event_page}/invite")
    look(page, "invite")
    page.get_by_label("List").select_option(label="Story guests, 8")
    page.get_by_role("button", name="Write the invitations").click()
    page.wait_for_url(re.compile(r"/letters/"))
    look(page, "composer")
    # Whose letter comes first is chance; Layla's is in Arabic.
    question = re.compile("Can you come\\?|هل يمكنكم الحضور؟")
    page.frame_locator("iframe").get_by_text(question).first.wait_for()
    page.get_by_role("button", name="Send to 8 people").click()
    page.get_by_text("Nobody has it yet").first.wait_for()
    look(page, "outbox-undo")


def wait_for_letters(page: Page, demo: Demo, address: str) -> None:
    """Wait until the undo window is over and the worker has had its turn."""
    for _ in range(60):
        page.goto(f"{demo.address}/mailbox?to={address}")
        if page.locator("main a[href^='/mailbox/']").count():
            return
        page.wait_for_timeout(1000)
    raise AssertionError("no letter came")


def open_letter(page: Page, demo: Demo, address: str) -> str:
    """Open the newest letter to an address in the mailbox viewer; return its plain text."""
    wait_for_letters(page, demo, address)
    page.locator("main a[href^='/mailbox/']").first.click()
    page.get_by_text("Plain text").click()
    return page.locator("pre").first.inner_text()


def answer_link(page: Page, demo: Demo, address: str) -> str:
    """Return the address of the answer page a letter links to."""
    found = re.search(r"http://\S+/r/[\w-]{44}", open_letter(page, demo, address))
    assert found
    return found.group()


def answer_by_link(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/mailbox?to=story1@example.org")
    look(page, "mailbox")
    link = answer_link(page, demo, "story1@example.org")
    look(page, "mailbox-letter")
    page.goto(link + "?a=yes")
    look(page, "answer-chosen")
    page.get_by_role("button", name=re.compile("Confirm")).click()
    page.get_by_text("Thank you").first.wait_for()
    look(page, "answered")


def answer_in_arabic(page: Page, demo: Demo) -> None:
    """Layla reads letter and page from right to left, her time first."""
    page.goto(answer_link(page, demo, "layla@example.org"))
    assert page.locator("html").get_attribute("dir") == "rtl"
    look(page, "answer-ar")
    page.locator("button[value=yes_online]").click()
    page.wait_for_load_state("networkidle")
    look(page, "answered-ar")


def name_a_colleague(page: Page, demo: Demo, event_page: str) -> None:
    """Guest 2 sends someone else; the manager agrees."""
    page.goto(answer_link(page, demo, "story2@example.org"))
    page.get_by_role("link", name="Send a colleague instead").click()
    look(page, "colleague")
    page.get_by_label("Their name").fill("Joseph Karanja")
    page.get_by_label("Their e-mail address").fill("joseph.karanja@example.org")
    page.get_by_label("They know").check()
    page.get_by_role("button", name="Pass it on").click()
    page.get_by_text("It is noted").wait_for()
    look(page, "colleague-noted")
    page.goto(demo.address)
    page.get_by_role("link", name="Decide").click()
    look(page, "event-colleague")
    page.get_by_role("button", name="Invite them instead").click()
    page.wait_for_url(re.compile(r"/letters/"))
    page.goto(event_page)
    page.get_by_text("Sent someone instead").first.wait_for()


def answer_by_mail(page: Page, demo: Demo, event_page: str) -> None:
    """Guest 3 presses Accept in their calendar, which answers by mail."""
    page.goto(f"{demo.address}/mailbox?to=story3@example.org")
    letter = page.locator("main a[href^='/mailbox/']").first.get_attribute("href") or ""
    raw = page.request.get(f"{demo.address}/api/v1{letter}.eml").body()
    assert come_in(page, demo, reply_to(raw)) == {"verdict": "reply", "applied": True, "reason": ""}
    page.goto(f"{event_page}?status=accepted")
    page.get_by_role("link", name="Guest 3 Example").click()
    page.get_by_text("Mail reply").first.wait_for()
    mail_that_waits(page, demo, raw)


def come_in(page: Page, demo: Demo, raw: bytes) -> dict[str, object]:
    """Hand over a mail as the mail system does; return what was made of it."""
    page.goto(demo.address)
    token = json.loads(page.locator("body").get_attribute("hx-headers:inherited") or "{}")["X-CSRF-Token"]
    headers = {"Content-Type": "message/rfc822", "X-CSRF-Token": token, "Origin": demo.address}
    taken: dict[str, object] = page.request.post(f"{demo.address}/api/v1/intake", data=raw, headers=headers).json()
    return taken


def mail_that_waits(page: Page, demo: Demo, raw: bytes) -> None:
    """A guest's secretary answers, a stranger answers, someone asks for another time, someone just writes."""
    guest = reply_to(raw, to="rsvp@localhost").replace(b"story3@", b"story4@")
    proposal = b"DTSTART:20270306T170000Z\r\nDTEND:20270306T190000Z\r\nCOMMENT:Could it be an hour later?\r\nEND:VEVENT"
    come_in(page, demo, guest.replace(b"From: story4@example.org", b"From: office@example.net"))
    come_in(page, demo, guest.replace(b"story4@", b"stranger@").replace(b"ATTENDEE;", b"ATTENDEE;CN=Nia Stranger;"))
    come_in(page, demo, guest.replace(b"REPLY", b"COUNTER").replace(b"END:VEVENT", proposal))
    come_in(page, demo, b"From: ann@example.org\r\nSubject: The room\r\n\r\nIs there a lift?\r\n\r\nAnn\r\n")
    page.get_by_role("link", name="See them").click()
    page.get_by_role("heading", name="Answers from another address").wait_for()
    look(page, "incoming")
    page.get_by_role("button", name="It is theirs: count it").click()
    page.get_by_role("heading", name="Guest 4 Example").wait_for()
    page.goto(f"{demo.address}/letters/incoming")
    page.get_by_role("button", name="Invite them").click()
    page.get_by_role("button", name="Send to one person").wait_for()


def reply_to(raw: bytes, *, to: str = "") -> bytes:
    """Return what a calendar program mails to the organizer when its user accepts."""
    letter = message_from_bytes(raw)
    part = next(p for p in letter.walk() if p.get_content_type() == "text/calendar")
    lines = str(part.get_payload(decode=True), "utf-8").replace("\r\n ", "").split("\r\n")
    uid = next(line for line in lines if line.startswith("UID:"))
    organizer = next(line for line in lines if line.startswith("ORGANIZER")).rpartition("mailto:")[2]
    answer = [
        "BEGIN:VCALENDAR",
        "METHOD:REPLY",
        "VERSION:2.0",
        "PRODID:-//Some//Calendar//EN",
        "BEGIN:VEVENT",
        "SEQUENCE:0",
    ]
    answer += [uid, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:story3@example.org", "END:VEVENT", "END:VCALENDAR"]
    head = f"From: story3@example.org\r\nTo: {to or organizer}\r\nSubject: Accepted\r\nMIME-Version: 1.0\r\n"
    kind = "Content-Type: text/calendar; charset=utf-8; method=REPLY\r\n\r\n"
    return (head + kind + "\r\n".join(answer) + "\r\n").encode()


def correct_then_move(page: Page, event_page: str) -> None:
    """A spelling tells nobody; another hour tells those who are invited."""
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
    page.get_by_role("button", name=re.compile("Change it and tell")).click()
    page.wait_for_url(re.compile(r"/letters/"))
    page.goto(event_page)
    look(page, "event")
    page.get_by_role("link", name="Guest 1 Example").click()
    look(page, "invitation")


def put_off_and_back(page: Page, event_page: str) -> None:
    """No date any more, then another one: those invited are told of both."""
    page.goto(f"{event_page}/end")
    look(page, "event-end")
    page.get_by_label(re.compile("^One line for the letter")).fill("The speaker is ill.")
    page.get_by_role("button", name=re.compile("Put it off and tell")).click()
    page.wait_for_url(re.compile(r"/letters/"))
    look(page, "letter-put-off")
    page.goto(event_page)
    look(page, "event-put-off")
    page.get_by_role("link", name="Give it a new date").click()
    page.get_by_label("Starts").fill("17:30")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").wait_for()
    look(page, "change-put-off")
    page.get_by_role("button", name=re.compile("Change it and tell")).click()
    page.wait_for_url(re.compile(r"/letters/"))


def call_off(page: Page, event_page: str) -> None:
    page.goto(f"{event_page}/end")
    look(page, "event-end")
    page.get_by_role("button", name=re.compile("Cancel it")).click()
    page.wait_for_url(re.compile(r"/letters/"))


def test_a_second_start_keeps_the_data(browser_page: Page, demo: Demo) -> None:
    assert (demo.folder / "farsow.db").stat().st_size > 100_000
    assert sorted(p.name for p in demo.folder.iterdir() if p.name.endswith(".key")) == ["secret.key", "suppression.key"]


def test_a_taken_port_is_one_sentence(demo: Demo, tmp_path: Path) -> None:
    port = demo.address.rpartition(":")[2]
    command = [sys.executable, "-m", "service", "demo", "--port", port, "--dir", str(tmp_path)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == f"Port {port} is taken. Choose another one, such as --port {int(port) + 1}."
