"""A sealed cell opens where it was sealed, under a key that is here, and nowhere else."""

from __future__ import annotations

import base64

import pytest

from service.kernel.errors import FarsowError
from service.kernel.sealing import (
    BadFieldKeys,
    FieldKey,
    SealBroken,
    SealRing,
    UnknownFieldKey,
    derived_key,
    make_field_key,
    open_fields,
    read_field_keys,
    seal_fields,
)
from service.kernel.tokens import Keyring
from service.settings import BadSetting, load

OLD, NEW = FieldKey("2026", bytes(range(32))), FieldKey("2027", bytes(range(32, 64)))
PLACE = {"table": "person", "row_id": "01ADA", "column": "notes"}
GOOD = base64.b64encode(bytes(range(32))).decode()


def test_a_cell_holds_format_key_and_nonce_and_opens_again() -> None:
    ring = SealRing(OLD)

    cell = ring.seal("Uses a wheelchair – é", **PLACE)

    assert cell[:6] == b"\x01\x042026"
    assert len(cell) == 6 + 12 + len("Uses a wheelchair – é".encode()) + 16
    assert ring.open(cell, **PLACE) == "Uses a wheelchair – é"
    assert ring.seal("Uses a wheelchair – é", **PLACE) != cell


@pytest.mark.parametrize("moved", [{"table": "invitation"}, {"row_id": "01BO"}, {"column": "phone"}], ids=str)
def test_a_moved_cell_does_not_open(moved: dict[str, str]) -> None:
    ring = SealRing(OLD)
    cell = ring.seal("secret", **PLACE)

    with pytest.raises(SealBroken):
        ring.open(cell, **{**PLACE, **moved})


def test_a_changed_cell_does_not_open() -> None:
    ring = SealRing(OLD)
    cell = ring.seal("secret", **PLACE)

    for position in range(len(cell)):
        changed = cell[:position] + bytes([cell[position] ^ 1]) + cell[position + 1 :]
        with pytest.raises((SealBroken, UnknownFieldKey)):
            ring.open(changed, **PLACE)
    for length in range(len(cell)):
        with pytest.raises((SealBroken, UnknownFieldKey)):
            ring.open(cell[:length], **PLACE)


def test_an_older_key_opens_and_a_missing_one_is_named_in_a_sentence() -> None:
    cell = SealRing(OLD).seal("secret", **PLACE)

    assert SealRing(NEW, OLD).open(cell, **PLACE) == "secret"
    with pytest.raises(UnknownFieldKey) as refused:
        SealRing(NEW).open(cell, **PLACE)

    assert (refused.value.code, refused.value.facts) == ("unknown-field-key", {"key": "2026"})
    assert refused.value.sentence.startswith("This text is sealed under the key “2026”, which is not here.")


def test_fields_of_a_row_are_sealed_together_and_empty_ones_stay_null() -> None:
    ring = SealRing(NEW)

    cells = seal_fields(ring, "person", "01ADA", {"notes": "secret", "phone": None})

    assert cells["phone"] is None
    assert open_fields(ring, "person", "01ADA", cells) == {"notes": "secret", "phone": None}


def test_the_derived_key_follows_the_secret_and_says_so_by_its_id() -> None:
    first, again, other = (derived_key(Keyring(secret * 32)) for secret in (b"a", b"a", b"b"))

    assert first == again
    assert first.id != other.id
    assert first.id.startswith("secret-")
    assert GOOD not in repr(FieldKey("x", bytes(range(32))))


def test_keys_are_read_the_current_one_first() -> None:
    made = make_field_key("2027")

    keys = read_field_keys(f" {made} , 2026:{GOOD},")

    assert [key.id for key in keys] == ["2027", "2026"]
    assert keys[1] == OLD


@pytest.mark.parametrize(
    "value",
    [",", GOOD, f"2027:{GOOD[:-4]}", "2027:no base64", f"Two words:{GOOD}", f"a:{GOOD},a:{GOOD}", f"secret-1:{GOOD}",
     "a:" + base64.b64encode(bytes(32)).decode()],
    ids=["none", "no id", "short", "not base64", "id", "twice", "ours", "zeros"],
)  # fmt: skip
def test_bad_keys_are_refused_with_a_sentence_that_shows_no_key(value: str) -> None:
    environment = {"FARSOW_PUBLIC_URL": "http://localhost", "FARSOW_SECRET_KEY": "0123456789abcdef" * 2}

    with pytest.raises(BadFieldKeys):
        read_field_keys(value)
    with pytest.raises(BadSetting) as refused:
        load({**environment, "FARSOW_FIELD_KEYS": value})

    assert refused.value.sentence.startswith("FARSOW_FIELD_KEYS must ")
    assert GOOD[:8] not in refused.value.sentence


def test_every_refusal_is_one_of_ours() -> None:
    assert issubclass(SealBroken, FarsowError)
    assert issubclass(UnknownFieldKey, FarsowError)
