"""What changed after the plan, on either side, is not written over (D2, D20, D23, D24).

Each row changes something right before the fresh look; nothing may be sent then.
"""

from dataclasses import replace

import pytest
from msgspec import structs

from connector.engine.acts import Want
from connector.providers.memory.programme import Kind
from mappings.canonical import Carried, PromoCode, Values
from mappings.redemptions import Logged, Sale
from tests.run.kinds import CASES, KEY, SOLD, TEN
from tests.run.places import LEFT, RIGHT, percent


def code(side, text, **fields):
    """Change a code of a side: its values, or what it carries."""

    def edit(place):
        codes = place.of(side).tables.codes
        there = place.standing(side, text)
        values = {n: fields[n] for n in ("discount", "partner") if n in fields}
        carried = fields.get("carried", there.carried)
        changed = there.values._replace(**values)
        codes[there.id] = there._replace(values=changed, carried=carried)

    return edit


def spelled(side, text, written):
    def edit(place):
        there = place.standing(side, text)
        place.of(side).tables.codes[there.id] = there._replace(written=written)

    return edit


def back_as(side, text):
    """Let a record be there again under its own id, and with another text."""

    def edit(place):
        there = place.code(side, "TWIN", 20, "Anna")
        changed = there._replace(
            written=text, values=there.values._replace(code=text.lower())
        )
        place.of(side).tables.codes[there.id] = changed

    return edit


def gone(side, text):
    return lambda place: place.gone(side, text)


def there(side, text, number, name):
    return lambda place: place.code(side, text, number, name)


def coupon(uuid, **fields):
    def edit(place):
        coupons = place.left.tables.coupons
        coupons[uuid] = replace(coupons[uuid], **fields)

    return edit


def no_coupon(uuid):
    return lambda place: place.left.tables.coupons.pop(uuid)


def nobody(side, name):
    return lambda place: place.of(side).tables.partners.pop(place.owner(side, name))


def customer(side, id_, **fields):
    def edit(place):
        people = place.of(side).tables.customers
        people[id_] = replace(people[id_], **fields)

    return edit


def charge(**fields):
    def edit(place):
        charges = place.right.tables.charges
        charges["txn_1"] = replace(charges["txn_1"], **fields)

    return edit


def sale(**fields):
    def edit(place):
        sales = place.left.tables.sales
        sales["trx_1"] = replace(sales["trx_1"], **fields)

    return edit


def bought(place):
    """The buyer has, since the plan, a sale on Partnero that may be this very one."""
    place.left.tables.sales["trx_9"] = Sale("in_9", TEN, "1001", SOLD)


def logged(place):
    place.left.tables.logs["TWIN"] = (Logged(KEY, SOLD),)


LIMITED = Carried(coupon="PCT10", redemption_limit=5, limited=True)
DEAD = Carried(switched_off=True)

