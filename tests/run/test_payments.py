"""What pays is sent once; what may have been paid is looked for until a person decides.

And what is pushed beside it: the buyer, the redeem by which Partnero counts, the code
by which Tolt credits. 200 is no proof of any of them.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.engine.sales.standings import Standing
from connector.providers.memory.programme import Kind
from mappings.moments import iso_precise
from mappings.redemptions import Charge, Customer, Entry, Logged, Money, Sale
from state.model import Decision, LedgerChange
from tests.run.kinds import CASES, KEY, MAIL, SOLD, TEN
from tests.run.places import LEFT, RIGHT

PAYMENTS = [name for name, case in CASES.items() if case.pays]
payments = pytest.mark.parametrize("name", PAYMENTS)


@pytest.fixture
def lost(new_place):
    """Return a place in which a payment was sent, and whether it arrived is unknown."""

    def begin(name, kind=Kind.LOST_BEFORE):
        case = CASES[name]
        place = new_place(case.version)
        change = case.change(place)
        place.fault(case.side, kind)
        return place, place.open().carry_out(change)

    return begin


def aged(place, **span):
    """Let the open payment have begun earlier, or later, than now."""
    store = place.open().store
    for intent in store.journal.open_intents():
        at = datetime.now(UTC) - timedelta(**span)
        store.journal.begin(replace(intent, at=iso_precise(at)))


def paid(place):
    tables = (place.left.tables.sales, place.right.tables.charges)
    return sum(len(table) for table in tables) - 1  # one of them is where it happened


def doubt(place):
    entries = place.store().ledger.everything().values()
    return [entry.doubt for entry, _ in entries]


@payments
def test_a_payment_that_may_have_arrived_is_not_sent_again_in_any_run(lost, name):
    place, outcome = lost(name)

    later = [place.open().resume() for _ in range(4)]

    assert outcome.outcome == "uncertain"
    assert {told.outcome for run in later for told in run} == {"uncertain"}
    assert len(place.writes) == 1
    assert [intent.looks for intent in place.open_intents()] == [5]
    assert doubt(place) == [f"open:{CASES[name].side}"]


@payments
def test_a_payment_whose_answer_is_lost_is_found_by_its_key(lost, name):
    place, outcome = lost(name, Kind.LOST_AFTER)

    assert outcome.outcome == "confirmed"
    assert paid(place) == 1
    assert doubt(place) == [""]


@payments
def test_what_shows_in_the_end_is_confirmed(lost, new_place, name):
    case = CASES[name]
    place = new_place(case.version)
    change = case.change(place)
    place.of(case.side).lag = 1000
    assert place.open().carry_out(change).outcome == "uncertain"
    place.of(case.side).show()

    (settled,) = place.open().resume()

    assert (settled.outcome, paid(place), len(place.writes)) == ("confirmed", 1, 1)
    assert doubt(place) == [""]


@payments
@pytest.mark.parametrize(("hours", "asked"), [(25, True), (23, False), (-48, False)])
def test_after_three_runs_over_a_day_a_person_decides(lost, name, hours, asked):
    """A time in the future is a clock that was set: it counts from now on."""
    place, _ = lost(name)
    for _ in range(2):
        aged(place, hours=hours)
        (last,) = place.open().resume()

    assert last.outcome == ("quarantined" if asked else "uncertain")
    how = "parked" if asked else "open"
    assert doubt(place) == [f"{how}:{CASES[name].side}"]
    assert (paid(place), len(place.writes)) == (0, 1)


@payments
def test_a_word_from_before_that_is_no_answer_to_the_question(lost, name):
    """Somebody said "push it" again while the payment was on its way."""
    place, _ = lost(name)
    (open_,) = place.store().journal.open_intents()
    late = Decision(open_.change_id, "sam", "SAM", "proposed", "seen", "me@here", "t")
    place.store().decide([late])
    for _ in range(2):
        aged(place, hours=25)
        (last,) = place.open().resume()

    assert last.outcome == "quarantined"
    assert place.store().decisions() == {}


@payments
def test_what_cannot_be_looked_for_stays_in_doubt_and_is_not_counted_as_looked(
    lost, name
):
    place, _ = lost(name)
    place.fault(CASES[name].side, Kind.NOT_SENT, "read", nth=0)

    (told,) = place.open().resume()

    assert told.outcome == "uncertain"
    assert [intent.looks for intent in place.open_intents()] == [1]


@payments
def test_that_it_is_there_already_is_believed_although_nothing_shows_it(
    new_place, name
):
    """409: a listing that does not show it proves nothing."""
    case = CASES[name]
    place = new_place(case.version)
    change = case.change(place)
    place.fault(case.side, Kind.REFUSED, status=409)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "uncertain"
    assert len(place.writes) == 1
    assert doubt(place) == [f"open:{case.side}"]


@payments
def test_a_payment_that_is_refused_is_no_doubt(new_place, name):
    case = CASES[name]
    place = new_place(case.version)
    change = case.change(place)
    place.fault(case.side, Kind.REFUSED, status=422)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "failed"
    assert place.remembered()["open"] == []
    assert doubt(place) == []


# -- the sale on Partnero --------------------------------------------------------------


@pytest.fixture
def selling(place):
    return place, CASES["a sale on Partnero"].change(place)


def sold(place, key=KEY, money=TEN, buyer="1001", **more):
    sales = place.left.tables.sales
    sales[f"trx_{len(sales)}x"] = Sale(key, money, buyer, SOLD, **more)


def test_the_same_sale_from_elsewhere_is_adopted_and_not_paid_again(selling):
    place, change = selling
    sold(place)

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("adopted", [])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"money": Money(100, "USD")}, "1.00 USD of another sale is there"),
        ({"archived": True}, "of another sale is there"),
    ],
)
def test_a_key_that_means_something_else_there_is_left_alone(selling, more, said):
    place, change = selling
    sold(place, **more)

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("stale", [])
    assert said in outcome.detail


def test_a_key_that_is_there_twice_is_left_alone(selling):
    place, change = selling
    sold(place)
    sold(place)

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("stale", [])
    assert "2 transactions have this key" in outcome.detail


def test_a_second_sale_that_comes_at_the_same_moment_is_put_aside(selling):
    """Somebody else pays under the key while ours is on its way: a person decides."""
    place, change = selling
    place.meanwhile(LEFT, "create_sale", lambda _: sold(place))

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "quarantined"
    assert "2 transactions have this key" in outcome.detail
    assert doubt(place) == ["parked:partnero"]


def test_a_server_that_changes_a_key_is_noticed_and_not_paid_again(selling):
    place, change = selling

    def lower(tables):
        for id_, sale in tables.sales.items():
            tables.sales[id_] = replace(sale, key=sale.key.upper())

    place.meanwhile(
        LEFT, "create_sale", lambda _: place.meanwhile(LEFT, "sales_of", lower)
    )

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "quarantined"
    assert "Partnero keeps it as ORD-1" in outcome.detail
    assert place.writes == ["create_sale"]


def test_a_sale_of_another_customer_of_the_mailbox_is_looked_at_as_well(selling):
    place, change = selling
    people = place.left.tables.customers
    people["1002"] = Customer("1002", MAIL, "Kim", "1002", "prt_1")
    sold(place, "in_9", buyer="1002")

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("stale", [])
    assert "maybe this one" in outcome.detail


@pytest.mark.parametrize(("minor", "outcome"), [(1000, "confirmed"), (5000, "stale")])
def test_the_number_of_a_sale_for_another_sum_is_no_counterpart(
    selling, minor, outcome
):
    """Both products count from 1: Tolt's in_9 may be of anybody."""
    place, change = selling
    there = Entry("x", "in_9", charges=("v2:ch_9",), charged=Money(minor, "USD"))
    judged = ((there, Standing.MISSING_ON_PARTNERO),)
    place.store().ledger.save(LedgerChange(judged, ()), {})
    sold(place, "in_9")

    done = place.open().carry_out(change)

    assert done.outcome == outcome


