"""What becomes of a write: its intent, its verdict, and all that follows from it.

A verdict and what follows from it (the base, consents, partners, the ledger, what is
counted as failed) are one value, which the journal stores in one transaction.
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from connector.engine.acts import Create, Replace
from connector.engine.change import Change
from connector.engine.notes import note
from connector.engine.outcome import PARKED, Outcome
from connector.engine.proposals.limits import acceptances
from connector.run.kinds import write_for
from connector.run.write import Reading, Shared, Verdict, Write
from mappings.moments import iso_precise
from mappings.redemptions import Entry, shown
from state.journal import Journal
from state.model import (
    Failure,
    Intent,
    IntentState,
    Settlement,
    Tombstone,
    Unfinished,
)

LOOKED_FOR = 3
"""Runs that do not find a payment of unknown outcome ..."""
LOOKED_FOR_TIME = timedelta(days=1)
"""... over at least so long, before a person is asked."""
FAILED: tuple[IntentState, ...] = ("failed", "uncertain", "quarantined")
"""The verdicts by which a change is counted as failed."""
NOTHING_SEEN = Reading(Verdict.OTHER)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One write that was begun: the note of it, and what sends it and looks for it."""

    intent: Intent
    write: Write

    @property
    def change(self) -> Change:
        return self.write.change


@dataclass(slots=True)
class Verdicts:
    """Notes the writes of one run, and stores what became of them.

    ``counts_failures`` says that this run counts for what fails in it, ``counted`` are
    the changes of which that is stored with their verdict.
    """

    run: str
    journal: Journal
    shared: Shared
    counts_failures: bool = False
    counted: set[str] = field(default_factory=set)

    def begin(self, change: Change) -> Attempt:
        """Note a write before anything is asked or sent for it."""
        change = self.shared.resolved(change)
        intent = Intent(
            id=f"i_{uuid.uuid4().hex[:16]}",
            run=self.run,
            change_id=change.id,
            key=change.key,
            code=change.code,
            action=change.action,
            target=change.target,
            state="planned",
            change=note(change),
            at=iso_precise(datetime.now(UTC)),
            version=self.shared.version,
        )
        self.journal.begin(intent)
        return Attempt(intent, write_for(change, self.shared))

    def settle(
        self,
        attempt: Attempt,
        state: IntentState,
        detail: str,
        after: Reading = NOTHING_SEEN,
        unfinished: Unfinished | None = None,
    ) -> Outcome:
        """Store a verdict and, in the same transaction, all that follows from it."""
        change, now = attempt.change, iso_precise(datetime.now(UTC))
        outcome = outcome_of(change, state, detail)
        settlement = Settlement(
            replace(attempt.intent, state=state, detail=detail),
            link=after.link,
            stone=tombstone(change, after.buried) if after.buried else None,
            partner=self.shared.matched(change, after.made),
            customer=after.customer,
            unfinished=unfinished,
            sales=self.shared.redemptions.learnt(after.entry),
            coupons=self.shared.hanging(change),
            seen_at=now,
            failed=self._failure(outcome, after),
        )
        if outcome.good:
            settlement = _done(settlement, change)
        elif state == "quarantined":
            # What was said before nobody could explain it is no answer to that.
            settlement = replace(settlement, used=(change.id, *change.consents))
        self.journal.settle(settlement)
        if after.made:
            self.shared.written.partners[change.id] = after.made
        return outcome

    def close(self, intent: Intent, state: IntentState, detail: str) -> None:
        """Close a write from which nothing follows."""
        self.journal.settle(Settlement(replace(intent, state=state, detail=detail)))

    def quarantine(self, intent: Intent, detail: str) -> Outcome:
        """Close a write of which nobody can tell any more what it was.

        It may have paid: its change waits for a person if it is proposed again.
        """
        closed = replace(intent, state="quarantined", detail=detail)
        failed = Failure(intent.code, detail, parked=True)
        over = (intent.change_id,)
        self.journal.settle(Settlement(closed, failed=failed, used=over))
        self.counted.add(intent.change_id)
        names = (intent.change_id, intent.code, intent.action, intent.target)
        return Outcome(*names, "quarantined", detail)

    def leave_open(self, attempt: Attempt, detail: str) -> Outcome:
        """Leave a write to the next run, which looks for it."""
        if attempt.write.pays:
            return self.doubt(attempt, detail, looked=False)
        return self.settle(attempt, "uncertain", detail)

    def doubt(self, attempt: Attempt, detail: str, *, looked: bool = True) -> Outcome:
        """Keep a payment of unknown outcome open: it is looked for, not sent again.

        Once enough runs over enough time have not found it, a person decides. A time
        in the future is a clock that was set: then it counts from now on.
        """
        now = datetime.now(UTC)
        begun = min(begun_at(attempt.intent), now)
        looks = attempt.intent.looks + looked
        if looks >= LOOKED_FOR and now - begun >= LOOKED_FOR_TIME:
            why = f"it was looked for in {looks} runs and not found ({detail})"
            entry = _doubted(attempt.change, "parked")
            after = Reading(Verdict.OTHER, entry=entry, parked=True)
            return self.settle(attempt, "quarantined", f"{PARKED}: {why}", after)
        still = replace(attempt.intent, looks=looks, at=iso_precise(begun))
        after = Reading(Verdict.OTHER, entry=_doubted(attempt.change, "open"))
        return self.settle(replace(attempt, intent=still), "uncertain", detail, after)

    def put_aside(self, attempt: Attempt, detail: str, after: Reading) -> Outcome:
        """Something else is there; of a payment, a person decides what follows."""
        entry = _doubted(attempt.change, "parked") if attempt.write.pays else None
        aside = Reading(Verdict.OTHER, entry=entry, parked=after.parked)
        return self.settle(attempt, "quarantined", detail, aside)

    def miss(self, attempt: Attempt, why: str) -> Outcome:
        """Close a write that took a code away for nothing; it stays to be mended."""
        change = attempt.change
        detail = f"{change.code} is missing on {change.side.label} now, because "
        detail += f"neither the new nor the old one could be made: {why}"
        now = iso_precise(datetime.now(UTC))
        names = (change.key, change.code, change.target)
        left = Unfinished(*names, note(change), attempt.write.copy, why, now)
        return self.settle(attempt, "failed", detail, unfinished=left)

    def _failure(self, outcome: Outcome, after: Reading) -> Failure | None:
        """Return what is counted of a verdict that is no good one."""
        if not self.counts_failures or outcome.outcome not in FAILED:
            return None
        self.counted.add(outcome.id)
        return Failure(outcome.code, outcome.detail, after.parked)


