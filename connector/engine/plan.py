"""What follows from two snapshots and the bases: changes and findings.

Pure: the same facts and the same policy give the same plan. Each record is looked
up in the table (table.py); the method named after the row's verb says what becomes
of it. Which of that may happen unattended is said afterwards, by the policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from connector.engine import words
from connector.engine.carrier import Carriers
from connector.engine.change import (
    Change,
    FieldValue,
    Finding,
    Grant,
    Seen,
    Status,
    Tally,
    Want,
    seen,
    seen_digest,
)
from connector.engine.match import Collision, Pairing, PartnerMap, pair_up
from connector.engine.merge import FieldVerdict, equal, merge, unchanged
from connector.engine.policy import Policy, review
from connector.engine.snapshot import Snapshot
from connector.engine.table import RECORDS, Base, RecordRow, Sight, Verb
from mappings import partnero as partnero_mapping
from mappings import tolt as tolt_mapping
from mappings.canonical import FIELDS, PromoCode, Side, Unreadable
from mappings.fields import Capability, raises_discount, why_inexpressible
from state.model import Decision, Halves, Ids, Link, Tombstone

_LOSSES = {Side.PARTNERO: partnero_mapping.losses, Side.TOLT: tolt_mapping.losses}


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a plan is made of; ``can`` is what each side can express."""

    partnero: Snapshot
    tolt: Snapshot
    partners: PartnerMap
    can: Mapping[Side, Capability]
    version: str
    links: Iterable[Link] = ()
    tombstones: Mapping[str, Tombstone] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()
    quarantined: Mapping[str, str] = field(default_factory=dict)

    def of(self, side: Side) -> Snapshot:
        return self.partnero if side is Side.PARTNERO else self.tolt


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome of planning: sorted, so that equal facts print equal bytes."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    tally: Tally


def make_plan(facts: Facts, policy: Policy) -> Decided:
    """Decide every record."""
    planner = _Planner(facts, policy)
    planner.walk()
    changes = sorted(
        [*planner.changes, *planner.carriers.changes(planner.changes)],
        key=lambda c: (c.key, c.action, c.target, c.id),
    )
    return Decided(
        changes=tuple(changes),
        findings=tuple(sorted(planner.findings, key=_finding_order)),
        accepted=tuple(sorted(planner.accepted, key=_finding_order)),
        tally=planner.tally,
    )


def _finding_order(finding: Finding) -> tuple[str, str, str]:
    return (finding.kind, finding.code or "", finding.message)


