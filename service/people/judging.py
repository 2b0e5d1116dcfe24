"""What becomes of each draft, seen against what is held already. Used at the preview and again when it is
carried out, so that what changed in between is seen."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.kernel.text import folded
from service.people.columns import SETS, with_derived
from service.people.rules.organisations import organisation_key
from service.people.values import DERIVED, NOTHING, SEALED, Draft, Known, Note, Reason, Ruling, Suppressed, Verdict


def judge_all(
    drafts: Sequence[Draft],
    known: Mapping[str, Known],
    suppressed: Mapping[str, Suppressed],
    *,
    joins: bool,
    basis: str | None,
    make_id: Callable[[], str],
    earlier: Mapping[str, Ruling] = NOTHING,
) -> list[Ruling]:
    """Return a ruling for each draft, in order. `known` and `suppressed` are by address key.

    Whoever is to be made has an id from here on (`make_id`). `earlier`: rows ruled on before that have an address of
    these drafts; those that the drafts complete are ruled on again, and stand first.
    """
    before = {key: Draft(ruling.row, ruling.fields, ruling.notes) for key, ruling in earlier.items()}
    firsts = _merged(drafts, before)
    rulings = []
    for key, ruling in earlier.items():
        if firsts[key] is not before[key]:
            again = judge(firsts[key], known.get(key), None, joins=joins, basis=basis, make_id=make_id)
            rulings.append(replace(again, person_id=ruling.person_id))
    for draft in drafts:
        key = draft.fields.get("email_key", "")
        if draft.refusal:
            rulings.append(Ruling(draft.row, Verdict.REFUSE, draft.refusal, draft.fields, notes=draft.notes))
        elif key in suppressed or firsts[key].row == draft.row:
            whole = draft if key in suppressed else firsts[key]
            ruling = judge(whole, known.get(key), suppressed.get(key), joins=joins, basis=basis, make_id=make_id)
            rulings.append(ruling)
        else:
            rulings.append(_merge(draft, firsts[key]))
    return rulings


def judge(
    draft: Draft,
    known: Known | None,
    suppressed: Suppressed | None,
    *,
    joins: bool,
    basis: str | None,
    make_id: Callable[[], str],
) -> Ruling:
    """Return what one draft does now. `joins`: it is imported into a list, on this `basis`."""
    if suppressed:
        return _skip_suppressed(draft, suppressed)
    if known is None:
        fields, notes = _placeless(draft.fields, draft.fields.get("at_risk", False))
        made = with_derived(fields)
        return Ruling(draft.row, Verdict.CREATE, None, made, NOTHING, _all_notes(draft, notes), make_id())
    before, notes = differences(draft, known.held)
    is_new_member = joins and (not known.is_member or (known.basis is None and basis is not None))
    all_notes = _all_notes(draft, notes)
    if before:
        return Ruling(draft.row, Verdict.UPDATE, None, draft.fields, before, all_notes, known.person_id)
    if is_new_member:
        return Ruling(draft.row, Verdict.UPDATE, Reason.JOINS_LIST, draft.fields, NOTHING, all_notes, known.person_id)
    return Ruling(draft.row, Verdict.SKIP, Reason.NOTHING_NEW, draft.fields, NOTHING, all_notes, known.person_id)


def differences(draft: Draft, held: Mapping[str, Any]) -> tuple[dict[str, Any], list[Note]]:
    """Return the fields a draft changes, with what they hold now, and what staff should know of it."""
    fields, notes = _placeless(draft.fields, held["at_risk"] or draft.fields.get("at_risk", False))
    said = ((name, value) for name, value in fields.items() if name not in DERIVED)
    before = {name: held[name] for name, value in said if _is_news(name, value, held[name])}
    if (Reason.NAME_FROM_ADDRESS, "") in draft.notes:
        before.pop("name", None)
    if "name" in before:
        notes += _name_notes(fields["name"], held["name"])
    return before, notes


def _is_news(name: str, value: Any, now: Any) -> bool:
    if name == "email":
        return False
    if name == "at_risk":
        return bool(value and not now)
    if name in SETS:
        return not set(value) <= set(now)
    if name == "source" or name in SEALED:
        return now is None
    if name in ("name", "organisation"):
        return now is None or folded(value) != folded(now)
    return bool(value != now)


def _all_notes(draft: Draft, notes: Sequence[Note]) -> tuple[Note, ...]:
    return tuple(dict.fromkeys((*draft.notes, *notes))) if notes else draft.notes


def _placeless(fields: Mapping[str, Any], at_risk: bool) -> tuple[Mapping[str, Any], list[Note]]:
    """Leave out where someone at risk is."""
    if not at_risk or "country" not in fields:
        return fields, []
    return {name: value for name, value in fields.items() if name != "country"}, [(Reason.AT_RISK, "")]


def _name_notes(value: str, now: str) -> list[Note]:
    """Ask for a look when neither name is part of the other."""
    words, held = folded(value).split(), folded(now).split()
    return [] if _is_part(words, held) or _is_part(held, words) else [(Reason.NAMES_DIFFER, value)]


def _is_part(words: Sequence[str], of: Sequence[str]) -> bool:
    """Tell whether each word, or what it is the initial of, is among others: “M. Achieng” of “Maria Achieng”."""
    return all(w in of or (len(w.strip(".")) == 1 and any(o.startswith(w[0]) for o in of)) for w in words)


def _skip_suppressed(draft: Draft, suppressed: Suppressed) -> Ruling:
    """Skip someone who is not to be written to; of someone erased not even the row is kept."""
    if suppressed.reason is Reason.ERASED:
        return Ruling(draft.row, Verdict.SKIP, Reason.ERASED, NOTHING)
    note = (suppressed.reason, suppressed.since.date().isoformat())
    return Ruling(draft.row, Verdict.SKIP, suppressed.reason, draft.fields, notes=(note,))


def without_addresses(draft: Draft, keys: Mapping[str, str], erased: Container[str]) -> Draft:
    """Return a draft without those second addresses whose key is erased. `keys`: address -> key."""
    others = draft.fields.get("other_emails", ())
    kept = [address for address in others if keys[address] not in erased]
    if len(kept) == len(others):
        return draft
    fields = {**draft.fields, "other_emails": kept} if kept else {**draft.fields}
    if not kept:
        del fields["other_emails"]
    return replace(draft, fields=fields, notes=tuple(n for n in draft.notes if n[0] is not Reason.TWO_ADDRESSES))


def with_own_names(drafts: Sequence[Draft], own: Mapping[str, str]) -> Sequence[Draft]:
    """Return drafts with organisations by their own names. `own`: another name, folded -> own name."""
    if not own:
        return drafts
    return [_with_own_name(draft, own) for draft in drafts]


def _with_own_name(draft: Draft, own: Mapping[str, str]) -> Draft:
    name = draft.fields.get("organisation")
    known = own.get(organisation_key(name)) if name else None
    return replace(draft, fields={**draft.fields, "organisation": known}) if known else draft


# The same person twice in one file


def _merged(drafts: Iterable[Draft], before: Mapping[str, Draft]) -> dict[str, Draft]:
    """Return the first draft of each address, completed by the later ones. `before`: firsts of earlier stretches."""
    firsts = dict(before)
    for draft in drafts:
        if draft.refusal:
            continue
        key = draft.fields["email_key"]
        firsts[key] = _completed(firsts[key], draft) if key in firsts else draft
    return firsts


def _completed(first: Draft, later: Draft) -> Draft:
    adds = _additions(first, later)
    if not adds:
        return first
    fields = {**first.fields, **{n: v if n not in SETS else [*first.fields.get(n, ()), *v] for n, v in adds.items()}}
    kept = first.notes if "name" not in adds else tuple(n for n in first.notes if n[0] is not Reason.NAME_FROM_ADDRESS)
    return replace(first, fields=fields, notes=kept)


def _additions(first: Draft, later: Draft) -> dict[str, Any]:
    """Return what the later row says that the first one does not."""
    adds: dict[str, Any] = {}
    for name, value in later.fields.items():
        if name in SETS:
            if new := [item for item in value if item not in first.fields.get(name, ())]:
                adds[name] = new
        elif name not in first.fields:
            adds[name] = value
    was_made = (Reason.NAME_FROM_ADDRESS, "")
    if was_made in first.notes and was_made not in later.notes:
        adds["name"] = later.fields["name"]
    return adds


def _merge(draft: Draft, first: Draft) -> Ruling:
    """Rule on a later row of an address: it is part of the first one's. Where names differ, the first is used."""
    notes: list[Note] = [(Reason.SAME_ADDRESS, str(first.row)), *draft.notes]
    if (Reason.NAME_FROM_ADDRESS, "") not in draft.notes:
        notes += _name_notes(first.fields["name"], draft.fields["name"])
    return Ruling(draft.row, Verdict.MERGE, Reason.SAME_ADDRESS, draft.fields, notes=tuple(notes))
