"""The writes that push a redemption: customer, transaction, redeem.

Each is one request with an intent of its own, looked for by its exact key before and
after. A Partnero transaction is sent once in a run at most, because nothing there
stops a second one, which would pay a second commission; a redeem and a Tolt
transaction are refused a second time by their key.
"""

from dataclasses import dataclass, replace
from typing import NoReturn

from connector.bench import UNDONE, Look, Money, Verdict, Write
from connector.engine.ledger import of_charge, of_sales
from connector.engine.pushing import PARKED
from connector.engine.redeem import redeem_verdict
from connector.errors import Rejected, Unavailable
from mappings.canonical import Side
from mappings.redemptions import Customer, Entry, Logged, Push

LOOKS = 2
"""Looks after an answer of 200 that must agree before a rule is to blame."""


@dataclass(slots=True)
class _Step(Write):
    """What all steps have in common; ``ours`` once a request of ours has left."""

    ours: bool = False

    @property
    def push(self) -> Push:
        if self.change.push is None:
            raise Rejected(f"{self.change.code} says nothing to push", status=400)
        return self.change.push

    @property
    def money(self) -> Money:
        return self.bench.money

    def resume(self) -> None:
        self.ours = True

    def done(self, learnt: Entry) -> Look:
        pushed = self.change.target if self.ours else ""
        return Look(Verdict.DONE, entry=replace(learnt, pushed=pushed))

    def no_second(self) -> NoReturn:
        """Leave it open as it is: the next run looks, and only then sends again."""
        self.single = False
        raise Unavailable("not sent twice in one run: it could pay twice")


class BuyerOnPartnero(_Step):
    """The customer of a sale, under the merchant's own number."""

    def look(self) -> Look:
        found = self.money.partnero.customer([self.push.buyer])
        if found is None:
            return UNDONE
        if found.partner and found.partner != self.push.partner:
            return Look(Verdict.OTHER, "this customer is another partner's")
        return Look(Verdict.DONE)

    def send(self) -> None:
        push, self.ours = self.push, True
        who = (push.buyer, push.email, push.name, push.partner)
        self.money.partnero.create_customer(*who)


class SaleOnPartnero(_Step):
    """The transaction that a redeem will name."""

    def look(self) -> Look:
        push = self.push
        sales = self.money.partnero.sales_of(push.key)
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
            self.no_second()
        self.ours = True
        rewardable = push.rewardable
        self.money.partnero.create_sale(
            push.key, push.money, push.buyer, push.at, rewardable=rewardable
        )


@dataclass(slots=True)
class RedeemOnPartnero(_Step):
    """The entry in the code's log, by which alone it is judged."""

    answered: bool = False
    looks: int = 0

    def look(self) -> Look:
        push = self.push
        log = self.money.partnero.log_of(push.code)
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
        log = self.money.partnero.redeem(self.push.code, self.push.key)
        self.answered = True
        if not _logged(log, self.push.key) and self._verdict() == "parent missing":
            raise Unavailable("its transaction is not there; the next run creates it")

    def _verdict(self) -> str:
        parent = any(
            not one.archived for one in self.money.partnero.sales_of(self.push.key)
        )
        return redeem_verdict(before=False, answer="200", after=False, parent=parent)


class _OnTolt(_Step):
    def customer(self) -> Customer | None:
        if self.push.buyer:
            return self.money.tolt.customers([self.push.buyer]).get(self.push.buyer)
        return self.money.tolt.customer(self.push.names)


class CustomerOnTolt(_OnTolt):
    """The customer with the code that brought them, by which Tolt credits."""

    def look(self) -> Look:
        push, found = self.push, self.customer()
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
        push, found = self.push, self.customer()
        self.ours = True
        if found is not None:
            self.money.tolt.set_code(found.id, push.text)
            return
        who = (push.email, push.external, push.name, push.partner, push.text)
        self.money.tolt.create_customer(*who)


class ChargeOnTolt(_OnTolt):
    """The transaction, for which Tolt pays a commission."""

    def look(self) -> Look:
        push, buyer = self.push, self.customer()
        if buyer is None or buyer.code != push.code:
            return Look(Verdict.OTHER, "the customer is not there with this code")
        charges = self.money.tolt.charges_of(push.key, buyer.id)
        if not charges:
            return UNDONE
        one = charges[0]
        if len(charges) > 1 or one.customer != buyer.id:
            return Look(Verdict.OTHER, "other customers have this charge id")
        if one.money != push.money or one.code not in ("", push.code):
            told = f"{PARKED}: {one.money} is there under this charge id"
            return Look(Verdict.OTHER, told)
        version = self.money.tolt.version
        return self.done(of_charge(self.change.key, one, version))

    def send(self) -> None:
        push, buyer = self.push, self.customer()
        if buyer is None:
            raise Unavailable("the customer is not there any more")
        if self.ours and self.money.tolt.version == "v1":
            self.no_second()  # only v2 is known to refuse a charge id twice
        self.ours = True
        self.money.tolt.create_charge(push.key, push.money, buyer.id, push.at)


PUSHES: dict[tuple[str, Side], type[_Step]] = {
    ("customer", Side.PARTNERO): BuyerOnPartnero,
    ("transaction", Side.PARTNERO): SaleOnPartnero,
    ("redeem", Side.PARTNERO): RedeemOnPartnero,
    ("customer", Side.TOLT): CustomerOnTolt,
    ("transaction", Side.TOLT): ChargeOnTolt,
}


def _logged(log: list[Logged], key: str) -> Logged | None:
    return next((one for one in log if one.key == key), None)
