"""What the clients of both products in memory have in common."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from connector.engine.snapshot import Snapshot
from connector.errors import Failed, SyncError
from connector.providers.base import Identity, Remembered
from connector.providers.memory.programme import Process, Programme, Tables
from mappings.canonical import Partner, PromoCode, Side, fold_email

T = TypeVar("T")


def _nothing() -> None:
    return None


@dataclass(slots=True)
class Client:
    """One process's client of one programme; ``fence`` is asked before every write."""

    programme: Programme
    process: Process = field(default_factory=Process)
    requests: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    fence: Callable[[], None] = _nothing

    @property
    def side(self) -> Side:
        return self.programme.side

    def guard(self, stop: threading.Event, fence: Callable[[], None]) -> None:
        self.stop, self.fence = stop, fence

    def close(self) -> None:
        """There is nothing to give back."""

    def prove_version(self) -> None:
        """It is of the version that it was made for."""

    def tables(self, request: str) -> Tables:
        """Ask, and return what there is to be seen."""
        self.requests += 1
        return self.programme.read(self.process, request)

    def send(self, request: str, effect: Callable[[Tables], T]) -> T:
        """Send a write: the fence has a word before it, and one when it leaves."""
        self.process.check()
        self.fence()
        self.fence()
        self.requests += 1
        return self.programme.write(self.process, request, effect)

    def identify(self) -> Identity:
        self.tables("identify")
        return Identity(self.programme.name, self.programme.currency)

    def partner(self, id_: str) -> Partner | None:
        return self.tables("partner").partners.get(id_)

    def find_partner(self, email: str) -> list[Partner]:
        wanted = fold_email(email)
        people = self.tables("find_partner").partners.values()
        return [
            partner
            for partner in people
            if partner.email and fold_email(partner.email) == wanted
        ]

    def read(self, remembered: Remembered) -> Snapshot:
        """Read everything; a fault makes it incomplete, as with the adapters."""
        missed, tables = "", Tables()
        try:
            tables = self.tables("list")
        except Failed:
            raise
        except SyncError as error:
            missed = str(error)
        listed = {
            id_: code
            for id_, code in tables.codes.items()
            if id_ not in self.programme.unlisted
        }
        if self.programme.cut is not None and len(listed) > self.programme.cut:
            listed = dict(list(listed.items())[: self.programme.cut])
            missed = f"{self.side.label}: the listing of codes breaks off"
        return self.snapshot(tables, listed, missed, remembered)

    def snapshot(
        self,
        tables: Tables,
        listed: dict[str, PromoCode],
        missed: str,
        remembered: Remembered,
    ) -> Snapshot:
        """Return what was read of one side."""
        del remembered
        return Snapshot(
            self.side,
            listed,
            dict(tables.partners),
            missed=missed,
            requests=self.requests,
            identity=self.programme.name,
        )
