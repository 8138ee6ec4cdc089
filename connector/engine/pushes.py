"""What pushing one redemption takes, step by step, and when it is not done. Pure.

Nothing is pushed that was not looked for on the target first. Each step is a change
of its own, so that a person sees it, and needs those before it: customer,
transaction, redeem. All steps of one code carry the code's key, and changes with one
key are carried out one after the other: one redeem in flight for a code.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from connector.engine.causes import Causes
from connector.engine.change import Change, Grant, Status, digest
from connector.engine.lookalikes import Found, Lookalike
from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.engine.policy import Policy, review
from mappings.canonical import PromoCode, Side, mask
from mappings.redemptions import (
    Charge,
    Customer,
    Entry,
    Money,
    Push,
    Sale,
    shown,
    why_unsafe,
)
from state.model import Decision

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
PARKED = "looked at twice"
"""In the detail of what nobody can explain: not tried again by itself."""
Hindrance = tuple[str, str, str]
"""The step that cannot be done, a stable word for it, and why."""
NONE_PARKED: Mapping[str, str] = {}
NO_DECISIONS: Mapping[str, Decision] = {}


@dataclass(frozen=True, slots=True)
class Prospect:
    """One redemption that the target lacks, with what was looked up for it.

    ``source`` is the buyer where it happened, ``buyer`` the same on the target,
    ``stranger`` one of the target with the same number and another e-mail,
    ``namesakes`` all of the target with one e-mail, where they are several. ``origin``
    is the sale itself, seen again, ``found`` what the target already has under the
    key, ``shared`` other entries with the key under other codes. ``credited`` names
    whom each side shows as paid, as one name for both sides ("" for nobody);
    ``lookalikes`` are the target's sales that may be this one, ``known`` all of the
    buyer's there. ``unknown`` says what could not be told and decides.
    """

    entry: Entry
    pairing: Pairing
    target: Side
    source: Customer | None
    buyer: Customer | None
    found: Sequence[Found] = ()
    shared: Sequence[Entry] = ()
    origin: Found | None = None
    stranger: Customer | None = None
    namesakes: Sequence[Customer] = ()
    credited: Collection[str] = ()
    inactive: str = ""
    lookalikes: Sequence[Lookalike] = ()
    known: Sequence[str] = ()
    currency: str | None = None
    unknown: str = ""

    @property
    def money(self) -> Money | None:
        """The amount, as the source has it now, or as it was last seen."""
        if self.origin is not None:
            return self.origin.money
        to_partnero = self.target is Side.PARTNERO
        return self.entry.charged if to_partnero else self.entry.sold

    @property
    def code(self) -> PromoCode:
        """The code on the target; only codes of both sides are ever pushed."""
        code = self.pairing.of(self.target)
        assert code is not None  # noqa: S101 (why_not let it through)
        return code

    @property
    def origin_code(self) -> PromoCode:
        """The code where it happened."""
        code = self.pairing.of(self.target.other)
        assert code is not None  # noqa: S101 (why_not let it through)
        return code

    @property
    def parked(self) -> bool:
        """Whether a payment of it was sent before and never found."""
        return self.entry.doubt == f"parked:{self.target}"

    @property
    def brought(self) -> bool:
        """Whether the target has it without us, under its key or as a lookalike."""
        alone = [one for one in self.found if not one.ours]
        return bool(self.lookalikes or (alone and not self.entry.pushed))


def why_not(pairing: Pairing | None, partners: PartnerMap) -> str:
    """Say why nothing is pushed for a code, or "" where it may be."""
    if pairing is None or pairing.partnero is None or pairing.tolt is None:
        return "it is not on both sides"
    left, right = pairing.partnero.values.partner, pairing.tolt.values.partner
    if left is None or not partners.same(left, right):
        return "both sides do not credit the same partner"
    return ""


def propose(
    prospect: Prospect,
    policy: Policy,
    accepted: frozenset[str] = frozenset(),
    parked: Mapping[str, str] = NONE_PARKED,
    decisions: Mapping[str, Decision] = NO_DECISIONS,
) -> list[Change]:
    """Return the steps that push one redemption, or the one that cannot be done.

    ``parked`` are ids of steps that failed too often, or once beyond explanation.
    """
    stop = hindrance(prospect, policy)
    if stop is not None:
        return [_blocked(prospect, stop, policy)]
    question = _question(prospect, policy)
    if question is None:
        return _up_to_held(_steps(prospect, policy, accepted, parked))
    decision = decisions.get(question.id)
    if decision is not None and decision.take != "proposed":
        decision = None
    if decision is None and question.id not in accepted:
        return [question]
    steps = _steps(prospect, policy, accepted, parked)
    return _answered(steps, question.id, decision)


def _blocked(prospect: Prospect, stop: Hindrance, policy: Policy) -> Change:
    action, reason, why = stop
    said = f"{_what(prospect)}, and is not pushed: {why}."
    facts = [sorted(prospect.credited)] if reason == "payee_change" else []
    blocked = _named(_step(prospect, action, policy, (said,)), reason, facts)
    return blocked._replace(status=Status.BLOCKED)


def _steps(
    prospect: Prospect,
    policy: Policy,
    accepted: frozenset[str],
    parked: Mapping[str, str],
) -> list[Change]:
    steps: list[Change] = []
    for action in _missing(prospect):
        said = f"{_what(prospect)}. {_said(action, prospect, policy)}"
        step = _step(prospect, action, policy, (said,))
        step = step._replace(needs=tuple(one.id for one in steps))
        reviewed = review(step, policy, accepted)
        if reviewed is not None:
            steps.append(_unless_parked(reviewed, parked))
    return steps


def _up_to_held(steps: list[Change]) -> list[Change]:
    """Leave out what needs a step that waits for a person: it waits with it."""
    held = [n for n, step in enumerate(steps) if step.status is Status.HELD]
    return steps[: held[0] + 1] if held else steps


def _question(prospect: Prospect, policy: Policy) -> Change | None:
    """Return the one change that waits for a person, or None: it may be pushed."""
    pays = "transaction" in _missing(prospect)
    if not pays or not (prospect.lookalikes or prospect.parked):
        return None
    target = prospect.target.label
    said = f"{_what(prospect)}. "
    if prospect.parked:
        said += f"A payment of it was sent to {target} and never found there; it is "
        said += "not sent again by itself. "
    for one in prospect.lookalikes:
        amount = one.money or "no exact amount"
        said += f"{target} has {shown(one.key)} of {one.at[:10] or 'no date'} "
        said += f"({amount}) of the same buyer or nearly the same key: perhaps it is "
        said += "the same sale. "
    said += "Is it there already (keep), or is it to be pushed (as proposed)?"
    draft = _step(prospect, "transaction", policy, (said,))
    reason = "quarantined" if prospect.parked else "lookalike"
    named = _named(draft, reason, [list(one) for one in prospect.lookalikes])
    values: dict[str, object] = {}
    if prospect.lookalikes:
        values["lookalike"] = prospect.lookalikes[0].values
        values["lookalikes"] = [one.values for one in prospect.lookalikes]
    return named._replace(status=Status.HELD, values=values)


def _answered(
    steps: list[Change], question: str, decision: Decision | None
) -> list[Change]:
    """Return the steps to which a person said yes, the last under the question's id.

    So whoever names the question gets all steps, which the last one needs. The consent
    is used up by the payment.
    """
    agreed = [
        step._replace(
            status=Status.READY,
            decided=True,
            decision=decision,
            consents=(question,) if decision and step.action == "transaction" else (),
        )
        for step in steps
    ]
    return [*agreed[:-1], agreed[-1]._replace(id=question)]


def _named(change: Change, reason: str, facts: Sequence[object]) -> Change:
    """Return a change under an id that covers the facts that a person judges by."""
    texts = [
        [str(part) for part in one] if isinstance(one, list) else str(one)
        for one in facts
    ]
    content = [change.id, reason, texts]
    return change._replace(reason=reason, id="c_" + digest(content)[:12])


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


def unsafe(entry: Entry) -> str:
    """Say why a key cannot be sent as it is: asked before anything is looked up."""
    return why_unsafe(entry.key)


def hindrance(prospect: Prospect, policy: Policy) -> Hindrance | None:
    """Say what keeps a redemption from being pushed; the first that there is."""
    if why := unsafe(prospect.entry):
        return "transaction", "not_expressible", why
    if prospect.unknown:
        return "transaction", "unproven", prospect.unknown
    if wrong := _money(prospect):
        return wrong
    if prospect.source is None:
        return "customer", "customer_missing", "its customer is not there any more"
    if any(_other_buyer(prospect, one) for one in prospect.shared):
        why = "its key stands on another code too, for another customer"
        return "transaction", "quarantined", why
    return (
        _payee(prospect)
        or _buyer(prospect, prospect.source, policy)
        or _found(prospect)
    )


def _money(prospect: Prospect) -> Hindrance | None:
    """Only money of the programme's own currency is ever sent, and exactly."""
    programme, money = prospect.currency, prospect.money
    if programme is None:
        why = "nobody knows the programme's currency; set pairs.currency"
        return "transaction", "currency_unknown", why
    if money is None:
        return "transaction", "not_expressible", "its amount is not exact"
    if money.currency != programme:
        why = f"it is in {money.currency}, and the programme in {programme}"
        return "transaction", "currency_differs", why
    return None


