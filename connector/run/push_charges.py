"""Pushing to Tolt: the customer with their code, and the transaction that is paid."""

from dataclasses import dataclass, field

from connector.engine.sales.redemptions import of_charge
from connector.errors import Unavailable, Unclear
from connector.run.push_steps import Payment, PushStep
from connector.run.write import (
    UNDONE,
    Reading,
    Redemptions,
    Verdict,
    something_else,
    unexplained,
)
from mappings.redemptions import Charge, Customer, Push


def on_tolt(redemptions: Redemptions, push: Push) -> Customer | None:
    """Return the customer: by id, and where that is none (any more) as a person."""
    customer = None
    if push.buyer:
        customer = redemptions.charges.customer(push.buyer)
    if customer is None and push.email:
        customer = redemptions.charges.with_email(push.email)
    if customer is None and push.external:
        numbered = redemptions.charges.numbered(push.external)
        who = Customer("", push.email, "", "", None)
        same = numbered is not None and not numbered.differs_from(who)
        customer = numbered if same else None
    return customer


class CustomerOnTolt(PushStep):
    """The customer with the code that brought them, by which Tolt credits."""

    def look(self) -> Reading:
        push = self.push
        customer = on_tolt(self.redemptions, push)
        if customer is None:
            return UNDONE
        if customer.partner not in (None, push.partner):
            return something_else("this customer is another partner's")
        if customer.code == push.code:
            return Reading(Verdict.DONE, customer=self.customer(customer.id))
        if customer.code is None:
            raise Unclear("Tolt does not tell by which code this customer came")
        if customer.code == "" and not self.ours:
            return UNDONE
        # An unmatched code is a silent success: only the id that comes back tells.
        why = f"Tolt does not credit {push.text} to this customer"
        return unexplained(why)

    def send(self) -> None:
        push = self.push
        customer = on_tolt(self.redemptions, push)
        self.ours = True
        if customer is not None:
            self.redemptions.charges.set_code(customer.id, push.text)
            return
        who = (push.email, push.external, push.name, push.partner, push.text)
        self.redemptions.charges.create_customer(*who)


@dataclass(slots=True)
class ChargeOnTolt(Payment):
    """The transaction, for which Tolt pays a commission."""

    buyer: str = ""
    theirs: list[Charge] = field(default_factory=list)

    @property
    def pays(self) -> bool:
        """Only v2 is known to refuse a charge id twice."""
        return "v1" in (self.redemptions.charges.version, self.since)

    def sales_there(self) -> list[Charge]:
        return self.theirs

    def look(self) -> Reading:
        push = self.push
        why = "" if self.buyer and self.ours else self._customer()
        if why:
            return something_else(why)
        if not self.buyer:
            return UNDONE
        charges = self._under_key()
        if not charges:
            return self.before()
        charge = charges[0]
        if len(charges) > 1 or charge.customer != self.buyer:
            return something_else("other customers have this charge id")
        if charge.money != push.money or charge.code not in ("", push.code):
            why = f"{charge.money} is there under this charge id"
            return unexplained(why)
        version = self.redemptions.charges.version
        entry = of_charge(self.change.key, charge, version)
        return self.done(entry, self.customer(self.buyer))

    def _under_key(self) -> list[Charge]:
        """Look by the key, and among the buyer's sales: one listing may lag."""
        clients, key = self.redemptions.charges, self.push.key
        charges = clients.charges_of(key, self.buyer) if self.ours else []
        self.theirs = [] if charges else clients.charges_by(self.buyer)
        return charges or [charge for charge in self.theirs if charge.key == key]

    def _customer(self) -> str:
        """Find the buyer, and say why nothing can be paid for them, or ""."""
        customer = on_tolt(self.redemptions, self.push)
        self.buyer = customer.id if customer else ""
        if self.ours:  # what was sent is looked for, whatever they are now
            return ""
        if customer is not None and customer.code is None:
            raise Unclear("Tolt does not tell by which code this customer came")
        if customer is None or customer.code != self.push.code:
            return "the customer is not there with this code"
        if customer.partner not in (None, self.push.partner):
            return "this customer is another partner's by now"
        return ""

    def send(self) -> None:
        push = self.push
        if not self.buyer:
            raise Unavailable("the customer is not there any more")
        self.ours = True
        self.redemptions.charges.create_charge(
            push.key, push.money, self.buyer, push.at
        )
