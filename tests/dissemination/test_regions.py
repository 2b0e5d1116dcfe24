"""Countries and their regions."""

from __future__ import annotations

import pytest
from babel import Locale

from service.kernel.regions import REGIONS, region_name, region_of

UNPLACED = {"AQ", "UN", "EU", "EZ", "ZZ"}  # Antarctica lies in no region of M49; the others are no countries
RESERVED = {"AC", "CP", "CQ", "DG", "EA", "IC", "QO", "TA", "XA", "XB"}


def test_every_country_lies_in_exactly_one_region():
    countries = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()}

    assert {code for code in countries if region_of(code) is None} == UNPLACED | RESERVED


@pytest.mark.parametrize(
    ("country", "name"),
    [
        ("KE", "Eastern Africa"),
        ("ke", "Eastern Africa"),
        ("EC", "South America"),
        ("NO", "Northern Europe"),
        ("JO", "Western Asia"),
        ("SN", "Western Africa"),
        ("MX", "Central America"),
        ("EG", "Northern Africa"),
        ("VN", "South-eastern Asia"),
    ],
)
def test_countries_lie_where_m49_puts_them(country, name):
    assert region_name(region_of(country) or "") == name


def test_no_country_is_no_region():
    assert (region_of(None), region_of(""), region_of("XX"), region_name("999")) == (None, None, None, "999")
    assert len(REGIONS) == 22
