"""What changed after the listing is not written over (D20, D23, D24)."""

import pytest

ANNA, BEN = "anna@example.com", "ben@example.com"


def _new_on(place, source):
    more = {"coupon": "PCT20"} if source == "partnero" else {"value": 20}
    place.edit(source, "create_code", code="NEW", partner=BEN, **more)


def _under_another_coupon(place, text, uuid):
    """Somebody moves a Partnero code to another coupon: only a GET of it tells."""
    programme = place.world.partnero
    code, coupon = programme.code(text), programme.coupons.named(uuid)[0]
    del code.coupon.codes[code.uid]
    code.coupon = coupon
    coupon.codes[code.uid] = code


def test_what_was_agreed_to_be_lost_and_is_still_so_is_no_news(place):
    """Neither its own end nor its coupon's, which a single row does not show."""
    _new_on(place, "partnero")
    place.edit("partnero", "set_code", code="NEW", expires="2099-12-31")
    place.world.partnero.coupons.named("PCT20")[0].redemption_limit = 99
    place.configure('[pairs.policy]\nlossy = "auto"')

    done = place.sync()

    assert place.only(done).outcome == "confirmed"
    place.quiet()


# --- deletions (D24) --------------------------------------------------------------


@pytest.fixture
def few(place):
    """A pair where one of two codes may go without a guard in the way."""
    place.configure(limits="settle_seconds = 0.1\nshare = 1")
    return place


@pytest.mark.parametrize("text", ["TWIN", "twin"])
def test_a_deletion_whose_other_half_is_back_where_case_counts_is_not_done(few, text):
    """Each spelling is asked for: a look for one does not find the other."""
    few.sandbox.switches.partnero_case = "sensitive"
    few.edit("partnero", "delete_code", code="TWIN")

    done = few.accept(
        "delete",
        meanwhile=lambda: few.edit(
            "partnero", "create_code", code=text, coupon="PCT20", partner=ANNA
        ),
    )

    assert few.only(done).outcome == "stale"
    assert f"back on Partnero as {text}" in few.only(done).detail
    assert few.writes == []
    assert "TWIN" in few.right()


ODD = {
    "no text": {"success": True, "data": {"id": "promo_x", "code": None}},
    "it failed": {"success": False},
    "nothing": {},
}


@pytest.mark.parametrize("answer", ODD)
def test_an_odd_answer_about_the_other_half_is_no_proof_that_it_is_gone(few, answer):
    few.edit("tolt", "delete_code", code="TWIN")

    def odd():
        few.fault(
            "status",
            "GET",
            "tolt.*promotion-codes/",
            status=200,
            count=None,
            answer=ODD[answer],
        )

    done = few.accept("delete", meanwhile=odd)

    assert few.only(done).outcome == "failed"
    assert few.writes == []
    assert "TWIN" in few.left()


# --- coupons (D23) ----------------------------------------------------------------


@pytest.fixture
def remembering(open_place):
    """22 codes whose coupon no listing names: all are remembered."""
    texts = [f"CODE{number:02}" for number in range(21)]
    place = open_place(
        *((text, "both", "20") for text in texts), ("LAST", "both", "10")
    )
    place.sandbox.switches.partnero_embed_codes = False
    place.configure(limits="settle_seconds = 0.1\nshare = 1")
    assert place.sync().status == "complete"
    assert len(place.store().coupons()) == 22
    place.sandbox.requests.clear()
    return place


def _asked_singly(place):
    paths = [r.path for r in place.sandbox.requests if r.method == "GET"]
    return [p.rpartition("/")[2] for p in paths if "/promotion-codes/" in p]


def test_remembered_coupons_are_asked_for_again_in_turn_twenty_a_run(remembering):
    place = remembering

    place.sync()
    first = _asked_singly(place)
    place.sandbox.requests.clear()
    place.sync()
    second = _asked_singly(place)

    assert (len(first), len(second)) == (20, 20)
    assert len({*first, *second}) == 22


def test_a_coupon_that_cannot_be_asked_for_again_leaves_the_side_as_it_is(remembering):
    """One code whose own row cannot be had must not end every run as partial."""
    place = remembering
    place.fault("status", "GET", "promotion-codes/CODE0", status=500, count=None)

    done = place.sync()

    assert done.status == "complete"
    assert done.plan.changes == ()


def test_a_plan_asks_for_no_remembered_coupon_again(remembering):
    place = remembering

    assert place.process("plan", "--format", "json").code == 0
    assert _asked_singly(place) == []


def test_a_code_that_hangs_on_another_coupon_by_now_is_found_out_in_its_turn(
    remembering,
):
    place = remembering
    last = next(reversed(place.store().coupons()))
    other = "PCT20" if last == "LAST" else "PCT10"
    _under_another_coupon(place, last, other)

    told = [place.sync() for _ in range(2)]

    assert [len(one.plan.changes) for one in told] == [0, 1]
    assert place.store().coupons()[last] == other
    assert place.agrees()


def test_a_remembered_coupon_that_is_wrong_is_noticed_before_a_write(remembering):
    """Tolt must not get 30 % where Partnero gives 10 %, and the next run knows."""
    place = remembering
    oldest = [*place.store().coupons()][:20]
    last = next(c for c in place.store().coupons() if c not in oldest and c != "LAST")
    _under_another_coupon(place, last, "PCT10")
    place.edit("partnero", "set_discount", coupon="PCT20", amount=30)

    done = place.sync()

    (stale,) = [one for one in done.outcomes if one.code == last]
    assert stale.outcome == "stale"
    assert "discount: 30% -> 10%" in stale.detail
    assert place.right()[last][0] == 20
    assert place.store().coupons()[last] == "PCT10"
    place.sync()
    assert place.right()[last][0] == 10
    assert place.agrees()


def test_the_coupon_of_a_code_that_is_gone_is_forgotten(remembering):
    place = remembering
    for side in ("partnero", "tolt"):
        place.edit(side, "delete_code", code="CODE00")

    place.sync()

    assert "CODE00" not in place.store().coupons()
    assert len(place.store().coupons()) == 21
