"""The inverse of one write, from a run's own journal. Pure.

Every line waits for a person. What somebody else changed since then blocks its line.
Coupons and partners are never removed again, and what a deletion destroyed comes back
without its history.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.engine.acts import Act, Create, Delete, Replace, Update, Want
from connector.engine.causes.cause import Cause
from connector.engine.causes.undo import (
    ChangedSince,
    DirectionForbids,
    GoneSince,
    Lasts,
    NoteUnreadable,
    OfAnotherVersion,
    PartnerGetsNone,
    PartnerGone,
    PolicyForbids,
    TakesBack,
    ThereAgain,
    ValueChanged,
)
from connector.engine.change import (
    Change,
    FieldValue,
    Finding,
    Grant,
    Seen,
    Status,
    seen,
)
from connector.engine.notes import parse_note
from connector.engine.partners import PartnerMap
from connector.engine.policy import Policy
from connector.engine.proposals.kept import coupon_of, kept_row
from connector.engine.proposals.lost import dies_with
from mappings.canonical import FIELDS, Both, Partner, PromoCode, Side, fold
from mappings.fields import MERGED, fields_of, is_named_by, pays
from state.model import Intent

UNDO = "undo"
"""The reason of what takes back what an earlier run has done: its write asks for it."""
LASTING = frozenset({"coupon", "partner", "redeem", "customer", "transaction"})
"""What is never taken back."""


@dataclass(frozen=True, slots=True)
class Written:
    """One write that was done, and what is there of its record now.

    ``key`` is the record's by now, ``row`` what the write destroyed, as it was kept;
    ``people`` are the partners of its side who were asked for, None for one who is
    not there.
    """

    done: Change
    row: str
    key: str
    now: Both[PromoCode | None]
    people: Mapping[str, Partner | None]

    @property
    def current(self) -> PromoCode | None:
        return self.now.of(self.done.side)


def not_undoable(intent: Intent, version: str) -> list[Finding]:
    """Name a write that cannot be taken back, whatever is there now."""
    what = (intent.code, intent.action, intent.target)
    if intent.action in LASTING:
        return [Finding("not_undoable", (Lasts(*what),), intent.code)]
    if intent.version != version:
        other = OfAnotherVersion(*what, intent.version, version)
        return [Finding("not_undoable", (other,), intent.code)]
    try:
        parse_note(intent.change)
    except ValueError:
        return [Finding("not_undoable", (NoteUnreadable(*what),), intent.code)]
    return []


def concerned(done: Change, current: PromoCode | None) -> set[str]:
    """Return the partners whom the inverse of a write may name or pay."""
    before = done.seen.get(done.side)
    held = [current.values if current else None, before.values if before else None]
    owners = {values.partner for values in held if values}
    owners |= {done.want.partner} if done.want else set()
    return {owner for owner in owners if owner}


def inverse(written: Written, policy: Policy) -> Change:
    """Return what would take one write back, for the values as they are now."""
    change = _owned(_inverse(written), written.people).with_id()
    # An undo is no way round the policy.
    if not policy.allows(change.side):
        return _blocked(change, DirectionForbids(policy.direction))
    if policy.permission(change) == "never":
        return _blocked(change, PolicyForbids())
    return change


def _inverse(written: Written) -> Change:
    done, current = written.done, written.current
    side, before = done.side, done.seen.get(done.side)
    draft = Change(
        _opposite(done.act),
        key=written.key,
        code=done.code,
        row=done.row,
        grant=Grant.DECIDE,
        reason=UNDO,
        causes=(TakesBack(done.code, done.action, side),),
        seen={s: seen(written.now.of(s)) for s in Side},
        status=Status.HELD,
    )
    if edited := _edited_since(written):
        return _blocked(draft, ChangedSince(edited))
    if isinstance(draft.act, Delete):
        lost = dies_with(side, current) if current else ()
        return draft._replace(act=Delete(side, lost), fields=_fields(written, None))
    if before is None:
        return draft._replace(status=Status.BLOCKED)
    act = _restoring(draft.act, _as_it_was(written, before))
    return draft._replace(act=act, fields=_fields(written, before))


def _opposite(act: Act) -> Act:
    """Return what takes an act back, before it is known with which values."""
    match act:
        case Create(side=side):
            return Delete(side)
        case Delete(side=Side() as side):
            return Create(side)
        case Update(side=side):
            return Update(side, frozenset())
        case Replace(side=side):
            return Replace(side, frozenset())
        case _:
            raise TypeError("what is no write of a code is not taken back")


def _restoring(act: Act, want: Want) -> Act:
    """Return the act with what shall be there again, and what stays lost."""
    lost = ("its former counter, log and id",)
    match act:
        case Create(side=side):
            return Create(side, want, lost)
        case Replace(side=side):
            return Replace(side, want.fields, want, lost)
        case Update(side=side):
            return Update(side, want.fields, want)
        case _:
            return act


def _as_it_was(written: Written, before: Seen) -> Want:
    """Return the values that were there; of an update those of its fields alone."""
    done, names = written.done, frozenset(FIELDS)
    if isinstance(done.act, Update) and done.act.want:
        names = done.act.want.fields
    values = before.values._replace(code=_spelling(before, done))
    coupon = coupon_of(kept_row(written.row))
    return Want(values, fields=names, coupon=coupon, kept=written.row)


def _spelling(before: Seen, done: Change) -> str:
    """Return the text as it stood; notes of earlier versions kept it folded only."""
    if done.side is Side.PARTNERO:
        return before.id
    renamed = done.want is not None and is_named_by(done.want.fields)
    return before.written or (before.values.code if renamed else done.code)


def _edited_since(written: Written) -> Cause | None:
    """Say what differs from what the run left behind."""
    done, current = written.done, written.current
    if isinstance(done.act, Delete):
        return ThereAgain(current.written) if current else None
    if current is None or done.want is None:
        return GoneSince()
    want, people = done.want, _people(written)
    left = want.values._replace(code=fold(want.written))
    whole = isinstance(done.act, Create | Replace)
    for field in MERGED if whole else fields_of(sorted(want.fields)):
        untold = field.pays and want.partner is None
        if field.changed(left, current.values) and not untold:
            now = field.shown(done.side, current.values, people)
            was = field.shown(done.side, left, people)
            return ValueChanged(field.name, now, was)
    return None


def _fields(written: Written, then: Seen | None) -> tuple[FieldValue, ...]:
    """Show each field as it is and as it would be again."""
    side, people = written.done.side, _people(written)
    current = written.current
    spelled = then and (then.written or then.values.code)
    before = PromoCode(then.id, spelled or "", then.values) if then else None
    rows = []
    for field in MERGED:
        here = field.shown_of(side, current, people) if current else None
        left, right = (here, None) if side is Side.PARTNERO else (None, here)
        new = field.shown_of(side, before, people) if before else None
        rows.append(FieldValue(field.name, None, left, right, new))
    return tuple(rows)


def _people(written: Written) -> PartnerMap:
    """Return who the partners are, as far as they were asked for."""
    known = {id_: who for id_, who in written.people.items() if who}
    return PartnerMap(known, known, {}, {})


def _owned(change: Change, people: Mapping[str, Partner | None]) -> Change:
    """Block what would give a code to a partner who is not there, or not active."""
    want = change.want
    if want is None or want.partner is None:
        return change
    if isinstance(change.act, Update) and not pays(want.fields):
        return change
    person = people.get(want.partner)
    if person is None:
        return _blocked(change, PartnerGone(want.partner))
    if person.inactive:
        why = PartnerGetsNone(person, person.inactive, change.side)
        return _blocked(change, why)
    return change


def _blocked(change: Change, why: Cause) -> Change:
    return change._replace(status=Status.BLOCKED, causes=(*change.causes, why))
