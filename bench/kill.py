"""How many letters are lost by kill -9: `python3 dev.py trust kill [--minutes N] [--seed N]`.

Real senders on a real database hand letters to an SMTP sink in a process of its own, which
has every letter on disk before it says 250; they are killed at random instants and replaced,
until all is done. Then our ledger is compared with the sink's log.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from service.mail.values import Semantics
from tests import databases
from tests.kill.harness import Outcome, Run, soak

LETTERS, KILLS, CONNECTIONS = 400, 8, 8
CASES = list(itertools.product(("sqlite", "postgresql"), Semantics, (1, 3)))


@dataclass
class Sum:
    """What the rounds of one case came to."""

    rounds: int = 0
    letters: int = 0
    kills: int = 0
    lost: int = 0
    copies: int = 0
    unknown: int = 0
    unnamed: int = 0
    most: float = 0.0  # in doubt a kill

    def add(self, outcome: Outcome) -> None:
        """Count one round."""
        self.rounds += 1
        self.letters += LETTERS
        self.kills += outcome.kills
        self.lost += len(outcome.lost)
        self.copies += outcome.copies
        self.unknown += outcome.unknown
        self.unnamed += len(outcome.unnamed) + len(outcome.differing)
        self.most = max(self.most, (outcome.copies + outcome.unknown) / max(outcome.kills, 1))


def one_round(database: str, semantics: Semantics, workers: int, seed: int) -> Outcome:
    """Run one mailing to its end, killing senders on the way."""
    with tempfile.TemporaryDirectory(prefix="farsow-kill-") as folder:
        name = ""
        if database == "sqlite":
            url = databases.sqlite_url(Path(folder))
        else:
            url, name = databases.postgres_url()
        try:
            run = Run(url, Path(folder), semantics, count=LETTERS)
            return soak(run, seed=seed, kills=KILLS, workers=workers, connections=CONNECTIONS)
        finally:
            if name:
                databases.drop_postgres(name)


def main() -> None:
    """Print a line a case; exit 1 when a letter was lost or a copy not named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    until, sums = time.monotonic() + 60 * given.minutes, {case: Sum() for case in CASES}
    for at, case in enumerate(itertools.cycle(CASES)):
        if at >= len(CASES) and time.monotonic() > until:
            break
        sums[case].add(one_round(*case, seed=given.seed + at))
    sys.stdout.write(f"kill -9, {CONNECTIONS} connections a sender, {LETTERS} letters a round\n")
    heads = ("database", "policy", "workers", "rounds", "letters", "kills", "lost", "extra", "unknown", "unnamed")
    sys.stdout.write("  " + "".join(f"{head:<14}" for head in heads) + "in doubt a kill, most\n")
    for (database, semantics, workers), done in sums.items():
        counted = (done.rounds, done.letters, done.kills, done.lost, done.copies, done.unknown, done.unnamed)
        cells = (database, semantics, workers, *counted)
        sys.stdout.write("  " + "".join(f"{cell!s:<14}" for cell in cells) + f"{done.most:.1f}\n")
    sys.exit(any(done.lost or done.unnamed for done in sums.values()))


if __name__ == "__main__":
    main()
