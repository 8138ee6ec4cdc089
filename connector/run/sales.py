"""Reading redemptions and comparing them: what one look adds to the ledger.

A look reads what is new (log entries after the last one, transactions in the next
window) and asks the ledger for the entries that these touch; nothing here grows with
history. It saves nothing: a report drops what it learnt, a run keeps it.

Tolt's transactions cost requests, so they are read only where somebody wants to know:
where ``redemptions`` stands in the configuration, or where any code on Partnero was
ever redeemed. See docs/decisions/0002-redemptions.md.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connector.engine import words
from connector.engine.change import Change, Finding, RedemptionReport
from connector.engine.consent import PUSHED
from connector.engine.desk import Facts
from connector.engine.findings import of_unread
from connector.engine.keys import keys_of
from connector.engine.ledger import (
    MISSING,
    RECHECKED,
    TO_RECHECK,
    Id,
    Mark,
    Standing,
    count_keys,
    judge,
    learnt_all,
    of_asked,
    of_charge,
    of_log,
    of_sales,
    unmatched,
    unread,
)
from connector.engine.policy import Policy
from connector.engine.takings import (
    NAMED,
    NAMED_STANDINGS,
    added,
    counts,
    findings,
    limit_findings,
    log_findings,
    report,
    weight,
)
from connector.errors import Failed, SyncError, Unclear
from connector.providers.base import Charges, Readers, Sales
from connector.run.push_facts import Prospector
from mappings.canonical import Side, fold
from mappings.redemption_wire import decode_logged, moment
from mappings.redemptions import (
    Charge,
    Customer,
    Entry,
    Log,
    Sale,
    Total,
    folded_key,
)
from mappings.rows import Unread, understood
from mappings.wire import Malformed
from state.ledger import Ledger

WAITING = 200
"""Redemptions that wait for a person and are looked at again in each run."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one look says of redemptions, and what a run has to keep of it.

    ``uncompared`` says what was not compared, and why.
    """

    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    report: RedemptionReport | None = None
    missed: str = ""
    entries: tuple[tuple[Entry, str], ...] = ()
    more: tuple[Total, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    ended: frozenset[str] = frozenset()
    accepted: tuple[Finding, ...] = ()
    uncompared: str = ""

    def keep(self, ledger: Ledger) -> None:
        """Save what was learnt, and how far was read, in one transaction.

        The decisions that only the ledger had to learn of are used up by it.
        """
        ledger.save(self.entries, self.more, self.marks, used=self.used)


NOTHING = Account()
UNASKED = (
    "Tolt's sales are not read for it, because the configuration has no line for them "
    "and no code on Partnero was ever redeemed. To have them compared: redemptions = "
    '"report" in [pairs.policy]'
)


@dataclass(slots=True)
class _Reading:
    """What a look has read of redemptions so far."""

    learnt: list[Entry] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    unseen: int = 0
    unread: list[Unread] = field(default_factory=list)
    switched: bool = False


def account(
    policy: Policy,
    facts: Facts,
    readers: Readers,
    ledger: Ledger | None,
) -> Account:
    """Compare redemptions as far as they can be read; never raises for a listing."""
    unread = [side.label for side in Side if not facts.of(side).complete]
    if unread:
        return Account(uncompared=f"{' and '.join(unread)} was not read completely")
    if not (policy.redemptions_stated or facts.partnero.logs):
        return Account(uncompared=UNASKED)
    if facts.partnero.unlogged:
        message = "Partnero lists codes without their redemptions, so redemptions are "
        message += "not compared and none is pushed."
        why = "Partnero lists codes without their redemptions"
        return Account(findings=(Finding("unproven", (message,)),), uncompared=why)
    sales = readers.sales()
    look = _Look(policy, facts, sales, readers.charges(), ledger)
    try:
        return look.account(sales.currency or "")
    except Failed:
        raise
    except (SyncError, Malformed) as error:
        message = f"Redemptions could not be read completely: {error}. None is pushed."
        return Account(
            findings=(Finding("unproven", (message,)),),
            missed=str(error),
            uncompared=f"they could not be read completely: {error}",
        )


class _Rematch:
    """Sales without a charge id after a switch of Tolt's version.

    Their id is another one there, so each would seem to be new, and be paid again. It
    is taken for what the other version knew only where code, amount, time and, as far
    as it can be asked, the customer are the same, one to one.
    """

    def __init__(self, look: "_Look", until: str, *, everything: bool) -> None:
        self.look = look
        self.until = until
        self.taken: list[tuple[Entry, Entry]] = []
        self.known: dict[Id, list[Entry]] | None = {} if everything else None
        if self.known is not None and look.ledger:
            for entry, _ in look.ledger.everything().values():
                self.known.setdefault((entry.code, entry.charged_at), []).append(entry)

    def take(self, entry: Entry, charge: Charge, buyer: Customer | None) -> None:
        """Keep a sale, under the key that it had."""
        self.taken.append((entry, self._named(entry, charge, buyer)))

    def entries(self) -> list[Entry]:
        """Return all of them; two that would be one entry are proven to be neither."""
        times = Counter((now.code, now.key) for _, now in self.taken)
        return [
            now if times[now.code, now.key] == 1 else replace(was, doubt="unmatched")
            for was, now in self.taken
        ]

    def _named(self, entry: Entry, charge: Charge, buyer: Customer | None) -> Entry:
        ledger, version = self.look.ledger, self.look.tolt.version
        if ledger is None or ledger.entries([(entry.code, entry.key)]):
            return entry
        there = self._there(ledger, entry.code, charge.at)
        for one in there:
            if charge.id in one.of_version(version):
                return replace(entry, key=one.key)
        same, alike = unmatched(charge, version, there)
        if same and not self._is_another(same, buyer):
            return replace(entry, key=same.key)
        old = alike or not charge.at or charge.at <= self.until
        return replace(entry, doubt="unmatched") if old else entry

    def _there(self, ledger: Ledger, code: str, at: str) -> list[Entry]:
        if self.known is not None:
            return self.known.get((code, at), [])
        return ledger.sold_at(code, at)

    def _is_another(self, entry: Entry, buyer: Customer | None) -> bool:
        """Say whether the customer of a pushed sale is known to be somebody else."""
        if not (entry.buyer and buyer):
            return False
        try:
            pushed = self.look.partnero.numbered(entry.buyer)
        except Unclear:
            return True  # nobody can tell: it is matched with nothing
        return pushed is not None and pushed.differs_from(buyer)


class _Look:
    """One look at the redemptions of both sides."""

    def __init__(
        self,
        policy: Policy,
        facts: Facts,
        partnero: Sales,
        tolt: Charges,
        ledger: Ledger | None,
    ) -> None:
        self.policy = policy
        self.facts = facts
        self.partnero = partnero
        self.tolt = tolt
        self.ledger = ledger
        self.ended: set[str] = set()
        self.keys = keys_of(facts)
        self.marks = ledger.marks() if ledger else {}
        self.logs = {
            self.keys.partnero.get(id_, fold(id_)): log
            for id_, log in facts.partnero.logs.items()
        }
        self.now: dict[Id, tuple[Entry, Standing]] = {}
        self.known: dict[Id, tuple[Entry, str]] = {}
        self.totals: tuple[Total, ...] = ()

    def account(self, currency: str) -> Account:
        """Read, compare with the ledger, and say what follows."""
        reading = self.read()
        known = self._known({(one.code, one.key) for one in reading.learnt})
        since = self.policy.redemptions_since
        if self.marks.get("since", "") != since:
            reading.marks["since"] = since
            known = self.ledger.everything() if self.ledger else known
        entries = {id_: entry for id_, (entry, _) in known.items()}
        entries |= learnt_all(entries, reading.learnt)
        self.known = known
        self.now = {id_: (one, judge(one, since)) for id_, one in entries.items()}
        self.asked_again()
        self.totals, _ = self.added()
        prospector = self.prospector()
        changes = self.pushes(prospector) if not reading.switched else ()
        self.totals, more = self.added()
        return Account(
            changes=changes,
            findings=(*self.findings(reading), *prospector.findings),
            counts=counts(self.totals),
            report=report(
                self.totals, name=self.name, owner=self.owner, currency=currency
            ),
            entries=tuple(self.kept()),
            more=tuple(more),
            marks=reading.marks,
            used=tuple(prospector.used),
            accepted=tuple(prospector.accepted),
            ended=frozenset(self.ended),
            uncompared="; ".join(self.left_out(reading)),
        )

    def left_out(self, reading: _Reading) -> Iterable[str]:
        """Say what is in none of the counts, because nobody looked at it."""
        if self.policy.redemptions_since:
            yield f"those before {self.policy.redemptions_since} (redemptions_since)"
        if reading.unseen:
            told = f"{reading.unseen} transactions whose code Tolt {self.tolt.version} "
            yield f"{told}does not tell"

    def learn(self, entries: Iterable[Entry]) -> None:
        """Take entries as they are now, in place of how the ledger knows them."""
        learnt = {(one.code, one.key): one for one in entries}
        fresh = {id_ for id_ in learnt if id_ not in self.now}
        self.known |= self._known(fresh)
        since = self.policy.redemptions_since
        self.now |= {id_: (one, judge(one, since)) for id_, one in learnt.items()}

    def kept(self) -> list[tuple[Entry, Standing]]:
        """Return the entries that are not as the ledger has them."""
        return [now for id_, now in self.now.items() if self.known.get(id_) != now]

    def added(self) -> tuple[tuple[Total, ...], list[Total]]:
        """Return the totals with what this look has learnt, and that alone."""
        known, kept = self.known, self.kept()
        old = [weight(*known[id_], -1) for id_ in known if known[id_] != self.now[id_]]
        more = list(added([], [*old, *(weight(*now) for now in kept)]))
        return added(self.ledger.totals() if self.ledger else (), more), more

    def asked_again(self) -> None:
        """Ask both sides again for some of what was pushed, or is there twice, in turn.

        A refund on Partnero shows in no listing that is read anyway, and neither does
        a double that somebody has mended.
        """
        pushing = any(self.policy.pushes(side) for side in Side)
        if not (self.ledger and pushing):
            return
        at = moment(datetime.now(UTC).isoformat())
        stored = self.ledger.in_turn(Standing.TWICE, TO_RECHECK, RECHECKED, at)
        ids = [(one.code, one.key) for one in stored]
        entries = [
            self.now[id_][0] if id_ in self.now else one
            for id_, one in zip(ids, stored, strict=True)
        ]
        self.learn(replace(self._asked(one), checked=at) for one in entries if one.key)

    def _asked(self, entry: Entry) -> Entry:
        try:
            return self._asked_now(entry)
        except Unclear:
            return entry  # in its turn again; until then it stands as it was

    def _asked_now(self, entry: Entry) -> Entry:
        sales: list[Sale] | None = self.partnero.sales_of(entry.key)
        if not sales and not self.partnero.is_gone(entry.key):
            sales = None
        version = self.tolt.version
        ids = entry.of_version(version)
        charges = {f"{version}:{id_}": self.tolt.charge(id_) for id_ in ids}
        return of_asked(entry, sales, charges)

    def _known(self, ids: Iterable[Id]) -> dict[Id, tuple[Entry, str]]:
        return self.ledger.entries(ids) if self.ledger else {}

    # -- reading ------------------------------------------------------------

    def read(self) -> _Reading:
        """Read both sides; what was read before is not read again."""
        reading = _Reading()
        for code, log in sorted(self.logs.items()):
            self._read_log(code, log, reading)
        logged = {(one.code, one.key) for one in reading.learnt if one.key}
        known = self._known(logged)
        new = {id_ for id_ in logged if id_ not in known or known[id_][0].sales is None}
        sales = self.partnero.sales({key for _, key in new}) if new else {}
        reading.learnt += [
            of_sales(*id_, sales[id_[1]]) for id_ in sorted(new) if id_[1] in sales
        ]
        self._read_charges(reading)
        return reading

    def _read_log(self, code: str, log: Log, reading: _Reading) -> None:
        name = f"log:{code}"
        stored = self.marks.get(name)
        before = Mark(*json.loads(stored)) if stored else None
        rows, mark = unread(log, before)
        entries, bad = understood(decode_logged, rows)
        for number, _row, why in bad:
            place = f"the log of {self.name(code)}, number {number} of what is new"
            reading.unread.append(Unread("entry", "", place, why))
        if entries:
            reading.learnt += of_log(code, entries, count_keys(log))
        if bad:
            return  # not read to its end: it is looked at again
        if mark != before and (rows or before):
            reading.marks[name] = json.dumps(mark)
        if mark.cut:
            reading.cut.append(code)

    def _read_charges(self, reading: _Reading) -> None:
        """Read Tolt's next window; the code comes from a customer where need be."""
        tolt = self.tolt
        name = f"tolt:{tolt.version}"
        since = self.marks.get(name, "")
        others = [
            at
            for other, at in self.marks.items()
            if other.startswith("tolt:") and other != name and at
        ]
        reading.switched = bool(others) and name not in self.marks
        charges, reading.marks[name] = tolt.window(since)
        uncoded = {one.customer for one in charges if not one.code and one.customer}
        customers = tolt.customers(uncoded) if uncoded else {}
        rematch = None
        if others:
            rematch = _Rematch(self, max(others), everything=reading.switched)
        for charge in charges:
            buyer = customers.get(charge.customer)
            code = charge.code or (buyer.code if buyer else "")
            if code is None:
                reading.unseen += 1
            elif code:
                key = self.keys.tolt.get(code, code)
                entry = of_charge(key, charge, tolt.version)
                if rematch and not charge.charge_id:
                    rematch.take(entry, charge, buyer)
                else:
                    reading.learnt.append(entry)
        reading.learnt += rematch.entries() if rematch else []

    # -- pushing ------------------------------------------------------------

    def prospector(self) -> Prospector:
        return Prospector(
            self.policy,
            self.facts,
            self.partnero,
            self.tolt,
            self.totals,
            self.keys.pairs,
            self.ledger,
            self.nearby,
        )

    def pushes(self, prospector: Prospector) -> tuple[Change, ...]:
        """Propose what to push, in the directions that are asked for."""
        changes: list[Change] = []
        for target in Side:
            if not self.policy.pushes(target) or prospector.why_stopped(target):
                continue
            codes = prospector.codes(target)
            entries = self.candidates(target, codes)
            if entries:
                shared = self.sharing({one.key for one in entries})
                changes += prospector.changes(target, entries, shared=shared)
                self.learn(prospector.learnt.values())
            if len(entries) <= self.policy.limits.creates:  # all there are
                self.ended |= self.over(target, prospector.asked)
        changes.sort(key=lambda change: (change.key, change.action, change.id))
        return tuple(changes)

    def over(self, target: Side, asked: Collection[str]) -> set[str]:
        """Return the consents about sales that are not as they were when given."""
        return {
            decision.id
            for decision in self.facts.decisions.values()
            if decision.action in PUSHED
            and decision.target == target
            and decision.id not in asked
        }

    def candidates(self, target: Side, codes: list[str]) -> list[Entry]:
        """Return what the target lacks, and what a payment in doubt waits for.

        What was found to have a lookalike comes last: while it waits for a person, it
        must not keep others from being looked at.
        """
        most = self.policy.limits.creates + 1  # more would be refused anyway
        open_ = self.open(MISSING[target], most + WAITING, codes)
        asked = [one for one in open_ if one.evidence][:WAITING]
        entries = [one for one in open_ if not one.evidence][:most] + asked
        parked = self.open(Standing.QUARANTINED, WAITING, codes)
        return entries + [one for one in parked if one.doubt == f"parked:{target}"]

    def nearby(self, keys: Collection[str]) -> list[Entry]:
        """Return all entries whose key is one of these but for case and blanks."""
        folded = {folded_key(one) for one in keys} - {""}
        stored = self.ledger.alike(keys) if self.ledger else []
        found = [one for one in stored if (one.code, one.key) not in self.now]
        return found + [one for one, _ in self.now.values() if one.folded in folded]

    def sharing(self, keys: set[str]) -> list[Entry]:
        """Return all entries with these keys, whatever their code."""
        stored = self.ledger.sharing(keys) if self.ledger else []
        found = [one for one in stored if (one.code, one.key) not in self.now]
        return found + [one for one, _ in self.now.values() if one.key in keys]

    # -- saying -------------------------------------------------------------

    def findings(self, reading: _Reading) -> Iterable[Finding]:
        """Name what a person should look at."""
        if reading.switched:
            message = f"Tolt's API version is {self.tolt.version} now. This run reads "
            message += "and matches sales anew; it pushes none. What cannot be matched "
            message += "is named as unproven and not pushed."
            yield Finding("version_switched", (message,))
        for standing in NAMED_STANDINGS:
            number = sum(t.number for t in self.totals if t.standing == standing)
            if number:
                entries = self.open(standing, NAMED)
                yield from findings(standing, entries, number, self.name)
        yield from log_findings(self.logs, reading.cut, self.name)
        left = [*reading.unread, *self.partnero.unread]
        yield from of_unread(Side.PARTNERO, left)
        yield from of_unread(Side.TOLT, self.tolt.unread)
        pairs = self.keys.pairs.items()
        codes = [(key, pair.partnero) for key, pair in pairs if pair.partnero]
        yield from limit_findings(codes, self.totals)
        if reading.unseen:
            message = f"Tolt {self.tolt.version} does not tell the promotion code "
            message += f"of {reading.unseen} transactions: they are not compared."
            yield Finding("redemption_code_unseen", (message,))

    def open(
        self, standing: Standing, most: int, codes: list[str] | None = None
    ) -> list[Entry]:
        """Return entries that stand in one way, as the ledger and this look know."""
        if codes == []:
            return []
        among, stored = set(codes or ()), []
        if self.ledger:
            stored = self.ledger.waiting(standing, most + len(self.now), codes)
        found = [one for one in stored if (one.code, one.key) not in self.now]
        found += [
            one
            for one, now in self.now.values()
            if now is standing and (codes is None or one.code in among)
        ]
        return sorted(found, key=lambda one: (one.at, one.code, one.key))[:most]

    def name(self, code: str) -> str:
        pair = self.keys.pairs.get(code)
        shown = (pair.partnero or pair.tolt) if pair else None
        return shown.written if shown else code

    def owner(self, code: str) -> str:
        """Name the partner who is credited for a code, masked."""
        pair, partners = self.keys.pairs.get(code), self.facts.partners
        if pair and pair.partnero:
            owner = pair.partnero.values.partner
            return words.owner(partners, Side.PARTNERO, owner)
        if pair and pair.tolt:
            return words.owner(partners, Side.TOLT, pair.tolt.values.partner)
        return words.NOBODY
