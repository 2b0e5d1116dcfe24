"""What the letter desk needs of the world outside: the mailbox that answers come to."""

from __future__ import annotations

from typing import Protocol

from service.letters.values import Cursor, Look


class Inbox(Protocol):
    """The mailbox of the intake address. It is looked at, never waited for."""

    @property
    def key(self) -> str:
        """Name the mailbox without saying whose it is."""

    def look(self, cursor: Cursor) -> Look | None:
        """Return what lies beyond the cursor; None while it is being fetched, or not yet time to look again."""
