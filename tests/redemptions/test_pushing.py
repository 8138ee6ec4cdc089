"""Pushing redemptions: what arrives, what it pays, and what is never pushed."""

from decimal import Decimal

import pytest

from connector.reports.messages.say import said

PUSH = 'redemptions = "both"\ncommissions = true'


def _quiet(place):
    """The next run finds nothing to push, and both sides stay as they are."""
    before = (place.sales, place.charges, place.log)

    done = place.sync()

    assert done.status == "complete", (done.trouble, done.outcomes)
    assert place.steps(done) == {}
    assert place.proposed(done.plan) == []
    assert (place.sales, place.charges, place.log) == before


def test_a_sale_on_tolt_arrives_on_partnero_with_its_buyer_and_its_time(pusher):
    """F1"""
    row = pusher.sell_right("ord-1", 4999)

    done = pusher.sync()

    assert pusher.steps(done) == {
        ("customer", "partnero", "confirmed"): 1,
        ("transaction", "partnero", "confirmed"): 1,
        ("redeem", "partnero", "confirmed"): 1,
    }
    (sale,) = pusher.world.partnero.transactions
    assert (sale.key, sale.amount, sale.amount_units) == (
        "ord-1",
        Decimal("49.99"),
        "USD",
    )
    assert sale.customer.email == row.customer.email
    assert sale.created_at == row.created_at
    assert pusher.log == ["ord-1"]
    _quiet(pusher)


def test_a_sale_on_partnero_arrives_on_tolt_credited_to_the_code(pusher):
    pusher.sell_left("ord-1", "49.99")

    done = pusher.sync()

    assert pusher.steps(done) == {
        ("customer", "tolt", "confirmed"): 1,
        ("transaction", "tolt", "confirmed"): 1,
    }
    (row,) = pusher.world.tolt.transactions
    assert (row.charge_id, row.amount, row.promotion_code_name) == (
        "ord-1",
        4999,
        "ANNA10",
    )
    (sale,) = pusher.world.partnero.transactions
    assert row.created_at == sale.created_at
    _quiet(pusher)


def test_a_person_sees_every_step_before_it_is_done(pusher):
    pusher.sell_right("ord-1")

    proposed = pusher.proposed(pusher.plan())

    assert [change.action for change in proposed] == [
        "redeem",
        "transaction",
        "customer",
    ]
    redeem, transaction, customer = proposed
    assert transaction.needs == (customer.id,)
    assert redeem.needs == (customer.id, transaction.id)
    assert all(change.status == "ready" for change in proposed)


def test_what_was_pushed_never_comes_back(pusher):
    """F2, and the echo: pushed both ways, each is once on each side for ever."""
    pusher.sell_right("from-tolt")
    pusher.sell_left("from-partnero", "20")
    pusher.sync()
    for row in pusher.world.tolt.transactions:
        row.updated_at = row.created_at  # as old as a window wants them

    _quiet(pusher)
    _quiet(pusher)

    assert pusher.sales == pusher.charges == {"from-tolt": 1, "from-partnero": 1}


def test_a_ledger_that_was_lost_pushes_nothing_twice(pusher):
    """A second machine, or a state that is gone: what is there is found there."""
    pusher.sell_right("from-tolt")
    pusher.sell_left("from-partnero", "20")
    pusher.sync()
    pusher.database.unlink()

    done = pusher.sync()

    assert done.status == "complete"
    assert pusher.sales == pusher.charges == {"from-tolt": 1, "from-partnero": 1}
    assert sorted(pusher.log) == ["from-partnero", "from-tolt"]


def test_a_sale_without_charge_id_is_known_by_its_own_id(pusher):
    """F9: pushed once in both runs."""
    row = pusher.sell_right(None)

    pusher.sync()

    assert pusher.sales == {f"txn_{row.uid}": 1}
    _quiet(pusher)


# -- what it costs ------------------------------------------------------------------


