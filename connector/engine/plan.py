"""What follows from two snapshots and the bases, in five steps.

Pure: the same facts and the same policy give the same plan. Match the records, decide
each by the table (decide.py), propose what follows (propose.py), ask the policy
(policy.py), and conclude what is only known once every record was looked at.
"""

from collections.abc import Collection, Iterator

from connector.engine.acts import Adoption, Delete, Replace
from connector.engine.causes.consents import FailedOften, NeverDone, SentinelStays
from connector.engine.change import Change, Finding, Grant, Status, blocked
from connector.engine.conclude import CodePlan, conclude
from connector.engine.consent import Consents
from connector.engine.facts import Facts
from connector.engine.policy import Policy, review
from connector.engine.proposals.items import Accepted, Item
from connector.engine.propose import Grounds, propose
from connector.engine.unchanged import match, of_these
from mappings.canonical import fold


def make_plan(
    facts: Facts, policy: Policy, keys: Collection[str] | None = None
) -> CodePlan:
    """Match, decide, propose, review, conclude; of these records alone, if any."""
    consents = Consents.of(facts.decisions.values())
    matched = match(facts, {*consents.by_key, *(keys or ())})
    if keys is not None:
        matched = of_these(matched, keys)
    grounds = Grounds.of(facts, policy, consents)
    proposed = (item for record in matched.records for item in propose(grounds, record))
    reviewed = [answer for item in proposed for answer in _reviewed(grounds, item)]
    return conclude(grounds, matched, reviewed)


# -- review: permission -------------------------------------------------------------


def _reviewed(grounds: Grounds, item: Item) -> Iterator[Item]:
    """Let the policy have its word about a change; all else passes."""
    if not isinstance(item, Change):
        yield item
        return
    draft = item if item.id else item.with_id()
    decision = draft.decision
    if decision is not None and decision.take == "keep":
        finding = Finding(draft.reason, draft.causes, draft.code)
        yield Accepted(finding._replace(id=draft.id, decision=decision))
        return
    if _is_sentinel(draft, grounds.policy):
        draft = blocked(draft, "sentinel", SentinelStays())
    facts = grounds.facts
    change = review(_unanswered(grounds, draft), grounds.policy, facts.accepted)
    if change is None:
        never = NeverDone(decision.who if decision else "")
        yield Finding(draft.reason, (*draft.causes, never), draft.code)
    elif change.id in facts.quarantined and not change.decided:
        yield _quarantined(change, facts.quarantined[change.id])
    else:
        yield change


def _is_sentinel(change: Change, policy: Policy) -> bool:
    sentinel = policy.limits.sentinel
    destroys = isinstance(change.act, Delete | Replace)
    return destroys and sentinel is not None and change.key == fold(sentinel)


def _unanswered(grounds: Grounds, draft: Change) -> Change:
    """Hold what a person has spoken about by ids that cannot be matched now."""
    if isinstance(draft.act, Adoption):
        return draft
    return draft._replace(grant=Grant.DECIDE) if draft.key in grounds.spoken else draft


def _quarantined(change: Change, why: str) -> Change:
    causes = (*change.causes, FailedOften(why))
    return change._replace(status=Status.HELD, reason="quarantined", causes=causes)
