"""Renames that get in each other's way: put in order, or held.

A record can only take a text that is free on the target. Where its present owner is
renamed as well, that one goes first; a circle (a swap) has no first one, and a text
whose owner stays cannot be taken at all.
"""

from collections.abc import Callable, Collection, Sequence

from connector.engine.acts import Replace, Update, Want
from connector.engine.causes.needs import TextTaken
from connector.engine.change import Change, Status, blocked
from mappings.canonical import Side, fold
from mappings.fields import is_named_by

Renames = dict[tuple[str, str], Change]
Owners = Callable[[Side, str], Collection[str]]
"""Says by side and folded text which records have that text now, by their ids."""


def in_order(changes: Sequence[Change], owners: Owners) -> list[Change]:
    """Return the changes, with renames waiting for those that free their text."""
    renames = {(c.target, _old_text(c)): c for c in changes if _new_text(c)}
    if not renames:
        return list(changes)
    return [
        _placed(change, renames, owners) if _new_text(change) else change
        for change in changes
    ]


def _placed(change: Change, renames: Renames, owners: Owners) -> Change:
    first = renames.get((change.target, _new_text(change)))
    if first is None or first.id == change.id:
        mine = change.seen.get(change.side)
        others = set(owners(change.side, _new_text(change)))
        if others - {mine.id if mine else ""}:
            return _held(change, TextTaken(in_circle=False))
        return change
    if _is_circle(change, renames):
        return _held(change, TextTaken(in_circle=True))
    return change._replace(needs=(*change.needs, first.id))


def _held(change: Change, cause: TextTaken) -> Change:
    status = Status.HELD if change.status is Status.READY else change.status
    held = blocked(change, change.reason, cause)
    return held._replace(status=status)


def _is_circle(change: Change, renames: Renames) -> bool:
    met = {change.id}
    step: Change | None = change
    while step is not None:
        step = renames.get((change.target, _new_text(step)))
        if step is not None and step.id in met:
            return True
        met.add(step.id if step else "")
    return False


def _new_text(change: Change) -> str:
    match change.act:
        case Update(names=names, want=Want() as want) if is_named_by(names):
            return fold(want.written)
        case Replace(names=names, want=Want() as want) if is_named_by(names):
            return fold(want.written)
        case _:
            return ""


def _old_text(change: Change) -> str:
    seen = change.seen.get(change.side)
    return seen.values.code if seen else ""
