"""What follows from two snapshots and the bases: changes and findings.

Pure: the same facts and the same policy give the same plan. Each record is looked
up in the table (table.py), and the verb of its row says what becomes of it. Which
of that may happen unattended is said afterwards, by the policy.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from connector.engine import both_sides, limits, one_side, words
from connector.engine.causes import Causes
from connector.engine.change import (
    Change,
    Finding,
    Grant,
    Status,
    Tally,
    seen,
    value_texts,
)
from connector.engine.consent import ACCEPTABLE, PUSHED, Consents, Given
from connector.engine.desk import Desk, Facts, blocked, seen_of
from connector.engine.match import Codes, Collision, Pairing, pair_up
from connector.engine.policy import Policy, review
from connector.engine.renames import in_order
from connector.engine.table import RECORDS, Base, RecordRow, Sight, Verb
from mappings.canonical import FIELDS, PromoCode, Side, fold
from state.model import Link


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome of planning: sorted, so that equal facts print equal bytes.

    ``ended`` are the ids of consents that are over, because a value is another one;
    ``restored`` the keys of codes that a replace had left missing and that are back.
    """

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    tally: Tally
    acceptable: tuple[Finding, ...] = ()
    ended: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()


def make_plan(facts: Facts, policy: Policy) -> Decided:
    """Decide every record."""
    planner = _Planner(Desk(facts, policy))
    planner.walk()
    desk = planner.desk
    planner.conclude()
    changes = in_order(planner.changes, facts.owners)
    changes += desk.carriers.changes(changes)
    return Decided(
        changes=tuple(sorted(changes, key=lambda c: (c.key, c.action, c.target, c.id))),
        findings=tuple(sorted(desk.findings, key=_finding_order)),
        accepted=tuple(sorted(planner.accepted, key=_finding_order)),
        tally=desk.tally,
        acceptable=tuple(sorted(desk.acceptable, key=_finding_order)),
        ended=frozenset(planner.consents.ended),
        restored=frozenset(planner.restored),
    )


def _finding_order(finding: Finding) -> tuple[str, str, str]:
    return (finding.kind, finding.code or "", str(finding.causes))


