"""The coupon that a new code on Partnero hangs on: a mapped, an equal or a new one.

A new coupon is a change of its own, proposed once for all the codes that need it and
ready only when at least one of those is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connector.engine.acts import NeedCoupon
from connector.engine.causes.cause import Cause
from connector.engine.causes.needs import (
    CouponGivesOther,
    CouponNotPlain,
    CouponNotThere,
    CouponUnread,
    CouponWouldBeMade,
    HangsOn,
)
from connector.engine.change import Change, Grant
from connector.engine.policy import Policy
from connector.engine.snapshot import Snapshot
from mappings.canonical import Coupon, Discount, Side
from mappings.partnero_bodies import (
    coupon_uuid,
)


class Carrier(NamedTuple):
    """The coupon of a discount; None: there is none, and ``cause`` says why.

    ``need`` is the change that makes it, where it is not there yet.
    """

    coupon: str | None
    duration: str | None
    cause: Cause
    need: Change | None = None


Plain = Mapping[Discount | None, Sequence[Coupon]]


@dataclass(frozen=True, slots=True)
class Coupons:
    """What is known of coupons; ``chosen`` only spares asking twice for a discount."""

    known: Mapping[str, Coupon]
    unread: frozenset[str]
    plain: Plain
    mapped: Mapping[Discount, str]
    duration: str
    chosen: dict[Discount, Carrier] = field(default_factory=dict)

    @classmethod
    def of(cls, partnero: Snapshot, policy: Policy) -> "Coupons":
        unread = {row.name for row in partnero.unread if row.noun == "coupon"}
        plain: dict[Discount | None, list[Coupon]] = {}
        for coupon in sorted(partnero.coupons.values(), key=lambda coupon: coupon.uuid):
            if coupon.is_plain and coupon.duration == policy.duration:
                plain.setdefault(coupon.discount, []).append(coupon)
        known, mapped = partnero.coupons, policy.coupons
        return cls(known, frozenset(unread), plain, mapped, policy.duration)

    def carrier(self, discount: Discount) -> Carrier:
        """Return what a new code with this discount hangs on."""
        if discount not in self.chosen:
            uuid = self.mapped.get(discount)
            carrier = self._mapped(uuid, discount) if uuid is not None else None
            self.chosen[discount] = carrier or self._equal(discount)
        return self.chosen[discount]

    def _mapped(self, uuid: str, discount: Discount) -> Carrier:
        """Return the coupon that the configuration names."""
        if uuid in self.unread:
            return Carrier(None, None, CouponUnread(uuid, configured=True))
        coupon = self.known.get(uuid)
        if coupon is None:
            return Carrier(None, None, CouponNotThere(uuid))
        if coupon.discount != discount:
            other = CouponGivesOther(uuid, coupon.discount, discount)
            return Carrier(None, None, other)
        reach = coupon.restrictions.reaches
        return Carrier(uuid, coupon.duration, HangsOn(uuid, "configured", reach))

    def _equal(self, discount: Discount) -> Carrier:
        """Return a plain coupon with just this discount, or one that is to be made."""
        duration = self.duration
        if equal := self.plain.get(discount):
            uuid = equal[0].uuid
            return Carrier(uuid, duration, HangsOn(uuid, "equal"))
        uuid = coupon_uuid(discount, duration)
        if uuid in self.unread:
            return Carrier(None, None, CouponUnread(uuid, configured=False))
        if uuid in self.known:
            return Carrier(None, None, CouponNotPlain(uuid, discount, duration))
        need = _made(NeedCoupon(uuid, discount, duration))
        return Carrier(uuid, duration, HangsOn(uuid, "new"), need)


def _made(act: NeedCoupon) -> Change:
    return Change(
        act,
        key=f"coupon:{act.uuid}",
        code="",
        row=2,
        grant=Grant.CREATE,
        reason="coupon_missing",
        causes=(CouponWouldBeMade(act.discount, act.duration, act.uuid),),
        seen={Side.PARTNERO: None},
    ).with_id()
