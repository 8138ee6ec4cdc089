"""The end of a process in the middle of a run, as far as one process can play it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from connector.engine.outcome import Run
from connector.providers.pace import Unhurried
from connector.run.run import (
    run,
)
from connector.run.session import (
    Session,
)
from state.store import Store
from state.transactions import Hold


class Killed(BaseException):
    """The process ends here: no handler, no verdict, no farewell."""


@dataclass
class Bomb(Unhurried):
    """Ends a run at one of its requests, and every one after that.

    Without a number it waits until somebody lights it.
    """

    store: Store
    left: int | None = None
    exploded: bool = False

    def wait(self) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.exploded = True
            # The dead commit nothing.
            self.store.transactions.hold = Hold("", -1, 60, 0.0)
            raise Killed


def killed_run(session: Session, bomb: Bomb) -> Run | None:
    """Run until the bomb goes off; returns the run if it never did."""
    for writer in session.writers:
        client = writer.http
        client.access = replace(client.access, pace=bomb)
    done = None
    with suppress(Killed):
        done = run(session)
    return None if bomb.exploded else done


def bury_the_dead(open_store: Callable[[], Store]) -> None:
    """Free the pair of a holder that is no more, as another process would find out."""
    store = open_store()
    if holder := store.leases.holder():
        store.leases.take("undertaker", 1, dead=[holder])
        store.leases.release()
