"""What may be done unattended: the permission for each change.

The planner says what follows from the facts; here stands which class of policy a
change falls under. What refuses a whole run stands in guards.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, assert_never

from connector.engine.acts import (
    Adopt,
    Collision,
    Create,
    Delete,
    Forget,
    NeedCoupon,
    NeedPartner,
    PushSale,
    Question,
    Reappeared,
    Replace,
    Update,
    Want,
)
from connector.engine.change import Change, Grant, Status
from mappings.canonical import Discount, Side
from mappings.fields import pays

Permission = Literal["auto", "hold", "never"]
_STRICTNESS: tuple[Permission, ...] = ("auto", "hold", "never")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run may do before it is refused.

    ``creates``, ``updates`` and ``deletes`` count what is ready and nobody decided,
    ``share`` is a part of the linked records (0.3 is 30 %): so many may be missing from
    a listing, or be changed. ``sentinel`` is the text of a code that has to be there.
    """

    creates: int = 100
    updates: int = 100
    deletes: int = 5
    share: Decimal = Decimal("0.3")
    sentinel: str | None = None
    whole: bool = False
    """A migration: a whole programme may be created, whatever the share."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A pair's permissions, and the choices a program must not make by itself.

    ``conflicts`` names the winner by field, ``redemptions_since`` is a date (UTC, ISO),
    ``duration`` and ``coupons`` say how long a discount lasts and by which coupon
    (its UUID) it is given.
    """

    direction: Literal["both", "to-partnero", "to-tolt"] = "both"
    create: Permission = "auto"
    update: Permission = "auto"
    lossy: Permission = "hold"
    payee: Permission = "hold"
    replace: Permission = "hold"
    dead: Permission = "never"
    delete: Permission = "hold"
    conflict: Literal["hold", "partnero", "tolt"] = "hold"
    conflicts: Mapping[str, str] = field(default_factory=dict)
    create_partners: bool = False
    redemptions: Literal["report", "to-partnero", "to-tolt", "both"] = "report"
    redemptions_since: str = ""
    commissions: bool = False
    create_customers: bool = True
    duration: str = "lifetime"
    coupons: Mapping[Discount, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def allows(self, target: Side) -> bool:
        return self.direction in ("both", f"to-{target.value}")

    def pushes(self, target: Side) -> bool:
        """Say whether redemptions may be written to this side."""
        return self.redemptions in ("both", f"to-{target.value}")

    def one_way(self, target: Side) -> "Policy":
        """Return the same policy for one side alone: no sale goes back either.

        Nothing is deleted by itself; what is never deleted stays so.
        """
        there: Literal["to-partnero", "to-tolt"]
        there = "to-partnero" if target is Side.PARTNERO else "to-tolt"
        return replace(
            self,
            direction=there,
            delete="never" if self.delete == "never" else "hold",
            redemptions=there if self.pushes(target) else "report",
        )

    def winner(self, name: str) -> Side | None:
        """Return the side that wins a conflict about this field, if one does."""
        side = self.conflicts.get(name, self.conflict)
        return None if side == "hold" else Side(side)

    def permission(self, change: Change) -> Permission:
        """Return the strictest of the classes that a change falls under."""
        asked: Permission = "hold" if change.grant in _ALWAYS_ASKED else "auto"
        return max([asked, *self._classes(change)], key=_STRICTNESS.index)

    def _classes(self, change: Change) -> list[Permission]:
        """Return the class of what would be written, and of what it would bring."""
        match change.act:
            case Create(lost=lost, dead=dead):
                classes = [self.create, *([self.lossy] if lost else [])]
                return [*classes, *([self.dead] if dead else [])]
            case Update(names=names, want=Want()):
                return [self.payee if pays(names) else self.update]
            case Replace(want=want, dead=dead):
                moved = bool(want) and pays(want.fields if want else ())
                classes = [self.replace, *([self.payee] if moved else [])]
                return [*classes, *([self.dead] if dead else [])]
            case Delete():
                return [self.delete]
            case Update() | NeedCoupon() | NeedPartner() | PushSale():
                return []  # what needs them, or the direction, is asked
            case Adopt() | Forget() | Reappeared() | Collision() | Question():
                return []
            case _:
                assert_never(change.act)


_ALWAYS_ASKED = (Grant.DECIDE, Grant.REPLACE)


def review(
    change: Change, policy: Policy, accepted: frozenset[str] = frozenset()
) -> Change | None:
    """Return the change with its status, or None where the policy says never.

    What the policy says never to do is not done by a decision either.
    """
    if change.status is Status.BLOCKED:
        return change
    permission = policy.permission(change)
    if permission == "never":
        return None
    if change.decided or (change.id in accepted and change.executable):
        return change._replace(status=Status.READY, decided=True)
    return change if permission == "auto" else change._replace(status=Status.HELD)
