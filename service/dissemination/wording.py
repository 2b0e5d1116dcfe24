"""Words and dates of a report in its reader's language. Pure: the catalogue is handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from gettext import NullTranslations

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from service.dissemination.values.figures import NOT_STATED, Cell, Dimension, Printed, number
from service.people.values import OrganisationType

NAMED_BY_PEOPLE = frozenset(
    [Dimension.AUDIENCE, Dimension.EVENT, Dimension.MATERIAL, Dimension.CHAPTER, Dimension.SOURCE, Dimension.FORMAT]
)
KINDS = {
    "launch": "Launch",
    "seminar": "Seminar",
    "briefing": "Briefing",
    "conference": "Conference",
    "meeting": "Meeting",
}
ORGANISATION_WORDS: dict[str, str] = {
    OrganisationType.COALITION: "Coalition",
    OrganisationType.INTERNATIONAL_NGO: "International NGO",
    OrganisationType.NATIONAL_NGO: "National NGO",
    OrganisationType.GRASSROOTS_GROUP: "Grassroots group",
    OrganisationType.SURVIVOR_ORGANISATION: "Survivor organisation",
    OrganisationType.INTERGOVERNMENTAL: "Intergovernmental",
    OrganisationType.MINISTRY: "Ministry",
    OrganisationType.PARLIAMENT: "Parliament",
    OrganisationType.DONOR: "Donor",
    OrganisationType.UNIVERSITY: "University",
    OrganisationType.THINK_TANK: "Think tank",
    OrganisationType.MEDIA: "Media",
}
RESTRICTED = "Restricted material"
# What stands for a title that must stay inside.
OUR_TITLES = frozenset(
    [RESTRICTED]
    + [f"{kind} {how}" for kind in (*KINDS.values(), "Event") for how in ("held in confidence", "by invitation")]
)
NO_WORDS = NullTranslations()  # one for all: renderers keep an environment for each catalogue


def language_name(code: str) -> str:
    """Return the English name of a language; the code itself where none is known."""
    try:
        return Locale.parse(code.replace("-", "_")).get_language_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


@dataclass(frozen=True, slots=True)
class Voice:
    """A language to write a report in. Plain English is British."""

    words: NullTranslations = NO_WORDS
    language: str = "en"

    def gettext(self, text: str) -> str:
        """Return a text in this language."""
        return self.words.gettext(text)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Return the text for a number of things, with `%(n)s` filled in."""
        return self.words.ngettext(one, many, n) % {"n": number(n)}

    @property
    def locale(self) -> Locale:
        """How this language writes dates."""
        return Locale.parse("en_GB" if self.language == "en" else self.language.replace("-", "_"))

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.locale.text_direction

    def day(self, on: date) -> str:
        """Return “12 January 2027”."""
        return format_date(on, "long", locale=self.locale)

    def month(self, on: date) -> str:
        """Return “Jan 2027”."""
        return format_date(on, "MMM y", locale=self.locale)

    def instant(self, at: datetime) -> str:
        """Return “12 January 2027 09:00 UTC”."""
        return f"{self.day(at.date())} {at:%H:%M} UTC"

    def when(self, iso: str) -> str:
        """Return a day, or a month, that is given in ISO 8601."""
        if len(iso) == 7:
            return format_date(date.fromisoformat(f"{iso}-01"), "MMMM y", locale=self.locale)
        return self.day(date.fromisoformat(iso))

    def listed(self, names: Sequence[str]) -> str:
        """Return “A”, “A and B”, “A, B and C”."""
        if len(names) < 2:
            return "".join(names)
        return self.gettext("%(most)s and %(last)s") % {"most": ", ".join(names[:-1]), "last": names[-1]}

    def label(self, cell: Cell) -> str:
        """Return the name of a row in this language; what people have named keeps its name."""
        if cell.key == NOT_STATED or cell.dimension not in NAMED_BY_PEOPLE:
            return self._of_the_world(cell) or self.gettext(cell.label or cell.key)
        return self.event(cell.label)

    def _of_the_world(self, cell: Cell) -> str:
        """Return the name of a region or a language as this language has it; English ones stand in the row."""
        if self.language == "en" or cell.dimension not in (Dimension.REGION, Dimension.LANGUAGE):
            return ""
        if cell.dimension is Dimension.REGION:
            name = self.locale.territories.get(cell.key, "")
        else:
            name = self.locale.languages.get(cell.key.partition("-")[0], "")
        return f"{name[:1].upper()}{name[1:]}"

    def event(self, label: str) -> str:
        """Return what an event is called; a title of ours, in this language."""
        return self.gettext(label) if label in OUR_TITLES else label

    def printed(self, one: Printed | None) -> str:
        """Return a number in print, or that it is not shown."""
        return self.gettext("not shown") if one is None else one.band

    def people(self, text: str, high: float | None) -> str:
        """Return a band in a sentence: “Fewer than 5” for “<5”."""
        if text.startswith("<"):
            return self.gettext("Fewer than %(n)s") % {"n": number((high or 0) + 1)}
        return text
