"""From a decision to changes: what is proposed for one record, as it was answered.

Every change comes with its preconditions (what the plan saw on both sides) and with
what it needs. Whether it may be done is asked afterwards (plan.py, policy.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connector.engine.acts import Collision
from connector.engine.causes.codes import SpelledInTwoWays
from connector.engine.causes.consents import Claimant, MemoryUnreadable, NotOneRecord
from connector.engine.change import Change, Finding, Grant, seen
from connector.engine.consent import PUSHED, Consents, Given, bound, consented
from connector.engine.decide import FieldVerdict, Verb, decide, merge
from connector.engine.facts import Facts
from connector.engine.match import Crowd, Pairing
from connector.engine.partners import PartnerMap
from connector.engine.policy import Policy
from connector.engine.proposals import missing, updates
from connector.engine.proposals.answers import (
    Going,
    answered,
    destination,
    met,
    over,
    split,
    together,
)
from connector.engine.proposals.coupons import Coupons
from connector.engine.proposals.items import Compared, Item, Met
from connector.engine.proposals.record import Record, base_of, hides, seen_of, sight
from mappings.canonical import Both, PromoCode, Side
from mappings.fields import marks
from state.model import Decision


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the proposals for all records rest on."""

    facts: Facts
    policy: Policy
    consents: Consents
    coupons: Coupons
    unmatched: tuple[str, ...]
    spoken: frozenset[str]
    """Keys of records that were decided about by ids of another version."""

    @classmethod
    def of(cls, facts: Facts, policy: Policy, consents: Consents) -> "Grounds":
        coupons = Coupons.of(facts.partnero, policy)
        foreign = facts.foreign.values()
        spoken = frozenset(d.key for d in foreign if d.action not in PUSHED)
        unmatched = tuple(facts.unmatched)
        return cls(facts, policy, consents, coupons, unmatched, spoken)

    def record(self, pairing: Pairing) -> Record:
        """Return one record with the row of the table that it falls under."""
        sights = Both.per_side(lambda side: sight(self.facts, pairing, side))
        row = decide(base_of(self.facts, pairing), sights)
        facts, policy = self.facts, self.policy
        return Record(pairing, row, facts, policy, self.coupons, self.unmatched)


def propose(grounds: Grounds, matched: Pairing | Crowd) -> Iterator[Item]:
    """Yield what follows for one record, or for several that claim one text."""
    if isinstance(matched, Crowd):
        yield from _collision(grounds, matched)
        return
    if matched.partnero is not None and matched.tolt is not None:
        yield from _spelling(matched.partnero, matched.tolt)
    if why := grounds.facts.unreadable.get(matched.key):
        yield Finding("state_unreadable", (MemoryUnreadable(why),), matched.key)
        return
    record = grounds.record(matched)
    given = Given(())
    if _is_known(grounds.facts, matched):
        given = grounds.consents.about(matched.key, seen_of(matched))
    else:
        yield from met(grounds.consents.by_key.get(matched.key, ()))
    yield from over(given.over)
    if removal := given.removal(matched.key):
        yield Met(removal.id)
        yield from _removed(record, removal)
        if record.row.verb is Verb.UNPROVEN:
            yield from missing.unproven(record)
    else:
        yield from _proposals(record, given)


def _is_known(facts: Facts, pairing: Pairing) -> bool:
    """Say whether both sides show what they have of a record: consents rest on it."""
    return facts.complete and not any(hides(facts, s, pairing) for s in Side)


def _removed(record: Record, removal: Decision) -> Iterator[Item]:
    """Remove a record about which nothing else waits, as a person has decided."""
    changes, rest = split(missing.delete_wherever(record))
    yield from rest
    agreed = consented([removal], changes) if changes else []
    yield from agreed or over([removal])


def _spelling(left: PromoCode, right: PromoCode) -> Iterator[Finding]:
    """Report two spellings of one text: no difference, and still good to know."""
    if left.written != right.written and left.values.code == right.values.code:
        cause = SpelledInTwoWays(Both(left.written, right.written))
        yield Finding("spelling", (cause,), left.written)


def _proposals(record: Record, given: Given) -> Iterator[Item]:
    """Yield what the row's verb means for this record, as it was answered."""
    toward = record.row.toward
    match record.row.verb:
        case Verb.CREATE | Verb.REAPPEARED if toward is not None:
            yield from answered(record, given, missing.create(record, toward))
        case Verb.DELETE | Verb.CONFLICT if toward is not None:
            yield from answered(record, given, missing.half_gone(record, toward))
        case Verb.REAPPEARED:
            yield from _back_on_both(record, given)
        case Verb.COMPARE:
            yield from compared(record, given)
        case Verb.FORGET:
            yield from answered(record, given, [missing.forget(record)])
        case Verb.UNPROVEN:
            yield from missing.unproven(record)
        case verb:
            raise AssertionError(f"no row about a record has the verb {verb}")


def _back_on_both(record: Record, given: Given) -> Iterator[Item]:
    """Ask about a record that is back on both sides, or take one side's word."""
    question = missing.back_on_both(record).with_id()
    decision = given.with_older([question]).to(question)
    if decision is None or decision.take not in ("partnero", "tolt"):
        yield from answered(record, given, [question])
        return
    yield Met(decision.id)
    drafts, rest = split(compared(record, given, decision))
    yield from rest
    if all(draft.consents for draft in drafts):
        yield from drafts
    else:
        # Not what was agreed to: nothing of it is done, and it is asked for anew.
        yield from over([decision])
        yield question


