"""A code is taken away to be made anew only where that is known to work (D21)."""

from dataclasses import replace

import pytest

from connector.engine.acts import Want
from connector.engine.proposals.replaceable import why_not_replaceable
from mappings.canonical import Carried, Coupon, Partner, Side, Values
from mappings.capability import CAPABILITIES
from mappings.partnero import (
    SEVERAL,
    UNNAMED,
)

ANNA = Partner("prt_anna", "anna@example.com", "Anna")
BEN = Partner("prt_ben", "ben@example.com", "Ben")


@pytest.fixture
def asked(words):
    """All that is asked for before TWIN goes from 20 % to 10 % under its own text."""
    ten, twenty = words.discount("10%"), words.discount("20%")
    return {
        "old": words.code(Side.PARTNERO, "TWIN 20% anna", coupon="C20"),
        "want": Want(Values("TWIN", ten, "prt_ben"), coupon="C10"),
        "partners": {"prt_anna": ANNA, "prt_ben": BEN},
        "coupons": {
            "C10": Coupon("C10", ten, "lifetime", Carried()),
            "C20": Coupon("C20", twenty, "lifetime", Carried()),
        },
        "can": CAPABILITIES["partnero"],
    }


def test_a_code_whose_people_and_coupons_are_there_may_be_replaced(asked):
    assert why_not_replaceable(**asked) == ""


@pytest.mark.parametrize(
    ("who", "said"), [("prt_ben", "new partner"), ("prt_anna", "partner of today")]
)
def test_who_was_erased_keeps_the_old_code_where_it_is(asked, who, said):
    asked["partners"] |= {who: None}

    assert why_not_replaceable(**asked) == f"its {said} ({who}) is not there any more"


@pytest.mark.parametrize("who", [ANNA, BEN])
def test_who_is_suspended_keeps_the_old_code_and_is_named_without_their_address(
    asked, who
):
    asked["partners"] |= {who.id: replace(who, inactive="suspended")}

    why = why_not_replaceable(**asked)

    assert why.endswith(f"***@example.com ({who.id}) is suspended")
    assert who.email not in why


@pytest.mark.parametrize("least", ["49.99", "an amount that is not told"])
def test_a_minimum_order_that_cannot_be_set_again_keeps_the_old_code(asked, least):
    old = asked["old"]
    asked["old"] = old._replace(carried=old.carried._replace(minimum_order=least))

    assert least in why_not_replaceable(**asked)
    asked["old"] = old._replace(carried=old.carried._replace(minimum_order="50"))
    assert why_not_replaceable(**asked) == ""


@pytest.mark.parametrize("owner", [f"prt_anna{SEVERAL}prt_ben", UNNAMED])
def test_a_code_of_several_partners_or_of_an_unnamed_one_cannot_be_put_back(
    asked, owner
):
    old = asked["old"]
    values = Values("twin", old.values.discount, owner)
    asked["old"] = old._replace(values=values)

    assert "could not be put back" in why_not_replaceable(**asked)


@pytest.mark.parametrize(("uuid", "said"), [("C10", "new one"), ("C20", "put back")])
def test_a_coupon_that_is_gone_keeps_the_old_code(asked, uuid, said):
    asked["coupons"] |= {uuid: None}

    why = why_not_replaceable(**asked)

    assert uuid in why
    assert said in why


def test_a_coupon_that_gives_something_else_by_now_keeps_the_old_code(asked, words):
    other = replace(asked["coupons"]["C10"], discount=words.discount("30%"))
    asked["coupons"] |= {"C10": other}

    assert why_not_replaceable(**asked) == "coupon C10 gives 30%, wanted is 10%"


def test_a_coupon_that_is_switched_off_keeps_the_old_code(asked):
    off = replace(asked["coupons"]["C10"], restrictions=Carried(switched_off=True))
    asked["coupons"] |= {"C10": off}

    assert "switched off" in why_not_replaceable(**asked)


@pytest.mark.parametrize(
    "change", [{"coupon": None}, {"values": Values("TWIN", None, "prt_ben")}]
)
def test_what_is_not_stated_is_no_proof(asked, change):
    asked["want"] = asked["want"]._replace(**change)

    assert why_not_replaceable(**asked) != ""


def test_an_old_code_whose_coupon_nobody_knows_stays(asked):
    asked["old"] = asked["old"]._replace(carried=Carried())

    assert "not known" in why_not_replaceable(**asked)


@pytest.mark.parametrize(
    ("there", "wanted", "may"),
    [
        ("TWIN", "TWIN", True),
        ("TWIN", "twin", True),
        ("TW IN", "TW IN", True),  # what stands there now was allowed once
        ("TWIN", "\N{FULLWIDTH LATIN CAPITAL LETTER T}WIN", False),
    ],
)
def test_a_text_is_documented_or_stands_there_already(asked, there, wanted, may):
    asked["old"] = asked["old"]._replace(id=there, written=there)
    values = asked["want"].values._replace(code=wanted)
    asked["want"] = asked["want"]._replace(values=values)

    assert (why_not_replaceable(**asked) == "") is may


def test_who_is_not_known_yet_is_left_to_the_write_which_asks(asked):
    """A listing may leave somebody out who is there: no proof of anything."""
    asked["partners"], asked["coupons"] = {}, {}

    assert why_not_replaceable(**asked) == ""
