"""Every piece of every page, with sample words, looked at as people meet it.

Each story is loaded under the product's policy, in light and dark, at 1280 and 320 pixels and as print;
guest pages also in Arabic. A broken page shows that the eyes are open.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Page

from service.web import dates, words
from service.web.render import environment
from tests.browser import samples
from tests.browser.harness import (
    ROOT,
    STATIC,
    Watch,
    accessibility_faults,
    assert_accessible,
    assert_fits,
    fonts_in_use,
    serve,
    shoot,
)

pytestmark = pytest.mark.browser
PICTURES = bool(os.environ.get("FARSOW_TEST_SCREENS"))
BUDGET = 30 * 1024  # bytes of HTML and CSS of a guest page, compressed

PAGES = environment(ROOT / "templates")
assert PAGES.loader is not None
PAGES.loader = ChoiceLoader([PAGES.loader, FileSystemLoader(ROOT / "tests/browser/stories")])

STAFF_STORIES = {
    "home": ("home.html", samples.HOME),
    "event": ("event.html", samples.EVENT),
    "event-move": ("event.html", samples.EVENT | {"question": True, "toast": None}),
    "report": ("report.html", samples.REPORT),
    "kit": ("kit.html", samples.KIT),
    "sign-in": ("sign_in/ask.html", samples.SIGN_IN),
}
GUEST_STORIES = samples.GUEST_STORIES


def rendered(template: str, language: str = "en", **context: Any) -> str:
    """Return a page as the product would, in one language."""
    base = {
        "language": language,
        "dir": words.direction(language),
        "csrf": "",
        "staff": None,
        "nav": "home",
        "path": "/",
        "project": None,
        "public_url": "https://farsow.example.org",
        "demo": False,
        "now": datetime(2027, 1, 12, 10, 42, tzinfo=UTC),
    }
    token = dates.LANGUAGE.set(language)
    try:
        return PAGES.get_template(template).render(base | context)
    finally:
        dates.LANGUAGE.reset(token)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """All stories, at /<name>, and the Arabic ones at /ar/<name>."""
    stories = STAFF_STORIES | GUEST_STORIES
    pages = {f"/{name}": rendered(template, **context) for name, (template, context) in stories.items()}
    arabic = {
        f"/ar/{name}": rendered(template, "ar", **samples.in_arabic(context))
        for name, (template, context) in GUEST_STORIES.items()
    }
    with serve(pages | arabic | samples.BROKEN) as origin:
        yield origin


def look(page: Page, address: str, name: str) -> None:
    """Load one page and look at it in every way."""
    with Watch(page) as watch:
        page.goto(address)
    watch.assert_quiet()
    picture(page, name)
    assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page)
    page.emulate_media(color_scheme="light")
    assert_fits(page)


def picture(page: Page, name: str, *widths: int) -> None:
    """Keep pictures of a page for people to look at, when FARSOW_TEST_SCREENS asks for them."""
    before = page.viewport_size
    for width in (widths or (390, 1280)) if PICTURES else ():
        page.set_viewport_size({"width": width, "height": 844})
        shoot(page, f"{name}-{width}")
    if before:
        page.set_viewport_size(before)


@pytest.mark.parametrize("name", STAFF_STORIES)
def test_a_staff_page_is_accessible_quiet_and_narrow(site: str, browser_page: Page, name: str) -> None:
    look(browser_page, f"{site}/{name}", name)
    browser_page.set_viewport_size({"width": 320, "height": 640})
    assert_accessible(browser_page)


@pytest.mark.parametrize("name", GUEST_STORIES)
def test_a_guest_page_is_accessible_quiet_and_narrow(site: str, browser_page: Page, name: str) -> None:
    look(browser_page, f"{site}/{name}", name)

    assert fonts_in_use(browser_page) == []


@pytest.mark.parametrize("name", GUEST_STORIES)
def test_a_guest_page_stands_in_arabic(site: str, browser_page: Page, name: str) -> None:
    browser_page.set_viewport_size({"width": 320, "height": 640})
    browser_page.goto(f"{site}/ar/{name}")
    picture(browser_page, f"{name}-ar", 390)

    assert browser_page.locator("html").get_attribute("dir") == "rtl"
    assert_fits(browser_page)
    assert_accessible(browser_page)


@pytest.mark.parametrize("address", ["/answer", "/answer-chosen", "/ar/answer", "/ar/answer-chosen"])
def test_all_four_answers_stand_on_the_first_screen_of_a_small_phone(
    site: str, browser_page: Page, address: str
) -> None:
    browser_page.set_viewport_size({"width": 360, "height": 640})
    browser_page.goto(site + address)

    boxes = [button.bounding_box() for button in browser_page.locator("button[name=answer]").all()]

    assert len(boxes) == 4
    assert all(box and box["y"] + box["height"] <= 640 for box in boxes)
    assert all(box and box["height"] >= 48 for box in boxes)


def test_yes_and_no_are_equal(site: str, browser_page: Page) -> None:
    browser_page.goto(f"{site}/answer-online")

    looks = browser_page.evaluate(
        """() => [...document.querySelectorAll('button[name=answer]')].map(b => {
          const box = b.getBoundingClientRect(), style = getComputedStyle(b);
          return [box.width, box.height, style.color, style.backgroundColor, style.fontWeight].join();
        })"""
    )

    assert len(looks) == 3
    assert len(set(looks)) == 1


@pytest.mark.parametrize("name", GUEST_STORIES)
def test_a_guest_page_is_light(site: str, name: str) -> None:
    template, context = GUEST_STORIES[name]
    html = max((rendered(template, language, **context) for language in ("en", "ar")), key=len)

    weight = len(gzip.compress(html.encode())) + len(gzip.compress((STATIC / "guest.css").read_bytes()))

    assert weight <= BUDGET


def test_print_shows_the_report_without_its_buttons(site: str, browser_page: Page) -> None:
    browser_page.goto(f"{site}/report")
    browser_page.emulate_media(media="print", color_scheme="dark")
    browser_page.set_viewport_size({"width": 794, "height": 1123})
    picture(browser_page, "report-print", 794)

    assert not browser_page.locator(".mast").is_visible()
    assert not browser_page.locator(".acts").first.is_visible()
    assert browser_page.locator(".bls .bar svg").first.is_visible()
    ground = browser_page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"


def test_a_question_leaves_the_page_behind_it_untouched(site: str, browser_page: Page) -> None:
    browser_page.goto(f"{site}/event-move")

    assert browser_page.evaluate("document.activeElement.textContent") == "Move Seminar 2 by one day?"
    assert browser_page.evaluate("document.querySelector('.page').inert")
    browser_page.keyboard.press("Escape")
    browser_page.wait_for_url(f"{site}/event")


def test_a_toast_counts_down_and_its_undo_is_a_form(site: str, browser_page: Page) -> None:
    browser_page.clock.install(time=datetime(2027, 1, 12, 10, 42, 28, tzinfo=UTC))
    browser_page.goto(f"{site}/event")

    undo = browser_page.locator(".toast form")

    assert browser_page.locator(".toast [data-left]").text_content() == "4:32"
    assert (undo.get_attribute("method"), undo.get_attribute("action")) == ("post", "/mailings/1/undo")
    browser_page.clock.run_for(274_000)
    assert browser_page.locator(".toast").count() == 0


def test_the_first_key_skips_to_the_content(site: str, browser_page: Page) -> None:
    browser_page.goto(f"{site}/event")
    browser_page.keyboard.press("Tab")

    assert browser_page.evaluate("document.activeElement.textContent") == "Skip to content"
    browser_page.keyboard.press("Enter")
    assert browser_page.evaluate("document.activeElement.id") == "main"


def test_htmx_swaps_only_the_content_and_keeps_the_address(site: str, browser_page: Page) -> None:
    with Watch(browser_page) as watch:
        browser_page.goto(f"{site}/event")
        browser_page.route("**/event?status=accepted", lambda route: route.fulfill(body="<p id=part>Only this</p>"))
        browser_page.locator(".filters a", has_text="Accepted").click()
        browser_page.locator("#content #part").wait_for()

    assert browser_page.url.endswith("/event?status=accepted")
    assert browser_page.locator("h1").is_visible()
    watch.assert_quiet()


def test_a_broken_page_is_caught(site: str, browser_page: Page) -> None:
    with Watch(browser_page) as watch:
        browser_page.goto(f"{site}/broken")
        browser_page.wait_for_timeout(100)

    assert len(watch.policy_messages) >= 3
    assert watch.foreign_requests == ["http://elsewhere.test/pixel.png"]
    with pytest.raises(AssertionError):
        watch.assert_quiet()
    faults = " ".join(accessibility_faults(browser_page))
    for rule in ("image-alt", "label", "color-contrast", "html-has-lang"):
        assert f"{rule}:" in faults
    with pytest.raises(AssertionError):
        assert_fits(browser_page)


def test_text_of_the_colour_of_its_ground_is_caught(site: str, browser_page: Page) -> None:
    browser_page.goto(f"{site}/blank")

    assert [fault for fault in accessibility_faults(browser_page) if fault.startswith("color-contrast")]
