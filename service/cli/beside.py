"""The worker beside the pages: started with them, ended with them, and started again when it died."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence

import structlog

log = structlog.get_logger()
AGAIN_SECONDS = 1.0
PATIENCE_SECONDS = 10.0


class Beside:
    """Keeps one child process alive until `stop`."""

    def __init__(self, command: Sequence[str], *, again_seconds: float = AGAIN_SECONDS) -> None:
        self._command, self._again_seconds = list(command), again_seconds
        self._stopping = threading.Event()
        self.child = self._start()
        self._watch = threading.Thread(target=self._keep, name="worker-watch", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """End the child: politely, then for good."""
        self._stopping.set()
        self._watch.join()
        self.child.terminate()
        try:
            self.child.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()

    def _keep(self) -> None:
        while not self._stopping.wait(self._again_seconds):
            if (code := self.child.poll()) is not None:
                log.error("worker.died", code=code)
                self.child = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=dict(os.environ))  # noqa: S603


def worker_beside() -> Beside:
    """Start `farsow worker` as a child that ends when we do."""
    return Beside([sys.executable, "-m", "service", "worker", "--parent", str(os.getpid())])
