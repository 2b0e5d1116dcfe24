"""The command line, `farsow`. Exit codes: 0 done, 1 refused with a reason, 2 usage."""

from __future__ import annotations

import sys

from service.cli.commands import app
from service.kernel.errors import FarsowError


def main() -> None:
    """Run the command line; an expected refusal is one sentence on stderr and exit code 1."""
    try:
        app()
    except FarsowError as refused:
        print(refused.sentence, file=sys.stderr)
        raise SystemExit(1) from None
