"""What the decisions about single records share: the facts, and how a change is said.

A desk is used by one plan. It keeps no decision of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.engine import words
from connector.engine.carrier import Carriers
from connector.engine.causes import Causes
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
)
from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.engine.policy import Policy, review
from connector.engine.replaceable import why_not_replaceable
from connector.engine.snapshot import Snapshot
from mappings.canonical import FIELDS, Coupon, PromoCode, Side, Unreadable, Values, fold
from mappings.capability import Capability
from mappings.fields import BY_NAME, MERGED, why_inexpressible
from state.model import Decision, Link, Tombstone, Unfinished


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a plan is made of.

    ``can`` is what each side can express, ``parked`` says by key whose memory cannot
    be read, ``quarantined`` by id which change has failed too often, ``unfinished``
    by key what a replace left missing. ``today`` is the date (UTC, ISO), ``currency``
    that of the programmes, ``foreign`` what was decided by ids of the other version
    of Tolt's API and could not be carried over.
    """

    partnero: Snapshot
    tolt: Snapshot
    partners: PartnerMap
    can: Mapping[Side, Capability]
    version: str
    links: Sequence[Link] = ()
    tombstones: Mapping[str, Tombstone] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()
    quarantined: Mapping[str, str] = field(default_factory=dict)
    parked: Mapping[str, str] = field(default_factory=dict)
    unfinished: Mapping[str, Unfinished] = field(default_factory=dict)
    today: str = ""
    currency: str | None = None
    foreign: Mapping[str, Decision] = field(default_factory=dict)

    @property
    def unmatched(self) -> list[str]:
        """Name the records that only another version of Tolt's API has shown."""
        strange = [one for one in self.links if one.version != self.version]
        return sorted(link.written for link in strange)

    def of(self, side: Side) -> Snapshot:
        return self.partnero if side is Side.PARTNERO else self.tolt

    def owners(self, side: Side, text: str) -> list[str]:
        """Return the ids of the records that have a folded text on a side."""
        codes = self.of(side).codes.values()
        return [code.id for code in codes if code.values.code == text]


