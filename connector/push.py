"""The writes that push a redemption: customer, transaction, redeem.

Each is one request with an intent of its own, looked for by its exact key before and
after. A Partnero transaction is sent once in a run at most, because nothing there
stops a second one, which would pay a second commission; a redeem and a Tolt
transaction are refused a second time by their key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from connector.bench import UNDONE, Look, Verdict, Write
from connector.engine.change import Change
from connector.engine.ledger import judge, merged, of_charge, of_sales
from connector.engine.pushing import PARKED
from connector.engine.redeem import redeem_verdict
from connector.engine.takings import weight
from connector.errors import Rejected, Unavailable
from connector.providers.base import Writer
from connector.providers.money_writing import PartneroMoneyWriter, ToltMoneyWriter
from connector.providers.partnero import PartneroReader
from connector.providers.tolt import ToltReader
from mappings.canonical import Side
from mappings.redemptions import Customer, Entry, Logged, Push
from state.ledger import Ledger

LOOKS = 2
"""Looks after an answer of 200 that must agree before a rule is to blame."""


@dataclass(slots=True)
class Pushing:
    """What the pushing writes of one run share."""

    partnero: PartneroMoneyWriter
    tolt: ToltMoneyWriter
    ledger: Ledger
    since: str

    def write(self, change: Change) -> Write:
        """Return the kind of write that a step is."""
        return _WRITES[change.action, change.side](change, self)

    def record(self, learnt: Entry) -> None:
        """Add what a write has brought about, before its intent is closed.

        In this order a crash in between leaves the intent open, and the next run
        records the same once more, which changes nothing.
        """
        id_ = (learnt.code, learnt.key)
        before = self.ledger.entries([id_]).get(id_)
        entry = merged(before[0] if before else None, learnt)
        now = (entry, judge(entry, self.since))
        more = [weight(*before, -1)] if before else []
        self.ledger.save([now], [*more, weight(*now)], {})


def pushing(
    writers: Mapping[Side, Writer], ledger: Ledger, since: str
) -> Pushing | None:
    """Return what pushes with these clients; None for others than these products'."""
    left, right = writers[Side.PARTNERO], writers[Side.TOLT]
    if not isinstance(left, PartneroReader) or not isinstance(right, ToltReader):
        return None
    return Pushing(PartneroMoneyWriter(left), ToltMoneyWriter(right), ledger, since)


@dataclass(slots=True)
class _Step:
    """What all steps have in common; ``ours`` once a request of ours has left."""

    change: Change
    run: Pushing
    single: bool = True
    ours: bool = False

    def look(self) -> Look:
        raise NotImplementedError

    def send(self) -> None:
        raise NotImplementedError

    @property
    def push(self) -> Push:
        if self.change.push is None:
            raise Rejected(f"{self.change.code} says nothing to push", status=400)
        return self.change.push

    def resume(self) -> None:
        self.ours = True

    def rescue(self) -> str:
        return ""

    def done(self, learnt: Entry) -> Look:
        pushed = self.change.target if self.ours else ""
        return Look(Verdict.DONE, entry=replace(learnt, pushed=pushed))


class BuyerOnPartnero(_Step):
    """The customer of a sale, under the merchant's own number."""

    def look(self) -> Look:
        found = self.run.partnero.customer([self.push.buyer])
        if found is None:
            return UNDONE
        if found.partner and found.partner != self.push.partner:
            return Look(Verdict.OTHER, "this customer is another partner's")
        return Look(Verdict.DONE)

    def send(self) -> None:
        push, self.ours = self.push, True
        who = (push.buyer, push.email, push.name, push.partner)
        self.run.partnero.create_customer(*who)


class SaleOnPartnero(_Step):
    """The transaction that a redeem will name."""

    def look(self) -> Look:
        push = self.push
        sales = self.run.partnero.sales_of(push.key)
        if not sales:
            return UNDONE
        if len(sales) > 1:
            return Look(Verdict.OTHER, f"{len(sales)} transactions have this key")
        one = sales[0]
        if one.archived or (one.money, one.customer) != (push.money, push.buyer):
            told = f"{one.money} of another sale is there under this key"
            return Look(Verdict.OTHER, told)
        return self.done(of_sales(self.change.key, push.key, sales))

    def send(self) -> None:
        push = self.push
        if self.ours:
            # Left open as it is: the next run looks, and only then sends again.
            self.single = False
            raise Unavailable("not sent twice in one run: it could pay twice")
        self.ours = True
        rewardable = push.rewardable
        self.run.partnero.create_sale(
            push.key, push.money, push.buyer, push.at, rewardable=rewardable
        )


