"""Looking up what is to be pushed: who bought, and what the target has already.

Only where pushing is asked for, and for no more redemptions than one run may push:
three or four requests each. Both customers and the key itself are looked for on the
target before anything is proposed, so that a plan never proposes what is there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.engine.change import Change, Finding
from connector.engine.desk import Facts
from connector.engine.ledger import MISSING, Standing, common_root
from connector.engine.match import Pairing
from connector.engine.policy import Policy
from connector.engine.pushing import Prospect, propose, same_sale, why_not
from connector.providers.partnero_money import PartneroMoney
from connector.providers.tolt_money import ToltMoney
from mappings.canonical import Side
from mappings.redemptions import Charge, Customer, Entry, Sale, Total


@dataclass(slots=True)
class Prospector:
    """Makes proposals for one direction at a time."""

    policy: Policy
    facts: Facts
    partnero: PartneroMoney
    tolt: ToltMoney
    totals: Sequence[Total]
    pairs: Mapping[str, Pairing]
    findings: list[Finding] = field(default_factory=list)
    _people: dict[str, tuple[Customer | None, Customer | None]] = field(
        default_factory=dict
    )

    def codes(self, target: Side) -> list[str]:
        """Return the codes that lack redemptions on the target and may get them."""
        standing = MISSING[target]
        lacking = {one.code for one in self.totals if one.standing == standing}
        good: list[tuple[str, str]] = []
        bad: list[tuple[str, str]] = []
        for code in sorted(lacking):
            why = why_not(self.pairs.get(code), self.facts.partners)
            (bad if why else good).append((code, why))
        if bad:
            told = "; ".join(f"{code}: {why}" for code, why in bad[:20])
            message = f"Redemptions of {len(bad)} codes are not pushed to "
            message += f"{target.label}: {told}."
            codes = tuple(code for code, _ in bad)
            self.findings.append(Finding("push_blocked", message, None, codes))
        return [code for code, _ in good]

    def why_stopped(self, target: Side) -> bool:
        """Say whether nothing goes in this direction without a yes to commissions."""
        if target is Side.PARTNERO or self.policy.commissions:
            return False
        number = self._number(MISSING[target])
        if number:
            message = f"{number} redemptions are not pushed to Tolt: it pays a "
            message += "commission for each, and policy.commissions is false."
            self.findings.append(Finding("commissions_needed", message))
        return True

    def changes(
        self,
        target: Side,
        entries: Sequence[Entry],
        *,
        shared: Sequence[Entry],
        others: Sequence[Entry],
    ) -> list[Change]:
        """Look everything up, and propose; nothing where both have a common root.

        ``others`` are redemptions that the target has and the source lacks: maybe
        the same sales under other keys.
        """
        prospects = [self._prospect(target, one, shared) for one in entries]
        brought = sum(
            (bool(one.found) or any(same_sale(one, other) for other in others))
            and not one.entry.pushed
            for one in prospects
        )
        natural = self._number(Standing.IN_SYNC)
        if common_root(natural, self._number(MISSING[target]), brought):
            message = f"{natural + brought} redemptions came to both sides without us: "
            message += "both hang on one billing system. Nothing is pushed to "
            message += f"{target.label}, it would count and pay twice. If that was so "
            message += "only in the past, set policy.redemptions_since."
            self.findings.append(Finding("common_root", message))
            return []
        facts = self.facts
        steps: dict[str, Change] = {}
        for one in prospects:
            for step in propose(one, self.policy, facts.accepted, facts.quarantined):
                steps.setdefault(step.id, step)
        return list(steps.values())

    def _number(self, standing: Standing) -> int:
        return sum(one.number for one in self.totals if one.standing == standing)

    def _prospect(
        self, target: Side, entry: Entry, shared: Iterable[Entry]
    ) -> Prospect:
        source, buyer = self._buyers(target, entry)
        found: Sequence[Sale] | Sequence[Charge]
        if target is Side.PARTNERO:
            found = self.partnero.sales_of(entry.key)
        else:
            found = self.tolt.charges_of(entry.key, buyer.id if buyer else "")
        same = [one for one in shared if one.key == entry.key]
        return Prospect(
            entry, self.pairs[entry.code], target, source, buyer, found, same
        )

    def _buyers(
        self, target: Side, entry: Entry
    ) -> tuple[Customer | None, Customer | None]:
        """Return the buyer where it happened, and the same person on the target."""
        name = f"{target}:{entry.customer if target is Side.PARTNERO else entry.buyer}"
        if name not in self._people:
            source: Customer | None
            if target is Side.PARTNERO:
                found = self.tolt.customers([entry.customer]) if entry.customer else {}
                source = found.get(entry.customer)
                names = (*source.names, source.id) if source else ()
                self._people[name] = source, self.partnero.customer(names)
            else:
                source = self.partnero.customer([entry.buyer] if entry.buyer else [])
                names = source.names if source else ()
                self._people[name] = source, self.tolt.customer(names)
        return self._people[name]
