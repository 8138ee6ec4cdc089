"""Only who was credited is paid, only in the programme's currency, only once."""

import pytest

from connector.reports.messages.say import said
from connector.sandbox import partnero_store, tolt_store
from state.database import open_to_write
from state.model import Decision
from state.store import Store

PUSH = 'redemptions = "both"\ncommissions = true'
BETWEEN = r"/partnero/v1/customers/[^/]+/transactions"


def _move(place, code="ANNA10", partner="ben@example.com"):
    for side in ("partnero", "tolt"):
        place.edit(side, "move_partner", code=code, partner=partner)


def _blocked(plan):
    return {(c.target, c.reason) for c in plan.changes if c.status == "blocked"}


@pytest.mark.parametrize("target", ["partnero", "tolt"])
def test_a_sale_from_before_a_payee_change_pays_nobody_else(pusher, target):
    """Neither the transaction, nor the customer, who would be bound for life."""
    if target == "partnero":
        pusher.sell_right("ord-1")
    else:
        pusher.sell_left("ord-1")
    _move(pusher)

    done = pusher.sync()

    assert _blocked(done.plan) == {(target, "payee_change")}
    left, right = pusher.world.partnero, pusher.world.tolt
    assert len(left.transactions) + len(right.transactions) == 1
    assert len(left.customers) + len(right.customers) == 1


def test_a_customer_of_nobody_is_not_one_of_somebody(pusher):
    pusher.sell_right("ord-1")
    pusher.sell_left("old", "1", code="BEN20")
    (buyer,) = pusher.world.partnero.customers
    buyer.email = "buyer-of-anna10@buyers.example"
    buyer.partner = pusher.build.people["Ben"][0]

    assert ("partnero", "payee_change") in _blocked(pusher.sync().plan)


def test_a_payee_change_that_a_person_keeps_is_named_and_never_pushed(pusher):
    pusher.sell_right("ord-1")
    _move(pusher)
    (blocked,) = [c for c in pusher.sync().plan.changes if c.status == "blocked"]
    words = (blocked.id, blocked.key, blocked.code, "keep", "", "sam", "2026-01-01")
    Store(open_to_write(f"sqlite:///{pusher.database}"), "acme").decide(
        [Decision(*words)]
    )

    plan = pusher.sync().plan

    assert _blocked(plan) == set()
    assert [one.kind for one in plan.accepted] == ["payee_change"]
    assert pusher.sales == {}


def test_a_customer_whose_partner_is_named_by_referral_key_is_the_same_persons(pusher):
    pusher.switches.partnero_customer_partner = "key"
    pusher.sell_left("ord-1", "20")
    pusher.sell_right("ord-2")

    done = pusher.sync()

    assert _blocked(done.plan) == set()
    assert pusher.sales == pusher.charges == {"ord-1": 1, "ord-2": 1}


def test_a_payee_change_between_plan_and_payment_makes_it_stale(pusher):
    pusher.sell_left("old", "1")
    pusher.sell_right("ord-1")
    move = {"action": "move_partner", "code": "ANNA10", "partner": "ben@example.com"}
    pusher.fault("edit", "GET", BETWEEN, edit={"side": "partnero", **move})

    done = pusher.sync()

    assert pusher.steps(done)["transaction", "partnero", "stale"] == 1
    assert pusher.sales == {"old": 1}


@pytest.mark.parametrize(
    "change",
    [{"status": "refunded"}, {"amount": 5000}],
    ids=["refunded", "amended"],
)
def test_what_changes_at_the_source_between_plan_and_payment_makes_it_stale(
    pusher, change
):
    pusher.sell_left("old", "1")
    row = pusher.sell_right("ord-1")

    def somebody(world):
        world.tolt.transactions.change(row, **change)

    pusher.fault("edit", "GET", BETWEEN, edit=somebody)

    done = pusher.sync()

    assert pusher.steps(done)["transaction", "partnero", "stale"] == 1
    assert pusher.sales == {"old": 1}


# -- currency -----------------------------------------------------------------------


def test_euros_are_not_sent_as_dollars(pusher):
    pusher.sell_left("ord-1")
    (sale,) = pusher.world.partnero.transactions
    sale.amount_units = "EUR"

    done = pusher.sync()

    assert _blocked(done.plan) == {("tolt", "currency_differs")}
    assert pusher.charges == {}


def test_another_currency_of_tolt_is_not_pushed_either(pusher):
    pusher.sell_right("ord-1")
    pusher.world.tolt.program.currency = "EUR"
    plan = pusher.plan()

    assert _blocked(plan) == {("partnero", "currency_differs")}


# -- customers ----------------------------------------------------------------------


def _number(place, left_email, right_email):
    """Customer 1001 of both sides, each with an e-mail of their own or none."""
    place.sell_right("ord-1")
    (right,) = place.world.tolt.customers
    place.world.tolt.customers.change(right, customer_id="1001", email=right_email)
    stamp = ("cst_x", place.world.now(), place.world.now())
    anna = place.build.people["Anna"][0]
    left = partnero_store.PartneroCustomer(*stamp, "1001", anna)
    left.email = left_email
    place.world.partnero.customers.add(left)
    assert isinstance(right, tolt_store.ToltCustomer)


