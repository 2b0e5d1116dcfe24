"""What mail needs of the world outside: something that carries letters out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from service.mail.values import Outgoing, Result


class Ledger(Protocol):
    """Where a transport asks before the point of no return, and says what happened."""

    def commit(self, results: Sequence[Result], leaving: Sequence[str] = ()) -> frozenset[str]:
        """Write results, mark the deliveries about to leave, and return those of them that may.

        Durable on return. Call it with nothing from time to time: it keeps the leases alive.
        """

    def keep(self, letters: Sequence[Outgoing]) -> None:
        """Put letters into the local mailbox and write their results, in one transaction."""


class Resolver(Protocol):
    """Asks the DNS."""

    def texts(self, name: str) -> list[str] | None:
        """Return the TXT records of a name, each in one piece; none when there are none, None without an answer."""


class Transport(Protocol):
    """Carries letters out."""

    def send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
        """Try each letter once and commit one result for each.

        A letter's final dot is sent only after `ledger.commit` has let it leave.
        """

    def close(self) -> None:
        """End kept connections."""
