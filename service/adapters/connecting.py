"""A connection to a relay that stands: greeted, encrypted and signed in as the relay is set.

aiosmtplib does this; the letters' conversation is ours (`wire`, `conversation`).
"""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected

from service.adapters.conversation import Timeouts, said, words
from service.adapters.relays import Relay
from service.adapters.wire import OutOfStep, Wire
from service.kernel.text import clean_line
from service.mail.values import Fate, Outcome

TROUBLE = (SMTPException, OSError)


async def connect(relay: Relay, hello: str, timeouts: Timeouts, tls: ssl.SSLContext | None) -> Wire:
    """Return a connection that is ready for a letter.

    Raises:
        SMTPException, OSError: there is none; `no_connection` says what that means.
    """
    client = SMTP(
        hostname=relay.host,
        port=relay.port,
        username=relay.username,
        password=relay.password,
        use_tls=relay.tls == "implicit",
        start_tls=relay.tls == "starttls",
        tls_context=tls,
        local_hostname=hello,
        timeout=timeouts.connect,
    )
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        return _taken_over(client)
    except BaseException:
        client.close()
        raise


def _taken_over(client: SMTP) -> Wire:
    if client.transport is None or client.protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    if client.protocol._buffer:  # words that the library was left with, and would forget
        raise OutOfStep("out of step")
    size = client.esmtp_extensions.get("size", "")
    most = int(size) if size.isascii() and size.isdigit() else 0  # RFC 1870: 0 is no limit
    offers_pipelining = client.supports_extension("pipelining")
    return Wire(cast(asyncio.Transport, client.transport), pipelines=offers_pipelining, most=most)


def no_connection(error: Exception) -> Outcome:
    """Return what it means that no connection came about: the relay is away, or does not let us in."""
    if isinstance(error, SMTPResponseException):
        is_final = 500 <= error.code < 600
        return Outcome(Fate.BARRED if is_final else Fate.UNREACHABLE, error.code, said(error.message))
    is_refusal = isinstance(error, SMTPException) and not isinstance(error, OSError)
    if is_refusal or isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Outcome(Fate.BARRED, None, clean_line(str(error)))
    return Outcome(Fate.UNREACHABLE, None, words(error))
