"""Nothing is taken away that could not come back, and a gap is told (D21, D22)."""

from datetime import date
from decimal import Decimal

import pytest

NEW, OLD = "PCT10", "PCT20"


@pytest.fixture
def replacing(place):
    """TWIN goes from 20 % to 10 % on Tolt: Partnero must make it anew."""
    place.edit("tolt", "set_code", code="TWIN", value=10)
    return place


def _partner(place, name):
    return place.world.partnero.partners.named(f"{name}@example.com")[0]


def _two_partners(place):
    pair = [_partner(place, name) for name in ("anna", "ben")]
    people = [(one.uid, one.full_name) for one in pair]
    place.edit("partnero", "set_code", code="TWIN", partners=people)


def _nobody_named(place):
    """Limited to a customer whom the answer does not name."""
    place.edit("partnero", "set_code", code="TWIN", customers=[("", "")])


BLOCKED = {
    "it has two partners": (_two_partners, "partner"),
    "its customer is not named": (_nobody_named, "who is not named"),
}
"""What only a row tells; all other reasons are in tests/run."""


@pytest.mark.parametrize("why", BLOCKED)
def test_a_code_that_could_not_come_back_is_not_taken_away(replacing, why):
    place, (edit, said) = replacing, BLOCKED[why]

    done = place.accept("replace", meanwhile=lambda: edit(place))

    assert place.only(done).outcome == "stale"
    assert said in place.only(done).detail
    assert "@example.com" not in place.only(done).detail.replace("***@example.com", "")
    assert place.writes == []
    assert "TWIN" in place.left()


def test_a_code_of_two_partners_is_not_taken_away_whenever_it_got_the_second(
    replacing,
):
    """Before the listing as well: then the new one would have two owners."""
    place = replacing
    _two_partners(place)

    done = place.accept("replace")

    assert place.writes == []
    assert "TWIN" in place.left()
    assert {one.outcome for one in done.outcomes if one.target == "partnero"} <= {
        "stale"
    }


def test_what_partnero_can_take_goes_over_to_the_new_code(replacing):
    """Its own end, limits and customer; what hangs on the coupon is named as lost."""
    place = replacing
    own = {"expires": "2099-12-31", "redemption_limit": 7, "first_time_order": True}
    own |= {"minimum_order": Decimal(50), "customers": [("cst_1", "Vera Ip")]}
    place.edit("partnero", "set_code", code="TWIN", metadata={"a": "b"}, **own)
    coupon = place.world.partnero.coupons.named(OLD)[0]
    coupon.redemption_limit, coupon.expires = 100, date(2099, 6, 30)

    lost = place.planned()["replace"].lost
    done = place.accept("replace")

    assert place.only(done).outcome == "confirmed"
    new = place.world.partnero.code("TWIN")
    assert new.coupon.uuid_code == NEW
    assert (new.expires, new.redemption_limit) == (date(2099, 12, 31), 7)
    assert (new.first_time_order, new.minimum_order) == (True, Decimal(50))
    assert (new.customers, new.metadata) == ([("cst_1", "Vera Ip")], {"a": "b"})
    assert "its coupon's limit (at most 100 redemptions)" in lost
    assert "its coupon's expiry (2099-06-30)" in lost


# --- where it does happen -----------------------------------------------------------


@pytest.fixture
def refusing(replacing):
    """The server takes the deletion, and then no create of it any more."""
    replacing.fault("status", "POST", "promotion-codes", status=422, count=None)
    return replacing


def test_the_run_after_it_sends_nothing_by_itself(refusing):
    place = refusing
    place.accept("replace")
    place.sandbox.faults.clear()
    sent = len(place.writes)

    again = place.sync()

    assert [o.outcome for o in again.outcomes if o.target == "partnero"] == []
    assert len(place.writes) == sent
    assert "twin" in place.store().unfinished()
