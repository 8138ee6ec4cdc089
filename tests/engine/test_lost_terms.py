"""What the old coupon held and the new one does not is named (D22)."""

import pytest

from connector.engine.proposals.lost import changed_terms, lost_terms
from mappings.canonical import Carried, Coupon, Side

P, T = Side.PARTNERO, Side.TOLT


def coupon(words, duration="lifetime", discount="20%", **held):
    return Coupon("C", words.discount(discount), duration, Carried(**held))


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"expires": "2026-12-31"}, "its coupon's expiry (2026-12-31)"),
        ({"redemption_limit": 100}, "its coupon's limit (at most 100 redemptions)"),
        ({"coupon_limit": 100}, "its coupon's limit (at most 100 redemptions)"),
        ({"redemption_limit": 0}, "its coupon's limit (at most 0 redemptions)"),
        ({"switched_off": True}, "that its coupon is switched off"),
        ({"duration": "once"}, "its coupon's duration (the discount for once only)"),
        ({"duration": "months:3"}, "its coupon's duration (the discount for 3 months)"),
    ],
)
@pytest.mark.parametrize("to_be_made", [True, False])
def test_each_term_of_the_old_coupon_is_named(words, held, said, to_be_made):
    new = "lifetime" if to_be_made else coupon(words)

    assert lost_terms(coupon(words, **held), new) == (said,)


def test_what_the_new_coupon_holds_as_well_is_not_lost(words):
    terms = {"duration": "once", "expires": "2026-12-31", "redemption_limit": 5}

    assert lost_terms(coupon(words, **terms), coupon(words, **terms)) == ()


def test_another_expiry_or_limit_is_named_too(words):
    old = coupon(words, expires="2026-06-30", redemption_limit=5)
    new = coupon(words, expires="2027-06-30", redemption_limit=50)

    assert len(lost_terms(old, new)) == 2


def test_a_coupon_that_is_not_known_may_have_held_anything(words):
    assert lost_terms(None, "lifetime") == (
        "what its coupon limits, which is not known",
    )


def test_a_plain_coupon_for_a_plain_one_loses_nothing(words):
    assert lost_terms(coupon(words), "lifetime") == ()


def test_a_replace_names_the_terms_of_the_coupon_that_it_leaves(words):
    """Tolt's 15 % takes TWIN from a coupon with an end, a limit and "once"."""
    held = {"expires": "2026-12-31", "redemption_limit": 100}
    code = words.code(P, "TWIN 20% anna", coupon="OLD")
    side = words.side(P, [code])
    side.coupons["OLD"] = coupon(words, "once", **held)

    decided = words.plan(side, ["TWIN 15% anna"], ["TWIN 20% anna"])

    (change,) = [one for one in decided.changes if one.action == "replace"]
    assert {
        "its coupon's expiry (2026-12-31)",
        "its coupon's limit (at most 100 redemptions)",
        "its coupon's duration (the discount for once only)",
    } <= set(change.lost)
    assert change.raises_exposure


def test_a_replace_under_a_coupon_with_the_same_terms_raises_nothing(words):
    code = words.code(P, "TWIN 20% anna", coupon="C20%")

    decided = words.plan(words.side(P, [code]), ["TWIN 15% anna"], ["TWIN 20% anna"])

    (change,) = [one for one in decided.changes if one.action == "replace"]
    assert [said for said in change.lost if "coupon" in said] == []
    assert not change.raises_exposure


def test_a_new_code_loses_no_coupon(words):
    decided = words.plan([], ["NEW 15% anna"])

    assert [one.lost for one in decided.changes] == [()]


def test_a_replace_on_tolt_names_a_duration_that_the_new_one_will_not_have(words):
    code = words.code(T, "TWIN 20% anna", duration="repeating:3")
    side = words.side(T, [code])

    decided = words.plan(["TWIN 20% bob"], side, ["TWIN 20% anna"])

    (change,) = [one for one in decided.changes if one.action == "replace"]
    assert "its duration (repeating:3)" in change.lost


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"discount": "30%"}, "discount: 20% -> 30%"),
        ({"duration": "once"}, "duration: lifetime -> once"),
        ({"expires": "2026-12-31"}, "expiry: none -> 2026-12-31"),
        ({"redemption_limit": 3}, "limit: none -> 3"),
        ({"switched_off": True}, "active: True -> False"),
        ({"reaches": "Stripe"}, "reach: none -> Stripe"),
        ({"redeemed": 7}, ""),  # a counter that grows is no other coupon
    ],
)
def test_a_coupon_that_changed_is_told_field_by_field(words, held, said):
    assert changed_terms(coupon(words), coupon(words, **held)) == said
