"""A plain letter of one part, for what belongs in no mailing: the link that signs staff in."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr

from service.mail import message
from service.mail.message import Field, Mailbox
from service.mail.values import Envelope, ReadyLetter


def plain_letter(
    *, mail_from: str, to: str, subject: str, text: str, message_id: str, language: str, now: datetime
) -> ReadyLetter:
    """Return a text letter; `mail_from` may carry a display name, `message_id` stands in angle brackets.

    Raises:
        BadAddress: one of the addresses cannot stand in an envelope.
    """
    sender, address = Mailbox(*parseaddr(mail_from)), message.ascii_address(to)
    fields = [
        message.mailbox_field("From", sender),
        message.mailbox_field("To", Mailbox("", address)),
        message.text_field("Subject", subject),
        message.date_field(now),
        Field("Message-ID", message_id),
        Field("Auto-Submitted", "auto-generated"),
        Field("X-Auto-Response-Suppress", "All"),
        Field("MIME-Version", "1.0"),
    ]
    head = message.lawful(message.header(fields), len(fields))
    return ReadyLetter(
        envelope=Envelope(message.ascii_address(sender.address), address),
        raw=head + message.part_head("plain", language) + message.quoted_printable(text.rstrip("\n")),
        subject=subject,
        message_id=message_id,
    )
