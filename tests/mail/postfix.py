"""A real Postfix on loopback for tests: one instance in a folder, its next hop, and a mailbox of what came back.

It needs root, as Postfix does. FARSOW_TEST_REQUIRE=postfix forbids a skip.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.databases import require_or_skip

PATIENCE = 30.0
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = relay.example.net
mydestination =
mynetworks = 127.0.0.0/8
maillog_file = /dev/stdout
transport_maps = regexp:{folder}/transport
virtual_mailbox_maps = regexp:{folder}/mailboxes
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_recipient_restrictions = check_recipient_access regexp:{folder}/recipients, permit_mynetworks, reject
smtpd_tls_security_level = none
smtp_tls_security_level = none
smtp_dns_support_level = disabled
smtp_address_preference = ipv4
lmtp_host_lookup = native
smtp_host_lookup = native
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
TRANSPORT = "/^rsvp\\+/ virtual:\n/./ smtp:[127.0.0.1]:{hop}\n"
RECIPIENTS = "/^refused/ 550 5.1.1 no such mailbox\n/^busy/ 451 4.3.0 come back later\n"


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running instance: where it listens, and its folder."""

    port: int
    folder: Path

    def wait_for_mail(self, count: int) -> list[bytes]:
        """Return what came to the mailbox, when there is enough of it, or what there is when patience ends."""
        new = self.folder / "mail" / "intake" / "new"
        wait_until(lambda: new.exists() and len(list(new.iterdir())) >= count)
        return [one.read_bytes() for one in sorted(new.iterdir())] if new.exists() else []

    def waiting(self) -> int:
        """Return how many messages it keeps to try again."""
        listed = _run("postqueue", "-c", str(self.folder / "etc"), "-j").stdout
        return sum(1 for line in listed.splitlines() if '"deferred"' in line)

    def try_again(self) -> None:
        """Let it try all of them now."""
        _run("postqueue", "-c", str(self.folder / "etc"), "-f")


@contextmanager
def running(folder: Path, *, hop: int) -> Iterator[Postfix]:
    """Run Postfix in a folder; all mail goes to the SMTP server on port `hop`, what comes back to a mailbox."""
    if shutil.which("postfix") is None:
        require_or_skip("postfix", "no postfix here")
    if os.geteuid() != 0:
        require_or_skip("postfix", "Postfix needs root")
    port = _free_port()
    _write(folder, port=port, hop=hop)
    configuration = str(folder / "etc")
    _run("postfix", "-c", configuration, "start")
    try:
        assert wait_until(lambda: _listens(port)), "Postfix does not listen"
        yield Postfix(port, folder)
    finally:
        _run("postfix", "-c", configuration, "stop")


def _write(folder: Path, *, port: int, hop: int) -> None:
    owner = pwd.getpwnam("postfix")
    for name in ("etc", "queue", "data", "mail"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    for name in ("data", "mail"):
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    names = {"folder": folder, "uid": owner.pw_uid, "gid": owner.pw_gid, "port": port, "hop": hop}
    (folder / "etc" / "main.cf").write_text(MAIN.format(**names))
    (folder / "etc" / "master.cf").write_text(MASTER.format(**names))
    (folder / "transport").write_text(TRANSPORT.format(**names))
    (folder / "mailboxes").write_text("/^rsvp\\+/ intake/\n")
    (folder / "recipients").write_text(RECIPIENTS)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(is_so: Callable[[], bool]) -> bool:
    """Wait until something is so, and tell whether it is."""
    until = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < until:
        time.sleep(0.05)
    return is_so()