class _Planner:
    """Collects what the table says about each record in turn."""

    def __init__(self, facts: Facts, policy: Policy) -> None:
        self.facts = facts
        self.policy = policy
        self.partners = facts.partners
        self.carriers = Carriers(facts.partnero, facts.partners, policy)
        self.changes: list[Change] = []
        self.findings: list[Finding] = []
        self.accepted: list[Finding] = []
        self.tally = Tally()

    def walk(self) -> None:
        """Look at every record; whatever is as it was costs two comparisons."""
        partners = self.partners
        for found in pair_up(self.facts.partnero, self.facts.tolt, self.facts.links):
            if isinstance(found, Collision):
                self.collision(found)
                continue
            _, link, left, right = found
            if left is not None and right is not None:
                self.compare_carried(left, right)
                if (
                    link is not None
                    and unchanged(link, left, right)
                    and left.values.discount == right.values.discount
                    and partners.same(left.values.partner, right.values.partner)
                ):
                    self.tally.in_sync += 1
                    continue
            elif left is not None:
                self.tally.only_on_partnero += 1
            elif right is not None:
                self.tally.only_on_tolt += 1
            self.record(found)

    # -- one record ---------------------------------------------------------

    def record(self, pairing: Pairing) -> None:
        """Look the record up and follow the verb of its row."""
        row = self.row(pairing)
        decision = self.decision(pairing)
        if decision is not None and decision.take == "delete":
            self.delete_wherever(pairing, row)
            return
        winner = Side(decision.take) if decision and decision.take != "keep" else None
        drafts = tuple(self.drafts(pairing, row, winner))
        kept = decision is not None and decision.take == "keep"
        for draft in drafts:
            self.add(draft, kept=kept)

    def row(self, pairing: Pairing) -> RecordRow:
        """Return the row of the table that fits what both sides show."""
        base = Base.AGREED if pairing.link else Base.NONE
        if pairing.link is None and pairing.key in self.facts.tombstones:
            base = Base.TOMBSTONE
        left, right = (self.sight(pairing, side) for side in Side)
        return RECORDS[base, left, right]

    def sight(self, pairing: Pairing, side: Side) -> Sight:
        code, link, snapshot = pairing.of(side), pairing.link, self.facts.of(side)
        if not snapshot.complete:
            return Sight.UNSEEN
        if link is None:
            return Sight.GONE if code is None else Sight.PRESENT
        if code is None:
            return Sight.GONE if link.ids.of(side) in snapshot.gone else Sight.UNSEEN
        was = link.base.of(side)
        changed = any(
            getattr(was, name) != getattr(code.values, name)
            for name in FIELDS
            if name not in link.unset
        )
        return Sight.CHANGED if changed else Sight.SAME

    def decision(self, pairing: Pairing) -> Decision | None:
        """Return the person's decision, if it was made for just these values."""
        decision = self.facts.decisions.get(pairing.key)
        if decision and decision.seen == seen_digest(self.seen(pairing)):
            return decision
        return None

    def seen(self, pairing: Pairing) -> dict[Side, Seen | None]:
        return {side: seen(pairing.of(side)) for side in Side}

    def drafts(
        self, pairing: Pairing, row: RecordRow, winner: Side | None
    ) -> Iterable[Change]:
        """Return what the row's verb means for this record."""
        match row.verb:
            case Verb.CREATE | Verb.REAPPEARED if row.toward is not None:
                return self.create(pairing, row, row.toward, decided=winner)
            case Verb.REAPPEARED:
                return self.adopt_again(pairing, row, winner)
            case Verb.COMPARE:
                return self.compare(pairing, winner)
            case Verb.DELETE | Verb.CONFLICT if row.toward is not None:
                return self.half_gone(pairing, row, row.toward, winner)
            case Verb.FORGET:
                return self.forget(pairing, row)
            case _:
                self.unproven(pairing)
                return ()

    def add(self, draft: Change, *, kept: bool = False) -> None:
        """Let the policy have its word, and file the change or the finding."""
        draft = draft.with_id()
        change = review(draft, self.policy, self.facts.accepted)
        if change is None:
            self.findings.append(Finding(draft.reason, draft.message, draft.code))
        elif kept and change.status is not Status.READY:
            self.accepted.append(Finding(draft.reason, draft.message, draft.code))
        elif change.id in self.facts.quarantined and change.status is Status.READY:
            why = self.facts.quarantined[change.id]
            message = f"{change.message} It failed in several runs ({why}); nothing "
            message += f"more is tried. Try again: partnero-tolt decide {change.code}"
            held = replace(change, status=Status.HELD, message=message)
            self.changes.append(replace(held, reason="quarantined"))
        else:
            self.changes.append(change)

    # -- on one side only ---------------------------------------------------

    def create(
        self, pairing: Pairing, row: RecordRow, target: Side, *, decided: Side | None
    ) -> Iterable[Change]:
        """Propose the missing half, or say why it cannot be made."""
        source = target.other
        code = pairing.of(source)
        if code is None:
            return
        reason = f"only_on_{source}"
        if row.verb is Verb.REAPPEARED:
            reason = "reappeared"
        elif pairing.link is not None:
            reason = f"gone_on_{target}"
        message = f"{code.written} is only on {source.label}."
        if row.verb is Verb.REAPPEARED:
            where = self.facts.tombstones[pairing.key].where
            message = f"{code.written} was deleted ({where}) and is back on "
            message += f"{source.label}."
        if not self.policy.allows(target):
            message += f" The direction is {self.policy.direction}: nothing is written."
            self.findings.append(Finding(reason, message, code.written))
            return
        lost = _LOSSES[source](code)
        grant = Grant.LOSSY if lost else Grant.CREATE
        if lost and row.verb is Verb.CREATE:
            reason = "switched_off" if code.carried.switched_off else "lossy"
            message += f" {target.label} cannot hold: {', '.join(lost)}."
        if row.verb is Verb.REAPPEARED:
            grant = Grant.DECIDE
        draft = Change(
            action="create",
            target=target.value,
            key=pairing.key,
            code=code.written,
            row=row.number,
            grant=grant,
            reason=reason,
            message=message,
            fields=self.fields(pairing, FIELDS, source),
            lost=lost,
            raises_exposure=bool(lost),
            seen=self.seen(pairing),
            decided=decided is source,
        )
        yield self.fill(draft, code, source)

    def fill(self, draft: Change, code: PromoCode, source: Side) -> Change:
        """Give a new record its partner and its coupon, or say what is missing."""
        target = source.other
        owner = code.values.partner
        why = why_inexpressible(
            code.written, code.values.discount, self.facts.can[target]
        )
        if why:
            unread = isinstance(code.values.discount, Unreadable)
            reason = "currency_unknown" if unread else "not_expressible"
            return _blocked(draft, reason, f"{target.label} cannot hold it: {why}.")
        partner = self.partners.counterpart(source, owner)
        needs: tuple[str, ...] = ()
        if partner is None and owner and self.policy.create_partners:
            needs = self.carriers.partner(source, owner, code)
        if partner is None and not needs:
            reason, message = self.carriers.why_no_partner(source, owner)
            return _blocked(draft, reason, message)
        carrier = self.carriers.coupon(target, code)
        if carrier.why:
            return _blocked(draft, "not_expressible", carrier.why)
        want = Want(
            written=code.written,
            discount=code.values.discount,
            partner=partner,
            fields=frozenset(FIELDS),
            coupon=carrier.coupon,
            duration=carrier.duration,
        )
        message = f"{draft.message} {carrier.said}".strip()
        return replace(
            draft, want=want, message=message, needs=(*needs, *carrier.needs)
        )

    # -- on both sides ------------------------------------------------------

    def compare(self, pairing: Pairing, winner: Side | None) -> Iterable[Change]:
        """Merge field by field: adopt what agrees, update what one side changed."""
        left, right = pairing.partnero, pairing.tolt
        if left is None or right is None:
            return
        verdicts = merge(pairing, left, right, self.partners)
        if all(equal(v.field, left, right, self.partners) and v.row for v in verdicts):
            self.tally.in_sync += 1
        else:
            self.tally.differ += 1
        yield from self.adopt(pairing, verdicts)
        yield from self.unreadable(pairing, verdicts)
        for target in Side:
            yield from self.update(pairing, verdicts, target, winner)
        if winner is None:
            yield from self.undecided(pairing, verdicts)

    def adopt(
        self, pairing: Pairing, verdicts: tuple[FieldVerdict, ...]
    ) -> Iterable[Change]:
        """Write a base for the fields that agree, and the link if it is new."""
        left, right, link = pairing.partnero, pairing.tolt, pairing.link
        if left is None or right is None:
            return
        agreed = {v.field for v in verdicts if v.verb is Verb.ADOPT}
        made_anew = link is not None and link.ids != (left.id, right.id)
        if not agreed and not made_anew and link is not None:
            return
        was = link.base if link else Halves(left.values, right.values)
        known = set(FIELDS) - link.unset if link else set()
        base = Halves(
            was.partnero._replace(**{f: getattr(left.values, f) for f in agreed}),
            was.tolt._replace(**{f: getattr(right.values, f) for f in agreed}),
        )
        new = Link(
            ids=Ids(left.id, right.id),
            base=base,
            written=left.written,
            version=self.facts.version,
            unset=frozenset(FIELDS) - known - agreed,
        )
        rows = [v.row.number for v in verdicts if v.row and v.verb is Verb.ADOPT]
        yield Change(
            action="adopt",
            target="state",
            key=pairing.key,
            code=left.written,
            row=min(rows, default=5),
            grant=Grant.FREE,
            reason="equal",
            message=f"{left.written} is on both sides; what agrees is remembered.",
            fields=self.fields(pairing, sorted(agreed), None),
            seen=self.seen(pairing),
            link=new,
        )

    def unreadable(
        self, pairing: Pairing, verdicts: tuple[FieldVerdict, ...]
    ) -> Iterable[Change]:
        """Block the fields that one side states in a way that cannot be compared."""
        blind = [v.field for v in verdicts if v.row is None]
        if not blind or pairing.partnero is None or pairing.tolt is None:
            return
        stated = [code.values.discount for code in (pairing.partnero, pairing.tolt)]
        why = next(d.why for d in stated if isinstance(d, Unreadable))
        yield Change(
            action="update",
            target=Side.TOLT.value,
            key=pairing.key,
            code=pairing.partnero.written,
            row=17,
            grant=Grant.DECIDE,
            reason="currency_unknown" if "currency" in why else "not_expressible",
            message=f"{pairing.partnero.written}: the discounts cannot be compared: {why}.",
            fields=self.fields(pairing, blind, None),
            seen=self.seen(pairing),
            status=Status.BLOCKED,
        )

    def update(
        self,
        pairing: Pairing,
        verdicts: tuple[FieldVerdict, ...],
        target: Side,
        winner: Side | None,
    ) -> Iterable[Change]:
        """Carry fields to one side, split by the permission that each needs."""
        going = {
            v.field: v.row
            for v in verdicts
            if v.row and self.goes_to(v, winner) is target
        }
        can = self.facts.can[target].updates
        groups = (
            ("update", Grant.UPDATE, [f for f in going if f in can - {"partner"}]),
            ("update", Grant.PAYEE, [f for f in going if f in can & {"partner"}]),
            ("replace", Grant.REPLACE, [f for f in going if f not in can]),
        )
        for action, grant, names in groups:
            if names:
                row = max(going[name].number for name in names)
                draft = self.carry(pairing, target, names, winner)
                yield (
                    replace(draft, action=action, grant=grant, row=row)
                    if (action == "update")
                    else self.as_replace(
                        replace(draft, action=action, grant=grant, row=row), pairing
                    )
                )

    def goes_to(self, verdict: FieldVerdict, winner: Side | None) -> Side | None:
        """Return where a field goes: by decision, by the table, or by policy."""
        if verdict.verb is Verb.CONFLICT and winner is None:
            winner = self.policy.winner(verdict.field)
        toward = verdict.toward(winner)
        if toward is not None and not self.policy.allows(toward) and winner is None:
            return None
        return toward

    def carry(
        self, pairing: Pairing, target: Side, names: list[str], winner: Side | None
    ) -> Change:
        """Draft the update of some fields of one side with the other's values."""
        source = target.other
        code = pairing.of(source)
        assert code is not None  # noqa: S101 (compare() has both)
        owner = code.values.partner
        shown = self.fields(pairing, names, source)
        told = "; ".join(
            f"{f.field} {getattr(f, target.value)} becomes {f.new}" for f in shown
        )
        draft = Change(
            action="update",
            target=target.value,
            key=pairing.key,
            code=code.written,
            row=0,
            grant=Grant.UPDATE,
            reason=_reason(names, source, winner),
            message=f"{code.written} on {target.label}: {told}.",
            fields=shown,
            raises_exposure=self.raises(pairing, names, source),
            seen=self.seen(pairing),
            decided=winner is not None,
        )
        partner = self.partners.counterpart(source, owner)
        if "partner" in names and partner is None:
            reason, message = self.carriers.why_no_partner(source, owner)
            return _blocked(draft, reason, message)
        want = Want(code.written, code.values.discount, partner, frozenset(names))
        return replace(draft, want=want)

    def as_replace(self, draft: Change, pairing: Pairing) -> Change:
        """Turn an update that the target cannot do into a new record for the old."""
        target = draft.side
        old, source = pairing.of(target), pairing.of(target.other)
        if draft.status is Status.BLOCKED or old is None or source is None:
            return draft
        names = set(draft.want.fields if draft.want else ())
        reason = draft.reason if names & {"partner", "code"} else "replace_needed"
        told = "; ".join(
            f"{f.field} {getattr(f, target.value)} would become {f.new}"
            for f in draft.fields
        )
        message = (
            f"{target.label} cannot change this: {draft.code}, {told}. It takes a "
        )
        message += "new code in place of the old one"
        draft = replace(
            draft,
            reason=reason,
            lost=words.dies_with(target, old),
            message=f"{message}, and the old one's history is lost.",
        )
        whole = replace(
            source,
            written=source.written if "code" in names else old.written,
            values=source.values._replace(
                discount=(source if "discount" in names else old).values.discount
            ),
        )
        return self.fill_replacement(draft, whole, old, names)

    def fill_replacement(
        self, draft: Change, whole: PromoCode, old: PromoCode, names: set[str]
    ) -> Change:
        filled = self.fill(draft, whole, draft.side.other)
        if filled.want is None:
            return filled
        partner = filled.want.partner if "partner" in names else old.values.partner
        want = replace(filled.want, partner=partner, fields=frozenset(names))
        return replace(filled, want=want)

    def undecided(
        self, pairing: Pairing, verdicts: tuple[FieldVerdict, ...]
    ) -> Iterable[Change]:
        """Hold what only a person can say: which of two values is right."""
        groups: dict[str, list[FieldVerdict]] = {}
        for verdict in verdicts:
            if verdict.verb is Verb.CONFLICT and not self.policy.winner(verdict.field):
                groups.setdefault("both_changed", []).append(verdict)
            elif verdict.verb is Verb.DIVERGED:
                payee = verdict.field == "partner"
                reason = "payee_change" if payee else "diverged"
                groups.setdefault(reason, []).append(verdict)
            elif verdict.verb is Verb.UPDATE and self.goes_to(verdict, None) is None:
                self.not_carried(pairing, verdict)
        for reason, group in groups.items():
            yield self.open_question(pairing, reason, group)

    def open_question(
        self, pairing: Pairing, reason: str, group: list[FieldVerdict]
    ) -> Change:
        names = [verdict.field for verdict in group]
        written = pairing.partnero.written if pairing.partnero else pairing.key
        shown = self.fields(pairing, names, None)
        told = "; ".join(
            f"{f.field} is {f.partnero} on Partnero and {f.tolt} on Tolt" for f in shown
        )
        row = max(verdict.row.number for verdict in group if verdict.row)
        message = f"{written}: {told}. Which is right? partnero-tolt decide {written} "
        message += "--take partnero, --take tolt or --keep"
        if row == 6:
            self.findings.append(Finding("diverged", f"{written}: {told}.", written))
        able = [s for s in Side if names[0] in self.facts.can[s].updates]
        return Change(
            action="update",
            target=(able or [Side.TOLT])[0].value,
            key=pairing.key,
            code=written,
            row=row,
            grant=Grant.DECIDE,
            reason=reason,
            message=message,
            fields=shown,
            seen=self.seen(pairing),
        )

    def not_carried(self, pairing: Pairing, verdict: FieldVerdict) -> None:
        toward = verdict.row.toward if verdict.row else None
        source = toward.other if toward else Side.PARTNERO
        written = pairing.partnero.written if pairing.partnero else pairing.key
        message = (
            f"{written}: {verdict.field} changed on {source.label}; the direction "
        )
        message += f"is {self.policy.direction}, so nothing is written."
        self.findings.append(Finding(f"changed_on_{source}", message, written))

    # -- gone, back, unclear ------------------------------------------------

    def half_gone(
        self, pairing: Pairing, row: RecordRow, alive: Side, winner: Side | None
    ) -> Iterable[Change]:
        """Propose to delete the other half; never make the missing one anew unasked."""
        code, gone = pairing.of(alive), alive.other
        if code is None:
            return
        if winner is alive:
            yield from self.create(pairing, row, gone, decided=winner)
            return
        edited = row.verb is Verb.CONFLICT
        message = f"{code.written} is gone on {gone.label}"
        message += f" and was edited on {alive.label}." if edited else "."
        message += f" Delete it on {alive.label} too? partnero-tolt decide "
        message += f"{code.written} --take {gone} (or --take {alive} to make it anew)"
        if not self.policy.allows(alive) and winner is None:
            self.findings.append(Finding(f"gone_on_{gone}", message, code.written))
            return
        yield Change(
            action="delete",
            target=alive.value,
            key=pairing.key,
            code=code.written,
            row=row.number,
            grant=Grant.DECIDE if edited else Grant.DELETE,
            reason="deleted_and_edited" if edited else f"gone_on_{gone}",
            message=message,
            fields=self.fields(pairing, FIELDS, None),
            lost=words.dies_with(alive, code),
            seen=self.seen(pairing),
            decided=winner is not None,
        )

    def delete_wherever(self, pairing: Pairing, row: RecordRow) -> None:
        """Do what a person asked for twice: remove the record on each side it is on."""
        for side in Side:
            code = pairing.of(side)
            if code is not None:
                self.add(
                    Change(
                        action="delete",
                        target=side.value,
                        key=pairing.key,
                        code=code.written,
                        row=row.number,
                        grant=Grant.DELETE,
                        reason="decided",
                        message=f"{code.written} is removed from {side.label}.",
                        fields=self.fields(pairing, FIELDS, None),
                        lost=words.dies_with(side, code),
                        seen=self.seen(pairing),
                        decided=True,
                    )
                )

    def adopt_again(
        self, pairing: Pairing, row: RecordRow, winner: Side | None
    ) -> Iterable[Change]:
        """Hold a record that was deleted and now stands on both sides again."""
        left, right = pairing.partnero, pairing.tolt
        if left is None or right is None:
            return
        if winner is not None:
            yield from self.compare(pairing, winner)
            return
        message = f"{left.written} was deleted and is on both sides again. Keep it? "
        message += f"partnero-tolt decide {left.written} --take partnero"
        yield Change(
            action="adopt",
            target="state",
            key=pairing.key,
            code=left.written,
            row=row.number,
            grant=Grant.DECIDE,
            reason="reappeared",
            message=message,
            fields=self.fields(pairing, FIELDS, None),
            seen=self.seen(pairing),
        )

    def forget(self, pairing: Pairing, row: RecordRow) -> Iterable[Change]:
        """Close the base of a record that is gone on both sides."""
        link = pairing.link
        if link is not None:
            yield Change(
                action="forget",
                target="state",
                key=pairing.key,
                code=link.written,
                row=row.number,
                grant=Grant.FREE,
                reason="gone_on_both",
                message=f"{link.written} is gone on both sides and is remembered as such.",
                seen=self.seen(pairing),
                link=link,
            )

    def unproven(self, pairing: Pairing) -> None:
        """Name a linked record that one complete listing does not show."""
        link = pairing.link
        both = all(self.facts.of(side).complete for side in Side)
        if link is not None and both:
            side = Side.PARTNERO if pairing.partnero is None else Side.TOLT
            message = (
                f"{link.written} is not in {side.label}'s listing, but its absence "
            )
            message += "is not proven. Nothing is done about it."
            self.findings.append(Finding("unproven", message, link.written))

    def collision(self, group: Collision) -> None:
        """Hold a whole group of records that claim one text."""
        self.tally.collisions += 1
        told = [
            f"{code.written} of {words.owner(self.partners, side, code.values.partner)} "
            f"on {side.label}"
            for side, codes in (
                (Side.PARTNERO, group.partnero),
                (Side.TOLT, group.tolt),
            )
            for code in sorted(codes, key=lambda code: code.id)
        ]
        texts = sorted({code.written for code in (*group.partnero, *group.tolt)})
        ids = sorted(code.id for code in (*group.partnero, *group.tolt))
        name = texts[0] if texts else group.key
        message = (
            f"{name} is not one record: {'; '.join(told)}. Nobody can tell whom it "
        )
        message += "credits. Rename or delete all but one; until then nothing is done."
        decision = self.facts.decisions.get(group.key)
        kept = decision is not None and decision.take == "keep"
        first = {Side.PARTNERO: group.partnero, Side.TOLT: group.tolt}
        draft = Change(
            action="adopt",
            target="state",
            key=group.key,
            code=name,
            row=0,
            grant=Grant.DECIDE,
            reason="collision",
            message=message,
            seen={
                side: seen(min(codes, key=lambda code: code.id, default=None))
                for side, codes in first.items()
            },
            want=None,
            lost=(),
            needs=(),
        )
        if kept and decision and decision.seen == seen_digest(draft.seen):
            self.accepted.append(Finding("collision", message, name, tuple(texts)))
            return
        self.findings.append(Finding("collision", message, None, tuple(texts or ids)))
        self.add(draft)

    # -- shared by all ------------------------------------------------------

    def fields(
        self, pairing: Pairing, names: Iterable[str], source: Side | None
    ) -> tuple[FieldValue, ...]:
        """Show fields as people read them; ``source`` is where the new value is from."""
        return tuple(
            FieldValue(
                name,
                words.base(self.partners, pairing, name),
                words.value(self.partners, Side.PARTNERO, name, pairing.partnero),
                words.value(self.partners, Side.TOLT, name, pairing.tolt),
                self.new(pairing, name, source) if source else None,
            )
            for name in names
        )

    def new(self, pairing: Pairing, name: str, source: Side) -> str | None:
        """Return the value to be written, a partner in the target's own id."""
        code = pairing.of(source)
        if code is None or name != "partner":
            return words.value(self.partners, source, name, code)
        there = self.partners.counterpart(source, code.values.partner)
        return words.owner(self.partners, source.other, there) if there else None

    def raises(self, pairing: Pairing, names: list[str], source: Side) -> bool:
        """Say whether customers would get more off than the target gives now."""
        old, new = pairing.of(source.other), pairing.of(source)
        if "discount" not in names or old is None or new is None:
            return False
        return raises_discount(old.values.discount, new.values.discount)

    def compare_carried(self, left: PromoCode, right: PromoCode) -> None:
        """Report what is not merged and still matters to a person."""
        if left.written != right.written:
            message = (
                f"Written {left.written} on Partnero and {right.written} on Tolt; "
            )
            message += "letter case and blanks do not make two codes. Both are kept."
            self.findings.append(Finding("spelling", message, left.written))
        off = left.carried.switched_off, right.carried.switched_off
        if off[0] != off[1]:
            where, live = Side.PARTNERO, Side.TOLT
            if off[1]:
                where, live = live, where
            message = f"{left.written} is switched off on {where.label} and live on "
            message += f"{live.label}. Neither API can switch a code off."
            self.findings.append(Finding("switched_off", message, left.written))


def _blocked(draft: Change, reason: str, message: str) -> Change:
    told = f"{draft.message} {message}"
    return replace(draft, status=Status.BLOCKED, reason=reason, message=told, want=None)


def _reason(names: list[str], source: Side, winner: Side | None) -> str:
    if "partner" in names:
        return "payee_change"
    if "code" in names:
        return "renamed"
    return "decided" if winner else f"changed_on_{source}"
