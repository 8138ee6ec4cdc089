"""What pushing one redemption takes, step by step. Pure.

Nothing is pushed that was not looked for on the target first. Each step is a change
of its own, so that a person sees it, and needs those before it: customer,
transaction, redeem. All steps of one code carry the code's key, and changes with one
key are carried out one after the other: one redeem in flight for a code.
"""

from collections.abc import Mapping, Sequence
from typing import assert_never

from msgspec.structs import replace

from connector.engine.acts import PushSale, Step, is_payment
from connector.engine.causes.cause import Cause, Causes
from connector.engine.causes.pushes import (
    CountsAsUse,
    FailedBefore,
    IsItTheSame,
    LookedAlike,
    LooksAlike,
    MakesCustomer,
    MakesTransaction,
    NotPushed,
    OnlyThere,
    PaymentNeverFound,
)
from connector.engine.change import Change, Grant, Status, digest
from connector.engine.policy import Policy, review
from connector.engine.sales.facts import PushFacts
from connector.engine.sales.hindrances import Hindrance, hindrance
from mappings.canonical import Side
from mappings.redemptions import Charge, Push
from state.model import Decision

NONE_QUARANTINED: Mapping[str, str] = {}
NO_DECISIONS: Mapping[str, Decision] = {}


def propose(
    facts: PushFacts,
    policy: Policy,
    accepted: frozenset[str] = frozenset(),
    quarantined: Mapping[str, str] = NONE_QUARANTINED,
    decisions: Mapping[str, Decision] = NO_DECISIONS,
) -> list[Change]:
    """Return the steps that push one redemption, or the one that cannot be done.

    ``quarantined`` are ids of steps that failed too often, or once beyond explanation.
    """
    stop = hindrance(facts, policy)
    if stop is not None:
        return [_blocked(facts, stop, policy)]
    question = _question(facts, policy)
    if question is None:
        return _up_to_held(_steps(facts, policy, accepted, quarantined))
    decision = decisions.get(question.id)
    if decision is not None and decision.take != "proposed":
        decision = None
    if decision is None and question.id not in accepted:
        return [question]
    steps = _steps(facts, policy, accepted, quarantined)
    return _answered(steps, question.id, decision)


def _blocked(facts: PushFacts, stop: Hindrance, policy: Policy) -> Change:
    causes = (NotPushed(_sale(facts), stop.why),)
    judged = [sorted(facts.credited)] if stop.reason == "payee_change" else []
    step = _step(facts, stop.step, policy, causes)
    return _named(step, stop.reason, judged)._replace(status=Status.BLOCKED)


def _steps(
    facts: PushFacts,
    policy: Policy,
    accepted: frozenset[str],
    quarantined: Mapping[str, str],
) -> list[Change]:
    steps: list[Change] = []
    for missing in _missing(facts):
        causes = (_sale(facts), _effect(missing, facts, policy))
        step = _step(facts, missing, policy, causes)
        step = step._replace(needs=tuple(before.id for before in steps))
        reviewed = review(step, policy, accepted)
        if reviewed is not None:
            steps.append(_unless_quarantined(reviewed, quarantined))
    return steps


def _up_to_held(steps: list[Change]) -> list[Change]:
    """Leave out what needs a step that waits for a person: it waits with it."""
    held = [n for n, step in enumerate(steps) if step.status is Status.HELD]
    return steps[: held[0] + 1] if held else steps


def _question(facts: PushFacts, policy: Policy) -> Change | None:
    """Return the one change that waits for a person, or None: it may be pushed."""
    pays = Step.TRANSACTION in _missing(facts)
    if not pays or not (facts.lookalikes or facts.vanished or facts.parked):
        return None
    unfound = (PaymentNeverFound(facts.target),) if facts.parked else ()
    alike = [LooksAlike(facts.target, other) for other in facts.lookalikes]
    gone = [LookedAlike(facts.target, other) for other in facts.vanished]
    causes = (_sale(facts), *unfound, *alike, *gone, IsItTheSame())
    draft = _step(facts, Step.TRANSACTION, policy, causes)
    reason = "quarantined" if facts.parked else "lookalike"
    judged = [list(other) for other in (*facts.lookalikes, *facts.vanished)]
    named = _named(draft, reason, judged)
    known = [other.values for other in facts.lookalikes]
    shown = {"lookalike": known[0], "lookalikes": known} if known else {}
    return _judged_by(named, shown)._replace(status=Status.HELD)


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
            consents=(question,) if decision and is_payment(step.act) else (),
        )
        for step in steps
    ]
    return [*agreed[:-1], agreed[-1]._replace(id=question)]


