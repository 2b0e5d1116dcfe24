"""The life of an import: what may be done in which state."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.kernel.errors import Conflict
from service.people.values import ImportState, ImportView

UNDO_FOR = timedelta(days=30)  # as long as the rows of an import are kept


class ImportClosed(Conflict):
    """The import is past the point where this can be done."""

    code = "import-closed"

    def __init__(self, state: ImportState) -> None:
        super().__init__(f"This import cannot be changed any more: it is {_SAID[state]}.", state=state.value)


class StillReading(Conflict):
    """The worker has not read the file to its end."""

    code = "still-reading"

    def __init__(self) -> None:
        super().__init__("The file is still being read. Wait until its rows are shown.")


class TooLate(Conflict):
    """An import can be undone for 30 days."""

    code = "too-late"

    def __init__(self) -> None:
        super().__init__(f"An import can be undone for {UNDO_FOR.days} days. This one is older.")


_SAID = {
    ImportState.READING: "being read",
    ImportState.PREVIEW: "waiting",
    ImportState.APPLYING: "being carried out",
    ImportState.STOPPED: "stopped",
    ImportState.APPLIED: "done",
    ImportState.DISCARDED: "discarded",
    ImportState.UNDOING: "being undone",
    ImportState.UNDONE: "undone",
}


def may_start(state: ImportState) -> bool:
    """Tell whether starting an import, or going on with a stopped one, changes anything; a second press does not.

    Raises:
        ImportClosed: it was discarded or undone. StillReading: its rows are not there yet.
    """
    if state is ImportState.READING:
        raise StillReading
    if state in (ImportState.DISCARDED, ImportState.UNDOING, ImportState.UNDONE):
        raise ImportClosed(state)
    return state in (ImportState.PREVIEW, ImportState.STOPPED)


def may_stop(state: ImportState) -> bool:
    """Tell whether stopping an import changes anything; one that has come to its end is not stopped.

    Raises:
        ImportClosed: it was not started, or is undone. StillReading: its rows are not there yet.
    """
    if state is ImportState.READING:
        raise StillReading
    if state in (ImportState.PREVIEW, ImportState.DISCARDED, ImportState.UNDOING, ImportState.UNDONE):
        raise ImportClosed(state)
    return state is ImportState.APPLYING


def may_undo(view: ImportView, *, now: datetime) -> bool:
    """Tell whether undoing an import changes anything; a second press does not.

    Raises:
        ImportClosed: it was not carried out, or is being. TooLate: its rows are kept no more.
    """
    if view.state in (ImportState.UNDOING, ImportState.UNDONE):
        return False
    if view.state not in (ImportState.APPLIED, ImportState.STOPPED):
        raise ImportClosed(view.state)
    if now - view.created_at >= UNDO_FOR:
        raise TooLate
    return True


def may_discard(state: ImportState) -> bool:
    """Tell whether discarding changes anything; a second press does not.

    Raises:
        ImportClosed: it was carried out, or is being.
    """
    if state in (ImportState.READING, ImportState.PREVIEW, ImportState.DISCARDED):
        return state is not ImportState.DISCARDED
    raise ImportClosed(state)
