"""What a person wrote, read out of a mail that came in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.mail.written import LONGEST, Written, read_written

HTML = (
    b"Subject: News\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n"
    b"<style>p{color:red}</style><p>Caf\xe9 &amp; <b>more</b></p><script>alert(1)</script><img src=x onerror=1>\r\n"
)
BOTH = (
    b"Subject: Both\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        pytest.param(b"Subject: Hello\r\n\r\nHello\r\nthere\r\n", Written("Hello", "Hello\nthere"), id="plain"),
        pytest.param(HTML, Written("News", "Café & more"), id="html without tags, style and script"),
        pytest.param(BOTH, Written("Both", "plain"), id="plain before html"),
        pytest.param(b"Subject: =?x-nope?q?a?=\r\n\r\n", Written("=?x-nope?q?a?=", ""), id="unknown charset"),
        pytest.param(b"", Written("", ""), id="nothing"),
    ],
)
def test_subject_and_text(raw, written):
    assert read_written(raw) == written


def test_a_long_letter_is_cut():
    assert len(read_written(b"Subject: x\r\n\r\n" + b"word " * 100_000).text) <= LONGEST


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_a_crash(raw):
    read_written(b"Subject: =?utf-8?b?" + raw + b"\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + raw)


@pytest.mark.parametrize("charset", ["punycode", "zlib", "idna", "x-none", "unicode_escape"])
def test_letters_of_no_known_sort_are_read_as_utf_8(charset: str):
    raw = f"From: a@example.org\r\nContent-Type: text/plain; charset={charset}\r\n\r\nnaïve\r\n".encode()

    assert read_written(raw).text == "naïve"


def test_a_mail_of_parts_within_parts_without_end_is_read_at_its_head():
    inner = b"Content-Type: text/plain\r\n\r\nx"
    for n in range(3_000):
        inner = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n%b\r\n--%d--' % (n, n, inner, n)

    assert read_written(b"Subject: Hello\r\n" + inner).subject == "Hello"
