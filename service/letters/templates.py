"""An organisation's own wording of letters: versions for each kind and language, of which one is in use, or ours.

A letter keeps the words it was written with: they are frozen on its mailing. The caller commits.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Conflict, Invalid
from service.letters.store import templates as store
from service.letters.values import WORDED, WRITTEN_IN, Kind, Template
from service.mail.own_wording import read_words

read, read_all, read_versions = store.read, store.read_all, store.read_versions


class NothingWorded(Invalid):
    """Every part is empty."""

    code = "nothing-worded"


class NothingInUse(Conflict):
    """The built-in wording is in use already."""

    code = "nothing-in-use"


def read_kind(kind: str, language: str) -> tuple[Kind, str]:
    """Return a kind and language that can be worded.

    Raises:
        Invalid: the one or the other cannot.
    """
    if kind not in WORDED:
        raise Invalid(f"Letters of the kind “{kind[:30]}” have no wording of your own.", field="kind")
    if language not in WRITTEN_IN:
        raise Invalid(f"Letters are not written in “{language[:20]}”.", field="language")
    return Kind(kind), language


def save(
    session: Session, kind: str, language: str, *, subject: str, opening: str, closing: str, now: datetime, actor: str
) -> Template:
    """Keep words as a new version, a draft; an empty part leaves it to the built-in wording.

    Raises:
        Invalid: no such kind or language, or no words. BadWording: a part says what letters may not.
    """
    wanted, tongue = read_kind(kind, language)
    words = read_words(subject, opening, closing)
    if not (words.subject or words.opening or words.closing):
        raise NothingWorded("Write a subject, an opening or a closing.", field="opening")
    made = store.add(session, wanted, tongue, words, now=now, actor=actor)
    _note(session, made, "saved", now=now, actor=actor)
    return made


def use(session: Session, template_id: str, *, now: datetime, actor: str) -> Template:
    """Put a version in use, whichever was before; letters written from now on carry it.

    Raises:
        UnknownTemplate: there is none.
    """
    chosen = store.read(session, template_id)
    read_words(chosen.words.subject, chosen.words.opening, chosen.words.closing)  # kept under the rules of its day
    store.retire(session, chosen.kind, chosen.language)
    store.put_in_use(session, template_id)
    _note(session, chosen, "used", now=now, actor=actor)
    return store.read(session, template_id)


def use_built_in(session: Session, kind: str, language: str, *, now: datetime, actor: str) -> None:
    """Go back to the built-in wording; every version is kept.

    Raises:
        NothingInUse: it is in use already.
    """
    wanted, tongue = read_kind(kind, language)
    if not store.retire(session, wanted, tongue):
        raise NothingInUse("The built-in wording is in use already.")
    subject = f"wording:{wanted.value}:{tongue}"
    log.record(session, actor=actor, action="wording.built-in", subject=subject, now=now)


def _note(session: Session, template: Template, did: str, *, now: datetime, actor: str) -> None:
    subject = f"wording:{template.kind.value}:{template.language}"
    log.record(session, actor=actor, action=f"wording.{did}", subject=subject, now=now, version=template.version)
