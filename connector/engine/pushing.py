"""What pushing one redemption takes, step by step, and when it is not done. Pure.

Nothing is pushed that was not looked for on the target first. Each step is a change
of its own, so that a person sees it, and needs those before it: customer,
transaction, redeem. All steps of one code carry the code's key, and changes with one
key are carried out one after the other: one redeem in flight for a code.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.engine.change import Change, Grant, Refusal, Status, digest
from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.engine.policy import Limits, Policy, review
from mappings.canonical import PromoCode, Side, mask
from mappings.redemptions import Charge, Customer, Entry, Money, Push, Sale, shown

PARKED = "looked at twice"
"""In the detail of what nobody can explain: not tried again by itself."""
NEAR = timedelta(days=2)
"""Two billing reports of one sale are seldom further apart."""
NOBODY_PARKED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Prospect:
    """One redemption that the target lacks, with what was looked up for it.

    ``source`` is the buyer where it happened, ``buyer`` the same on the target,
    ``found`` what the target already has under the key, ``shared`` other entries
    with the key under other codes.
    """

    entry: Entry
    pairing: Pairing
    target: Side
    source: Customer | None
    buyer: Customer | None
    found: Sequence[Sale] | Sequence[Charge] = ()
    shared: Sequence[Entry] = ()

    @property
    def money(self) -> Money | None:
        """The amount, as the source has it."""
        to_partnero = self.target is Side.PARTNERO
        return self.entry.charged if to_partnero else self.entry.sold

    @property
    def code(self) -> PromoCode:
        """The code on the target; only codes of both sides are ever pushed."""
        code = self.pairing.of(self.target)
        assert code is not None  # noqa: S101 (why_not let it through)
        return code


def why_not(pairing: Pairing | None, partners: PartnerMap) -> str:
    """Say why nothing is pushed for a code, or "" where it may be."""
    if pairing is None or pairing.partnero is None or pairing.tolt is None:
        return "it is not on both sides"
    left, right = pairing.partnero.values.partner, pairing.tolt.values.partner
    if left is None or not partners.same(left, right):
        return "both sides do not credit the same partner"
    return ""


def same_sale(prospect: Prospect, other: Entry) -> bool:
    """Say whether the target's other redemption looks like the same sale.

    The same code, customer and amount, near the same time: under another key.
    """
    to_partnero = prospect.target is Side.PARTNERO
    mine, theirs = prospect.entry.charged_at, other.sold_at or other.logged_at
    who, money = other.buyer, other.sold
    if not to_partnero:
        mine, theirs = prospect.entry.sold_at, other.charged_at
        who, money = other.customer, other.charged
    same = other.code == prospect.entry.code and money == prospect.money
    if not same or prospect.buyer is None or who != prospect.buyer.id:
        return False
    if not mine or not theirs:
        return True
    apart = datetime.fromisoformat(mine) - datetime.fromisoformat(theirs)
    return abs(apart) <= NEAR


def propose(
    prospect: Prospect,
    policy: Policy,
    accepted: frozenset[str] = frozenset(),
    parked: Mapping[str, str] = NOBODY_PARKED,
) -> list[Change]:
    """Return the steps that push one redemption, or the one that cannot be done.

    ``parked`` are ids of steps that failed too often, or once beyond explanation.
    """
    stop = _hindrance(prospect, policy)
    if stop is not None:
        action, reason, why = stop
        said = f"{_what(prospect)}, and is not pushed: {why}."
        blocked = _step(prospect, action, policy, said)
        return [blocked._replace(reason=reason, status=Status.BLOCKED)]
    steps: list[Change] = []
    for action in _missing(prospect):
        said = f"{_what(prospect)}. {_said(action, prospect, policy)}"
        step = _step(prospect, action, policy, said)
        step = step._replace(needs=tuple(one.id for one in steps))
        reviewed = review(step, policy, accepted)
        if reviewed is not None:
            steps.append(_unless_parked(reviewed, parked))
    return steps


def check_pushes(changes: Iterable[Change], limits: Limits) -> Refusal | None:
    """Refuse a run that would push more redemptions than it may create codes.

    A limit of its own, and no share: how many codes there are says nothing about how
    often they are used.
    """
    pushed = {
        (change.key, change.push.key)
        for change in changes
        if change.push is not None
        and change.push.key
        and change.status is Status.READY
        and not change.decided
    }
    if len(pushed) <= limits.creates:
        return None
    return Refusal(
        "too_many_creates",
        None,
        f"This run would push {len(pushed)} redemptions or more, allowed are "
        f"{limits.creates} a run. Nothing was written. Read the report; then set "
        "policy.redemptions_since to leave old ones out, or raise limits.creates in "
        "the configuration.",
    )


def _missing(prospect: Prospect) -> list[str]:
    """Name the steps that are left, in order."""
    steps = []
    buyer = prospect.buyer
    if buyer is None or (prospect.target is Side.TOLT and not buyer.code):
        steps.append("customer")
    if not prospect.found:
        steps.append("transaction")
    if prospect.target is Side.PARTNERO:
        steps.append("redeem")
    return steps


Hindrance = tuple[str, str, str]
"""The step that cannot be done, a stable word for it, and why."""


def _hindrance(prospect: Prospect, policy: Policy) -> Hindrance | None:
    if prospect.money is None:
        return "transaction", "not_expressible", "its amount is not exact"
    if prospect.source is None:
        return "customer", "customer_missing", "its customer is not there any more"
    if any(_other_buyer(prospect, one) for one in prospect.shared):
        why = "its key stands on another code too, for another customer"
        return "transaction", "quarantined", why
    return _buyer(prospect, prospect.source, policy) or _found(prospect)


def _buyer(prospect: Prospect, source: Customer, policy: Policy) -> Hindrance | None:
    buyer, who = prospect.buyer, mask(source.email)
    target = prospect.target.label
    if buyer is None:
        if policy.create_customers:
            return None
        why = f"{who} is no customer on {target}, and create_customers is false"
        return "customer", "customer_missing", why
    if buyer.partner and buyer.partner != prospect.code.values.partner:
        return "customer", "payee_change", f"{who} is another partner's on {target}"
    if prospect.target is Side.TOLT and buyer.code not in ("", prospect.code.id):
        return "customer", "customer_on_other_code", f"{who} came by another code there"
    return None


def _found(prospect: Prospect) -> Hindrance | None:
    """Compare what the target has under the key already: only what is equal is it."""
    found, target = prospect.found, prospect.target.label
    if len(found) > 1:
        why = f"{target} has {len(found)} transactions under this key"
        return "transaction", "redemption_twice", why
    for one in found:
        if isinstance(one, Sale) and one.archived:
            return "transaction", "refunded", "it was taken back there"
        if one.money != prospect.money:
            why = f"{target} has it already, with {one.money or 'another amount'}"
            return "transaction", "amount_differs", why
        if prospect.buyer is None or one.customer != prospect.buyer.id:
            why = f"{target} has it already, for another customer"
            return "transaction", "quarantined", why
        if isinstance(one, Charge):
            why = "Tolt has it already, but not as a use of this code"
            return "transaction", "quarantined", why
    return None


def _other_buyer(prospect: Prospect, other: Entry) -> bool:
    mine = prospect.entry
    if other.code == mine.code:
        return False
    return other.customer != mine.customer or other.buyer != mine.buyer


def _what(prospect: Prospect) -> str:
    entry = prospect.entry
    money = prospect.money or "no exact amount"
    source = prospect.target.other.label
    return f"{shown(entry.key)} of {entry.at[:10]} ({money}) is on {source} only"


def _said(action: str, prospect: Prospect, policy: Policy) -> str:
    who = mask(prospect.source.email if prospect.source else None)
    target = prospect.target.label
    if action == "customer":
        return f"{who} becomes a customer on {target}, by this code."
    if action == "redeem":
        return "It is recorded as a use of the code; that cannot be undone."
    pays = prospect.target is Side.TOLT or policy.commissions
    told = "pays a commission" if pays else "pays nothing"
    return f"It becomes a transaction of {who} on {target}, which {told}."


def _step(prospect: Prospect, action: str, policy: Policy, message: str) -> Change:
    push = _push(prospect, policy)
    key = prospect.entry.code
    if action == "customer":
        # One step for all redemptions of a buyer: nothing of a single one is in it.
        push = push._replace(key="", minor=0, at="", rewardable=False)
        key = f"customer:{prospect.target}:{digest(push.names)[:12]}"
    return Change(
        action=action,
        target=prospect.target.value,
        key=key,
        code=prospect.code.written,
        row=0,
        grant=Grant.FREE,
        reason=f"only_on_{prospect.target.other}",
        message=message,
        push=push,
    ).with_id()


def _push(prospect: Prospect, policy: Policy) -> Push:
    entry, code, source = prospect.entry, prospect.code, prospect.source
    to_partnero = prospect.target is Side.PARTNERO
    names = (source.external, source.email, source.id) if source else ()
    external = next((one for one in names if one), "")
    buyer = prospect.buyer.id if prospect.buyer else ""
    money = prospect.money
    return Push(
        key=entry.key,
        minor=money.minor if money else 0,
        currency=money.currency if money else "",
        at=entry.charged_at if to_partnero else entry.sold_at or entry.logged_at,
        code=code.id,
        text=code.written.strip(),
        partner=code.values.partner or "",
        # On Partnero a customer's key is the merchant's own, so it is known before.
        buyer=buyer or (external if to_partnero else ""),
        external=external,
        email=source.email if source else "",
        name=source.name if source else "",
        rewardable=policy.commissions,
    )


def _unless_parked(change: Change, parked: Mapping[str, str]) -> Change:
    why = parked.get(change.id)
    if why is None or change.decided:
        return change
    message = f"{change.message} It failed before ({why}) and is not tried again by "
    message += f"itself. Once more: partnero-tolt apply --accept {change.id}"
    return change._replace(status=Status.HELD, reason="quarantined", message=message)
