"""What a person should know of a reading as a whole."""

import pytest

from connector.engine.findings import of_sides
from mappings.canonical import Side

P, T = Side.PARTNERO, Side.TOLT


def told(words, *codes):
    sides = (words.side(P, codes), words.side(T))
    return [(one.kind, one.code, one.codes) for one in of_sides(sides, "acme", 20)]


@pytest.mark.parametrize(("used", "number"), [(89, 0), (90, 1), (None, 0)])
def test_a_code_that_is_nearly_used_up_is_named(words, used, number):
    limits = {"redemption_limit": 100, "redeemed": used, "limited": True}
    found = told(words, words.code(P, "SAM20 20% anna", **limits))

    assert found == [("limit_nearly_used", "SAM20", ())] * number


def test_a_coupon_that_is_nearly_used_up_is_told_once_with_its_codes(words):
    limits = {"coupon": "C", "coupon_limit": 10, "coupon_redeemed": 9, "limited": True}
    specs = ("SAM20 20% anna", "BOB20 20% bob")
    found = told(words, *(words.code(P, spec, **limits) for spec in specs))

    assert found == [("limit_nearly_used", None, ("BOB20", "SAM20"))]
