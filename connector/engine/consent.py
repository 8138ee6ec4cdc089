"""What a person has consented to, and whether a change is just that.

A consent belongs to one change: this record, these fields, this action on this side,
with this loss, for the values that were seen. It covers nothing else, and it ends
when a value is another one, also if that comes back.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.engine.acts import Delete, Replace, Step
from connector.engine.change import Change, Finding, Seen, digest, seen_digest
from mappings.canonical import Side, fold
from state.model import OF_RECORD, Decision

PUSHED = tuple(step.value for step in Step)
"""Actions of decisions about sales: those are looked after with the sales."""


ANYTHING = "*"
"""The action of a decision that is only tried, to see what it would bring about."""
ACCEPTABLE = ("looser_on_tolt", "dead_here_live_there", "switched_off")
"""Findings that a person can accept."""


@dataclass(frozen=True, slots=True)
class Consents:
    """All decisions about codes of a pair, by record."""

    by_key: Mapping[str, Sequence[Decision]]

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> "Consents":
        by_key: dict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            if decision.action not in PUSHED:
                by_key[decision.key].append(decision)
        return cls(by_key)

    def every(self) -> Iterator[Decision]:
        for group in self.by_key.values():
            yield from group

    def about(self, key: str, seen: Mapping[Side, Seen | None]) -> "Given":
        """Return what counts for a record as it is seen now; the rest is over."""
        about = [d for d in self.by_key.get(key, ()) if d.action not in ACCEPTABLE]
        valid = [d for d in about if d.seen == seen_digest(seen, d.fields)]
        return Given(valid, over=[d for d in about if d not in valid])

    def about_group(self, group: Change) -> "Given":
        """Return the decision about a collision of just these records."""
        over: list[Decision] = []
        for decision in self.by_key.get(group.key, ()):
            if decision.id in (group.id, record_id(group.key)):
                same = decision.seen in (group.mark, seen_digest(group.seen))
                if same and decision.take == "keep":
                    return Given([decision], over=over)
            over.append(decision)
        return Given((), over=over)

    def accepted(self, finding: Finding) -> Decision | None:
        """Return the decision that accepts a finding, if there is one."""
        for decision in self.by_key.get(fold(finding.code or ""), ()):
            if decision.action == finding.kind and decision.id == finding.id:
                return decision
        return None


@dataclass(frozen=True, slots=True)
class Given:
    """The decisions that count for one record as it is now, and those that are over.

    ``older_about`` is the id of the one change that a decision of the older form is
    about: it knows a record and no change.
    """

    decisions: Sequence[Decision]
    over: Sequence[Decision] = ()
    older_about: str = ""

    def with_older(self, waiting: Sequence[Change]) -> "Given":
        """Let a decision of the older form count where just one change waits for it.

        Where several wait, it is asked for again.
        """
        about = waiting[0].id if len(waiting) == 1 else ""
        return replace(self, older_about=about)

    def to(self, proposal: Change) -> Decision | None:
        """Return the decision about this proposal, if there is one."""
        for decision in self.decisions:
            older = decision.of_record and proposal.id == self.older_about
            if older or decision.id == proposal.id or keeps(decision, proposal):
                return decision
        return None

    def removal(self, key: str) -> Decision | None:
        """Return the decision to remove a record about which nothing else waits."""
        wanted = removal_id(key)
        return next(
            (decision for decision in self.decisions if decision.id == wanted), None
        )


def bound(change: Change, decisions: Sequence[Decision]) -> Change:
    """Return a change as a person has decided it."""
    ids = tuple(sorted(decision.id for decision in decisions))
    return change._replace(decided=True, decision=decisions[0], consents=ids)


def consented(decisions: Sequence[Decision], effects: Sequence[Change]) -> list[Change]:
    """Return what decisions bring about; [] where that is not what was agreed to."""
    agreed = [bound(effect, decisions) for effect in effects]
    writes = [change for change in agreed if change.target != "state"]
    if all(covers(decisions, change) for change in writes):
        return agreed
    return []


def keeps(decision: Decision, proposal: Change) -> bool:
    """Say whether an accepted difference is this one, whatever the policy makes of it.

    A later policy may turn a question into a change: the difference is the same.
    """
    if decision.take != "keep" or decision.of_record or proposal.members:
        return False
    if decision.fields or proposal.scope:
        return bool(proposal.scope) and set(proposal.scope) <= set(decision.fields)
    return set(proposal.lost) <= set(decision.lost)


def covers(decisions: Sequence[Decision], change: Change) -> bool:
    """Say whether these decisions are consent to just this change.

    Consent to an update is none to a replace, and none covers a loss that it did not
    name. Several consents may meet in one replace, if one of them is to a replace.
    """
    if any(decision.action == ANYTHING for decision in decisions):
        return True
    if any(decision.of_record for decision in decisions):
        harmless = not isinstance(change.act, Delete | Replace)
        return harmless or all(decision.take == "delete" for decision in decisions)
    if any(decision.target not in (change.target, "both") for decision in decisions):
        return False
    actions = {decision.action for decision in decisions}
    fits = change.action in actions
    if not isinstance(change.act, Replace):
        fits = actions == {change.action}
    named = {text for decision in decisions for text in decision.lost}
    return fits and set(change.lost) <= named


def is_about_absence(decision: Decision) -> bool:
    """Say whether a person knew that the record is gone somewhere, or shall go."""
    return decision.of_record or decision.action in ("create", "delete")


def removal_id(key: str) -> str:
    """Return the id of the question whether a record that is in step shall go."""
    return "c_" + digest(["remove", key])[:12]


def record_id(key: str) -> str:
    """Return the id of a decision of the older form."""
    return f"{OF_RECORD}{key}"


def finding_id(kind: str, key: str, facts: Iterable[str]) -> str:
    """Return the id under which a finding about a record can be accepted."""
    return "f_" + digest([kind, key, sorted(facts)])[:12]
