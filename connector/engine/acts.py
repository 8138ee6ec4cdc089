"""What a change does: one value for each kind, with just what that kind has.

``want`` is None where a change cannot be done as things are, or where a person has to
say first what is right. ``raises``: customers could get more off than now.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple, assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from mappings.canonical import NO_VALUES, Both, Discount, Side, Values
from mappings.limits import Death
from mappings.redemptions import Push
from state.model import Link


class Want(NamedTuple):
    """What the target shall hold: in ``values`` the text stands as it is to be written.

    The partner is an id there, ``coupon`` Partnero's. ``fields`` are those that are
    written, ``kept`` is the whole row, as JSON, of a record that is made anew after a
    deletion.
    """

    values: Values
    fields: frozenset[str] = frozenset()
    coupon: str | None = None
    duration: str | None = None
    kept: str = ""

    @property
    def written(self) -> str:
        return self.values.code

    @property
    def discount(self) -> Discount | None:
        return self.values.discount

    @property
    def partner(self) -> str | None:
        return self.values.partner

    def owned_by(self, partner: str | None) -> "Want":
        """Return the same for another partner."""
        return self._replace(values=self.values._replace(partner=partner))


class Adopt(Struct, frozen=True):
    """Remember what both sides agree on. No remote call."""

    link: Link


class Forget(Struct, frozen=True):
    """Close the base of what is gone on both sides; a note keeps no link."""

    link: Link | None


class Reappeared(Struct, frozen=True):
    """Ask about a record that was deleted and is back on both sides."""


class Collision(Struct, frozen=True):
    """Hold several records that claim one text; ``members`` are all their values."""

    members: tuple[str, ...]
    ids: Both[tuple[str, ...]]


class Question(Struct, frozen=True):
    """Ask which of two values is right: ``side`` is where an answer could be written.

    Also a value that cannot be compared, which no answer makes readable.
    """

    side: Side
    names: frozenset[str]


class Create(Struct, frozen=True):
    """Make the missing half; with it goes the loss of what ``accepts`` names."""

    side: Side
    want: Want | None = None
    lost: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    raises: bool = False
    dead: Death | None = None


class Update(Struct, frozen=True):
    """Write some fields."""

    side: Side
    names: frozenset[str]
    want: Want | None = None
    raises: bool = False


class Replace(Struct, frozen=True):
    """Put a new record in place of the old one, of which ``lost`` dies."""

    side: Side
    names: frozenset[str]
    want: Want | None = None
    lost: tuple[str, ...] = ()
    raises: bool = False
    dead: Death | None = None


class Delete(Struct, frozen=True):
    """Remove a record from a side; None: from wherever it is.

    ``redeemed`` is how often it was used, where that is known.
    """

    side: Side | None
    lost: tuple[str, ...] = ()
    redeemed: int | None = None


class NeedCoupon(Struct, frozen=True):
    """Make the coupon on Partnero that new codes hang on."""

    uuid: str
    discount: Discount
    duration: str


class NeedPartner(Struct, frozen=True):
    """Make a partner on a side: ``owner`` is their id on the other one."""

    side: Side
    name: str
    owner: str


class Step(StrEnum):
    """The parts of carrying a sale over, in order."""

    CUSTOMER = "customer"
    TRANSACTION = "transaction"
    REDEEM = "redeem"


class PushSale(Struct, frozen=True):
    """Carry a part of a sale over; ``facts`` are what a person judges it by (JSON)."""

    step: Step
    side: Side
    sale: Push
    facts: Mapping[str, Any] = field(default_factory=dict)


Adoption = Adopt | Reappeared | Collision
"""What documents call an adoption, done or asked about."""
Need = NeedCoupon | NeedPartner
OfRecord = Adopt | Forget | Reappeared | Collision | Question
Write = Create | Update | Replace | Delete
Act = OfRecord | Write | Need | PushSale


def action(act: Act) -> str:  # noqa: PLR0911 (one for each kind)
    """Return the word that documents, notes and ids have for this kind."""
    match act:
        case Adopt() | Reappeared() | Collision():
            return "adopt"
        case Forget():
            return "forget"
        case Question() | Update():
            return "update"
        case Create():
            return "create"
        case Replace():
            return "replace"
        case Delete():
            return "delete"
        case NeedCoupon():
            return "coupon"
        case NeedPartner():
            return "partner"
        case PushSale(step=step):
            return step.value
        case _:
            assert_never(act)


def is_payment(act: Act) -> bool:
    """Say whether a sale itself is written, for which a partner may be paid."""
    return isinstance(act, PushSale) and act.step is Step.TRANSACTION


def target(act: Act) -> str:
    """Return the side that is written to, "both", or "state" for our own memory."""
    match act:
        case Update() | Create() | Replace() | Question() | NeedPartner() | PushSale():
            return act.side.value
        case Adopt() | Forget() | Reappeared() | Collision():
            return "state"
        case Delete():
            return act.side.value if act.side else "both"
        case NeedCoupon():
            return Side.PARTNERO.value
        case _:
            assert_never(act)


def want(act: Act) -> Want | None:
    """Return what shall be there afterwards; of a need in the form that is stored."""
    match act:
        case Create() | Update() | Replace():
            return act.want
        case NeedCoupon(uuid=uuid, discount=discount, duration=duration):
            made = NO_VALUES._replace(code=uuid, discount=discount)
            return Want(made, coupon=uuid, duration=duration)
        case NeedPartner(name=name, owner=owner):
            return Want(NO_VALUES._replace(code=name, partner=owner))
        case Delete() | PushSale() | Adopt() | Forget() | Reappeared():
            return None
        case Collision() | Question():
            return None
        case _:
            assert_never(act)


def wanting(act: Act, other: Want) -> Act:
    """Return the act with another want."""
    match act:
        case Create() | Update() | Replace():
            return replace(act, want=other)
        case NeedPartner():
            return replace(act, owner=other.partner or act.owner)
        case _:
            raise TypeError(f"{action(act)} wants no values")


def lost(act: Act) -> tuple[str, ...]:
    """Name what is gone for good afterwards."""
    match act:
        case Create() | Replace() | Delete():
            return act.lost
        case Update() | NeedCoupon() | NeedPartner() | PushSale():
            return ()
        case Adopt() | Forget() | Reappeared() | Collision() | Question():
            return ()
        case _:
            assert_never(act)


def names(act: Act) -> tuple[str, ...]:
    """Return the fields that it is about; () where it is about a record as a whole."""
    match act:
        case Question() | Update() | Replace():
            return tuple(sorted(act.names))
        case _:
            return ()


def raises_exposure(act: Act) -> bool:
    """Say whether customers could get more off than now."""
    match act:
        case Create() | Update() | Replace():
            return act.raises
        case _:
            return False


def facts(act: Act) -> dict[str, Any]:
    """Return facts of the reason, as the documents have them."""
    match act:
        case Create(dead=Death() as dead) | Replace(dead=Death() as dead):
            return {"dead": dead.kind, "since": dead.facts}
        case Delete(redeemed=int() as redeemed):
            return {"redeemed": redeemed}
        case Collision(ids=ids):
            return {side.value: list(ids.of(side)) for side in Side}
        case PushSale(facts=known):
            return dict(known)
        case _:
            return {}