def test_one_number_with_two_e_mails_is_two_people(pusher):
    _number(pusher, "a@buyers.example", "b@buyers.example")

    done = pusher.sync()

    assert _blocked(done.plan) == {("partnero", "customer_differs")}
    assert pusher.sales == {}
    (told,) = [said(c) for c in done.plan.changes if c.status == "blocked"]
    assert "a@buyers" not in told
    assert "b@buyers" not in told


@pytest.mark.parametrize("left", [None, "B@Buyers.Example "])
def test_one_number_is_one_person_where_no_e_mail_says_otherwise(pusher, left):
    _number(pusher, left, "b@buyers.example")

    pusher.sync()

    (sale,) = pusher.world.partnero.transactions
    assert sale.customer.key == "1001"


def test_mailboxes_that_only_unicode_makes_equal_are_two_people(pusher):
    _number(pusher, "strau\u00df@buyers.example", "strauss@buyers.example")

    assert _blocked(pusher.sync().plan) == {("partnero", "customer_differs")}


def test_customers_who_were_joined_by_a_push_stay_one_person(pusher):
    pusher.sell_right("ord-1")
    pusher.sync()
    (left,) = pusher.world.partnero.customers
    left.email = "moved@buyers.example"
    pusher.an_hour_later()
    pusher.sell_right("ord-2", 2000)
    pusher.an_hour_later()

    pusher.sync()

    assert pusher.sales == {"ord-1": 1, "ord-2": 1}
    assert len(pusher.world.partnero.customers) == 1


# -- refunds ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["refund", "archive"])
def test_a_sale_taken_back_after_it_was_first_seen_is_not_paid(pusher, how):
    pusher.configure(policy='redemptions = "report"')
    pusher.sell_left("ord-1")
    pusher.sync()
    _take_back(pusher, how)
    pusher.configure(policy=PUSH)

    done = pusher.sync()

    assert pusher.proposed(done.plan) == []
    assert pusher.charges == {}
    assert done.plan.redemptions["missing_on_tolt"] == 0


@pytest.mark.parametrize("how", ["refund", "archive"])
def test_a_refund_on_partnero_after_the_push_is_a_finding(pusher, how):
    pusher.sell_left("ord-1")
    pusher.sync()
    _take_back(pusher, how)

    done = pusher.sync()

    assert pusher.kinds(done.plan)["refunded"] == 1
    assert pusher.sandbox.asked.writes == []


@pytest.mark.parametrize("how", ["refund", "archive"])
def test_a_double_that_somebody_mends_is_no_finding_any_more(pusher, how):
    pusher.sell_right("ord-1")
    pusher.sell_left("ord-1", times=2)
    pusher.world.partnero.code("ANNA10").redemptions.pop()
    assert pusher.kinds(pusher.sync().plan)["redemption_twice"] == 1
    first = next(iter(pusher.world.partnero.transactions))
    if how == "archive":
        first.deleted_at = pusher.world.now()
    else:
        pusher.world.partnero.transactions.remove(first)

    assert pusher.kinds(pusher.sync().plan)["redemption_twice"] == 0


def test_twenty_are_asked_for_again_a_run_and_the_next_ones_in_the_next(pusher):
    for number in range(24):
        pusher.sell_right(f"ord-{number:02}", 1000 + number)
    pusher.sync()
    seen = [_rechecked(pusher) for _ in range(2)]

    assert [len(one) for one in seen] == [20, 20]
    assert len(seen[0] | seen[1]) == 24


def _rechecked(place):
    place.sync()
    path = "/partnero/v1/transactions"
    return {r.query.get("key") for r in place.sandbox.asked if r.path == path}


def _take_back(place, how):
    if how == "refund":
        place.edit("partnero", "refund", key="ord-1")
    else:
        (sale,) = place.world.partnero.transactions
        sale.deleted_at = place.world.now()


# -- a switch of Tolt's version -------------------------------------------------------


def _switched(place):
    """Go over to v1, where every sale has another id."""
    table = place.world.tolt.transactions
    for row in list(table):
        table.remove(row)
        row.uid = f"x{row.uid}"
        table.add(row)
    place.version = "v1"
    place.configure(policy=PUSH)
    place.an_hour_later()


def test_after_a_switch_a_sale_without_charge_id_is_known_by_amount_and_time(pusher):
    for amount in (3000, 4000):
        pusher.sell_right(None, amount)
    pusher.sync()
    pushed = pusher.sales
    _switched(pusher)

    first, again = pusher.sync(), pusher.sync()

    assert pusher.kinds(first.plan)["version_switched"]
    assert pusher.sales == pushed
    assert pusher.proposed(again.plan) == []
    assert again.plan.redemptions["in_sync"] == 2


def test_after_a_switch_what_cannot_be_matched_is_named_and_not_pushed(pusher):
    for amount in (3000, 4000):
        pusher.sell_right(None, amount)
    pusher.sync()
    pushed = pusher.sales
    row = next(iter(pusher.world.tolt.transactions))
    row.amount = 3100
    _switched(pusher)

    pusher.sync()
    again = pusher.sync()

    assert pusher.kinds(again.plan)["unproven"] == 1
    assert pusher.proposed(again.plan) == []
    assert pusher.sales == pushed


def test_after_a_switch_new_sales_are_pushed_as_before(pusher):
    pusher.sell_right(None, 3000)
    pusher.sync()
    _switched(pusher)
    pusher.sync()
    pusher.an_hour_later()
    pusher.sell_right("new", 2000)
    pusher.an_hour_later()

    pusher.sync()

    assert pusher.sales["new"] == 1
    assert pusher.sales.total() == 2
