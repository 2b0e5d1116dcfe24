"""Reading the language of filters: what it means, and everything that can be wrong with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from service.directory.filters import (
    EVERYBODY,
    All,
    AnyOf,
    BadFilter,
    Condition,
    Fault,
    Not,
    Scope,
    as_text,
    parse_filter,
    read_filter,
    written,
)


def faults_of(raw: Any) -> list[tuple[str, str]]:
    with pytest.raises(BadFilter) as caught:
        read_filter(raw)
    return [(fault.path, fault.code) for fault in caught.value.faults]


def test_a_nested_tree_is_read_whole() -> None:
    raw = {"all": [{"country": ["Kenya", "UG"]}, {"not": {"any": [{"tag": "donor"}, {"at_risk": True}]}}]}

    assert read_filter(raw) == All(
        (
            Condition("country", ("KE", "UG")),
            Not(AnyOf((Condition("tag", ("donor",)), Condition("at_risk", True)))),
        )
    )


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({}, EVERYBODY),
        ({"country": None}, Condition("country", None)),
        ({"language": "français"}, Condition("language", ("fr",))),
        ({"audience_rank": [1, 2]}, Condition("audience_rank", (1, 2))),
        ({"text": "  Ada   Lovelace "}, Condition("text", "Ada Lovelace")),
        ({"attended": "e1"}, Condition("attended", Scope(event="e1"))),
        ({"invited": {"project": "p1"}}, Condition("invited", Scope(project="p1"))),
        ({"created_since": "2027-01-31"}, Condition("created_since", datetime(2027, 1, 31, tzinfo=UTC))),
    ],
)
def test_a_condition_is_read_into_its_value(raw: dict[str, Any], found: Any) -> None:
    assert read_filter(raw) == found


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        ({"all": [{"shoe_size": 44}]}, [("all[0].shoe_size", "unknown-field")]),
        ({"any": {"country": "KE"}}, [("any", "not-a-list")]),
        ({"country": "KE", "tag": "x"}, [("", "not-a-condition")]),
        ({"not": {}}, [("not", "not-a-condition")]),
        (["KE"], [("", "not-a-condition")]),
        ({"stance": "friendly"}, [("stance", "unknown-stance")]),
        ({"country": "Atlantis"}, [("country", "unknown-country")]),
        ({"country": []}, [("country", "bad-value")]),
        ({"language": "klingon language"}, [("language", "unknown-language")]),
        ({"region": "999"}, [("region", "unknown-region")]),
        ({"audience_rank": "1"}, [("audience_rank", "bad-value")]),
        ({"audience_rank": True}, [("audience_rank", "bad-value")]),
        ({"at_risk": "yes"}, [("at_risk", "bad-value")]),
        ({"text": " "}, [("text", "bad-value")]),
        ({"text": "x" * 301}, [("text", "bad-value")]),
        ({"created_before": "soon"}, [("created_before", "bad-day")]),
        ({"attended": {"series": "s"}}, [("attended", "bad-value")]),
        ({"tag": [str(n) for n in range(201)]}, [("tag", "bad-value")]),
        (
            {"all": [{"a": 1}, {"any": [{"b": 1}]}]},
            [("all[0].a", "unknown-field"), ("all[1].any[0].b", "unknown-field")],
        ),
    ],
)
def test_everything_that_is_wrong_is_named_with_its_place(raw: Any, faults: list[tuple[str, str]]) -> None:
    assert faults_of(raw) == faults


def nested(levels: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"at_risk": True}
    for _ in range(levels - 1):
        tree = {"not": tree}
    return tree


def test_six_levels_are_read_and_seven_are_not() -> None:
    read_filter(nested(6))

    assert faults_of(nested(7)) == [("not.not.not.not.not.not", "too-deep")]


def test_a_hundred_conditions_are_read_and_one_more_is_not() -> None:
    read_filter({"any": [{"tag": "x"}] * 100})

    assert faults_of({"any": [{"tag": "x"}] * 101}) == [("", "too-many-conditions")]
    assert faults_of({"any": [{"any": []}] * 101}) == [("", "too-many-conditions")]


def test_what_is_not_json_is_refused_with_a_sentence() -> None:
    for text in ("{", "null", "[" * 5000, "x" * 60_001):
        with pytest.raises(BadFilter) as caught:
            parse_filter(text)
        assert caught.value.faults[0].code in ("not-json", "not-a-condition")
    assert parse_filter(" ") == EVERYBODY


def test_the_facts_of_an_error_are_for_programs() -> None:
    with pytest.raises(BadFilter) as caught:
        read_filter({"shoe_size": 44})

    sentence = "People cannot be chosen by “shoe_size”."
    assert caught.value.facts == {"errors": [Fault("shoe_size", "unknown-field", sentence).facts()]}


def test_a_filter_is_written_as_it_is_read() -> None:
    raw = {
        "all": [
            {"country": ["KE", "UG"]},
            {"any": [{"language": None}, {"invited": {"project": "p"}}, {"attended": "e"}]},
            {"not": {"created_since": "2027-01-31T00:00:00+00:00"}},
            {"all": []},
        ]
    }

    assert written(read_filter(raw)) == raw
    assert parse_filter(as_text(read_filter(raw))) == read_filter(raw)
    assert as_text(EVERYBODY) == ""
    assert json.loads(as_text(read_filter({"tag": "é"}))) == {"tag": "é"}
