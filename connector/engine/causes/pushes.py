"""Why a sale, a code's sales, or a whole direction is pushed or not: values.

Their words stand in ``reports.messages.pushes``. Buyers are named masked: whoever
prints a cause shows nobody's address.
"""

from dataclasses import dataclass

from connector.engine.causes.cause import Cause
from connector.engine.sales.lookalikes import Lookalike
from mappings.canonical import Side
from mappings.redemptions import KeyFlaw, Money

# -- what is not pushed, as a whole -------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodesNotPushed(Cause):
    """Codes of which nothing is pushed, each with why; ``codes`` counts them all."""

    target: Side
    codes: int
    named: tuple[tuple[str, Cause], ...]


@dataclass(frozen=True, slots=True)
class NotOnBothSides(Cause):
    """A code that one side lacks."""


@dataclass(frozen=True, slots=True)
class NotOnePartners(Cause):
    """A code that the sides credit to different partners."""


@dataclass(frozen=True, slots=True)
class CommissionsNeeded(Cause):
    """Redemptions that wait for a yes to commissions."""

    number: int


@dataclass(frozen=True, slots=True)
class OneBillingSystem(Cause):
    """Sales that came to both sides without us; ``today`` is "" where it is unknown."""

    target: Side
    shared: int
    today: str


# -- one sale, and its steps --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnlyThere(Cause):
    """A sale that one side alone has."""

    side: Side
    key: str
    date: str
    money: Money | None


@dataclass(frozen=True, slots=True)
class NotPushed(Cause):
    """A sale that is not pushed, and why."""

    sale: OnlyThere
    why: Cause


@dataclass(frozen=True, slots=True)
class MakesCustomer(Cause):
    """The step that makes a buyer known."""

    target: Side
    buyer: str


@dataclass(frozen=True, slots=True)
class MakesTransaction(Cause):
    """The step that makes the sale, and whether a commission is paid for it."""

    target: Side
    buyer: str
    pays: bool


@dataclass(frozen=True, slots=True)
class CountsAsUse(Cause):
    """The step that records a use of the code, for good."""


@dataclass(frozen=True, slots=True)
class PaymentNeverFound(Cause):
    """A payment that was sent before and never seen."""

    target: Side


@dataclass(frozen=True, slots=True)
class LooksAlike(Cause):
    """A sale of the target that may be the same one."""

    target: Side
    other: Lookalike


@dataclass(frozen=True, slots=True)
class IsItTheSame(Cause):
    """The question that a lookalike asks."""


@dataclass(frozen=True, slots=True)
class FailedBefore(Cause):
    """A step that is not tried again by itself; ``detail`` is how it ended."""

    detail: str
    change: str


# -- why one sale is not pushed -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyMayChange(Cause):
    """A key that a server may keep as another one."""

    flaw: KeyFlaw


@dataclass(frozen=True, slots=True)
class Untold(Cause):
    """Something that decides and could not be told; ``error`` as it was said."""

    error: str


@dataclass(frozen=True, slots=True)
class CurrencyUnknown(Cause):
    """Nobody knows the programme's currency."""


@dataclass(frozen=True, slots=True)
class AmountNotExact(Cause):
    """An amount that cannot be sent as it is."""


@dataclass(frozen=True, slots=True)
class OtherCurrency(Cause):
    """Money of another currency than the programme's."""

    currency: str
    programme: str


@dataclass(frozen=True, slots=True)
class BuyerGone(Cause):
    """The buyer is nobody's customer any more."""


@dataclass(frozen=True, slots=True)
class KeyOfAnotherCode(Cause):
    """The key stands on another code too, for another customer."""


@dataclass(frozen=True, slots=True)
class PayeeInactive(Cause):
    """The partner of the code gets no sale on this side."""

    side: Side
    status: str


@dataclass(frozen=True, slots=True)
class PayeesDiffer(Cause):
    """The sale, the code and the buyer are not one partner's."""

    buyer: str


@dataclass(frozen=True, slots=True)
class NumberOfAnother(Cause):
    """The buyer's number stands for somebody else on the target."""

    target: Side
    buyer: str
    other: str


@dataclass(frozen=True, slots=True)
class SeveralBuyers(Cause):
    """Customers with the buyer's e-mail, and nothing that tells which."""

    target: Side
    buyer: str
    customers: int


@dataclass(frozen=True, slots=True)
class NotACustomer(Cause):
    """The buyer is unknown on the target, and none may be made."""

    target: Side
    buyer: str


@dataclass(frozen=True, slots=True)
class CameByAnotherCode(Cause):
    """The buyer came by another code, which Tolt credits."""

    buyer: str


@dataclass(frozen=True, slots=True)
class KeyThereTwice(Cause):
    """Several transactions of the target have the key."""

    target: Side
    transactions: int


@dataclass(frozen=True, slots=True)
class TakenBackThere(Cause):
    """The target has it, taken back."""


@dataclass(frozen=True, slots=True)
class OtherAmountThere(Cause):
    """The target has it, with another amount (None: not exact)."""

    target: Side
    money: Money | None


@dataclass(frozen=True, slots=True)
class OtherBuyerThere(Cause):
    """The target has it, for another customer."""

    target: Side


@dataclass(frozen=True, slots=True)
class NoUseOfTheCode(Cause):
    """The target has it, but not as a use of this code."""

    target: Side
