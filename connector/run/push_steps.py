"""The writes that push a redemption: customer, transaction, redeem.

Each is one request with an intent of its own, looked for by its exact key before and
after. A Partnero transaction, and one of Tolt's v1, is never sent again by itself,
because nothing there stops a second one, which would pay a second commission; a
redeem and a Tolt v2 transaction are refused a second time by their key.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.engine.sales.lookalikes import SaleThere, lookalikes, may_be
from connector.errors import Rejected, Unclear
from connector.run.write import (
    UNDONE,
    Reading,
    Redemptions,
    Verdict,
    Write,
    something_else,
)
from mappings.canonical import Fixed, PromoCode, Side
from mappings.redemptions import Entry, Push, shown
from state.model import Same


@dataclass(slots=True)
class PushStep(Write):
    """What all steps have in common; ``ours`` once a request of ours has left."""

    ours: bool = False

    @property
    def push(self) -> Push:
        if self.change.push is None:
            raise Rejected(f"{self.change.code} says nothing to push", status=400)
        return self.change.push

    @property
    def redemptions(self) -> Redemptions:
        return self.shared.redemptions

    def resume(self) -> None:
        self.ours = True

    def done(self, learnt: Entry, customer: Same | None = None) -> Reading:
        pushed = self.change.target if self.ours else ""
        entry = replace(learnt, pushed=pushed or learnt.pushed)
        return Reading(Verdict.DONE, entry=entry, customer=customer)

    def customer(self, buyer: str) -> Same | None:
        """Return a customer whom we made or paid for: they are one on both sides."""
        push = self.push
        if not (self.ours and push.origin_buyer and buyer):
            return None
        ids = (push.origin_buyer, buyer)
        to_tolt = self.side is Side.TOLT  # then the buyer has just been found there
        left, right = ids if to_tolt else ids[::-1]
        return Same(self.shared.version if to_tolt else self.version, left, right)


@dataclass(slots=True)
class Payment(PushStep):
    """A transaction: the one step that pays, so everything is looked at once more.

    ``sums`` are all amounts that the sale has where it happened, net and gross.
    """

    sums: frozenset[Fixed] = frozenset()

    def before(self) -> Reading:
        """Look on both sides right before it is sent; other than planned is stale."""
        if self.ours or not self.push.origin:
            return UNDONE
        why = self._origin() or self._credited() or self._alike()
        return something_else(why) if why else UNDONE

    def _origin(self) -> str:
        """Say what became of the sale where it happened, or ""."""
        push, source = self.push, self.side.other
        live: list[SaleThere]
        if source is Side.TOLT:
            charge = self.redemptions.charges.charge(push.origin)
            live = [charge] if charge and not charge.refunded else []
        else:
            sales = self.redemptions.sales.sales_of(push.origin)
            live = [sale for sale in sales if not sale.archived]
        if len(live) != 1:
            return f"the sale is not there once on {source.label} any more"
        if live[0].archived is None:
            raise Unclear(f"{source.label} does not tell whether it was taken back")
        self.sums = live[0].sums
        if live[0].money != push.money:
            return f"{source.label} says {live[0].money} by now"
        if live[0].customer not in ("", push.origin_buyer):
            return f"it is another customer's on {source.label} by now"
        return ""

    def _credited(self) -> str:
        """Say which code credits somebody else by now, or ""."""
        push, source = self.push, self.side.other
        asked = (
            (source, push.origin_code, push.origin_partner),
            (self.side, push.code, push.partner),
        )
        for side, id_, partner in asked:
            code = self.code(side, id_)
            if code is None:
                return f"{push.text} is gone on {side.label}"
            if (code.values.partner or "") != partner:
                return f"{push.text} credits somebody else on {side.label} by now"
        return ""

    def code(self, side: Side, id_: str) -> PromoCode | None:
        """Return a code of the sale as it is now."""
        return self.shared.writers.of(side).get(id_)

    def _alike(self) -> str:
        """Say what the buyer has on the target since that may be this sale, or ""."""
        push = self.push
        known = set(push.known)
        sales = [
            sale
            for sale in self.sales_there()
            if sale.reference not in known and not sale.ours
        ]
        alike = lookalikes(push.key, self.sums or [push.money], push.at, sales)
        source = self.side.other
        for sale in alike:
            entries = self.redemptions.ledger.sharing([sale.key])
            if not any(may_be(entry, source, sale.money) for entry in entries):
                there = f"{shown(sale.key)} ({sale.money}) is there by now"
                return f"{there}: maybe this one"
        return ""

    @abstractmethod
    def sales_there(self) -> Sequence[SaleThere]:
        """Return all sales of the buyer on the target."""
