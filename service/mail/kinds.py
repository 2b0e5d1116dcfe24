"""The kinds of letters: one template file each, in `templates/emails/`.

`<kind>.j2` has the blocks subject, text and html and says `{% set purpose = … %}`; a
translation is `<language>/<kind>.j2`, with `<language>/_words.j2` for what all kinds share.
Everything is loaded and checked at start: a letter cannot fail on a misspelt name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound, meta, nodes
from markupsafe import Markup

from service.kernel.errors import Invalid
from service.mail.prose import paragraphs

SOURCE_LANGUAGE = "en"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

# What a kind may speak of; `compose` gives every one of them, empty where it does not apply.
VARIABLES = frozenset(
    {
        "answer_url",
        "answers",
        "asked_again",
        "body",
        "cancel_reason",
        "changes",
        "closing",
        "confirm_url",
        "day",
        "facts",
        "greeting",
        "has_calendar",
        "heading",
        "holdings_url",
        "is_uninvited",
        "join_url",
        "language",
        "list_name",
        "materials",
        "note",
        "online",
        "opening",
        "organisation",
        "partstat",
        "place",
        "postal_address",
        "preview",
        "project",
        "question",
        "reply_by",
        "seat",
        "sender_name",
        "short_day",
        "source",
        "staff_subject",
        "stop_url",
        "subject_title",
        "title",
        "until",
        "w",
    }
)
_FRAME = frozenset({"content", "direction", "purpose"})
_BLOCKS = ("subject", "text", "html")
_PARTS = tuple(
    f"_{part}.{form}" for part in ("layout", "facts", "answers", "changes", "materials") for form in ("txt", "html")
)
_SPACE = re.compile(r"[ \t\r\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")


class BadTemplate(Invalid):
    """A template that would fail when a letter is made."""

    code = "bad-template"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The three parts of a letter, in words."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind in one language, compiled."""

    purpose: str
    text: Template
    html: Template


class Kinds:
    """Every kind of letter in every language there is, compiled and checked, ready to render.

    Raises:
        BadTemplate: a template would fail on a letter.
    """

    def __init__(self, templates_dir: Path) -> None:
        folder = templates_dir / "emails"
        found = sorted(path.stem for path in folder.glob("*.j2") if not path.name.startswith("_"))
        languages = sorted(path.parent.name for path in folder.glob("*/_words.j2"))
        source = _Tongue(folder, SOURCE_LANGUAGE, found)
        others = {name: _Tongue(folder, name, found, like=source) for name in languages}
        self._tongues = {SOURCE_LANGUAGE: source, **others}
        self.purposes: Mapping[str, str] = MappingProxyType({kind: source.kinds[kind].purpose for kind in found})

    def language(self, kind: str, wanted: str) -> str:
        """Return the language a letter of this kind is written in for a reader of `wanted` (BCP 47).

        Raises:
            BadTemplate: no such kind.
        """
        if kind not in self.purposes:
            raise BadTemplate(f"There is no kind of letter called “{kind[:30]}”.", field="kind")
        base = wanted.lower().replace("_", "-").partition("-")[0]
        tongue = self._tongues.get(base)
        return base if tongue and kind in tongue.kinds else SOURCE_LANGUAGE

    def words(self, language: str) -> Mapping[str, str]:
        """Return the words all kinds share in one of the languages."""
        return self._tongues[language].words

    def render(self, kind: str, language: str, values: Mapping[str, Any]) -> Rendered:
        """Return a letter's three parts; `values` has every name of VARIABLES but `w`."""
        return self._tongues[language].render(kind, values)


class _Tongue:
    """The templates of one language: one environment for words, one that escapes for HTML."""

    def __init__(self, folder: Path, language: str, kinds: Iterable[str], *, like: _Tongue | None = None) -> None:
        own = folder if language == SOURCE_LANGUAGE else folder / language
        self.language, self.direction = language, "rtl" if language in RIGHT_TO_LEFT else "ltr"
        self._plain, self._markup = _environment(own, folder, escapes=False), _environment(own, folder, escapes=True)
        self.words: Mapping[str, str] = MappingProxyType(_words(self._plain))
        if like and (odd := self.words.keys() ^ like.words.keys()):
            raise BadTemplate(f"{language}/_words.j2 differs from _words.j2 in: {', '.join(sorted(odd))}.")
        for name in _PARTS:
            _check(self._plain, name, VARIABLES | _FRAME, self.words)
        self._layouts = self._plain.get_template("_layout.txt"), self._markup.get_template("_layout.html")
        self.kinds = {kind: self._load(kind) for kind in kinds if (own / f"{kind}.j2").exists()}

    def render(self, kind: str, values: Mapping[str, Any]) -> Rendered:
        """Return the three parts of a letter of one kind."""
        compiled = self.kinds[kind]
        frame = {**values, "w": self.words, "direction": self.direction, "purpose": compiled.purpose}
        words = compiled.text.new_context(frame)
        subject = values["staff_subject"] or _SPACE.sub(" ", "".join(compiled.text.blocks["subject"](words))).strip()
        text = "".join(compiled.text.blocks["text"](words)).strip()
        html = "".join(compiled.html.blocks["html"](compiled.html.new_context(frame)))
        layout_text, layout_html = self._layouts
        text = layout_text.render(frame, content=text)
        page = layout_html.render(frame, content=Markup(html), heading=values["heading"] or subject)  # noqa: S704
        return Rendered(subject, _BLANK_LINES.sub("\n\n", text).strip() + "\n", page)

    def _load(self, kind: str) -> _Kind:
        name = f"{kind}.j2"
        purpose = _check(self._plain, name, VARIABLES, self.words)
        text, html = self._plain.get_template(name), self._markup.get_template(name)
        missing = [block for block in _BLOCKS if block not in text.blocks]
        if missing or not purpose:
            raise BadTemplate(f"{self.language}/{name} lacks {', '.join(missing) or 'its purpose'}.")
        return _Kind(purpose, text, html)


def _environment(own: Path, shared: Path, *, escapes: bool) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(own), FileSystemLoader(shared)]),
        autoescape=escapes,  # noqa: S701  off only for subject and text, which are not markup
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["paragraphs"] = paragraphs
    return environment


def _check(environment: Environment, name: str, allowed: frozenset[str], words: Mapping[str, str]) -> str:
    """Refuse a template that speaks of what no letter has; return the purpose it says, if any."""
    loader = environment.loader
    assert loader is not None  # noqa: S101  given in `_environment`
    try:
        source, path, _ = loader.get_source(environment, name)
    except TemplateNotFound:
        raise BadTemplate(f"The template {name} is missing.") from None
    tree = environment.parse(source)
    unknown = meta.find_undeclared_variables(tree) - allowed
    unknown |= {f"w.{word}" for word in _spoken_words(tree) if word not in words}
    if unknown:
        raise BadTemplate(f"{path or name} speaks of {', '.join(sorted(unknown))}, which no letter has.")
    return _purpose(tree)


def _spoken_words(tree: nodes.Template) -> set[str]:
    found = tree.find_all(nodes.Getattr)
    return {node.attr for node in found if isinstance(node.node, nodes.Name) and node.node.name == "w"}


def _purpose(tree: nodes.Template) -> str:
    for node in tree.find_all(nodes.Assign):
        is_it = isinstance(node.target, nodes.Name) and node.target.name == "purpose"
        if is_it and isinstance(node.node, nodes.Const):
            return str(node.node.value)
    return ""


def _words(environment: Environment) -> dict[str, str]:
    module = environment.get_template("_words.j2").module
    return {name: str(value) for name, value in vars(module).items() if not name.startswith("_")}