def test_by_default_nothing_is_pushed(place):
    place.sell_left("ord-1")
    place.sell_right("ord-2")

    done = place.sync()

    assert place.proposed(done.plan) == []
    assert done.plan.redemptions["missing_on_tolt"] == 1
    assert done.plan.redemptions["missing_on_partnero"] == 1


def test_without_commissions_partnero_pays_nothing_and_tolt_gets_nothing(open_shop):
    place = open_shop(policy='redemptions = "both"')
    place.sell_right("ord-1")
    place.sell_left("ord-2", "20")
    paid = place.rewards

    done = place.sync()

    assert place.sales == {"ord-1": 1, "ord-2": 1}
    assert place.rewards == paid
    assert place.charges == {"ord-1": 1}
    assert place.kinds(done.plan)["commissions_needed"] == 1


def test_with_commissions_each_pays_once(pusher):
    pusher.sell_right("ord-1", 10000)
    pusher.sell_left("ord-2", "50")

    pusher.sync()

    assert pusher.rewards == Decimal(30)
    assert [entry.amount for entry in pusher.world.tolt.commissions] == [2000, 1000]


@pytest.mark.parametrize(("direction", "arrives"), [("to-tolt", 0), ("to-partnero", 1)])
def test_only_the_direction_that_is_asked_for_is_pushed(open_shop, direction, arrives):
    place = open_shop(policy=f'redemptions = "{direction}"\ncommissions = true')
    place.sell_right("ord-1")
    place.sell_left("ord-2", "20")

    place.sync()

    assert place.sales["ord-1"] == arrives
    assert place.charges["ord-2"] == 1 - arrives


@pytest.mark.parametrize(
    ("currency", "minor", "major"),
    [("USD", 4999, "49.99"), ("JPY", 500, "500"), ("KWD", 12345, "12.345")],
)
def test_amounts_are_exact_whatever_decimals_a_currency_has(
    open_shop, currency, minor, major
):
    """F18"""
    place = open_shop(currency=currency, policy=PUSH)
    place.sell_right("from-tolt", minor)
    place.sell_left("from-partnero", major, code="BEN20")

    place.sync()

    assert {row.amount for row in place.world.partnero.transactions} == {Decimal(major)}
    assert {row.amount for row in place.world.tolt.transactions} == {minor}


def test_an_amount_with_more_decimals_than_its_currency_is_not_pushed(pusher):
    pusher.sell_left("ord-1", "9.999")

    done = pusher.sync()

    (blocked,) = pusher.proposed(done.plan)
    assert (blocked.status, blocked.reason) == ("blocked", "not_expressible")
    assert pusher.charges == {}


# -- what is not pushed -------------------------------------------------------------


def test_what_was_taken_back_is_not_pushed(pusher):
    """F15, before the push"""
    row = pusher.sell_right("ord-1")
    row.status = "refunded"
    pusher.sell_left("ord-2")
    pusher.edit("partnero", "refund", key="ord-2")

    done = pusher.sync()

    assert pusher.proposed(done.plan) == []
    assert (pusher.sales, pusher.charges) == ({}, {"ord-1": 1})


def test_a_customer_is_only_made_where_that_is_allowed(open_shop):
    """F19"""
    place = open_shop(policy=f"{PUSH}\ncreate_customers = false")
    place.sell_right("ord-1")

    done = place.sync()

    (parked,) = place.proposed(done.plan)
    assert (parked.status, parked.reason) == ("blocked", "customer_missing")
    assert "@" not in said(parked).replace("***@", "")
    assert len(place.world.partnero.customers) == 0


def test_a_buyer_who_is_there_already_is_not_made_again(pusher):
    pusher.sell_left("ord-1", "20")
    pusher.sell_right("ord-2")  # the same e-mail on both sides

    done = pusher.sync()

    assert not any(action == "customer" for action, _, _ in pusher.steps(done))
    assert len(pusher.world.partnero.customers) == 1
    assert len(pusher.world.tolt.customers) == 1


