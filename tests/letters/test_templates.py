"""An organisation's own wording: versions, what letters freeze of it, and trials before it is used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from service.accounts.values import Role, Staff
from service.audit import log
from service.ical.values import PartStat
from service.invitations import store as invitations
from service.kernel.errors import Invalid
from service.letters import actions, templates, trials
from service.letters import store as letter_store
from service.letters.store.templates import UnknownTemplate
from service.letters.templates import NothingInUse, NothingWorded
from service.letters.trials import NoProject, TooManyTests
from service.letters.values import WORDED, WRITTEN_IN, Kind, Template, TemplateState
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.own_wording import BadWording
from service.mail.values import Mailing
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people, add_project
from tests.mail.cast import an_id, composer

RUTH = Staff(an_id(9), "ruth@example.org", "Ruth Ellery", Role.MANAGER, "Europe/London", "en", False)
OPENING = "Dear {{ name }}, do come to {{ event.title }}."


def save(session: Session, opening: str = OPENING, kind: str = "invitation", language: str = "en") -> Template:
    return templates.save(
        session, kind, language, subject="Ours: {{ event.title }}", opening=opening, closing="", now=NOW, actor=STAFF
    )


def states(session: Session) -> list[tuple[int, str]]:
    return [(one.version, one.state.value) for one in templates.read_versions(session, Kind.INVITATION, "en")]


def invited(session: Session, slug: str, **person: object) -> Mailing:
    event = add_event(session)
    list_id = add_list(session, add_people(session, 1, prefix=slug, language="en", **person), key=slug)
    done = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
    return mail.read_mailing(session, done.mailing_id or "")


def opening_of(session: Session, mailing: Mailing) -> str:
    (line,) = mail.read_deliveries(session, mailing.id)
    letter = composer().compose(mailing, mail.read_delivery(session, line.id))
    return letter.text.split("\n\n")[1]


def test_what_can_be_worded_is_written_in_every_language() -> None:
    kinds = composer().kinds

    assert {kind: [kinds.language(kind, tag) for tag in WRITTEN_IN] for kind in WORDED} == {
        kind: list(WRITTEN_IN) for kind in WORDED
    }


def test_every_save_is_a_version_and_one_is_in_use(session: Session) -> None:
    first, second = save(session), save(session, "Second")
    assert states(session) == [(2, "draft"), (1, "draft")]

    templates.use(session, first.id, now=NOW, actor=STAFF)
    assert states(session) == [(2, "draft"), (1, "in_use")]
    used = templates.use(session, second.id, now=NOW, actor=STAFF)
    assert (states(session), used.state) == ([(2, "in_use"), (1, "retired")], TemplateState.IN_USE)

    templates.use(session, first.id, now=NOW, actor=STAFF)
    assert states(session) == [(2, "retired"), (1, "in_use")]
    templates.use_built_in(session, "invitation", "en", now=NOW, actor=STAFF)
    assert states(session) == [(2, "retired"), (1, "retired")]
    with pytest.raises(NothingInUse):
        templates.use_built_in(session, "invitation", "en", now=NOW, actor=STAFF)


def test_database_knows_one_in_use(session: Session) -> None:
    save(session)
    save(session)

    with pytest.raises(Exception, match=r"(?i)unique"):
        session.execute(text("UPDATE letter_template SET state = 'in_use'"))
    session.rollback()


def test_acts_are_noted_without_words(session: Session) -> None:
    made = save(session)
    templates.use(session, made.id, now=NOW + timedelta(seconds=1), actor=STAFF)

    trail = log.trail(session, "wording:invitation:en")

    assert [(act["action"], act["details"]) for act in trail] == [
        ("wording.used", {"version": 1}),
        ("wording.saved", {"version": 1}),
    ]


def test_what_cannot_be_kept_is_refused_and_nothing_is_stored(session: Session) -> None:
    for kind, language, opening, error in (
        ("newsletter", "en", "x", Invalid),
        ("party", "en", "x", Invalid),
        ("invitation", "de", "x", Invalid),
        ("invitation", "en", "{{ token }}", BadWording),
    ):
        with pytest.raises(error):
            save(session, opening, kind, language)
    with pytest.raises(NothingWorded):
        templates.save(session, "reminder", "en", subject=" ", opening="\n", closing="", now=NOW, actor=STAFF)
    with pytest.raises(UnknownTemplate):
        templates.use(session, "nope", now=NOW, actor=STAFF)

    assert templates.read_all(session) == []


def test_letters_keep_the_words_they_were_written_with(session: Session) -> None:
    before = invited(session, "before")
    templates.use(session, save(session).id, now=NOW, actor=STAFF)
    during = invited(session, "during")
    templates.use(session, save(session, "Other words.").id, now=NOW, actor=STAFF)
    after = invited(session, "after")
    templates.use_built_in(session, "invitation", "en", now=NOW, actor=STAFF)
    last = invited(session, "last")

    said = [opening_of(session, mailing) for mailing in (before, during, after, last)]

    assert "invites you to" in said[0]
    assert (said[1].startswith("Dear "), "do come to" in said[1]) == (True, True)
    assert said[2] == "Other words."
    assert "invites you to" in said[3]


def test_at_risk_guest_reads_the_built_in_discreet_letter(session: Session) -> None:
    built_in = opening_of(session, invited(session, "first", at_risk=True))
    templates.use(session, save(session).id, now=NOW, actor=STAFF)

    assert opening_of(session, invited(session, "second", at_risk=True)) == built_in


# Trials


@pytest.mark.parametrize("kind", WORDED)
@pytest.mark.parametrize("language", WRITTEN_IN)
def test_every_kind_bears_the_worst_data(session: Session, kind: Kind, language: str) -> None:
    add_project(session)
    words = "{{ name }} {{ event.title }} {{ event.when }}{% if event.place %} at {{ event.place }}{% endif %}"
    made = templates.save(
        session, kind, language, subject="{{ event.title }}", opening=words, closing=words, now=NOW, actor=STAFF
    )

    letter = trials.compose(made, kind, trials.at_worst(session, language, kind, now=NOW), composer=composer(), now=NOW)

    assert letter.subject
    assert "<script" not in letter.html
    assert "<b>Wrongs" not in letter.html
    assert " at " not in letter.text.split("\n\n")[1][-8:]


def test_trial_with_a_guest_speaks_of_them_and_answers_for_nobody(session: Session) -> None:
    event = add_event(session)
    (person_id,) = add_people(session, 1, prefix="mia", name="Mia Guest", language="en")
    list_id = add_list(session, [person_id])
    actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
    made = save(session)

    trial = trials.for_guest(session, event, person_id, Kind.INVITATION, "en", now=NOW, actor=STAFF)
    letter = trials.compose(made, Kind.INVITATION, trial, composer=composer(), now=NOW)

    invitation = invitations.find(session, event.id, person_id)
    assert invitation is not None
    real = composer().addresses.answer_url(invitation.id, invitation.token_version)
    assert f"Dear Mia Guest, do come to {event.title}." in letter.text
    assert (real in letter.text, real in letter.html, invitation.partstat) == (False, False, PartStat.NEEDS_ACTION)


def test_test_letter_goes_to_the_sender_alone_and_says_so(session: Session) -> None:
    with pytest.raises(NoProject):
        trials.send_test(session, save(session), RUTH, desk=DESK, now=NOW, actor=STAFF)
    add_project(session)
    mailing_id = trials.send_test(session, save(session), RUTH, desk=DESK, now=NOW, actor=STAFF)

    mailing = mail.read_mailing(session, mailing_id)
    (line,) = mail.read_deliveries(session, mailing_id)
    letter = composer().compose(mailing, mail.read_delivery(session, line.id))

    assert (mailing.send_at, mailing.state.value, letter.envelope.rcpt_to) == (NOW, "approved", "ruth@example.org")
    assert (letter.subject, letter.ics) == ("Test: Ours: An example event", None)
    assert "Dear Ruth Ellery, do come to An example event." in letter.text


def test_tests_have_an_hourly_limit(session: Session) -> None:
    add_project(session)
    made = save(session)
    for _ in range(trials.TESTS_AN_HOUR):
        trials.send_test(session, made, RUTH, desk=DESK, now=NOW, actor=STAFF)

    with pytest.raises(TooManyTests):
        trials.send_test(session, made, RUTH, desk=DESK, now=NOW, actor=STAFF)

    later = NOW + timedelta(hours=2)
    assert letter_store.count_tests(session, STAFF, since=NOW) == trials.TESTS_AN_HOUR
    assert trials.send_test(session, made, RUTH, desk=DESK, now=later, actor=STAFF)
    assert mail_store.read_mailings_by_id(session, []) == {}