class _Planner:
    """Collects what the table and the policy say about each record in turn."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.consents = Consents.of(desk.facts.decisions.values())
        self.changes: list[Change] = []
        self.accepted: list[Finding] = []
        self.restored: list[str] = []
        self.met: set[str] = set()
        words = desk.facts.foreign.values()
        self.foreign = {one.key for one in words if one.action not in PUSHED}
        self.limited: list[tuple[PromoCode, PromoCode]] = []

    def walk(self) -> None:
        """Look at every record but those that are as they were."""
        facts = self.desk.facts
        for found in pair_up(facts.partnero, facts.tolt, facts.links, self.claim):
            if isinstance(found, Collision):
                self.collision(found)
                continue
            self.count(found)
            self.record(found)

    def claim(
        self,
        links: Sequence[Link],
        lefts: Codes,
        rights: Codes,
        crowded: Collection[str],
    ) -> list[Pairing]:
        """Return the linked records about which there may be something to say.

        Most records end here, so it is one loop that calls nothing written in Python
        and takes tuples apart by place.
        """
        desk = self.desk
        take_left, take_right = lefts.pop, rights.pop
        counterpart = desk.partners.to_tolt.get
        spoken = desk.facts.version  # an id of another version means nothing here
        awaited = {*crowded, *self.consents.by_key, *desk.facts.parked}
        awaited |= desk.facts.unfinished.keys()
        awaited |= desk.facts.partnero.hidden_texts | desk.facts.tolt.hidden_texts
        found = []
        limited = self.limited
        limited.clear()
        for link in links:
            (left_id, right_id), (was, were), _written, version, unset = link
            left = take_left(left_id, None)
            right = take_right(right_id, None) if version == spoken else None
            if left is not None and right is not None and not unset:
                _id, left_written, left_values, left_carried = left
                _id, right_written, right_values, right_carried = right
                if (
                    left_values == was
                    and right_values == were
                    and left_written == right_written
                ):
                    key, discount, owner = left_values
                    _key, discount_there, owner_there = right_values
                    if (
                        discount == discount_there
                        and (owner is None or owner_there is not None)
                        and (counterpart(owner) if owner else None) == owner_there
                        and key not in awaited
                    ):
                        if left_carried.limited or right_carried.limited:
                            limited.append((left, right))
                        continue
            found.append(Pairing(was[0], link, left, right))
        desk.tally.in_sync = len(links) - len(found)
        return found

    def count(self, pairing: Pairing) -> None:
        """Count what is on one side alone, and report what both carry differently."""
        left, right = pairing.partnero, pairing.tolt
        if left is not None and right is not None:
            self.report_spelling(left, right)
            self.limited.append((left, right))
        if Sight.UNSEEN in (self.sight(pairing, side) for side in Side):
            self.desk.tally.unproven += 1
        elif left is None or right is None:
            self.desk.tally.only_on_partnero += left is not None
            self.desk.tally.only_on_tolt += right is not None
        missing = self.desk.facts.unfinished.get(pairing.key)
        if missing and pairing.of(Side(missing.target)) is not None:
            self.restored.append(pairing.key)

    def record(self, pairing: Pairing) -> None:
        """Look one record up, follow the verb of its row, and ask the policy."""
        if why := self.desk.facts.parked.get(pairing.key):
            message = (
                f"What is remembered of it cannot be read ({why}): nothing is done "
            )
            message += "about it. Look with: partnero-tolt state check"
            self.desk.report("state_unreadable", (message,), pairing.key)
            return
        row = self.row(pairing)
        given = self.given(pairing)
        drafts = self.drafts(pairing, row, given)
        if removal := given.removal(pairing.key):
            doomed = [*one_side.delete_wherever(self.desk, pairing, row)]
            drafts = one_side.consented(given, [removal], doomed)
            self.consents.use(removal)
        for draft in drafts:
            self.file(draft)

    def given(self, pairing: Pairing) -> Given:
        """Return the decisions that count for a record, where both sides are known."""
        self.met.add(pairing.key)
        known = self.sides_known() and not self.hidden(pairing)
        if not known or pairing.key not in self.consents.by_key:
            for decision in self.consents.by_key.get(pairing.key, ()):
                self.consents.use(decision)
            return Given(self.consents, ())
        return self.consents.about(pairing.key, seen_of(pairing))

    def row(self, pairing: Pairing) -> RecordRow:
        """Return the row of the table that fits what both sides show."""
        base = Base.AGREED if pairing.link else Base.NONE
        if pairing.link is None and pairing.key in self.desk.facts.tombstones:
            base = Base.TOMBSTONE
        left, right = (self.sight(pairing, side) for side in Side)
        return RECORDS[base, left, right]

    def sight(self, pairing: Pairing, side: Side) -> Sight:
        """Say what one side shows of a record: absent only where that is proven."""
        code, link = pairing.of(side), pairing.link
        snapshot = self.desk.facts.of(side)
        if not snapshot.complete or self.desk.hides(side, pairing):
            return Sight.UNSEEN
        if link is None:
            return Sight.GONE if code is None else Sight.PRESENT
        if code is None:
            spoken = side is Side.PARTNERO or link.version == self.desk.facts.version
            known = spoken and link.ids.of(side) in snapshot.gone
            return Sight.GONE if known else Sight.UNSEEN
        changed = {
            name
            for name, was, now in zip(
                FIELDS, link.base.of(side), code.values, strict=True
            )
            if was != now
        }
        return Sight.CHANGED if changed - link.unset else Sight.SAME

    def hidden(self, pairing: Pairing) -> bool:
        """Say whether a side lists the record in a row that cannot be understood."""
        return any(self.desk.hides(side, pairing) for side in Side)

    def sides_known(self) -> bool:
        return all(self.desk.facts.of(side).complete for side in Side)

    def drafts(
        self, pairing: Pairing, row: RecordRow, given: Given
    ) -> Iterable[Change]:
        """Return what the row's verb means for this record, as it was answered."""
        desk, toward = self.desk, row.toward
        match row.verb:
            case Verb.CREATE | Verb.REAPPEARED if toward is not None:
                drafts = one_side.create(desk, pairing, row, toward)
            case Verb.DELETE | Verb.CONFLICT if toward is not None:
                drafts = one_side.half_gone(desk, pairing, row, toward)
            case Verb.REAPPEARED:
                return self.reappeared(pairing, row, given)
            case Verb.COMPARE:
                return both_sides.compare(desk, pairing, row, given)
            case Verb.FORGET:
                drafts = one_side.forget(desk, pairing, row)
            case _:
                one_side.unproven(desk, pairing)
                return ()
        return one_side.answered(desk, pairing, row, given, drafts)

    def reappeared(
        self, pairing: Pairing, row: RecordRow, given: Given
    ) -> Iterable[Change]:
        """Ask about a record that is back on both sides, or take one side's word."""
        (question,) = one_side.reappeared(self.desk, pairing, row)
        question = question.with_id()
        decision = given.with_older([question]).to(question)
        if decision is None or decision.take not in ("partnero", "tolt"):
            drafts = [question]
            return one_side.answered(self.desk, pairing, row, given, drafts)
        drafts = [*both_sides.compare(self.desk, pairing, row, given, decision)]
        if all(draft.consents for draft in drafts):
            return drafts
        # Not what was agreed to: nothing of it is done, and it is asked for anew.
        given.refuse(decision)
        return [question]

    def file(self, draft: Change) -> None:
        """Let the policy have its word, and file the change or the finding."""
        facts = self.desk.facts
        draft = draft if draft.id else draft.with_id()
        decision = draft.decision
        if decision is not None and decision.take == "keep":
            finding = Finding(draft.reason, draft.causes, draft.code)
            self.accepted.append(finding._replace(id=draft.id, decision=decision))
            return
        if self.is_sentinel(draft):
            text = "It is limits.sentinel, which is never replaced or deleted from "
            text += "here: name another code there first."
            draft = blocked(draft, "sentinel", text)
        change = review(self.unanswered(draft), self.desk.policy, facts.accepted)
        if change is None:
            self.desk.report(draft.reason, _never(draft), draft.code)
        elif change.id in facts.quarantined and not change.decided:
            self.changes.append(_quarantined(change, facts.quarantined[change.id]))
        else:
            self.changes.append(change)

    def unanswered(self, draft: Change) -> Change:
        """Hold what a person has spoken about by ids that cannot be matched now."""
        if draft.action == "adopt" or draft.key not in self.foreign:
            return draft
        return draft._replace(grant=Grant.DECIDE)

    def is_sentinel(self, change: Change) -> bool:
        sentinel = self.desk.policy.limits.sentinel
        destroys = change.action in ("delete", "replace")
        return destroys and sentinel is not None and change.key == fold(sentinel)

    def conclude(self) -> None:
        """Say what is only known once every record was looked at."""
        desk = self.desk
        limits.compare(desk, self.consents, self.limited, self.accepted)
        limits.name_the_dead(desk)
        if self.sides_known():
            self.end_what_is_over()
        waiting = self.consents.unused - self.consents.ended
        for decision in desk.facts.foreign.values():
            message = f"A decision about {decision.code} ({decision.take}, by "
            message += (
                f"{decision.who}) waits: it was made under {decision.version} of "
            )
            message += "Tolt's API, and what it is about cannot be told by the ids of "
            message += f"{desk.facts.version}. Decide anew, or take it back with "
            message += "--withdraw."
            desk.report("decision_waits", (message,), decision.code)
        for group in self.consents.by_key.values():
            for decision in group:
                if decision.id in waiting:
                    message = f"A decision about {decision.code} ({decision.take}, by "
                    message += f"{decision.who}) waits: nothing fits it now."
                    desk.report("decision_waits", (message,), decision.code)

    def end_what_is_over(self) -> None:
        """End decisions about records that are nowhere, or limits that are others."""
        for key, decisions in self.consents.by_key.items():
            for decision in decisions:
                over = decision.action in ACCEPTABLE
                over = over and decision.id in self.consents.unused
                if over or key not in self.met:
                    self.consents.end(decision)

    def collision(self, group: Collision) -> None:
        """Hold a whole group of records that claim one text."""
        desk = self.desk
        desk.tally.collisions += 1
        sides = ((Side.PARTNERO, group.partnero), (Side.TOLT, group.tolt))
        told = [
            f"{code.written} of "
            f"{words.owner(desk.partners, side, code.values.partner)} on {side.label}"
            for side, codes in sides
            for code in sorted(codes, key=lambda code: code.id)
        ]
        texts = sorted({c.written for _, codes in sides for c in codes}) or [group.key]
        message = f"{texts[0]} is not one record: {'; '.join(told)}. Nobody can tell "
        message += "whom it credits. Rename or delete all but one; until then nothing "
        message += "is done about any of them."
        members = sorted(
            " ".join(map(str, (side, code.id, *value_texts(code.values))))
            for side, codes in sides
            for code in codes
        )
        draft = Change(
            action="adopt",
            target="state",
            key=group.key,
            code=texts[0],
            row=0,
            grant=Grant.DECIDE,
            reason="collision",
            causes=(message,),
            seen={
                side: seen(min(codes, key=lambda code: code.id, default=None))
                for side, codes in sides
            },
            members=tuple(members),
            values={
                side.value: sorted(code.id for code in codes) for side, codes in sides
            },
        ).with_id()
        self.met.add(group.key)
        decision = self.consents.about_group(draft) if self.sides_known() else None
        if decision is None:
            desk.findings.append(Finding("collision", (message,), None, tuple(texts)))
        self.file(draft._replace(decision=decision))

    def report_spelling(self, left: PromoCode, right: PromoCode) -> None:
        """Report two spellings of one text: no difference, and still good to know."""
        if left.written != right.written and left.values.code == right.values.code:
            message = (
                f"Written {left.written} on Partnero and {right.written} on Tolt; "
            )
            message += "letter case and blanks do not make two codes. Both are kept."
            self.desk.report("spelling", (message,), left.written)


def _never(draft: Change) -> Causes:
    """Say that the policy forbids it."""
    if draft.decision is None:
        return (*draft.causes, "The policy says that this is never done.")
    waits = f"The decision of {draft.decision.who} waits: the policy says that this is "
    return (*draft.causes, f"{waits}never done.")


def _quarantined(change: Change, why: str) -> Change:
    told = f"It failed in several runs ({why}); nothing more is tried."
    causes = (*change.causes, told)
    return change._replace(status=Status.HELD, reason="quarantined", causes=causes)
