"""What time deletes by itself, in small steps that may be repeated: the beginning of retention.

Rows of imports and mail kept for the manager hold names and addresses: they go after 30 days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from service.accounts import actions as accounts
from service.db.engine import writing
from service.privacy import store

KEPT_FOR = timedelta(days=30)


def tidy_up(engine: Engine, *, now: datetime) -> bool:
    """Delete ended sessions, links and kept answers, old import rows and old mail; then SQLite's journal.

    Returns whether the journal was emptied; False means that a reader keeps it: try again soon.
    """
    with writing(engine) as session:
        accounts.sweep(session, now=now)
        store.drop_old_imports(session, before=now - KEPT_FOR)
        store.empty_old_mail(session, before=now - KEPT_FOR)
    return store.empty_journal(engine)
