"""The language in which people are chosen: a small tree of JSON, read into frozen values. Pure.

A node is an object with one name: `{"all": […]}`, `{"any": […]}`, `{"not": node}`, or a condition
such as `{"country": ["KE", "UG"]}`. A list means any of its values, null means that nothing is
held. `{}` is everybody. `FIELDS` has every condition; `read_filter` finds all that is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from service.campaign.values import Position
from service.kernel.errors import Invalid
from service.kernel.regions import REGIONS
from service.kernel.text import clean_line
from service.people.places import read_country, read_language
from service.people.values import OrganisationType

DEEPEST = 6
MOST_CONDITIONS = 100
MOST_VALUES = 200
LONGEST_TEXT = 300
LONGEST_WRITTEN = 60_000  # letters of JSON


@dataclass(frozen=True, slots=True)
class Scope:
    """One event, or all events of a project."""

    event: str | None = None
    project: str | None = None


Value: TypeAlias = tuple[str | int, ...] | str | bool | datetime | Scope | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is so of a person. A tuple means any of these, None that nothing is held."""

    field: str
    value: Value


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; with no part, always."""

    parts: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; with no part, never."""

    parts: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Filter


Filter: TypeAlias = Condition | All | AnyOf | Not
EVERYBODY = All()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of a filter: `path` such as `all[1].country`."""

    path: str
    code: str
    sentence: str

    def facts(self) -> dict[str, str]:
        """Return the fault for programs."""
        return {"path": self.path, "code": self.code, "sentence": self.sentence}


class BadFilter(Invalid):
    """A filter that cannot be used; the fact `errors` has every fault with its path and code."""

    code = "bad-filter"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(faults[0].sentence, field="filter", errors=[fault.facts() for fault in faults])


class _Bad(Exception):
    """A value that a condition cannot use: the sentence and the code."""

    def __init__(self, sentence: str, code: str = "bad-value") -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


# What a condition may say


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not clean_line(raw):
        raise _Bad("Give a text here.")
    if len(raw) > LONGEST_TEXT:
        raise _Bad(f"A text here has at most {LONGEST_TEXT} letters.")
    return clean_line(raw)


def _country(raw: Any) -> str:
    if code := read_country(_text(raw)):
        return code
    raise _Bad("This country is not known. Use its name, or a code such as KE.", "unknown-country")


def _language(raw: Any) -> str:
    if tag := read_language(_text(raw)):
        return tag
    raise _Bad("This language is not known. Use its name, or a code such as fr.", "unknown-language")


def _region(raw: Any) -> str:
    code = _text(raw)
    if code not in REGIONS:
        raise _Bad("This region is not known. Use its UN M49 code, such as 014.", "unknown-region")
    return code


def _type(raw: Any) -> str:
    if _text(raw) in list(OrganisationType):
        return _text(raw)
    raise _Bad("This type of organisation is not known. Use one such as ministry.", "unknown-type")


def _stance(raw: Any) -> str:
    if _text(raw) in list(Position):
        return _text(raw)
    raise _Bad("This stance is not known. Use one such as supportive.", "unknown-stance")


def _rank(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw <= 1000:
        raise _Bad("A rank is a whole number from 1.")
    return raw


def _truth(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise _Bad("Say true or false.")
    return raw


def _instant(raw: Any) -> datetime:
    try:
        at = datetime.fromisoformat(_text(raw))
    except ValueError:
        raise _Bad("Give a day such as 2027-01-31.", "bad-day") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _scope(raw: Any) -> Scope:
    if isinstance(raw, dict) and set(raw) == {"project"}:
        return Scope(project=_text(raw["project"]))
    return Scope(event=_text(raw))


def _one_of(read: Callable[[Any], str | int], *, may_be_none: bool = False) -> Callable[[Any], Value]:
    def many(raw: Any) -> Value:
        if raw is None and may_be_none:
            return None
        given = raw if isinstance(raw, list) else [raw]
        if not 1 <= len(given) <= MOST_VALUES:
            raise _Bad(f"Give between one and {MOST_VALUES} values.")
        return tuple(dict.fromkeys(read(each) for each in given))

    return many


FIELDS: Mapping[str, Callable[[Any], Value]] = {
    "text": _text,  # all words, in name, address, organisation or tag
    "audience": _one_of(_text, may_be_none=True),  # id or key
    "audience_rank": _one_of(_rank),
    "country": _one_of(_country, may_be_none=True),
    "region": _one_of(_region, may_be_none=True),  # UN M49 sub-region
    "organisation": _one_of(_text, may_be_none=True),  # id or name
    "organisation_type": _one_of(_type, may_be_none=True),
    "stance": _one_of(_stance, may_be_none=True),  # of their institution, or of the state whose body it is
    "language": _one_of(_language, may_be_none=True),  # en finds en-GB too
    "tag": _one_of(_text, may_be_none=True),
    "source": _one_of(_text, may_be_none=True),
    "at_risk": _truth,
    "list": _one_of(_text, may_be_none=True),  # id or key
    "invited": _scope,
    "accepted": _scope,
    "attended": _scope,
    "invited_and_never_answered": _scope,
    "has_bounced": _truth,
    "created_since": _instant,
    "created_before": _instant,
}


# Reading


def read_filter(raw: Any) -> Filter:
    """Return the filter that a tree of JSON means.

    Raises:
        BadFilter: with everything that is wrong, in the order of the tree.
    """
    faults: list[Fault] = []
    found = _node(raw, "", 1, faults)
    if (count := _conditions(found)) > MOST_CONDITIONS:
        sentence = f"A filter has at most {MOST_CONDITIONS} conditions; this one has {count}."
        faults.append(Fault("", "too-many-conditions", sentence))
    if faults:
        raise BadFilter(faults)
    return found


def parse_filter(written: str) -> Filter:
    """Return the filter written as JSON; nothing written is everybody.

    Raises:
        BadFilter: it is not JSON, or not a filter.
    """
    if not written.strip():
        return EVERYBODY
    try:
        raw = json.loads(written[: LONGEST_WRITTEN + 1]) if len(written) <= LONGEST_WRITTEN else None
    except (ValueError, RecursionError):
        raw = None
    if raw is None:
        raise BadFilter([Fault("", "not-json", "This filter is not written as JSON, or is too long.")])
    return read_filter(raw)


def _node(raw: Any, path: str, depth: int, faults: list[Fault]) -> Filter:
    if depth > DEEPEST:
        return _fault(faults, path, "too-deep", f"A filter is at most {DEEPEST} levels deep.")
    if raw == {} and depth == 1:
        return EVERYBODY
    if not isinstance(raw, dict) or len(raw) != 1:
        return _fault(faults, path, "not-a-condition", "A part of a filter is an object with one name and its value.")
    ((name, value),) = raw.items()
    here = f"{path}.{name[:40]}" if path else name[:40]
    if name == "not":
        return Not(_node(value, here, depth + 1, faults))
    if name in ("all", "any"):
        return _group(name, value, here, depth, faults)
    return _condition(name, value, here, faults)


def _group(name: str, value: Any, path: str, depth: int, faults: list[Fault]) -> Filter:
    if not isinstance(value, list):
        return _fault(faults, path, "not-a-list", f"“{name}” takes a list of conditions.")
    # More than this is refused as a whole: there is no use in reading on.
    some = value[: MOST_CONDITIONS + 1]
    parts = tuple(_node(part, f"{path}[{n}]", depth + 1, faults) for n, part in enumerate(some))
    return All(parts) if name == "all" else AnyOf(parts)


def _condition(name: str, value: Any, path: str, faults: list[Fault]) -> Filter:
    if name not in FIELDS:
        return _fault(faults, path, "unknown-field", f"People cannot be chosen by “{name[:40]}”.")
    try:
        return Condition(name, FIELDS[name](value))
    except _Bad as bad:
        return _fault(faults, path, bad.code, bad.sentence)


def _fault(faults: list[Fault], path: str, code: str, sentence: str) -> Filter:
    faults.append(Fault(path, code, sentence))
    return EVERYBODY


def _conditions(node: Filter) -> int:
    match node:
        case All(parts) | AnyOf(parts):
            return sum(_conditions(part) for part in parts) + (not parts)
        case Not(part):
            return _conditions(part)
        case _:
            return 1


# Writing


def written(node: Filter) -> dict[str, Any]:
    """Return the tree of JSON that a filter is kept as; `read_filter` gives the same filter back."""
    match node:
        case All(parts):
            return {"all": [written(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [written(part) for part in parts]}
        case Not(part):
            return {"not": written(part)}
        case Condition(field, value):
            return {field: _plain(value)}


def _plain(value: Value) -> Any:
    match value:
        case Scope(event=None, project=project):
            return {"project": project}
        case Scope(event=event):
            return event
        case tuple():
            return value[0] if len(value) == 1 else list(value)
        case datetime():
            return value.isoformat()
        case _:
            return value


def as_text(node: Filter) -> str:
    """Return the filter as it stands in an address; empty for everybody."""
    return "" if node == EVERYBODY else json.dumps(written(node), ensure_ascii=False, separators=(",", ":"))
