"""What time deletes by itself, in small steps that may be repeated."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from service.accounts import actions as accounts
from service.db.engine import writing
from service.directory import merging
from service.letters import sign_ups
from service.mail import store as mail_store
from service.privacy import retaining
from service.privacy.retention import YEAR
from service.privacy.store import ageing, forgetting
from service.privacy.store.standing import delete_old_standing

STANDING = timedelta(days=YEAR)  # after the last date of the series, as long as the answers to it


def tidy_up(engine: Engine, *, now: datetime) -> bool:
    """Delete ended sessions, links and kept answers, then what retention says; then empty SQLite's journal.

    Returns whether all is done; False means that there is more, or that a reader keeps the journal: try again soon.
    """
    with writing(engine) as session:
        accounts.sweep(session, now=now)
        ageing.empty_sign_ups(session, before=now - sign_ups.VALID)
        mail_store.forget_routes(session, now=now)
        merging.forget_old(session, now=now)
        delete_old_standing(session, before=now - STANDING)
    is_done = retaining.run(engine, now=now)
    return forgetting.empty_journal(engine) and is_done
