"""The writes that push a redemption: customer, transaction, redeem.

Each is one request with an intent of its own, looked for by its exact key before and
after. A Partnero transaction, and one of Tolt's v1, is never sent again by itself,
because nothing there stops a second one, which would pay a second commission; a
redeem and a Tolt v2 transaction are refused a second time by their key.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from connector.engine.ledger import of_charge, of_sales
from connector.engine.lookalikes import Found, is_near_key, lookalikes
from connector.engine.pushes import PARKED
from connector.engine.redeem import redeem_verdict
from connector.errors import Rejected, Unavailable, Unclear
from connector.run.write import UNDONE, Look, Money, Verdict, Write
from mappings.canonical import Fixed, PromoCode, Side
from mappings.redemptions import Charge, Customer, Entry, Logged, Push, Sale, shown

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
        return Look(Verdict.DONE, entry=replace(learnt, pushed=pushed or learnt.pushed))

    def joined(self, buyer: str) -> None:
        """Remember that a customer whom we made or paid for is one on both sides."""
        push = self.push
        if not (self.ours and push.origin_buyer and buyer):
            return
        ids = (push.origin_buyer, buyer)
        to_tolt = self.side is Side.TOLT  # then the buyer has just been found there
        left, right = ids if to_tolt else ids[::-1]
        people = [(self.bench.version if to_tolt else self.version, left, right)]
        self.money.ledger.save((), (), {}, people=people)


@dataclass(slots=True)
class _Payment(_Step):
    """A transaction: the one step that pays, so everything is looked at once more.

    ``sums`` are all amounts that the sale has where it happened, net and gross.
    """

    sums: frozenset[Fixed] = frozenset()

    def before(self) -> Look:
        """Look on both sides right before it is sent; other than planned is stale."""
        if self.ours or not self.push.origin:
            return UNDONE
        why = self._origin() or self._credited() or self._alike()
        return Look(Verdict.OTHER, why) if why else UNDONE

    def _origin(self) -> str:
        """Say what became of the sale where it happened, or ""."""
        push, source = self.push, self.side.other
        live: list[Found]
        if source is Side.TOLT:
            charge = self.money.tolt.charge(push.origin)
            live = [charge] if charge and not charge.refunded else []
        else:
            sales = self.money.partnero.sales_of(push.origin)
            live = [one for one in sales if not one.archived]
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
        return self.bench.writers[side].get(id_)

    def _alike(self) -> str:
        """Say what the buyer has on the target since that may be this sale, or ""."""
        push = self.push
        known = set(push.known)
        sales = [
            one
            for one in self.sales_there()
            if one.reference not in known and not one.ours
        ]
        alike = lookalikes(push.key, self.sums or [push.money], push.at, sales)
        source = self.side.other
        for one in alike:
            entries = self.money.ledger.sharing([one.key])
            if not any(entry.seen_on(source) for entry in entries):
                return f"{shown(one.key)} ({one.money}) is there by now: maybe this one"
        return ""

    @abstractmethod
    def sales_there(self) -> Sequence[Found]:
        """Return all sales of the buyer on the target."""


class BuyerOnPartnero(_Step):
    """The customer of a sale, under the merchant's own number."""

    def look(self) -> Look:
        push = self.push
        found = self.money.partnero.numbered(push.buyer)
        if found is None:
            return UNDONE
        who = Customer("", push.email, "", "", None)
        if found.differs_from(who):
            return Look(Verdict.OTHER, "the number is another customer's")
        if found.partner is not None and not self._is_payee(found.partner):
            return Look(Verdict.OTHER, "this customer is another partner's")
        self.joined(found.id)
        return Look(Verdict.DONE)

    def _is_payee(self, owner: str) -> bool:
        """Say whether a partner, named by id or by referral key, is the one."""
        mine = self.push.partner
        if owner in ("", mine):
            return owner == mine
        found = self.money.partnero.payee(owner, (), mine)
        if found is None:
            raise Unclear(f"Partnero names a partner who is unknown: {shown(owner)}")
        return found == mine

    def send(self) -> None:
        push, self.ours = self.push, True
        who = (push.buyer, push.email, push.name, push.partner)
        self.money.partnero.create_customer(*who)


