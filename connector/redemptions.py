"""Reading redemptions and comparing them: what one look adds to the ledger.

A look reads what is new (log entries after the last one, transactions in the next
window) and asks the ledger for the entries that these touch; nothing here grows with
history. It saves nothing: a report drops what it learnt, a run keeps it.

Tolt's transactions cost requests, so they are read only where somebody wants to know:
where ``redemptions`` stands in the configuration, or where any code on Partnero was
ever redeemed. See docs/decisions/0002-redemptions.md.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connector.engine import words
from connector.engine.change import Change, Finding, RedemptionReport
from connector.engine.desk import Facts
from connector.engine.keys import keys_of
from connector.engine.ledger import (
    MISSING,
    Id,
    Mark,
    Standing,
    count_keys,
    judge,
    learnt_all,
    of_charge,
    of_log,
    of_sales,
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
from connector.errors import Failed, SyncError
from connector.prospects import Prospector
from connector.providers.base import Reader
from connector.providers.partnero import PartneroReader
from connector.providers.partnero_money import PartneroMoney
from connector.providers.tolt import ToltReader
from connector.providers.tolt_money import ToltMoney
from mappings.canonical import Side, fold
from mappings.redemption_wire import decode_logged
from mappings.redemptions import Entry, Log, Total
from mappings.wire import Malformed
from state.ledger import Ledger

SAMPLE = 1000
"""Redemptions of the other direction that are compared for a common root."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one look says of redemptions, and what a run has to keep of it."""

    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    report: RedemptionReport | None = None
    missed: str = ""
    entries: tuple[tuple[Entry, str], ...] = ()
    more: tuple[Total, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)

    def keep(self, ledger: Ledger) -> None:
        """Save what was learnt, and how far was read, in one transaction."""
        ledger.save(self.entries, self.more, self.marks)


NOTHING = Account()


@dataclass(slots=True)
class _Reading:
    """What a look has read of redemptions so far."""

    learnt: list[Entry] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    unseen: int = 0


def account(
    policy: Policy,
    facts: Facts,
    readers: Mapping[Side, Reader],
    ledger: Ledger | None,
) -> Account:
    """Compare redemptions as far as they can be read; never raises for a listing."""
    wanted = policy.redemptions_stated or facts.partnero.logs
    if not wanted or not (facts.partnero.complete and facts.tolt.complete):
        return NOTHING
    if facts.partnero.unlogged:
        message = "Partnero lists codes without their redemptions, so redemptions are "
        message += "not compared and none is pushed."
        return Account(findings=(Finding("unproven", message),))
    left, right = readers[Side.PARTNERO], readers[Side.TOLT]
    if not isinstance(left, PartneroReader) or not isinstance(right, ToltReader):
        raise TypeError("redemptions are compared between Partnero and Tolt alone")
    look = _Look(policy, facts, PartneroMoney(left), ToltMoney(right), ledger)
    try:
        return look.account(left.currency or "")
    except Failed:
        raise
    except (SyncError, Malformed) as error:
        message = f"Redemptions could not be read completely: {error}. None is pushed."
        return Account(findings=(Finding("unproven", message),), missed=str(error))


