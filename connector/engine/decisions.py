"""From a person's word about what waits to a consent that can be kept.

The plan is made once more with the decisions in it: what they bring about is what is
shown, agreed to and stored. A decision that would bring about nothing, or something
that the policy says never to do, is refused with the reason. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from connector.engine.acts import (
    Create,
    Delete,
    Need,
    NeedCoupon,
    NeedPartner,
    PushSale,
    Replace,
)
from connector.engine.causes.cause import Causes
from connector.engine.causes.consents import AbsenceNotTaken, InStep, NotDecided
from connector.engine.change import Change, Finding, Grant, Status, seen
from connector.engine.consent import ANYTHING, PUSHED, removal_id
from connector.engine.facts import Facts
from connector.engine.plan import (
    make_plan,
)
from connector.engine.planned import Plan
from connector.engine.policy import Policy
from connector.engine.sales.hindrances import KEPT_AS_IT_IS
from mappings.canonical import Side, fold
from state.model import Decision, Take

Waits = Change | Finding
OPTIONS: dict[Take, str] = {
    "partnero": "--take partnero",
    "tolt": "--take tolt",
    "keep": "--keep",
    "delete": "--delete",
    "proposed": "--as-proposed",
}


class Word(NamedTuple):
    """Who says something about what waits, when (UTC, ISO 8601), and why."""

    take: Take
    who: str
    at: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One decision with what it brings about; ``why`` says why it is refused.

    ``needs`` are the coupons and partners that are made for it.
    """

    waits: Waits
    decision: Decision
    effects: tuple[Change, ...] = ()
    needs: tuple[Change, ...] = ()
    why: Causes = ()

    @property
    def destroys(self) -> bool:
        """Whether something is deleted by it, for which a person is asked twice."""
        return any(isinstance(change.act, Delete | Replace) for change in self.effects)


def decide(
    waiting: Iterable[Waits], word: Word, facts: Facts, policy: Policy
) -> list[Answer]:
    """Return each decision with its effect, or with the reason why it is refused."""
    return answers(((waits, word) for waits in waiting), facts, policy)


def answers(
    given: Iterable[tuple[Waits, Word]], facts: Facts, policy: Policy
) -> list[Answer]:
    """Return the same where each is given a word of its own."""
    answers = [_begun(waits, word, facts.version) for waits, word in given]
    effects = _effects([answer for answer in answers if not answer.why], facts, policy)
    return [
        answer if answer.why else _completed(answer, *effects[answer.decision.id])
        for answer in answers
    ]


def find(name: str, plan: Plan) -> list[Waits]:
    """Return what a code, or the id of a change, stands for among what waits."""
    open_ = open_items(plan)
    by_id = [waits for waits in open_ if waits.id == name]
    return by_id or [waits for waits in open_ if _is_about(waits, fold(name))]


def open_items(plan: Plan) -> list[Waits]:
    """Return everything that a person may be asked about."""
    open_: list[Waits] = [c for c in plan.changes if c.status is not Status.READY]
    return [*open_, *plan.acceptable]


def _is_about(waits: Waits, key: str) -> bool:
    if isinstance(waits, Finding):
        return key == fold(waits.code or "")
    # A sale is decided by its own id: there may be many under one code.
    if isinstance(waits.act, PushSale | NeedCoupon | NeedPartner):
        return False
    return key in (waits.key, fold(waits.code))


def removal(name: str, facts: Facts) -> Change | None:
    """Return the question whether a record that is in step shall go, or None."""
    key = fold(name)
    codes = {
        side: next(
            (c for c in facts.of(side).codes.values() if c.values.code == key), None
        )
        for side in Side
    }
    if not any(codes.values()):
        return None
    return Change(
        Delete(None),
        key=key,
        code=name,
        row=5,
        grant=Grant.DELETE,
        reason="decided",
        causes=(InStep(name),),
        seen={side: seen(code) for side, code in codes.items()},
        status=Status.HELD,
        id=removal_id(key),
    )


