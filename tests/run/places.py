"""A pair in memory with its state, and processes of it that can be killed.

Nothing here opens a socket or starts a process: a kill is an exception that no handler
takes, after which nothing of that process reaches a product or the state any more.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from connector.engine.acts import Want
from connector.engine.change import Change, Grant, Seen
from connector.engine.outcome import Outcome
from connector.providers.memory.pair import writers_of
from connector.providers.memory.partnero import coupon_of
from connector.providers.memory.programme import (
    Fault,
    Killed,
    Kind,
    Process,
    Programme,
    Tables,
)
from connector.run.resume import resume
from connector.run.settle import Settling
from connector.run.verdicts import Verdicts
from connector.run.waits import Waiting
from connector.run.write import Shared, redemptions_of
from mappings.canonical import Both, Carried, Partner, PromoCode, Side, Values, fold
from mappings.canonical import percentage as percent_of
from mappings.redemptions import Customer
from state.facts import Facts
from state.journal import Journal
from state.leases import Leases
from state.ledger import Ledger
from state.model import Intent, Link
from state.store import Store
from state.transactions import Transactions
from tests.acts import act_of, more_of

LEFT, RIGHT = Side.PARTNERO, Side.TOLT
PEOPLE = ("Anna", "Ben")
FOR_EVER = "lifetime"


def percent(number: int) -> Any:
    return percent_of(Decimal(number))


@dataclass
class MortalTransactions(Transactions):
    """Transactions of one process: dead, it commits nothing more.

    ``at`` is the transaction, counted from 1, before or after which the process ends.
    """

    process: Process = field(default_factory=Process)
    at: tuple[int, str] | None = None
    count: int = 0

    @contextmanager
    def writing(self, *, fenced: bool = True) -> Iterator[Any]:
        self.process.check()
        self.count += 1
        number = self.count  # others count on meanwhile, in threads of their own
        if self.at == (number, "before"):
            self.process.kill()
        with super().writing(fenced=fenced) as connection:
            yield connection
        if self.at == (number, "after"):
            self.process.kill()


class MortalStore(Store):
    """A state that one process writes."""

    def __init__(self, engine: Engine, process: Process) -> None:
        super().__init__(engine, "acme")
        self.transactions = MortalTransactions(engine, "acme", process=process)
        self.facts = Facts(self.transactions)
        self.leases = Leases(self.transactions)
        self.journal = Journal(self.transactions, self.leases)
        self.ledger = Ledger(self.transactions)

    def ends(self, step: int, moment: str) -> None:
        """Let the process end before or after a transaction, counted from now."""
        self.transactions.count, self.transactions.at = 0, (step, moment)


@dataclass
class Work:
    """One process at work: what it settles, and the state that it writes."""

    process: Process
    store: MortalStore
    settling: Settling

    def carry_out(self, change: Change) -> Outcome | None:
        """Carry a change out; None where the process ended on the way."""
        try:
            return self.settling.carry_out(change)
        except Killed:
            return None

    def resume(self) -> list[Outcome]:
        """Settle what an earlier process left open, as the next run would."""
        found = [
            resume(self.settling, one) for one in self.store.journal.open_intents()
        ]
        return [outcome for outcome in found if outcome is not None]


@dataclass
class Place:
    """Both products with their records, and the state that is kept of them.

    ``people`` and ``coupons`` are those that the newest plan has seen.
    """

    engine: Engine
    version: str = "v2"
    left: Programme = field(default_factory=lambda: Programme(LEFT))
    right: Programme = field(default_factory=lambda: Programme(RIGHT))
    runs: int = 0
    people: dict[Side, dict[str, Partner]] = field(default_factory=dict)
    coupons: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, name in enumerate(PEOPLE, 1):
            self.person(name, f"prt_{number}", f"part_{number}")
        for number in (10, 20):
            self.coupon(number)
        self.both("TWIN", 20, "Anna")
        work = self.open()
        work.store.save_links([self.link("TWIN")])

    # -- what stands on the two sides ------------------------------------------------

    def of(self, side: Side) -> Programme:
        return self.left if side is LEFT else self.right

    def person(self, name: str, *ids: str) -> None:
        for side, id_ in zip(Side, ids, strict=False):
            mail = f"{name.lower()}@example.com"
            key = f"key-{id_}" if side is LEFT else ""
            self.of(side).tables.partners[id_] = Partner(id_, mail, name, key=key)

    def owner(self, side: Side, name: str) -> str:
        people = self.of(side).tables.partners.values()
        return next(person.id for person in people if person.name == name)

    def coupon(self, number: int) -> None:
        uuid = f"PCT{number}"
        made = coupon_of(uuid, percent(number), FOR_EVER)
        self.left.tables.coupons[uuid] = made

    def code(self, side: Side, text: str, number: int, name: str) -> PromoCode:
        """Put a code on one side."""
        values = Values(fold(text), percent(number), self.owner(side, name))
        carried = Carried()
        if side is LEFT:
            carried = Carried(coupon=f"PCT{number}", duration=FOR_EVER, redeemed=0)
        id_ = text if side is LEFT else f"promo_{text}"
        made = PromoCode(id_, text, values, carried)
        self.of(side).tables.codes[id_] = made
        return made

    def both(self, text: str, number: int, name: str) -> None:
        for side in Side:
            self.code(side, text, number, name)

    def gone(self, side: Side, text: str) -> None:
        codes = self.of(side).tables.codes
        for code in [one for one in codes.values() if one.written == text]:
            del codes[code.id]

    def standing(self, side: Side, text: str) -> PromoCode:
        codes = self.of(side).tables.codes.values()
        return next(code for code in codes if code.written == text)

    def link(self, text: str) -> Link:
        left, right = (self.standing(side, text) for side in Side)
        return Link(
            ids=Both(left.id, right.id),
            base=Both(left.values, right.values),
            written=left.id,
            version=self.version,
        )

    # -- changes -----------------------------------------------------------------------

    def seen(self, side: Side, text: str) -> Seen | None:
        codes = self.of(side).tables.codes.values()
        found = [code for code in codes if code.written == text]
        return Seen(found[0].id, found[0].values, found[0].written) if found else None

    def change(
        self,
        action: str,
        side: Side,
        text: str = "TWIN",
        *,
        want: Want | None = None,
        other: str | None = None,
        reason: str = "",
        **more: Any,
    ) -> Change:
        """Return what a plan would propose, from what stands there now.

        ``other`` is the text on the side that is not written to, where it differs.
        """
        texts = {side: text, side.other: other or text}
        self.coupons = dict(self.left.tables.coupons)
        self.people = {one: dict(self.of(one).tables.partners) for one in Side}
        return Change(
            act_of(action, side.value, want=want, **more_of(more)),
            key="twin" if text == "TWIN" else fold(text),
            code=text,
            row=0,
            grant=Grant.FREE,
            reason=reason,
            causes=(),
            seen={one: self.seen(one, texts[one]) for one in Side},
            **more,
        ).with_id()

    def want(self, side: Side, text: str, number: int, name: str, *names: str) -> Want:
        coupon = f"PCT{number}" if side is LEFT else None
        owner = self.owner(side, name)
        return Want(Values(text, percent(number), owner), frozenset(names), coupon)

    # -- runs --------------------------------------------------------------------

    def open(self, *, waiting: float = 4.0) -> Work:
        """Begin a process that holds the pair, whatever became of the one before.

        ``waiting`` are the seconds, of no real time, for which a lost answer is waited.
        """
        before, self.runs = f"run-{self.runs}", self.runs + 1
        process = Process()
        store = MortalStore(self.engine, process)
        taken = store.leases.take(f"run-{self.runs}", 60, dead=[before])
        assert taken is None
        store.ends(0, "")
        writers = writers_of(self.left, self.right, process, self.version)
        redemptions = redemptions_of(writers, store.ledger, "")
        shared = Shared(
            writers,
            self.version,
            store.link,
            redemptions,
            listed=self.people,
            coupons=self.coupons,
        )
        settling = Settling(
            store=store,
            verdicts=Verdicts(f"r_{self.runs}", store.journal, shared),
            waiting=Waiting(item=waiting, run=60.0, pause=lambda _seconds: None),
            stop=threading.Event(),
        )
        writers.guard(settling.stop, settling.fence)
        return Work(process, store, settling)

    def store(self) -> Store:
        """Return the state, to be looked at."""
        return Store(self.engine, "acme")

    def open_intents(self) -> list[Intent]:
        """Return the writes whose outcome the state does not know."""
        return self.store().journal.open_intents()

    def remembered(self) -> dict[str, Any]:
        """Return all that the state keeps of this pair, but for ids that were given."""
        store = self.store()
        return {
            "links": sorted(
                (link.written, repr(link.base), sorted(link.unset))
                for link in store.links()
            ),
            "buried": sorted(store.tombstones()),
            "partners": len(store.partner_links(self.version)),
            "ledger": sorted(
                (id_, entry.pushed, entry.logged, entry.doubt)
                for id_, (entry, _) in store.ledger.everything().items()
            ),
            "missing": sorted(store.unfinished()),
            "open": [intent.action for intent in self.open_intents()],
        }

    def fault(
        self, side: Side, kind: Kind, request: str = "write", **more: Any
    ) -> None:
        self.of(side).faults.append(Fault(kind, request, **more))

    def meanwhile(
        self, side: Side, request: str, change: Callable[[Tables], object]
    ) -> None:
        """Let somebody else change something right before a request."""
        self.of(side).meanwhile[request] = change

    @property
    def writes(self) -> list[str]:
        """The writes that came to either side, in order on each."""
        return [*self.left.writes, *self.right.writes]

    # -- what became of it -------------------------------------------------------

    def shape(self) -> dict[str, Any]:
        """Return everything that stands on both sides, but for ids that were given."""
        return {side.value: self._shape(self.of(side).tables) for side in Side}

    @staticmethod
    def _shape(tables: Tables) -> dict[str, Any]:
        people, codes = tables.partners, tables.codes

        def whom(id_: str | None) -> str | None:
            return people[id_].email if id_ in people else id_

        def by(customer: Customer) -> str | None:
            code = customer.code or ""
            return codes[code].written if code in codes else customer.code

        return {
            "codes": sorted(
                (c.written, str(c.values.discount), whom(c.values.partner))
                for c in codes.values()
            ),
            "coupons": sorted(tables.coupons),
            "partners": sorted(str(one.email) for one in people.values()),
            "customers": sorted(
                (one.email, whom(one.partner), by(one))
                for one in tables.customers.values()
            ),
            "sales": sorted((one.key, one.money) for one in tables.sales.values()),
            "charges": sorted((c.key, c.money) for c in tables.charges.values()),
            "logs": {
                id_: [entry.key for entry in log] for id_, log in tables.logs.items()
            },
        }
