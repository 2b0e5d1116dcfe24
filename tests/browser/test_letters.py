"""Each kind of letter, in each language, in a real browser: nothing to scroll sideways, and words that can be read."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from service.mail.kinds import Kinds
from service.mail.values import ComposedLetter
from tests.mail.cast import TEMPLATES, composer, delivery, event, facts, mailing, slots

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LANGUAGES = ("en", "fr", "es", "ar")
KINDS = tuple(sorted(Kinds(TEMPLATES).purposes))
COMPOSER = composer()
TITLES = {
    "en": "Seminar 2: Working with governments, municipalities and intergovernmental organisations",
    "fr": "Séminaire 2 : travailler avec les gouvernements et les organisations intergouvernementales",
    "es": "Seminario 2: trabajar con los gobiernos y con las organizaciones intergubernamentales",
    "ar": "الندوة الثانية: العمل مع الحكومات والمنظمات الحكومية الدولية",
}
CANCELS = ("cancellation", "readdressed")
WITH_CALENDAR = ("invitation", "reminder", "update", "confirmation", "joining", "postponement", *CANCELS)


def specimen(kind: str, language: str) -> ComposedLetter:
    """Return a letter of a kind with all it may hold, and long words."""
    now = event(title=TITLES[language], reply_by="2027-01-20T12:00:00+00:00", language=language)
    if kind == "postponement":
        now |= {"state": "postponed"}
    earlier = now | {
        "starts_at": "2027-01-27T14:00:00+00:00",
        "ends_at": "2027-01-27T16:00:00+00:00",
        "place": "Old hall",
    }
    said: dict[str, Any] = facts(
        event=now,
        note="https://events.example.org/a/very/long/address/without/any/space/in/it/at/all/that/goes/on-and-on.pdf",
        cancel_reason="The house is closed.",
        changes=[{"what": what, "before": earlier, "after": now} for what in ("time", "place")]
        if kind == "update"
        else [],
        subject=TITLES[language],
        body="The book is out.\n\nRead https://events.example.org/" + "chapter-" * 14 + "one",
        until="2027-03-04T18:00:00+00:00",
        time_zone="Europe/London",
        list_name="Wolfeschlegelsteinhausenbergerdorff",
        materials=[{"title": "Chapter one, as it was read", "path": "/m/chapter-one"}],
    )
    own = slots(show_link=kind == "joining")
    own["person"] |= {"language": language}
    own["invitation"] |= {"partstat": "ACCEPTED"} if kind in ("confirmation", "joining") else {}
    if kind not in WITH_CALENDAR:
        del own["calendar"]
    elif kind in CANCELS:
        own["calendar"] |= {"method": "CANCEL", "sequence": 1}
    return COMPOSER.compose(mailing(kind=kind, facts=said), delivery(language=language, slots=own))


# Which words stand too close to what lies behind them: their colour beside the nearest ground that is not clear.
FAINT = """
() => {
  const parts = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const canvas = matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
  const ground = e => { for (; e; e = e.parentElement) {
    const c = parts(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } return canvas; };
  const found = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const node = words.currentNode, e = node.parentElement;
    if (!node.data.trim() || !e.getClientRects().length) continue;
    const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(ratio.toFixed(2) + ' ' + node.data.trim().slice(0, 60));
  }
  return found;
}
"""


FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def dark(browser: Browser) -> Any:
    """A narrow window of someone who reads in the dark, without images."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme="dark")
    context.route("**/*", lambda route: route.abort())  # a letter fetches nothing; were it to, nothing would come
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_letter_fits_a_narrow_window_and_is_read_in_light_and_dark(dark: Page, language: str) -> None:
    faults = {}
    for kind in KINDS:
        dark.set_content(specimen(kind, language).html)
        faults[kind, "wide"] = [] if dark.evaluate(FITS) else ["scrolls sideways"]
        for scheme in ("dark", "light"):
            dark.emulate_media(color_scheme=scheme)
            faults[kind, scheme] = dark.evaluate(FAINT)

    assert {where: found for where, found in faults.items() if found} == {}
