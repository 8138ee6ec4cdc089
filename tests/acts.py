"""Acts by the word that documents have for them."""

from decimal import Decimal

from connector.engine.acts import (
    Act,
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
    Step,
    Update,
)
from mappings.canonical import Both, Percentage, Side


def more_of(more: dict) -> dict:
    """Take out of the members of a change what belongs to its act."""
    mine = ("want", "lost", "raises_exposure", "push", "members", "values", "link")
    return {name: more.pop(name) for name in mine if name in more}


def act_of(action: str, target: str, **more) -> Act:  # noqa: C901, PLR0911 (kinds)
    """Return the act of an action, with what only some kinds have."""
    want, lost = more.get("want"), more.get("lost", ())
    raises = more.get("raises_exposure", False)
    match action:
        case "adopt" if "members" in more:
            return Collision(more["members"], Both((), ()))
        case "adopt":
            return Adopt(more["link"]) if "link" in more else Reappeared()
        case "forget":
            return Forget(None)
        case "create":
            return Create(Side(target), want, lost, raises=raises)
        case "update" if want is None and "names" not in more:
            return Question(Side(target), frozenset())
        case "update":
            names = want.fields if want else more["names"]
            return Update(Side(target), names, want, raises)
        case "replace":
            names = want.fields if want else frozenset()
            return Replace(Side(target), names, want, lost, raises)
        case "delete":
            used = more.get("values", {}).get("redeemed")
            return Delete(None if target == "both" else Side(target), lost, used)
        case "coupon" if want is not None:
            return NeedCoupon(want.written, want.discount, want.duration)
        case "coupon":
            return NeedCoupon("uuid", Percentage(Decimal(20)), "lifetime")
        case "partner":
            name, owner = (want.written, want.partner) if want else ("Sam", "part_1")
            return NeedPartner(Side(target), name, owner)
        case _:
            return PushSale(Step(action), Side(target), more["push"])
