"""Any JSON goes into a decoder; out comes a value, or the one error for a bad row."""

import json
import random
from decimal import Decimal

import pytest

from mappings import partnero, redemption_wire, tolt
from mappings.wire import Malformed
from tests.fuzz.mutations import _member, _value
from tests.fuzz.rows import PARTNERO, TOLT_V1, TOLT_V2
from tests.fuzz.values import Draw

DECODERS = {
    "partnero": {
        "code": lambda row: partnero.decode_code(row, None, "USD"),
        "coupon": lambda row: partnero.decode_coupon(row, "USD"),
        "partner": partnero.decode_partner,
        "marks": partnero.decode_marks,
        "log": redemption_wire.raw_log,
        "logged": redemption_wire.decode_logged,
        "sale": lambda row: redemption_wire.decode_sale(row, "USD"),
        "buyer": redemption_wire.decode_buyer,
    },
    "tolt_v1": {
        "code": lambda row: tolt.decode_code(row, "v1", "USD"),
        "partner": tolt.decode_partner,
        "charge": lambda row: redemption_wire.decode_charge(row, "USD"),
        "customer": redemption_wire.decode_customer,
    },
    "tolt_v2": {
        "code": lambda row: tolt.decode_code(row, "v2", "USD"),
        "partner": tolt.decode_partner,
        "charge": lambda row: redemption_wire.decode_charge(row, "USD"),
        "customer": redemption_wire.decode_customer,
    },
}
ROWS = {"partnero": PARTNERO, "tolt_v1": TOLT_V1, "tolt_v2": TOLT_V2}


def spoilt(seed: str, product: str):
    """Return the name of a decoder, and a row that it would not expect."""
    dice = random.Random(seed)  # noqa: S311 (repeatable)
    name = dice.choice(list(ROWS[product]))
    row = json.loads(json.dumps(ROWS[product][name]))
    draw, told = Draw(dice, "qzx", ("k",)), []
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        what, row = dice.choice([_value, _value, _value, _member])(draw, row)
        told.append(what)
    try:
        row = json.loads(draw.text(row), parse_float=Decimal)
    except (ValueError, RecursionError):  # what is no JSON never comes to a decoder
        return name, {}, told
    return name, row if isinstance(row, dict) else {}, told


@pytest.mark.parametrize("product", DECODERS)
def test_a_decoder_gives_a_value_or_says_that_the_row_is_malformed(product):
    failed = []
    for number in range(2000):
        seed = f"{product} row {number}"
        name, row, told = spoilt(seed, product)
        try:
            DECODERS[product][name](row)
        except Malformed:
            continue
        except Exception as error:  # noqa: BLE001 (that is what is looked for)
            failed.append(f"seed {seed}: {name}: {'; '.join(told)}: {error!r:.200}")

    assert failed == []