def test_a_payment_that_was_pushed_is_remembered_with_who_bought(selling):
    place, change = selling

    assert place.open().carry_out(change).outcome == "confirmed"

    ledger = place.store().ledger
    assert ledger.counterpart(RIGHT, "cust_1", "v2") == "1001"


# -- the redeem ------------------------------------------------------------------------


@pytest.fixture
def redeeming(place):
    return place, CASES["a redeem on Partnero"].change(place)


def test_a_redeem_that_comes_to_the_log_at_that_moment_counts_once(redeeming):
    place, change = redeeming
    logged = {"TWIN": (Logged(KEY, SOLD),)}
    place.meanwhile(LEFT, "redeem", lambda tables: tables.logs.update(logged))

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "confirmed"
    assert place.shape()["partnero"]["logs"] == {"TWIN": [KEY]}


def test_a_redeem_without_its_transaction_fails_and_nothing_is_logged(redeeming):
    place, change = redeeming
    place.meanwhile(LEFT, "redeem", lambda tables: tables.sales.clear())

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "failed"
    assert "the next run creates it" in outcome.detail
    assert place.shape()["partnero"]["logs"] == {}
    assert place.remembered()["open"] == []


def test_a_redeem_that_a_rule_refuses_is_put_aside_and_not_repeated(redeeming):
    """F7: a no-op with an existing transaction."""
    place, change = redeeming
    old = place.standing(LEFT, "TWIN")
    full = old.carried._replace(redemption_limit=0)
    place.left.tables.codes["TWIN"] = old._replace(carried=full)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "quarantined"
    assert "a rule refused it" in outcome.detail
    assert place.writes == ["redeem"]


