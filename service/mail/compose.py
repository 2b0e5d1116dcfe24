"""From a mailing and a delivery to the letter one person gets.

Everything comes from what was frozen when the letter was queued, so a second sending is the
same, byte for byte. What staff and guests typed is text, never markup and never a header.
A letter's form is compiled once for all whose letters differ only in what is their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr
from typing import Any, TypeVar

from service.ical.lines import mailto
from service.kernel.errors import FarsowError, Invalid
from service.kernel.text import clean_line
from service.kernel.tokens import Keyring
from service.mail import meeting, message, own_wording
from service.mail.addresses import Addresses
from service.mail.answering import answers
from service.mail.dkim import Signer
from service.mail.form import Form, Marks, Own
from service.mail.kinds import BadTemplate, Kinds
from service.mail.message import Field, Mailbox
from service.mail.values import ComposedLetter, Delivery, Envelope, Mailing, ReadyLetter
from service.mail.wording import Reader, isolated, tell

# What one person's letter has for itself: words and links, header bodies, addresses in the calendar file.
_OWN_WORDS = ("greeting", "source", "answer_url", "confirm_url", "holdings_url", "stop_url")
_OWN_NAME = "name"  # in the organisation's own wording
_OWN_FIELDS = ("to", "reply_to", "date", "message_id", "unsubscribe")
_OWN = (*_OWN_WORDS, _OWN_NAME, *_OWN_FIELDS, "organizer", "attendee")
_OWN_SLOTS = {"person": ("name", "greeting", "source"), "invitation": ("id", "token_version")}
_ADDRESS, _TO_READ = "address", "to_read"  # for the envelope, and for people
_SIGN_UP = "sign_up"
_FORMS_A_MAILING = 500
_T = TypeVar("_T")
_MAILINGS = 20


class CannotCompose(Invalid):
    """The frozen values do not make a letter."""

    code = "cannot-compose"


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A form and what its letters have in common beside it."""

    form: Form
    subject: str
    headers: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Forms:
    """The forms of one mailing as it stood, by what its readers share."""

    mailing: Mailing
    made: dict[tuple[str, ...], _Compiled] = field(default_factory=dict)


