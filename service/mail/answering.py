"""The buttons under an invitation: which answers there are, and the page each one opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ANSWERS = {
    "in_person": (("yes", "yes"), ("maybe", "maybe"), ("no", "no")),
    "online": (("yes", "yes_online"), ("maybe", "maybe"), ("no", "no")),
    "hybrid": (("yes_room", "yes"), ("yes_online", "yes_online"), ("maybe", "maybe"), ("no", "no")),
    "email": (("yes", "yes"), ("maybe", "maybe"), ("no", "no")),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A button: what it says and the page it opens."""

    label: str
    url: str


def answers(facts: Mapping[str, Any], url: str, words: Mapping[str, str]) -> tuple[Answer, ...]:
    """Return the buttons for an event of this mode; none where there is nothing to answer."""
    event = facts.get("event")
    if not event or not url:
        return ()
    return tuple(Answer(words[word], f"{url}?a={answer}") for word, answer in _ANSWERS[event["mode"]])
