"""What the DNS must hold for letters to be believed, and what is said when it does not."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.adapters.dns import SystemResolver
from service.cli.commands import app
from service.mail import domain
from service.mail.dkim import Signer, make_pem, read_key

KEY = read_key("r1", make_pem("ed25519"))
SETUP = domain.Setup("example.org", "example.org", ("relay.example.net",), Signer("example.org", [KEY]), is_https=True)
GOOD = {
    "example.org": ["v=spf1 include:relay.example.net ~all", "unrelated=1"],
    "r1._domainkey.example.org": [KEY.record.replace("p=", "p= ")],
    "_dmarc.example.org": ["v=DMARC1; p=reject"],
}


class Book:
    """A DNS that is a dict; a name with None gives no answer."""

    def __init__(self, texts: dict[str, list[str] | None]) -> None:
        self._texts = texts

    def texts(self, name: str) -> list[str] | None:
        return self._texts.get(name, [])


def test_records_to_publish():
    made = [(record.what, record.name, record.value) for record in domain.records(SETUP)]

    assert made == [
        ("SPF", "example.org", "v=spf1 a:relay.example.net ~all"),
        ("DKIM", "r1._domainkey.example.org", KEY.record),
        ("DMARC", "_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:postmaster@example.org"),
    ]


def test_good_dns_is_not_complained_of():
    assert domain.missing(SETUP, Book(GOOD)) == []
    assert domain.advice(SETUP) == []


def test_what_we_say_to_publish_is_what_we_look_for():
    published = {record.name: [record.value] for record in domain.records(SETUP)}

    assert domain.missing(SETUP, Book(published)) == []


@pytest.mark.parametrize(
    ("name", "texts", "sentence"),
    [
        ("example.org", [], "example.org has no SPF record."),
        ("example.org", None, "The DNS gave no answer about example.org."),
        ("example.org", ["v=spf1 -all"] * 2, "example.org has 2 SPF records; receivers then believe none."),
        (
            "example.org",
            ["v=spf1 a +all"],
            "The SPF record of example.org does not end in ~all or -all: it stops nobody.",
        ),
        ("r1._domainkey.example.org", [], "r1._domainkey.example.org has no DKIM record."),
        (
            "r1._domainkey.example.org",
            ["v=DKIM1; k=ed25519; p=AAAA"],
            "r1._domainkey.example.org holds another key than the one that signs: letters fail DKIM.",
        ),
        ("_dmarc.example.org", ["v=DKIM1"], "_dmarc.example.org has no DMARC record."),
    ],
)
def test_each_fault_is_a_sentence(name: str, texts: list[str] | None, sentence: str):
    assert domain.missing(SETUP, Book(GOOD | {name: texts})) == [sentence]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"signer": None}, "not signed"),
        ({"signer": Signer("example.net", [KEY])}, "DMARC counts no signature of another domain"),
        ({"returns": "example.net"}, "SPF will not count for DMARC"),
        ({"is_https": False}, "One-click unsubscribe needs"),
    ],
)
def test_setup_that_cannot_work_is_told_without_the_dns(changes: dict[str, object], word: str):
    (said,) = domain.advice(replace(SETUP, **changes))  # type: ignore[arg-type]

    assert word in said


@pytest.mark.parametrize(
    ("one", "other", "is_aligned"),
    [
        ("example.org", "example.org", True),
        ("events.example.org", "example.org", True),
        ("example.org", "events.example.org", True),
        ("badexample.org", "example.org", False),
    ],
)
def test_domains_are_aligned_when_one_lies_within_the_other(one: str, other: str, is_aligned: bool):
    assert domain.is_aligned(one, other) is is_aligned


# The resolver


def answer_with(query: bytes, code: int, texts: list[list[bytes]]) -> bytes:
    """Answer a question with TXT records, each in pieces."""
    question = query[12:]
    head = query[:2] + struct.pack("!5H", 0x8180 | code, 1, len(texts), 0, 0)
    records = b""
    for pieces in texts:
        data = b"".join(bytes((len(piece),)) + piece for piece in pieces)
        records += b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(data)) + data
    return head + question + records


class NameServer:
    """Answers one question after another from a script of bytes or of (code, texts)."""

    def __init__(self, script: list[bytes | tuple[int, list[list[bytes]]]]) -> None:
        self.script, self.asked = script, b""
        self.socket = socket.create_server(("127.0.0.1", 0))

    def serve(self) -> None:
        for wish in self.script:
            line, _ = self.socket.accept()
            with closing(line):
                self.asked = line.recv(600)[2:]
                answer = wish if isinstance(wish, bytes) else answer_with(self.asked, *wish)
                line.sendall(struct.pack("!H", len(answer)) + answer)


@pytest.fixture
def name_server(request: pytest.FixtureRequest) -> Iterator[NameServer]:
    server = NameServer(request.param)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server
    thread.join(5)
    server.socket.close()


@pytest.mark.parametrize(
    ("name_server", "texts"),
    [
        ([(0, [[b"v=spf1 ", b"-all"], [b"other"]])], ["v=spf1 -all", "other"]),
        ([(0, [])], []),
        ([(3, [])], []),
        ([(2, [])], None),
        ([b"\0\0"], None),
        ([b"\0\0" + b"\xc0\x0c" * 200], None),
    ],
    indirect=["name_server"],
    ids=["two records", "none", "no such name", "server failure", "too short", "garbage"],
)
def test_resolver_reads_txt_records(name_server: NameServer, texts: list[str] | None):
    address = name_server.socket.getsockname()

    assert SystemResolver(address, seconds=2).texts("r1._domainkey.bücher.example") == texts
    assert b"\x02r1\x0a_domainkey\x0dxn--bcher-kva\x07example\0\0\x10\0\x01" in name_server.asked


def test_resolver_without_a_server_gives_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()

    assert SystemResolver(address, seconds=1).texts("example.org") is None


# The commands


def test_key_is_written_for_us_alone_and_signs(tmp_path: Path):
    file = tmp_path / "r1.pem"

    first = CliRunner().invoke(app, ["keys", "dkim", "r1", "-o", str(file), "--kind", "ed25519"])
    again = CliRunner().invoke(app, ["keys", "dkim", "r1", "-o", str(file)])

    key = read_key("r1", file.read_bytes())
    assert first.exit_code == 0
    assert key.record in first.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert again.exception is not None
    assert read_key("r1", file.read_bytes()).record == key.record


def test_doctor_shows_what_to_publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "r1.pem"
    file.write_bytes(make_pem("ed25519"))
    given = {
        "FARSOW_DATA_DIR": str(tmp_path),
        "FARSOW_PUBLIC_URL": "https://events.example.org",
        "FARSOW_SECRET_KEY": "0123456789abcdef" * 2,
        "FARSOW_MAIL_URL": "smtp://relay.example.net",
        "FARSOW_MAIL_FROM": "Halden Trust <events@example.org>",
        "FARSOW_INTAKE_ADDRESS": "rsvp@example.org",
        "FARSOW_DKIM_KEYS": f"r1:{file}",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(app, ["migrate"]).exit_code == 0

    told = CliRunner().invoke(app, ["doctor"])

    assert told.exit_code == 0
    assert told.output.startswith("Everything is in order.\n\nWhat the DNS must hold:\n")
    for words in ("v=spf1 a:relay.example.net ~all", "r1._domainkey.example.org", "_dmarc.example.org", "PTR"):
        assert words in told.output