class Composer:
    """Makes letters of the `kinds` there are.

    `mail_from` is an address, with or without a display name; `intake_address` receives the
    plus-addressed answers and bounces; `postal_address` stands at the foot of each letter. A
    `signer` signs each letter, the same way however often it is sent.
    """

    def __init__(
        self,
        kinds: Kinds,
        *,
        public_url: str,
        keyring: Keyring,
        mail_from: str,
        intake_address: str,
        postal_address: str = "",
        signer: Signer | None = None,
    ) -> None:
        self.kinds = kinds
        self.addresses = Addresses(keyring, public_url, intake_address)
        self._sender = Mailbox(*parseaddr(mail_from))
        message.ascii_address(self._sender.address)
        self._postal_address = clean_line(postal_address)
        self._signer = signer
        self._marks = Marks(_OWN)
        self._forms: dict[str, _Forms] = {}

    def make(self, mailing: Mailing, delivery: Delivery) -> ReadyLetter:
        """Return the letter of one delivery, ready to leave.

        Raises:
            BadAddress: it cannot be written to.
            CannotCompose: the frozen values do not make a letter.
        """
        return _sound(self._make, mailing, delivery)

    def compose(self, mailing: Mailing, delivery: Delivery) -> ComposedLetter:
        """Return the same letter, and what a person reads in it.

        Raises:
            BadAddress: it cannot be written to.
            CannotCompose: the frozen values do not make a letter.
        """
        return _sound(self._compose, mailing, delivery)

    def _make(self, mailing: Mailing, delivery: Delivery) -> ReadyLetter:
        compiled, own = self._parts(mailing, delivery)
        raw = compiled.form.fill(own)
        return ReadyLetter(
            envelope=Envelope(self.addresses.returns(delivery.id), own[_ADDRESS]),
            raw=self._signer.sign(raw, _frozen_date(mailing, delivery)) if self._signer else raw,
            subject=compiled.subject,
            message_id=own["message_id"],
        )

    def _compose(self, mailing: Mailing, delivery: Delivery) -> ComposedLetter:
        ready, (compiled, own) = self._make(mailing, delivery), self._parts(mailing, delivery)
        read = {**own, "to": own[_TO_READ], "unsubscribe": own["unsubscribe"].replace("\r\n", "")}
        said = compiled.form.speak(own)
        return ComposedLetter(
            envelope=ready.envelope,
            raw=ready.raw,
            subject=ready.subject,
            message_id=ready.message_id,
            text=said.text,
            html=said.html,
            ics=said.ics,
            headers=tuple([(name, text % read) for name, text in compiled.headers]),
        )

    def _parts(self, mailing: Mailing, delivery: Delivery) -> tuple[_Compiled, Own]:
        """Return the form of a letter, and what fills it."""
        address = message.ascii_address(delivery.address)
        language = self.kinds.language(mailing.kind, delivery.language)
        person = delivery.slots.get("person") or {}
        to = message.mailbox_field("To", Mailbox(person.get("name") or "", address))
        own = self._own(mailing, delivery, self.kinds.words(language), address)
        own |= {"to": to.value, _TO_READ: to.text, _ADDRESS: address}
        return self._compiled(mailing, delivery, language, own), own

    # What is one person's own

    def _own(self, mailing: Mailing, delivery: Delivery, words: Mapping[str, str], address: str) -> dict[str, str]:
        person, invitation = delivery.slots.get("person") or {}, delivery.slots.get("invitation") or {}
        made, stop_url = self.addresses, self.addresses.stop_url(delivery.id)
        organizer = made.rsvp(invitation["id"]) if invitation else ""
        return {
            "greeting": _greeting(person, words),
            _OWN_NAME: isolated(person.get("name"), delivery.language) if mailing.facts.get("wording") else "",
            "source": words["source"].format(source=clean_line(person["source"])) if person.get("source") else "",
            "answer_url": made.answer_url(invitation["id"], int(invitation["token_version"])) if invitation else "",
            "confirm_url": made.join_url(delivery.id) if mailing.kind == _SIGN_UP else "",
            "holdings_url": made.holdings_url(delivery.recipient_ref),
            "stop_url": stop_url,
            "reply_to": organizer,
            "date": message.date_field(_frozen_date(mailing, delivery)).value,
            "message_id": made.message_id(delivery.id),
            "unsubscribe": _unsubscribe(stop_url, made.stops(delivery.id)) if mailing.list_id else "",
            "organizer": _in_calendar(organizer),
            "attendee": _in_calendar(address),
        }

    # What readers share

    def _compiled(self, mailing: Mailing, delivery: Delivery, language: str, own: Own) -> _Compiled:
        """Return the form of this letter, made when it is the first of its sort."""
        forms = self._forms.get(mailing.id)
        if forms is None or not _says_the_same(forms.mailing, mailing):
            if len(self._forms) >= _MAILINGS:
                self._forms.clear()
            forms = self._forms[mailing.id] = _Forms(mailing)
        forms.mailing = mailing  # the next comparison is one of identity
        key = (
            language,
            delivery.language,
            _common(delivery.slots),
            "".join(["x" if own[name] else "-" for name in _OWN]),
        )
        found = forms.made.get(key)
        if found is None:
            if len(forms.made) >= _FORMS_A_MAILING:
                forms.made.clear()
            found = forms.made[key] = self._compile(mailing, delivery, language, own)
        return found

    def _compile(self, mailing: Mailing, delivery: Delivery, language: str, own: Own) -> _Compiled:
        marks = {name: mark if own[name] else "" for name, mark in self._marks.of.items()}
        words = self.kinds.words(language)
        calendar = meeting.calendar_file(
            mailing.facts, delivery.slots, attendee=marks["attendee"], organizer=marks["organizer"], words=words
        )
        values = self._values(mailing, delivery, language, marks) | {"has_calendar": calendar is not None}
        rendered = self.kinds.render(mailing.kind, language, values)
        if self._marks.is_in(rendered.subject):
            raise BadTemplate("A subject may not speak of one person.")
        is_test = bool(mailing.facts.get("test"))
        subject = words["test_subject"].format(subject=rendered.subject) if is_test else rendered.subject
        fields = self._fields(mailing, subject, language, marks)
        return _Compiled(
            form=Form(
                self._marks,
                fields,
                text=rendered.text,
                html=rendered.html,
                key=mailing.id,
                language=language,
                calendar=calendar,
            ),
            subject=message.safe(subject),
            headers=tuple((field.name, self._marks.template(field.text)) for field in fields),
        )

    def _fields(self, mailing: Mailing, subject: str, language: str, marks: Own) -> list[Field]:
        fields = [
            message.mailbox_field("From", self._from(mailing.facts.get("sender", {}))),
            Field("To", marks["to"]),
            *([Field("Reply-To", marks["reply_to"])] if marks["reply_to"] else []),
            message.text_field("Subject", subject),
            Field("Date", marks["date"]),
            Field("Message-ID", marks["message_id"]),
            Field("Content-Language", language),
            Field("Auto-Submitted", "auto-generated"),
            Field("X-Auto-Response-Suppress", "All"),
        ]
        return [*fields, *self._list_fields(mailing.list_id, marks)] if mailing.list_id else fields

    def _list_fields(self, list_id: str, marks: Own) -> list[Field]:
        """The fields of list mail (RFC 2369, 2919, 8058)."""
        return [
            Field("List-Id", self.addresses.list_id(list_id)),
            Field("List-Unsubscribe", marks["unsubscribe"]),
            Field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            Field("Precedence", "bulk"),
        ]

    def _from(self, sender: Mapping[str, Any]) -> Mailbox:
        names = [clean_line(sender.get(key) or "") for key in ("name", "organisation")]
        return replace(self._sender, name=", ".join(name for name in names if name) or self._sender.name)

    def _values(self, mailing: Mailing, delivery: Delivery, language: str, own: Own) -> dict[str, Any]:
        """Return what the templates may speak of: `kinds.VARIABLES`, but `w` and `has_calendar`."""
        facts, invitation = mailing.facts, delivery.slots.get("invitation") or {}
        asked, words = delivery.slots.get("calendar") or {}, self.kinds.words(language)
        reader = _reader(facts, delivery, language)
        told = tell(facts, reader, words)
        partstat = invitation.get("partstat", "NEEDS-ACTION")
        is_asked_again = partstat == "ACCEPTED" and asked.get("partstat") == "NEEDS-ACTION"
        is_uninvited = asked.get("method") == "CANCEL" and not asked.get("whole_event")
        is_new_time = mailing.kind == "update" and any(item["what"] == "time" for item in facts["changes"])
        values = {
            **told,
            **{name: own[name] for name in _OWN_WORDS},
            "language": language,
            "postal_address": self._postal_address,
            "heading": told["title"] if mailing.facts.get("event") and mailing.kind != "message" else "",
            "partstat": partstat,
            "seat": invitation.get("seat", "none"),
            "online": bool(invitation.get("online")),
            "asked_again": is_asked_again,
            "is_uninvited": is_uninvited,
            "question": words["question_again"] if is_new_time else words["question"],
            "join_url": meeting.join_url(facts, delivery.slots),
            "answers": answers(facts, own["answer_url"], words),
            "materials": self._materials(facts, reader),
        }
        if is_uninvited or (is_asked_again and mailing.kind == "reminder"):
            return values  # what such a letter has to say no other words can know
        return values | own_wording.speak(facts, reader, values, language=language, name=own[_OWN_NAME])

    def _materials(self, facts: Mapping[str, Any], reader: Reader) -> tuple[dict[str, str], ...]:
        """Return what is handed out with the letter: titles and addresses, which name no reader."""
        given = facts.get("materials") or () if reader.may_quote else ()
        spoken, public = reader.language, self.addresses.public
        return tuple({"title": isolated(one["title"], spoken), "url": public(one["path"])} for one in given)