def _begun(waits: Waits, word: Word, version: str) -> Answer:
    """Return the decision as far as it is known before its effect is."""
    if isinstance(waits, Finding):
        text = waits.code or ""
        decision = Decision(
            waits.id, fold(text), text, word.take, "", word.who, word.at, waits.kind
        )
        decision = replace(decision, lost=waits.limits, note=word.note)
        why = () if word.take == "keep" else (NotDecided("only keep"),)
        return Answer(waits, decision, why=why)
    decision = Decision(
        waits.id, waits.key, waits.code, word.take, waits.mark, word.who, word.at
    )
    decision = replace(
        decision,
        action=waits.action,
        target=waits.target,
        fields=waits.scope,
        lost=waits.lost,
        note=word.note,
        version=version,
    )
    return Answer(waits, decision, why=why_unfit(waits, word.take))


def _effects(
    answers: Sequence[Answer], facts: Facts, policy: Policy
) -> dict[str, tuple[list[Change], list[Change]]]:
    """Return what each decision would bring about, by making the plan with all.

    With it comes what has to be made for that: a coupon, a partner.
    """
    effects: dict[str, tuple[list[Change], list[Change]]] = {
        answer.decision.id: ([], []) for answer in answers
    }
    tried = {
        answer.decision.id: replace(answer.decision, action=ANYTHING)
        for answer in answers
        if not _needs_no_trial(answer.decision)
    }
    if tried:
        decisions = {**facts.decisions, **tried}
        made = make_plan(replace(facts, decisions=decisions), policy)
        made_for = {c.id: c for c in made.changes if isinstance(c.act, Need)}
        for change in made.changes:
            for id_ in tried.keys() & set(change.consents):
                effects[id_][0].append(change)
                needed = [made_for[need] for need in change.needs if need in made_for]
                effects[id_][1].extend(needed)
    return effects


def _needs_no_trial(decision: Decision) -> bool:
    return decision.take == "keep" or decision.action in PUSHED


def _completed(
    answer: Answer, effects: Sequence[Change], needs: Sequence[Change]
) -> Answer:
    """Return the decision with what it is consent to, or why it is none."""
    if _needs_no_trial(answer.decision):
        return answer
    stopped = [change for change in effects if change.status is not Status.READY]
    if stopped or not effects:
        why = stopped[0].causes if stopped else (NotDecided("never"),)
        return replace(answer, why=why)
    writes = [c for c in effects if c.target != "state"] or list(effects)
    targets = {change.target for change in writes}
    decision = replace(
        answer.decision,
        action=writes[0].action,
        target=writes[0].target if len(targets) == 1 else "both",
        lost=tuple(dict.fromkeys(text for c in writes for text in c.lost)),
    )
    return replace(answer, decision=decision, effects=tuple(writes), needs=tuple(needs))


def why_unfit(waits: Change, take: Take) -> Causes:
    """Say why a word does not fit what waits, or nothing where it does."""
    if isinstance(waits.act, PushSale):
        return _why_unfit_for_a_sale(waits, take)
    if waits.reason == "collision":
        return () if take == "keep" else (NotDecided("collision"),)
    if waits.status is Status.BLOCKED and _goes_to(waits, take) == waits.target:
        return (NotDecided("blocked"), *waits.causes)
    if take == "proposed" and not waits.executable:
        return (NotDecided("nothing proposed"),)
    if take in ("partnero", "tolt") and isinstance(waits.act, Create):
        return _why_not_taken(waits, Side(take))
    return ()


def _goes_to(waits: Change, take: Take) -> str:
    if take == "proposed":
        return waits.target
    return Side(take).other if take in ("partnero", "tolt") else ""


def _why_not_taken(waits: Change, side: Side) -> Causes:
    if waits.seen.get(side) is not None:
        return ()
    return (AbsenceNotTaken(waits.code, side),)


def _why_unfit_for_a_sale(waits: Change, take: Take) -> Causes:
    if waits.status is Status.BLOCKED:
        fits = take == "keep" and waits.reason in KEPT_AS_IT_IS
        return () if fits else (NotDecided("blocked"), *waits.causes)
    if take in ("keep", "proposed"):
        return ()
    return (NotDecided("same or push"),)
