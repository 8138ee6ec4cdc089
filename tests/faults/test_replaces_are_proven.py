"""Nothing is taken away that could not come back, and a gap is told (D21, D22)."""

from datetime import date
from decimal import Decimal

import pytest

from connector.engine.notes import parse_note
from state.model import Settlement, Unfinished

NEW, OLD = "PCT10", "PCT20"


@pytest.fixture
def replacing(place):
    """TWIN goes from 20 % to 10 % on Tolt: Partnero must make it anew."""
    place.edit("tolt", "set_code", code="TWIN", value=10)
    return place


def _partner(place, name):
    return place.world.partnero.partners.named(f"{name}@example.com")[0]


def _erased(place):
    place.world.partnero.partners.remove(_partner(place, "anna"))


def _two_partners(place):
    pair = [_partner(place, name) for name in ("anna", "ben")]
    people = [(one.uid, one.full_name) for one in pair]
    place.edit("partnero", "set_code", code="TWIN", partners=people)


def _coupon_gone(place, uuid):
    coupon = place.world.partnero.coupons.named(uuid)[0]
    coupon.deleted_at = place.world.now()


def _other_discount(place):
    place.edit("partnero", "set_discount", coupon=NEW, amount=50)


def _nobody_named(place):
    """Limited to a customer whom the answer does not name."""
    place.edit("partnero", "set_code", code="TWIN", customers=[("", "")])


def _cents(place):
    place.edit("partnero", "set_code", code="TWIN", minimum_order=Decimal("49.99"))


BLOCKED = {
    "its minimum order has cents": (_cents, "49.99"),
    "the partner was erased": (_erased, "is not there any more"),
    "it has two partners": (_two_partners, "partner"),
    "the old coupon is gone": (lambda place: _coupon_gone(place, OLD), OLD),
    "the new coupon is gone": (lambda place: _coupon_gone(place, NEW), NEW),
    "the new coupon gives something else": (_other_discount, "10% -> 50%"),
    "its customer is not named": (_nobody_named, "who is not named"),
}


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


def test_what_a_proven_replace_needs_is_asked_for_right_before_it(replacing):
    place = replacing

    done = place.accept("replace")

    assert place.only(done).outcome == "confirmed"
    rows = [(r.method, r.path.partition("/v1/")[2]) for r in place.sandbox.requests]
    taken = rows.index(("DELETE", "promotion-codes"))
    before = rows[rows.index(("GET", "promotion-codes/TWIN")) : taken]
    anna = _partner(place, "anna").uid
    assert {
        ("GET", f"partners/{anna}"),
        ("GET", f"coupons/{NEW}"),
        ("GET", f"coupons/{OLD}"),
    } <= set(before)


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


def test_a_code_that_cannot_come_back_is_noted_as_missing_and_not_as_uncertain(
    refusing,
):
    place = refusing

    done = place.accept("replace")

    assert place.only(done).outcome == "failed"
    assert "TWIN is missing on Partnero now" in place.only(done).detail
    left = place.store().unfinished()["twin"]
    assert (left.code, left.target) == ("TWIN", "partnero")
    assert '"code": "TWIN"' in left.copied
    assert parse_note(left.change).want.coupon == NEW
    assert place.store().journal.open_intents() == []


def test_the_run_after_it_sends_nothing_by_itself(refusing):
    place = refusing
    place.accept("replace")
    place.sandbox.faults.clear()
    sent = len(place.writes)

    again = place.sync()

    assert [o.outcome for o in again.outcomes if o.target == "partnero"] == []
    assert len(place.writes) == sent
    assert "twin" in place.store().unfinished()


def test_a_server_that_only_ever_answers_500_ends_as_missing_too(replacing):
    """Not uncertain for ever: the second run closes it."""
    place = replacing
    place.fault("status", "POST", "promotion-codes", status=500, count=None)

    first = place.accept("replace")
    second = place.sync()

    assert place.only(first).outcome == "uncertain"
    assert place.only(second).outcome == "failed"
    assert "TWIN is missing on Partnero now" in place.only(second).detail
    assert "twin" in place.store().unfinished()
    assert place.store().journal.open_intents() == []


@pytest.mark.parametrize("source", ["partnero", "tolt"])
def test_a_code_that_is_written_again_is_missing_no_longer(place, source):
    target = "tolt" if source == "partnero" else "partnero"
    names = ("new", "NEW", target, "{}", "{}", "it is missing", "t")
    store = place.store()
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)
    run = place.sync()
    (intent, *_) = store.journal.intents(run.id)
    store.journal.settle(Settlement(intent, unfinished=Unfinished(*names)))
    more = {"coupon": "PCT10"} if source == "partnero" else {"value": 10}
    place.edit(source, "create_code", code="NEW", partner="ben@example.com", **more)
    change = place.planned().get("create")

    (done,) = place.carry(change)

    assert done.outcome == "confirmed"
    assert place.store().unfinished() == {}


def test_a_gap_whose_source_changed_since_is_closed_with_the_old_code(replacing):
    """The new value is no longer anybody's; the old one was."""
    place = replacing
    place.fault("status", "POST", "promotion-codes", status=429, retry_after="900")
    first = place.accept("replace")
    assert (place.only(first).outcome, "TWIN" in place.left()) == ("uncertain", False)
    place.sandbox.faults.clear()
    place.edit("tolt", "set_code", code="TWIN", value=33)

    second = place.sync()

    (told,) = [one for one in second.outcomes if one.outcome == "failed"]
    assert "discount: 10% -> 33%" in told.detail
    assert "put back" in told.detail
    assert place.left()["TWIN"][0] == 20
    assert place.store().journal.open_intents() == []


def test_a_gap_whose_source_is_as_it_was_is_closed_with_the_new_code(replacing):
    place = replacing
    place.fault("status", "POST", "promotion-codes", status=429, retry_after="900")
    place.accept("replace")
    place.sandbox.faults.clear()

    second = place.sync()

    assert place.only(second).outcome == "confirmed"
    assert place.left()["TWIN"][0] == 10
    place.quiet()
