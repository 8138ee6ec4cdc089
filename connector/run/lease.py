"""One runner per pair: a lease that is renewed while its holder lives.

A run after a crash on the same machine takes over at once, where it is proven that
the holder has ended (holder.py). In every other case the lease simply runs out.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from connector.errors import Locked
from connector.run.holder import is_dead, me, shown
from state.database import StateProblem
from state.leases import SECONDS
from state.store import Store
from state.transactions import LeaseLost


@contextmanager
def holding(store: Store) -> Iterator[None]:
    """Hold the pair for the time of a run; Locked where another run has it."""
    holder = store.leases.holder()
    dead = [holder] if holder and is_dead(holder) else []
    taken_by = store.leases.take(me(), SECONDS, dead=dead)
    if taken_by is not None:
        raise Locked(
            f"Another run holds the pair {store.pair} ({shown(taken_by)}). "
            "Nothing was done. Try again when it is finished; if it died, and that "
            f"cannot be seen from here, its hold ends within {SECONDS} seconds."
        )
    done = threading.Event()
    renewer = threading.Thread(target=_renew, args=(store, done), daemon=True)
    renewer.start()
    try:
        yield
    finally:
        done.set()
        renewer.join()
        with suppress(StateProblem):  # a full disk; a dead holder is none
            store.leases.release()


def _renew(store: Store, done: threading.Event) -> None:
    while not done.wait(SECONDS / 3):
        try:
            store.leases.renew(SECONDS)
        except LeaseLost:
            return  # the next write notices it as well, and stops the run
        except StateProblem:
            continue  # a busy or full disk: the next write says so, or it was nothing
