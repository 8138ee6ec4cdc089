"""Looking up what is to be pushed: who bought, who is paid, and what is there already.

Only where pushing is asked for, and for no more redemptions than one run may push. The
sale itself, the customer on both sides, the key, and the buyer's other sales on the
target are looked at before anything is proposed, so that a plan never proposes what is
there, perhaps under another name. What follows from the facts is decided in
engine/sales/pushes.py.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from connector.engine.facts import Facts
from connector.engine.match import Pairing
from connector.engine.policy import Policy
from connector.engine.sales.facts import PushFacts
from connector.engine.sales.hindrances import STILL_COMPARED, hindrance, is_safe
from connector.engine.sales.lookalikes import (
    Lookalike,
    SaleThere,
    lookalikes,
    may_be,
    near_keys,
)
from connector.engine.sales.redemptions import of_asked
from connector.engine.sales.standings import MISSING, Standing, judge
from connector.errors import Unclear
from connector.run.buyers import Buyer, Buyers
from connector.run.payees import Payees
from connector.run.read_sales import Sources
from mappings.canonical import Side
from mappings.redemptions import Entry


class LookedUp(NamedTuple):
    """One redemption after it was looked up.

    ``entry`` is what the ledger has to keep of it; ``facts`` are None where its own
    sale is not there any more, or unproven.
    """

    entry: Entry
    facts: PushFacts | None


class _Origin(NamedTuple):
    """The sale itself, seen again: whether it stands, once, and what became of it."""

    stands: bool
    sale: SaleThere | None
    entry: Entry


class _Alike(NamedTuple):
    """What may be the same sale, or once was, and what the ledger has near."""

    lookalikes: list[Lookalike]
    vanished: list[Lookalike]
    nearby: list[Entry]


@dataclass(slots=True)
class PushLookup:
    """Looks redemptions up, one at a time; each person and payee is asked for once.

    ``looked_alike`` is what once had a lookalike, by each lookalike's key.
    """

    policy: Policy
    facts: Facts
    sources: Sources
    _buyers: Buyers = field(init=False)
    _payees: Payees = field(init=False)
    looked_alike: Mapping[str, list[Entry]] = field(default_factory=dict)
    _sales: dict[tuple[Side, str], Sequence[SaleThere]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        partnero, tolt = self.sources.partnero, self.sources.tolt
        self._buyers = Buyers(partnero, tolt, self.sources.draft.ledger)
        self._payees = Payees(partnero, self.facts.partners)

    def look_up(self, target: Side, entry: Entry, shared: Sequence[Entry]) -> LookedUp:
        """Look one up; what cannot be told of it says so, and keeps no other back.

        ``shared`` are entries with the keys that are looked up, whatever their code.
        """
        pairing = self.sources.keys.pairs[entry.code]
        same = [other for other in shared if other.key == entry.key]
        bare = PushFacts(entry, pairing, target)
        if not is_safe(entry):
            return LookedUp(entry, bare)
        now = entry
        try:
            origin = self._origin(target, entry)
            now = origin.entry
            if not origin.stands or not self._is_lacking(target, now):
                return LookedUp(now, None)
            if mine := self._said_to_be_another(entry, origin.sale):
                return LookedUp(replace(now, linked=mine), None)
            return LookedUp(now, self._facts(bare, origin.sale, same))
        except Unclear as error:
            return LookedUp(now, replace(bare, unknown=str(error).rstrip(".")))

    def _is_lacking(self, target: Side, now: Entry) -> bool:
        """Say whether the target still lacks it, by what was learnt just now, too."""
        if now.pushed == target.other:
            return False
        standing = judge(now, self.sources.draft.since)
        return standing in (MISSING[target], Standing.QUARANTINED, Standing.UNPROVEN)

    def _said_to_be_another(self, entry: Entry, sale: SaleThere | None) -> str:
        """Return what names a sale that a person said is one of the target, or "".

        Their word was given for the other one, when this one was in no log yet, or had
        another reference: what is made anew, and another version of Tolt's API.
        """
        for other in self.looked_alike.get(entry.key, ()):
            if other.linked and (other.linked, entry.key) in other.alike:
                return other.linked
        named = sale.reference if sale else ""
        return named if named in self.sources.draft.linked([named]) else ""

    def _origin(self, target: Side, entry: Entry) -> _Origin:
        """See the sale itself again; the ledger learns what became of it."""
        partnero, tolt = self.sources.partnero, self.sources.tolt
        if target is Side.TOLT:
            sales = partnero.sales_of(entry.key)
            live = [sale for sale in sales if not sale.archived]
            if not sales and not partnero.is_gone(entry.key):
                return _Origin(False, None, entry)  # listing and single read disagree
            now = of_asked(entry, sales, {})
            return _Origin(len(live) == 1, live[0] if live else None, now)
        ids = entry.of_version(tolt.version)
        if not ids:
            return _Origin(False, None, entry)  # only known under another version
        charges = {f"{tolt.version}:{id_}": tolt.charge(id_) for id_ in ids}
        standing = [sold for sold in charges.values() if sold and not sold.refunded]
        now = of_asked(entry, None, charges)
        return _Origin(len(standing) == 1, standing[0] if standing else None, now)

    def _facts(
        self, bare: PushFacts, origin: SaleThere | None, shared: Sequence[Entry]
    ) -> PushFacts:
        target = bare.target
        if origin is not None and origin.archived is None:
            label = target.other.label
            raise Unclear(f"{label} does not tell whether it was taken back")
        buyer = self._buyers.of(target, bare.entry, origin)
        facts = replace(
            bare,
            source=buyer.source,
            buyer=buyer.buyer,
            stranger=buyer.stranger,
            namesakes=buyer.namesakes,
            origin=origin,
            shared=shared,
            credited=self._credited(bare, origin, buyer),
            inactive=self._inactive(bare.pairing),
            currency=self.facts.currency,
        )
        return self._compared(facts)

    # -- what the target has ------------------------------------------------

    def _compared(self, facts: PushFacts) -> PushFacts:
        """Compare with what the target has under the key, and of the buyer at all."""
        target, key, buyer = facts.target, facts.entry.key, facts.buyer
        there: Sequence[SaleThere]
        if target is Side.PARTNERO:
            there = self.sources.partnero.sales_of(key)
        else:
            there = self.sources.tolt.charges_of(key, buyer.id if buyer else "")
        paid = [(target, sale.partner) for sale in there]
        credited = {*facts.credited, *self._payees.credited(facts.pairing, paid)}
        facts = replace(facts, there=there, credited=credited)
        stop = hindrance(facts, self.policy)
        if there or (stop and stop.reason not in STILL_COMPARED):
            return facts
        people = {person.id for person in (buyer, *facts.namesakes) if person}
        sales = [sale for id_ in sorted(people) for sale in self._sales_by(target, id_)]
        alike, vanished, nearby = self._alike(facts, sales)
        vanished += [*_had_its_key(facts), *_linked_elsewhere(facts)]
        known = tuple(sorted(sale.reference for sale in sales))
        return replace(
            facts, lookalikes=alike, vanished=vanished, nearby=nearby, known=known
        )

    def _alike(self, facts: PushFacts, sales: Sequence[SaleThere]) -> _Alike:
        """Return the sales there that may be this one, and what the ledger has near."""
        entry, origin, target = facts.entry, facts.origin, facts.target
        sums = origin.sums if origin else ()
        at = origin.at if origin and origin.at else entry.at
        there = lookalikes(entry.key, sums, at, sales)
        once = _known_once(entry, target, there)
        alike = [*there, *once]
        around = self._nearby(alike)
        contested = _contested(around)
        if alike:
            settled = self._settled(target, alike, around, contested)
            alike = [other for other in alike if other.reference not in settled]
        if alike:  # only now is it worth asking what the buyer bought at the source
            buyer = facts.source.id if facts.source else ""
            keys = {sale.key for sale in self._sales_by(target.other, buyer)}
            alike = [other for other in alike if other.key not in keys - contested]
        near = self.sources.draft.nearby([entry.key])
        theirs = [
            other
            for other in near
            if other.seen_on(target)
            and not other.seen_on(target.other)
            and not other.linked
        ]
        vanished = [other for other in alike if other in once]
        alike = [other for other in alike if other not in once]
        vanished += self._looked_like_it(entry, target, [*there, *vanished])
        shown = {other.key for other in alike}
        alike += [o for o in near_keys(entry, theirs) if o.key not in shown]
        still = {other.key for other in alike}
        vanished = [other for other in vanished if other.key not in still]
        return _Alike(alike, vanished, [*around, *near])

    def _looked_like_it(
        self, entry: Entry, target: Side, known: Sequence[Lookalike]
    ) -> list[Lookalike]:
        """Return the sales of the target that this one was once held against."""
        names = {entry.key, *(other.key for other in known)}
        return [
            Lookalike(_reference(other, target), other.key, "", None)
            for other in self.looked_alike.get(entry.key, ())
            if other.evidence == target.other
            and other.key not in names
            and not other.linked
            and not other.seen_on(target.other)
        ]

    def _nearby(self, alike: Sequence[Lookalike]) -> list[Entry]:
        keys = {other.key for other in alike}
        return self.sources.draft.nearby(keys) if keys else []

    def _settled(
        self,
        target: Side,
        alike: Sequence[Lookalike],
        around: Sequence[Entry],
        contested: Collection[str],
    ) -> set[str]:
        """Return which of these have their counterpart on the source already."""
        money = {other.key: other.money for other in alike}
        source = target.other
        keys = {
            e.key for e in around if e.linked or may_be(e, source, money.get(e.key))
        }
        keys -= {"", *contested}
        linked = self.sources.draft.linked([other.reference for other in alike])
        return {
            other.reference
            for other in alike
            if other.key in keys or other.reference in linked
        }

    def _sales_by(self, side: Side, buyer: str) -> Sequence[SaleThere]:
        """Return all sales of a customer on one side, asked for once."""
        if not buyer:
            return ()
        if (side, buyer) not in self._sales:
            partnero, tolt = self.sources.partnero, self.sources.tolt
            of_partnero = side is Side.PARTNERO
            ask = partnero.sales_by if of_partnero else tolt.charges_by
            self._sales[side, buyer] = ask(buyer)
        return self._sales[side, buyer]

    # -- who is paid --------------------------------------------------------

    def _credited(
        self, bare: PushFacts, origin: SaleThere | None, buyer: Buyer
    ) -> frozenset[str]:
        """Name everybody whom either side shows as paid, in one common way."""
        target = bare.target
        source, there = buyer.source, buyer.buyer
        shown = [
            (target.other, origin.partner if origin else None),
            (target.other, source.partner if source else None),
            (target, there.partner if there else None),
        ]
        return self._payees.credited(bare.pairing, shown)

    def _inactive(self, pairing: Pairing) -> tuple[Side, str] | None:
        """Return where, and why, the partner of a code gets no sale."""
        for side in Side:
            code = pairing.of(side)
            owner = code.values.partner if code else None
            if owner and (why := self._status(side, owner)):
                return side, why
        return None

    def _status(self, side: Side, owner: str) -> str:
        listed = self.facts.partners.person(side, owner).inactive
        if listed or side is Side.PARTNERO:
            return listed
        return self.sources.tolt.inactive(owner)


def _known_once(
    entry: Entry, target: Side, there: Sequence[Lookalike]
) -> list[Lookalike]:
    """Return what once looked like this sale on the target, and is not among these."""
    shown = {other.reference for other in there}
    return [
        other
        for other in _remembered(entry, target)
        if other.reference not in shown and other.key != entry.key
    ]


def _had_its_key(facts: PushFacts) -> list[Lookalike]:
    """Return what the target once had under the very key, and has no more.

    What we pushed there ourselves, too: whoever deleted it has taken it back.
    """
    entry, target = facts.entry, facts.target
    once = [one for one in _remembered(entry, target) if one.key == entry.key]
    if not once and entry.pushed == target:
        once = [Lookalike(_reference(entry, target), entry.key, "", None)]
    return once


def _remembered(entry: Entry, target: Side) -> list[Lookalike]:
    if entry.evidence != target:
        return []
    return [Lookalike(reference, key, "", None) for reference, key in entry.alike]


def _linked_elsewhere(facts: PushFacts) -> list[Lookalike]:
    """Return what a person has said to be this key's sale under another code.

    A code that was renamed has another text by now, and its sales with it.
    """
    elsewhere = (other for other in facts.shared if other.code != facts.entry.code)
    return [
        Lookalike(
            other.linked, dict(other.alike).get(other.linked, other.key), "", None
        )
        for other in elsewhere
        if other.linked
    ]


def _reference(entry: Entry, side: Side) -> str:
    """Return what names the sale of an entry on a side."""
    if side is Side.PARTNERO:
        return f"{entry.key}@{entry.sold_at}"
    ids = (*entry.charges, *entry.refunds)
    return ids[0].partition(":")[2] if ids else entry.key


def _contested(around: Sequence[Entry]) -> set[str]:
    """Return the keys whose counterpart is one that we pushed on a person's word.

    Their word was about that push alone: it is no consent to the way back.
    """
    return {entry.key for entry in around if entry.evidence and entry.pushed}
