"""What a run is given, and what carries its changes out."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from connector.config.pair import Pair
from connector.engine.change import Refusal
from connector.engine.outcome import Outcome
from connector.engine.planned import Plan
from connector.engine.waves import Asked
from connector.providers.base import Writers
from connector.run.apply import Applier
from connector.run.claim import Claim
from connector.run.prepare import Prepared
from connector.run.settle import Settling
from connector.run.verdicts import Verdicts
from connector.run.waits import Waiting
from connector.run.write import Shared, redemptions_of
from state.store import Store

Choose = Callable[[Plan], frozenset[str] | None]


@dataclass(slots=True)
class Session:
    """What a run is given: the pair, its memory, its clients, and how to be stopped.

    ``choose`` may look at the plan before anything is written, and returns the ids to
    apply, or None where a person said no; ``unmet`` says of what was asked for and is
    not proposed any more what became of it. ``wave`` limits a migration to what was
    named for one of its waves. ``last``: the process ends with this run.
    """

    pair: Pair
    store: Store
    writers: Writers
    command: str = "sync"
    stop: threading.Event = field(default_factory=threading.Event)
    last: bool = False
    accepted: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    choose: Choose | None = None
    refusal: Refusal | None = None
    undoes: str = ""
    wave: Asked | None = None
    left_over: list[Outcome] = field(default_factory=list)
    unmet: Callable[[Prepared], Iterable[Outcome]] = lambda _prepared: ()
    on_total: Callable[[int], None] = lambda _total: None
    on_done: Callable[[Outcome], None] = lambda _outcome: None


def applier_of(session: Session, run_id: str, claim: Claim) -> Applier:
    """Return what carries changes out for this run."""
    pair, store = session.pair, session.store
    seconds = pair.settle_seconds
    since = pair.policy.redemptions_since
    redemptions = redemptions_of(session.writers, store.ledger, since)
    shared = Shared(session.writers, pair.version, store.link, redemptions)
    settling = Settling(
        store=store,
        verdicts=Verdicts(run_id, store.journal, shared),
        waiting=Waiting(seconds, seconds * 6, session.stop.wait),
        stop=session.stop,
    )
    return Applier(settling, session.on_done, claim.before_sending)
