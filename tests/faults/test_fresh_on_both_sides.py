"""What changed after the listing is not written over (D20, D23, D24)."""

import pytest

from connector.engine.acts import Delete
from mappings.canonical import Side

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


def _other_value(place, source):
    if source == "partnero":
        _under_another_coupon(place, "NEW", "PCT10")
    else:
        place.edit("tolt", "set_code", code="NEW", value=10)


def _other_payee(place, source):
    place.edit(source, "move_partner", code="NEW", partner=ANNA)


def _gone(place, source):
    place.edit(source, "delete_code", code="NEW")


MEANWHILE = {
    "another value": (_other_value, "discount: 20% -> 10%"),
    "another payee": (_other_payee, "partner: "),
    "gone": (_gone, "is gone on "),
}


@pytest.mark.parametrize("source", ["partnero", "tolt"])
@pytest.mark.parametrize("change", MEANWHILE)
def test_a_code_is_not_made_from_what_is_no_longer_so(place, source, change):
    _new_on(place, source)
    edit, said = MEANWHILE[change]

    done = place.accept(meanwhile=lambda: edit(place, source))

    assert place.only(done).outcome == "stale"
    assert said in place.only(done).detail
    assert source.capitalize() in place.only(done).detail
    assert "@" not in place.only(done).detail.replace("***@", "")
    assert done.status == "partial"
    assert place.writes == []
    assert [one.state for one in place.store().journal.intents(done.id)] == ["stale"]


def test_a_code_that_was_limited_after_the_listing_is_not_made_without_its_limit(place):
    """What would be lost by it nobody has agreed to."""
    _new_on(place, "partnero")

    done = place.accept(
        meanwhile=lambda: place.edit(
            "partnero", "set_code", code="NEW", redemption_limit=5
        )
    )

    assert place.only(done).outcome == "stale"
    assert "now: at most 5 redemptions" in place.only(done).detail
    assert place.writes == []


def test_what_was_agreed_to_be_lost_and_is_still_so_is_no_news(place):
    """Neither its own end nor its coupon's, which a single row does not show."""
    _new_on(place, "partnero")
    place.edit("partnero", "set_code", code="NEW", expires="2099-12-31")
    place.world.partnero.coupons.named("PCT20")[0].redemption_limit = 99
    place.configure('[pairs.policy]\nlossy = "auto"')

    done = place.sync()

    assert place.only(done).outcome == "confirmed"
    place.quiet()


@pytest.mark.parametrize(
    ("edit", "options"),
    [
        ("set_discount", {"coupon": "PCT20", "amount": 30}),
        ("move_partner", {"code": "TWIN", "partner": BEN}),
        ("delete_code", {"code": "TWIN"}),
    ],
)
def test_an_update_is_not_sent_from_what_is_no_longer_so(place, edit, options):
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)

    done = place.accept(meanwhile=lambda: place.edit("partnero", edit, **options))

    assert place.only(done).outcome == "stale"
    assert "TWIN" in place.only(done).detail
    assert place.writes == []
    assert place.right()["TWIN"][0] == 20


def test_a_payee_is_not_moved_to_whom_the_source_no_longer_names(place):
    place.edit("tolt", "move_partner", code="TWIN", partner=BEN)

    done = place.accept(
        "update",
        meanwhile=lambda: place.edit("tolt", "move_partner", code="TWIN", partner=ANNA),
    )

    assert place.only(done).outcome == "stale"
    assert place.writes == []


def test_what_this_run_itself_wrote_is_not_foreign_to_its_next_write(place):
    """One record, a field to each side: the second write's source is the first's."""
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)
    place.edit("tolt", "move_partner", code="TWIN", partner=BEN)

    done = place.accept("update")

    assert place.outcomes(done) == {
        ("update", "tolt", "confirmed"): 1,
        ("update", "partnero", "confirmed"): 1,
    }
    assert place.agrees()
    place.quiet()


