"""Who is who in the two versions of Tolt's API: its ids, and the words about them.

Ids belong to a version, and none of one is ever asked of the other. Partners are
carried over by their counterpart on Partnero, codes by their text, a person's words by
what they were said about. What cannot be carried over keeps its version and waits.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connector.engine.change import Change, seen_digest
from connector.engine.conclude import CodePlan
from connector.engine.consent import PUSHED, keeps
from connector.engine.facts import Facts
from connector.engine.match import Former
from connector.engine.partners import PartnerMap
from connector.engine.plan import (
    make_plan,
)
from connector.engine.policy import Policy
from mappings.canonical import Side
from state.model import Decision, Link


def apart(
    decisions: Mapping[str, Decision], version: str
) -> tuple[dict[str, Decision], dict[str, Decision]]:
    """Return the words that count under this version, and those of another one."""
    own = {
        k: decision
        for k, decision in decisions.items()
        if decision.version in ("", version)
    }
    return own, {k: decision for k, decision in decisions.items() if k not in own}


@dataclass(frozen=True, slots=True)
class Names:
    """How what both sides show now was called in the version before.

    ``codes`` is the former id on Tolt of each record, by its key.
    """

    version: str
    partners: PartnerMap
    former: Former
    codes: Mapping[str, str] = field(default_factory=dict)

    def formerly(self, change: Change, version: str) -> Change | None:
        """Return a change under the id that it had then; None where nobody can say."""
        there, want = change.seen.get(Side.TOLT), change.want
        if there is not None:
            code, owner = self.codes.get(change.key), there.values.partner
            was = self._owner(owner, version)
            if code is None or (owner and was is None):
                return None
            values = there.values._replace(partner=was)
            there = there._replace(id=code, values=values)
        if want is not None and change.target == Side.TOLT and want.partner:
            was = self._owner(want.partner, version)
            if was is None:
                return None
            change = change.wanting(want.owned_by(was))
        seen = {**change.seen, Side.TOLT: there}
        return change._replace(seen=seen).with_id()

    def _owner(self, owner: str | None, version: str) -> str | None:
        known = self.partners.counterpart(Side.TOLT, owner)
        matches = self.former.get(version, {}).items()
        return next((tolt for tolt, partnero in matches if partnero == known), None)


def former_codes(old: Sequence[Link], new: Sequence[Link]) -> dict[str, str]:
    """Return the former id on Tolt of each record that was just found again."""
    pairs = zip(old, new, strict=True)
    return {
        now.base.left.code: was.ids.right
        for was, now in pairs
        if was.version != now.version
    }


def carried(
    foreign: Iterable[Decision], changes: Iterable[Change], names: Names
) -> dict[str, Decision]:
    """Return, by their former ids, the words about what waits now as it did then."""
    by_key: dict[str, list[Decision]] = defaultdict(list)
    for decision in foreign:
        if decision.action not in PUSHED:
            by_key[decision.key].append(decision)
    newest: dict[str, Decision] = {}
    for change in changes if by_key else ():
        for decision in by_key.get(change.key, ()):
            was = names.formerly(change, decision.version)
            if was is not None and not change.members and _is_about(decision, was):
                newest[decision.id] = replace(
                    decision,
                    id=decision.id if decision.of_record else change.id,
                    seen=seen_digest(change.seen, decision.fields),
                    version=names.version,
                )
    return newest


def decided_across(
    facts: Facts, policy: Policy, names: Names
) -> tuple[Facts, CodePlan, dict[str, Decision]]:
    """Make the plan; where words were carried over, once more with these in it."""
    made = make_plan(facts, policy)
    over = carried(facts.foreign.values(), made.changes, names)
    if not over:
        return facts, made, over
    still = {id_: link for id_, link in facts.foreign.items() if id_ not in over}
    now = {link.id: link for link in over.values()}
    facts = replace(facts, decisions={**facts.decisions, **now}, foreign=still)
    return facts, make_plan(facts, policy), over


def _is_about(decision: Decision, was: Change) -> bool:
    same = decision.seen == seen_digest(was.seen, decision.fields)
    named = decision.of_record or decision.id == was.id
    return same and (named or keeps(decision, was))
