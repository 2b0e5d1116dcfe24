"""The local mailbox: letters stay home, to be read in the viewer."""

from __future__ import annotations

from collections.abc import Sequence

from service.mail.ports import Ledger
from service.mail.values import Outgoing


class MailboxTransport:
    """Puts letters into the database. Letter and result are one transaction: exactly once, nothing unknown."""

    def send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
        """Keep all letters at once."""
        ledger.keep(letters)

    def close(self) -> None:
        """Nothing is held open."""
