"""A few routes to try the foundation on: they write to a table of their own."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from sqlalchemy import Connection, text

from service.accounts.values import Permission
from service.kernel.errors import Conflict
from service.web.deps import Principal, ReadSession, WriteSession
from service.web.models import ApiModel
from service.web.render import page
from service.web.routing import api_router, page_router
from service.web.rules import Open, rule

pages = page_router()
api = api_router("/notes", tag="notes")

TABLES = (
    "CREATE TABLE shelf (id INTEGER PRIMARY KEY)",
    "CREATE TABLE note (word VARCHAR(200), shelf INTEGER REFERENCES shelf (id) DEFERRABLE INITIALLY DEFERRED)",
)


class NoteIn(ApiModel):
    """A note; `shelf` must exist when the transaction ends."""

    word: str
    shelf: int | None = None
    refuse: bool = False


class NoteOut(ApiModel):
    """How many notes there are now."""

    word: str
    count: int


class Refused(Conflict):
    """Refused after it was written."""

    code = "refused"


def make_tables(connection: Connection) -> None:
    """Make the tables of these routes."""
    for statement in TABLES:
        connection.execute(text(statement))


@api.post("", status_code=201)
@rule(Permission.EDIT)
def add(body: NoteIn, session: WriteSession, who: Principal) -> NoteOut:
    session.execute(text("INSERT INTO note VALUES (:word, :shelf)"), {"word": body.word, "shelf": body.shelf})
    count = session.execute(text("SELECT count(*) FROM note")).scalar_one()
    if body.refuse:
        raise Refused("Not today.", note_id="n1")
    return NoteOut(word=body.word, count=count)


@api.post("/upload")
@rule(Permission.EDIT)
def upload(session: WriteSession, word: Annotated[str, Form()]) -> NoteOut:
    session.execute(text("INSERT INTO note VALUES (:word, NULL)"), {"word": word})
    return NoteOut(word=word, count=session.execute(text("SELECT count(*) FROM note")).scalar_one())


@api.get("/{note_id}")
@rule(Permission.READ)
def read(note_id: str, session: ReadSession) -> dict[str, int]:
    return {"count": session.execute(text("SELECT count(*) FROM note")).scalar_one()}


@api.get("/broken/{kind}")
@rule(Permission.READ)
def broken(kind: str, session: ReadSession) -> dict[str, int]:
    if kind == "table":
        session.execute(text("SELECT * FROM not_there"))
    if kind == "disk":
        raise OSError(28, "No space left on device", "/secret/place")
    raise RuntimeError("maria@example.org asked for it")


@pages.get("/notes")
@rule(Permission.READ)
def show(request: Request) -> Response:
    return page(request, "sign_in/link.html", secret="none")


@pages.post("/notes")
@rule(Permission.EDIT)
def save(session: WriteSession, word: Annotated[str, Form()] = "") -> Response:
    session.execute(text("INSERT INTO note VALUES (:word, NULL)"), {"word": word})
    return Response(status_code=204)


@pages.post("/g/{token}")
@rule(Open.GUEST)
def guest(token: str, session: WriteSession) -> Response:
    session.execute(text("INSERT INTO note VALUES ('guest', NULL)"))
    return Response(status_code=204)


@pages.get("/g/{token}")
@rule(Open.GUEST)
def guest_page(request: Request, token: str) -> Response:
    return page(request, "sign_in/link.html", secret="none")


@pages.get("/open")
@rule(Open.PUBLIC)
def open_page(request: Request) -> Response:
    return page(request, "sign_in/sent.html", headers={"Cache-Control": "public, max-age=60"})


@pages.post("/open/broken")
@rule(Open.PUBLIC)
async def open_broken() -> Response:
    raise RuntimeError("maria@example.org asked for it")
