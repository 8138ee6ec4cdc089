"""Reading redemptions into the ledger, and what follows from comparing them.

What is new is read (log entries after the last one, transactions in the next window),
the ledger is asked for the entries that these touch, and what the other side lacks is
looked up where pushing is asked for. It saves nothing: a report drops what it learnt,
a run keeps it.

Both sides are always compared: where no code on Partnero was ever redeemed, all that
Tolt has sold by a code is what Partnero lacks. See docs/decisions/0002-redemptions.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.engine.causes.cause import Cause, Causes
from connector.engine.causes.sales import (
    BeforeTheDate,
    CodesUntold,
    CutShort,
    LogsNotListed,
    SalesMatchedAnew,
    SalesUnread,
    SidesUnread,
    WithoutCodes,
    WithoutLogs,
)
from connector.engine.change import Change, Finding
from connector.engine.facts import Facts
from connector.engine.findings import of_unread
from connector.engine.keys import Keys
from connector.engine.planned import RedemptionReport
from connector.engine.policy import Policy
from connector.engine.sales.directions import (
    Direction,
    Pushes,
    commissions_needed,
    decide,
    lacks_commissions,
    over,
    pushable_codes,
    sent_from_there,
)
from connector.engine.sales.findings import (
    KINDS,
    NAMED,
    of_limits,
    of_logs,
    of_standing,
)
from connector.engine.sales.money import Found, counts_of_plan, money_report
from connector.engine.sales.redemptions import RECHECKED, of_asked
from connector.engine.sales.standings import MISSING, TO_RECHECK, Standing
from connector.engine.sales.totals import number
from connector.errors import Failed, SyncError, Unclear
from connector.providers.base import Readers
from connector.run.ledger_draft import LedgerDraft
from connector.run.push_facts import PushLookup
from connector.run.read_sales import SalesRead, Sources, logs_by_key, read_sales
from connector.run.sales_found import all_found, last_sums
from mappings.canonical import Side
from mappings.redemption_wire import moment
from mappings.redemptions import Entry, Log, Total
from state.model import LedgerChange

if TYPE_CHECKING:
    from state.ledger import Ledger

WAITING = 200
"""Redemptions that wait for a person and are looked at again in each run."""
SINCE = "since"
"""The mark of the date from which redemptions were counted last."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one run says of redemptions, and what it has to keep of them.

    ``uncompared`` says what was not compared, and why.
    """

    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    report: RedemptionReport | None = None
    found: Found | None = None
    missed: str = ""
    reason: str = ""
    entries: tuple[tuple[Entry, str], ...] = ()
    more: tuple[Total, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    ended: frozenset[str] = frozenset()
    accepted: tuple[Finding, ...] = ()
    uncompared: Causes = ()

    def keep(self, ledger: "Ledger") -> None:
        """Save what was learnt, and how far was read, in one transaction.

        The decisions that only the ledger had to learn of are used up by it.
        """
        change = LedgerChange(self.entries, self.more)
        ledger.save(change, self.marks, used=self.used)


NOTHING = Comparison()


def compare_redemptions(
    policy: Policy,
    facts: Facts,
    keys: Keys,
    readers: Readers,
    ledger: "Ledger | None",
    *,
    whole: bool = True,
) -> Comparison:
    """Compare redemptions as far as they can be read; never raises for a listing.

    ``whole``: each one that is missing is named, and not only the first of them.
    """
    unread = tuple(side for side in Side if not facts.of(side).complete)
    if unread:
        return Comparison(uncompared=(SidesUnread(unread),))
    if facts.partnero.unlogged:
        finding = Finding("unproven", (LogsNotListed(),))
        return Comparison(findings=(finding,), uncompared=(WithoutLogs(),))
    draft = LedgerDraft(ledger, policy.redemptions_since)
    sources = Sources(readers.sales(), readers.charges(), keys, draft)
    try:
        return compared(policy, facts, sources, whole=whole)
    except Failed:
        raise
    except SyncError as error:
        return Comparison(
            findings=(Finding("unproven", (SalesUnread(str(error)),)),),
            missed=str(error),
            reason=error.reason,
            uncompared=(CutShort(str(error)),),
        )


def compared(
    policy: Policy, facts: Facts, sources: Sources, *, whole: bool = True
) -> Comparison:
    """Read, compare with the ledger, and say what follows."""
    draft, since = sources.draft, policy.redemptions_since
    logs = logs_by_key(sources.keys, facts.partnero.logs)
    stored = draft.ledger.marks() if draft.ledger else {}
    read = read_sales(sources, logs, stored)
    restarted = stored.get(SINCE, "") != since
    if restarted:
        draft.read_everything()
    draft.merge(read.learnt)
    if any(policy.pushes(side) for side in Side):
        _ask_again(sources)
    pushes = () if read.switched else tuple(_pushes(policy, facts, sources))
    pushes = _but_linked(draft, pushes)
    found = all_found(facts, sources, pushes, whole=whole)
    shown = _shown(sources, read, logs, pushes, found)
    marks = {SINCE: since} if restarted else {}
    return replace(
        shown,
        entries=tuple(draft.news()),
        more=draft.more(),
        marks=read.marks | marks | last_sums(shown.report, stored),
        uncompared=tuple(_left_out(since, sources.tolt.version, read.untold)),
    )


def _shown(
    sources: Sources,
    read: SalesRead,
    logs: Mapping[str, Log],
    pushes: Sequence[Pushes],
    found: Found,
) -> Comparison:
    """Return what is said of redemptions."""
    report = money_report(found)
    return Comparison(
        changes=_in_order(pushes),
        findings=(
            *_findings(sources, logs, read, found.totals),
            *(finding for way in pushes for finding in way.findings),
        ),
        counts=counts_of_plan(found, report),
        report=report,
        found=found,
        used=tuple(id_ for way in pushes for id_ in way.used),
        accepted=tuple(finding for way in pushes for finding in way.accepted),
        ended=frozenset(id_ for way in pushes for id_ in way.ended),
    )


def _left_out(since: str, version: str, untold: int) -> Iterator[Cause]:
    """Say what is in none of the counts, because nobody looked at it."""
    if since:
        yield BeforeTheDate(since)
    if untold:
        yield WithoutCodes(version, untold)


# -- asking again --------------------------------------------------------------------


def _ask_again(sources: Sources) -> None:
    """Ask both sides again for some of what was pushed, or is there twice, in turn.

    A refund on Partnero shows in no listing that is read anyway, and neither does
    a double that somebody has mended.
    """
    draft = sources.draft
    if not draft.ledger:
        return
    at = moment(datetime.now(UTC).isoformat())
    stored = draft.ledger.in_turn(Standing.TWICE, TO_RECHECK, RECHECKED, at)
    entries = [draft.latest(entry) for entry in stored]
    draft.put(
        replace(_asked_again(sources, entry), checked=at)
        for entry in entries
        if entry.key
    )


def _asked_again(sources: Sources, entry: Entry) -> Entry:
    """Return an entry as both sides show it now, or as it stood where one cannot."""
    partnero, tolt = sources.partnero, sources.tolt
    try:
        sales = partnero.sales_of(entry.key)
        known = sales if sales or partnero.is_gone(entry.key) else None
        ids = entry.of_version(tolt.version)
        charges = {f"{tolt.version}:{id_}": tolt.charge(id_) for id_ in ids}
    except Unclear:
        return entry  # in its turn again
    return of_asked(entry, known, charges)


# -- pushing -------------------------------------------------------------------------


def _pushes(policy: Policy, facts: Facts, sources: Sources) -> Iterator[Pushes]:
    """Propose what to push, in the directions that are asked for, one by one."""
    totals = sources.draft.totals()
    lookup = PushLookup(policy, facts, sources)
    for target in Side:
        if not policy.pushes(target):
            continue
        if lacks_commissions(target, policy):
            yield Pushes(findings=tuple(commissions_needed(target, totals)))
            continue
        codes, findings = pushable_codes(
            target, totals, sources.keys.pairs, facts.partners
        )
        findings += sent_from_there(target, sources.draft.returned(target))
        pushes = _pushed(lookup, target, totals, codes)
        yield pushes._replace(findings=(*findings, *pushes.findings))


def _but_linked(draft: LedgerDraft, pushes: Sequence[Pushes]) -> tuple[Pushes, ...]:
    """Leave out what a word about the other direction has linked by now."""
    ids = {(c.key, c.push.key) for way in pushes for c in way.changes if c.push}
    linked = {(e.code, e.key) for e, _ in draft.known(ids) if e.linked}
    return tuple(
        way._replace(
            changes=tuple(
                change
                for change in way.changes
                if not (change.push and (change.key, change.push.key) in linked)
            )
        )
        for way in pushes
    )


def _pushed(
    lookup: PushLookup, target: Side, totals: Sequence[Total], codes: list[str]
) -> Pushes:
    """Look everything up in one direction, and say what follows."""
    most, draft = lookup.policy.limits.creates, lookup.sources.draft
    entries = _candidates(draft, target, most + 1, codes)
    evidence = _evidence(draft, target) if entries else 0
    direction = _direction(lookup, target, totals, evidence)
    pushes = Pushes()
    if entries:
        shared = draft.sharing({entry.key for entry in entries})
        lookup.looked_alike = draft.looked_alike()
        looked_up = [lookup.look_up(target, entry, shared) for entry in entries]
        sales = [sale.facts for sale in looked_up if sale.facts is not None]
        pairs = zip(entries, looked_up, strict=True)
        noted = [sale.entry for before, sale in pairs if sale.entry != before]
        pushes = decide(direction, sales, {(e.code, e.key): e for e in noted})
        draft.put(pushes.learnt)
    if len(entries) > most:  # not all there are
        return pushes
    return pushes._replace(ended=over(direction, pushes.asked))


def _direction(
    lookup: PushLookup, target: Side, totals: Sequence[Total], evidence: int
) -> Direction:
    facts = lookup.facts
    return Direction(
        target=target,
        policy=lookup.policy,
        totals=totals,
        evidence=evidence,
        today=facts.today,
        accepted=facts.accepted,
        quarantined=facts.quarantined,
        decisions=facts.decisions,
    )


def _candidates(
    draft: LedgerDraft, target: Side, most: int, codes: list[str]
) -> list[Entry]:
    """Return what the target lacks, and what a payment in doubt waits for.

    More than ``most`` would be refused anyway. What was seen to have a lookalike comes
    last: while it waits for a person, it must not keep others from being looked at.
    What has our mark came from the target: whoever pushed it, it does not go back.
    """
    lacking = draft.standing(
        MISSING[target], most + WAITING, codes, without=target.other.value
    )
    waiting = [entry for entry in lacking if entry.evidence][:WAITING]
    entries = [entry for entry in lacking if not entry.evidence][:most] + waiting
    parked = draft.standing(Standing.QUARANTINED, WAITING, codes)
    return entries + [entry for entry in parked if entry.doubt == f"parked:{target}"]


def _evidence(draft: LedgerDraft, target: Side) -> int:
    """Count what earlier runs have seen on the target without us."""
    if draft.ledger is None:
        return 0
    return draft.ledger.evidence(target.value, Standing.BEFORE_START)


def _in_order(pushes: Iterable[Pushes]) -> tuple[Change, ...]:
    changes = [change for way in pushes for change in way.changes]
    return tuple(sorted(changes, key=lambda c: (c.key, c.action, c.id)))


# -- what a person should look at ----------------------------------------------------


def _findings(
    sources: Sources, logs: Mapping[str, Log], read: SalesRead, totals: Sequence[Total]
) -> Iterator[Finding]:
    """Name what a person should look at."""
    tolt = sources.tolt
    if read.switched:
        yield Finding("version_switched", (SalesMatchedAnew(tolt.version),))
    for standing in KINDS:
        if count := number(totals, standing):
            entries = sources.draft.standing(standing, NAMED)
            yield from of_standing(standing, entries, count, sources.name)
    yield from of_logs(logs, read.cut, sources.name)
    yield from of_unread(Side.PARTNERO, [*read.unread, *sources.partnero.unread])
    yield from of_unread(Side.TOLT, tolt.unread)
    yield from of_limits(sources.keys.pairs, totals)
    if read.untold:
        cause = CodesUntold(tolt.version, read.untold)
        yield Finding("redemption_code_unseen", (cause,))