class _Look:
    """One look at the redemptions of both sides."""

    def __init__(
        self,
        policy: Policy,
        facts: Facts,
        partnero: PartneroMoney,
        tolt: ToltMoney,
        ledger: Ledger | None,
    ) -> None:
        self.policy = policy
        self.facts = facts
        self.partnero = partnero
        self.tolt = tolt
        self.ledger = ledger
        self.keys = keys_of(facts)
        self.marks = ledger.marks() if ledger else {}
        self.logs = {
            self.keys.partnero.get(id_, fold(id_)): log
            for id_, log in facts.partnero.logs.items()
        }
        self.now: dict[Id, tuple[Entry, Standing]] = {}
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
        self.now = {id_: (one, judge(one, since)) for id_, one in entries.items()}
        kept = [now for id_, now in self.now.items() if known.get(id_) != now]
        more = [weight(*known[id_], -1) for id_ in known if known[id_] != self.now[id_]]
        more = list(added([], [*more, *(weight(*now) for now in kept)]))
        self.totals = added(self.ledger.totals() if self.ledger else (), more)
        changes, more_findings = self.pushes()
        return Account(
            changes=changes,
            findings=(*self.findings(reading), *more_findings),
            counts=counts(self.totals),
            report=report(
                self.totals, name=self.name, owner=self.owner, currency=currency
            ),
            entries=tuple(kept),
            more=tuple(more),
            marks=reading.marks,
        )

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
        reading.learnt += [of_sales(*id_, sales[id_[1]]) for id_ in sorted(new)]
        self._read_charges(reading)
        return reading

    def _read_log(self, code: str, log: Log, reading: _Reading) -> None:
        name = f"log:{code}"
        stored = self.marks.get(name)
        before = Mark(*json.loads(stored)) if stored else None
        rows, mark = unread(log, before)
        if rows:
            entries = [decode_logged(row) for row in rows]
            reading.learnt += of_log(code, entries, count_keys(log))
        if mark != before and (rows or before):
            reading.marks[name] = json.dumps(mark)
        if mark.cut:
            reading.cut.append(code)

    def _read_charges(self, reading: _Reading) -> None:
        """Read Tolt's next window; the code comes from a customer where need be."""
        tolt = self.tolt
        name = f"tolt:{tolt.version}"
        charges, reading.marks[name] = tolt.window(self.marks.get(name, ""))
        uncoded = {one.customer for one in charges if not one.code and one.customer}
        customers = tolt.customers(uncoded) if uncoded else {}
        for charge in charges:
            buyer = customers.get(charge.customer)
            code = charge.code or (buyer.code if buyer else "")
            if code is None:
                reading.unseen += 1
            elif code:
                key = self.keys.tolt.get(code, code)
                reading.learnt.append(of_charge(key, charge, tolt.version))

    # -- pushing ------------------------------------------------------------

    def pushes(self) -> tuple[tuple[Change, ...], list[Finding]]:
        """Propose what to push, in the directions that are asked for."""
        prospector = Prospector(
            self.policy,
            self.facts,
            self.partnero,
            self.tolt,
            self.totals,
            self.keys.pairs,
        )
        changes: list[Change] = []
        for target in Side:
            if not self.policy.pushes(target) or prospector.why_stopped(target):
                continue
            codes = prospector.codes(target)
            most = self.policy.limits.creates + 1  # more would be refused anyway
            entries = self.open(MISSING[target], most, codes)
            if not entries:
                continue
            others = self.open(MISSING[target.other], SAMPLE, codes)
            shared = self.sharing({one.key for one in entries})
            changes += prospector.changes(target, entries, shared=shared, others=others)
        changes.sort(key=lambda change: (change.key, change.action, change.id))
        return tuple(changes), prospector.findings

    def sharing(self, keys: set[str]) -> list[Entry]:
        """Return all entries with these keys, whatever their code."""
        stored = self.ledger.sharing(keys) if self.ledger else []
        found = [one for one in stored if (one.code, one.key) not in self.now]
        return found + [one for one, _ in self.now.values() if one.key in keys]

    # -- saying -------------------------------------------------------------

    def findings(self, reading: _Reading) -> Iterable[Finding]:
        """Name what a person should look at."""
        for standing in NAMED_STANDINGS:
            number = sum(t.number for t in self.totals if t.standing == standing)
            if number:
                entries = self.open(standing, NAMED)
                yield from findings(standing, entries, number, self.name)
        yield from log_findings(self.logs, reading.cut, self.name)
        pairs = self.keys.pairs.items()
        codes = [(key, pair.partnero) for key, pair in pairs if pair.partnero]
        yield from limit_findings(codes, self.totals)
        if reading.unseen:
            message = f"Tolt {self.tolt.version} does not tell the promotion code "
            message += f"of {reading.unseen} transactions: they are not compared."
            yield Finding("redemption_code_unseen", message)

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
