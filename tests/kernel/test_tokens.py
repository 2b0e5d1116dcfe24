"""Links that carry their own proof: for one purpose, one record and one version."""

from __future__ import annotations

import base64
import hmac
from datetime import date

import pytest

from service.kernel.ids import new_id, pack
from service.kernel.tokens import ANSWER, BOUNCE, UNSUBSCRIBE, Claim, Keyring

KEYRING, ANOTHER = Keyring(b"k" * 32), Keyring(b"another" * 5)


def test_a_token_says_its_record_and_version_and_no_other_purpose_or_installation_believes_it():
    record = new_id()
    token = KEYRING.sign(ANSWER, record, 7)

    assert len(token) == 44
    assert KEYRING.read(ANSWER, token) == Claim(record, 7)
    assert (KEYRING.read(UNSUBSCRIBE, token), ANOTHER.read(ANSWER, token)) == (None, None)


@pytest.mark.parametrize("at", range(44))
def test_a_token_with_another_character_anywhere_is_none(at: int):
    token = KEYRING.sign(ANSWER, new_id())
    other = "A" if token[at] != "A" else "B"

    assert KEYRING.read(ANSWER, token[:at] + other + token[at + 1 :]) is None


@pytest.mark.parametrize("wrong", ["", "short", "x" * 43, "x" * 45, "=" * 44, "é" * 44])
def test_what_is_no_token_is_none(wrong: str):
    assert KEYRING.read(ANSWER, wrong) is None


def test_proofs_are_the_hmac_of_the_standard_library():
    record = new_id()
    body = pack(record) + b"\x01"
    tag = hmac.digest(KEYRING.key(ANSWER), b"answer|" + body, "sha256")
    short = hmac.digest(KEYRING.key(BOUNCE), record.encode(), "sha256")

    assert base64.urlsafe_b64decode(KEYRING.sign(ANSWER, record)) == body + tag[:16]
    assert KEYRING.short_tag(BOUNCE, record) == short.hex()[:20]


def test_a_dated_token_holds_through_its_day_and_no_other_day_can_be_written_on_it():
    token = KEYRING.sign_until("material", "asset-1", date(2027, 3, 5))

    def holds(given: str, today: date, version: int = 1) -> bool:
        return KEYRING.holds("material", "asset-1", given, today=today, version=version)

    assert holds(token, date(2027, 3, 5))
    assert not holds(token, date(2027, 3, 6))
    assert not holds(token, date(2027, 3, 5), version=2)
    assert not holds(token.replace("20270305", "20280305"), date(2027, 3, 5))


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(b"short")