def _sound(make: Callable[[Mailing, Delivery], _T], mailing: Mailing, delivery: Delivery) -> _T:
    try:
        return make(mailing, delivery)
    except FarsowError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, LookupError) as error:
        raise CannotCompose(f"This letter could not be made ({type(error).__name__}: {error}).") from error


def _says_the_same(known: Mailing, mailing: Mailing) -> bool:
    if known is mailing:
        return True
    return (known.kind, known.list_id, known.facts) == (mailing.kind, mailing.list_id, mailing.facts)


def _common(slots: Mapping[str, Any]) -> str:
    """Return all a letter's slots say but what is one person's own, to compare by."""
    rest = dict(slots)
    for part, own in _OWN_SLOTS.items():
        if values := rest.get(part):
            rest[part] = [item for item in values.items() if item[0] not in own]
    return repr(rest)


def _reader(facts: Mapping[str, Any], delivery: Delivery, language: str) -> Reader:
    # Dates follow the full tag (ar-JO names its months otherwise than ar), words only its language.
    spoken = delivery.language if delivery.language.lower().startswith(language) else language
    time_zone = (delivery.slots.get("person") or {}).get("time_zone")
    return Reader(
        spoken,
        time_zone,
        may_name=meeting.may_name(facts, delivery.slots),
        is_discreet=meeting.is_discreet(facts, delivery.slots),
        is_at_risk=bool(delivery.slots.get("discreet")),
        may_join=meeting.may_join(facts, delivery.slots),
    )


def _unsubscribe(https: str, mailto_address: str) -> str:
    """Return the body of List-Unsubscribe: URLs are never encoded or broken."""
    return message.raw_field("List-Unsubscribe", f"<{https}>", f"<mailto:{mailto_address}?subject=unsubscribe>").value


def _in_calendar(address: str) -> str:
    """Return an address as it stands after `mailto:` in a calendar file."""
    return mailto(address).removeprefix("mailto:")


def _frozen_date(mailing: Mailing, delivery: Delivery) -> datetime:
    """The letter's Date: when it was free to leave, the same however often it is sent."""
    return max(delivery.created_at, mailing.send_at or delivery.created_at)


def _greeting(person: Mapping[str, Any], words: Mapping[str, str]) -> str:
    own, name = clean_line(person.get("greeting") or ""), clean_line(person.get("name") or "")
    if own:
        return own if own[-1] in ",،:.!" else own + words["dear"][-1]
    return words["dear"].format(name=name) if name else words["hello"]