def _payee(prospect: Prospect) -> Hindrance | None:
    """The one who is paid has to be the one who was credited, as far as it is told."""
    if prospect.inactive:
        why = f"its partner is {prospect.inactive}"
        return "transaction", "partner_inactive", why
    if len(set(prospect.credited)) > 1:
        who = mask(prospect.source.email if prospect.source else None)
        why = f"the sale, the code and {who} are not one partner's on both sides"
        return "transaction", "payee_change", why
    return None


def _buyer(prospect: Prospect, source: Customer, policy: Policy) -> Hindrance | None:
    buyer, who = prospect.buyer, mask(source.email)
    target = prospect.target.label
    if prospect.stranger is not None:
        other = mask(prospect.stranger.email)
        why = f"{target} has the number of {who} for {other}: two people"
        return "customer", "customer_differs", why
    if buyer is None and prospect.namesakes:
        why = f"{target} has {len(prospect.namesakes)} customers with the e-mail of "
        why += f"{who}, and their number does not tell which it is"
        return "customer", "customer_ambiguous", why
    if buyer is None:
        if policy.create_customers:
            return None
        why = f"{who} is no customer on {target}, and create_customers is false"
        return "customer", "customer_missing", why
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
        if prospect.buyer is None or one.customer not in ("", prospect.buyer.id):
            why = f"{target} has it already, for another customer"
            return "transaction", "quarantined", why
        if isinstance(one, Charge) and not _is_use(one, prospect):
            why = "Tolt has it already, but not as a use of this code"
            return "transaction", "quarantined", why
    return None


