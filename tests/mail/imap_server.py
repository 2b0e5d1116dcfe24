"""A small IMAP server on loopback that says what a test wants: an honest mailbox, or one of its misdeeds."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

GREETING = b"* OK [CAPABILITY IMAP4rev1] ready\r\n"


@dataclass
class Box:
    """A mailbox: messages by UID, and how the server misbehaves at which command."""

    messages: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    misdeed: tuple[str, str] = ("", "")  # command, what: hang drop garbage huge no
    commands: list[str] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    port: int = 0

    @property
    def url(self) -> str:
        """The FARSOW_INTAKE_URL of this mailbox."""
        return f"imap://rsvp%40example.org:secret@127.0.0.1:{self.port}/INBOX?starttls=never"


@contextmanager
def serving(box: Box) -> Iterator[Box]:
    """Serve a mailbox until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        box.port = listener.getsockname()[1]
        threading.Thread(target=_accept, args=(listener, box), daemon=True).start()
        try:
            yield box
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # or one more would be let in


def _accept(listener: socket.socket, box: Box) -> None:
    while True:
        try:
            line, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(line, box), daemon=True).start()


def _converse(line: socket.socket, box: Box) -> None:
    with line, line.makefile("rb") as heard:
        try:
            if _misbehaves(line, box, "GREETING"):
                return
            line.sendall(GREETING)
            for request in heard:
                tag, _, said = request.decode().strip().partition(" ")
                box.commands.append(said)
                if _misbehaves(line, box, said):
                    return
                line.sendall(_answer(box, said) + f"{tag} OK done\r\n".encode())
                if said.startswith("LOGOUT"):
                    return
        except (OSError, _No) as no:
            if isinstance(no, _No):
                line.sendall(f"{tag} NO never\r\n".encode())


class _No(Exception):
    pass


def _misbehaves(line: socket.socket, box: Box, said: str) -> bool:
    command, what = box.misdeed
    if not command or command not in said:
        return False
    if what == "hang":
        time.sleep(5)
    elif what == "drip":
        for _second in range(100):
            line.sendall(b"*")
            time.sleep(0.05)
    elif what == "garbage":
        line.sendall(b"\xff\xfe * 1 FETCH ((((\r\n" * 3 + b"\x00" * 2_000 + b"\r\n")
    elif what == "huge":
        line.sendall(b"* 1 FETCH (UID 1 BODY[]<0> {9999999999}\r\n" + b"x" * 1_000)
    elif what == "no":
        raise _No
    return True


def _answer(box: Box, said: str) -> bytes:
    if said.startswith(("SELECT", "EXAMINE")):
        return b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] kept\r\n" % (len(box.messages), box.validity)
    if found := re.match(r"UID SEARCH UID (\d+):\*", said):
        uids = [uid for uid in box.messages if uid >= int(found[1])] or list(box.messages)[-1:]
        return f"* SEARCH {' '.join(map(str, uids))}\r\n".encode()
    if found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", said):
        raw = box.messages.get(int(found[1]), b"")[: int(found[2])]
        return b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n%s)\r\n" % (found[1].encode(), len(raw), raw)
    if found := re.match(r"UID STORE 1:(\d+) ", said):
        box.deleted |= {uid for uid in box.messages if uid <= int(found[1])}
    if said.startswith("EXPUNGE"):
        box.messages = {uid: raw for uid, raw in box.messages.items() if uid not in box.deleted}
    return b"* CAPABILITY IMAP4rev1\r\n" if said.startswith("CAPABILITY") else b""
