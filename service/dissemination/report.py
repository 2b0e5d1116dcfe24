"""A snapshot as a document: the finding first, then the figures, then how they were made. Pure."""

from __future__ import annotations

from service.dissemination import annex, charting, progress, uptake
from service.dissemination.disclosure import percentage
from service.dissemination.document import Bar, BarRow, Big, Document, LateRow, Said, Step, Table, Tile, Words
from service.dissemination.snapshots import AudienceLine, EventLine, Grade, LateKind, LateLine, SnapshotView
from service.dissemination.values.figures import Cell, Dimension, Number, Printed, Profile, Release, number
from service.dissemination.wording import Voice
from service.kernel.regions import TILES

AS_PLANNED = 2.0  # percentage points


def compose(view: SnapshotView, voice: Voice | None = None) -> Document:
    """Return the document of a snapshot; the same snapshot always gives the same document."""
    say = voice or Voice()
    tiles = _tiles(view, say)
    audiences = _audiences(view, say)
    said = tuple(Said(one.words, one.credit) for one in view.quotes)
    return Document(
        language=say.language,
        direction=say.direction,
        title=_title(view, say),
        lead=_lead(view, say),
        about=_about(view, say),
        project=view.project.name,
        organisation=view.project.organisation,
        logo=view.logo,
        summary=_paragraphs(view.narrative.summary),
        quote=said[0] if said else None,
        five=_five(view, say),
        plan=progress.rows(view, say),
        steps=_steps(view, say),
        bands=_bands(view, say),
        tiles=tiles,
        tiles_note=_tiles_note(view, say, shown=bool(tiles)),
        audiences=audiences,
        audiences_note=_audiences_note(view, say, shown=bool(audiences)),
        panels=charting.panels(view, say),
        events=_events(view, say),
        use=charting.use(view, say),
        external=annex.external(view, say),
        print=uptake.printed_copies(view, say),
        uptake=uptake.sentences(view, say),
        uptake_tables=uptake.tables(view, say),
        late=tuple(_late(line, say) for line in view.late),
        written=_written(view, say),
        outcomes=_outcomes(view, say),
        quotes=said[1:],
        method=annex.method(view, say),
        tables=annex.tables(view, say),
        seal=view.sha256,
        footer=_footer(view, say),
    )


def _title(view: SnapshotView, say: Voice) -> str:
    """Say what has come of it so far, in one sentence."""
    _ = say.gettext
    came, held = view.figure("E4"), view.figure("O3")
    if came.text in ("0", "n/a"):
        invited = view.figure("R1").text
        return _("Nobody has been invited yet") if invited == "0" else _("Invitations are out, nobody has come yet")
    events = say.ngettext("%(n)s event", "%(n)s events", int(held.floor or 0))
    facts = {"people": say.people(came.text, came.ceiling), "events": events}
    if came.value == 1:
        return _("One person came to %(events)s") % facts
    return _("%(people)s people came to %(events)s") % facts


def _lead(view: SnapshotView, say: Voice) -> str:
    _ = say.gettext
    span = {"from": say.day(view.period.starts_on), "to": say.day(progress.last_day(view.period))}
    sentences = [
        _kind(view, say) % span,
        progress.priority_sentence(view, say),
        _late_sentence(view, say),
    ]
    return " ".join(filter(None, sentences))


def _kind(view: SnapshotView, say: Voice) -> str:
    _ = say.gettext
    if not view.snapshot_id or view.schema_version == 1:
        return _("Dissemination report, %(from)s to %(to)s.")
    if view.grade is Grade.FINAL:
        return _("Final dissemination report, %(from)s to %(to)s.")
    return _("Interim dissemination report, %(from)s to %(to)s.")


def _written(view: SnapshotView, say: Voice) -> tuple[Words, ...]:
    """Return the parts that people wrote, other than the summary."""
    _, words = say.gettext, view.narrative
    parts = (
        Words("outcomes", _("What changed"), _paragraphs(words.outcomes)),
        Words("changes", _("What did not work, and what we change"), _paragraphs(words.changes)),
        Words("next", _("Next steps"), _paragraphs(words.next_steps)),
    )
    studies = (Words(f"study-{n}", one.title, _paragraphs(one.text)) for n, one in enumerate(view.studies, 1))
    return tuple(part for part in (*parts[:1], *studies, *parts[1:]) if part.paragraphs)


