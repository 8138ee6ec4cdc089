"""What follows from two snapshots and the bases: changes and findings.

Pure: the same facts and the same policy give the same plan. Each record is looked
up in the table (table.py), and the verb of its row says what becomes of it. Which
of that may happen unattended is said afterwards, by the policy.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from connector.engine import both_sides, one_side, words
from connector.engine.change import (
    Change,
    Finding,
    Grant,
    Status,
    Tally,
    seen,
    seen_digest,
)
from connector.engine.desk import Desk, Facts, seen_of
from connector.engine.match import Codes, Collision, Pairing, pair_up
from connector.engine.policy import Policy, review
from connector.engine.renames import in_order
from connector.engine.table import RECORDS, Base, RecordRow, Sight, Verb
from mappings.canonical import FIELDS, PromoCode, Side
from state.model import Decision, Link


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome of planning: sorted, so that equal facts print equal bytes."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    tally: Tally


def make_plan(facts: Facts, policy: Policy) -> Decided:
    """Decide every record."""
    planner = _Planner(Desk(facts, policy))
    planner.walk()
    desk = planner.desk
    changes = in_order(planner.changes)
    changes += desk.carriers.changes(changes)
    return Decided(
        changes=tuple(sorted(changes, key=lambda c: (c.key, c.action, c.target, c.id))),
        findings=tuple(sorted(desk.findings, key=_finding_order)),
        accepted=tuple(sorted(planner.accepted, key=_finding_order)),
        tally=desk.tally,
    )


def _finding_order(finding: Finding) -> tuple[str, str, str]:
    return (finding.kind, finding.code or "", finding.message)


class _Planner:
    """Collects what the table and the policy say about each record in turn."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.changes: list[Change] = []
        self.accepted: list[Finding] = []

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
        awaited = {*crowded, *desk.facts.decisions, *desk.facts.parked}
        found = []
        for link in links:
            (left_id, right_id), (was, were), _written, _version, unset = link
            left, right = take_left(left_id, None), take_right(right_id, None)
            if left is not None and right is not None and not unset:
                _id, left_written, left_values, left_carried = left
                _id, right_written, right_values, right_carried = right
                if (
                    left_values == was
                    and right_values == were
                    and left_written == right_written
                    and left_carried.switched_off == right_carried.switched_off
                ):
                    key, discount, owner = left_values
                    _key, discount_there, owner_there = right_values
                    if (
                        discount == discount_there
                        and (owner is None or owner_there is not None)
                        and (counterpart(owner) if owner else None) == owner_there
                        and key not in awaited
                    ):
                        continue
            found.append(Pairing(was[0], link, left, right))
        desk.tally.in_sync = len(links) - len(found)
        return found

    def count(self, pairing: Pairing) -> None:
        """Count what is on one side alone, and report what both carry differently."""
        left, right = pairing.partnero, pairing.tolt
        if left is not None and right is not None:
            self.compare_carried(left, right)
        else:
            self.desk.tally.only_on_partnero += left is not None
            self.desk.tally.only_on_tolt += right is not None

    def record(self, pairing: Pairing) -> None:
        """Look one record up, follow the verb of its row, and ask the policy."""
        if why := self.desk.facts.parked.get(pairing.key):
            message = (
                f"What is remembered of it cannot be read ({why}): nothing is done "
            )
            message += "about it. Look with: partnero-tolt state check"
            self.desk.report("state_unreadable", message, pairing.key)
            return
        row = self.row(pairing)
        decision = self.decision(pairing)
        take = decision.take if decision else None
        kept = take == "keep"
        if take == "delete":
            drafts = one_side.delete_wherever(self.desk, pairing, row)
        else:
            winner = Side(take) if take and not kept else None
            drafts = self.drafts(pairing, row, winner)
        for draft in drafts:
            self.file(draft, kept=kept)

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
        if not snapshot.complete:
            return Sight.UNSEEN
        if link is None:
            return Sight.GONE if code is None else Sight.PRESENT
        if code is None:
            return Sight.GONE if link.ids.of(side) in snapshot.gone else Sight.UNSEEN
        changed = {
            name
            for name, was, now in zip(
                FIELDS, link.base.of(side), code.values, strict=True
            )
            if was != now
        }
        return Sight.CHANGED if changed - link.unset else Sight.SAME

    def decision(self, pairing: Pairing) -> Decision | None:
        """Return the person's decision, if it was made for just these values."""
        decision = self.desk.facts.decisions.get(pairing.key)
        if decision and decision.seen == seen_digest(seen_of(pairing)):
            return decision
        return None

    def drafts(
        self, pairing: Pairing, row: RecordRow, winner: Side | None
    ) -> Iterable[Change]:
        """Return what the row's verb means for this record."""
        desk, toward = self.desk, row.toward
        match row.verb:
            case Verb.CREATE | Verb.REAPPEARED if toward is not None:
                return one_side.create(desk, pairing, row, toward, winner)
            case Verb.DELETE | Verb.CONFLICT if toward is not None:
                return one_side.half_gone(desk, pairing, row, toward, winner)
            case Verb.REAPPEARED if winner is None:
                return one_side.reappeared(desk, pairing, row)
            case Verb.COMPARE | Verb.REAPPEARED:
                return both_sides.compare(desk, pairing, winner)
            case Verb.FORGET:
                return one_side.forget(desk, pairing, row)
            case _:
                one_side.unproven(desk, pairing)
                return ()

    def file(self, draft: Change, *, kept: bool) -> None:
        """Let the policy have its word, and file the change or the finding."""
        facts, draft = self.desk.facts, draft.with_id()
        change = review(draft, self.desk.policy, facts.accepted)
        if change is None:
            self.desk.report(draft.reason, draft.message, draft.code)
        elif kept and change.status is not Status.READY:
            self.accepted.append(Finding(draft.reason, draft.message, draft.code))
        elif change.id in facts.quarantined and not change.decided:
            self.changes.append(_quarantined(change, facts.quarantined[change.id]))
        else:
            self.changes.append(change)

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
        draft = Change(
            action="adopt",
            target="state",
            key=group.key,
            code=texts[0],
            row=0,
            grant=Grant.DECIDE,
            reason="collision",
            message=message,
            seen={
                side: seen(min(codes, key=lambda code: code.id, default=None))
                for side, codes in sides
            },
        )
        decision = desk.facts.decisions.get(group.key)
        kept = decision is not None and decision.take == "keep"
        kept = kept and decision.seen == seen_digest(draft.seen) if decision else False
        if not kept:
            desk.findings.append(Finding("collision", message, None, tuple(texts)))
        self.file(draft, kept=kept)

    def compare_carried(self, left: PromoCode, right: PromoCode) -> None:
        """Report what is not merged and still matters to a person."""
        if left.written != right.written and left.values.code == right.values.code:
            message = (
                f"Written {left.written} on Partnero and {right.written} on Tolt; "
            )
            message += "letter case and blanks do not make two codes. Both are kept."
            self.desk.report("spelling", message, left.written)
        if left.carried.switched_off != right.carried.switched_off:
            off = Side.TOLT if right.carried.switched_off else Side.PARTNERO
            message = f"{left.written} is switched off on {off.label} and live on "
            message += f"{off.other.label}. Neither API can switch a code off."
            self.desk.report("switched_off", message, left.written)


def _quarantined(change: Change, why: str) -> Change:
    message = f"{change.message} It failed in several runs ({why}); nothing more is "
    message += (
        f"tried. Try again: partnero-tolt decide {words.typed(change.code)} --take "
    )
    message += Side(change.target).other if change.target != "state" else "partnero"
    return change._replace(status=Status.HELD, reason="quarantined", message=message)
