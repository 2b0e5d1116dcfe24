"""Regions of the world: the sub-regions of UN M49, and which country lies in which.

Where M49 divides a sub-region further (Sub-Saharan Africa, Latin America), the finer part is
used. Countries are ISO 3166-1 alpha-2; Taiwan and Kosovo, which M49 does not list, stand with
their neighbours.
"""

from __future__ import annotations

from babel.core import get_global

REGIONS: dict[str, str] = {
    "021": "Northern America",
    "029": "Caribbean",
    "013": "Central America",
    "005": "South America",
    "154": "Northern Europe",
    "155": "Western Europe",
    "039": "Southern Europe",
    "151": "Eastern Europe",
    "015": "Northern Africa",
    "011": "Western Africa",
    "017": "Middle Africa",
    "014": "Eastern Africa",
    "018": "Southern Africa",
    "145": "Western Asia",
    "143": "Central Asia",
    "034": "Southern Asia",
    "030": "Eastern Asia",
    "035": "South-eastern Asia",
    "053": "Australia and New Zealand",
    "054": "Melanesia",
    "057": "Micronesia",
    "061": "Polynesia",
}

# Where each region stands on a map of equal tiles: column and row from 1.
TILES: dict[str, tuple[int, int]] = {
    "021": (1, 1),
    "013": (1, 2),
    "029": (2, 2),
    "005": (1, 3),
    "154": (3, 1),
    "151": (4, 1),
    "155": (3, 2),
    "039": (4, 2),
    "143": (5, 1),
    "145": (5, 2),
    "034": (6, 2),
    "030": (7, 2),
    "035": (6, 3),
    "011": (3, 3),
    "015": (4, 3),
    "014": (5, 3),
    "017": (4, 4),
    "018": (5, 4),
    "053": (7, 3),
    "054": (7, 4),
    "057": (6, 4),
    "061": (7, 5),
}

_COUNTRIES: dict[str, str] = {
    "021": "BM CA GL PM US",
    "029": "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
    "013": "BZ CR GT HN MX NI PA SV",
    "005": "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
    "154": "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ",
    "155": "AT BE CH DE FR LI LU MC NL",
    "039": "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK",
    "151": "BG BY CZ HU MD PL RO RU SK UA",
    "015": "DZ EG EH LY MA SD TN",
    "011": "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG",
    "017": "AO CD CF CG CM GA GQ ST TD",
    "014": "BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW",
    "018": "BW LS NA SZ ZA",
    "145": "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE",
    "143": "KG KZ TJ TM UZ",
    "034": "AF BD BT IN IR LK MV NP PK",
    "030": "CN HK JP KP KR MN MO TW",
    "035": "BN ID KH LA MM MY PH SG TH TL VN",
    "053": "AU CC CX HM NF NZ",
    "054": "FJ NC PG SB VU",
    "057": "FM GU KI MH MP NR PW UM",
    "061": "AS CK NU PF PN TK TO TV WF WS",
}

_REGION_OF: dict[str, str] = {country: code for code, listed in _COUNTRIES.items() for country in listed.split()}


def region_of(country: str | None) -> str | None:
    """Return the M49 code of the region a country lies in, None where there is no such country."""
    return _REGION_OF.get((country or "").upper())


def region_of_zone(zone: str) -> str | None:
    """Return the M49 code of the region whose clocks a time zone (IANA) gives, None where it belongs to no country.

    >>> region_of_zone("Africa/Nairobi"), region_of_zone("Asia/Calcutta"), region_of_zone("UTC")
    ('014', '034', None)
    """
    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    return region_of(territories.get(zone) or territories.get(aliases.get(zone, zone)))


def region_name(code: str) -> str:
    """Return the English name of a region, or its code when it is not one of ours."""
    return REGIONS.get(code, code)
