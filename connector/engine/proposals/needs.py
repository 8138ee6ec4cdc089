"""What a new record needs: a text and a discount that fit, a partner, a coupon."""

from msgspec.structs import replace

from connector.engine.acts import Create, NeedPartner, Replace, Want
from connector.engine.causes.cause import Cause
from connector.engine.causes.needs import (
    Inexpressible,
    NoOwner,
    NotTakenAway,
    OwnerAmbiguous,
    OwnerInactive,
    OwnerMissing,
    OwnerUnread,
    PartnerWouldBeMade,
)
from connector.engine.change import Change, Grant, Status, blocked
from connector.engine.proposals.lost import lost_terms
from connector.engine.proposals.record import Record
from connector.engine.proposals.replaceable import why_not_replaceable
from mappings.canonical import (
    FIELDS,
    Coupon,
    PromoCode,
    Side,
    Values,
    fold,
    is_address,
)
from mappings.fields import MERGED, why_inexpressible


def crossed(record: Record, source: Side, code: PromoCode) -> Values:
    """Return a side's values as the other has to hold them, the text as written."""
    people = record.facts.partners
    values = (field.crossed(source, code.values, people) for field in MERGED)
    return Values._make(values)._replace(code=code.written)


def expressible(record: Record, draft: Change, code: PromoCode) -> Change:
    """Return the draft, blocked where the target cannot hold a value."""
    target = draft.side
    written = code.values._replace(code=code.written)
    why = why_inexpressible(written, record.facts.can[target])
    if not why:
        return draft
    kinds = {odd.kind for f in MERGED if (odd := f.unreadable(code.values))}
    reason = "currency_unknown" if "currency" in kinds else "not_expressible"
    return blocked(draft, reason, Inexpressible(target, why))


# -- the partner --------------------------------------------------------------------


def owned(record: Record, draft: Change, code: PromoCode) -> Change:
    """Give a new record its partner on the target, or say why there is none."""
    if draft.status is Status.BLOCKED:
        return draft
    source = draft.side.other
    values = crossed(record, source, code)
    owner, partner = code.values.partner, values.partner
    need: tuple[Change, ...] = ()
    if partner is None and owner:
        if unread := owner_unread(record, source, owner):
            return blocked(draft, "unproven", unread)
        if record.policy.create_partners:
            need = _partner(record, source, owner, code)
    if partner is None and not need:
        return blocked(draft, *why_no_owner(record, source, owner))
    for side, who in ((source, owner), (source.other, partner)):
        if inactive := owner_inactive(record, side, who):
            return blocked(draft, "partner_inactive", inactive)
    draft = draft.wanting(Want(values, frozenset(FIELDS)))
    return _needing(draft, *need)


def _needing(draft: Change, *need: Change) -> Change:
    ids = tuple(change.id for change in need)
    return draft._replace(needs=(*draft.needs, *ids), requires=(*draft.requires, *need))


def _partner(
    record: Record, source: Side, owner: str, code: PromoCode
) -> tuple[Change, ...]:
    """Propose to make a missing partner; nobody where that would be a guess."""
    partners, target = record.facts.partners, source.other
    person = partners.person(source, owner)
    known_twice = (source, owner) in partners.ambiguous
    if person.email is None or not is_address(person.email) or known_twice:
        return ()
    need = Change(
        NeedPartner(target, person.name, owner),
        key=f"partner:{source}:{owner}",
        code=code.written,
        row=1 if target is Side.TOLT else 2,
        grant=Grant.CREATE,
        reason="partner_missing",
        causes=(PartnerWouldBeMade(person, target),),
        seen={target: None},
    )
    return (need.with_id(),)


def why_no_owner(record: Record, source: Side, owner: str | None) -> tuple[str, Cause]:
    """Return reason and cause for a code whose partner has no counterpart."""
    partners, target = record.facts.partners, source.other
    if owner is None:
        return "partner_missing", NoOwner(source)
    person = partners.person(source, owner)
    if (source, owner) in partners.ambiguous:
        return "partner_ambiguous", OwnerAmbiguous(person)
    alike = partners.suggestions.get((source, owner))
    other = partners.person(target, alike) if alike else None
    return "partner_missing", OwnerMissing(person, target, other)


def owner_inactive(
    record: Record, side: Side, partner: str | None
) -> OwnerInactive | None:
    """Say so where a partner gets no code; None where nothing is known against it."""
    person = record.facts.partners.person(side, partner) if partner else None
    return OwnerInactive(person, side) if person and person.inactive else None


def owner_unread(record: Record, source: Side, owner: str) -> OwnerUnread | None:
    """Say which row, not understood, may be a code's partner."""
    email = record.facts.partners.person(source, owner).email
    for side in (source, source.other):
        for row in record.facts.of(side).unread:
            if row.noun != "partner":
                continue
            alike = not (row.text and email) or fold(row.text) == fold(email)
            if row.name in (owner, "") if side is source else alike:
                return OwnerUnread(side, row.shown)
    return None


# -- the coupon ---------------------------------------------------------------------


def hung(record: Record, draft: Change) -> Change:
    """Give a new record the coupon that it hangs on, where there are coupons."""
    want = draft.want
    if want is None or draft.side is not Side.PARTNERO or want.discount is None:
        return draft
    carrier = record.coupons.carrier(want.discount)
    if carrier.coupon is None:
        return blocked(draft, "not_expressible", carrier.cause)
    want = want._replace(coupon=carrier.coupon, duration=carrier.duration)
    draft = draft.wanting(want)._replace(causes=(*draft.causes, carrier.cause))
    if carrier.need:
        draft = _needing(draft, carrier.need._replace(code=want.written))
    return _moved(record, draft, want)


def _moved(record: Record, draft: Change, want: Want) -> Change:
    """Name what a code loses that moves from its coupon to another one."""
    old, act = record.of(draft.side), draft.act
    if old is None or old.carried.coupon == want.coupon:
        return draft
    new = record.coupons.known.get(want.coupon or "") or want.duration or ""
    was = record.coupons.known.get(old.carried.coupon or "")
    dropped = lost_terms(was, new)
    if not isinstance(act, Create | Replace):
        return draft
    raises, lost = act.raises or bool(dropped), (*act.lost, *dropped)
    return draft._replace(act=replace(act, lost=lost, raises=raises))


# -- whether the old one may go -----------------------------------------------------


def replaceable(record: Record, draft: Change, old: PromoCode) -> Change:
    """Block a replace that would take a code away which might not come back."""
    want, side = draft.want, draft.side
    snapshot = record.facts.of(side)
    keeps_text = want is not None and fold(want.written) == old.values.code
    if want is None or side is not Side.PARTNERO or not keeps_text:
        return draft
    if old.carried.coupon is None:  # the write asks for it, before anything goes
        return draft
    coupons: dict[str, Coupon | None] = {**snapshot.coupons}
    if snapshot.complete:
        coupons.setdefault(old.carried.coupon, None)
    can = record.facts.can[side]
    why = why_not_replaceable(old, want, snapshot.partners, coupons, can)
    return blocked(draft, "not_expressible", NotTakenAway(why)) if why else draft
