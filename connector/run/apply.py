"""Carrying out what a plan has ready: the order, the workers, and when to end.

What others need comes first (partners, coupons), then records in parallel; the
changes of one record stay in line. One item that fails never stops the others: a
known trouble becomes its outcome in settle.py, and a mistake of this program ends
that record alone, whose intent is settled by the next run.
"""

import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from connector.engine.acts import Adopt, Forget, NeedCoupon, NeedPartner
from connector.engine.adoptions import Adoptions
from connector.engine.change import Change
from connector.engine.outcome import Outcome
from connector.errors import USED_UP, OutOfMemory, is_used_up
from connector.run.resume import resume
from connector.run.settle import Settling
from connector.run.verdicts import outcome_of, tombstone
from state.database import StateProblem
from state.model import Intent

WORKERS = 12
"""Enough to keep 25 requests a second going at a third of a second each.

Of the four requests of a write one goes to the other product, which has its own pace.
"""
NEEDED = (NeedPartner, NeedCoupon)
"""What is made for others, in this order, one at a time."""


@dataclass(slots=True)
class Applier:
    """Carries changes out and collects what became of them.

    ``before`` may name a reason to end the run rather than to send a change, ``done``
    are the ids on which others may rely, ``unsettled`` the records whose
    earlier write is still open: nothing more is sent for them.
    """

    settling: Settling
    on_done: Callable[[Outcome], None] = lambda _outcome: None
    before: Callable[[Change], Exception | None] = lambda _change: None
    done: set[str] = field(default_factory=set)
    unsettled: set[str] = field(default_factory=set)

    def resume(self) -> list[Outcome]:
        """Settle what earlier runs left open; what had no effect is not told."""
        intents = self.settling.store.journal.open_intents()
        with ThreadPoolExecutor(WORKERS) as pool:
            settled = pool.map(lambda intent: resume(self.settling, intent), intents)
            outcomes = list(zip(intents, settled, strict=True))
        self.unsettled = {
            intent.key
            for intent, outcome in outcomes
            if outcome is not None
            and outcome.outcome == "uncertain"
            and not self._is_kept_back(intent)
        }
        return [outcome for _, outcome in outcomes if outcome is not None]

    def _is_kept_back(self, intent: Intent) -> bool:
        """Say whether the ledger keeps this one sale back, so that others may go on."""
        is_v1 = self.settling.verdicts.shared.version == "v1"
        unguarded = intent.target == "partnero" or is_v1
        return intent.action == "transaction" and unguarded

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Carry out ready changes: what others need first, then records in parallel."""
        outcomes = self._remember([c for c in changes if c.target == "state"])
        remote = [change for change in changes if change.target != "state"]
        needed = [change for change in remote if isinstance(change.act, NEEDED)]
        for change in sorted(needed, key=lambda c: (NEEDED.index(type(c.act)), c.key)):
            outcomes += self._together([[change]])
        for wave in _waves([c for c in remote if not isinstance(c.act, NEEDED)]):
            outcomes += self._together(wave)
        return outcomes

    def adopt(self, adopted: Adoptions) -> None:
        """Write the bases of what a first look found equal, as it was found."""
        self.settling.store.save_links(adopted.links())

    def _remember(self, changes: Sequence[Change]) -> list[Outcome]:
        """Write adopted bases and closed ones, in bulk: no remote call."""
        store = self.settling.store
        adopted = [c for c in changes if isinstance(c.act, Adopt)]
        gone = [c for c in changes if isinstance(c.act, Forget)]
        links = [change.link for change in adopted if change.link]
        keys = [change.key for change in adopted]
        store.save_links(links, keys=keys, used=_consents(adopted))
        stones = [tombstone(change, "both sides") for change in gone]
        store.bury(stones, used=_consents(gone))
        return [outcome_of(change, "adopted", "") for change in changes]

    def _together(self, wave: Sequence[Sequence[Change]]) -> list[Outcome]:
        """Carry out several records at a time; all of them, whatever happens to one."""
        running: list[tuple[Sequence[Change], list[Outcome], Future[None]]] = []
        with ThreadPoolExecutor(WORKERS) as pool:
            for record in wave:
                done: list[Outcome] = []
                future = pool.submit(self._in_line, record, done)
                running.append((record, done, future))
        outcomes: list[Outcome] = []
        for record, done, future in running:
            mistake = future.exception()
            rest = record[len(done) :] if mistake else ()
            outcomes += done + [self._broken(change, mistake) for change in rest]
        return outcomes

    def _in_line(self, record: Sequence[Change], done: list[Outcome]) -> None:
        """Carry out the changes of one record, one after the other."""
        for change in record:
            done.append(self._one(change))
            self.on_done(done[-1])

    def _one(self, change: Change) -> Outcome:
        """Carry out one change, or say why it is not even begun."""
        if why := self._not_now(change):
            return outcome_of(change, "skipped", why)
        try:
            outcome = self.settling.carry_out(change)
        except StateProblem as error:
            self.settling.ending = error
            return outcome_of(change, "failed", str(error))
        if outcome.good:
            self.done.add(change.id)
        return outcome

    def _not_now(self, change: Change) -> str:
        """Say why a change is not begun; "" where nothing speaks against it."""
        if self.settling.halted:
            return str(self.settling.ending or "interrupted")
        if unmet := set(change.needs) - self.done:
            return f"needs {', '.join(sorted(unmet))}"
        if change.key in self.unsettled:
            return "an earlier write of it is not settled yet"
        if why := self.before(change):
            self.settling.ending = why
            return str(why)
        return ""

    def _broken(self, change: Change, mistake: BaseException | None) -> Outcome:
        """Name the place of a mistake, and no values: those may hold an e-mail."""
        if is_used_up(mistake):
            self.settling.ending = OutOfMemory(USED_UP)
            return outcome_of(change, "failed", USED_UP)
        place = traceback.extract_tb(mistake.__traceback__)[-1] if mistake else None
        where = f" in {place.name}, line {place.lineno}" if place else ""
        why = f"a mistake of this program: {type(mistake).__name__}{where}"
        why += ". The next run settles what was begun."
        return outcome_of(change, "failed", why)


def _consents(changes: Iterable[Change]) -> list[str]:
    return [consent for change in changes for consent in change.consents]


def _waves(changes: Sequence[Change]) -> Iterable[list[list[Change]]]:
    """Group changes by record, and put records that wait for others behind them."""
    ids = {change.id for change in changes}
    done: set[str] = set()
    left = list(changes)
    while left:
        # A circle cannot be planned; if there is one, nothing waits for ever.
        now = [c for c in left if not ((set(c.needs) & ids) - done)] or left
        groups: dict[str, list[Change]] = {}
        for change in now:
            groups.setdefault(change.key, []).append(change)
        yield list(groups.values())
        done |= {change.id for change in now}
        left = [change for change in left if change.id not in done]