def _outcomes(view: SnapshotView, say: Voice) -> Table:
    """Return what others do differently: who, since when, why it matters, what we did for it, and how sure that is."""
    _ = say.gettext
    columns = (_("Change"), _("Who"), _("When"), _("Why it matters"), _("What we contributed"), _("How far"))
    states = {"agreed": _("Agreed"), "substantiated": _("Confirmed by others")}
    rows = tuple(
        (
            one.what,
            one.who,
            say.day(one.changed_on) if one.changed_on else "–",
            one.significance,
            one.contribution,
            states[one.state],
        )
        for one in view.outcomes
    )
    return Table("harvested", _("Outcomes"), columns, rows, numbers_from=6)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line)


def _late_sentence(view: SnapshotView, say: Voice) -> str:
    titles = [line.title for line in view.late if line.kind is LateKind.PLAN_LINE]
    if not titles:
        return say.gettext("Nothing in the plan is late.")
    facts = {"titles": say.listed(titles[:3])}
    if len(titles) == 1:
        return say.gettext("One line of the plan is late: %(titles)s.") % facts
    if len(titles) > 3:
        facts = {"titles": say.listed([*titles[:2], say.gettext("%(n)s more") % {"n": len(titles) - 2}])}
    return say.ngettext("%(n)s line of the plan is late", "%(n)s lines of the plan are late", len(titles)) + (
        f": {facts['titles']}."
    )


def _about(view: SnapshotView, say: Voice) -> str:
    _ = say.gettext
    names = {
        Profile.INTERNAL: _("Internal profile"),
        Profile.DONOR: _("Donor profile"),
        Profile.PUBLIC: _("Public profile"),
    }
    at = {"profile": names[view.profile], "at": say.instant(view.cutoff)}
    if not view.snapshot_id:
        return _("%(profile)s, live figures of %(at)s") % at
    return _("%(profile)s, figures frozen %(at)s") % at


def _footer(view: SnapshotView, say: Voice) -> str:
    facts = {
        "id": view.snapshot_id or say.gettext("not frozen"),
        "at": say.instant(view.cutoff),
        "profile": view.profile.value,
    }
    return say.gettext("Snapshot %(id)s · cut-off %(at)s · profile %(profile)s") % facts


def _bands(view: SnapshotView, say: Voice) -> str:
    if _is_banded(view):
        return say.gettext("people, in bands of %(k)s") % {"k": view.k}
    return say.gettext("people")


def _is_banded(view: SnapshotView) -> bool:
    return any(release.total and not release.total.exact for release in view.counts.values())


def _five(view: SnapshotView, say: Voice) -> tuple[Big, ...]:
    _ = say.gettext
    first = next((audience.name for audience in view.audiences if audience.rank == 1), _("Rank 1"))
    held = view.figure("O3")
    target = progress.target_of(view, "O3")
    events = _("%(n)s of %(target)s") % {"n": held.text, "target": number(target.target)} if target else held.text
    return (
        Big(_("People who came"), view.figure("E4").text, progress.target_note(view, "E4", say), "E4"),
        Big(_("Events held"), events, _("research meetings not counted") if view.left_out.research else "", "O3"),
        Big(_("Print copies out"), view.figure("O4").text, progress.target_note(view, "O4", say), "O4"),
        Big(_("%(audience)s share") % {"audience": first}, view.figure("R6").text, _share_note(view, say), "R6"),
        Big(_("Organisations"), view.figure("R8").text, progress.target_note(view, "R8", say), "R8"),
    )


def _share_note(view: SnapshotView, say: Voice) -> str:
    target, of = progress.target_of(view, "R6"), progress.raw(view.figure("R6"), say)
    if target is None:
        return of
    return say.gettext("promised %(n)s%%; %(of)s") % {"n": number(target.target), "of": of}


def _steps(view: SnapshotView, say: Voice) -> tuple[Step, ...]:
    """Return people from step to step; attendances stand beside the people who came, never alone."""
    _ = say.gettext
    names = ("people_invited", "people_delivered", "people_accepted", "people_attended")
    invited, delivered, accepted, attended = (view.counts[name].total for name in names)
    times = {"n": view.figure("E3").text}
    return (
        _step(_("Invited"), invited, "", say, "R1"),
        _step(_("Delivered"), delivered, _of(delivered, invited, say), say, "R2"),
        _step(_("Accepted"), accepted, _of(accepted, delivered, say), say, "E2"),
        _step(_("Attended"), attended, _("%(n)s attendances") % times if attended else "", say, "E4"),
    )


def _step(label: str, count: Printed | None, note: str, say: Voice, indicator: str) -> Step:
    return Step(label, charting.shown(count), say.printed(count), note, indicator)


