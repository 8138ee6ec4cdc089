"""Both products side by side, with their keys, one clock and the mail they would send.

A world holds Partnero programmes and Tolt organizations, each behind its API key, so
that a test can put several behind one address and read every effect directly.
"""

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connector.sandbox.partnero_store import Programme
from connector.sandbox.tolt_store import Organization


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that the real product would have sent."""

    side: str
    to: str


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class World:
    """Both products, their keys, the clock, and the mail that would have gone out."""

    programmes: dict[str, Programme] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    clock: Callable[[], datetime] = field(default=utc_now, repr=False)
    mails: list[Mail] = field(default_factory=list)
    tag: str = "a"
    counter: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def partnero(self) -> Programme:
        """The programme behind the first Partnero key."""
        return next(iter(self.programmes.values()))

    @property
    def tolt(self) -> Organization:
        """The organization behind the first Tolt key."""
        return next(iter(self.organizations.values()))

    def now(self) -> datetime:
        """The time in milliseconds, the finest step that Tolt prints."""
        moment = self.clock().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def new_uid(self) -> str:
        """Ids count up: equal runs give equal ids; `tag` keeps two worlds apart."""
        self.counter += 1
        return f"{self.tag}{self.counter:08d}"

    def snapshot(self) -> "World":
        """A frozen copy, for reads that lag behind."""
        programmes, organizations = copy.deepcopy((self.programmes, self.organizations))
        return World(programmes, organizations, self.clock, list(self.mails), self.tag)
