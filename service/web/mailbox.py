"""The local mailbox: every letter that would have left, to read as its reader would.

Only where letters stay home. In the demo it is open on this machine; elsewhere staff sign in.
"""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as mail_policy

from fastapi import Request, Response

from service.kernel.errors import NotFound
from service.mail import store
from service.web.deps import House, ReadSession, Visitor
from service.web.guards import SignInNeeded
from service.web.letters import letter_document
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("/mailbox")
NEWEST = 200


def _open(house: House, who: Visitor) -> None:
    if not house.local_mail:
        raise NotFound("Letters leave this installation: there is no local mailbox.")
    if who is None and not house.demo:
        raise SignInNeeded


@router.get("")
@rule(Open.PUBLIC)
def show_list(request: Request, session: ReadSession, house: House, who: Visitor, to: str = "") -> Response:
    """List the newest letters, those to one address if asked."""
    _open(house, who)
    letters = store.read_local_letters(session, to=to or None, limit=NEWEST)
    return page(request, "mailbox/list.html", letters=letters, to=to)


@router.get("/{letter_id}.eml")
@rule(Open.PUBLIC)
def raw(session: ReadSession, house: House, who: Visitor, letter_id: str) -> Response:
    """Give the raw message."""
    _open(house, who)
    headers = {"Content-Disposition": f'attachment; filename="{letter_id}.eml"'}
    return Response(_raw(session, letter_id), media_type="message/rfc822", headers=headers)


@router.get("/{letter_id}")
@rule(Open.PUBLIC)
def show(request: Request, session: ReadSession, house: House, who: Visitor, letter_id: str) -> Response:
    """Show one letter: its header, its text, its calendar file."""
    _open(house, who)
    message = _message(session, letter_id)
    names = ("From", "To", "Subject", "Date")
    fields = [(name, str(message[name])) for name in names if message[name]]
    return page(
        request,
        "mailbox/show.html",
        letter_id=letter_id,
        fields=fields,
        text=_part(message, "text/plain"),
        calendar=_part(message, "text/calendar"),
    )


@router.get("/{letter_id}/html")
@rule(Open.PUBLIC)
def frame(session: ReadSession, house: House, who: Visitor, letter_id: str) -> Response:
    """Give the letter's HTML for the sandboxed frame; its links open in a window of their own."""
    _open(house, who)
    return letter_document(_part(_message(session, letter_id), "text/html"))


def _raw(session: ReadSession, letter_id: str) -> bytes:
    found = store.read_local_letter(session, letter_id)
    if found is None:
        raise NotFound("There is no such letter.")
    return found


def _message(session: ReadSession, letter_id: str) -> EmailMessage:
    return message_from_bytes(_raw(session, letter_id), policy=mail_policy)


def _part(message: EmailMessage, content_type: str) -> str:
    for part in message.walk():
        if part.get_content_type() == content_type:
            content = part.get_payload(decode=True)
            return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return ""
