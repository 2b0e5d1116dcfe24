"""From a mailing and a delivery to the letter one person gets.

Everything comes from what was frozen when the letter was queued, so a second sending is the
same, byte for byte. What staff and guests typed is text, never markup and never a header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from service.kernel.errors import FarsowError, Invalid
from service.kernel.text import clean_block, clean_line
from service.kernel.tokens import Keyring
from service.mail import meeting, message, times
from service.mail.addresses import Addresses
from service.mail.kinds import RIGHT_TO_LEFT, Kinds, Rendered
from service.mail.message import Field, Mailbox
from service.mail.values import ComposedLetter, Delivery, Envelope, Mailing

_ANSWERS = {
    "in_person": (("yes", "yes"), ("maybe", "maybe"), ("no", "no")),
    "online": (("yes", "yes_online"), ("maybe", "maybe"), ("no", "no")),
    "hybrid": (("yes_room", "yes"), ("yes_online", "yes_online"), ("maybe", "maybe"), ("no", "no")),
    "email": (("yes", "yes"), ("maybe", "maybe"), ("no", "no")),
}
_LABELS = {"time": "when", "mode": "mode", "place": "where", "title": "title"}
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_MODES = {"in_person": "mode_in_person", "online": "mode_online", "hybrid": "mode_hybrid", "email": "mode_email"}


class CannotCompose(Invalid):
    """The frozen values do not make a letter."""

    code = "cannot-compose"


@dataclass(frozen=True, slots=True)
class Answer:
    """A button: what it says and the page it opens."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What moved, old and new, in the reader's words and zone."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Reader:
    """For whom a letter's facts are told: readers who share these share the words."""

    language: str
    time_zone: str | None
    may_name: bool


