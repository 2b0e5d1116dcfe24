"""DKIM signatures, verified by another program."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.mail.dkim import BadDkimKey, DkimKey, Signer, make_pem, read_key
from tests.mail.cast import NOW, composer, delivery, mailing

DOMAIN = "example.org"
RSA, ED = read_key("r1", make_pem("rsa")), read_key("e1", make_pem("ed25519"))
LETTER = (
    b"From: Halden Trust <events@example.org>\r\nTo: maria@example.org\r\nSubject: =?utf-8?q?R=C3=A9union?=\r\n"
    b" and more\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n.\r\n\r\n"
)


class VerifyKey:
    """What dkimpy asks of PyNaCl, which is not among our dependencies: Ed25519 by `cryptography`."""

    def __init__(self, key: bytes, encoder: object) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))

    def verify(self, data: bytes, signature: bytes) -> bytes:
        self._key.verify(signature, data)
        return data


@pytest.fixture(autouse=True)
def _nacl(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {
        "signing": SimpleNamespace(VerifyKey=VerifyKey),
        "encoding": SimpleNamespace(Base64Encoder=None),
        "exceptions": SimpleNamespace(BadSignatureError=InvalidSignature),
    }
    monkeypatch.setattr(dkim, "nacl", SimpleNamespace(**parts), raising=False)


def signer(*keys: DkimKey) -> Signer:
    return Signer(DOMAIN, keys)


def verified(raw: bytes, *keys: DkimKey) -> list[bool]:
    """Tell of each signature, from the top, whether it holds."""
    records = {f"{key.selector}._domainkey.{DOMAIN}.".encode(): key.record.encode() for key in keys}
    count = len(re.findall(rb"^DKIM-Signature:", raw, re.M))
    return [_holds(raw, at, records) for at in range(count)]


def _holds(raw: bytes, at: int, records: dict[bytes, bytes]) -> bool:
    try:
        return bool(dkim.DKIM(raw).verify(at, dnsfunc=lambda name, timeout=5: records.get(name)))
    except dkim.ValidationError:
        return False


@pytest.mark.parametrize("keys", [(RSA,), (ED,), (RSA, ED)], ids=["rsa", "ed25519", "both"])
def test_another_program_verifies_each_signature(keys: tuple[DkimKey, ...]):
    raw = signer(*keys).sign(LETTER, NOW)

    assert verified(raw, *keys) == [True] * len(keys)
    assert raw.endswith(LETTER)


@pytest.mark.parametrize("list_id", [None, "L1"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_composed_letters_verify_and_are_the_same_when_sent_again(list_id: str | None, language: str):
    made = composer(signer=signer(RSA, ED))
    letter = mailing(list_id=list_id), delivery(language=language)

    first, again = made.compose(*letter), composer(signer=signer(RSA, ED)).compose(*letter)

    assert verified(first.raw, RSA, ED) == [True, True]
    assert first.raw == again.raw
    assert max(map(len, first.raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((b"Subject: ", b"Subject: Re: "), id="another subject"),
        pytest.param((b"Hello", b"hello"), id="another word"),
        pytest.param((b"To: maria", b"To: ruth"), id="another reader"),
        pytest.param((b"To: maria", b"Subject: evil\r\nTo: maria"), id="a second subject"),
        pytest.param((b"To: maria", b"Reply-To: evil@example.net\r\nTo: maria"), id="a reply-to that was not there"),
        pytest.param((b"To: maria", b"List-Unsubscribe: <https://evil>\r\nTo: maria"), id="another way out"),
    ],
)
@pytest.mark.parametrize("key", [RSA, ED], ids=["rsa", "ed25519"])
def test_what_was_changed_or_added_breaks_the_signature(change: tuple[bytes, bytes], key: DkimKey):
    raw = signer(key).sign(LETTER, NOW)

    assert verified(raw.replace(*change, 1), key) == [False]


def test_white_space_in_the_header_and_lines_at_the_end_may_change():
    raw = signer(RSA, ED).sign(LETTER, NOW)

    assert verified(raw.replace(b"Subject: ", b"Subject:   ").removesuffix(b"\r\n\r\n") + b"\r\n\r\n\r\n", RSA, ED) == [
        True,
        True,
    ]


def test_one_click_of_list_mail_is_signed():
    raw = composer(signer=signer(ED)).compose(mailing(list_id="L1"), delivery()).raw
    names = raw.partition(b"h=")[2].partition(b";")[0].replace(b"\r\n ", b"").split(b":")

    assert [names.count(name) for name in (b"list-unsubscribe", b"list-unsubscribe-post", b"from")] == [2, 2, 2]


def test_letter_without_a_body_verifies():
    raw = signer(RSA, ED).sign(LETTER.partition(b"Hello")[0], NOW)

    assert verified(raw, RSA, ED) == [True, True]


def test_time_is_the_letters_own():
    later = replace(mailing(), send_at=NOW + timedelta(days=1))

    raw = composer(signer=signer(ED)).compose(later, delivery()).raw

    assert int(raw.partition(b" t=")[2].partition(b";")[0]) == int((NOW + timedelta(days=1)).timestamp())


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


@pytest.mark.parametrize(
    ("selector", "data", "sentence"),
    [
        ("no dots", b"", "“no dots” cannot be a DKIM selector: use small letters, digits and hyphens."),
        ("s1", b"hello", "The DKIM key “s1” is no private key in PEM without a password."),
        (
            "s1",
            pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505
            "The DKIM key “s1” must be RSA of 2048 bits or more, or Ed25519.",
        ),
        (
            "s1",
            pem(ec.generate_private_key(ec.SECP256R1())),
            "The DKIM key “s1” must be RSA of 2048 bits or more, or Ed25519.",
        ),
    ],
)
def test_key_that_receivers_refuse_is_refused_here(selector: str, data: bytes, sentence: str):
    with pytest.raises(BadDkimKey) as refused:
        read_key(selector, data)

    assert refused.value.sentence == sentence


def test_key_prints_no_secret():
    assert repr(signer(RSA, ED).keys) == "(DkimKey(r1, rsa-sha256), DkimKey(e1, ed25519-sha256))"
