"""`dev.py bench memory`: resident memory of `farsow serve` with the demo's data, after the pages were opened."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.load import free_port, wait_for

AIM_MB = 200


def resident_mb(pid: int) -> float:
    """Return a process's resident memory in MB (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    """Return the processes a process has started."""
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "service", "demo", "--port", str(port), "--dir", folder]
        process = subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.DEVNULL)
        try:
            wait_for(port)
            time.sleep(2)
            for path in ("/mailbox", "/healthz", "/sign-in") * 20:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).read()
            web = resident_mb(process.pid)
            worker = sum(resident_mb(child) for child in children(process.pid))
            print(f"serve {web:.0f} MB (aim: at most {AIM_MB}), worker beside it {worker:.0f} MB")
        finally:
            process.terminate()
            process.wait(timeout=20)


if __name__ == "__main__":
    main()
