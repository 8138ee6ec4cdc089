"""A saved plan: what was reviewed is what is applied, or it is refused.

The file names ids; each id is a digest of what it does and of the values that it
was made for. So the plan is made anew, and only what is in both is carried out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from connector.engine.causes import saved_plans as refusals
from connector.engine.causes.cause import Cause
from connector.engine.change import Refusal
from connector.engine.outcome import Outcome
from connector.engine.snapshot import Snapshot
from connector.run.plan_file import SavedChange, SavedField, SavedPlan
from connector.run.prepare import (
    Prepared,
)
from mappings.canonical import PromoCode, Side, fold
from mappings.discounts import shown_discount
from mappings.fields import NOBODY
from mappings.masking import HIDDEN, masked
from mappings.moments import CLOCKS_APART, iso
from state.store import Store

OF_CODES = ("adopt", "create", "update", "replace", "delete", "forget")
"""Actions whose effect both listings show."""


def why_refused(
    saved: SavedPlan, config: str, state: tuple[str, str] | None, now: datetime
) -> Refusal | None:
    """Return why a saved plan must not be applied here and now, or None.

    ``state`` is the identity of the memory that is there, and since when it is.
    """
    if saved.created_at > iso(now + CLOCKS_APART):
        return _refusal("plan_expired", refusals.PlanAhead(saved.created_at))
    if iso(now) > saved.expires_at:
        return _refusal("plan_expired", refusals.PlanExpired(saved.expires_at))
    if not saved.sealed:
        return _refusal("plan_edited", refusals.PlanEdited())
    if saved.config != config:
        return _refusal("plan_foreign", refusals.PlanOfOtherConfiguration())
    other = saved.state is not None and (state is None or saved.state != state[0])
    older = saved.state is None and state is not None and state[1] < saved.created_at
    if other or older:
        return _refusal("plan_foreign", refusals.PlanOfOtherState())
    return None


def _refusal(guard: str, cause: Cause) -> Refusal:
    return Refusal(guard, None, (cause,))


def left_over(
    changes: Iterable[SavedChange], prepared: Prepared, store: Store
) -> Iterator[Outcome]:
    """Say of planned changes that are no longer proposed: done, or overtaken."""
    proposed = {
        _record(change.code, change.action)
        for change in prepared.plan.changes
        if change.action != "adopt"
    }
    for change in changes:
        overtaken = _record(change.code, change.action) in proposed
        done = not overtaken and (
            is_done(change, prepared.sides)
            if change.action in OF_CODES
            else store.journal.has_done(change.id)
        )
        yield _left(change, done=done)


def _record(code: str, action: str) -> tuple[str, bool]:
    """Return what a change is about.

    A coupon or a partner bears the code that needs it, but is a record of its own.
    """
    return code, action in ("coupon", "partner")


def _left(change: SavedChange, *, done: bool) -> Outcome:
    return Outcome(
        change.id,
        change.code,
        change.action,
        change.target,
        "adopted" if done else "stale",
        "already done" if done else "the record changed since the plan was made",
    )


def is_done(saved: SavedChange, sides: Mapping[Side, Snapshot]) -> bool:
    """Say whether both sides show what a planned change of a code was to bring about.

    Only what was seen is done: a side that was not read completely shows nothing.
    """
    if saved.action not in OF_CODES or not all(
        side in sides and sides[side].complete for side in Side
    ):
        return False
    standing = {side: _standing(saved, sides[side]) for side in Side}
    if saved.action in ("delete", "forget"):
        targets = [side for side in Side if saved.target in (side, "state")]
        return not any(standing[side] for side in targets)
    if not all(standing.values()):
        return False
    there = standing[Side(saved.target)] if saved.target != "state" else None
    return there is None or all(_holds(there, field) for field in saved.fields)


def _standing(saved: SavedChange, side: Snapshot) -> PromoCode | None:
    """Return the record as it stands, by its id or else by its text."""
    known, *_ = saved.precondition.get(side.side) or [None]
    if known is not None and known in side.codes:
        return side.codes[known]
    texts = {fold(text) for text in (saved.code, saved.new("code")) if text}
    codes = side.codes.values()
    named = [code for code in codes if code.values.code in texts]
    hidden = {text for text in (known, *texts) if text and HIDDEN in text}
    if hidden and not named:  # an address or a key stands masked in the file
        named = [
            code
            for code in codes
            if hidden & {masked(code.id), fold(masked(code.values.code))}
        ]
    return named[0] if len(named) == 1 else None


def _holds(code: PromoCode, field: SavedField) -> bool:
    """Say whether a record holds what a field was to become; else it is not done."""
    new = field.new
    if new is None:
        return True
    match field.field:
        case "code":
            return fold(masked(code.values.code)) == fold(new)
        case "discount":
            return shown_discount(code.values.discount) == new
        case "partner":
            return masked(code.values.partner or NOBODY) in new
        case _:
            return False
