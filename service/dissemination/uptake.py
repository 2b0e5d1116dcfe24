"""What came of it: commitments made and kept, how useful it was, what was used; and print that went out. Pure.

All is made of what the snapshot prints: a median is given as far as the printed numbers settle it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.dissemination.annex import cell_text
from service.dissemination.counting import LESS_USEFUL, MARKS, USEFUL
from service.dissemination.disclosure import percentage
from service.dissemination.document import Table
from service.dissemination.snapshots import SnapshotView
from service.dissemination.values.figures import Dimension, Printed, Unit, number
from service.dissemination.wording import Voice

_LOWEST = {USEFUL: 4, LESS_USEFUL: 1} | {mark: int(mark) for mark in MARKS}
_HIGHEST = {USEFUL: 5, LESS_USEFUL: 3} | {mark: int(mark) for mark in MARKS}

_KEYS = {Dimension.PROOF: "proof", Dimension.ANSWER: "marks", Dimension.CHAPTER: "used"}  # of tables


def median(marks: Mapping[str, Printed]) -> tuple[int, int] | None:
    """Return the lowest and the highest median that printed numbers of marks leave possible; None without answers.

    Of an even number of answers it is the lower of the two in the middle.
    """
    if not any(one.high for one in marks.values()):
        return None
    lowest = next(m for m in range(1, 6) if _most(marks, _LOWEST, m) >= _least(marks, _LOWEST, m))
    highest = next(m for m in range(1, 6) if _sure(marks, m) >= _doubtful(marks, m))
    return lowest, highest


def _most(marks: Mapping[str, Printed], place: Mapping[str, int], mark: int) -> int:
    return sum(one.high for key, one in marks.items() if place[key] <= mark)


def _least(marks: Mapping[str, Printed], place: Mapping[str, int], mark: int) -> int:
    return sum(one.low for key, one in marks.items() if place[key] > mark)


def _sure(marks: Mapping[str, Printed], mark: int) -> int:
    return sum(one.low for key, one in marks.items() if _HIGHEST[key] <= mark)


def _doubtful(marks: Mapping[str, Printed], mark: int) -> int:
    return sum(one.high for key, one in marks.items() if _HIGHEST[key] > mark)


def sentences(view: SnapshotView, say: Voice) -> tuple[str, ...]:
    """Say what came of it, in words; nothing of what nobody was asked."""
    return tuple(filter(None, (*_committed(view, say), _useful(view, say), _used(view, say))))


def _committed(view: SnapshotView, say: Voice) -> Iterable[str]:
    _ = say.gettext
    if facts := _parts(view, "committed", "asked_to_commit", say):
        yield _("%(n)s of %(all)s who were asked wrote down what they will do.") % facts
    if facts := _parts(view, "commitments_kept", "commitments_asked", say):
        yield _("When asked again, 90 days later, %(n)s of %(all)s had done it or part of it.") % facts
    if facts := _shown(view, say):
        yield _("Of %(all)s commitments kept, %(n)s are shown by a file of evidence%(share)s.") % facts


def _useful(view: SnapshotView, say: Voice) -> str:
    _ = say.gettext
    facts = _parts(view, "found_useful", "usefulness_answers", say)
    if not facts:
        return ""
    found = median(view.counts["usefulness_answers"].rows.get(Dimension.ANSWER, {}))
    said = _("%(n)s of %(all)s gave it 4 or 5 on a scale from 1 to 5.") % facts
    if found is None or found[1] - found[0] > 1:
        return said
    middle = str(found[0]) if found[0] == found[1] else _("%(low)s or %(high)s") % {"low": found[0], "high": found[1]}
    return f"{said} {_('The median of the answers is %(median)s.') % {'median': middle}}"


def _used(view: SnapshotView, say: Voice) -> str:
    facts = _parts(view, "used_in_work", "use_answers", say)
    return (
        say.gettext("After three months %(n)s of %(all)s who answered had used it in their work.") % facts
        if facts
        else ""
    )


def _parts(view: SnapshotView, part: str, whole: str, say: Voice) -> dict[str, str]:
    """Return both numbers as printed; nothing where there is no whole, or it is withheld."""
    one, all_ = view.counts[part].total, view.counts[whole].total
    return {"n": say.printed(one), "all": say.printed(all_)} if one and all_ and all_.high else {}


def _shown(view: SnapshotView, say: Voice) -> dict[str, str]:
    """Return how many of the commitments that were kept a file shows, with the share where it is not too coarse."""
    kept = view.counts["commitments_kept"]
    shown = kept.rows.get(Dimension.PROOF, {}).get("shown")
    if shown is None or kept.total is None:
        return {}
    share = percentage(shown, kept.total)
    words = "" if share is None else f" ({number(share if shown.exact else round(share))}%)"
    return {"n": say.printed(shown), "all": say.printed(kept.total), "share": words}


def tables(view: SnapshotView, say: Voice) -> tuple[Table, ...]:
    """Return the commitments by audience, the marks and what was used, each where it may be printed."""
    _ = say.gettext
    found = (
        _commitments(view, say),
        _rows(
            view,
            "U7",
            Dimension.PROOF,
            _("What shows that commitments were kept"),
            _("Evidence"),
            _("Commitments"),
            say,
        ),
        _rows(view, "E10", Dimension.ANSWER, _("How useful it was"), _("Mark"), _("People"), say),
        _rows(view, "U8", Dimension.CHAPTER, _("What was used in work"), _("Resource"), _("People"), say),
    )
    return tuple(table for table in found if table.rows)


def _commitments(view: SnapshotView, say: Voice) -> Table:
    _ = say.gettext
    made, kept = (view.figure(one).by(Dimension.AUDIENCE) for one in ("U6", "U7"))
    columns = (_("Audience"), _("Made, of those asked"), _("Kept, of those asked again"))
    rows = tuple(
        (say.label(cell), *(cell_text(one, Unit.PERCENT, say) for one in (cell, kept.get(key))))
        for key, cell in made.items()
        if cell.denominator not in (0, "0")
    )
    return Table("commitments", _("Commitments by audience"), columns, rows)


def _rows(view: SnapshotView, figure: str, by: Dimension, title: str, head: str, counted: str, say: Voice) -> Table:
    cells = view.figure(figure).by(by).values()
    rows = tuple((say.label(cell), cell.text) for cell in cells if cell.text != "0")
    return Table(_KEYS[by], title, (head, counted), rows)


def printed_copies(view: SnapshotView, say: Voice) -> Table:
    """Return the print copies that went out and came back, by output."""
    _ = say.gettext
    columns = (_("Output"), _("Sent out"), _("Came back"), _("With readers"))
    rows = tuple(
        (one.title, number(one.shipped), number(one.returned), number(one.shipped - one.returned)) for one in view.print
    )
    return Table("print", _("Print"), columns, rows)
