"""A strict checker of calendar files and of the mails that carry them. Standard library only.

    python -m tests.calendar_check [--interop] [--require-calendar] [--json] FILE…

ERROR is a broken MUST of RFC 5545, 5546, 6047 or 7986; WARN a broken SHOULD or, with --interop, a known
quirk of clients. The exit status is 1 when an ERROR was found. Rules live in `tests.ical.checking`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

from tests.ical.checking.message import check_message
from tests.ical.checking.report import Finding, Level, Report
from tests.ical.checking.vcalendar import check_file

__all__ = ["Finding", "Level", "check"]

MAIL_HEADER = re.compile(
    rb"^(from|to|subject|mime-version|content-type|received|return-path|date):", re.IGNORECASE | re.MULTILINE
)


def check(data: bytes, *, interop: bool = True, require_calendar: bool = False) -> list[Finding]:
    """Return what is wrong with a calendar file, or with a mail and every calendar part in it."""
    report = Report(interop)
    if not _is_calendar(data) and MAIL_HEADER.search(data[:4000]):
        check_message(data, report, require_calendar=require_calendar)
    else:
        check_file(data, report)
    return report.findings


def _is_calendar(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper().startswith(b"BEGIN:VCALENDAR")


def main(arguments: list[str]) -> int:
    """Check the files named on the command line."""
    options = _parser().parse_args(arguments)
    wishes = {"interop": options.interop, "require_calendar": options.require_calendar}
    found = {name: check(Path(name).read_bytes(), **wishes) for name in options.files}
    if options.json:
        print(json.dumps({name: [asdict(f) for f in findings] for name, findings in found.items()}, indent=1))
    else:
        for name, findings in found.items():
            _print(name, findings)
    return int(any(f.level is Level.ERROR for findings in found.values() for f in findings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.calendar_check", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--interop", action="store_true", help="also warn of known quirks of clients")
    parser.add_argument("--require-calendar", action="store_true", help="a mail needs a calendar part")
    parser.add_argument("--json", action="store_true", help="write the findings as JSON")
    return parser


def _print(name: str, findings: list[Finding]) -> None:
    errors = sum(f.level is Level.ERROR for f in findings)
    print(f"{name}: {errors} errors, {len(findings) - errors} warnings")
    for finding in findings:
        print(f"  {finding}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