STALE = [
    # a code that is to be made: its source, its coupon, its partner, its text
    ("a code on Tolt", code(LEFT, "NEW", discount=percent(20)), "10% -> 20%"),
    ("a code on Tolt", code(LEFT, "NEW", partner="prt_1"), "partner: "),
    ("a code on Tolt", code(LEFT, "NEW", carried=LIMITED), "now: at most 5"),
    ("a code on Tolt", gone(LEFT, "NEW"), "is gone on Partnero"),
    ("a code on Tolt", there(RIGHT, "new", 5, "Ben"), "new is there: discount"),
    ("a code on Partnero", code(RIGHT, "NEW", discount=percent(20)), "10% -> 20%"),
    ("a code on Partnero", code(RIGHT, "NEW", partner="part_1"), "partner: "),
    ("a code on Partnero", gone(RIGHT, "NEW"), "is gone on Tolt"),
    ("a code on Partnero", spelled(RIGHT, "NEW", "New"), "code: NEW -> New"),
    ("a code on Partnero", coupon("PCT10", discount=percent(30)), "10% -> 30%"),
    ("a code on Partnero", coupon("PCT10", duration="once"), "lifetime -> once"),
    ("a code on Partnero", coupon("PCT10", restrictions=DEAD), "active: True -> False"),
    ("a code on Partnero", no_coupon("PCT10"), "coupon PCT10 is gone"),
    ("a code on Partnero", there(LEFT, "new", 20, "Ben"), "new is there: discount"),
    # a field that is to be moved
    ("a discount on Tolt", code(RIGHT, "TWIN", discount=percent(33)), "33%"),
    ("a discount on Tolt", code(RIGHT, "TWIN", partner="part_2"), "partner"),
    ("a discount on Tolt", gone(RIGHT, "TWIN"), "is gone there"),
    ("a discount on Tolt", code(LEFT, "TWIN", discount=percent(30)), "10% -> 30%"),
    ("a discount on Tolt", code(LEFT, "TWIN", partner="prt_2"), "partner"),
    ("a discount on Tolt", gone(LEFT, "TWIN"), "is gone on Partnero"),
    ("a payee on Partnero", code(RIGHT, "TWIN", partner="part_1"), "partner"),
    ("a payee on Partnero", code(LEFT, "TWIN", discount=percent(5)), "20% -> 5%"),
    ("a payee on Partnero", gone(LEFT, "TWIN"), "is gone there"),
    ("a text on Tolt", there(RIGHT, "NEXT", 10, "Ben"), "another code on Tolt by now"),
    # a code that is to be replaced, and would have to come back
    ("a discount on Partnero", code(LEFT, "TWIN", discount=percent(5)), "20% -> 5%"),
    ("a discount on Partnero", gone(LEFT, "TWIN"), "is gone there"),
    ("a discount on Partnero", code(RIGHT, "TWIN", discount=percent(7)), "10% -> 7%"),
    ("a discount on Partnero", nobody(LEFT, "Anna"), "is not there any more"),
    ("a discount on Partnero", no_coupon("PCT20"), "PCT20"),
    ("a discount on Partnero", no_coupon("PCT10"), "PCT10 is gone"),
    ("a discount on Partnero", coupon("PCT10", discount=percent(50)), "10% -> 50%"),
    ("a discount on Partnero", code(LEFT, "TWIN", partner="prt_1 + prt_2"), "partner"),
    ("a text on Partnero", there(LEFT, "NEXT", 10, "Ben"), "another code on Partnero"),
    ("a payee on Tolt", code(RIGHT, "TWIN", discount=percent(5)), "20% -> 5%"),
    ("a payee on Tolt", gone(LEFT, "TWIN"), "is gone on Partnero"),
    # a code that is to go
    ("a deletion on Tolt", code(RIGHT, "TWIN", discount=percent(5)), "20% -> 5%"),
    ("a deletion on Tolt", there(LEFT, "TWIN", 20, "Anna"), "back on Partnero as TWIN"),
    ("a deletion on Tolt", there(LEFT, "twin", 20, "Anna"), "back on Partnero as twin"),
    ("a deletion on Partnero", code(LEFT, "TWIN", partner="prt_2"), "partner"),
    ("a deletion on Partnero", there(RIGHT, "Twin", 20, "Anna"), "back on Tolt as Tw"),
    ("a deletion on Partnero", back_as(RIGHT, "OTHER"), "is back on Tolt as OTHER"),
    # a sale that is to be pushed: what happened to it, whom it credits, what is there
    ("a sale on Partnero", charge(refunded=True), "not there once on Tolt any more"),
    ("a sale on Partnero", charge(money=replace(TEN, minor=900)), "says 9.00 USD"),
    ("a sale on Partnero", charge(customer="cust_2"), "another customer's on Tolt"),
    ("a sale on Partnero", code(RIGHT, "TWIN", partner="part_2"), "somebody else on T"),
    ("a sale on Partnero", code(LEFT, "TWIN", partner="prt_2"), "somebody else on P"),
    ("a sale on Partnero", gone(LEFT, "TWIN"), "TWIN is gone on Partnero"),
    ("a sale on Partnero", bought, "in_9 (10.00 USD) is there by now: maybe this one"),
    ("a sale on Partnero", logged, "ord-1 is in the log of TWIN by now"),
    ("a buyer on Partnero", lambda place: place.left.tables.customers.update(
        {"1001": replace(place.right.tables.customers["cust_1"], email="o@b.example")}
    ), "the number is another customer's"),
    ("a redeem on Partnero", gone(LEFT, "TWIN"), "TWIN is gone there"),
    ("a charge on Tolt", sale(archived=True), "not there once on Partnero any more"),
    ("a charge on Tolt", lambda place: place.left.tables.sales.update(
        trx_2=place.left.tables.sales["trx_1"]
    ), "not there once on Partnero any more"),
    ("a charge on Tolt", sale(money=replace(TEN, minor=900)), "says 9.00 USD"),
    ("a charge on Tolt", customer(RIGHT, "cust_1", code=""), "not there with this"),
    ("a charge on Tolt", customer(RIGHT, "cust_1", partner="part_2"), "other partner"),
    ("a charge on Tolt", gone(LEFT, "TWIN"), "TWIN is gone on Partnero"),
    ("a charge on Tolt v1", sale(archived=True), "not there once on Partnero any more"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [pytest.param(*row, id=f"{row[0]}: {row[2]} {n}") for n, row in enumerate(STALE)],
)
def test_nothing_is_sent_from_what_is_no_longer_so(new_place, name, edit, said):
    place = new_place(CASES[name].version)
    change = CASES[name].change(place)
    edit(place)
    before = place.shape()

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "stale"
    assert said in outcome.detail
    assert "@" not in outcome.detail.replace("***@", "")
    assert (place.writes, place.shape()) == ([], before)
    assert place.remembered()["open"] == []


def test_a_sale_of_which_nobody_tells_whether_it_was_taken_back_is_not_pushed(place):
    change = CASES["a sale on Partnero"].change(place)
    charge(refunded=None)(place)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "failed"
    assert "does not tell whether it was taken back" in outcome.detail
    assert place.writes == []


def test_a_customer_of_whom_tolt_does_not_tell_the_code_is_not_paid_for(place):
    change = CASES["a charge on Tolt"].change(place)
    customer(RIGHT, "cust_1", code=None)(place)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "failed"
    assert place.writes == []


def test_what_was_agreed_to_be_lost_and_is_still_so_is_no_news(place):
    change = CASES["a code on Tolt"].change(place)
    code(LEFT, "NEW", carried=LIMITED)(place)
    act = structs.replace(change.act, lost=("at most 5 redemptions",))
    change = change._replace(act=act)

    assert place.open().carry_out(change).outcome == "confirmed"


@pytest.mark.parametrize("kind", [Kind.LOST_BEFORE])
def test_before_it_is_sent_once_more_the_source_is_read_once_more(place, kind):
    change = CASES["a code on Tolt"].change(place)
    place.fault(RIGHT, kind)
    place.meanwhile(
        RIGHT, "create", lambda _: code(LEFT, "NEW", carried=LIMITED)(place)
    )

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "stale"
    assert place.writes == ["create"]


def test_what_this_run_itself_wrote_is_not_foreign_to_its_next_write(place):
    """One record, a field to each side: the second write's source is the first's."""
    code(LEFT, "TWIN", discount=percent(10))(place)
    code(RIGHT, "TWIN", partner="part_2")(place)
    want = Want(Values("TWIN", percent(10), "part_1"), frozenset({"discount"}))
    to_tolt = place.change("update", RIGHT, want=want)
    want = Want(Values("TWIN", percent(20), "prt_2"), frozenset({"partner"}))
    to_partnero = place.change("update", LEFT, want=want)
    work = place.open()

    done = [work.carry_out(change).outcome for change in (to_tolt, to_partnero)]

    assert done == ["confirmed", "confirmed"]
    assert place.standing(LEFT, "TWIN").values.partner == "prt_2"
    assert place.standing(RIGHT, "TWIN").values.discount == percent(10)


def test_a_code_that_this_run_itself_made_anew_is_not_gone_for_its_next_write(place):
    """On Tolt it has another id by then than the plan saw."""
    code(LEFT, "TWIN", partner="prt_2")(place)
    code(RIGHT, "TWIN", discount=percent(10))(place)
    want = place.want(RIGHT, "TWIN", 10, "Ben", "partner")
    to_tolt = place.change("replace", RIGHT, want=want)
    want = place.want(LEFT, "TWIN", 10, "Ben", "discount")
    to_partnero = place.change("replace", LEFT, want=want)
    work = place.open()

    done = [work.carry_out(change).outcome for change in (to_tolt, to_partnero)]

    assert done == ["confirmed", "confirmed"]


def test_a_record_removed_wherever_it_lives_is_not_held_up_by_its_first_half(place):
    """The second deletion finds its other half gone: this run itself took it away."""
    halves = [place.change("delete", side) for side in (LEFT, RIGHT)]
    work = place.open()

    done = [work.carry_out(half).outcome for half in halves]

    assert done == ["confirmed", "confirmed"]
    assert place.shape()["partnero"]["codes"] == place.shape()["tolt"]["codes"] == []


def test_a_record_removed_wherever_it_lives_stays_where_it_was_edited_since(place):
    half = place.change("delete", LEFT)
    code(RIGHT, "TWIN", discount=percent(11))(place)

    outcome = place.open().carry_out(half)

    assert outcome.outcome == "stale"
    assert "TWIN on Tolt: discount: 20% -> 11%" in outcome.detail
    assert place.writes == []


# -- refusals that say that it is there already (E10, E12) --------------------------


def test_a_refusal_because_it_is_there_already_is_adopted_when_all_is_equal(place):
    change = CASES["a code on Tolt"].change(place)
    place.meanwhile(RIGHT, "create", lambda _: place.code(RIGHT, "NEW", 10, "Ben"))

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "adopted"
    assert "409" in outcome.detail
    assert place.remembered()["links"] != []


def test_a_listing_that_lags_behind_such_a_refusal_is_waited_for(place):
    change = CASES["a code on Tolt"].change(place)
    place.fault(RIGHT, Kind.REFUSED, "create", status=409)
    work = place.open()
    work.settling.waiting.pause = lambda _seconds: place.code(RIGHT, "NEW", 10, "Ben")

    assert work.carry_out(change).outcome == "adopted"

    assert place.remembered()["open"] == []


@pytest.mark.parametrize("number", [5, 99])
def test_a_refusal_because_something_else_is_there_is_quarantined(place, number):
    """409 is no proof: another discount is named and left to a person."""
    change = CASES["a code on Tolt"].change(place)
    place.meanwhile(RIGHT, "create", lambda _: place.code(RIGHT, "NEW", number, "Ben"))

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "quarantined"
    assert f"discount: 10% -> {number}%" in outcome.detail
    assert place.standing(RIGHT, "NEW").values.discount == percent(number)


def test_a_success_that_wrote_something_else_is_quarantined(place):
    """200 is no proof: what is read back has to be what was wanted."""
    change = CASES["a code on Tolt"].change(place)
    spoil = code(RIGHT, "NEW", discount=percent(50))
    reads = {"get": lambda _: spoil(place)}
    place.meanwhile(RIGHT, "create", lambda _: place.right.meanwhile.update(reads))

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "quarantined"
    assert "10% -> 50%" in outcome.detail
    assert place.store().link("new") is None


def test_an_update_of_what_goes_at_that_moment_is_stale_and_nothing_is_made(place):
    """E12: 404 on an update of a known record."""
    change = CASES["a discount on Tolt"].change(place)
    place.meanwhile(RIGHT, "update", lambda _: place.gone(RIGHT, "TWIN"))

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "stale"
    assert "404" in outcome.detail
    assert place.writes == ["update"]
    assert place.shape()["tolt"]["codes"] == []


def test_a_text_that_is_free_in_other_letters_only_is_not_made_twice(place):
    """A product may hold the same text in another spelling."""
    change = CASES["a code on Tolt"].change(place)
    values = place.standing(LEFT, "NEW").values._replace(partner="part_2")
    place.right.tables.codes["promo_x"] = PromoCode("promo_x", "nEw", values, Carried())

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "adopted"
    assert place.writes == []


def test_a_partner_of_whom_there_are_two_is_nobody(place):
    change = CASES["a partner on Tolt"].change(place)
    place.person("Cleo", "prt_3", "part_8")
    place.person("Cleo", "prt_3", "part_9")

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "stale"
    assert "c***@example.com is there 2 times" in outcome.detail
    assert place.writes == []


def test_a_coupon_of_our_name_with_other_values_is_left_alone(place):
    change = CASES["a coupon"].change(place)
    place.coupon(10)
    coupons = place.left.tables.coupons
    coupons[change.want.written] = replace(coupons["PCT10"], uuid=change.want.written)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "stale"
    assert "exists with other values" in outcome.detail
    assert place.writes == []


@pytest.mark.parametrize("status", ["suspended", "rejected"])
def test_whoever_was_turned_away_gets_no_code_where_no_listing_tells_it(
    new_place, status
):
    """The lists of v1 show no status: it is asked for before anything is made."""
    place = new_place("v1")
    change = CASES["a code on Tolt"].change(place)
    people = place.right.tables.partners
    people["part_2"] = replace(people["part_2"], inactive=status)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "stale"
    assert f"is {status} on Tolt" in outcome.detail
    assert place.writes == []
