"""The inverse of a run, as a plan: every line held, made of the run's own journal.

What somebody else changed since then blocks its line. Coupons and partners are never
removed again, and what a deletion destroyed comes back without its history.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from connector.config.pair import Pair
from connector.engine import words
from connector.engine.change import (
    Change,
    FieldValue,
    Finding,
    Grant,
    Plan,
    Seen,
    SideReport,
    Status,
    Tally,
    Want,
    parse_note,
    seen,
)
from connector.engine.kept import coupon_of, kept_row
from connector.providers.base import Reader, Readers
from connector.run.look import (
    PLAN_IS_GOOD_FOR,
    Sighting,
)
from mappings.canonical import FIELDS, Partner, PromoCode, Side, Values, fold
from mappings.moments import iso
from state.model import Intent
from state.store import Store

Owner = Callable[[Side, str | None], str]
"""Says who an id is, with the e-mail masked."""
LASTING = {
    "coupon": "a coupon is never deleted",
    "partner": "a partner is never deleted",
    "redeem": "Partnero cannot take a redemption back",
    "customer": "a customer is never deleted",
    "transaction": "a transaction is only refunded by a person",
}


def undo_sighting(
    pair: Pair,
    readers: Readers,
    store: Store,
    run: str,
    now: datetime,
    *,
    accepted: frozenset[str] = frozenset(),
) -> Sighting:
    """Return the inverse plan of a run, looked at record by record."""

    @cache
    def owner(side: Side, partner: str | None) -> str:
        if partner is None:
            return words.NOBODY
        found = readers.of(side).partner(partner)
        return words.person(found or Partner(partner, None))

    changes: list[Change] = []
    findings: list[Finding] = []
    for intent in reversed(store.intents(run)):
        if intent.state != "confirmed":
            continue
        if intent.action in LASTING:
            told = f"{intent.code}: {intent.action} on {intent.target}"
            why = LASTING[intent.action]
            findings.append(Finding("not_undoable", (f"{told}: {why}.",), intent.code))
            continue
        if intent.version != pair.version:
            told = f"{intent.code}: {intent.action} on {intent.target} was done under "
            told += (
                f"{intent.version or 'an unknown version'} of Tolt's API, whose ids "
            )
            told += f"{pair.version} does not know."
            findings.append(Finding("not_undoable", (told,), intent.code))
            continue
        change = _keyed(store, _inverse(intent, readers, owner))
        change = _permitted(pair, _owned(readers, change).with_id())
        if change.status is not Status.BLOCKED and change.id in accepted:
            change = change._replace(status=Status.READY, decided=True)
        changes.append(change)
    plan = Plan(
        pair=pair.name,
        created_at=iso(now),
        expires_at=iso(now + PLAN_IS_GOOD_FOR),
        config=pair.digest,
        state=store.meta().get("identity"),
        sides={r.side.value: SideReport(0, 0, True, r.requests) for r in readers},
        changes=tuple(changes),
        findings=tuple(findings),
        tally=Tally(differ=len(changes)),
        undoes=run,
    )
    return Sighting(plan, {}, None, ())


def _permitted(pair: Pair, change: Change) -> Change:
    """Block what policy or direction say never to do: an undo is no way round it."""
    if not pair.policy.allows(change.side):
        direction = pair.policy.direction
        return _blocked(change, f"The direction is {direction}: nothing is written.")
    if pair.policy.verdict(change) == "never":
        return _blocked(change, "The policy says never to do this.")
    return change


def _owned(readers: Readers, change: Change) -> Change:
    """Block what would give a code to a partner who is not there, or not active."""
    want = change.want
    if want is None or want.partner is None:
        return change
    if change.action == "update" and "partner" not in want.fields:
        return change
    person = readers.of(change.side).partner(want.partner)
    if person is None:
        return _blocked(change, f"Its partner ({want.partner}) is not there any more.")
    if person.inactive:
        who = f"{words.person(person)} is {person.inactive} on {change.side.label}"
        return _blocked(change, f"{who} and gets no code.")
    return change


def _keyed(store: Store, change: Change) -> Change:
    """Return the change under the key that its record has by now."""
    left = change.seen.get(Side.PARTNERO)
    if left is None or store.link(change.key) or not store.link(left.values.code):
        return change
    return change._replace(key=left.values.code)


def _blocked(change: Change, why: str) -> Change:
    return change._replace(status=Status.BLOCKED, causes=(*change.causes, why))


def _inverse(intent: Intent, readers: Readers, owner: Owner) -> Change:
    """Return what would take one write back, for the values as they are now."""
    done = parse_note(intent.change)
    side = done.side
    now = {s: _standing(readers.of(s), done, s) for s in Side}
    before, current = done.seen.get(side), now[side]
    draft = Change(
        action={"create": "delete", "delete": "create"}.get(done.action, done.action),
        target=side.value,
        key=done.key,
        code=done.code,
        row=done.row,
        grant=Grant.DECIDE,
        reason="undo",
        causes=(f"{done.code}: takes the {done.action} on {side.label} back.",),
        seen={s: seen(code) for s, code in now.items()},
        status=Status.HELD,
    )
    if foreign := _edited_since(done, current, owner):
        return _blocked(draft, f"Somebody changed it since: {foreign}.")
    if done.action == "create":
        lost = words.dies_with(side, current) if current else ()
        return draft._replace(lost=lost, fields=_fields(done, current, None, owner))
    if before is None:
        return draft._replace(status=Status.BLOCKED)
    lost = ("its former counter, log and id",) if done.action != "update" else ()
    fields = done.want.fields if done.action == "update" and done.want else FIELDS
    want = Want(
        written=_spelling(side, before, done),
        discount=before.values.discount,
        partner=before.values.partner,
        fields=frozenset(fields),
        coupon=coupon_of(kept_row(intent.copy)),
        kept=intent.copy,
    )
    shown = _fields(done, current, before, owner)
    return draft._replace(lost=lost, want=want, fields=shown)


def _spelling(side: Side, before: Seen, done: Change) -> str:
    """Return the text as it stood; notes of earlier versions kept it folded only."""
    if side is Side.PARTNERO:
        return before.id
    renamed = done.want is not None and "code" in done.want.fields
    return before.written or (before.values.code if renamed else done.code)


def _standing(reader: Reader, done: Change, side: Side) -> PromoCode | None:
    """Return the record as it stands now, under its old id or under its text."""
    was = done.seen.get(side)
    found = reader.get(was.id) if was else None
    if found is not None:
        return found
    same = reader.find(done.code)
    if not same and done.want is not None:
        same = reader.find(done.want.written)
    return same[0] if len(same) == 1 else None


def _edited_since(done: Change, current: PromoCode | None, owner: Owner) -> str:
    """Say what differs from what the run left behind, or ""."""
    if done.action == "delete":
        return f"it is there again as {current.written}" if current else ""
    if current is None or done.want is None:
        return "it is gone"
    whole = done.action in ("create", "replace")
    for name in FIELDS if whole else sorted(done.want.fields):
        left, now = getattr(done.want, name, None), getattr(current.values, name)
        if name == "code":
            left = fold(done.want.written)
        if left != now and (name != "partner" or left is not None):
            if name == "partner":
                now, left = owner(done.side, now), owner(done.side, left)
            return f"{name} is {now}, the run left {left}"
    return ""


def _fields(
    done: Change, now: PromoCode | None, then: Seen | None, owner: Owner
) -> tuple[FieldValue, ...]:
    """Show each field as it is and as it would be again."""

    def told(values: Values | None, name: str) -> str | None:
        if values is None:
            return None
        if name == "code":
            spelled = [s.written for s in (now, then) if s and s.values is values]
            return spelled[0] or values.code
        value = getattr(values, name)
        if name == "partner":
            return owner(done.side, value)
        return words.discount(value)

    shown = []
    for name in FIELDS:
        here = told(now.values if now else None, name)
        left, right = (here, None) if done.side is Side.PARTNERO else (None, here)
        new = told(then.values if then else None, name)
        shown.append(FieldValue(name, None, left, right, new))
    return tuple(shown)
