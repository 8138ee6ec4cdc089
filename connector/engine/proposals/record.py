"""One record: all that its proposals rest on, and how a change of it is drafted."""

from collections.abc import Iterable
from dataclasses import dataclass

from connector.engine.acts import Act
from connector.engine.causes.cause import Causes
from connector.engine.causes.codes import Shown
from connector.engine.change import Change, FieldValue, Grant, Seen, Status, seen
from connector.engine.decide import Base, Row, Sight
from connector.engine.facts import Facts
from connector.engine.match import Pairing
from connector.engine.policy import Policy, review
from connector.engine.proposals.coupons import Coupons
from mappings.canonical import FIELDS, PromoCode, Side
from mappings.fields import BY_NAME, MERGED, Field
from state.model import Link


@dataclass(frozen=True, slots=True)
class Record:
    """What both sides have under one key, and the row that it falls under."""

    pairing: Pairing
    row: Row
    facts: Facts
    policy: Policy
    coupons: Coupons
    unmatched: tuple[str, ...] = ()
    """Codes that only another version of Tolt's API has shown."""

    @property
    def key(self) -> str:
        return self.pairing.key

    @property
    def link(self) -> Link | None:
        return self.pairing.link

    @property
    def written(self) -> str:
        return written(self.pairing)

    def of(self, side: Side) -> PromoCode | None:
        return self.pairing.of(side)

    def allows(self, side: Side) -> bool:
        """Say whether the direction lets anything be written to a side."""
        return self.policy.allows(side)

    def goes(self, proposal: Change) -> bool:
        """Say whether a proposal is done without anybody being asked for it now."""
        return self.may(proposal) and proposal.id not in self.facts.quarantined

    def may(self, change: Change) -> bool:
        """Say whether the policy, or a consent that it allows, lets a change go."""
        reviewed = review(change, self.policy, self.facts.accepted)
        return reviewed is not None and reviewed.status is Status.READY

    def fields(
        self, names: Iterable[str], source: Side | None = None
    ) -> tuple[FieldValue, ...]:
        """Return fields as people read them; ``source`` is where new values are."""
        new = self.of(source) if source else None
        people = self.facts.partners
        return tuple(
            FieldValue(
                name,
                self._base(BY_NAME[name]),
                self._shown(BY_NAME[name], Side.PARTNERO),
                self._shown(BY_NAME[name], Side.TOLT),
                BY_NAME[name].shown_across(source, new, people)
                if source and new
                else None,
            )
            for name in names
        )

    def _shown(self, field: Field, side: Side) -> str | None:
        code = self.of(side)
        return field.shown_of(side, code, self.facts.partners) if code else None

    def _base(self, field: Field) -> str | None:
        """Return the base of a field; both halves where they differ."""
        link, people = self.link, self.facts.partners
        if link is None or field.name in link.unset:
            return None
        left, right = (field.shown(s, link.base.of(s), people) for s in Side)
        same = left == right or field.same(*link.base, people)
        return left if same else f"{left} / {right}"

    def draft(
        self,
        act: Act,
        grant: Grant,
        reason: str,
        causes: Causes,
        *,
        fields: tuple[FieldValue, ...] | None = None,
        row: int | None = None,
    ) -> Change:
        """Return a change of this record, with what the plan has seen of it."""
        return Change(
            act,
            key=self.key,
            code=self.written,
            row=self.row.number if row is None else row,
            grant=grant,
            reason=reason,
            causes=causes,
            fields=self.fields(FIELDS) if fields is None else fields,
            seen=seen_of(self.pairing),
        )


def shown(fields: Iterable[FieldValue]) -> tuple[Shown, ...]:
    """Return fields as a cause keeps them."""
    return tuple(Shown(f.field, f.partnero, f.tolt, f.new) for f in fields)


def seen_of(pairing: Pairing) -> dict[Side, Seen | None]:
    """Return what the plan saw of a record on each side."""
    return {side: seen(pairing.of(side)) for side in Side}


def written(pairing: Pairing) -> str:
    """Return the text of a record as it stands somewhere."""
    code = pairing.partnero or pairing.tolt
    if code is not None:
        return code.written
    return pairing.link.written if pairing.link else pairing.key


# -- what the table is asked --------------------------------------------------------


def base_of(facts: Facts, pairing: Pairing) -> Base:
    """Return what is remembered of a record."""
    if pairing.link is None:
        return Base.TOMBSTONE if pairing.key in facts.tombstones else Base.NONE
    return Base.AGREED


def sight(facts: Facts, pairing: Pairing, side: Side) -> Sight:
    """Say what one side shows of a record: absent only where that is proven."""
    code, link = pairing.of(side), pairing.link
    snapshot = facts.of(side)
    if not snapshot.complete or hides(facts, side, pairing):
        return Sight.UNSEEN
    if link is None:
        return Sight.GONE if code is None else Sight.PRESENT
    if code is None:
        spoken = side is Side.PARTNERO or link.version == facts.version
        known = spoken and link.ids.of(side) in snapshot.gone
        return Sight.GONE if known else Sight.UNSEEN
    was, now = link.base.of(side), code.values
    if was == now:
        return Sight.SAME
    changed = {field.name for field in MERGED if field.changed(was, now)}
    return Sight.CHANGED if changed - link.unset else Sight.SAME


def hides(facts: Facts, side: Side, pairing: Pairing) -> bool:
    """Say whether a side lists a record in a row that could not be understood."""
    snapshot, link = facts.of(side), pairing.link
    if not snapshot.hidden and not snapshot.hidden_texts:
        return False
    texts = {pairing.key}
    texts |= {code.values.code for s in Side if (code := pairing.of(s))}
    id_ = link.ids.of(side) if link else ""
    return any(snapshot.hides(id_, text) for text in texts)