# -- on both sides ------------------------------------------------------------------


def compared(
    record: Record, given: Given, winner: Decision | None = None
) -> Iterator[Item]:
    """Merge field by field: adopt what agrees, update what one side changed.

    ``winner`` is the decision about a record that is back: one side is right in all.
    """
    left, right = record.pairing.partnero, record.pairing.tolt
    if left is None or right is None:
        return
    codes = Both(left, right)
    values = codes.map(lambda code: code.values)
    verdicts = merge(record.link, values, record.facts.partners)
    yield Compared(all(verdict.equal for verdict in verdicts))
    for adopt in updates.adopted(record, codes, verdicts):
        yield adopt if winner is None else bound(adopt, [winner])
    yield from updates.unreadable(record, verdicts)
    differing = [v for v in verdicts if v.row and not v.row.equal]
    if differing:
        yield from _decided(record, given, differing, winner)


def _decided(
    record: Record,
    given: Given,
    verdicts: Sequence[FieldVerdict],
    winner: Decision | None,
) -> Iterator[Item]:
    """Yield what is proposed for the fields that differ, as a person answered it."""
    proposals, rest = split(_drafts(record, verdicts, winner))
    yield from rest
    if given.decisions:
        waiting = [proposal for proposal in proposals if not record.goes(proposal)]
        given = given.with_older(waiting)
    answers = {proposal.id: winner or given.to(proposal) for proposal in proposals}
    yield from met(decision for decision in answers.values() if decision)
    removals = [d for d in answers.values() if d and d.take == "delete"]
    if removals:
        doomed, rest = split(missing.delete_wherever(record))
        yield from rest
        if doomed and (agreed := consented(removals, doomed)):
            yield from agreed
            return
        yield from over(removals)
    rows = {v.field: v.row.number for v in verdicts if v.row}
    standing = {id_: d for id_, d in answers.items() if d not in removals}
    yield from _grouped(record, rows, proposals, standing)


def _grouped(
    record: Record,
    rows: dict[str, int],
    proposals: Iterable[Change],
    answers: dict[str, Decision | None],
) -> Iterator[Item]:
    """Yield what waits, and what goes to each side as few changes as can be."""
    going: dict[Side, list[Going]] = {side: [] for side in Side}
    for proposal in proposals:
        decision = answers.get(proposal.id)
        side = destination(record, proposal, decision)
        if side is not None and record.allows(side):
            going[side].append(Going(proposal, decision))
        elif decision is not None and decision.take == "keep":
            yield proposal._replace(decision=decision)
        else:
            yield proposal
    for side, members in going.items():
        yield from together(record, rows, side, members)


def _drafts(
    record: Record, verdicts: Sequence[FieldVerdict], winner: Decision | None
) -> Iterator[Item]:
    """Yield what the table proposes for the fields that differ, and its questions."""
    toward = {v.field: _toward(record, v, winner) for v in verdicts}
    for target in Side:
        rows = {
            v.field: v.row.number
            for v in verdicts
            if v.row and toward[v.field] is target
        }
        if rows and record.allows(target):
            yield from updates.carried(record, rows, target)
    for field, side in toward.items():
        if side is not None and not record.allows(side):
            yield updates.forbidden(record, field, side)
    if winner is None:
        yield from updates.questions(record, verdicts)


def _toward(
    record: Record, verdict: FieldVerdict, winner: Decision | None
) -> Side | None:
    """Return where a field would go: by a person's word, the table, or the policy."""
    if winner is not None:
        return Side(winner.take).other
    if verdict.verb is Verb.CONFLICT:
        right = record.policy.winner(verdict.field)
        return right.other if right else None
    return verdict.row.toward if verdict.row else None


# -- several records under one text -------------------------------------------------


def _collision(grounds: Grounds, group: Crowd) -> Iterator[Item]:
    """Hold a whole group of records that claim one text."""
    draft = _group(grounds, group).with_id()
    given = grounds.consents.about_group(draft) if grounds.facts.complete else Given(())
    yield from over(given.over)
    yield from met(given.decisions)
    if not given.decisions:
        texts = {code.written for codes in group.sides for code in codes}
        named = tuple(sorted(texts)) or (group.key,)
        yield Finding("collision", draft.causes, None, named)
    decision = next(iter(given.decisions), None)
    yield draft._replace(decision=decision)


def _claimant(people: PartnerMap, side: Side, code: PromoCode) -> Claimant:
    owner = code.values.partner
    return Claimant(side, code.written, people.person(side, owner) if owner else None)


def _group(grounds: Grounds, group: Crowd) -> Change:
    """Return the one change that holds all the records of a group."""
    people = grounds.facts.partners
    placed = [
        (side, code)
        for side in Side
        for code in sorted(group.sides.of(side), key=lambda code: code.id)
    ]
    text = min((code.written for _, code in placed), default=group.key)
    claimants = tuple(_claimant(people, side, code) for side, code in placed)
    members = sorted(
        " ".join(map(str, (side, code.id, *marks(code.values))))
        for side, code in placed
    )
    ids = group.sides.map(lambda codes: tuple(sorted(code.id for code in codes)))
    first = group.sides.map(
        lambda codes: seen(min(codes, key=lambda code: code.id, default=None))
    )
    return Change(
        Collision(tuple(members), ids),
        key=group.key,
        code=text,
        row=0,
        grant=Grant.DECIDE,
        reason="collision",
        causes=(NotOneRecord(text, claimants),),
        seen={side: first.of(side) for side in Side},
    )
