"""What a person asks to have corrected on their own page: it waits with the mail that came in, for staff to do."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

from sqlmodel import Session

from service.kernel.errors import TooMany
from service.kernel.text import clean_block
from service.letters.store import intakes

VERDICT = REASON = "correction"
LONGEST = 2_000  # characters
A_DAY = 5
SUBJECT = "Please correct what you hold on me"


class TooManyCorrections(TooMany):
    """So much waits already that someone should read it first."""

    code = "too-many-corrections"

    def __init__(self) -> None:
        super().__init__("You have told us a lot today. A person reads it first; try again tomorrow.")


def ask(session: Session, person_id: str, *, email: str, wish: str, now: datetime) -> bool:
    """Keep a wish as a message from the person's address; tell whether there was one. Twice is as once.

    Raises:
        TooManyCorrections: they asked often today.
    """
    text, context = clean_block(wish)[:LONGEST].strip(), f"person:{person_id}"
    if not text:
        return False
    raw = _message(email, text)
    sha256 = hashlib.sha256(raw).hexdigest()
    if intakes.find(session, sha256, since=timedelta(days=30), now=now):
        return True
    if intakes.count(session, context, since=now - timedelta(days=1)) >= A_DAY:
        raise TooManyCorrections
    intakes.add(session, at=now, sha256=sha256, verdict=VERDICT, applied=False, reason=REASON, context=context, raw=raw)
    return True


def _message(email: str, text: str) -> bytes:
    message = EmailMessage(policy=SMTP.clone(utf8=True))
    message["From"], message["Subject"] = email, SUBJECT
    message.set_content(text, cte="8bit")
    return message.as_bytes()
