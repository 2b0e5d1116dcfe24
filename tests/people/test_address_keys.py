"""People and mail know an address by the same key, whatever letters it is written in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.kernel.errors import Invalid
from service.kernel.tokens import address_hash
from service.mail.actions import hash_of
from service.mail.rules import domain_of, normalised
from service.people.rules.addresses import normalise_address

KEY = b"k" * 32
SAME = [
    ("Maria@Example.ORG", "maria@example.org"),
    ("maria@münchen.example", "maria@xn--mnchen-3ya.example"),
    ("MARIA@MÜNCHEN.example", "maria@xn--mnchen-3ya.example"),
    ("zoe\u0301@example.org", "zo\u00e9@example.org"),
    ("GROẞ@example.org", "gross@example.org"),
]


@pytest.mark.parametrize(("written", "key"), SAME)
def test_one_address_has_one_key_everywhere(written: str, key: str) -> None:
    address = normalise_address(written)

    assert {address.key, normalised(written), normalised(address.display), normalised(address.key)} == {key}
    assert hash_of(written, KEY) == address_hash(KEY, address.key)


@given(
    st.text("aZé\u0301ßİñ.-", min_size=1, max_size=8),
    st.text("aZéüßñ", min_size=1, max_size=6).map(lambda host: f"{host}.example"),
)
@settings(max_examples=300, deadline=None)
def test_whatever_is_an_address_has_one_key(local: str, host: str) -> None:
    try:
        address = normalise_address(f"{local}@{host}")
    except Invalid:
        return
    assert normalised(address.display) == normalised(address.key) == address.key
    assert domain_of(address.display) == address.key.rpartition("@")[2]


def test_what_is_no_address_is_only_put_in_lower_case() -> None:
    assert normalised(" Señor at Example ") == "señor at example"