def _is_use(charge: Charge, prospect: Prospect) -> bool:
    """Say whether Tolt takes it for a use of the code: the next reading shows it."""
    brought = prospect.buyer.code if prospect.buyer else ""
    return (charge.code or brought) == prospect.code.id


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


def _step(prospect: Prospect, action: str, policy: Policy, causes: Causes) -> Change:
    push = _push(prospect, policy)
    key = prospect.entry.code
    known: tuple[str, ...] = tuple(prospect.known)
    if action == "customer":
        # One step for all redemptions of a buyer: nothing of a single one is in it.
        push = push._replace(key="", minor=0, at="", rewardable=False, origin="")
        key = f"customer:{prospect.target}:{digest(push.names)[:12]}"
        known = ()
    step = Change(
        action=action,
        target=prospect.target.value,
        key=key,
        code=prospect.code.written,
        row=0,
        grant=Grant.FREE,
        reason=f"only_on_{prospect.target.other}",
        causes=causes,
        push=push,
    ).with_id()
    # What else the buyer has bought does not make it another change.
    return step._replace(push=push._replace(known=known))


def _push(prospect: Prospect, policy: Policy) -> Push:
    entry, code, source = prospect.entry, prospect.code, prospect.source
    to_partnero = prospect.target is Side.PARTNERO
    numbers = (source.external, source.email, source.id) if source else ()
    external = next((one for one in numbers if one), "")
    buyer = prospect.buyer.id if prospect.buyer else ""
    money, origin = prospect.money, prospect.origin
    at = entry.charged_at if to_partnero else entry.sold_at or entry.logged_at
    return Push(
        key=entry.key,
        minor=money.minor if money else 0,
        currency=money.currency if money else "",
        at=origin.at if origin and origin.at else at,
        code=code.id,
        text=code.written.strip(),
        partner=code.values.partner or "",
        # On Partnero a customer's key is the merchant's own, so it is known before.
        buyer=buyer or (external if to_partnero else ""),
        external=external,
        email=source.email if source else "",
        name=source.name if source else "",
        rewardable=policy.commissions,
        origin=origin.id
        if isinstance(origin, Charge)
        else origin.key
        if origin
        else "",
        origin_code=prospect.origin_code.id,
        origin_partner=prospect.origin_code.values.partner or "",
        origin_buyer=source.id if source else "",
    )


def _unless_parked(change: Change, parked: Mapping[str, str]) -> Change:
    why = parked.get(change.id)
    if why is None or change.decided:
        return change
    told = f"It failed before ({why}) and is not tried again by itself. Once more: "
    told += f"partnero-tolt apply --accept {change.id}"
    causes = (*change.causes, told)
    return change._replace(status=Status.HELD, reason="quarantined", causes=causes)
