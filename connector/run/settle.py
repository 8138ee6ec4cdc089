"""One remote write from its intent to its verdict, and what a crash left of it.

Intent, fresh look at both sides, request, read-back, verdict: that a request is on its
way is committed right before it leaves, the base moves only to what was read back. An
answer that was lost is settled by looking, with growing waits, before anything is ever
sent again; what can be told neither way stays open, and the next run settles it.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from connector.engine.change import Change
from connector.engine.limits import acceptances
from connector.engine.notes import note, parse_note
from connector.engine.outcome import PARKED, Outcome
from connector.errors import Failed, Rejected, SyncError, Throttled, Uncertain
from connector.run.crossing import Crossing
from connector.run.kinds import write_for
from connector.run.write import Reading, Shared, Verdict, Write
from mappings.moments import iso_precise
from mappings.redemptions import Entry, shown
from state.database import StateProblem
from state.model import (
    Failure,
    Intent,
    IntentState,
    Settlement,
    Tombstone,
    Unfinished,
)
from state.store import Store

LOOKED_FOR = 3
"""Runs that do not find a payment of unknown outcome ..."""
LOOKED_FOR_TIME = timedelta(days=1)
"""... over at least so long, before a person is asked."""
UNSEEN = "the answer said done, but reading does not show it"
FAILED = ("failed", "uncertain", "quarantined")
"""The verdicts by which a change is counted as failed."""
NOTHING_SEEN = Reading(Verdict.OTHER)


@dataclass(slots=True)
class Waiting:
    """How long the settling of lost answers may take, in seconds."""

    item: float = 30.0
    run: float = 180.0
    pause: Callable[[float], object] = threading.Event().wait
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def grant(self, waited: float) -> tuple[float, bool]:
        """Take an item's time from the run's; says whether there was enough left."""
        with self.lock:
            needed = max(0.0, self.item - waited)
            granted = min(needed, self.run)
            self.run -= granted
        return granted, granted >= needed


def growing(total: float) -> Iterator[float]:
    """Yield growing waits that make up the total."""
    step = 0.5
    while total > 0:
        step = min(step, total)
        total -= step
        yield step
        step *= 2


@dataclass(slots=True)
class Settling:
    """Carries single changes out and settles them; ``ending`` is why the run ends.

    ``counts_failures`` says that this run counts for what failed in it, ``counted``
    are the changes of which that is stored with their verdict.
    """

    run: str
    store: Store
    shared: Shared
    waiting: Waiting
    stop: threading.Event
    ending: Exception | None = None
    counts_failures: bool = False
    counted: set[str] = field(default_factory=set)
    leaving: threading.local = field(default_factory=threading.local, repr=False)

    def fence(self) -> None:
        """Have the last word before a write leaves, in the thread that sends it.

        In one transaction: the pair is still held, and the intent is on its way. A stop
        before this leaves an intent of which it is known that it was never sent.
        """
        intent: Intent | None = getattr(self.leaving, "intent", None)
        if intent is None or intent.state == "sending":
            self.store.leases.fence()
        else:
            self.store.journal.leave(intent.id, intent.copy, used=self.leaving.used)
            self.leaving.intent = replace(intent, state="sending")

    @property
    def halted(self) -> bool:
        return self.stop.is_set() or self.ending is not None

    def carry_out(self, change: Change) -> Outcome:
        """Intent, fresh look at both sides, request, read-back, verdict."""
        change = self.shared.resolved(change)
        write = write_for(change, self.shared)
        intent = self._intent(change)
        self.store.journal.begin(intent)
        try:
            before = write.look()
            if before.verdict is Verdict.OTHER:
                return self._settle(change, intent, "stale", before.detail)
            if why := write.stale(before):
                return self._settle(change, intent, "stale", why)
        except SyncError as error:
            return self._failed(change, intent, error)
        if before.verdict is Verdict.DONE:
            return self._settle(change, intent, "adopted", "already so", before)
        self.leaving.intent = replace(intent, copy=before.copy)
        # What pays must not be agreed to twice, whatever becomes of it.
        self.leaving.used = change.consents if write.pays else ()
        try:
            return self._sent(change, intent, write)
        finally:
            self.leaving.intent = None

    def _sent(self, change: Change, intent: Intent, write: Write) -> Outcome:
        """Send; once a request has left, whatever goes wrong leaves it open."""
        try:
            return self._send(change, intent, write)
        except SyncError as error:
            if self._is_planned:
                return self._failed(change, intent, error)
            self._note_ending(error)
            return self._left_open(change, intent, str(error), pays=write.pays)
        except StateProblem as error:
            self.ending = error  # it cannot be noted: what has left is open already
            return told(
                change, "failed" if self._is_planned else "uncertain", str(error)
            )

    @property
    def _is_planned(self) -> bool:
        return bool(self.leaving.intent.state == "planned")

    def _send(self, change: Change, intent: Intent, write: Write) -> Outcome:
        """Send once, or once more where the first one provably had no effect."""
        after = Reading(Verdict.UNDONE)
        for last in (False, True):
            lost = ""
            if last and (why := write.stale(after)):
                return self._given_up(change, intent, write, why, state="stale")
            try:
                write.send()
            except Uncertain as error:
                lost = f"answer lost: {error}"
            except Rejected as refused:
                return self._refused(change, intent, write, refused)
            except SyncError as error:
                if not write.single:
                    raise
                return self._failed(change, intent, error)
            after, certain = self._settled(write)
            outcome = self._final(change, intent, write, after, lost)
            again = certain and (lost or after.verdict is Verdict.HALF)
            if outcome or last or not again:
                break
        return outcome or self._left_open(change, intent, lost or UNSEEN)

    def _final(
        self, change: Change, intent: Intent, write: Write, after: Reading, lost: str
    ) -> Outcome | None:
        """Settle what a look has shown; None where it may be sent once more."""
        if after.verdict is Verdict.DONE:
            return self._settle(change, intent, "confirmed", lost, after)
        if after.verdict is Verdict.OTHER:
            return self._put_aside(change, intent, write, after, after.detail)
        if write.pays:
            return self._in_doubt(change, intent, lost or UNSEEN)
        return None

    def _settled(self, write: Write, waited: float = 0.0) -> tuple[Reading, bool]:
        """Look with growing waits until the effect shows or the time is up.

        Says as well whether all the time was spent: only then is it proven absent.
        """
        after = write.look()
        if after.verdict is not Verdict.UNDONE:
            return after, True
        granted, enough = self.waiting.grant(waited)
        for seconds in growing(granted):
            if self.halted:
                return after, False
            self.waiting.pause(seconds)
            after = write.look()
            if after.verdict is not Verdict.UNDONE:
                return after, True
        return after, enough and not self.halted

    def _refused(
        self,
        change: Change,
        intent: Intent,
        write: Write,
        refused: Rejected,
        *,
        last: bool = False,
    ) -> Outcome:
        """A refusal may mean that it is there already: look, compare everything."""
        after = write.look()
        if after.verdict is Verdict.UNDONE and refused.status == 409:
            after, _ = self._settled(write)  # a listing may lag behind the refusal
        if after.verdict is Verdict.DONE:
            return self._settle(change, intent, "adopted", str(refused), after)
        if after.verdict is Verdict.OTHER:
            state: IntentState = "stale" if refused.status == 404 else "quarantined"
            detail = f"{refused}; there is something else: {after.detail}"
            after = Reading(Verdict.OTHER, parked=after.parked)
            return self._settle(change, intent, state, detail, after)
        if write.pays and refused.status == 409:
            # "It is there already": a listing that does not show it proves nothing.
            return self._in_doubt(change, intent, str(refused))
        return self._given_up(change, intent, write, str(refused), last=last)

    def _given_up(
        self,
        change: Change,
        intent: Intent,
        write: Write,
        said: str,
        *,
        state: IntentState = "failed",
        last: bool = False,
    ) -> Outcome:
        """Put back what would be missing; what cannot be is told until it is mended."""
        rescued, why = self._rescue(write, last=last)
        if why:
            return self._missing(change, intent, write, f"{said}; {why}")
        state = "failed" if rescued else state
        return self._settle(change, intent, state, f"{said}{rescued}")

    @staticmethod
    def _rescue(write: Write, *, last: bool) -> tuple[str, str]:
        """Return what was put back, and why it could not be.

        What is not refused is tried once more, by the next run; that is the ``last``.
        """
        try:
            return write.rescue(), ""
        except (Failed, Throttled):
            raise
        except SyncError as error:
            if not (last or isinstance(error, Rejected)):
                raise
            return "", str(error) or repr(error)

    def _missing(
        self, change: Change, intent: Intent, write: Write, why: str
    ) -> Outcome:
        """Close a write that took a code away for nothing; it stays to be mended."""
        detail = f"{change.code} is missing on {change.side.label} now, because "
        detail += f"neither the new nor the old one could be made: {why}"
        now = iso_precise(datetime.now(UTC))
        names = (change.key, change.code, change.target)
        left = Unfinished(*names, note(change), write.copy, why, now)
        return self._settle(change, intent, "failed", detail, unfinished=left)

    def resume(self, intent: Intent) -> Outcome | None:
        """Settle what an earlier run left open, by looking; None where nothing was.

        What had no effect is closed without an outcome: this run's plan proposes it
        anew, from what both sides show now.
        """
        try:
            change = parse_note(intent.change)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            detail = f"its note cannot be read ({type(error).__name__})"
            unread = replace(intent, state="quarantined", detail=detail)
            self.store.journal.settle(Settlement(unread))
            names = (intent.change_id, intent.code, intent.action, intent.target)
            return Outcome(*names, "quarantined", detail)
        if intent.state == "planned":
            self._close(intent, "was never sent")
            return None
        try:
            return self._resumed(change, intent)
        except Failed:
            raise  # a refused key ends the run; what is open stays open
        except SyncError as error:
            pays = write_for(change, self.shared).pays
            return self._left_open(change, intent, str(error), pays=pays)

    def _resumed(self, change: Change, intent: Intent) -> Outcome | None:
        """Reading, by ids of the version that is spoken, for what was begun before."""
        tolt, version = self.shared.writers.tolt, self.shared.version
        crossing = Crossing(tolt, self.store.partner_links, version)
        change, since, why = crossing.over(change, intent.version)
        write = write_for(change, self.shared, intent.copy)
        write.since = since
        if not why:
            return self._looked_for(change, intent, write)
        if write.pays:
            return self._in_doubt(change, intent, why, looked=False)
        return self._settle(change, intent, "stale", why)

    def _looked_for(
        self, change: Change, intent: Intent, write: Write
    ) -> Outcome | None:
        waited = _age(intent)
        try:
            write.resume()
        except Rejected as refused:
            return self._refused(change, intent, write, refused, last=True)
        except Uncertain:
            waited = 0.0  # a request has just left once more
        after, certain = self._settled(write, waited)
        since = f"settled after run {intent.run}"
        if after.verdict is Verdict.DONE:
            return self._settle(change, intent, "confirmed", since, after)
        if write.pays:
            return self._not_found(change, intent, write, after)
        if after.verdict is Verdict.OTHER:
            return self._settle(change, intent, "stale", f"{since}: {after.detail}")
        if not certain or after.verdict is Verdict.HALF:
            return self._left_open(change, intent, intent.detail or "not settled yet")
        return self._without_effect(change, intent, write, since)

    def _without_effect(
        self, change: Change, intent: Intent, write: Write, since: str
    ) -> Outcome | None:
        """Close what did nothing, so that a plan may propose it anew; None for that."""
        rescued, why = self._rescue(write, last=True)
        if why:
            return self._missing(change, intent, write, f"{since}: {why}")
        if rescued:
            said = f"{since}: the new one did not come{rescued}"
            return self._settle(change, intent, "failed", said)
        self._close(intent, f"{since}: it had no effect")
        return None

    def _close(self, intent: Intent, detail: str) -> None:
        """Close what did nothing, and nothing follows from."""
        closed = replace(intent, state="failed", detail=detail)
        self.store.journal.settle(Settlement(closed))

    def _not_found(
        self, change: Change, intent: Intent, write: Write, after: Reading
    ) -> Outcome:
        """A payment that does not show may still have been made: it stays open."""
        if after.verdict is Verdict.OTHER:
            detail = f"settled after run {intent.run}: {after.detail}"
            return self._put_aside(change, intent, write, after, detail)
        return self._in_doubt(change, intent, intent.detail or "not found yet")

    # -- what is stored and told --------------------------------------------

    def _intent(self, change: Change) -> Intent:
        return Intent(
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

    def _failed(self, change: Change, intent: Intent, error: Exception) -> Outcome:
        """Nothing was sent, or it surely did not arrive."""
        self._note_ending(error)
        return self._settle(change, intent, "failed", str(error))

    def _note_ending(self, error: Exception) -> None:
        if isinstance(error, Failed | Throttled):
            self.ending = error

    def _left_open(
        self, change: Change, intent: Intent, detail: str, *, pays: bool = False
    ) -> Outcome:
        if pays:
            return self._in_doubt(change, intent, detail, looked=False)
        return self._settle(change, intent, "uncertain", detail)

    def _in_doubt(
        self, change: Change, intent: Intent, detail: str, *, looked: bool = True
    ) -> Outcome:
        """Keep a payment of unknown outcome open: it is looked for, not sent again.

        Once enough runs over enough time have not found it, a person decides. A time
        in the future is a clock that was set: then it counts from now on.
        """
        now = datetime.now(UTC)
        begun = min(_begun(intent), now)
        looks = intent.looks + looked
        if looks >= LOOKED_FOR and now - begun >= LOOKED_FOR_TIME:
            why = (
                f"{PARKED}: it was looked for in {looks} runs and not found ({detail})"
            )
            after = Reading(Verdict.OTHER, entry=doubted(change, "parked"), parked=True)
            return self._settle(change, intent, "quarantined", why, after)
        still = replace(intent, looks=looks, at=iso_precise(begun))
        after = Reading(Verdict.OTHER, entry=doubted(change, "open"))
        return self._settle(change, still, "uncertain", detail, after)

    def _put_aside(
        self, change: Change, intent: Intent, write: Write, after: Reading, detail: str
    ) -> Outcome:
        """Something else is there; of a payment, a person decides what follows."""
        entry = doubted(change, "parked") if write.pays else None
        after = replace(after, entry=entry)
        return self._settle(change, intent, "quarantined", detail, after)

    def _settle(
        self,
        change: Change,
        intent: Intent,
        state: IntentState,
        detail: str,
        after: Reading = NOTHING_SEEN,
        *,
        unfinished: Unfinished | None = None,
    ) -> Outcome:
        """Store a verdict and, in the same transaction, all that follows from it."""
        now, good = iso_precise(datetime.now(UTC)), state in ("confirmed", "adopted")
        mended = good and change.action in ("create", "replace")
        replaced = bool(after.link) and change.action == "replace"
        outcome = told(change, state, detail)
        self.store.journal.settle(
            Settlement(
                replace(intent, state=state, detail=detail),
                link=after.link,
                replaces=change.key if replaced else "",
                stone=tombstone(change, after.buried) if after.buried else None,
                used=change.consents if good else (),
                accepts=tuple(acceptances(change, now)) if good else (),
                partner=self.shared.matched(change, after.made),
                customer=after.customer,
                unfinished=unfinished,
                finished=change.key if mended else "",
                sales=self.shared.redemptions.learnt(after.entry),
                coupons=self.shared.hanging(change),
                seen_at=now,
                failed=self._failure(outcome, after),
            )
        )
        if after.made:
            self.shared.written.partners[change.id] = after.made
        return outcome

    def _failure(self, outcome: Outcome, after: Reading) -> Failure | None:
        """Return what is counted of a verdict that is no good one."""
        if not self.counts_failures or outcome.outcome not in FAILED:
            return None
        self.counted.add(outcome.id)
        return Failure(outcome.code, outcome.detail, after.parked)


def told(change: Change, outcome: str, detail: str) -> Outcome:
    """Return what became of a change; of a sale, what did not go well is named."""
    names = (change.id, change.code, change.action, change.target, outcome)
    done = Outcome(*names, detail)
    push = change.push
    if done.good or push is None or not push.key:
        return done
    return Outcome(*names, f"{shown(push.key)} ({push.money}): {detail}")


def doubted(change: Change, how: str) -> Entry:
    """Return what the ledger notes of a payment whose outcome is unknown."""
    key = change.push.key if change.push else ""
    return Entry(change.key, key, doubt=f"{how}:{change.target}")


def tombstone(change: Change, where: str) -> Tombstone:
    """Return the memory of a record that is gone, with its last values."""
    last = next((one for one in change.seen.values() if one), None)
    values = (last and last.values) or (change.link and change.link.base.left)
    text = "" if not values else f"{values.discount}, {values.partner}"
    at = iso_precise(datetime.now(UTC))
    return Tombstone(change.key, change.code, where, at, text)


def _age(intent: Intent) -> float:
    """Return how long ago an intent was begun; a clock set back makes it new."""
    return max(0.0, (datetime.now(UTC) - _begun(intent)).total_seconds())


def _begun(intent: Intent) -> datetime:
    return datetime.strptime(intent.at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