def _of(part: Printed | None, whole: Printed | None, say: Voice) -> str:
    share = percentage(part, whole) if part and whole else None
    if share is None or part is None or whole is None:
        return ""
    facts = {"share": f"{share:.0f}", "n": number(part.floor), "all": number(whole.floor)}
    return say.gettext("%(share)s%%, %(n)s of %(all)s") % facts


def _tiles(view: SnapshotView, say: Voice) -> tuple[Tile, ...]:
    cells = view.figure("E4").by(Dimension.REGION)
    top = max((cell.floor or 0 for cell in cells.values()), default=0)
    return tuple(
        Tile(cell.key, say.label(cell), cell.text, _level(cell, top), TILES.get(cell.key, (0, 0)))
        for cell in cells.values()
    )


def _level(cell: Cell, top: Number) -> int:
    if cell.text == "0":
        return 0
    if not cell.floor or not top:
        return 1
    return 2 + min(3, int(4 * cell.floor / (top + 1)))


def _tiles_note(view: SnapshotView, say: Voice, *, shown: bool) -> str:
    _ = say.gettext
    if not shown:
        return _("Too few people came to show where from without pointing at someone.")
    masked = _("Broken outline: fewer than %(k)s, not shown.") % {"k": view.k} if _is_banded(view) else ""
    rest = _("Each region is one tile, whatever its size. People at risk are placed in none.")
    return f"{masked} {rest}".strip()


def _audiences(view: SnapshotView, say: Voice) -> tuple[BarRow, ...]:
    cells = view.figure("E4").by(Dimension.AUDIENCE)
    points = view.figure("E7").by(Dimension.AUDIENCE)
    planned = {audience.key: audience for audience in view.audiences}
    return tuple(_audience(cell, planned.get(key), points.get(key), say) for key, cell in cells.items())


def _audience(cell: Cell, audience: AudienceLine | None, balance: Cell | None, say: Voice) -> BarRow:
    """Return one audience: its people, its share of them, and how that stands to the planned share."""
    if audience is None or audience.planned_share is None or balance is None or balance.floor is None:
        return BarRow(cell.key, say.label(cell), cell.text, "", "", None)
    planned, points = 100 * audience.planned_share, balance.floor
    words = {"share": f"{planned + points:.0f}", "planned": number(round(planned, 1))}
    verdict = progress.points_words(points, AS_PLANNED, say)
    text = say.gettext("%(share)s%%, planned %(planned)s%%") % words
    behind = points < -AS_PLANNED
    bar = Bar(full=100, actual=max(planned + points, 0), line=planned, behind=behind)
    return BarRow(cell.key, say.label(cell), cell.text, f"{text}: {verdict}", "behind" if behind else "met", bar)


def _audiences_note(view: SnapshotView, say: Voice, *, shown: bool) -> str:
    _ = say.gettext
    came = view.figure("E4")
    if not shown:
        return _("Too few people came to say who they were without pointing at someone.")
    if came.value is not None:
        return _("Distinct attendees, %(n)s.") % {"n": came.text}
    facts = {"n": came.text, "floor": number(came.floor or 0)}
    return _("Distinct attendees, %(n)s. Shares from bands, of %(floor)s; they need not add up.") % facts


def _events(view: SnapshotView, say: Voice) -> Table:
    _ = say.gettext
    names = ("people_invited", "delivered", "accepted", "attended")
    releases = [view.counts[name] for name in names]
    columns = (_("Event"), _("When"), _("Invited"), _("Delivered"), _("Accepted"), _("Attended"))
    rows = tuple(
        (say.event(event.label), say.when(event.when), *(_at_event(release, event, say) for release in releases))
        for event in view.events
    )
    return Table("events", _("Events"), columns, rows, numbers_from=2)


def _at_event(release: Release, event: EventLine, say: Voice) -> str:
    if release.name == "attended" and event.state != "closed":
        return "–"
    return say.printed(release.rows.get(Dimension.EVENT, {}).get(event.key))


def _late(line: LateLine, say: Voice) -> LateRow:
    due = {"day": say.day(line.due_on)}
    late = say.ngettext("%(n)s day ago", "%(n)s days ago", line.days)
    if line.kind is LateKind.EVENT:
        words = say.gettext("took place on %(day)s and is not closed: its attendance is not counted yet") % due
    else:
        words = say.gettext("due %(day)s") % due + f", {late}"
    return LateRow(line.title, words, line.reason)
