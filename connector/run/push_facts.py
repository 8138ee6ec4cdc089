"""Looking up what is to be pushed: who bought, who is paid, and what is there already.

Only where pushing is asked for, and for no more redemptions than one run may push. The
sale itself, the customer on both sides, the key, and the buyer's other sales on the
target are looked at before anything is proposed, so that a plan never proposes what is
there, perhaps under another name.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from connector.engine.change import Change, Finding
from connector.engine.desk import Facts
from connector.engine.ledger import (
    MISSING,
    Id,
    Standing,
    common_root,
    of_asked,
)
from connector.engine.lookalikes import Found, Lookalike, lookalikes, near_keys
from connector.engine.match import Pairing
from connector.engine.policy import Policy
from connector.engine.pushes import (
    KEPT_AS_IT_IS,
    Prospect,
    hindrance,
    propose,
    unsafe,
    why_not,
)
from connector.errors import Unclear
from connector.providers.base import Charges, Sales
from connector.run.payees import Payees
from mappings.canonical import Side
from mappings.redemptions import Customer, Entry, Total
from state.ledger import Ledger
from state.model import Decision

STILL_COMPARED = ("payee_change", "partner_inactive", "customer_on_other_code")
"""What is blocked and may show all the same that both sides have one root."""


class Buyers(NamedTuple):
    """One person where they bought, on the target, or who has their number there.

    ``namesakes`` are all of the target with their e-mail, where it is not only one.
    """

    source: Customer | None
    buyer: Customer | None
    stranger: Customer | None = None
    namesakes: tuple[Customer, ...] = ()


@dataclass(slots=True)
class Prospector:
    """Makes proposals for one direction at a time.

    ``nearby`` returns the entries of the ledger, and of this look, under nearly the
    keys that it is given. ``learnt`` is what the ledger has to keep whatever becomes
    of the proposals, ``used`` the decisions that need nothing more than that, and
    ``asked`` the ids of all that a person could have decided about.
    """

    policy: Policy
    facts: Facts
    partnero: Sales
    tolt: Charges
    totals: Sequence[Total]
    pairs: Mapping[str, Pairing]
    ledger: Ledger | None
    nearby: Callable[[Collection[str]], list[Entry]]
    findings: list[Finding] = field(default_factory=list)
    accepted: list[Finding] = field(default_factory=list)
    learnt: dict[Id, Entry] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    _people: dict[str, Buyers] = field(default_factory=dict)
    _sales: dict[tuple[Side, str], Sequence[Found]] = field(default_factory=dict)
    _payees: Payees = field(init=False)

    def __post_init__(self) -> None:
        self._payees = Payees(self.partnero, self.facts.partners)

    def codes(self, target: Side) -> list[str]:
        """Return the codes that lack redemptions on the target and may get them."""
        wanted = (MISSING[target], Standing.QUARANTINED)
        lacking = {one.code for one in self.totals if one.standing in wanted}
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
            self.findings.append(Finding("push_blocked", (message,), None, codes))
        return [code for code, _ in good]

    def why_stopped(self, target: Side) -> bool:
        """Say whether nothing goes in this direction without a yes to commissions."""
        if target is Side.PARTNERO or self.policy.commissions:
            return False
        number = self._number(MISSING[target])
        if number:
            message = f"{number} redemptions are not pushed to Tolt: it pays a "
            message += "commission for each, and policy.commissions is false."
            self.findings.append(Finding("commissions_needed", (message,)))
        return True

    def changes(
        self, target: Side, entries: Sequence[Entry], *, shared: Sequence[Entry]
    ) -> list[Change]:
        """Look everything up and propose; nothing is ready where the root is common."""
        looked = [self._prospect(target, one, shared) for one in entries]
        prospects = [one for one in looked if one is not None]
        self.asked |= self._undisturbed(prospects)
        fresh = self._note_evidence(target, prospects)
        stopped = self._stopped(target, fresh)
        steps: dict[str, Change] = {}
        facts = self.facts
        for one in prospects:
            proposed = propose(
                one,
                self.policy,
                facts.accepted,
                facts.quarantined,
                facts.decisions,
            )
            self.asked |= {
                id_ for step in proposed for id_ in (step.id, *step.consents)
            }
            if stopped and not (len(proposed) == 1 and proposed[0].status != "ready"):
                continue
            decided = [self._decided(one, step) for step in proposed]
            if any(decided):
                continue
            for step in proposed:
                steps.setdefault(step.id, step)
        return list(steps.values())

    def _undisturbed(self, prospects: Iterable[Prospect]) -> set[str]:
        """Return the consents about sales of which nothing can be told: they wait."""
        waiting = {(one.entry.code, one.target) for one in prospects if one.unknown}
        decisions = self.facts.decisions.values()
        return {one.id for one in decisions if (one.key, one.target) in waiting}

    # -- what both sides have in common -------------------------------------

    def _note_evidence(self, target: Side, prospects: Iterable[Prospect]) -> int:
        """Remember for good what the target has without us; returns how many are new.

        Only the sale that a lookup has shown counts: what is done about it later, by
        a push or a person, takes nothing from it.
        """
        fresh = 0
        for one in prospects:
            if not one.brought or one.entry.evidence:
                continue
            self._learn(replace(self._now(one.entry), evidence=target.value))
            fresh += 1
        return fresh

    def _stopped(self, target: Side, fresh: int) -> bool:
        stored = 0
        if self.ledger:
            stored = self.ledger.evidence(target.value, Standing.BEFORE_START)
        natural = self._number(Standing.IN_SYNC)
        found = natural + stored + fresh
        missing = max(0, self._number(MISSING[target]) - stored - fresh)
        if not common_root(found, missing):
            return False
        today = self.facts.today or "the date of today"
        message = (
            f"{found} redemptions came to both sides without us: both hang on one "
        )
        message += f"billing system. Nothing is pushed to {target.label}, it would "
        message += "count and pay twice. If that was so only in the past, leave it "
        message += f"behind: set policy.redemptions_since = {today}."
        self.findings.append(Finding("common_root", (message,)))
        return True

    def _number(self, standing: Standing) -> int:
        return sum(one.number for one in self.totals if one.standing == standing)

    # -- what a person has said ------------------------------------------------

    def _decided(self, prospect: Prospect, change: Change) -> bool:
        """Do what was decided about a held or blocked one; says whether it was."""
        decision: Decision | None = self.facts.decisions.get(change.id)
        if decision is None or decision.take != "keep" or change.status == "ready":
            return False
        if change.status == "held":
            self._link(prospect)
            self.used.append(change.id)
            return True
        if change.reason not in KEPT_AS_IT_IS:
            return False
        finding = Finding(change.reason, change.causes, change.code, id=change.id)
        self.accepted.append(finding._replace(decision=decision))
        return True

    def _link(self, prospect: Prospect) -> None:
        """Note that it is the same sale as the target's, on the other's entry too."""
        entry = self._now(prospect.entry)
        same = prospect.lookalikes[0] if prospect.lookalikes else None
        reference = same.reference if same else entry.key
        self._learn(replace(entry, linked=reference, doubt=""))
        if same is None:
            return
        for other in self.nearby([same.key]):
            theirs = other.key == same.key and other.seen_on(prospect.target)
            if theirs and not other.seen_on(prospect.target.other):
                self._learn(replace(self._now(other), linked=entry.key))

    def _learn(self, entry: Entry) -> None:
        self.learnt[entry.code, entry.key] = entry

    def _now(self, entry: Entry) -> Entry:
        return self.learnt.get((entry.code, entry.key), entry)

    # -- one redemption -----------------------------------------------------

    def _prospect(
        self, target: Side, entry: Entry, shared: Iterable[Entry]
    ) -> Prospect | None:
        """Look one up; None where its own sale is not there any more, or unproven.

        What cannot be told of it says so, and keeps no other one from being looked up.
        """
        bare = Prospect(entry, self.pairs[entry.code], target, None, None)
        if unsafe(entry):
            return bare
        try:
            return self._looked_up(bare, shared)
        except Unclear as error:
            return replace(bare, unknown=str(error).rstrip("."))

    def _looked_up(self, bare: Prospect, shared: Iterable[Entry]) -> Prospect | None:
        target, entry, pairing = bare.target, bare.entry, bare.pairing
        there, origin = self._origin(target, entry)
        if not there:
            return None
        if origin is not None and origin.archived is None:
            label = target.other.label
            raise Unclear(f"{label} does not tell whether it was taken back")
        buyers = self._buyers(target, entry, origin)
        if target is Side.TOLT:
            self._tells_code(buyers)
        same = [one for one in shared if one.key == entry.key]
        prospect = replace(
            bare,
            source=buyers.source,
            buyer=buyers.buyer,
            stranger=buyers.stranger,
            namesakes=buyers.namesakes,
            origin=origin,
            shared=same,
            credited=self._credited(target, pairing, origin, buyers),
            inactive=self._inactive(pairing),
            currency=self.facts.currency,
        )
        return self._compared(prospect)

    def _compared(self, prospect: Prospect) -> Prospect:
        """Compare with what the target has under the key, and of the buyer at all."""
        target, entry, buyer = prospect.target, prospect.entry, prospect.buyer
        found: Sequence[Found]
        if target is Side.PARTNERO:
            found = self.partnero.sales_of(entry.key)
        else:
            found = self.tolt.charges_of(entry.key, buyer.id if buyer else "")
        prospect = replace(prospect, found=found)
        stop = hindrance(prospect, self.policy)
        if found or (stop and stop[1] not in STILL_COMPARED):
            return prospect
        people = {one.id for one in (buyer, *prospect.namesakes) if one}
        sales = [sale for id_ in sorted(people) for sale in self._sales_by(target, id_)]
        alike = self._alike(prospect, sales)
        known = tuple(sorted(one.reference for one in sales))
        return replace(prospect, lookalikes=alike, known=known)

    def _alike(self, prospect: Prospect, sales: Sequence[Found]) -> list[Lookalike]:
        entry, origin, target = prospect.entry, prospect.origin, prospect.target
        sums = origin.sums if origin else ()
        at = origin.at if origin and origin.at else entry.at
        settled: set[str] = set()
        alike = lookalikes(entry.key, sums, at, sales)
        if alike:
            settled = self._settled(target, alike)
            alike = [one for one in alike if one.reference not in settled]
        if alike:  # only now is it worth asking what the buyer bought at the source
            buyer = prospect.source.id if prospect.source else ""
            keys = {one.key for one in self._sales_by(target.other, buyer)}
            keys -= self._contested(alike)
            alike = [one for one in alike if one.key not in keys]
        near = self.nearby([entry.key])
        theirs = [
            one
            for one in near
            if one.seen_on(target) and not one.seen_on(target.other) and not one.linked
        ]
        shown = {one.key for one in alike}
        more = [one for one in near_keys(entry, theirs) if one.key not in shown]
        return alike + more

    def _settled(self, target: Side, alike: Sequence[Lookalike]) -> set[str]:
        """Return which of these have their counterpart on the source already."""
        entries = self.nearby({one.key for one in alike})
        keys = {
            one.key for one in entries if one.seen_on(target.other) or one.linked
        } - {""}
        keys -= self._contested(alike)
        linked = {one.linked for one in self.learnt.values() if one.linked}
        linked |= {one.linked for one in entries if one.linked}
        if self.ledger:
            linked |= self.ledger.linked(one.reference for one in alike)
        return {
            one.reference for one in alike if one.key in keys or one.reference in linked
        }

    def _contested(self, alike: Sequence[Lookalike]) -> set[str]:
        """Return those whose counterpart is one that we pushed on a person's word.

        Their word was about that push alone: it is no consent to the way back.
        """
        entries = self.nearby({one.key for one in alike})
        return {one.key for one in entries if one.evidence and one.pushed}

    def _sales_by(self, side: Side, buyer: str) -> Sequence[Found]:
        """Return all sales of a customer on one side, asked for once."""
        if not buyer:
            return ()
        if (side, buyer) not in self._sales:
            of_partnero = side is Side.PARTNERO
            money = self.partnero.sales_by if of_partnero else self.tolt.charges_by
            self._sales[side, buyer] = money(buyer)
        return self._sales[side, buyer]

    def _origin(self, target: Side, entry: Entry) -> tuple[bool, Found | None]:
        """See the sale itself again; the ledger learns what became of it."""
        if target is Side.TOLT:
            sales = self.partnero.sales_of(entry.key)
            live = [one for one in sales if not one.archived]
            if not sales and not self.partnero.is_gone(entry.key):
                return False, None  # the listing and the single read disagree
            now = of_asked(entry, sales, {})
            self._note(entry, now)
            return len(live) == 1, live[0] if live else None
        ids = entry.of_version(self.tolt.version)
        if not ids:
            return False, None  # only known under ids of another version
        charges = {id_: self.tolt.charge(id_) for id_ in ids}
        named = {f"{self.tolt.version}:{id_}": one for id_, one in charges.items()}
        self._note(entry, of_asked(entry, None, named))
        standing = [one for one in charges.values() if one and not one.refunded]
        return len(standing) == 1, standing[0] if standing else None

    def _note(self, entry: Entry, now: Entry) -> None:
        if now != entry:
            self._learn(now)

    # -- who bought, and who is paid --------------------------------------------

    def _buyers(self, target: Side, entry: Entry, origin: Found | None) -> Buyers:
        known = entry.buyer
        if target is Side.PARTNERO:  # the id of a customer belongs to a version
            known = entry.customer if entry.is_only_of(self.tolt.version) else ""
        who = (origin.customer if origin else "") or known
        name = f"{target}:{who}"
        if name not in self._people:
            source: Customer | None = None
            if who and target is Side.PARTNERO:
                source = self.tolt.customer(who)
            elif who:
                source = self.partnero.numbered(who)
            found = self._counterpart(target, source) if source else Buyers(None, None)
            self._people[name] = found
        return self._people[name]

    def _counterpart(self, target: Side, source: Customer) -> Buyers:
        """Find the same person: as stored, by e-mail, else by number."""
        there = self.partnero if target is Side.PARTNERO else self.tolt
        people = there.emailed(source.email) if source.email else []
        if linked := self._linked(target, source, people):
            others = {one.id: one for one in (linked, *people)}  # one may have come
            several = tuple(others.values()) if len(others) > 1 else ()
            return Buyers(source, linked, namesakes=several)
        if len(people) > 1:  # one mailbox, several customers: their number tells
            same = [one for one in people if any(map(one.has_number, source.numbers))]
            one = same[0] if len(same) == 1 else None
            return Buyers(source, one, namesakes=tuple(people))
        found = people[0] if people else None
        for number in source.numbers[: 0 if found else 1]:
            numbered = there.numbered(number)
            if numbered is not None and numbered.differs_from(source):
                return Buyers(source, None, numbered)
            found = numbered
        return Buyers(source, found)

    def _linked(
        self, target: Side, source: Customer, people: Sequence[Customer]
    ) -> Customer | None:
        """Return whom the ledger remembers as this person, where they still are."""
        if not self.ledger:
            return None
        stored = self.ledger.counterpart(target.other, source.id, self.tolt.version)
        shown = [one for one in people if one.id == stored]
        if shown or not stored:
            return shown[0] if shown else None
        if target is Side.PARTNERO:
            return self.partnero.numbered(stored)
        return self.tolt.customer(stored)

    def _tells_code(self, buyers: Buyers) -> None:
        """Raise Unclear where Tolt would not tell by which code the buyer came.

        Asked before anything is made: whom Tolt credits can be seen by nothing else.
        """
        known = buyers.buyer
        if known.code is None if known else not self.tolt.tells_codes():
            told = f"Tolt {self.tolt.version} does not tell by which code a customer"
            raise Unclear(f"{told} came, so nobody can see whom it would credit")

    def _credited(
        self, target: Side, pairing: Pairing, origin: Found | None, buyers: Buyers
    ) -> frozenset[str]:
        """Name everybody whom either side shows as paid, in one common way."""
        source, buyer = buyers.source, buyers.buyer
        shown = [
            (target.other, origin.partner if origin else None),
            (target.other, source.partner if source else None),
            (target, buyer.partner if buyer else None),
        ]
        return self._payees.credited(pairing, shown)

    def _inactive(self, pairing: Pairing) -> str:
        """Return why the partner of a code gets no sale, or ""."""
        for side in Side:
            code = pairing.of(side)
            owner = code.values.partner if code else None
            if owner and (why := self._status(side, owner)):
                return f"{why} on {side.label}"
        return ""

    def _status(self, side: Side, owner: str) -> str:
        listed = self.facts.partners.person(side, owner).inactive
        return listed or (self.tolt.inactive(owner) if side is Side.TOLT else "")
