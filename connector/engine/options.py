"""What could be answered to all that waits, and the consent that an answer is. Pure.

Worked out at the end of a look, from what was read: so that a person can be shown what
each word would do, and decide, without both sides being read once more.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from connector.engine.acts import NeedCoupon, NeedPartner
from connector.engine.causes.asks import NotWorkedOut
from connector.engine.causes.cause import Cause, Quoted
from connector.engine.change import Change, Status, digest
from connector.engine.conclude import CodePlan
from connector.engine.decisions import Answer, Waits, Word, decide
from connector.engine.facts import Facts
from connector.engine.planned import Plan
from connector.engine.policy import Policy
from mappings.canonical import Coupon
from state.model import Decision, Take, Waiting

TAKES: tuple[Take, ...] = get_args(Take)
Options = Mapping[Take, Answer]
"""What each word would bring about, or why it is refused."""


def open_questions(plan: Plan | CodePlan, later: Iterable[str] = ()) -> list[Waits]:
    """Return what waits for a person, or cannot be done, or can be accepted.

    ``later`` are changes that are held only because this run was to do others.
    """
    aside = set(later)
    changes: list[Waits] = [
        change
        for change in plan.changes
        if change.status is not Status.READY
        and change.id not in aside
        and not goes_with_another(change)
    ]
    return [*changes, *plan.acceptable]


def goes_with_another(change: Change) -> bool:
    """Say whether it is made for what needs it, and nobody decides about it alone."""
    needed = isinstance(change.act, NeedCoupon | NeedPartner)
    return needed and change.reason != "quarantined"


def options(
    waiting: Sequence[Waits], facts: Facts, policy: Policy
) -> dict[str, dict[Take, Answer]]:
    """Return by id what each word would do to each of these.

    The plan is made once more for each word, with that word said to all of them at the
    same time; but never to two changes of one record: one consent must not rest on
    another. So it is made a few times, however much waits.
    """
    trial = replace(facts, accepted=frozenset())
    found: dict[str, dict[Take, Answer]] = {waits.id: {} for waits in waiting}
    for batch in _apart(waiting):
        for take in TAKES:
            for answer in decide(batch, Word(take, "", ""), trial, policy):
                found[answer.waits.id][take] = answer
    return found


def grounds_of(facts: Facts, config: str) -> str:
    """Return the mark of all that answers rest on beside the record itself.

    ``config`` is the mark of the configuration. Counters that only grow are no part of
    it: what they end is.
    """
    sides = [facts.partnero, facts.tolt]
    return digest(
        [
            [config, facts.version, facts.today, facts.currency, facts.complete],
            sorted(map(_coupon, facts.partnero.coupons.values())),
            [sorted(map(repr, side.partners.values())) for side in sides],
            sorted(facts.partners.to_tolt.items()),
            [sorted(side.hidden | side.hidden_texts) for side in sides],
            sorted([d.id, d.take, d.seen] for d in facts.decisions.values()),
            [
                sorted(facts.foreign),
                sorted(facts.quarantined),
                sorted(facts.tombstones),
            ],
            [sorted(facts.unreadable), sorted(facts.unfinished)],
        ]
    )


def _coupon(coupon: Coupon) -> str:
    limits = coupon.restrictions
    most, used = limits.redemption_limit, limits.redeemed
    over = most is not None and used is not None and used >= most
    lasting = limits._replace(redeemed=None, coupon_redeemed=None)
    return repr((coupon.uuid, coupon.discount, coupon.duration, lasting, over))


def basis_of(waits: Waits, shown: Mapping[str, Any], facts: Facts, grounds: str) -> str:
    """Return the mark of what the answers to one thing rest on, as it is ``shown``."""
    seen = waits.seen if isinstance(waits, Change) else {}
    stand = [
        repr(facts.of(side).codes.get(one.id)) for side, one in seen.items() if one
    ]
    return digest([grounds, shown, stand])[:16]


def _apart(waiting: Sequence[Waits]) -> Iterable[Sequence[Waits]]:
    """Return what waits in parts in which no record stands twice."""
    parts: dict[int, list[Waits]] = defaultdict(list)
    times: dict[str, int] = defaultdict(int)
    for waits in waiting:
        key = waits.key if isinstance(waits, Change) and not waits.push else waits.id
        parts[times[key]].append(waits)
        times[key] += 1
    return parts.values()


# -- kept, and read back --------------------------------------------------------------


def kept(decision: Decision) -> dict[str, Any]:
    """Return what a consent needs beside what waits, and who, when and why."""
    return {
        "take": decision.take,
        "seen": decision.seen,
        "action": decision.action,
        "target": decision.target,
        "fields": list(decision.fields),
        "lost": list(decision.lost),
        "version": decision.version,
    }


def consent(
    waiting: Waiting, take: Take, who: str, at: str, note: str = ""
) -> Decision | Cause:
    """Return what a person decides by a word, or why that word does not fit."""
    option = options_of(waiting).get(take)
    if option is None:
        return NotWorkedOut()
    if why := option.get("why"):
        return Quoted(str(why))
    stored = option["decision"]
    return Decision(
        id=waiting.id,
        key=waiting.key,
        code=waiting.code,
        take=take,
        seen=stored["seen"],
        who=who,
        at=at,
        action=stored["action"],
        target=stored["target"],
        fields=tuple(stored["fields"]),
        lost=tuple(stored["lost"]),
        note=note,
        version=stored["version"],
    )


def options_of(waiting: Waiting) -> dict[str, Any]:
    """Return the stored options of what waits; none where nobody worked them out."""
    found: dict[str, Any] = json.loads(waiting.document).get("options") or {}
    return found