def _named(change: Change, reason: str, judged: Sequence[object]) -> Change:
    """Return a change under an id that covers the facts that a person judges by."""
    texts = [
        [str(part) for part in fact] if isinstance(fact, list) else str(fact)
        for fact in judged
    ]
    content = [change.id, reason, texts]
    return change._replace(reason=reason, id="c_" + digest(content)[:12])


def _missing(facts: PushFacts) -> list[Step]:
    """Name the steps that are left, in order."""
    steps = []
    buyer = facts.buyer
    if buyer is None or (facts.target is Side.TOLT and not buyer.code):
        steps.append(Step.CUSTOMER)
    if not facts.there:
        steps.append(Step.TRANSACTION)
    if facts.target is Side.PARTNERO:
        steps.append(Step.REDEEM)
    return steps


def _sale(facts: PushFacts) -> OnlyThere:
    entry = facts.entry
    return OnlyThere(facts.target.other, entry.key, entry.at[:10], facts.money)


def _effect(step: Step, facts: PushFacts, policy: Policy) -> Cause:
    match step:
        case Step.CUSTOMER:
            return MakesCustomer(facts.target, facts.who)
        case Step.TRANSACTION:
            pays = facts.target is Side.TOLT or policy.commissions
            return MakesTransaction(facts.target, facts.who, pays)
        case Step.REDEEM:
            return CountsAsUse()
        case _:
            assert_never(step)


def _step(facts: PushFacts, step: Step, policy: Policy, causes: Causes) -> Change:
    push = _push(facts, policy)
    key = facts.entry.code
    known: tuple[str, ...] = tuple(facts.known)
    if step is Step.CUSTOMER:
        # One step for all redemptions of a buyer: nothing of a single one is in it.
        push = push._replace(key="", minor=0, at="", rewardable=False, origin="")
        key = f"customer:{facts.target}:{digest(push.names)[:12]}"
        known = ()
    act = PushSale(step, facts.target, push)
    change = Change(
        act,
        key=key,
        code=facts.code.written,
        row=0,
        grant=Grant.FREE,
        reason=f"only_on_{facts.target.other}",
        causes=causes,
    ).with_id()
    # What else the buyer has bought does not make it another change.
    return change._replace(act=replace(act, sale=push._replace(known=known)))


def _judged_by(change: Change, shown: Mapping[str, object]) -> Change:
    """Return a change with what a person judges it by, for the documents."""
    act = change.act
    if not isinstance(act, PushSale):
        return change
    return change._replace(act=replace(act, facts=shown))


def _push(facts: PushFacts, policy: Policy) -> Push:
    entry, code, source = facts.entry, facts.code, facts.source
    to_partnero = facts.target is Side.PARTNERO
    external = source.known_by if source else ""
    buyer = facts.buyer.id if facts.buyer else ""
    money, origin = facts.money, facts.origin
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
        origin=_reference(facts),
        origin_code=facts.origin_code.id,
        origin_partner=facts.origin_code.values.partner or "",
        origin_buyer=source.id if source else "",
    )


def _reference(facts: PushFacts) -> str:
    """Return what its own side names the sale by."""
    if facts.origin is None:
        return ""
    return facts.origin.id if isinstance(facts.origin, Charge) else facts.origin.key


def _unless_quarantined(change: Change, quarantined: Mapping[str, str]) -> Change:
    detail = quarantined.get(change.id)
    if detail is None or change.decided:
        return change
    causes = (*change.causes, FailedBefore(detail, change.id))
    return change._replace(status=Status.HELD, reason="quarantined", causes=causes)