@dataclass(slots=True)
class RedeemOnPartnero(_Step):
    """The entry in the code's log, by which alone it is judged."""

    answered: bool = False
    looks: int = 0

    def look(self) -> Look:
        push = self.push
        log = self.run.partnero.log_of(push.code)
        if log is None:
            return Look(Verdict.OTHER, f"{push.text} is gone there")
        if found := _logged(log, push.key):
            entry = Entry(self.change.key, push.key, logged=1, logged_at=found.at)
            return self.done(entry)
        self.looks += self.answered
        if self.looks < LOOKS or self._verdict() != "refused by a rule":
            return UNDONE
        told = f"{PARKED}: the answer was 200, the transaction is there, and still the "
        return Look(Verdict.OTHER, f"{told}log has no such entry: a rule refused it")

    def send(self) -> None:
        self.ours, self.answered = True, False
        log = self.run.partnero.redeem(self.push.code, self.push.key)
        self.answered = True
        if not _logged(log, self.push.key) and self._verdict() == "parent missing":
            raise Unavailable("its transaction is not there; the next run creates it")

    def _verdict(self) -> str:
        parent = any(
            not one.archived for one in self.run.partnero.sales_of(self.push.key)
        )
        return redeem_verdict(before=False, answer="200", after=False, parent=parent)


class CustomerOnTolt(_Step):
    """The customer with the code that brought them, by which Tolt credits."""

    def look(self) -> Look:
        push, found = self.push, _customer(self.run, self.push)
        if found is None:
            return UNDONE
        if found.partner != push.partner:
            return Look(Verdict.OTHER, "this customer is another partner's")
        if found.code == push.code:
            return Look(Verdict.DONE)
        if found.code == "" and not self.ours:
            return UNDONE
        # An unmatched code is a silent success: only the id that comes back tells.
        told = f"{PARKED}: Tolt does not credit {push.text} to this customer"
        return Look(Verdict.OTHER, told)

    def send(self) -> None:
        push, found = self.push, _customer(self.run, self.push)
        self.ours = True
        if found is not None:
            self.run.tolt.set_code(found.id, push.text)
            return
        who = (push.email, push.external, push.name, push.partner, push.text)
        self.run.tolt.create_customer(*who)


class ChargeOnTolt(_Step):
    """The transaction, for which Tolt pays a commission."""

    def look(self) -> Look:
        push, buyer = self.push, _customer(self.run, self.push)
        if buyer is None or buyer.code != push.code:
            return Look(Verdict.OTHER, "the customer is not there with this code")
        charges = self.run.tolt.charges_of(push.key, buyer.id)
        if not charges:
            return UNDONE
        one = charges[0]
        if len(charges) > 1 or one.customer != buyer.id:
            return Look(Verdict.OTHER, "other customers have this charge id")
        if one.money != push.money or one.code not in ("", push.code):
            told = f"{PARKED}: {one.money} is there under this charge id"
            return Look(Verdict.OTHER, told)
        version = self.run.tolt.version
        return self.done(of_charge(self.change.key, one, version))

    def send(self) -> None:
        push, buyer = self.push, _customer(self.run, self.push)
        if buyer is None:
            raise Unavailable("the customer is not there any more")
        if self.ours and self.run.tolt.version == "v1":
            self.single = False  # only v2 is known to refuse a charge id twice
            raise Unavailable("not sent twice in one run: it could pay twice")
        self.ours = True
        self.run.tolt.create_charge(push.key, push.money, buyer.id, push.at)


_WRITES: dict[tuple[str, Side], type[_Step]] = {
    ("customer", Side.PARTNERO): BuyerOnPartnero,
    ("transaction", Side.PARTNERO): SaleOnPartnero,
    ("redeem", Side.PARTNERO): RedeemOnPartnero,
    ("customer", Side.TOLT): CustomerOnTolt,
    ("transaction", Side.TOLT): ChargeOnTolt,
}


def _customer(run: Pushing, push: Push) -> Customer | None:
    if push.buyer:
        return run.tolt.customers([push.buyer]).get(push.buyer)
    return run.tolt.customer(push.names)


def _logged(log: list[Logged], key: str) -> Logged | None:
    return next((one for one in log if one.key == key), None)
