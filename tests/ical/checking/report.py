"""What a check finds, and where it is gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """ERROR: a MUST is broken. WARN: a SHOULD is, or a known client stumbles."""

    ERROR = "ERROR"
    WARN = "WARN"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule. `line` is 0 when no line is at fault; `part` names the part of a mail."""

    level: Level
    line: int
    rule: str
    message: str
    part: str = ""

    def __str__(self) -> str:
        place = f"{self.part}:{self.line}" if self.part else str(self.line)
        return f"{self.level} line {place} [{self.rule}] {self.message}"


@dataclass(slots=True)
class Report:
    """Findings as they come; `interop` asks for the quirks of clients too."""

    interop: bool
    part: str = ""
    findings: list[Finding] = field(default_factory=list)

    def error(self, line: int, rule: str, message: str) -> None:
        """Note a broken MUST."""
        self.findings.append(Finding(Level.ERROR, line, rule, message, self.part))

    def warn(self, line: int, rule: str, message: str) -> None:
        """Note a broken SHOULD, or a quirk of clients."""
        self.findings.append(Finding(Level.WARN, line, rule, message, self.part))

    def quirk(self, line: int, rule: str, message: str) -> None:
        """Note what only `interop` asks for."""
        if self.interop:
            self.warn(line, rule, message)
