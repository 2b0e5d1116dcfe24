"""Rows of an import whose mail domain passes for another one get a note that asks for a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlmodel import Session

from service.people.lookalikes import Trick, by_skeleton, suspicion
from service.people.store import import_rows
from service.people.store import suspicions as domains
from service.people.values import Draft, Note, Reason

MOST_DOMAINS, MOST_ROWS = 500, 10_000  # more than anyone looks at; a hostile file may have a million


def count_domains(drafts: Iterable[Draft]) -> Counter[str]:
    """Return how many addresses each domain has, as the addresses are shown."""
    emails = (draft.fields["email"] for draft in drafts if "email_key" in draft.fields)
    return Counter(email.rpartition("@")[2] for email in emails)


def note_suspicions(session: Session, import_id: str, counts: Mapping[str, int]) -> None:
    """Note the rows with a domain that passes for another one of the file or of the people held already.

    `counts`: the domains of the file, by `count_domains`.
    """
    held = domains.count_held_domains(session)
    known = by_skeleton(held | {host: held.get(host, 0) * 1_000 + n for host, n in counts.items()})
    notes: dict[str, Note] = {}
    for host in sorted(counts):
        if (found := suspicion(host, known)) and host not in held and len(notes) < MOST_DOMAINS:
            by_look = found.trick is Trick.LIKE_KNOWN
            notes[host] = (Reason.LIKE_KNOWN, found.of) if by_look else (Reason.MIXED_LETTERS, host)
    if notes:
        rows = domains.read_rows_of(session, import_id, notes, limit=MOST_ROWS)
        import_rows.write_rulings(
            session,
            import_id,
            [replace(r, notes=(*r.notes, notes[r.fields["email"].rpartition("@")[2]])) for r in rows],
        )
