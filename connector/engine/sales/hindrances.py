"""What keeps one redemption from being pushed: the first that there is. Pure.

Only what is certain is paid: which sale it is, how much, to whom, and that the target
does not have it already.
"""

from typing import NamedTuple

from connector.engine.acts import Step
from connector.engine.causes.cause import Cause
from connector.engine.causes.pushes import (
    AmountNotExact,
    BuyerGone,
    CameByAnotherCode,
    CurrencyUnknown,
    KeyMayChange,
    KeyOfAnotherCode,
    KeyThereTwice,
    NotACustomer,
    NotOnBothSides,
    NotOnePartners,
    NoUseOfTheCode,
    NumberOfAnother,
    OtherAmountThere,
    OtherBuyerThere,
    OtherCurrency,
    PayeeInactive,
    PayeesDiffer,
    SeveralBuyers,
    TakenBackThere,
    Untold,
)
from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.engine.policy import Policy
from connector.engine.sales.facts import PushFacts
from mappings.canonical import Side, mask
from mappings.redemptions import Charge, Customer, Entry, Sale, flaw_of

KEPT_AS_IT_IS = (
    "payee_change",
    "customer_differs",
    "customer_ambiguous",
    "customer_on_other_code",
    "currency_differs",
    "amount_differs",
    "partner_inactive",
)
"""What a person may accept as it is: named, and never pushed."""
STILL_COMPARED = ("payee_change", "partner_inactive", "customer_on_other_code")
"""What is blocked and may show all the same that both sides have one root."""


class Hindrance(NamedTuple):
    """The step that cannot be done, a stable word for it, and why."""

    step: Step
    reason: str
    why: Cause


def why_no_code(pairing: Pairing | None, partners: PartnerMap) -> Cause | None:
    """Say why nothing is pushed for a code, or None where it may be."""
    if pairing is None or pairing.partnero is None or pairing.tolt is None:
        return NotOnBothSides()
    left, right = pairing.partnero.values.partner, pairing.tolt.values.partner
    if left is None or not partners.same(left, right):
        return NotOnePartners()
    return None


def is_safe(entry: Entry) -> bool:
    """Say whether a key can be sent as it is: asked before anything is looked up."""
    return flaw_of(entry.key) is None


def hindrance(facts: PushFacts, policy: Policy) -> Hindrance | None:
    """Say what keeps a redemption from being pushed; the first that there is."""
    if flaw := flaw_of(facts.entry.key):
        return Hindrance(Step.TRANSACTION, "not_expressible", KeyMayChange(flaw))
    if facts.unknown:
        return Hindrance(Step.TRANSACTION, "unproven", Untold(facts.unknown))
    if wrong := _money(facts):
        return wrong
    if facts.source is None:
        return Hindrance(Step.CUSTOMER, "customer_missing", BuyerGone())
    if any(_is_another_buyers(facts.entry, other) for other in facts.shared):
        return Hindrance(Step.TRANSACTION, "quarantined", KeyOfAnotherCode())
    return _payee(facts) or _buyer(facts, facts.source, policy) or _there(facts)


def _money(facts: PushFacts) -> Hindrance | None:
    """Only money of the programme's own currency is ever sent, and exactly."""
    programme, money = facts.currency, facts.money
    if programme is None:
        return Hindrance(Step.TRANSACTION, "currency_unknown", CurrencyUnknown())
    if money is None:
        return Hindrance(Step.TRANSACTION, "not_expressible", AmountNotExact())
    if money.currency != programme:
        why = OtherCurrency(money.currency, programme)
        return Hindrance(Step.TRANSACTION, "currency_differs", why)
    return None


def _payee(facts: PushFacts) -> Hindrance | None:
    """The one who is paid has to be the one who was credited, as far as it is told."""
    if facts.inactive:
        why = PayeeInactive(*facts.inactive)
        return Hindrance(Step.TRANSACTION, "partner_inactive", why)
    if len(set(facts.credited)) > 1:
        return Hindrance(Step.TRANSACTION, "payee_change", PayeesDiffer(facts.who))
    return None


def _buyer(facts: PushFacts, source: Customer, policy: Policy) -> Hindrance | None:
    buyer, who, target = facts.buyer, mask(source.email), facts.target
    if facts.stranger is not None:
        other = NumberOfAnother(target, who, mask(facts.stranger.email))
        return Hindrance(Step.CUSTOMER, "customer_differs", other)
    if buyer is None and facts.namesakes:
        several = SeveralBuyers(target, who, len(facts.namesakes))
        return Hindrance(Step.CUSTOMER, "customer_ambiguous", several)
    if buyer is None:
        if policy.create_customers:
            return None
        return Hindrance(Step.CUSTOMER, "customer_missing", NotACustomer(target, who))
    if target is Side.TOLT and buyer.code not in ("", facts.code.id):
        why = CameByAnotherCode(who)
        return Hindrance(Step.CUSTOMER, "customer_on_other_code", why)
    return None


def _there(facts: PushFacts) -> Hindrance | None:
    """Compare what the target has under the key already: only what is equal is it."""
    there, target = facts.there, facts.target
    if len(there) > 1:
        several = KeyThereTwice(target, len(there))
        return Hindrance(Step.TRANSACTION, "redemption_twice", several)
    for sale in there:
        if isinstance(sale, Sale) and sale.archived:
            return Hindrance(Step.TRANSACTION, "refunded", TakenBackThere())
        if sale.money != facts.money:
            why = OtherAmountThere(target, sale.money)
            return Hindrance(Step.TRANSACTION, "amount_differs", why)
        if facts.buyer is None or sale.customer not in ("", facts.buyer.id):
            return Hindrance(Step.TRANSACTION, "quarantined", OtherBuyerThere(target))
        if isinstance(sale, Charge) and not _is_use(sale, facts):
            return Hindrance(Step.TRANSACTION, "quarantined", NoUseOfTheCode(target))
    return None


def _is_use(charge: Charge, facts: PushFacts) -> bool:
    """Say whether Tolt takes it for a use of the code: the next reading shows it."""
    brought = facts.buyer.code if facts.buyer else ""
    return (charge.code or brought) == facts.code.id


def _is_another_buyers(mine: Entry, other: Entry) -> bool:
    if other.code == mine.code:
        return False
    return other.customer != mine.customer or other.buyer != mine.buyer