@dataclass(slots=True)
class SaleOnPartnero(_Payment):
    """The transaction that a redeem will name."""

    theirs: list[Sale] = field(default_factory=list)
    logged: bool = False

    @property
    def pays(self) -> bool:
        return True

    def code(self, side: Side, id_: str) -> PromoCode | None:
        """Return a code; Partnero's row shows at once whether the sale is counted."""
        if side is Side.TOLT:
            return self.bench.writers[side].get(id_)
        found = self.money.partnero.code_and_log(id_)
        if found is None:
            return None
        self.logged = _logged(found[1], self.push.key) is not None
        if not self.logged:
            self.money.unlogged.add(self.push.key)
        return found[0]

    def _alike(self) -> str:
        if self.logged:  # a log can show a sale before the list of transactions does
            return f"{shown(self.push.key)} is in the log of {self.push.text} by now"
        return super(SaleOnPartnero, self)._alike()

    def sales_there(self) -> list[Sale]:
        return self.theirs

    def _among_theirs(self) -> list[Sale]:
        """Find it among the buyer's sales: a list may lag, a server change a key."""
        key = self.push.key
        return [
            one
            for one in self.money.partnero.sales_by(self.push.buyer)
            if one.key == key or (one.ours and is_near_key(key, one.key))
        ]

    def _of_the_mailbox(self) -> list[Sale]:
        """Return the sales of the buyer, and of all others with the same e-mail."""
        push, money = self.push, self.money.partnero
        people = money.emailed(push.email) if push.email else []
        ids = sorted({push.buyer, *(one.id for one in people)})
        return [sale for id_ in ids for sale in money.sales_by(id_)]

    def look(self) -> Look:
        push = self.push
        if self.ours:
            sales = self.money.partnero.sales_of(push.key)
            if not sales and (near := self._among_theirs()):
                sales = [one for one in near if one.key == push.key]
                if not sales:
                    told = f"{PARKED}: Partnero keeps it as {shown(near[0].key)}"
                    return Look(Verdict.OTHER, told)
        else:  # the plan has looked by the key; what is new of the buyer is here
            self.theirs = self._of_the_mailbox()
            there = any(one.key == push.key for one in self.theirs)
            sales = self.money.partnero.sales_of(push.key) if there else []
        if not sales:
            return self.before()
        if len(sales) > 1:
            return Look(Verdict.OTHER, f"{len(sales)} transactions have this key")
        one = sales[0]
        theirs = one.customer in ("", push.buyer)  # not told is nobody else
        if one.archived or one.money != push.money or not theirs:
            told = f"{one.money} of another sale is there under this key"
            return Look(Verdict.OTHER, told)
        self.joined(push.buyer)
        return self.done(of_sales(self.change.key, push.key, sales))

    def send(self) -> None:
        push = self.push
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
    shown: list[Logged] = field(default_factory=list)

    def look(self) -> Look:
        push = self.push
        if not self.ours and push.key in self.money.unlogged:
            return UNDONE
        log: list[Logged] | None = self.shown
        if not _logged(self.shown, push.key):  # the answer has shown the log already
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
        self.shown = self.money.partnero.redeem(self.push.code, self.push.key)
        log = self.shown
        self.answered = True
        if not _logged(log, self.push.key) and self._verdict() == "parent missing":
            raise Unavailable("its transaction is not there; the next run creates it")

    def _verdict(self) -> str:
        parent = any(
            not one.archived for one in self.money.partnero.sales_of(self.push.key)
        )
        return redeem_verdict(before=False, answer="200", after=False, parent=parent)


def on_tolt(money: Money, push: Push) -> Customer | None:
    """Return the customer: by id, and where that is none (any more) as a person."""
    found = None
    if push.buyer:
        found = money.tolt.customer(push.buyer)
    if found is None and push.email:
        found = money.tolt.with_email(push.email)
    if found is None and push.external:
        numbered = money.tolt.numbered(push.external)
        who = Customer("", push.email, "", "", None)
        found = numbered if numbered and not numbered.differs_from(who) else None
    return found


