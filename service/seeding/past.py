"""Play one event of the seeds through the real actions, with a `now` of its own day.

Who answers what is decided by a stable number made from address and event: the same at every load.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from service.events import actions as event_actions
from service.events.values import Event, EventDraft, Project
from service.ical.values import PartStat
from service.invitations import actions as invitation_actions
from service.invitations import store as invitations
from service.invitations.values import Answer, Invitation, LetterState, Source
from service.letters import actions as letters
from service.letters import changes
from service.letters import store as letter_store
from service.letters.store import planned_letters
from service.letters.values import Desk
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import DeliveryState, SuppressionReason
from service.people import store as people_store
from service.seeding.reading import stable_number
from service.seeding.values import Folder

ACTOR = "system"
INVITED_DAYS_BEFORE = 28


@dataclass(frozen=True, slots=True)
class Scene:
    """One event and what plays around it."""

    event: Event
    seeds: Folder
    desk: Desk


def play(
    session: Session,
    wanted: dict[str, Any],
    seeds: Folder,
    project: Project,
    series_id: str,
    *,
    desk: Desk,
    d0: date,
    now: datetime,
) -> None:
    """Make an event and bring it to the state the file wants; never later than `now`."""
    draft = _draft(wanted, project, series_id, d0)
    made_at = min(now, _noon(d0))
    event = event_actions.create_event(
        session, draft, slug=wanted["slug"], uid_domain=desk.domain, now=made_at, actor=ACTOR
    )
    if wanted["state"] == "draft":
        return
    invited_at = min(event.starts_at - timedelta(days=INVITED_DAYS_BEFORE), now - timedelta(days=3))
    changes.announce_event(session, event.id, desk=desk, now=invited_at - timedelta(days=1), actor=ACTOR)
    if wanted["state"] == "announced":
        return
    scene = Scene(event, seeds, desk)
    _invite(session, scene, wanted["invite"], at=invited_at)
    _answers(session, scene, after=invited_at, now=now)
    if wanted["state"] in ("closed", "over"):
        planned_letters.hold_all(session, event.id)
    if wanted["state"] == "closed":
        _attendance(session, scene)
        event_actions.close_event(session, event.id, now=event.ends_at + timedelta(hours=1), actor=ACTOR)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _draft(wanted: dict[str, Any], project: Project, series_id: str, d0: date) -> EventDraft:
    day = d0 + timedelta(days=wanted["day"])
    return EventDraft(
        project_id=project.id,
        kind=wanted["kind"],
        title=wanted["title"],
        starts_at=f"{day:%Y-%m-%d}T{wanted['time']}",
        time_zone=wanted.get("zone", project.time_zone),
        duration_minutes=wanted.get("minutes"),
        mode=wanted.get("mode"),
        privacy=wanted.get("privacy"),
        place=wanted.get("place", ""),
        online_url=wanted.get("online_url", ""),
        capacity=wanted.get("capacity"),
        language=wanted.get("language", "en"),
        series_id=series_id if wanted.get("series") else None,
        topics=tuple(wanted.get("topics", ())),
    )


def _invite(session: Session, scene: Scene, whom: dict[str, Any], *, at: datetime) -> None:
    """Invite a list, or some of a list or of an audience, and record the letters as sent."""
    event_id, desk = scene.event.id, scene.desk
    if whom.get("list") and whom.get("every") == 1:
        list_id = people_store.find_list(session, whom["list"]).id
        done = letters.invite_list(session, event_id, list_id, desk=desk, now=at, actor=ACTOR)
    else:
        chosen = _every(session, whom)
        done = letters.invite_people(session, event_id, chosen, desk=desk, now=at, actor=ACTOR)
    if done.mailing_id:
        _record_sent(session, scene, done.mailing_id, at=at)


def _every(session: Session, whom: dict[str, Any]) -> list[str]:
    """Return every n-th in order of addresses: from the `first`, so many (`count`)."""
    list_id = people_store.find_list(session, whom["list"]).id if whom.get("list") else None
    audience = next((a.id for a in people_store.read_audiences(session) if a.rank == whom.get("rank")), None)
    found = people_store.read_people(session, list_id=list_id, audience_id=audience, limit=1000).items
    ordered = sorted(found, key=lambda p: p.email)
    chosen = ordered[whom.get("first", 0) :: whom.get("every", 1)]
    return [p.id for p in chosen[: whom.get("count")]]


def _record_sent(session: Session, scene: Scene, mailing_id: str, *, at: datetime) -> None:
    """Note a mailing of the past as delivered, a few letters as come back; nothing is put in the mailbox."""
    mail.approve(session, mailing_id, undo_seconds=0, now=at, actor=ACTOR)
    lines = mail.read_deliveries(session, mailing_id)
    back = [x for x in lines if stable_number(x.address, "bounced") < scene.seeds.history["bounced"]]
    gone = {x.id for x in back}
    sent = [x for x in lines if x.id not in gone]
    mail_store.set_states(session, [x.id for x in sent], DeliveryState.SENT, finished_at=at, smtp_code=250)
    text = "5.1.1 no such address"
    mail_store.set_states(session, list(gone), DeliveryState.BOUNCED, finished_at=at, smtp_code=550, smtp_text=text)
    mail_store.finish(session, [mailing_id], now=at)
    results = [(x.recipient_ref, DeliveryState.SENT) for x in sent]
    letters.note_deliveries(session, results + [(x.recipient_ref, DeliveryState.BOUNCED) for x in back])
    for line in sent:
        if stable_number(line.address, "unsubscribed") < scene.seeds.history["unsubscribed"]:
            key = scene.desk.address_key
            reason = SuppressionReason.UNSUBSCRIBED
            mail.suppress(session, line.address, "all", reason, address_key=key, now=at, actor=ACTOR)


def _answers(session: Session, scene: Scene, *, after: datetime, now: datetime) -> None:
    """Take the answers that the file's shares give, in the days after the letter."""
    people = letter_store.read_recipients(session, [i.id for i in _invited(session, scene)])
    for invitation in _invited(session, scene):
        address = people[invitation.id].address
        answer = _answer(scene, address)
        if answer is None or invitation.letter is not LetterState.SENT:
            continue
        at = after + timedelta(hours=3 + stable_number(address, scene.event.slug, "hour"))
        actor = f"guest:{invitation.id}"
        invitation_actions.reply(session, invitation.id, answer, now=min(at, now), actor=actor)


