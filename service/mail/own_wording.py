"""The small language in which staff word letters: text, slots and simple conditions.

Jinja2 only parses it. The tree is walked against an allow-list into pieces of our own, and
nothing but these pieces is ever rendered: there is nothing to call, to loop over or to reach
into. What the letter must say in any case stands outside of these words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from jinja2 import Environment, TemplateSyntaxError, nodes

from service.kernel.errors import Invalid
from service.kernel.text import clean_line
from service.mail.values import Words
from service.mail.wording import Reader

SLOTS = (
    "name",
    "organisation",
    "sender",
    "event.title",
    "event.when",
    "event.day",
    "event.place",
    "event.reply_by",
)
FIELDS = ("subject", "opening", "closing")
FLAGS = ("answer.yes", "answer.maybe")  # only to be asked for: {% if answer.yes %}
PERSONAL = frozenset({"name", *FLAGS})  # a subject may not speak of one person
LONGEST_SUBJECT, LONGEST_TEXT = 200, 4_000
_DEEPEST = 3
# Parses only: it has no loader, and no template of its is ever compiled.
_PARSER = Environment()  # noqa: S701
_HOLES = re.compile(r"\n{3,}")
_HIDDEN = re.compile(r"\{#|\{%[-+]?\s*raw\b")
_LINK_WITH_SLOT = re.compile(r"https?://\S*\{[{%]", re.IGNORECASE)
_UNSAFE_LINK = re.compile(r"\b(?:http|ftp|javascript|data|file)://?|\bjavascript:", re.IGNORECASE)


class BadWording(Invalid):
    """Words that cannot be kept: `line` counts from 1, the code says what is wrong."""

    code = "bad-wording"

    def __init__(self, code: str, sentence: str, *, line: int, field: str) -> None:
        super().__init__(f"Line {line}: {sentence}", field=field, line=line)
        self.code = code


class Slot(NamedTuple):
    """A place that is filled from the letter."""

    name: str


class Choice(NamedTuple):
    """What is said when a slot holds something (or, negated, when it holds nothing), and what else."""

    name: str
    negated: bool
    then: Pieces
    otherwise: Pieces


Pieces = tuple["str | Slot | Choice", ...]


def read_words(subject: str, opening: str, closing: str) -> Words:
    """Return words that may be kept, cleaned.

    Raises:
        BadWording: a part says what letters may not.
    """
    if "\n" in subject.strip() or "\r" in subject.strip():
        raise BadWording("subject-lines", "A subject is one line.", line=2, field="subject")
    given = {"subject": _lines(subject), "opening": _lines(opening), "closing": _lines(closing)}
    for field, text in given.items():
        longest = LONGEST_SUBJECT if field == "subject" else LONGEST_TEXT
        if len(text) > longest:
            line = text.count("\n", 0, longest) + 1
            raise BadWording("too-long", f"At most {longest} characters, please.", line=line, field=field)
        parse(text, field)
    return Words(**{field: text.strip() for field, text in given.items()})


def _lines(raw: str) -> str:
    """Return a text line by line, cleaned; none is left out, so that lines are counted as they were typed."""
    text = raw.encode(errors="ignore").decode().replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(clean_line(line) for line in text.split("\n"))


@lru_cache(maxsize=256)
def parse(source: str, field: str) -> Pieces:
    """Return a text as pieces to render.

    Raises:
        BadWording: it says anything but text, the slots and simple conditions.
    """
    _check_source(source, field)
    try:
        tree = _PARSER.parse(source)
    except TemplateSyntaxError as error:
        sentence = "This is not complete, or not one of the things that can stand between braces."
        raise BadWording("syntax", sentence, line=error.lineno, field=field) from None
    except RecursionError:
        raise BadWording("too-deep", "This is nested too deeply.", line=1, field=field) from None
    return _Walk(field).pieces(tree.body)


def _check_source(source: str, field: str) -> None:
    rules = (
        (_HIDDEN, "not-allowed", "Comments and raw text cannot stand here."),
        (_LINK_WITH_SLOT, "slot-in-link", "A link is the same for everyone: leave a space before what is filled in."),
        (_UNSAFE_LINK, "not-https", "Links start with https://."),
    )
    for pattern, code, sentence in rules:
        if found := pattern.search(source):
            raise BadWording(code, sentence, line=source.count("\n", 0, found.start()) + 1, field=field)


class _Walk:
    """The way through one tree: every node is known, or refused."""

    def __init__(self, field: str) -> None:
        self._field = field

    def pieces(self, body: Iterable[nodes.Node], depth: int = 0) -> Pieces:
        made: list[str | Slot | Choice] = []
        for node in body:
            if isinstance(node, nodes.Output):
                made += [self._said(part) for part in node.nodes]
            elif isinstance(node, nodes.If):
                made.append(self._choice(node, depth + 1))
            else:
                raise self._refusal(node)
        return tuple(made)

    def _said(self, node: nodes.Node) -> str | Slot:
        if isinstance(node, nodes.TemplateData):
            return str(node.data)
        return Slot(self._name(node, SLOTS))

    def _choice(self, node: nodes.If, depth: int) -> Choice:
        if depth > _DEEPEST:
            raise self._bad("too-deep", f"At most {_DEEPEST} conditions in one another, please.", node)
        test = node.test
        negated = isinstance(test, nodes.Not)
        name = self._name(test.node if isinstance(test, nodes.Not) else test, (*SLOTS, *FLAGS))
        otherwise = self.pieces(node.else_, depth)
        for other in reversed(node.elif_):
            made = self._choice(nodes.If(other.test, other.body, [], [], lineno=other.lineno), depth)
            otherwise = (made._replace(otherwise=otherwise),)
        return Choice(name, negated, self.pieces(node.body, depth), otherwise)

    def _name(self, node: nodes.Node, known: tuple[str, ...]) -> str:
        name = _dotted(node)
        if name is None:
            raise self._refusal(node)
        if name not in known:
            raise self._bad("unknown-name", f"“{name[:40]}” is not one of: {', '.join(known)}.", node)
        if self._field == "subject" and name in PERSONAL:
            raise self._bad("personal-subject", "A subject is the same for everyone; it cannot name a person.", node)
        return name

    def _refusal(self, node: nodes.Node) -> BadWording:
        return self._bad("not-allowed", "Only names in {{ }} and {% if name %}…{% endif %} can stand here.", node)

    def _bad(self, code: str, sentence: str, node: nodes.Node) -> BadWording:
        return BadWording(code, sentence, line=node.lineno or 1, field=self._field)


def _dotted(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return f"{node.node.name}.{node.attr}"
    return None


def fill(pieces: Pieces, values: Mapping[str, str]) -> str:
    """Return pieces as text; every slot and flag has a value, maybe an empty one."""
    said = []
    for piece in pieces:
        if isinstance(piece, str):
            said.append(piece)
        elif isinstance(piece, Slot):
            said.append(values[piece.name])
        else:
            holds = bool(values[piece.name]) is not piece.negated
            said.append(fill(piece.then if holds else piece.otherwise, values))
    return "".join(said)


def speak(
    facts: Mapping[str, Any], reader: Reader, values: Mapping[str, Any], *, language: str, name: str
) -> dict[str, str]:
    """Return the parts of a letter in the organisation's own words, by the names templates use; none where ours hold.

    Ours hold in whatever is discreet, and for someone who may not be told what it is about.
    `values` are those of the letter, `language` that of its templates, `name` the reader's or its stand-in.
    """
    own = (facts.get("wording") or {}).get(language)
    if not own or reader.is_discreet or reader.is_at_risk or not reader.may_name:
        return {}
    known = _known(values, name)
    subject, opening, closing = (fill(parse(own[field], field), known) for field in FIELDS)
    return {"staff_subject": " ".join(subject.split()), "opening": _tidy(opening), "closing": _tidy(closing)}


def _known(values: Mapping[str, Any], name: str) -> dict[str, str]:
    return {
        "name": name,
        "organisation": values["organisation"],
        "sender": values["sender_name"],
        "event.title": values["title"],
        "event.when": values["preview"],
        "event.day": values["day"],
        "event.place": values["place"],
        "event.reply_by": values["reply_by"],
        "answer.yes": "yes" if values["partstat"] == "ACCEPTED" else "",
        "answer.maybe": "yes" if values["partstat"] == "TENTATIVE" else "",
    }


def _tidy(text: str) -> str:
    """Return a text as paragraphs: a condition that says nothing leaves no hole."""
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _HOLES.sub("\n\n", lines).strip()
