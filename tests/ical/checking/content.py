"""Octets to content lines, to properties, to components (RFC 5545 §3.1, §3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.ical.checking.report import Report

CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
NAME = re.compile(r"[A-Za-z0-9-]+")
PARAMETER = re.compile(r";([A-Za-z0-9-]+)=")
UNQUOTED = re.compile(r'[^",;:]*')
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Prop:
    """One property; `params` maps upper-case names to their values."""

    name: str
    params: dict[str, list[str]]
    value: str
    line: int
    raw: str

    def param(self, name: str, default: str = "") -> str:
        """Return the first value of a parameter, upper case."""
        return (self.params.get(name) or [default])[0].upper()

    @property
    def value_type(self) -> str:
        """The VALUE of a date property; DATE-TIME when not said."""
        return self.param("VALUE", "DATE-TIME")


@dataclass(slots=True)
class Comp:
    """One component, with its properties and the components inside."""

    name: str
    line: int
    props: list[Prop] = field(default_factory=list)
    subs: list[Comp] = field(default_factory=list)

    def all(self, name: str) -> list[Prop]:
        """Return every property of a name."""
        return [p for p in self.props if p.name == name]

    def one(self, name: str) -> Prop | None:
        """Return the first property of a name."""
        return next((p for p in self.props if p.name == name), None)

    def value(self, name: str) -> str | None:
        """Return the value of the first property of a name."""
        prop = self.one(name)
        return prop.value if prop else None


def parse(data: bytes, report: Report) -> list[Comp]:
    """Return the top-level components of a file."""
    roots: list[Comp] = []
    stack: list[Comp] = []
    for number, text in content_lines(data, report):
        prop = read_property(number, text, report)
        if prop is None:
            continue
        if prop.name == "BEGIN":
            _begin(prop, roots, stack)
        elif prop.name == "END":
            _end(prop, stack, report)
        elif stack:
            stack[-1].props.append(prop)
        else:
            report.error(number, "5545-3.4", f"property {prop.name} outside of VCALENDAR")
    for comp in stack:
        report.error(comp.line, "5545-3.6", f"{comp.name} is not closed")
    return roots


def _begin(prop: Prop, roots: list[Comp], stack: list[Comp]) -> None:
    comp = Comp(prop.value.strip().upper(), prop.line)
    (stack[-1].subs if stack else roots).append(comp)
    stack.append(comp)


def _end(prop: Prop, stack: list[Comp], report: Report) -> None:
    if not stack or stack[-1].name != prop.value.strip().upper():
        opened = stack[-1].name if stack else "anything"
        report.error(prop.line, "5545-3.6", f"END:{prop.value} does not close {opened}")
    if stack:
        stack.pop()


def content_lines(data: bytes, report: Report) -> list[tuple[int, str]]:
    """Return the unfolded lines, each with the number of its first physical line."""
    if data.startswith(BOM):
        report.error(1, "5545-3.1", "file starts with a UTF-8 BOM")
        data = data[len(BOM) :]
    _line_ends(data, report)
    physical = re.split(rb"\r\n|\n", data)
    if physical and physical[-1] == b"":
        physical.pop()
    logical = _unfold(physical, report)
    return [(number, octets.decode("utf-8", "replace")) for number, octets in logical]


def _line_ends(data: bytes, report: Report) -> None:
    crlf = data.count(b"\r\n")
    bare_lf, bare_cr = data.count(b"\n") - crlf, data.count(b"\r") - crlf
    if bare_lf:
        report.error(0, "5545-3.1-crlf", f"{bare_lf} line ends are a bare LF, must be CRLF")
    if bare_cr:
        report.error(0, "5545-3.1-crlf", f"{bare_cr} bare CR bytes")
    if data and not data.endswith(b"\n"):
        report.error(0, "5545-3.1-crlf", "last line has no line end")


def _unfold(physical: list[bytes], report: Report) -> list[tuple[int, bytes]]:
    logical: list[tuple[int, bytes]] = []
    tabs = 0
    for number, line in enumerate(physical, 1):
        _physical_line(number, line, logical[-1][1] if logical else b"", report)
        if line[:1] in (b" ", b"\t"):
            if logical:
                tabs += line[:1] == b"\t"
                logical[-1] = (logical[-1][0], logical[-1][1] + line[1:])
            else:
                report.error(number, "5545-3.1-fold", "folded line at start of file")
        elif line.strip() == b"":
            report.error(number, "5545-3.1-empty", "empty line inside the object")
        else:
            logical.append((number, line))
    if tabs:
        report.warn(0, "fold-tab", f"{tabs} lines folded with TAB (legal, unusual)")
    return logical


def _physical_line(number: int, line: bytes, before: bytes, report: Report) -> None:
    if len(line) > 75:
        report.error(number, "5545-3.1-fold", f"physical line has {len(line)} octets, limit is 75")
    if CONTROL.search(line):
        report.error(number, "5545-3.1-ctl", "control character in line")
    if _is_utf8(line):
        return
    is_folded = line[:1] in (b" ", b"\t") and before
    if is_folded and _is_utf8(before + line[1:]):
        report.warn(
            number,
            "5545-3.1-utf8split",
            "a UTF-8 sequence is split by folding (legal on octets, breaks clients)",
        )
    else:
        report.error(number, "5545-3.1-utf8", "line is not UTF-8, or a UTF-8 sequence is split by folding")


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_property(number: int, text: str, report: Report) -> Prop | None:
    """Return the property of a content line, or None after saying why there is none."""
    match = NAME.match(text)
    if not match:
        report.error(number, "5545-3.1", f"not a content line: {text[:50]!r}")
        return None
    name, position = match[0].upper(), match.end()
    params: dict[str, list[str]] = {}
    while position < len(text) and text[position] == ";":
        found = PARAMETER.match(text, position)
        if not found:
            wrong = text[position : position + 30]
            report.error(number, "5545-3.1-param", f"bad parameter after {name}: {wrong!r}")
            return None
        key = found[1].upper()
        values, position = _parameter_values(number, key, text, found.end(), report)
        if position < 0:
            return None
        _parameter(number, name, key, values, params, report)
    if position >= len(text) or text[position] != ":":
        report.error(number, "5545-3.1", f"{name} has no ':' value separator")
        return None
    return Prop(name, params, text[position + 1 :], number, text)


def _parameter_values(number: int, key: str, text: str, at: int, report: Report) -> tuple[list[str], int]:
    """Return the values of one parameter and where they end; -1 when they cannot be read."""
    values: list[str] = []
    while True:
        value, at = _parameter_value(number, key, text, at, report)
        values.append(value)
        if at < 0 or text[at : at + 1] != ",":
            return values, at
        at += 1


def _parameter_value(number: int, key: str, text: str, at: int, report: Report) -> tuple[str, int]:
    if text[at : at + 1] == '"':
        end = text.find('"', at + 1)
        if end < 0:
            report.error(number, "5545-3.1-param", f"unterminated quote in {key}")
            return "", -1
        return text[at + 1 : end], end + 1
    match = UNQUOTED.match(text, at)
    assert match is not None
    if text[match.end() : match.end() + 1] == '"':
        report.error(number, "5545-3.1-param", f"DQUOTE inside unquoted {key}")
        return "", -1
    return match[0], match.end()


def _parameter(
    number: int, name: str, key: str, values: list[str], params: dict[str, list[str]], report: Report
) -> None:
    for value in values:
        if "^" in re.sub(r"\^[n'^]", "", value):
            report.warn(number, "6868", f"'^' not followed by n ' or ^ in {key}")
        if "\\" in value:
            report.warn(
                number,
                "5545-3.2",
                f"backslash in parameter {key}: parameters have no backslash escapes (RFC 6868 is the way)",
            )
    if key in params:
        report.error(number, "5545-3.2", f"parameter {key} given twice on {name}")
    params[key] = values
