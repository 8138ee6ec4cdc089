"""Why a sale, a code's sales, or a whole direction is pushed or not: values.

Their words stand in ``reports.messages.pushes``. Buyers are named masked: whoever
prints a cause shows nobody's address.
"""

from connector.engine.causes.cause import Cause
from connector.engine.sales.lookalikes import Lookalike
from mappings.canonical import Side
from mappings.redemptions import KeyFlaw, Money

# -- what is not pushed, as a whole -------------------------------------------------


class CodesNotPushed(Cause, frozen=True):
    """Codes of which nothing is pushed, each with why; ``codes`` counts them all."""

    target: Side
    codes: int
    named: tuple[tuple[str, Cause], ...]


class CameFromThere(Cause, frozen=True):
    """Sales with our mark whose own ones are gone; ``sales`` counts them all."""

    target: Side
    sales: int
    named: tuple[str, ...]


class NotOnBothSides(Cause, frozen=True):
    """A code that one side lacks."""


class NotOnePartners(Cause, frozen=True):
    """A code that the sides credit to different partners."""


class CommissionsNeeded(Cause, frozen=True):
    """Redemptions that wait for a yes to commissions."""

    number: int


class OneBillingSystem(Cause, frozen=True):
    """Sales that came to both sides without us; ``today`` is "" where it is unknown."""

    target: Side
    shared: int
    today: str


# -- one sale, and its steps --------------------------------------------------------


class OnlyThere(Cause, frozen=True):
    """A sale that one side alone has."""

    side: Side
    key: str
    date: str
    money: Money | None


class NotPushed(Cause, frozen=True):
    """A sale that is not pushed, and why."""

    sale: OnlyThere
    why: Cause


class MakesCustomer(Cause, frozen=True):
    """The step that makes a buyer known."""

    target: Side
    buyer: str


class MakesTransaction(Cause, frozen=True):
    """The step that makes the sale, and whether a commission is paid for it."""

    target: Side
    buyer: str
    pays: bool


class CountsAsUse(Cause, frozen=True):
    """The step that records a use of the code, for good."""


class PaymentNeverFound(Cause, frozen=True):
    """A payment that was sent before and never seen."""

    target: Side


class LooksAlike(Cause, frozen=True):
    """A sale of the target that may be the same one."""

    target: Side
    other: Lookalike


class LookedAlike(Cause, frozen=True):
    """Such a sale was there, and is not there any more, or not alike."""

    target: Side
    other: Lookalike


class IsItTheSame(Cause, frozen=True):
    """The question that a lookalike asks."""


class FailedBefore(Cause, frozen=True):
    """A step that is not tried again by itself; ``detail`` is how it ended."""

    detail: str
    change: str


# -- why one sale is not pushed -----------------------------------------------------


class KeyMayChange(Cause, frozen=True):
    """A key that a server may keep as another one."""

    flaw: KeyFlaw


class Untold(Cause, frozen=True):
    """Something that decides and could not be told; ``error`` as it was said."""

    error: str


class CurrencyUnknown(Cause, frozen=True):
    """Nobody knows the programme's currency."""


class AmountNotExact(Cause, frozen=True):
    """An amount that cannot be sent as it is."""


class OtherCurrency(Cause, frozen=True):
    """Money of another currency than the programme's."""

    currency: str
    programme: str


class BuyerGone(Cause, frozen=True):
    """The buyer is nobody's customer any more."""


class KeyOfAnotherCode(Cause, frozen=True):
    """The key stands on another code too, for another customer."""


class PayeeInactive(Cause, frozen=True):
    """The partner of the code gets no sale on this side."""

    side: Side
    status: str


class PayeesDiffer(Cause, frozen=True):
    """The sale, the code and the buyer are not one partner's."""

    buyer: str


class NumberOfAnother(Cause, frozen=True):
    """The buyer's number stands for somebody else on the target."""

    target: Side
    buyer: str
    other: str


class SeveralBuyers(Cause, frozen=True):
    """Customers with the buyer's e-mail, and nothing that tells which."""

    target: Side
    buyer: str
    customers: int


class NotACustomer(Cause, frozen=True):
    """The buyer is unknown on the target, and none may be made."""

    target: Side
    buyer: str


class CameByAnotherCode(Cause, frozen=True):
    """The buyer came by another code, which Tolt credits."""

    buyer: str


class KeyThereTwice(Cause, frozen=True):
    """Several transactions of the target have the key."""

    target: Side
    transactions: int


class TakenBackThere(Cause, frozen=True):
    """The target has it, taken back."""


class OtherAmountThere(Cause, frozen=True):
    """The target has it, with another amount (None: not exact)."""

    target: Side
    money: Money | None


class OtherBuyerThere(Cause, frozen=True):
    """The target has it, for another customer."""

    target: Side


class NoUseOfTheCode(Cause, frozen=True):
    """The target has it, but not as a use of this code."""

    target: Side
