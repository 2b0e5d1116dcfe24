"""Countries, languages and time zones as people write them: codes, or names in English, French, Spanish.

The names come from CLDR (babel); what CLDR does not list but people write is in `_ALIASES`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from service.kernel.text import folded

_LONGEST = 200  # letters of a name; a cell may hold a million, and what is read is remembered
_LOCALES = ("en", "fr", "es")
_AUTONYMS = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nb", "nl", "pt", "ru", "sv", "sw", "tr", "uk", "zh")
# CLDR regions that are no ISO 3166-1 country.
_NO_COUNTRY = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
_ALIASES = {
    "GB": "uk, great britain, britain, england, scotland, wales, northern ireland, angleterre, inglaterra, "
    "grande bretagne, gran bretana, united kingdom of great britain and northern ireland",
    "US": "united states of america, america, etats unis d amerique, estados unidos de america, ee uu, eeuu, eua",
    "AE": "uae, emirates, eau",
    "BN": "brunei darussalam",
    "BO": "plurinational state of bolivia, bolivia plurinational state of",
    "CD": "drc, rdc, dr congo, democratic republic of congo, democratic republic of the congo, zaire, "
    "republique democratique du congo, republica democratica del congo",
    "CG": "congo, republic of congo, republic of the congo",
    "CI": "ivory coast, cote divoire, costa de marfil",
    "CV": "cape verde",
    "CZ": "czech republic",
    "GM": "gambia",
    "HK": "hong kong",
    "IE": "republic of ireland, eire",
    "IR": "iran islamic republic of, islamic republic of iran",
    "KP": "dprk, democratic people s republic of korea",
    "KR": "korea, republic of korea",
    "LA": "lao, lao pdr, lao people s democratic republic",
    "MD": "republic of moldova",
    "MK": "macedonia",
    "MM": "burma, birmanie, birmania",
    "MO": "macau, macao",
    "NL": "holland, hollande, holanda",
    "PS": "palestine, palestina, state of palestine, occupied palestinian territory",
    "RU": "russian federation, federation de russie, federacion de rusia",
    "SY": "syrian arab republic",
    "SZ": "swaziland",
    "TL": "east timor",
    "TR": "turkey",
    "TZ": "united republic of tanzania",
    "VA": "holy see",
    "VE": "bolivarian republic of venezuela",
    "VN": "viet nam",
}
_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?", re.IGNORECASE | re.ASCII)


def read_country(raw: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a code or a name, or None.

    >>> read_country("U.K."), read_country("Kenia"), read_country("Narnia")
    ('GB', 'KE', None)
    """
    return _country(raw) if len(raw) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _country(raw: str) -> str | None:
    return _countries().get(_plain(raw))


@cache
def country_codes() -> frozenset[str]:
    """Return every alpha-2 code there is (XK, Kosovo, among them)."""
    return frozenset(code for code, _name in _names_of_territories() if len(code) == 2) - _NO_COUNTRY


@cache
def _countries() -> dict[str, str]:
    known = {_plain(names): code for code, names in _names_of_territories() if code in country_codes()}
    known |= {_plain(name): code for code, names in _ALIASES.items() for name in names.split(",")}
    for old, new in get_global("territory_aliases").items():
        if old.isalpha() and len(new) == 1 and new[0] in country_codes():
            known[old.lower()] = new[0]
    return known | {code.lower(): code for code in country_codes()}


def _names_of_territories() -> list[tuple[str, str]]:
    return [(str(code), str(name)) for locale in _LOCALES for code, name in Locale(locale).territories.items()]


def _plain(raw: str) -> str:
    """Return a name to compare: folded, without dots, articles and punctuation."""
    words = re.sub(r"[^\w]+", " ", folded(raw).replace(".", "").replace("&", " and ")).strip()
    return words.removeprefix("the ").removeprefix("la ").removeprefix("le ")


def read_language(raw: str) -> str | None:
    """Return the BCP 47 tag of a tag or a name, or None; of several, the first.

    >>> read_language("en_gb"), read_language("Français"), read_language("Norwegian")
    ('en-GB', 'fr', 'no')
    """
    return _language(raw) if len(raw) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _language(raw: str) -> str | None:
    first = re.split(r"[,;/|&+]", raw.strip())[0].strip()
    tag = _TAG.fullmatch(first.replace("_", "-"))
    return (_tag(tag[1], tag[2], tag[3]) if tag else None) or _languages().get(_plain(first))


def _tag(language: str, script: str | None, region: str | None) -> str | None:
    """Return a tag in its usual letters, or None when its language or region is none."""
    is_region = region is None or region.isdigit() or region.upper() in country_codes()
    if language.lower() not in Locale("en").languages or not is_region:
        return None
    return "-".join(filter(None, (language.lower(), (script or "").title(), (region or "").upper())))


@cache
def _languages() -> dict[str, str]:
    known: dict[str, str] = {}
    for locale in _LOCALES:
        for code, name in Locale(locale).languages.items():
            known.setdefault(_plain(name), code.replace("_", "-"))
    for code in _AUTONYMS:
        known.setdefault(_plain(Locale(code).languages[code]), code)
    return known


@lru_cache(maxsize=512)
def guess_time_zone(country: str | None) -> str | None:
    """Return the zone of a country that has one only, else None."""
    zones = get_global("territory_zones").get(country, []) if country else []
    return str(zones[0]) if len(zones) == 1 else None