def test_a_code_that_credits_other_partners_is_not_pushed(pusher):
    pusher.edit("tolt", "move_partner", code="ANNA10", partner="ben@example.com")
    pusher.sell_right("ord-1")

    done = pusher.sync()

    assert pusher.proposed(done.plan) == []
    (told,) = [f for f in done.plan.findings if f.kind == "push_blocked"]
    assert "same partner" in said(told)


def test_a_customer_who_came_by_another_code_is_not_credited_anew(pusher):
    pusher.build.both("ANNA15", "Anna", "15")
    right = pusher.world.tolt.codes_named("ANNA15")[0]
    pusher.sell_left("ord-1")
    pusher.sell_right("ord-2")
    customer = next(iter(pusher.world.tolt.customers))
    customer.promotion_code_uid = right.uid

    done = pusher.sync()

    reasons = {(c.target, c.reason) for c in pusher.proposed(done.plan)}
    assert ("tolt", "customer_on_other_code") in reasons
    assert pusher.charges["ord-1"] == 0


@pytest.mark.parametrize("found", ["another amount", "another buyer", "twice"])
def test_a_key_that_means_something_else_there_is_left_alone(pusher, found):
    pusher.sell_right("ord-1", 5000)
    amount = "60" if found == "another amount" else "50"
    times = 2 if found == "twice" else 1
    code = "ANNA10" if found != "another buyer" else "BEN20"
    pusher.sell_left("ord-1", amount, code=code, times=times)
    pusher.world.partnero.code(code).redemptions.clear()

    done = pusher.sync()

    (blocked,) = [c for c in pusher.proposed(done.plan) if c.target == "partnero"]
    assert blocked.status == "blocked"
    assert (pusher.sales["ord-1"], pusher.log) == (times, [])


def test_a_sale_that_partnero_has_is_adopted_and_redeemed(pusher):
    pusher.sell_left("ord-1", "50")
    pusher.world.partnero.code("ANNA10").redemptions.clear()
    pusher.sell_right("ord-1", 5000)

    done = pusher.sync()

    assert pusher.steps(done) == {("redeem", "partnero", "confirmed"): 1}
    assert (pusher.sales["ord-1"], pusher.log) == (1, ["ord-1"])


def test_one_key_on_two_codes_of_two_buyers_is_left_alone(pusher):
    pusher.sell_right("ord-1", 5000)
    pusher.sell_right("ord-1", 5000, code="BEN20")

    done = pusher.sync()

    assert {c.reason for c in pusher.proposed(done.plan)} == {"quarantined"}
    assert pusher.sales == {}


# -- guards -------------------------------------------------------------------------


def test_both_on_one_billing_system_stops_the_push_and_nothing_else(pusher):
    """F17"""
    for number in range(5):
        pusher.sell_left(f"pi-{number}")
        pusher.sell_right(f"pi-{number}")
    pusher.sell_right("pi-9")
    pusher.edit("tolt", "create_code", code="NEW10", partner="ben@example.com")

    done = pusher.sync()

    assert pusher.kinds(done.plan)["common_root"] == 1
    assert pusher.proposed(done.plan) == []
    assert ("create", "confirmed") in {(o.action, o.outcome) for o in done.outcomes}
    assert pusher.sales["pi-9"] == 0


def test_sales_that_partnero_knows_without_a_log_entry_show_a_common_root(pusher):
    """A billing integration counts and pays, and logs nothing."""
    for number in range(5):
        pusher.sell_left(f"pi-{number}")
        pusher.sell_right(f"pi-{number}")
    pusher.world.partnero.code("ANNA10").redemptions.clear()

    done = pusher.sync()

    assert pusher.kinds(done.plan)["common_root"] == 1
    assert pusher.log == []