class Composer:
    """Makes letters. Templates are compiled and checked when it is made.

    `mail_from` is an address, with or without a display name; `intake_address` receives the
    plus-addressed answers and bounces; `postal_address` stands at the foot of each letter.

    Raises:
        BadTemplate: a template would fail on a letter.
    """

    def __init__(
        self,
        templates_dir: Path,
        *,
        public_url: str,
        keyring: Keyring,
        mail_from: str,
        intake_address: str,
        postal_address: str = "",
    ) -> None:
        self.kinds = Kinds(templates_dir)
        self.addresses = Addresses(keyring, public_url, intake_address)
        self._sender = Mailbox(*parseaddr(mail_from))
        message.ascii_address(self._sender.address)
        self._postal_address = clean_line(postal_address)
        # The facts of a mailing in one reader's words; a mailing's readers share a handful of them.
        self._told: dict[tuple[str, _Reader], tuple[Any, dict[str, Any]]] = {}

    def compose(self, mailing: Mailing, delivery: Delivery) -> ComposedLetter:
        """Return the letter of one delivery.

        Raises:
            BadAddress: it cannot be written to.
            CannotCompose: the frozen values do not make a letter.
        """
        try:
            return self._compose(mailing, delivery)
        except FarsowError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, LookupError) as error:
            raise CannotCompose(f"This letter could not be made ({type(error).__name__}: {error}).") from error

    def _compose(self, mailing: Mailing, delivery: Delivery) -> ComposedLetter:
        language = self.kinds.language(mailing.kind, delivery.language)
        words, slots = self.kinds.words(language), delivery.slots
        address = message.ascii_address(delivery.address)
        calendar = meeting.calendar_file(mailing.facts, slots, address=address, addresses=self.addresses, words=words)
        values = self._values(mailing, delivery, language)
        values["has_calendar"] = calendar is not None
        rendered = self.kinds.render(mailing.kind, language, values)
        fields = self._fields(mailing, delivery, rendered, language)
        raw = message.build(
            fields, text=rendered.text, html=rendered.html, key=delivery.id, language=language, calendar=calendar
        )
        return ComposedLetter(
            envelope=Envelope(self.addresses.returns(delivery.id), address),
            raw=raw,
            subject=message.safe(rendered.subject),
            text=rendered.text,
            html=rendered.html,
            ics=calendar.data if calendar else None,
            message_id=self.addresses.message_id(delivery.id),
            headers=tuple((field.name, field.text) for field in fields),
        )

    # The header

    def _fields(self, mailing: Mailing, delivery: Delivery, rendered: Rendered, language: str) -> list[Field]:
        person = delivery.slots.get("person", {})
        fields = [
            message.mailbox_field("From", self._from(mailing.facts.get("sender", {}))),
            message.mailbox_field("To", Mailbox(person.get("name") or "", delivery.address)),
            message.text_field("Subject", rendered.subject),
            message.date_field(_frozen_date(mailing, delivery)),
            Field("Message-ID", self.addresses.message_id(delivery.id)),
            Field("Content-Language", language),
            Field("Auto-Submitted", "auto-generated"),
            Field("X-Auto-Response-Suppress", "All"),
        ]
        if invitation := delivery.slots.get("invitation"):
            fields.insert(2, Field("Reply-To", self.addresses.rsvp(invitation["id"])))
        return [*fields, *self._list_fields(mailing, delivery)] if mailing.list_id else fields

    def _list_fields(self, mailing: Mailing, delivery: Delivery) -> list[Field]:
        """The fields of list mail (RFC 2369, 2919, 8058)."""
        https, mailto = self.addresses.stop_url(delivery.id), self.addresses.stops(delivery.id)
        return [
            Field("List-Id", self.addresses.list_id(mailing.list_id or "")),
            message.raw_field("List-Unsubscribe", f"<{https}>", f"<mailto:{mailto}?subject=unsubscribe>"),
            Field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            Field("Precedence", "bulk"),
        ]

    def _from(self, sender: Mapping[str, Any]) -> Mailbox:
        names = [clean_line(sender.get(key) or "") for key in ("name", "organisation")]
        return replace(self._sender, name=", ".join(name for name in names if name) or self._sender.name)

    # The words

    def _values(self, mailing: Mailing, delivery: Delivery, language: str) -> dict[str, Any]:
        """Return what the templates may speak of: `kinds.VARIABLES`, but `w`."""
        person, invitation = delivery.slots.get("person", {}), delivery.slots.get("invitation", {})
        asked = delivery.slots.get("calendar") or {}
        told = self._facts(mailing, delivery, language)
        words = self.kinds.words(language)
        partstat = invitation.get("partstat", "NEEDS-ACTION")
        is_asked_again = partstat == "ACCEPTED" and asked.get("partstat") == "NEEDS-ACTION"
        is_new_time = mailing.kind == "update" and any(item["what"] == "time" for item in mailing.facts["changes"])
        return {
            **told,
            "heading": "" if mailing.kind == "message" else told["title"],
            "greeting": _greeting(person, words),
            "partstat": partstat,
            "seat": invitation.get("seat", "none"),
            "online": bool(invitation.get("online")),
            "asked_again": is_asked_again,
            "is_uninvited": asked.get("method") == "CANCEL" and not asked.get("whole_event"),
            "question": words["question_again"] if is_new_time else words["question"],
            "join_url": meeting.join_url(mailing.facts, delivery.slots),
            "source": words["source"].format(source=clean_line(person["source"])) if person.get("source") else "",
            "holdings_url": self.addresses.holdings_url(delivery.recipient_ref),
            "stop_url": self.addresses.stop_url(delivery.id),
            **self._answers(mailing.facts, invitation, words),
        }

    def _answers(
        self, facts: Mapping[str, Any], invitation: Mapping[str, Any], words: Mapping[str, str]
    ) -> dict[str, Any]:
        event = facts.get("event")
        if not event or not invitation:
            return {"answer_url": "", "answers": ()}
        url = self.addresses.answer_url(invitation["id"], int(invitation["token_version"]))
        fitting = _ANSWERS[event["mode"]]
        return {"answer_url": url, "answers": tuple(Answer(words[word], f"{url}?a={a}") for word, a in fitting)}

    def _facts(self, mailing: Mailing, delivery: Delivery, language: str) -> dict[str, Any]:
        """Return the mailing's facts in the reader's words, kept for the next such reader."""
        time_zone = delivery.slots.get("person", {}).get("time_zone")
        # Dates follow the full tag (ar-JO names its months otherwise than ar), words only its language.
        spoken = delivery.language if delivery.language.lower().startswith(language) else language
        reader = _Reader(spoken, time_zone, meeting.may_name(mailing.facts, delivery.slots))
        kept = self._told.get((mailing.id, reader))
        if kept and kept[0] is mailing.facts:
            return kept[1]
        if len(self._told) > 500:
            self._told.clear()
        told = self._tell(mailing.facts, reader, self.kinds.words(language)) | {
            "language": language,
            "postal_address": self._postal_address,
        }
        self._told[mailing.id, reader] = (mailing.facts, told)
        return told

    def _tell(self, facts: Mapping[str, Any], reader: _Reader, words: Mapping[str, str]) -> dict[str, Any]:
        event, sender = facts.get("event"), facts.get("sender", {})
        title = _isolated(event["title"], reader) if event and reader.may_name else ""
        subject_title = "" if facts.get("discreet") else title
        return {
            "title": title,
            "subject_title": subject_title,
            "organisation": _isolated(sender.get("organisation"), reader),
            "sender_name": _isolated(sender.get("name"), reader),
            "project": "" if facts.get("discreet") else _isolated(sender.get("project"), reader),
            "note": clean_block(facts.get("note") or ""),
            "body": clean_block(facts.get("body") or ""),
            "staff_subject": clean_line(facts.get("subject") or ""),
            "cancel_reason": clean_block(facts.get("cancel_reason") or ""),
            "changes": tuple(_changes(facts, reader, words)),
            **_when_and_where(event, reader, words),
        }


