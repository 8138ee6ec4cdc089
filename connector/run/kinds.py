"""Which write carries out which change."""

from collections.abc import Mapping

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

KINDS: Mapping[str, type[Write]] = {
    "create": CreateCode,
    "update": UpdateCode,
    "delete": DeleteCode,
    "replace": ReplaceCode,
    "coupon": CreateCoupon,
    "partner": CreatePartner,
}


PUSHES: Mapping[tuple[str, Side], type[PushStep]] = {
    ("customer", Side.PARTNERO): BuyerOnPartnero,
    ("transaction", Side.PARTNERO): SaleOnPartnero,
    ("redeem", Side.PARTNERO): RedeemOnPartnero,
    ("customer", Side.TOLT): CustomerOnTolt,
    ("transaction", Side.TOLT): ChargeOnTolt,
}


def write_for(change: Change, shared: Shared, copy: str = "") -> Write:
    """Return the write of a change; ``copy`` is the row that an earlier one kept."""
    if change.push is not None:
        return PUSHES[change.action, change.side](change, shared)
    return KINDS[change.action](change, shared, copy)
