"""Addresses, fields of a person, keys, consent, and the life of an import."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from service.kernel.errors import Invalid
from service.people.rules import addresses, fields, imports, lists
from service.people.values import Address, Basis, Consent, ImportState


@pytest.mark.parametrize(
    ("raw", "display", "key"),
    [
        pytest.param(" Maria@Example.ORG ", "Maria@example.org", "maria@example.org", id="case"),
        pytest.param("mailto:m@x.org?subject=Hello", "m@x.org", "m@x.org", id="mailto"),
        pytest.param("<m@x.org>", "m@x.org", "m@x.org", id="brackets"),
        pytest.param("m@x.org.", "m@x.org", "m@x.org", id="full stop"),
        pytest.param("\u202em@x.org\u200b", "m@x.org", "m@x.org", id="invisible marks"),
        pytest.param("\u00a0m@x.org\u00a0", "m@x.org", "m@x.org", id="no-break spaces"),
        pytest.param("Ma@bücher.example.org", "Ma@bücher.example.org", "ma@xn--bcher-kva.example.org", id="idn"),
        pytest.param("ma@xn--bcher-kva.org", "ma@bücher.org", "ma@xn--bcher-kva.org", id="idn in ASCII"),
        pytest.param("Straße@x.org", "Straße@x.org", "strasse@x.org", id="case folding"),
        pytest.param("o'brien+a@x.org", "o'brien+a@x.org", "o'brien+a@x.org", id="apostrophe and plus"),
    ],
)
def test_address_is_normalised(raw: str, display: str, key: str) -> None:
    assert addresses.normalise_address(raw) == Address(display, key)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("", "There is no e-mail address."),
        ("hpenhale(at)example", "The address has no @."),
        ("a@b@x.org", "The address has more than one @."),
        ("maria achieng@x.org", "There is a space inside the address."),
        ("@x.org", "There is nothing before the @."),
        ("maria@", "There is nothing after the @."),
        ("maria..a@x.org", "There is a dot too many in the address."),
        ("maria@example", "The part after @ needs an ending, such as example.org."),
        ("m" * 65 + "@x.org", "The address is too long."),
        ("maria@seminar.invalid", "This is not an e-mail address we can write to."),
        ("maria@-x.org", "This is not an e-mail address we can write to."),
        ("maria@[192.0.2.1]", "This is not an e-mail address we can write to."),
    ],
)
def test_bad_address_says_what_to_mend(raw: str, sentence: str) -> None:
    with pytest.raises(addresses.BadAddress) as refused:
        addresses.normalise_address(raw)

    assert (refused.value.code, refused.value.field, str(refused.value)) == ("bad-address", "email", sentence)


def normalised_or_none(raw: str) -> Address | None:
    try:
        return addresses.normalise_address(raw)
    except addresses.BadAddress:
        return None


_LABELS = st.text("abcxyzABC019-", min_size=1, max_size=12)
_LOCALS = st.text("abcXYZ019.!#$%&'*+/=?^_`{|}~-@ ", min_size=1, max_size=70)


@given(_LOCALS, st.lists(_LABELS, min_size=1, max_size=4))
@settings(max_examples=600, deadline=None)
def test_the_quick_way_agrees_with_the_careful_one(local: str, labels: list[str]) -> None:
    raw = f"{local}@{'.'.join(labels)}"
    cleaned = addresses.clean_address(raw)
    try:
        careful = validate_email(cleaned, check_deliverability=False).normalized
    except EmailNotValidError:
        careful = None
    ours = normalised_or_none(raw)

    assert (ours.display if ours else None) == careful
    assert ours is None or ours.key == careful.casefold()


@given(st.text(max_size=80))
@settings(max_examples=400, deadline=None)
def test_any_text_is_refused_or_an_address_that_stays_itself(raw: str) -> None:
    address = normalised_or_none(raw)

    if address is None:
        return
    assert addresses.normalise_address(address.display).key == address.key
    assert len(address.display) <= 320


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("maria.achieng@x.org", "Maria Achieng"),
        ("i_solheim+news@x.org", "I Solheim"),
        ("123@x.org", "123"),
    ],
)
def test_name_is_made_from_an_address(address: str, name: str) -> None:
    assert addresses.address_name(address) == name


def test_fields_become_columns() -> None:
    given = {
        "name": "  Maria\u00a0 Achieng ",
        "email": "Maria@X.org",
        "country": "Kenya",
        "language": "English",
        "time_zone": "Africa/Nairobi",
        "tags": ["panel", "panel", " "],
        "role": "",
        "at_risk": 1,
    }

    assert fields.read_fields(given) == {
        "name": "Maria Achieng",
        "email": "Maria@x.org",
        "email_key": "maria@x.org",
        "country": "KE",
        "region": "014",
        "language": "en",
        "time_zone": "Africa/Nairobi",
        "tags": ["panel"],
        "role": None,
        "at_risk": True,
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "x"}, "email"),
        ({"country": "Narnia"}, "country"),
        ({"language": "Klingonese"}, "language"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"source_on": "yesterday"}, "source_on"),
        ({"passport": "1"}, "passport"),
    ],
)
def test_unusable_field_is_named(given: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        fields.read_fields(given)

    assert refused.value.field == field


def test_time_zone_is_guessed_from_a_country_with_one_zone_but_never_for_someone_at_risk() -> None:
    assert fields.with_guesses({"country": "KE"}) == {"country": "KE", "time_zone": "Africa/Nairobi"}
    assert fields.with_guesses({"country": "US"}) == {"country": "US", "time_zone": None}
    assert fields.with_guesses({"country": "KE", "at_risk": True}) == {"country": "KE", "at_risk": True}
    assert fields.with_guesses({"country": "KE", "time_zone": "UTC"}) == {"country": "KE", "time_zone": "UTC"}


def test_search_text_is_folded_the_same_by_both_ways() -> None:
    assert fields.search_text("Tomás  Rivadeneira", "T@x.org", None) == "tomas rivadeneira t@x.org"
    assert fields.search_text("Ingrid  Solheim", "I@x.org", "Fjord") == "ingrid solheim i@x.org fjord"


@pytest.mark.parametrize(
    ("given", "name", "key"),
    [(None, "Seminar guests", "seminar-guests"), (" Civil_Society ", "x", "civil_society"), ("a  b!", "x", "a-b")],
)
def test_key_is_given_or_made_of_the_name(given: str | None, name: str, key: str) -> None:
    assert lists.read_key(given, name) == key


def test_key_of_no_latin_letters_is_refused() -> None:
    with pytest.raises(Invalid, match="letters a to z"):
        lists.read_key(None, "ضيوف")


def test_consent_is_read_or_refused() -> None:
    assert lists.read_consent("consent", " card,  Geneva ", "2026-1") == Consent(
        Basis.CONSENT, "card, Geneva", "2026-1"
    )
    assert lists.read_consent("", "card") is None
    with pytest.raises(Invalid, match="legitimate_interest"):
        lists.read_consent("because")


CLOSED = (ImportState.DISCARDED, ImportState.UNDOING, ImportState.UNDONE)


def test_a_preview_starts_a_stopped_one_goes_on_and_a_second_press_does_nothing() -> None:
    open_states = set(ImportState) - {*CLOSED, ImportState.READING}
    assert {state: imports.may_start(state) for state in open_states} == {
        ImportState.PREVIEW: True,
        ImportState.APPLYING: False,
        ImportState.STOPPED: True,
        ImportState.APPLIED: False,
    }
    for state in CLOSED:
        with pytest.raises(imports.ImportClosed):
            imports.may_start(state)


def test_only_what_is_being_carried_out_is_stopped() -> None:
    asked = (ImportState.APPLYING, ImportState.STOPPED, ImportState.APPLIED)
    assert [imports.may_stop(state) for state in asked] == [True, False, False]
    for state in (ImportState.PREVIEW, *CLOSED):
        with pytest.raises(imports.ImportClosed):
            imports.may_stop(state)


def test_what_is_still_being_read_is_neither_started_nor_stopped() -> None:
    for move in (imports.may_start, imports.may_stop):
        with pytest.raises(imports.StillReading) as refused:
            move(ImportState.READING)
        assert refused.value.code == "still-reading"


def test_only_a_preview_is_discarded_and_a_second_press_does_nothing() -> None:
    assert imports.may_discard(ImportState.PREVIEW) is True
    assert imports.may_discard(ImportState.READING) is True
    assert imports.may_discard(ImportState.DISCARDED) is False
    for state in set(ImportState) - {ImportState.READING, ImportState.PREVIEW, ImportState.DISCARDED}:
        with pytest.raises(imports.ImportClosed):
            imports.may_discard(state)