def test_the_same_sales_under_other_keys_show_a_common_root(pusher):
    for number in range(5):
        pusher.sell_left(f"in_{number}", f"1{number}")
        pusher.sell_right(f"ch_{number}", 1000 + 100 * number)

    done = pusher.sync()

    assert pusher.kinds(done.plan)["common_root"] == 2
    proposed = pusher.proposed(done.plan)
    assert {(c.status, c.reason) for c in proposed} == {("held", "lookalike")}
    assert (pusher.sales.total(), pusher.charges.total()) == (5, 5)


def test_a_shared_past_is_left_behind_by_a_start_date(pusher):
    for number in range(5):
        pusher.sell_left(f"pi-{number}")
        pusher.sell_right(f"pi-{number}")
    row = pusher.sell_right("new")
    then = row.created_at.replace(month=5)
    pusher.world.tolt.transactions.change(row, created_at=then)
    pusher.configure(policy=f"{PUSH}\nredemptions_since = 2026-05-01")

    pusher.sync()

    assert pusher.sales["new"] == 1


def test_our_own_pushes_are_no_common_root(pusher):
    for number in range(8):
        pusher.sell_right(f"ord-{number}")
        pusher.an_hour_later()
        pusher.sync()

    assert pusher.sales == {f"ord-{number}": 1 for number in range(8)}


@pytest.mark.parametrize(("limit", "status"), [(2, "complete"), (1, "refused")])
def test_more_pushes_than_a_run_may_create_are_refused(pusher, limit, status):
    pusher.configure(policy=PUSH, limits=f"creates = {limit}")
    pusher.sell_right("ord-1")
    pusher.sell_right("ord-2")

    done = pusher.sync()

    assert done.status == status
    assert len(pusher.sales) == (2 if status == "complete" else 0)


def test_v1_pushes_both_ways_as_well(open_shop):
    place = open_shop(version="v1", policy=PUSH)
    place.sell_right("from-tolt")
    place.sell_left("from-partnero", code="BEN20")

    place.sync()

    assert place.sales == place.charges == {"from-tolt": 1, "from-partnero": 1}
    _quiet(place)


def test_what_we_pushed_is_only_looked_up_again_to_see_a_refund(pusher):
    pusher.sell_right("ord-1")
    pusher.sync()

    pusher.sync()

    asked = [r for r in pusher.sandbox.asked if "/v1/transactions" in r.path]
    assert [one.query.get("key") for one in asked] == ["ord-1"]
    pusher.configure()
    pusher.sync()
    assert not [r for r in pusher.sandbox.asked if "/v1/transactions" in r.path]


def test_a_buyer_who_belongs_to_another_partner_there_is_not_credited(pusher):
    pusher.sell_left("ord-0", code="BEN20")
    (ben,) = pusher.world.partnero.customers
    ben.email = "buyer-of-anna10@buyers.example"
    pusher.sell_right("ord-1")

    done = pusher.sync()

    reasons = {c.reason for c in pusher.proposed(done.plan) if c.target == "partnero"}
    assert reasons == {"payee_change"}
    assert "ord-1" not in pusher.sales


def test_a_sale_that_is_logged_before_its_transaction_shows_is_pushed_later(pusher):
    """The list of transactions lags behind the log: that is no refund."""
    pusher.an_hour_later()
    pusher.sell_left("ord-1")
    pusher.switches.partnero_transactions_lag = 50.0
    pusher.sync()
    assert not pusher.charges

    pusher.an_hour_later()
    pusher.sync()
    pusher.sync()

    assert pusher.charges == {"ord-1": 1}


def test_what_was_pushed_keeps_nothing_else_from_being_asked_for_again(pusher):
    """Thirty sales were pushed; one that seemed to be taken back gets its turn."""
    for number in range(30):
        pusher.sell_left(f"old-{number:02d}", f"{number + 1}")
    pusher.an_hour_later()
    pusher.sync()
    assert pusher.charges.total() == 30
    pusher.sell_left("young", "99")
    pusher.switches.partnero_transactions_lag = 50.0
    pusher.sync()

    for _ in range(3):
        pusher.an_hour_later()
        pusher.sync()

    assert pusher.charges["young"] == 1
