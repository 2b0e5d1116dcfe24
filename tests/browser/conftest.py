"""Fixtures of the browser tests: Chromium through Playwright's synchronous API.

They are skipped, with the reason, where no Chromium is found; FARSOW_TEST_REQUIRE=browser forbids it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

REQUIRED = "browser" in os.environ.get("FARSOW_TEST_REQUIRE", "").split(",")
ARGUMENTS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]


def chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


# One package long, not one session: Playwright's event loop must be gone when other tests start their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    path = chromium()
    if path is None:
        if REQUIRED:
            pytest.fail("FARSOW_TEST_REQUIRE names browser, but no Chromium was found.")
        pytest.skip("No Chromium found; install it (Debian: chromium) to run the browser tests.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """An empty window of 1280 × 900 in British English, with nothing kept from other tests."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one file of this folder on one worker: each worker would start a demo of its own for it."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
