"""A plan as a whole: everything that one comparison says, and its digest."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connector.engine.adoptions import NOTHING_ADOPTED, Adoptions
from connector.engine.causes.cause import Causes
from connector.engine.change import (
    Change,
    Finding,
    Refusal,
    Status,
    canonical,
    digest_of,
    order,
)
from mappings.canonical import Side
from mappings.redemptions import Money, Sum
from state.bulk import in_parts


@dataclass(frozen=True, slots=True)
class SideReport:
    """How much of one side was read, and whether it was all of it.

    ``missed`` says why it was not, ``reason`` the same in one of few words.
    """

    codes: int
    partners: int
    complete: bool
    requests: int
    missed: str = ""
    reason: str = ""


@dataclass(slots=True)
class Tally:
    """How many records were compared, each counted once, by what was found.

    ``unproven`` are those of which one side is unknown: they are not compared.
    """

    in_sync: int = 0
    only_on_partnero: int = 0
    only_on_tolt: int = 0
    differ: int = 0
    collisions: int = 0
    unproven: int = 0

    @property
    def compared(self) -> int:
        alone = self.only_on_partnero + self.only_on_tolt
        return self.in_sync + alone + self.differ + self.collisions


class SaleLine(NamedTuple):
    """One redemption that is not in step, as finance reads it.

    ``partnero`` and ``tolt`` are what each side counts now, ``money`` the amount that
    is to be looked at; None where there is none, or none that is exact. ``currency`` is
    the amount's, else the programme's, "" where nobody knows it. ``reason`` and
    ``change`` name what waits for a person, "" where nothing does.
    """

    code: str
    key: str
    standing: str
    at: str
    money: Money | None
    currency: str
    partner: str
    why: Causes
    partnero: Money | None = None
    tolt: Money | None = None
    reason: str = ""
    change: str = ""
    missing: str = ""
    accepted: bool = False


class MoneyLine(NamedTuple):
    """What the redemptions of one code or partner come to, in one currency.

    ``counts`` is by standing, ``partnero`` and ``tolt`` are exact major units as text.
    """

    name: str
    currency: str
    counts: Mapping[str, int]
    partnero: str
    tolt: str


@dataclass(frozen=True, slots=True)
class RedemptionReport:
    """Counts and money by code and by partner; amounts are exact major units.

    ``lines`` names every redemption that is not in step, or the first of them where
    ``whole`` is false; ``sums`` always counts all of them.
    """

    codes: tuple[MoneyLine, ...] = ()
    partners: tuple[MoneyLine, ...] = ()
    lines: tuple[SaleLine, ...] = ()
    sums: tuple[Sum, ...] = ()
    whole: bool = True


class MissingMoney(NamedTuple):
    """What the sales of one partner come to that one side lacks, in one currency.

    ``number`` counts them, ``minor`` is their sum in minor units.
    """

    side: Side
    currency: str
    number: int
    minor: int


class PartnerLine(NamedTuple):
    """How the codes of one partner stand, whom each side knows under these names.

    ``differ`` are codes that are not the same on both sides, ``waiting`` changes that
    need a decision, ``blocked`` those that cannot be done.
    """

    name: str
    partnero: str
    tolt: str
    codes: int
    differ: int
    waiting: int
    blocked: int
    missing: tuple[MissingMoney, ...] = ()


@dataclass(frozen=True, slots=True)
class WavePart:
    """That a plan is about one wave of a migration, and what is not in it.

    ``outside`` are the codes that are left for another wave, ``unknown`` those that
    were named and are nowhere, ``strangers`` partners whom nobody has seen. ``named``
    are its partners, each as it was named or, where that was an e-mail, by an id.
    """

    partners: int
    outside: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one comparison says. Times are UTC in ISO 8601.

    ``several``: the configuration has more pairs, and commands name theirs.
    ``failed`` says why there is nothing to compare, ``reason`` the same in one of few
    words. ``redemptions`` is empty where none were compared; ``uncompared`` says what
    of them was not, and why, ``untold`` the same of the currency; ``pushes`` names the
    sides to which they are pushed. ``wave``: it is about this wave of a migration
    alone. ``partners`` is filled where a person asks for a report. ``adopted`` and
    ``adopted_later`` stand beside ``changes``: what is equal and has no base yet, to be
    remembered now or by a later run.
    """

    pair: str
    created_at: str
    expires_at: str
    config: str
    state: str | None
    sides: Mapping[str, SideReport]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    tally: Tally
    refused: Refusal | None = None
    accepted: tuple[Finding, ...] = ()
    acceptable: tuple[Finding, ...] = ()
    failed: str = ""
    reason: str = ""
    undoes: str = ""
    several: bool = False
    redemptions: Mapping[str, int] = field(default_factory=dict)
    redemption_report: RedemptionReport | None = None
    uncompared: Causes = ()
    untold: Causes = ()
    wave: WavePart | None = None
    partners: tuple[PartnerLine, ...] = ()
    pushes: tuple[str, ...] = ()
    adopted: Adoptions = NOTHING_ADOPTED
    adopted_later: Adoptions = NOTHING_ADOPTED

    @property
    def digest(self) -> str:
        """Digest of the changes, their preconditions and the config behind them."""
        head = canonical([self.pair, self.config, self.state])
        return "sha256:" + digest_of(_in_one_list(head, self._printed()))

    @property
    def of_codes(self) -> Sequence[Change]:
        """The changes that stand before those of sales: these are in their order."""
        sales = (n for n, one in enumerate(self.changes) if one.push is not None)
        return self.changes[: next(sales, len(self.changes))]

    def _printed(self) -> Iterator[str]:
        """Yield what is digested of each change, those in bulk in their places."""
        own = ((order(change), _printed(change)) for change in self.of_codes)
        bulks = ((Status.READY, self.adopted), (Status.HELD, self.adopted_later))
        bulk = (_adoptions_printed(status, many) for status, many in bulks)
        yield from (text for _, text in heapq.merge(own, *bulk))
        yield from map(_printed, self.changes[len(self.of_codes) :])

    @property
    def complete(self) -> bool:
        return all(side.complete for side in self.sides.values())

    def ready(self) -> tuple[Change, ...]:
        """Return what an apply carries out one by one; ``adopted`` is ready as well."""
        return tuple(c for c in self.changes if c.status is Status.READY)

    def ids(self) -> frozenset[str]:
        """Return the ids of all changes, those in bulk among them."""
        bulk = (*self.adopted.ids(), *self.adopted_later.ids())
        return frozenset(bulk).union(change.id for change in self.changes)


def _printed(change: Change) -> str:
    stated = [change.id, change.status, change.reason]
    return canonical([*stated, change.precondition, change.wanted])


def _adoptions_printed(
    status: Status, adopted: Adoptions
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the same of each adoption, with its place among the changes."""
    for one in adopted.named():
        yield one.order, f'["{one.id}","{status}","equal",{one.seen},[]]'


def _in_one_list(head: str, parts: Iterator[str]) -> Iterator[str]:
    """Yield a JSON list with one more member, in pieces: a list of these parts."""
    yield f"{head[:-1]},["
    first = True
    for some in in_parts(parts):
        yield ",".join(some) if first else f",{','.join(some)}"
        first = False
    yield "]]"
