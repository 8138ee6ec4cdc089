"""One redemption that the target lacks, with what was looked up for it. Plain data."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connector.engine.match import Pairing
from connector.engine.sales.lookalikes import Lookalike, SaleThere
from mappings.canonical import PromoCode, Side, mask
from mappings.redemptions import Customer, Entry, Money


@dataclass(frozen=True, slots=True)
class PushFacts:
    """What is known of one redemption before it is pushed.

    ``source`` is the buyer where it happened, ``buyer`` the same on the target,
    ``stranger`` one of the target with the same number and another e-mail,
    ``namesakes`` all of the target with one e-mail, where they are several. ``origin``
    is the sale itself, seen again, ``there`` what the target already has under the
    key, ``shared`` other entries with the key under other codes. ``credited`` names
    whom each side shows as paid, as one name for both sides ("" for nobody),
    ``inactive`` where and why the code's partner gets no sale;
    ``lookalikes`` are the target's sales that may be this one, ``vanished`` those that
    were some and are not there any more, or not alike. ``nearby`` is what the
    ledger has under nearly the same keys, ``known`` all of the buyer's sales there.
    ``unknown`` says what could not be told and decides.
    """

    entry: Entry
    pairing: Pairing
    target: Side
    source: Customer | None = None
    buyer: Customer | None = None
    there: Sequence[SaleThere] = ()
    shared: Sequence[Entry] = ()
    origin: SaleThere | None = None
    stranger: Customer | None = None
    namesakes: Sequence[Customer] = ()
    credited: Collection[str] = ()
    inactive: tuple[Side, str] | None = None
    lookalikes: Sequence[Lookalike] = ()
    vanished: Sequence[Lookalike] = ()
    nearby: Sequence[Entry] = ()
    known: Sequence[str] = ()
    currency: str | None = None
    unknown: str = ""

    @property
    def money(self) -> Money | None:
        """The amount, as the source has it now, or as it was last seen."""
        if self.origin is not None:
            return self.origin.money
        to_partnero = self.target is Side.PARTNERO
        return self.entry.charged if to_partnero else self.entry.sold

    @property
    def code(self) -> PromoCode:
        """The code on the target; only codes of both sides are ever pushed."""
        code = self.pairing.of(self.target)
        assert code is not None  # noqa: S101 (why_no_code let it through)
        return code

    @property
    def origin_code(self) -> PromoCode:
        """The code where it happened."""
        code = self.pairing.of(self.target.other)
        assert code is not None  # noqa: S101 (why_no_code let it through)
        return code

    @property
    def who(self) -> str:
        """The buyer, as they may be shown."""
        return mask(self.source.email if self.source else None)

    @property
    def parked(self) -> bool:
        """Whether a payment of it was sent before and never found."""
        return self.entry.doubt == f"parked:{self.target}"

    @property
    def brought(self) -> bool:
        """Whether the target has it without us, under its key or as a lookalike."""
        alone = [sale for sale in self.there if not sale.ours]
        return bool(self.lookalikes or (alone and not self.entry.pushed))