def _invited(session: Session, scene: Scene) -> list[Invitation]:
    return invitations.read_of_event(session, scene.event.id)


def _answer(scene: Scene, address: str) -> Answer | None:
    number, shares = stable_number(address, scene.event.slug), scene.seeds.history
    source = (Source.LINK, Source.LINK, Source.LINK, Source.MAIL, Source.PHONE)[stable_number(address, "way") % 5]
    for name, partstat, online in (
        ("yes_room", PartStat.ACCEPTED, False),
        ("yes_online", PartStat.ACCEPTED, True),
        ("maybe", PartStat.TENTATIVE, None),
        ("no", PartStat.DECLINED, None),
    ):
        if number < shares[name]:
            return Answer(partstat, source, online=online)
        number -= shares[name]
    return None


def _attendance(session: Session, scene: Scene) -> None:
    at = scene.event.starts_at + timedelta(minutes=30)
    people = letter_store.read_recipients(session, [i.id for i in _invited(session, scene)])
    for invitation in _invited(session, scene):
        status = _attended(scene, people[invitation.id].address, invitation)
        if status:
            invitation_actions.record_attendance(session, invitation.id, status, now=at, actor=ACTOR)


def _attended(scene: Scene, address: str, invitation: Invitation) -> str:
    number, shares = stable_number(address, scene.event.slug, "there"), scene.seeds.history
    if invitation.partstat is PartStat.ACCEPTED:
        if number < shares["present"]:
            return "present"
        return "excused" if number < shares["present"] + shares["excused"] else "absent"
    return "present" if number < shares["walk_in"] and invitation.partstat is PartStat.NEEDS_ACTION else ""
