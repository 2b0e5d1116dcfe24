"""Those who count elsewhere, asked over HTTP, one source at a time.

A question is asked in a thread of its own with a deadline, so that a host that is silent, drips or lies holds up
no letter. Whatever goes wrong becomes a code: the host's words are neither kept nor logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import date
from threading import Thread

from service.adapters.statistics.asking import Reach, Trouble, ask
from service.adapters.statistics.readers import READERS, read
from service.dissemination.external import HOSTS, Answer, Source


class HttpStatistics:
    """Asks the hosts that are allowed.

    `keys`: by host; `longest`: seconds that a source may take; `wait`: seconds that a look waits for it.
    """

    def __init__(
        self,
        hosts: Collection[str] = (),
        keys: Mapping[str, str] | None = None,
        *,
        reach: Reach | None = None,
        longest: float = 30.0,
        wait: float = 0.0,
    ) -> None:
        self._allowed = {*HOSTS.values(), *hosts}
        self._keys, self._reach = keys or {}, reach or Reach()
        self._longest, self._wait = longest, wait
        self._running: tuple[str, Future[Answer]] | None = None

    def look(self, source: Source, *, today: date) -> Answer | None:
        """Return what a source says, troubles included; None while it is being asked."""
        if self._running is None or self._running[0] != source.id:
            self._running = (source.id, self._start(source, today))
        found = self._running[1]
        with suppress(TimeoutError):
            answer = found.result(timeout=self._wait)
            self._running = None
            return answer
        return None

    def _start(self, source: Source, today: date) -> Future[Answer]:
        found: Future[Answer] = Future()
        Thread(target=lambda: found.set_result(self._answer(source, today)), daemon=True).start()
        return found

    def _answer(self, source: Source, today: date) -> Answer:
        try:
            return asyncio.run(self._ask(source, today))
        except Trouble as trouble:
            return Answer(trouble=trouble.code, wait=trouble.wait)
        except TimeoutError:
            return Answer(trouble="no-answer")
        except Exception:  # what parsing nonsense may raise
            return Answer(trouble="nonsense")

    async def _ask(self, source: Source, today: date) -> Answer:
        reader = READERS[source.provider]
        questions = reader.questions(source, today)
        marked = len(questions) == 1 and questions[0].is_plain  # only then a mark says whether anything changed
        etag = source.etag if marked else ""
        async with asyncio.timeout(self._longest):
            said = [
                await ask(
                    source.host,
                    question,
                    reach=self._reach,
                    allowed=self._allowed,
                    key=self._keys.get(source.host, ""),
                    etag=etag,
                )
                for question in questions
            ]
        if etag and said[0].body is None:
            return Answer(is_unchanged=True)
        return Answer(read(reader, [one.body for one in said]), etag=said[0].etag if marked else "")
