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
from connector.engine.change import Change, Status
from connector.engine.conclude import CodePlan
from connector.engine.decisions import Answer, Waits, Word, decide
from connector.engine.facts import Facts
from connector.engine.planned import Plan
from connector.engine.policy import Policy
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