@pytest.mark.parametrize("kind", ["lost_before", "status"])
def test_before_it_is_sent_once_more_the_source_is_read_once_more(place, kind):
    _new_on(place, "partnero")
    place.fault(kind, "POST")
    place.fault(
        "edit",
        "POST",
        edit={
            "side": "partnero",
            "action": "set_code",
            "code": "NEW",
            "redemption_limit": 1,
        },
    )

    done = place.sync()

    assert place.only(done).outcome == "stale"
    assert len(place.writes) == 1
    assert "NEW" not in place.right()


# --- deletions (D24) --------------------------------------------------------------


@pytest.fixture
def few(place):
    """A pair where one of two codes may go without a guard in the way."""
    place.configure(limits="settle_seconds = 0.1\nshare = 1")
    return place


@pytest.mark.parametrize("text", ["TWIN", "twin", "Twin"])
def test_a_deletion_whose_other_half_is_back_on_tolt_is_not_done(few, text):
    """Under a new id, and perhaps under another spelling."""
    few.edit("tolt", "delete_code", code="TWIN")

    done = few.accept(
        "delete",
        meanwhile=lambda: few.edit(
            "tolt", "create_code", code=text, partner=ANNA, value=20
        ),
    )

    assert few.only(done).outcome == "stale"
    assert f"back on Tolt as {text}" in few.only(done).detail
    assert few.writes == []
    assert "TWIN" in few.left()


@pytest.mark.parametrize("case", ["insensitive", "sensitive"])
@pytest.mark.parametrize("text", ["TWIN", "twin"])
def test_a_deletion_whose_other_half_is_back_on_partnero_is_not_done(few, text, case):
    few.sandbox.switches.partnero_case = case
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


def test_a_record_removed_wherever_it_lives_is_not_held_up_by_its_first_half(few):
    """The second deletion finds its other half gone: this run itself took it away."""
    few.edit("tolt", "set_code", code="TWIN", value=10)
    replaced = few.planned()["replace"]
    halves = [replaced._replace(act=Delete(side)).with_id() for side in Side]

    done = few.carry(*halves)

    assert [one.outcome for one in done] == ["confirmed", "confirmed"]
    assert "TWIN" not in few.left() | few.right()


def test_a_record_removed_wherever_it_lives_stays_where_it_was_edited_since(few):
    few.edit("tolt", "set_code", code="TWIN", value=10)
    replaced = few.planned()["replace"]
    half = replaced._replace(act=Delete(Side.PARTNERO)).with_id()
    few.edit("tolt", "set_code", code="TWIN", value=11)

    (done,) = few.carry(half)

    assert done.outcome == "stale"
    assert "TWIN on Tolt: discount: 10% -> 11%" in done.detail
    assert few.writes == []


# --- coupons (D23) ----------------------------------------------------------------


def test_a_coupon_that_changed_since_the_listing_takes_no_new_code(place):
    _new_on(place, "tolt")

    done = place.accept(
        meanwhile=lambda: place.edit(
            "partnero", "set_discount", coupon="PCT20", amount=30
        )
    )

    assert place.only(done).outcome == "stale"
    assert "PCT20 on Partnero: discount: 20% -> 30%" in place.only(done).detail
    assert place.writes == []


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"active": False}, "active: True -> False"),
        ({"redemption_limit": 3}, "limit: none -> 3"),
        ({"duration_type": "once"}, "duration: lifetime -> once"),
    ],
)
def test_a_coupon_that_is_no_longer_plain_takes_no_new_code(place, held, said):
    _new_on(place, "tolt")

    def limit():
        coupon = place.world.partnero.coupons.named("PCT20")[0]
        for name, value in held.items():
            setattr(coupon, name, value)

    done = place.accept(meanwhile=limit)

    assert place.only(done).outcome == "stale"
    assert said in place.only(done).detail
    assert place.writes == []


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

    assert place.child("plan").code == 0
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
