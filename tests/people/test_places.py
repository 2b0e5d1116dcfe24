"""Countries, languages and zones as people write them."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from service.people.places import country_codes, guess_time_zone, read_country, read_language


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *((name, "GB") for name in ("UK", "U.K.", "England", "great britain", "Reino Unido", "Royaume-Uni", "gbr")),
        *((name, "US") for name in ("USA", "U.S.A.", "us", "United States of America", "États-Unis", "EE. UU.")),
        *((name, "KE") for name in ("ke", "Kenya", "Kenia", " KENYA ")),
        *((name, "CI") for name in ("Côte d’Ivoire", "Cote d'Ivoire", "Ivory Coast", "Costa de Marfil")),
        *((name, "CD") for name in ("DRC", "Democratic Republic of Congo", "République démocratique du Congo")),
        ("The Gambia", "GM"),
        ("Bosnia & Herzegovina", "BA"),
        ("Trinidad and Tobago", "TT"),
        ("Türkiye", "TR"),
        ("Hong Kong", "HK"),
        ("Kosovo", "XK"),
        *((name, None) for name in ("", "Narnia", "EU", "World", "ZZ", "001", "Kenya, probably")),
    ],
)
def test_country_is_read(written: str, code: str | None) -> None:
    assert read_country(written) == code


def test_every_code_reads_as_itself() -> None:
    assert {read_country(code) for code in country_codes()} == set(country_codes())
    assert len(country_codes()) == 250  # ISO 3166-1 and Kosovo


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en", "en"),
        ("EN_gb", "en-GB"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("English", "en"),
        ("anglais", "en"),
        ("Inglés", "en"),
        ("Français", "fr"),
        ("Norwegian", "no"),
        ("العربية", "ar"),
        ("English, French", "en"),
        ("", None),
        ("xx", None),
        ("en-XX", None),
        ("Klingonese", None),
    ],
)
def test_language_is_read(written: str, tag: str | None) -> None:
    assert read_language(written) == tag


def test_zone_is_guessed_only_where_there_is_one() -> None:
    assert (guess_time_zone("KE"), guess_time_zone("GB")) == ("Africa/Nairobi", "Europe/London")
    assert (guess_time_zone("US"), guess_time_zone("XK"), guess_time_zone(None)) == (None, None, None)
    guesses = {zone for code in country_codes() if (zone := guess_time_zone(code))}
    assert len(guesses) > 150
    assert guesses <= available_timezones()