def _done(settlement: Settlement, change: Change) -> Settlement:
    """Add what follows from a good verdict: its consent is used up with its effect."""
    replaces = settlement.link is not None and isinstance(change.act, Replace)
    mends = isinstance(change.act, Create | Replace)
    return replace(
        settlement,
        replaces=change.key if replaces else "",
        finished=change.key if mends else "",
        used=change.consents,
        accepts=tuple(acceptances(change, settlement.seen_at)),
    )


def outcome_of(change: Change, state: str, detail: str) -> Outcome:
    """Return what became of a change; of a sale, what did not go well is named."""
    names = (change.id, change.code, change.action, change.target, state)
    outcome = Outcome(*names, detail)
    push = change.push
    if outcome.good or push is None or not push.key:
        return outcome
    return Outcome(*names, f"{shown(push.key)} ({push.money}): {detail}")


def tombstone(change: Change, where: str) -> Tombstone:
    """Return the memory of a record that is gone, with its last values."""
    last = next((seen for seen in change.seen.values() if seen), None)
    values = (last and last.values) or (change.link and change.link.base.left)
    text = "" if not values else f"{values.discount}, {values.partner}"
    at = iso_precise(datetime.now(UTC))
    return Tombstone(change.key, change.code, where, at, text)


def begun_at(intent: Intent) -> datetime:
    return datetime.strptime(intent.at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _doubted(change: Change, how: str) -> Entry:
    """Return what the ledger notes of a payment whose outcome is unknown."""
    key = change.push.key if change.push else ""
    return Entry(change.key, key, doubt=f"{how}:{change.target}")