class Desk:
    """Where one record at a time is looked at."""

    def __init__(self, facts: Facts, policy: Policy) -> None:
        self.facts = facts
        self.policy = policy
        self.partners = facts.partners
        self.carriers = Carriers(facts.partnero, facts.partners, policy)
        self.findings: list[Finding] = []
        self.acceptable: list[Finding] = []
        self.dead: list[tuple[str, Side]] = []
        self.tally = Tally()
        self.unmatched = facts.unmatched

    def report(self, kind: str, causes: Causes, code: str) -> None:
        """File something that a person should know and that is no change."""
        self.findings.append(Finding(kind, causes, code))

    def hides(self, side: Side, pairing: Pairing) -> bool:
        """Say whether a side lists a record in a row that could not be understood."""
        snapshot, link = self.facts.of(side), pairing.link
        if not snapshot.hidden and not snapshot.hidden_texts:
            return False
        texts = {pairing.key}
        texts |= {code.values.code for s in Side if (code := pairing.of(s))}
        id_ = link.ids.of(side) if link else ""
        return any(snapshot.hides(id_, text) for text in texts)

    def _why_unread(self, source: Side, owner: str) -> str:
        """Say which row, not understood, may be a code's partner, or ""."""
        email = self.partners.person(source, owner).email
        for side in (source, source.other):
            for one in self.facts.of(side).unread:
                if one.noun != "partner":
                    continue
                alike = not (one.text and email) or fold(one.text) == fold(email)
                if one.name in (owner, "") if side is source else alike:
                    told = f"Its partner may be {side.label}'s {one.shown}, whose row "
                    return f"{told}cannot be understood."
        return ""

    def goes(self, proposal: Change) -> bool:
        """Say whether a proposal is done without anybody being asked for it now."""
        return self.may(proposal) and proposal.id not in self.facts.quarantined

    def may(self, change: Change) -> bool:
        """Say whether the policy, or a consent that it allows, lets a change go."""
        reviewed = review(change, self.policy, self.facts.accepted)
        return reviewed is not None and reviewed.status is Status.READY

    def why_inactive(self, side: Side, partner: str | None) -> str:
        """Say why a partner gets no code, or "" where nothing is known against it."""
        person = self.partners.person(side, partner) if partner else None
        if person is None or not person.inactive:
            return ""
        who = words.person(person)
        return f"{who} is {person.inactive} on {side.label} and gets no code."

    def draft(
        self,
        pairing: Pairing,
        action: str,
        target: Side | None,
        *,
        row: int,
        grant: Grant,
        reason: str,
        causes: Causes,
        fields: Iterable[str] = FIELDS,
        source: Side | None = None,
    ) -> Change:
        """Return a change of this record; ``source`` is where new values come from."""
        return Change(
            action=action,
            target=target.value if target else "state",
            key=pairing.key,
            code=written(pairing),
            row=row,
            grant=grant,
            reason=reason,
            causes=causes,
            fields=self.shown(pairing, fields, source),
            seen=seen_of(pairing),
        )

    def shown(
        self, pairing: Pairing, names: Iterable[str], source: Side | None
    ) -> tuple[FieldValue, ...]:
        """Return fields as people read them."""
        return tuple(
            FieldValue(
                name,
                words.base(self.partners, pairing, name),
                words.value(self.partners, Side.PARTNERO, name, pairing.partnero),
                words.value(self.partners, Side.TOLT, name, pairing.tolt),
                self._new(pairing, name, source) if source else None,
            )
            for name in names
        )

    def wanted(
        self, pairing: Pairing, want: Want, target: Side
    ) -> tuple[FieldValue, ...]:
        """Return all fields with what a change writes, wherever that comes from."""
        values = Values(want.written, want.discount, want.partner)
        shown = self.shown(pairing, FIELDS, None)
        return tuple(
            one._replace(new=field.shown(target, values, self.partners))
            for field, one in zip(MERGED, shown, strict=True)
        )

    def _new(self, pairing: Pairing, name: str, source: Side) -> str | None:
        """Return the value to be written, a partner in the target's own id."""
        code = pairing.of(source)
        if code is None:
            return None
        return BY_NAME[name].shown_across(source, code, self.partners)

    def expressible(self, draft: Change, code: PromoCode, target: Side) -> Change:
        """Return the draft, blocked where the target cannot hold text or discount."""
        stated = code.values.discount
        held = code.values._replace(code=code.written)
        why = why_inexpressible(held, self.facts.can[target])
        if not why:
            return draft
        unread = isinstance(stated, Unreadable) and stated.kind == "currency"
        reason = "currency_unknown" if unread else "not_expressible"
        return blocked(draft, reason, f"{target.label} cannot hold it: {why}.")

    def owned(self, draft: Change, code: PromoCode, source: Side) -> Change:
        """Give a new record its partner on the target, or say why there is none."""
        if draft.status is Status.BLOCKED:
            return draft
        owner = code.values.partner
        partner = self.partners.counterpart(source, owner)
        needs: tuple[str, ...] = ()
        if partner is None and owner and (why := self._why_unread(source, owner)):
            return blocked(draft, "unproven", why)
        if partner is None and owner and self.policy.create_partners:
            needs = self.carriers.partner(source, owner, code)
        if partner is None and not needs:
            return blocked(draft, *self.carriers.why_no_partner(source, owner))
        for side, who in ((source, owner), (source.other, partner)):
            if why := self.why_inactive(side, who):
                return blocked(draft, "partner_inactive", why)
        want = Want(code.written, code.values.discount, partner, frozenset(FIELDS))
        return draft._replace(want=want, needs=(*draft.needs, *needs))

    def carried(self, draft: Change, code: PromoCode, target: Side) -> Change:
        """Give a new record the coupon that it hangs on, where there are coupons."""
        if draft.want is None:
            return draft
        carrier = self.carriers.coupon(target, code)
        if carrier.why:
            return blocked(draft, "not_expressible", carrier.why)
        want = draft.want._replace(coupon=carrier.coupon, duration=carrier.duration)
        needs = (*draft.needs, *carrier.needs)
        causes = (*draft.causes, *filter(None, [carrier.said]))
        drawn = draft._replace(want=want, causes=causes, needs=needs)
        was = draft.seen.get(target)
        old = self.facts.of(target).codes.get(was.id) if was else None
        return self.carriers.moved(drawn, old)

    def replaceable(self, draft: Change, old: PromoCode) -> Change:
        """Block a replace that would take a code away which might not come back."""
        want, side = draft.want, draft.side
        snapshot = self.facts.of(side)
        keeps_text = want is not None and fold(want.written) == old.values.code
        if want is None or side is not Side.PARTNERO or not keeps_text:
            return draft
        if old.carried.coupon is None:  # the write asks for it, before anything goes
            return draft
        coupons: dict[str, Coupon | None] = {**snapshot.coupons}
        if snapshot.complete:
            coupons.setdefault(old.carried.coupon, None)
        why = why_not_replaceable(
            old, want, snapshot.partners, coupons, self.facts.can[side]
        )
        if not why:
            return draft
        text = f"It cannot be taken away: {why}. The code stays as it is."
        return blocked(draft, "not_expressible", text)


def seen_of(pairing: Pairing) -> dict[Side, Seen | None]:
    """Return what the plan saw of a record on each side."""
    return {side: seen(pairing.of(side)) for side in Side}


def written(pairing: Pairing) -> str:
    """Return the text of a record as it stands somewhere."""
    code = pairing.partnero or pairing.tolt
    if code is not None:
        return code.written
    return pairing.link.written if pairing.link else pairing.key


def blocked(draft: Change, reason: str, message: str) -> Change:
    """Return a change that cannot be done as things are, and why."""
    causes = (*draft.causes, message)
    return draft._replace(
        status=Status.BLOCKED, reason=reason, causes=causes, want=None
    )
