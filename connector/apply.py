"""Carrying out what a plan has ready, one record at a time.

Intent, fresh look, request, read-back, verdict: the intent is committed before the
request leaves, the base moves only to what was read back. An answer that was lost is
settled by looking, with growing waits, before anything is ever sent again. One item
that fails never stops the others.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from connector.engine.change import Change, note, parse_note
from connector.engine.outcome import Outcome
from connector.errors import Failed, Rejected, Throttled, Unavailable, Uncertain
from connector.writes import Bench, Look, Verdict, Write, write_for
from state.model import Intent, IntentState, Tombstone
from state.store import LeaseLost, Store

WORKERS = 8
"""Enough to keep 25 requests a second going at a third of a second each."""


@dataclass(slots=True)
class Waiting:
    """How long the settling of lost answers may take, in seconds."""

    item: float = 30.0
    run: float = 180.0
    pause: Callable[[float], None] = time.sleep

    def pauses(self) -> Iterable[float]:
        """Yield growing waits, as many as the item and the run have left."""
        spent, step = 0.0, 0.5
        while spent < self.item and self.run > 0:
            step = min(step, self.item - spent, self.run)
            spent += step
            self.run -= step
            yield step
            step *= 2


@dataclass(slots=True)
class Applier:
    """Carries changes out on two writers and notes everything in the store."""

    run: str
    store: Store
    bench: Bench
    now: Callable[[], str]
    waiting: Waiting
    stop: threading.Event
    on_done: Callable[[Outcome], None] = lambda _outcome: None
    ending: Exception | None = None
    failed: set[str] = field(default_factory=set)

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Carry out ready changes: what others need first, then records in parallel."""
        outcomes = self._remember([c for c in changes if c.target == "state"])
        remote = [change for change in changes if change.target != "state"]
        first = [c for c in remote if c.action in ("partner", "coupon")]
        for change in sorted(first, key=lambda c: (c.action != "partner", c.key)):
            outcomes.append(self._one(change))
        records = [change for change in remote if change not in first]
        for wave in _waves(records):
            with ThreadPoolExecutor(WORKERS) as pool:
                for done in pool.map(self._all_of, wave):
                    outcomes += done
        return outcomes

    def _remember(self, changes: Sequence[Change]) -> list[Outcome]:
        """Write adopted bases and closed ones, in bulk: no remote call."""
        links = [c.link for c in changes if c.link and c.action == "adopt"]
        self.store.save_links(links)
        gone = [c for c in changes if c.action == "forget"]
        self.store.bury([self._stone(c, "both sides") for c in gone])
        return [self._told(change, "adopted", "") for change in changes]

    def _all_of(self, changes: Sequence[Change]) -> list[Outcome]:
        return [self._one(change) for change in changes]

    def _one(self, change: Change) -> Outcome:
        """Carry out one change; whatever happens to it, the others go on."""
        if self.stop.is_set() or self.ending:
            return self._told(change, "skipped", str(self.ending or "interrupted"))
        if unmet := self.failed.intersection(change.needs):
            return self._told(change, "skipped", f"needs {', '.join(sorted(unmet))}")
        try:
            outcome = self._carry_out(change)
        except (Failed, Throttled, LeaseLost) as error:
            self.ending = error
            outcome = self._told(change, "failed", str(error))
        except Unavailable as error:
            outcome = self._told(change, "failed", str(error))
        if outcome.outcome not in ("confirmed", "adopted"):
            self.failed.add(change.id)
        self.on_done(outcome)
        return outcome

    def _carry_out(self, change: Change) -> Outcome:
        """Intent, fresh look, request, read-back, verdict."""
        write = write_for(change, self.bench)
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
        )
        self.store.begin(intent, self.now())
        try:
            before = write.look()
            if before.verdict is Verdict.DONE:
                return self._settle(change, intent, "adopted", "already so", before)
            if before.verdict is Verdict.OTHER:
                return self._settle(change, intent, "stale", before.detail)
            if before.copy:
                self.store.begin(replace(intent, copy=before.copy), self.now())
            self.store.mark(intent.id, "sending", "")
            return self._send(change, intent, write)
        except (Unavailable, Failed) as error:
            self.store.settle(intent.id, "failed", str(error))
            raise

    def _send(self, change: Change, intent: Intent, write: Write) -> Outcome:
        """Send once, or once more where the first one provably had no effect."""
        for last in (False, True):
            try:
                write.send()
            except Uncertain as lost:
                after = self._settled(write)
                if after.verdict is Verdict.UNDONE and not last:
                    continue
                if after.verdict is Verdict.UNDONE:
                    told = f"{lost}. It is not there, and is settled by the next run."
                    return self._left_open(change, intent, told)
                return self._judge(change, intent, after, f"answer lost: {lost}")
            except Rejected as refused:
                return self._refused(change, intent, write, refused)
            return self._judge(change, intent, self._read_back(write), "")
        raise AssertionError  # pragma: no cover (the last round returns)

    def _read_back(self, write: Write) -> Look:
        """Look until the effect shows: an answer of 200 proves nothing."""
        after = write.look()
        return after if after.verdict is not Verdict.UNDONE else self._settled(write)

    def _settled(self, write: Write) -> Look:
        """Look with growing waits until the effect shows or the time is up."""
        after = write.look()
        for seconds in self.waiting.pauses():
            if after.verdict is not Verdict.UNDONE or self.stop.is_set():
                break
            self.waiting.pause(seconds)
            after = write.look()
        return after

    def _refused(
        self, change: Change, intent: Intent, write: Write, refused: Rejected
    ) -> Outcome:
        """A refusal may mean that it is there already: look, compare everything."""
        after = write.look()
        if after.verdict is Verdict.DONE:
            return self._settle(change, intent, "adopted", str(refused), after)
        if after.verdict is Verdict.OTHER and refused.status in (400, 409, 422):
            told = f"{refused}; there already, but different: {after.detail}"
            return self._settle(change, intent, "quarantined", told)
        rescued = write.rescue()
        return self._settle(change, intent, "failed", f"{refused}{rescued}")

    def _judge(self, change: Change, intent: Intent, after: Look, told: str) -> Outcome:
        if after.verdict is Verdict.DONE:
            return self._settle(change, intent, "confirmed", told, after)
        if after.verdict is Verdict.UNDONE:
            said = "the answer said done, but reading does not show it"
            return self._left_open(change, intent, said)
        return self._settle(change, intent, "quarantined", after.detail)

    def _left_open(self, change: Change, intent: Intent, told: str) -> Outcome:
        self.store.mark(intent.id, "uncertain", told)
        return self._told(change, "uncertain", told)

    def _settle(
        self,
        change: Change,
        intent: Intent,
        state: IntentState,
        detail: str,
        after: Look | None = None,
    ) -> Outcome:
        """Store the verdict and, where it is a good one, the base that moved."""
        link = after.link if after else None
        stone = self._stone(change, after.buried) if after and after.buried else None
        replaces = change.key if link and change.action == "replace" else None
        self.store.settle(
            intent.id, state, detail, link=link, replaces=replaces, stone=stone
        )
        if after and after.made:
            self._remember_partner(change, after.made)
        return self._told(change, state, detail)

    def resume(self) -> list[Outcome]:
        """Settle what an earlier run left open, by looking; nothing is repeated."""
        return [self._resume(intent) for intent in self.store.open_intents()]

    def _resume(self, intent: Intent) -> Outcome:
        change = parse_note(intent.change)
        if intent.state == "planned" or change.action in ("partner", "coupon"):
            told = "was not finished; this run's plan looks at it again"
            return self._settle(change, intent, "failed", told)
        write = write_for(change, self.bench, intent.copy)
        try:
            write.resume()
            after = write.look()
        except (Unavailable, Uncertain, Rejected) as error:
            return self._left_open(change, intent, str(error))
        told = f"settled after run {intent.run}"
        if after.verdict is Verdict.DONE:
            return self._settle(change, intent, "confirmed", told, after)
        if after.verdict is Verdict.OTHER:
            return self._settle(change, intent, "stale", f"{told}: {after.detail}")
        return self._settle(change, intent, "failed", f"{told}: it had no effect")

    def _remember_partner(self, change: Change, made: str) -> None:
        """A new partner may stay hidden from lists, so the match is stored at once."""
        self.bench.made[change.id] = made
        owner = change.want.partner if change.want else None
        if owner:
            pair = (owner, made) if change.target == "tolt" else (made, owner)
            self.store.save_partner_links(self.bench.version, [pair])

    def _stone(self, change: Change, where: str) -> Tombstone:
        last = next((one for one in change.seen.values() if one), None)
        values = (last and last.values) or (change.link and change.link.base.partnero)
        told = "" if not values else f"{values.discount}, {values.partner}"
        return Tombstone(change.key, change.code, where, self.now(), told)

    def _told(self, change: Change, outcome: str, detail: str) -> Outcome:
        return Outcome(
            change.id, change.code, change.action, change.target, outcome, detail
        )


def _waves(changes: Sequence[Change]) -> Iterable[list[list[Change]]]:
    """Group changes by record, and put records that wait for others behind them."""
    ids = {change.id for change in changes}
    done: set[str] = set()
    left = list(changes)
    while left:
        now = [c for c in left if not ((set(c.needs) & ids) - done)]
        now = (
            now or left
        )  # a circle cannot be planned; if it is, nothing waits for ever
        groups: dict[str, list[Change]] = {}
        for change in now:
            groups.setdefault(change.key, []).append(change)
        yield list(groups.values())
        done |= {change.id for change in now}
        left = [change for change in left if change.id not in done]
