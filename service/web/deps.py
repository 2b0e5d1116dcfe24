"""What endpoints ask for: a session to read, a transaction to write, and who is asking.

    def show(session: ReadSession, who: Principal) -> …
    def save(session: WriteSession, who: Principal, now: Now) -> …

A WriteSession is one transaction: it is committed after the endpoint has returned and before
the answer leaves (`scope="function"`), and rolled back when the endpoint raises. On SQLite
requests take turns to write without holding a thread, so that waiting writers never starve
the one that holds the lock. Slow reading (parsing an upload) belongs into a dependency that
stands before the WriteSession.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from typing import Annotated

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from fastapi import Depends, Query, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from sqlmodel import Session

from service.accounts import values
from service.db.engine import reading, writing
from service.kernel.errors import NotFound, Temporary
from service.web import house as houses
from service.web import idempotency
from service.web.guards import SignInNeeded, identify

PATIENCE_SECONDS = 10
WRITERS_ON_POSTGRESQL = 16  # fewer than the threads of the pool, so one is always left to finish
_CLOSING: RunVar[anyio.CapacityLimiter] = RunVar("farsow_closing")
_TURNS: RunVar[anyio.CapacityLimiter] = RunVar("farsow_turns_to_write")


class Busy(Temporary):
    """The database is busy with others' changes."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("The database is busy. Nothing was changed; try again in a moment.")


@asynccontextmanager
async def turn_to_write(house: houses.House) -> AsyncIterator[None]:
    """Wait for a turn to write.

    Raises:
        Busy: none came in time.
    """
    turns = _TURNS.get(None)
    if turns is None:
        turns = anyio.CapacityLimiter(1 if house.engine.dialect.name == "sqlite" else WRITERS_ON_POSTGRESQL)
        _TURNS.set(turns)
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            await turns.acquire()
    except TimeoutError:
        raise Busy from None
    try:
        yield
    finally:
        turns.release()


def _closing() -> anyio.CapacityLimiter:
    # Threads of their own: a session must be able to end while all others wait for its connection.
    limiter = _CLOSING.get(None)
    if limiter is None:
        limiter = anyio.CapacityLimiter(4)
        _CLOSING.set(limiter)
    return limiter


async def read_session(request: Request) -> AsyncIterator[Session]:
    """Give a session for reading. It takes a connection at its first query, in the endpoint's thread."""
    stack = ExitStack()
    session = stack.enter_context(reading(houses.house_of(request).engine))
    try:
        yield session
    finally:
        await anyio.to_thread.run_sync(stack.close, limiter=_closing())


async def write_session(request: Request) -> AsyncIterator[Session]:
    """Give one transaction; an Idempotency-Key is claimed in it before anything else."""
    house = houses.house_of(request)
    async with turn_to_write(house), contextmanager_in_threadpool(writing(house.engine)) as session:
        if asked := idempotency.asked_of(request):
            await run_in_threadpool(idempotency.claim, asked, request.state.principal, session, house.clock())
        yield session


async def principal(request: Request) -> values.Principal:
    """Return who is asking; the route's guard has found out."""
    found: values.Principal | None = getattr(request.state, "principal", None)
    if found is None:
        raise SignInNeeded
    return found


async def visitor(request: Request) -> values.Principal | None:
    """Return who is asking on a public page, if anyone signed in."""
    found = await run_in_threadpool(identify, request)
    if found is not None:
        request.state.principal = found
    return found


async def now(request: Request) -> datetime:
    """Return the present instant by the house's clock."""
    return houses.house_of(request).clock()


async def house(request: Request) -> houses.House:
    """Return the house that serves this request."""
    return houses.house_of(request)


ReadSession = Annotated[Session, Depends(read_session, scope="function")]
WriteSession = Annotated[Session, Depends(write_session, scope="function")]
Principal = Annotated[values.Principal, Depends(principal)]
Visitor = Annotated[values.Principal | None, Depends(visitor)]
Now = Annotated[datetime, Depends(now)]
House = Annotated[houses.House, Depends(house)]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many items at most.")]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]


def require_project(who: values.Principal, project_id: str) -> None:
    """Hide what belongs to another project from a key that is bound to one.

    Raises:
        NotFound: as if it did not exist.
    """
    if who.project_id not in (None, project_id):
        raise NotFound("There is no such thing here.")