# -- the customer and the charge on Tolt -----------------------------------------------


def test_a_code_that_tolt_does_not_match_is_noticed_by_the_id_that_comes_back(place):
    """F21: 2xx, no attribution; nothing is paid for it."""
    change = CASES["a customer on Tolt"].change(place)
    place.meanwhile(RIGHT, "create_customer", lambda _: place.gone(RIGHT, "TWIN"))

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "quarantined"
    assert "Tolt does not credit TWIN to this customer" in outcome.detail


def test_a_customer_without_a_code_is_given_it(place):
    change = CASES["a customer on Tolt"].change(place)
    people = place.right.tables.customers
    people["cust_1"] = Customer("cust_1", MAIL, "Kim", "", "part_1", "")

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("confirmed", ["set_code"])
    assert people["cust_1"].code == "promo_TWIN"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"partner": "part_2"}, "another partner's"),
        ({"code": "promo_OTHER"}, "does not credit TWIN"),
    ],
)
def test_a_customer_of_somebody_else_is_left_to_them(place, fields, said):
    change = CASES["a customer on Tolt"].change(place)
    kim = Customer("cust_1", MAIL, "Kim", "", "part_1", "")
    place.right.tables.customers["cust_1"] = replace(kim, **fields)

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("stale", [])
    assert said in outcome.detail


def test_a_charge_id_that_is_taken_at_that_moment_for_another_amount_is_put_aside(
    place,
):
    """F11: v2 refuses it, and what is there is something else."""
    change = CASES["a charge on Tolt"].change(place)
    taken = Charge("txn_x", KEY, Money(100, "USD"), "cust_1", "promo_TWIN", SOLD)
    place.meanwhile(
        RIGHT, "create_charge", lambda tables: tables.charges.update(txn_x=taken)
    )

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "quarantined"
    assert "1.00 USD is there under this charge id" in outcome.detail
    assert len(place.right.tables.charges) == 1


def test_a_charge_id_that_is_taken_at_that_moment_for_the_same_sale_is_adopted(place):
    change = CASES["a charge on Tolt"].change(place)
    taken = Charge("txn_x", KEY, TEN, "cust_1", "promo_TWIN", SOLD)
    place.meanwhile(
        RIGHT, "create_charge", lambda tables: tables.charges.update(txn_x=taken)
    )

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "adopted"
    assert len(place.right.tables.charges) == 1


def test_a_charge_of_whom_is_no_customer_any_more_is_not_sent(place):
    change = CASES["a charge on Tolt"].change(place)
    place.right.tables.customers.clear()

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("stale", [])


def test_a_payment_that_cannot_be_looked_for_at_once_is_kept_back_by_the_ledger(place):
    change = CASES["a sale on Partnero"].change(place)
    place.fault(LEFT, Kind.LOST_AFTER, "create_sale")
    place.meanwhile(
        LEFT,
        "create_sale",
        lambda _: place.fault(LEFT, Kind.NOT_SENT, "read", nth=0),
    )

    assert place.open().carry_out(change).outcome == "uncertain"

    doubts = [doubt for *_, doubt in place.remembered()["ledger"]]
    assert doubts == ["open:partnero"]


def test_a_payment_that_was_begun_by_a_clock_ahead_counts_from_now_on(place):
    change = CASES["a sale on Partnero"].change(place)
    place.fault(LEFT, Kind.LOST_BEFORE, "create_sale")
    place.open().carry_out(change)
    (left,) = place.open_intents()
    ahead = replace(left, at="2999-01-01T00:00:00.000000Z")
    place.open().store.journal.begin(ahead)

    place.open().resume()

    (still,) = place.open_intents()
    assert still.at < "2999"


def test_a_customer_of_a_partner_whom_nobody_knows_is_not_taken_for_the_one(place):
    change = CASES["a buyer on Partnero"].change(place)
    kim = Customer("1001", MAIL, "Kim", "1001", "key-nobody", "")
    place.left.tables.customers["1001"] = kim

    outcome = place.open().carry_out(change)

    assert (outcome.outcome, place.writes) == ("failed", [])
    assert "who is unknown" in outcome.detail