class CustomerOnTolt(_Step):
    """The customer with the code that brought them, by which Tolt credits."""

    def look(self) -> Look:
        push = self.push
        found = on_tolt(self.money, push)
        if found is None:
            return UNDONE
        if found.partner not in (None, push.partner):
            return Look(Verdict.OTHER, "this customer is another partner's")
        if found.code == push.code:
            self.joined(found.id)
            return Look(Verdict.DONE)
        if found.code is None:
            raise Unclear("Tolt does not tell by which code this customer came")
        if found.code == "" and not self.ours:
            return UNDONE
        # An unmatched code is a silent success: only the id that comes back tells.
        told = f"{PARKED}: Tolt does not credit {push.text} to this customer"
        return Look(Verdict.OTHER, told)

    def send(self) -> None:
        push = self.push
        found = on_tolt(self.money, push)
        self.ours = True
        if found is not None:
            self.money.tolt.set_code(found.id, push.text)
            return
        who = (push.email, push.external, push.name, push.partner, push.text)
        self.money.tolt.create_customer(*who)


@dataclass(slots=True)
class ChargeOnTolt(_Payment):
    """The transaction, for which Tolt pays a commission."""

    buyer: str = ""
    theirs: list[Charge] = field(default_factory=list)

    @property
    def pays(self) -> bool:
        """Only v2 is known to refuse a charge id twice."""
        return "v1" in (self.money.tolt.version, self.since)

    def sales_there(self) -> list[Charge]:
        return self.theirs

    def look(self) -> Look:
        push, told = self.push, ""
        if not (self.buyer and self.ours):
            told = self._customer()
        if told:
            return Look(Verdict.OTHER, told)
        if not self.buyer:
            return UNDONE
        charges = self._under_key()
        if not charges:
            return self.before()
        one = charges[0]
        if len(charges) > 1 or one.customer != self.buyer:
            return Look(Verdict.OTHER, "other customers have this charge id")
        if one.money != push.money or one.code not in ("", push.code):
            told = f"{PARKED}: {one.money} is there under this charge id"
            return Look(Verdict.OTHER, told)
        self.joined(self.buyer)
        version = self.money.tolt.version
        return self.done(of_charge(self.change.key, one, version))

    def _under_key(self) -> list[Charge]:
        """Look by the key, and among the buyer's sales: one listing may lag."""
        found = []
        if self.ours:
            found = self.money.tolt.charges_of(self.push.key, self.buyer)
        self.theirs = [] if found else self.money.tolt.charges_by(self.buyer)
        return found or [one for one in self.theirs if one.key == self.push.key]

    def _customer(self) -> str:
        """Find the buyer, and say why nothing can be paid for them, or ""."""
        found = on_tolt(self.money, self.push)
        self.buyer = found.id if found else ""
        if self.ours:  # what was sent is looked for, whatever they are now
            return ""
        if found is not None and found.code is None:
            raise Unclear("Tolt does not tell by which code this customer came")
        if found is None or found.code != self.push.code:
            return "the customer is not there with this code"
        if found.partner not in (None, self.push.partner):
            return "this customer is another partner's by now"
        return ""

    def send(self) -> None:
        push = self.push
        if not self.buyer:
            raise Unavailable("the customer is not there any more")
        self.ours = True
        self.money.tolt.create_charge(push.key, push.money, self.buyer, push.at)


PUSHES: dict[tuple[str, Side], type[_Step]] = {
    ("customer", Side.PARTNERO): BuyerOnPartnero,
    ("transaction", Side.PARTNERO): SaleOnPartnero,
    ("redeem", Side.PARTNERO): RedeemOnPartnero,
    ("customer", Side.TOLT): CustomerOnTolt,
    ("transaction", Side.TOLT): ChargeOnTolt,
}


def _logged(log: list[Logged], key: str) -> Logged | None:
    return next((one for one in log if one.key == key), None)
