"""Rendering: languages, dates, fragments, and names that nobody defined."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from jinja2 import DictLoader, UndefinedError
from starlette.requests import Request

from service.web import application, dates, render, words
from service.web.application import make_app
from service.web.render import page
from tests.web.support import browser, make_house

EVENING = datetime(2027, 3, 4, 18, 0, tzinfo=UTC)
LATE = datetime(2027, 3, 4, 22, 30, tzinfo=UTC)

TEMPLATES = {
    "base.html": "<title>{% block title %}{% endblock %}</title>{% block main %}{% endblock %}",
    "hello.html": (
        '{% extends "base.html" %}{% import "macros.html" as m %}'
        "{% block main %}<p>{{ name }} {{ m.day(at) }}</p>{% endblock %}"
    ),
    "macros.html": "{% macro day(at) %}{{ at|long_date('Africa/Nairobi') }}{% endmacro %}",
    "broken.html": "{{ nobody }}",
}


@pytest.fixture
def ask(engine, post):
    app = make_app(make_house(engine, post), [])
    app.state.pages.loader = DictLoader(TEMPLATES)

    def render(template: str, headers: dict[str, str] | None = None, **context) -> str:
        raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": raw, "app": app}
        return page(Request(scope), template, **context).body.decode()

    return render


def test_what_people_typed_is_never_markup(ask):
    assert ask("hello.html", name="<b>Ingrid</b>", at=EVENING) == (
        "<title></title><p>&lt;b&gt;Ingrid&lt;/b&gt; Thursday 4 March 2027</p>"
    )


def test_a_page_speaks_the_language_it_is_asked_for_in_macros_too(ask, monkeypatch):
    monkeypatch.setattr(words, "languages", lambda: ("ar", "en", "fr"))

    assert "jeudi 4 mars 2027" in ask("hello.html", name="Fatou", at=EVENING, language="fr")
    assert "الخميس" in ask("hello.html", name="Layla", at=EVENING, language="ar-EG")
    assert "Thursday" in ask("hello.html", name="Joseph", at=EVENING, language="sw")


def test_htmx_gets_the_fragment_alone(ask):
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}

    assert ask("hello.html", headers, name="Ingrid", at=EVENING) == "<p>Ingrid Thursday 4 March 2027</p>"
    assert ask("hello.html", {"HX-Request": "true", "HX-Request-Type": "full"}, name="I", at=EVENING).startswith(
        "<title"
    )


def test_a_name_that_nobody_defined_fails(ask):
    with pytest.raises(UndefinedError):
        ask("broken.html")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (lambda: dates.long_date(date(2027, 3, 4)), "Thursday 4 March 2027"),
        (lambda: dates.long_date(LATE, "Africa/Nairobi"), "Friday 5 March 2027"),
        (lambda: dates.short_date(LATE, "Europe/London"), "Thu 4 Mar"),
        (lambda: dates.day_month_year(LATE, "Europe/London"), "4 Mar 2027"),
        (lambda: dates.clock(LATE, "Asia/Kathmandu"), "04:15"),
        (lambda: dates.time_range(EVENING, LATE, "Europe/London"), "18:00–22:30"),
        (lambda: dates.time_range(EVENING, LATE, "Africa/Nairobi"), "21:00 – Fri 5 Mar 01:30"),
        (lambda: dates.zone_name("America/New_York"), "New York"),
        (lambda: dates.zone_name("UTC"), "UTC"),
        (lambda: dates.number(12345), "12,345"),
        (lambda: dates.percent(0.64), "64%"),
        (lambda: dates.same_day(EVENING, LATE, "Europe/London"), True),
        (lambda: dates.same_day(EVENING, LATE, "Africa/Nairobi"), False),
        (lambda: dates.same_day(LATE, LATE, "Europe/London", "Africa/Nairobi"), False),
    ],
)
def test_dates_and_numbers_as_the_british_write_them(shown, expected):
    assert shown() == expected


@pytest.mark.parametrize(
    ("wanted", "spoken"), [("fr", "fr"), ("fr-CA", "fr"), ("FR", "fr"), ("pt_BR", "pt_BR"), ("sw", "en"), ("", "en")]
)
def test_the_nearest_language_is_spoken(monkeypatch, wanted, spoken):
    monkeypatch.setattr(words, "languages", lambda: ("en", "fr", "pt_BR"))

    assert words.spoken(wanted) == spoken


def test_arabic_runs_from_right_to_left():
    assert [words.direction(language) for language in ("en", "fr", "ar")] == ["ltr", "ltr", "rtl"]


def test_a_catalogue_is_read_from_its_po_file(monkeypatch, tmp_path: Path):
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "service.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Sign in"\nmsgstr "Se connecter"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    words.translations.cache_clear()

    assert words.translations("fr").gettext("Sign in") == "Se connecter"
    assert words.translations("sw").gettext("Sign in") == "Sign in"
    words.translations.cache_clear()


def test_a_static_file_is_kept_for_ever_under_its_hash(house, monkeypatch, tmp_path):
    (tmp_path / "a.css").write_text("p{}")
    monkeypatch.setattr(render, "STATIC", tmp_path)
    monkeypatch.setattr(application, "STATIC", tmp_path)
    render.asset.cache_clear()

    with browser(make_app(house, [])) as client:
        hashed, bare = client.get(render.asset("a.css")), client.get("/static/a.css")
        outside = client.get("/static/%2e%2e/house.py", headers={"Accept": "application/json"})

    assert [(answer.status_code, answer.headers["cache-control"]) for answer in (hashed, bare)] == [
        (200, "public, max-age=31536000, immutable"),
        (200, "public, max-age=300"),
    ]
    assert hashed.text == "p{}"
    with pytest.raises(FileNotFoundError):
        render.asset("misspelt.css")
    assert (outside.status_code, outside.headers["cache-control"]) == (404, "no-store")
    render.asset.cache_clear()
