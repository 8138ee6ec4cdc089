"""What a new code hangs on: Partnero's coupon, and a partner on the other side.

Both are changes of their own, proposed once for all the codes that need them and
ready only when at least one of those is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from connector.engine.change import Change, Grant, Status, Want
from connector.engine.partners import PartnerMap
from connector.engine.policy import Policy
from connector.engine.snapshot import Snapshot
from mappings.canonical import (
    Carried,
    Coupon,
    Discount,
    PromoCode,
    Side,
    is_address,
    mask,
)
from mappings.partnero import coupon_uuid


@dataclass(frozen=True, slots=True)
class Carrier:
    """The coupon for a new code on Partnero; ``why`` says why there is none."""

    coupon: str | None = None
    duration: str | None = None
    needs: tuple[str, ...] = ()
    why: str = ""
    said: str = ""


def lost_terms(old: Coupon | None, new: Coupon | str) -> tuple[str, ...]:
    """Name what the old coupon holds and the new one does not.

    ``new`` is the duration alone where the coupon is still to be made: a plain one.
    """
    if old is None:
        return ("what its coupon limits, which is not known",)
    plain = Carried()
    terms = plain if isinstance(new, str) else new.restrictions
    duration = new if isinstance(new, str) else new.duration
    was = old.restrictions
    named = (
        (
            was.switched_off and not terms.switched_off,
            "that its coupon is switched off",
        ),
        (
            was.expires and was.expires != terms.expires,
            f"its coupon's expiry ({was.expires})",
        ),
        (
            _limit(was) is not None and _limit(was) != _limit(terms),
            f"its coupon's limit (at most {_limit(was)} redemptions)",
        ),
        (old.duration != duration, f"its coupon's duration ({lasting(old.duration)})"),
    )
    return tuple(said for holds, said in named if holds)


def lasting(duration: str) -> str:
    """Return how long a discount goes on for a customer, as people say it."""
    kind, _, count = duration.partition(":")
    if kind == "once":
        return "the discount for once only"
    if kind == "lifetime":
        return "the discount for ever"
    return f"the discount for {count} {kind}" if count else duration or "not told"


def changed_terms(was: Coupon, now: Coupon) -> str:
    """Say how a coupon differs from what a plan rests on, or ""."""
    before, after = _terms(was), _terms(now)
    return "; ".join(
        f"{name}: {before[name]} -> {after[name]}"
        for name in before
        if before[name] != after[name]
    )


def _terms(coupon: Coupon) -> dict[str, str]:
    limits = coupon.restrictions
    held = {
        "discount": coupon.discount,
        "duration": coupon.duration,
        "expiry": limits.expires or "none",
        "limit": "none" if _limit(limits) is None else _limit(limits),
        "active": not limits.switched_off,
        "reach": limits.reaches or "none",
    }
    return {name: str(value) for name, value in held.items()}


def _limit(terms: Carried) -> int | None:
    own = terms.redemption_limit
    return terms.coupon_limit if own is None else own


class Carriers:
    """Finds coupons and partners for new codes, and collects what must be created."""

    def __init__(
        self, partnero: Snapshot, partners: PartnerMap, policy: Policy
    ) -> None:
        self._coupons = partnero.coupons
        self._unread = {one.name for one in partnero.unread if one.noun == "coupon"}
        self._partners = partners
        self._policy = policy
        self._new: dict[str, Change] = {}
        self._found: dict[Discount, Carrier] = {}
        self._plain: dict[Discount | None, list[Coupon]] = {}
        for coupon in sorted(partnero.coupons.values(), key=lambda coupon: coupon.uuid):
            if coupon.is_plain and coupon.duration == policy.duration:
                self._plain.setdefault(coupon.discount, []).append(coupon)

    def coupon(self, target: Side, code: PromoCode) -> Carrier:
        """Return the coupon: the mapped one, else an equal one, else a new one."""
        discount = code.values.discount
        if target is not Side.PARTNERO or discount is None:
            return Carrier()
        if discount not in self._found:
            self._found[discount] = self._choose(discount, code)
        carrier = self._found[discount]
        for need in carrier.needs:
            self._propose(self._new[need]._replace(code=code.written))
        return carrier

    def _choose(self, discount: Discount, code: PromoCode) -> Carrier:
        mapped = self._policy.coupons.get(discount)
        if mapped is not None:
            return self._mapped(mapped, discount)
        duration = self._policy.duration
        if equal := self._plain.get(discount):
            uuid = equal[0].uuid
            return Carrier(uuid, duration, said=f"It hangs on coupon {uuid}.")
        uuid = coupon_uuid(discount, duration)
        if uuid in self._unread:
            return Carrier(why=f"coupon {uuid} is there and cannot be understood.")
        if uuid in self._coupons:
            why = f"coupon {uuid} exists, but is not a plain {discount} {duration} one"
            return Carrier(why=f"{why}; name another one in [pairs.coupons] map.")
        change = Change(
            action="coupon",
            target=Side.PARTNERO.value,
            key=f"coupon:{uuid}",
            code=code.written,
            row=2,
            grant=Grant.CREATE,
            reason="coupon_missing",
            causes=(f"Partnero needs a coupon for {discount}, {duration}: {uuid}.",),
            seen={Side.PARTNERO: None},
            want=Want(uuid, discount, None, coupon=uuid, duration=duration),
        ).with_id()
        self._propose(change)
        said = f"It hangs on the new coupon {uuid}."
        return Carrier(uuid, duration, (change.id,), said=said)

    def _mapped(self, uuid: str, discount: Discount) -> Carrier:
        coupon = self._coupons.get(uuid)
        if uuid in self._unread:
            why = f"coupon {uuid} of [pairs.coupons] map cannot be understood."
            return Carrier(why=why)
        if coupon is None:
            return Carrier(why=f"coupon {uuid} of [pairs.coupons] map does not exist.")
        if coupon.discount != discount:
            why = f"coupon {uuid} of [pairs.coupons] map gives {coupon.discount}, not"
            return Carrier(why=f"{why} {discount}.")
        reach = coupon.restrictions.reaches
        said = f" It reaches {reach}." if reach else ""
        said = f"It hangs on coupon {uuid} of the configuration.{said}"
        return Carrier(uuid, coupon.duration, said=said)

    def moved(self, draft: Change, old: PromoCode | None) -> Change:
        """Name what a code loses that moves from its coupon to another one."""
        want = draft.want
        if want is None or want.coupon is None or old is None:
            return draft
        was = old.carried.coupon
        if was == want.coupon:
            return draft
        new = self._coupons.get(want.coupon) or want.duration or ""
        dropped = lost_terms(self._coupons.get(was or ""), new)
        return draft._replace(
            lost=(*draft.lost, *dropped),
            raises_exposure=draft.raises_exposure or bool(dropped),
        )

    def partner(self, source: Side, owner: str, code: PromoCode) -> tuple[str, ...]:
        """Propose to create the missing partner; () where that would be a guess."""
        person = self._partners.person(source, owner)
        known_twice = (source, owner) in self._partners.ambiguous
        if person.email is None or not is_address(person.email) or known_twice:
            return ()
        target = source.other
        change = Change(
            action="partner",
            target=target.value,
            key=f"partner:{source}:{owner}",
            code=code.written,
            row=1 if target is Side.TOLT else 2,
            grant=Grant.CREATE,
            reason="partner_missing",
            causes=(
                (
                    f"{mask(person.email)} ({owner}) becomes a partner on "
                    f"{target.label}, which may send an e-mail."
                ),
            ),
            seen={target: None},
            want=Want(person.name, None, owner),
        ).with_id()
        self._propose(change)
        return (change.id,)

    def _propose(self, change: Change) -> None:
        """Keep the change under the first of its codes, in whatever order they come."""
        known = self._new.get(change.id)
        if known is None or change.code < known.code:
            self._new[change.id] = change

    def why_no_partner(self, source: Side, owner: str | None) -> tuple[str, str]:
        """Return reason and message for a code whose partner has no counterpart."""
        target = source.other
        if owner is None:
            return "partner_missing", f"It belongs to no partner on {source.label}."
        who = f"{mask(self._partners.person(source, owner).email)} ({owner})"
        if (source, owner) in self._partners.ambiguous:
            return "partner_ambiguous", (
                f"It is not certain who {who} is: several partners have the e-mail, or "
                f"lines of the alias file contradict each other. Name the right one "
                f"there, in one line (ids are allowed)."
            )
        message = f"Its partner {who} is not on {target.label}."
        alike = self._partners.suggestions.get((source, owner))
        if alike:
            other = f"{mask(self._partners.person(target, alike).email)} ({alike})"
            message += f" Is it {other}? Then add both to the alias file."
        return "partner_missing", message

    def changes(self, dependents: Iterable[Change]) -> Iterable[Change]:
        """Return the needed changes, ready where a ready change needs them."""
        wanted: dict[str, Status] = {}
        for change in dependents:
            for need in change.needs:
                ready = change.status is Status.READY
                if ready or need not in wanted:
                    wanted[need] = Status.READY if ready else Status.HELD
        for need, status in wanted.items():
            if need in self._new:
                yield self._new[need]._replace(status=status)
