"""Pushing to Partnero: the customer, the transaction, and the redeem that counts it."""

from dataclasses import dataclass, field

from connector.engine.sales.lookalikes import is_near_key
from connector.engine.sales.redemptions import merged, of_sales
from connector.errors import Unavailable, Unclear
from connector.run.push_steps import Payment, PushStep
from connector.run.write import UNDONE, Reading, Verdict, something_else, unexplained
from mappings.canonical import PromoCode, Side
from mappings.redemptions import Customer, Entry, Logged, Sale, shown

LOOKS = 2
"""Looks after an answer of 200 that must agree before a rule is to blame."""


class BuyerOnPartnero(PushStep):
    """The customer of a sale, under the merchant's own number."""

    def look(self) -> Reading:
        push = self.push
        buyer = self.redemptions.sales.numbered(push.buyer)
        if buyer is None:
            return UNDONE
        who = Customer("", push.email, "", "", None)
        if buyer.differs_from(who):
            return something_else("the number is another customer's")
        if buyer.partner is not None and not is_payee(self, buyer.partner):
            return something_else("this customer is another partner's")
        return Reading(Verdict.DONE, customer=self.customer(buyer.id))

    def send(self) -> None:
        push, self.ours = self.push, True
        who = (push.buyer, push.email, push.name, push.partner)
        self.redemptions.sales.create_customer(*who)


def is_payee(step: PushStep, owner: str) -> bool:
    """Say whether a partner, named by id or by referral key, is the one who is paid."""
    mine = step.push.partner
    if owner in ("", mine):
        return owner == mine
    payee = step.redemptions.sales.payee(owner, (), mine)
    if payee is None:
        raise Unclear(f"Partnero names a partner who is unknown: {shown(owner)}")
    return payee == mine


@dataclass(slots=True)
class SaleOnPartnero(Payment):
    """The transaction that a redeem will name."""

    theirs: list[Sale] = field(default_factory=list)
    logged: bool = False

    @property
    def pays(self) -> bool:
        return True

    def code(self, side: Side, id_: str) -> PromoCode | None:
        """Return a code; Partnero's row shows at once whether the sale is counted."""
        if side is Side.TOLT:
            return self.shared.writers.of(side).get(id_)
        there = self.redemptions.sales.code_and_log(id_)
        if there is None:
            return None
        code, log = there
        self.logged = _logged(log, self.push.key) is not None
        if not self.logged:
            self.redemptions.unlogged.add(self.push.key)
        return code

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
            sale
            for sale in self.redemptions.sales.sales_by(self.push.buyer)
            if sale.key == key or (sale.ours and is_near_key(key, sale.key))
        ]

    def _of_the_mailbox(self) -> list[Sale]:
        """Return the sales of the buyer, and of all others with the same e-mail."""
        push, clients = self.push, self.redemptions.sales
        people = clients.emailed(push.email) if push.email else []
        ids = sorted({push.buyer, *(person.id for person in people)})
        return [sale for id_ in ids for sale in clients.sales_by(id_)]

    def look(self) -> Reading:
        key, sales = self.push.key, self._under_key()
        if self.ours and not sales and (near := self._among_theirs()):
            sales = [sale for sale in near if sale.key == key]
            if not sales:
                kept = shown(near[0].key)
                return unexplained(f"Partnero keeps it as {kept}")
        if not sales:
            return self.before()
        if len(sales) > 1:
            return something_else(f"{len(sales)} transactions have this key")
        if not self._is_it(sales[0]):
            money = sales[0].money
            return something_else(f"{money} of another sale is there under this key")
        if whose := self._whose(sales[0]):
            return unexplained(f"Partnero has recorded it for {whose}")
        customer = self.customer(self.push.buyer)
        return self.done(of_sales(self.change.key, key, sales), customer)

    def _under_key(self) -> list[Sale]:
        """Return the sales with this key; before it is sent, only where there is one.

        The plan has looked by the key: what is new of the buyer is among theirs.
        """
        key = self.push.key
        if not self.ours:
            self.theirs = self._of_the_mailbox()
            if not any(sale.key == key for sale in self.theirs):
                return []
        return self.redemptions.sales.sales_of(key)

    def _is_it(self, sale: Sale) -> bool:
        theirs = sale.customer in ("", self.push.buyer)  # not told is nobody else
        return not sale.archived and sale.money == self.push.money and theirs

    def _whose(self, sale: Sale) -> str:
        """Say who else is credited for a sale, or "": nobody is somebody else, too."""
        if sale.partner is None or is_payee(self, sale.partner):
            return ""
        return "another partner" if sale.partner else "nobody"

    def send(self) -> None:
        push = self.push
        self.ours = True
        rewardable = push.rewardable
        self.redemptions.sales.create_sale(
            push.key, push.money, push.buyer, push.at, rewardable=rewardable
        )


@dataclass(slots=True)
class RedeemOnPartnero(PushStep):
    """The entry in the code's log, by which alone it is judged."""

    answered: bool = False
    looks: int = 0
    shown: list[Logged] = field(default_factory=list)

    def look(self) -> Reading:
        push = self.push
        if not self.ours and push.key in self.redemptions.unlogged:
            return UNDONE
        log: list[Logged] | None = self.shown
        if not _logged(self.shown, push.key):  # the answer has shown the log already
            log = self.redemptions.sales.log_of(push.code)
        if log is None:
            return something_else(f"{push.text} is gone there")
        if logged := _logged(log, push.key):
            entry = Entry(self.change.key, push.key, logged=1, logged_at=logged.at)
            return self.done(self._with_sale(entry))
        self.looks += self.answered
        if self.looks < LOOKS or not self._has_sale():
            return UNDONE
        why = "the answer was 200, the transaction is there, and still the log has no "
        return unexplained(f"{why}such entry: a rule refused it")

    def _with_sale(self, entry: Entry) -> Entry:
        """Return an entry with its sale, where that was there before and never read.

        Without it nobody could say later whether both sides tell the same amount.
        """
        id_ = (entry.code, entry.key)
        known = self.redemptions.ledger.entries([id_]).get(id_)
        if known is not None and known[0].sales is not None:
            return entry
        try:
            sales = self.redemptions.sales.sales_of(entry.key)
        except Unclear:
            return entry
        return merged(entry, of_sales(*id_, sales))

    def send(self) -> None:
        self.ours, self.answered = True, False
        self.shown = self.redemptions.sales.redeem(self.push.code, self.push.key)
        self.answered = True
        if not _logged(self.shown, self.push.key) and not self._has_sale():
            raise Unavailable("its transaction is not there; the next run creates it")

    def _has_sale(self) -> bool:
        """Say whether the transaction is there, without which nothing is logged."""
        sales = self.redemptions.sales.sales_of(self.push.key)
        return any(not sale.archived for sale in sales)


def _logged(log: list[Logged], key: str) -> Logged | None:
    return next((entry for entry in log if entry.key == key), None)
