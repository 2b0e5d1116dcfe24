"""The API of an organisation's own wording of letters."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from service.accounts.values import Permission
from service.kernel.errors import Forbidden
from service.letters import templates, trials
from service.letters.values import Template
from service.mail import actions as mail
from service.web.api.events import own_event
from service.web.api.mailings import MailingOut, PreviewOut, mailing_out
from service.web.deps import House, Now, Principal, ReadSession, WriteSession
from service.web.desk import Desk
from service.web.letter_templates import staff_of
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/templates", tag="templates")


class Worded(ApiModel):
    """A kind of letter in a language."""

    kind: str
    language: str


class TemplateIn(Worded):
    """Words to keep as a new version: text with `{{ name }}`, `{{ event.title }}` and so on; an empty part is ours."""

    subject: str = Field(default="", max_length=2_000)
    opening: str = Field(default="", max_length=20_000)
    closing: str = Field(default="", max_length=20_000)


class TemplateOut(Worded):
    """A version of a wording: `state` is draft, in_use or retired."""

    id: str
    version: int
    subject: str
    opening: str
    closing: str
    state: str
    made_at: datetime


def template_out(one: Template) -> TemplateOut:
    """Return a version as the API shows it."""
    about = {"id": one.id, "kind": one.kind, "language": one.language, "version": one.version}
    words = {"subject": one.words.subject, "opening": one.words.opening, "closing": one.words.closing}
    return TemplateOut(**about, **words, state=one.state, made_at=one.made_at)


@router.get("")
@rule(Permission.READ)
def read_templates(session: ReadSession) -> Page[TemplateOut]:
    """Return every version of every wording."""
    return Page(items=[template_out(one) for one in templates.read_all(session)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def save_template(session: WriteSession, who: Principal, now: Now, body: TemplateIn) -> TemplateOut:
    """Keep words as a new version, a draft; what letters may not say is refused with its line and the reason."""
    _for_all(who)
    return template_out(templates.save(session, **body.model_dump(), now=now, actor=who.actor))


@router.post("/built-in")
@rule(Permission.EDIT)
def use_built_in(session: WriteSession, who: Principal, now: Now, body: Worded) -> Page[TemplateOut]:
    """Go back to the built-in wording; return the versions, which are all kept."""
    _for_all(who)
    templates.use_built_in(session, body.kind, body.language, now=now, actor=who.actor)
    kind, language = templates.read_kind(body.kind, body.language)
    return Page(items=[template_out(one) for one in templates.read_versions(session, kind, language)])


@router.post("/{template_id}/use")
@rule(Permission.EDIT)
def use_template(session: WriteSession, who: Principal, now: Now, template_id: str) -> TemplateOut:
    """Put a version in use; letters written from now on carry it."""
    _for_all(who)
    return template_out(templates.use(session, template_id, now=now, actor=who.actor))


@router.get("/{template_id}/preview")
@rule(Permission.READ)
def preview_template(
    session: ReadSession,
    who: Principal,
    now: Now,
    house: House,
    template_id: str,
    event_id: str = "",
    person_id: str = "",
) -> PreviewOut:
    """Return the letter as one guest of an event would get it, or with the worst data when none is named."""
    one = templates.read(session, template_id)
    event = own_event(session, who, event_id) if event_id else None
    trial = trials.choose(session, one.kind, one.language, event, person_id, now=now, actor=who.actor)
    letter = trials.compose(one, one.kind, trial, composer=house.composer, now=now)
    words = {"subject": letter.subject, "text": letter.text, "html": letter.html}
    return PreviewOut(**words, headers=dict(letter.headers), ics=letter.ics.decode() if letter.ics else None)


@router.post("/{template_id}/test", status_code=201)
@rule(Permission.SEND)
def send_test(session: WriteSession, who: Principal, now: Now, desk: Desk, template_id: str) -> MailingOut:
    """Send a version to the signed-in member of staff alone, marked as a test."""
    one, staff = templates.read(session, template_id), staff_of(session, who)
    mailing_id = trials.send_test(session, one, staff, desk=desk, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, mailing_id))


def _for_all(who: Principal) -> None:
    if who.project_id is not None:
        raise Forbidden("A key of one project cannot word the letters of all.")
