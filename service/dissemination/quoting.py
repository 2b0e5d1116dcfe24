"""What someone said that we may print, and for how long. Pure.

A quote is printed only where and while its *consent* covers it: consent names *uses*, says how it
was given, ends on a day, and can be taken back at any time. A quote is *anonymous* unless the person
agreed to more; people at risk are never named. Words that are taken back are not kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from service.dissemination.editing import parse_day
from service.dissemination.values.figures import Profile
from service.kernel.errors import Invalid
from service.kernel.text import clean_block, clean_line

LONGEST = timedelta(days=3 * 366)
MOST_WORDS = 1000  # characters


class Use(StrEnum):
    """Where words may be printed, as the person agreed."""

    INTERNAL = "internal"
    DONOR = "donor"
    PUBLIC = "public"
    SITE = "site"


class Attribution(StrEnum):
    """What stands under the words."""

    ANONYMOUS = "anonymous"
    ROLE = "role"
    NAME = "name"


class Standing(StrEnum):
    """Whether the consent of a quote holds."""

    HOLDS = "holds"
    OVER = "over"
    WITHDRAWN = "withdrawn"


# A report for more readers is read by the fewer, too; nothing covers the site but itself.
_COVERED: Mapping[Profile, frozenset[Use]] = {
    Profile.INTERNAL: frozenset(Use),
    Profile.DONOR: frozenset({Use.DONOR, Use.PUBLIC}),
    Profile.PUBLIC: frozenset({Use.PUBLIC}),
}


class WordsMissing(Invalid):
    """A quote without words."""

    code = "words-missing"


class ConsentMissing(Invalid):
    """Nobody agreed to it, or nobody can say how."""

    code = "consent-missing"


class ConsentTooLong(Invalid):
    """A consent that does not end, or ended before it began."""

    code = "consent-too-long"


class CreditMissing(Invalid):
    """A quote that is to be credited and does not say with what."""

    code = "credit-missing"


class NamedUnasked(Invalid):
    """Words or a credit that would give away who said them."""

    code = "named-unasked"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said it, as far as the rules need to know."""

    names: tuple[str, ...]
    at_risk: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """What someone said, with the consent to print it. `once`: in one report only."""

    id: str
    person_ref: str | None
    event_id: str | None
    words: str
    attribution: Attribution
    credit: str
    uses: tuple[Use, ...]
    once: bool
    agreed_on: date
    agreed_how: str
    ends_at: datetime
    withdrawn_at: datetime | None

    @property
    def until(self) -> date:
        """The last day on which it may be printed."""
        return (self.ends_at - timedelta(days=1)).date()

    def standing(self, today: date) -> Standing:
        """Tell whether its consent holds on a day."""
        if self.withdrawn_at is not None:
            return Standing.WITHDRAWN
        return Standing.HOLDS if self.agreed_on <= today <= self.until else Standing.OVER


@dataclass(frozen=True, slots=True)
class UsableQuote:
    """A quote as a report prints it; without a credit it is anonymous."""

    id: str
    words: str
    credit: str


def covers(quote: Quote, profile: Profile, today: date) -> bool:
    """Tell whether the consent of a quote covers a report of a profile on a day."""
    return quote.standing(today) is Standing.HOLDS and bool(_COVERED[profile] & set(quote.uses))


def usable(
    quotes: Iterable[Quote], profile: Profile, today: date, *, at_risk: Collection[str], printed: Collection[str]
) -> list[UsableQuote]:
    """Return what a report may print.

    `at_risk` are the quotes of people who are at risk by now, whose credit is left out; `printed` are
    those that a report holds already.
    """
    return [
        UsableQuote(one.id, one.words, "" if one.id in at_risk else one.credit)
        for one in quotes
        if covers(one, profile, today) and not (one.once and one.id in printed)
    ]


def make_quote(quote_id: str, wishes: Mapping[str, Any], speaker: Speaker | None, *, today: date) -> Quote:
    """Return a quote as a form or a program gives it.

    Raises:
        WordsMissing, ConsentMissing, ConsentTooLong, CreditMissing, NamedUnasked, NotADay.
    """
    words = clean_block(str(wishes.get("words") or ""))[:MOST_WORDS]
    if not words:
        raise WordsMissing("Write down what was said.", field="words")
    attribution = _attribution(wishes.get("attribution"))
    credit = _credit(attribution, wishes.get("credit"))
    _check_names(words, credit, attribution, speaker)
    agreed_on, ends_at = _term(wishes, today)
    how = clean_line(str(wishes.get("agreed_how") or ""))[:300]
    if not how:
        raise ConsentMissing("Say how they agreed: by e-mail of which day, on which form.", field="agreed_how")
    person_ref, event_id = wishes.get("person_ref") or None, wishes.get("event_id") or None
    uses, once = _uses(wishes.get("uses")), bool(wishes.get("once"))
    return Quote(quote_id, person_ref, event_id, words, attribution, credit, uses, once, agreed_on, how, ends_at, None)


def _attribution(raw: Any) -> Attribution:
    try:
        return Attribution(raw or Attribution.ANONYMOUS)
    except ValueError:
        raise CreditMissing("Choose anonymous, a role or the name.", field="attribution") from None


def _credit(attribution: Attribution, raw: Any) -> str:
    if attribution is Attribution.ANONYMOUS:
        return ""
    credit = clean_line(str(raw or ""))[:200]
    if not credit:
        raise CreditMissing("Write what is to stand under the words.", field="credit")
    return credit


def _check_names(words: str, credit: str, attribution: Attribution, speaker: Speaker | None) -> None:
    if speaker is None:
        return
    if speaker.at_risk and attribution is not Attribution.ANONYMOUS:
        raise NamedUnasked("This person is at risk: the quote must stay anonymous.", field="attribution")
    if attribution is Attribution.NAME:
        return
    for field, text in (("words", words), ("credit", credit)):
        if any(name.casefold() in text.casefold() for name in speaker.names if name):
            raise NamedUnasked("This names the person, who did not agree to be named.", field=field)


def _term(wishes: Mapping[str, Any], today: date) -> tuple[date, datetime]:
    agreed_on, until = parse_day(wishes.get("agreed_on"), "agreed_on"), parse_day(wishes.get("until"), "until")
    if agreed_on > today:
        raise ConsentMissing("That day has not come yet.", field="agreed_on")
    if until < max(agreed_on, today):
        raise ConsentTooLong("That day is over. A consent ends on a day to come.", field="until")
    if until - agreed_on > LONGEST:
        raise ConsentTooLong("A consent lasts for three years at most; then ask again.", field="until")
    return agreed_on, end_of(until)


def end_of(until: date) -> datetime:
    """Return the instant after the last day of a consent, in UTC."""
    return datetime.fromisoformat(f"{until + timedelta(days=1)}T00:00:00+00:00")


def _uses(raw: Iterable[str] | None) -> tuple[Use, ...]:
    wanted = set(raw or ())
    if not wanted:
        raise ConsentMissing("Say where they agreed that it is printed.", field="uses")
    if wanted - {use.value for use in Use}:
        raise ConsentMissing("Choose from internal, donor, public and site.", field="uses")
    return tuple(use for use in Use if use.value in wanted)
