"""A letter handed over now, outside the delivery ledger: for the link that signs staff in.

It is worth nothing after a few minutes and can be asked for again, so it is tried once and kept
nowhere: a secret in it must not lie in the database.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.mail.ports import Transport
from service.mail.values import Fate, Outcome, Outgoing, ReadyLetter, Result

_ONLY = "once"
_ELSEWHERE = (Fate.UNREACHABLE, Fate.BARRED)


class _NoLedger:
    """Lets the letter leave, and remembers what came of it."""

    def __init__(self) -> None:
        self.outcome = Outcome(Fate.UNREACHABLE)

    def commit(self, results: Sequence[Result], leaving: Sequence[str] = ()) -> frozenset[str]:
        """Note the result; whoever asks may leave."""
        for result in results:
            self.outcome = result.outcome
        return frozenset(leaving)

    def keep(self, letters: Sequence[Outgoing]) -> None:
        """Refuse: the local mailbox would store the secret."""
        raise NotImplementedError("a letter outside the ledger is never kept")


def send_at_once(transport: Transport, letter: ReadyLetter, relays: Sequence[str] = ("",)) -> Outcome:
    """Try a letter once, through the first relay that lets us in; return what came of it. Closes the transport."""
    ledger = _NoLedger()
    try:
        for relay in relays:
            transport.send([Outgoing(_ONLY, _ONLY, letter, relay)], ledger)
            if ledger.outcome.fate not in _ELSEWHERE:
                break
    finally:
        transport.close()
    return ledger.outcome
