"""Which write carries out which change."""

from collections.abc import Mapping
from typing import assert_never

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
    Step,
    Update,
)
from connector.engine.change import Change
from connector.run.code_writes import CreateCode, DeleteCode, UpdateCode
from connector.run.needed_writes import CreateCoupon, CreatePartner
from connector.run.push_charges import ChargeOnTolt, CustomerOnTolt
from connector.run.push_sales import (
    BuyerOnPartnero,
    RedeemOnPartnero,
    SaleOnPartnero,
)
from connector.run.push_steps import PushStep
from connector.run.replace_write import ReplaceCode
from connector.run.write import Shared, Write
from mappings.canonical import Side

PUSHES: Mapping[tuple[Step, Side], type[PushStep]] = {
    (Step.CUSTOMER, Side.PARTNERO): BuyerOnPartnero,
    (Step.TRANSACTION, Side.PARTNERO): SaleOnPartnero,
    (Step.REDEEM, Side.PARTNERO): RedeemOnPartnero,
    (Step.CUSTOMER, Side.TOLT): CustomerOnTolt,
    (Step.TRANSACTION, Side.TOLT): ChargeOnTolt,
}


def write_for(  # noqa: PLR0911 (one for each kind)
    change: Change, shared: Shared, copy: str = ""
) -> Write:
    """Return the write of a change; ``copy`` is the row that an earlier one kept.

    ValueError for a change of our own memory alone: nothing is sent for it.
    """
    match change.act:
        case Create():
            return CreateCode(change, shared, copy)
        case Update() | Question():  # an old note of a question has no value: refused
            return UpdateCode(change, shared, copy)
        case Replace():
            return ReplaceCode(change, shared, copy)
        case Delete():
            return DeleteCode(change, shared, copy)
        case NeedCoupon():
            return CreateCoupon(change, shared, copy)
        case NeedPartner():
            return CreatePartner(change, shared, copy)
        case PushSale(step=step, side=side):
            return PUSHES[step, side](change, shared)
        case Adopt() | Forget() | Reappeared() | Collision():
            raise ValueError(f"{change.code} is no write: {change.action}")
        case _:
            assert_never(change.act)