def _frozen_date(mailing: Mailing, delivery: Delivery) -> datetime:
    """The letter's Date: when it was free to leave, the same however often it is sent."""
    return max(delivery.created_at, mailing.send_at or delivery.created_at)


def _greeting(person: Mapping[str, Any], words: Mapping[str, str]) -> str:
    own, name = clean_line(person.get("greeting") or ""), clean_line(person.get("name") or "")
    if own:
        return own if own[-1] in ",،:.!" else own + words["dear"][-1]
    return words["dear"].format(name=name) if name else words["hello"]


def _when_and_where(event: Mapping[str, Any] | None, reader: _Reader, words: Mapping[str, str]) -> dict[str, Any]:
    if not event:
        return {"facts": (), "day": "", "short_day": "", "preview": "", "reply_by": ""}
    span, phrases, venue = _span(event), _phrases(reader, words), event["time_zone"]
    clocks = times.clocks(span, venue, reader.time_zone, phrases)
    day = times.reader_day(span, venue, reader.time_zone)
    place = _where(event, reader, words) if reader.may_name else ""
    return {
        "facts": (*clocks, times.Row(words["where"], place)) if place else clocks,
        "day": times.long_day(day, reader.language),
        "short_day": times.short_day(day, reader.language),
        "preview": times.line(span, venue, reader.time_zone, phrases),
        "reply_by": _reply_by(event, reader),
    }


def _reply_by(event: Mapping[str, Any], reader: _Reader) -> str:
    if not event.get("reply_by"):
        return ""
    at = datetime.fromisoformat(event["reply_by"])
    day = times.reader_day(times.Span(at, at), event["time_zone"], reader.time_zone)
    return times.long_day(day, reader.language)


def _changes(facts: Mapping[str, Any], reader: _Reader, words: Mapping[str, str]) -> list[Changed]:
    """Return what moved; a discreet event tells strangers only of its time and form."""
    told = []
    for item in facts.get("changes") or ():
        what = item["what"]
        if what in ("place", "title") and not reader.may_name:
            continue
        before, after = (_tell_of(what, item[side], reader, words) for side in ("before", "after"))
        if before != after:
            told.append(Changed(words[_LABELS[what]], before, after))
    return told


def _tell_of(what: str, event: Mapping[str, Any], reader: _Reader, words: Mapping[str, str]) -> str:
    """Return one side of a change in words."""
    if what == "time":
        return times.line(_span(event), event["time_zone"], reader.time_zone, _phrases(reader, words))
    if what == "mode":
        return words[_MODES[event["mode"]]]
    return _where(event, reader, words) if what == "place" else _isolated(event["title"], reader)


def _where(event: Mapping[str, Any], reader: _Reader, words: Mapping[str, str]) -> str:
    place = _isolated(event.get("place"), reader)
    if event["mode"] == "hybrid":
        return words["or_online"].format(place=place) if place else words["mode_hybrid"]
    return {"online": words["online"], "email": words["by_email"]}.get(event["mode"], place)


def _isolated(raw: str | None, reader: _Reader) -> str:
    """Return one line, set apart where it runs the other way than the words around it (UAX #9, isolates)."""
    text = clean_line(raw or "")
    runs_other_way = _LATIN if reader.language[:2] in RIGHT_TO_LEFT else _RIGHT_TO_LEFT
    return f"\u2068{text}\u2069" if runs_other_way.search(text) else text


def _span(event: Mapping[str, Any]) -> times.Span:
    return times.Span(datetime.fromisoformat(event["starts_at"]), datetime.fromisoformat(event["ends_at"]))


def _phrases(reader: _Reader, words: Mapping[str, str]) -> times.Phrases:
    return times.Phrases(reader.language, words["in_zone"], words["span"], words["same_day"])
