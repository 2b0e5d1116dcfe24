"""Values of privacy: whose data it is about, what was erased, and what stays with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Subject:
    """Someone by all we know of them: addresses as keys and as written, names, and the rows that are theirs."""

    keys: tuple[str, ...]
    addresses: tuple[str, ...]
    names: tuple[str, ...] = ()
    person_ids: tuple[str, ...] = ()
    invitation_ids: tuple[str, ...] = ()

    @property
    def refs(self) -> tuple[str, ...]:
        """What mail calls its recipient: invitations and people."""
        return (*self.invitation_ids, *self.person_ids)

    @property
    def marks(self) -> tuple[str, ...]:
        """The texts that give them away wherever they stand, in lower case."""
        # A name of one word may be anyone's, or part of another word.
        names = (name.lower() for name in self.names if " " in name)
        written = (*self.keys, *(address.lower() for address in self.addresses), *names)
        return tuple(dict.fromkeys(mark for mark in (*written, *self.refs) if mark))


@dataclass(frozen=True, slots=True)
class Certificate:
    """Proof of an erasure. It names nobody: `removed` counts rows by what they were.

    `is_pending`: the database's journal still holds the bytes until it is emptied (SQLite).
    `is_remembered`: the keyed hash of the address is kept, so that it is not written to again.
    `unsearched`: so many files of evidence are marked as naming people, and may name this one.
    """

    id: str
    at: datetime
    removed: Mapping[str, int]
    addresses: int
    is_pending: bool
    is_remembered: bool = True
    unsearched: int = 0

    def facts(self) -> dict[str, Any]:
        """Return the certificate for programs."""
        return {
            "certificate": self.id,
            "at": self.at.isoformat(),
            "removed": dict(self.removed),
            "addresses": self.addresses,
            "pending": self.is_pending,
            "remembered": self.is_remembered,
            "unsearched_files": self.unsearched,
        }

    def sentence(self) -> str:
        """Return the certificate in words."""
        what = ", ".join(f"{count} {name}" for name, count in self.removed.items() if count)
        done = f"Erased: {what}." if what else "Nothing was held on this address."
        after = "It will not be written to again." if self.is_remembered else "Not even the address's hash is kept."
        look = f" Files marked as naming people, to be looked at: {self.unsearched}." if self.unsearched else ""
        return f"{done} {after} Certificate {self.id}.{look}"


@dataclass(frozen=True, slots=True)
class Unsearched:
    """Files of evidence of a project that are marked as naming people: whom they name, only a reader can tell."""

    project_id: str
    project: str
    files: int


@dataclass(frozen=True, slots=True)
class DueEvent:
    """An event whose invitations or sheets are still held, with what its periods run from."""

    id: str
    title: str
    kind: str
    state: str
    ends_at: datetime
    changed_at: datetime
    time_zone: str
    promised_on: date | None
    is_sample: bool  # of the sample project, whose past is always years old
    invitations: int
    comments: int
    sheets: int = 0  # files beside it that name people


@dataclass(frozen=True, slots=True)
class Deletion:
    """A sealed certificate of what time, a promise or a wish deleted. It names nobody."""

    id: str
    number: int
    rule: str
    event_id: str | None
    event_title: str
    opened_at: datetime
    sealed_at: datetime
    counts: Mapping[str, int]
    ids_sha256: str
    previous_sha256: str
    sha256: str

    def facts(self) -> dict[str, Any]:
        """Return the certificate for programs."""
        return {
            "id": self.id,
            "number": self.number,
            "rule": self.rule,
            "event_id": self.event_id,
            "event_title": self.event_title,
            "opened_at": self.opened_at.isoformat(),
            "sealed_at": self.sealed_at.isoformat(),
            "counts": dict(self.counts),
            "ids_sha256": self.ids_sha256,
            "previous_sha256": self.previous_sha256,
            "sha256": self.sha256,
        }

    def sentence(self) -> str:
        """Return the certificate on one line."""
        what = ", ".join(f"{count} {name}" for name, count in self.counts.items() if count) or "nothing was held"
        return f"{self.number}  {self.sealed_at:%Y-%m-%d %H:%M} UTC  {self.rule}: {what}  {self.sha256[:16]}"


# What may stay after an erasure, by table or by column, each with its reason. Every other column of
# text, JSON or bytes is deleted or emptied for the person; a test walks the schema.
KEPT: Mapping[str, str] = {
    "api_key": "names of programs",
    "asset": "what we publish, and who of staff added it",
    "asset_hit_daily": "numbers by material, channel and day",
    "asset_hour": "keyed hashes of who asked for a material; gone with their secret when the hour is over",
    "asset_version": "what we published before, and who of staff replaced it",
    "audience": "groups, no persons",
    "audit_entry": "opaque ids and kinds only; ages out after 24 months",
    "deletion_certificate": "counts and hashes of what was deleted",
    "event": "what staff say to everyone",
    "event_change": "what staff changed of an event",
    "event_quota": "numbers of places by audience",
    "event_task": "what staff are to do for an event, out of checklists that come with the program",
    "external_figure": "numbers that others count of works and sites",
    "external_source": "works and sites that others count, and who of staff named them",
    "follow_up": "whether staff said yes to what follows an event, and how its survey is kept",
    "import_chunk": "which rows were carried out when",
    "import_batch": "how a file was read; its rows are deleted",
    "import_shape": "a hash of headings and the fields chosen, no persons",
    "indicator_target": "figures",
    "intake_mailbox": "how far a mailbox was read; it is known by a hash",
    "invitation_tally": "numbers of deleted invitations by event, audience and region",
    "letter_template": "what staff wrote for everyone; its slots are filled in deliveries",
    "local_event": "which events are one action",
    "mailing": "what staff wrote to everyone; slots of one person lie in deliveries",
    "mailing_list": "lists, no persons",
    "bulk_edit": "what was changed of many at once, not of whom",
    "manual_figure": "numbers given by hand and where one can see them, no persons",
    "organisation": "organisations, no persons",
    "organisation_name": "other names of organisations",
    "output": "publications",
    "place_tally": "organisations and countries that came to an event, of people not at risk",
    "plan_line": "the plan",
    "plan_version": "the plan as it was approved",
    "planned_letter": "kinds of letters of an event, and what staff say in them to everyone",
    "project_logo": "the organisation's mark, and who of staff put it there",
    "progress_marker": "what audiences are hoped to do, of groups and not of persons",
    "project": "the project",
    "relay_rate": "when the next letter to a mail domain is due; gone within the hour",
    "relay_rest": "for how long a relay is left alone for a mail domain; gone within the hour",
    "report_share": "hashes of addresses, and who of staff made them",
    "retention_promise": "a date",
    "retention_rule": "a number of days",
    "series": "titles of series",
    "shipment": "copies",
    "sign_in_link": "of staff",
    "snapshot.id": "opaque",
    "snapshot.project_id": "the project",
    "snapshot.profile": "one of three",
    "snapshot.state": "one of four",
    "snapshot.body": "aggregates, small cells protected; words that name someone go, or mark it once it is issued",
    "snapshot.sha256": "a hash",
    "snapshot.created_by": "a member of staff",
    "snapshot.written_by": "a member of staff",
    "snapshot.before_id": "opaque",
    "snapshot.reviewed_by": "a member of staff",
    "snapshot.issued_by": "a member of staff",
    "snapshot.superseded_by": "opaque",
    "snapshot.forgotten_in": "parts of a report",
    "snapshot_quote": "ids of quotes, which lead nowhere once the quote is gone",
    "staff_feed": "a hash; it goes with a new address or a press",
    "staff": "people who work here; accounts are closed by a manager",
    "staff_session": "of staff",
    "suppression": "the keyed hash that keeps the promise not to write again",
    "campaign_message.id": "opaque",
    "campaign_message.project_id": "the project",
    "campaign_message.thread": "opaque",
    "campaign_message.audience_key": "a group",
    "campaign_message.topic": "one of eight",
    "campaign_message.countries": "states",
    "campaign_message.writers": "members of staff",
    "campaign_message.signed_by": "a member of staff",
    "lesson.id": "opaque",
    "lesson.project_id": "the project",
    "lesson.event_id": "an event",
    "lesson.chapter_key": "a chapter",
    "lesson.topic": "one of eight",
    "lesson.setting": "one of two",
    "lesson.campaigns": "campaigns",
    "lobby_meeting.id": "opaque",
    "lobby_meeting.project_id": "the project",
    "lobby_meeting.country": "a state",
    "lobby_meeting.organisation_id": "an institution",
    "small_grant.id": "opaque",
    "small_grant.project_id": "the project",
    "small_grant.organisation_id": "an organisation",
    "small_grant.state": "one of five",
    "small_grant.currency": "three letters",
    "stance.id": "opaque",
    "stance.project_id": "the project",
    "stance.country": "a state",
    "stance.organisation_id": "an institution",
    "stance.position": "one of four",
    "case_study.id": "opaque",
    "case_study.project_id": "the project",
    "case_study.campaign": "a campaign",
    "case_study.chapter_key": "a chapter",
    "case_study.status": "one of three",
    "evidence_file.id": "opaque",
    "evidence_file.project_id": "the project",
    "evidence_file.kind": "one of eight",
    "evidence_file.record_id": "opaque",
    "evidence_file.ending": "a kind of file",
    "evidence_file.sha256": "a hash of the file",
    "evidence_file.content": "sealed, so nobody can be looked for in it; staff are told which files may name people",
    "evidence_file.added_by": "a member of staff",
    "event_cost.id": "opaque",
    "event_cost.event_id": "an event",
    "event_cost.currency": "three letters",
    "event_cost.booked_by": "a member of staff",
    "event_notes.id": "opaque",
    "event_notes.event_id": "an event",
    "outcome.id": "opaque",
    "outcome.project_id": "the project",
    "outcome.state": "a kind",
    "outcome.kind": "a kind",
    "outcome.audience_key": "a group",
    "outcome.source": "an id",
    "result_record.id": "opaque",
    "result_record.project_id": "the project",
    "result_record.kind": "a kind",
    "result_record.type": "a kind",
    "result_record.country": "a state",
    "result_record.language": "a language",
    "result_record.extent": "one of four",
    "result_record.audience_key": "a group",
    "result_record.output_key": "a publication",
    "result_record.basis": "one of three",
    "result_record.added_by": "a member of staff",
    "delivery.id": "opaque",
    "delivery.mailing_id": "opaque",
    "delivery.recipient_ref": "an id that leads nowhere any more",
    "delivery.first_id": "opaque",
    "delivery.address_hash": "kept only while a letter is on its way, so that it is stopped",
    "delivery.language": "one of few",
    "delivery.state": "the count of letters sent stays true",
    "delivery.lease_owner": "the worker",
    "intake_message.id": "opaque",
    "intake_message.sha256": "a hash of the message",
    "intake_message.verdict": "a kind",
    "intake_message.reason": "a kind",
    "intake_message.settled": "a kind",
    "intake_message.settled_by": "a member of staff",
}
