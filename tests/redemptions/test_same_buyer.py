"""The buyer is found in whatever way a server tells of customers, or nobody is paid."""

import pytest

from connector.providers.partnero_sales import PartneroSales
from mappings.redemption_wire import decode_buyer, decode_charge, decode_customer
from mappings.redemptions import Money, Sale

SEARCH, BY_EMAIL = "/partnero/v1/customers:search", "/partnero/v1/customers/[^/?]*%40"
OF_CUSTOMER = "/partnero/v1/customers/[^/]*/transactions"
MAIL = "kim@buyers.example"
PUSH = 'redemptions = "both"\ncommissions = true'


def _twice_told(place, *, number="1001", theirs=None):
    """One sale of one buyer on both sides, under a key of its own on each."""
    code = place.world.partnero.code("ANNA10")
    place.build.sale_counted(code, "50.00", "in_1", customer=number, email=MAIL)
    right = place.world.tolt.codes_named("ANNA10")[0]
    more = {"email": MAIL, "customer_id": theirs}
    place.build.sale_right(right, "ch_1", 5000, **more)


def _known(place, number, email):
    """A customer on Partnero who has bought nothing."""
    code, table = place.world.partnero.code("ANNA10"), place.world.partnero.transactions
    more = {"customer": number, "email": email}
    table.remove(place.build.transaction(code, f"x_{number}", "1.00", **more))


def _asked(place):
    plan = place.sync().plan
    assert (place.sales.total(), place.charges.total()) == (1, 1)
    (change,) = [c for c in plan.changes if c.push]
    return change.status, change.reason


def test_the_buyer_is_found_where_neither_a_path_nor_a_search_knows_e_mails(pusher):
    _twice_told(pusher)
    for path in (SEARCH, BY_EMAIL):
        pusher.fault("status", "GET", path, status=404, answer={}, count=None)

    assert _asked(pusher) == ("held", "lookalike")


def test_the_buyer_is_found_on_a_later_page_of_a_search(pusher):
    for number in range(120):  # the search finds parts, and these come first
        _known(pusher, f"n{number}", f"{number}{MAIL}")
    pusher.fault("status", "GET", BY_EMAIL, status=404, answer={}, count=None)
    _twice_told(pusher)

    assert _asked(pusher) == ("held", "lookalike")


def test_of_two_customers_with_one_e_mail_the_number_tells_which(pusher):
    _known(pusher, "1000", MAIL)
    _twice_told(pusher, theirs="1001")

    assert _asked(pusher) == ("held", "lookalike")


def test_of_two_customers_with_one_e_mail_and_no_number_nobody_is_paid(pusher):
    _known(pusher, "1000", MAIL)
    _twice_told(pusher)

    assert _asked(pusher) == ("blocked", "customer_ambiguous")


class _Listing(PartneroSales):
    """A listing whose rows name customers in one way, and no route by customer."""

    def __init__(self, names, keys=()):
        self.names, self.keys = names, keys

    def _listed(self, filters):
        return [Sale(f"k{n}", None, name, "") for n, name in enumerate(self.names)]

    def numbered(self, key):
        return key if key in self.keys else None


@pytest.mark.parametrize(
    ("names", "keys", "count"),
    [
        (["1001", "1002"], ["1001", "1002"], 1),
        (["1002", "1003"], ["1002", "1003"], 0),
        (["", ""], [], 2),
        (["cst_1", "cst_2"], [], 2),
        (["kim@buyers.example"], [], 1),
        ([], [], 0),
    ],
)
def test_sales_that_may_be_the_buyers_are_never_left_out(names, keys, count):
    assert len(_Listing(names, keys)._filtered("1001")) == count


def test_what_the_buyer_paid_before_it_was_exchanged_is_an_amount_of_the_sale():
    row = {"id": "t", "amount": "5412", "currency": "usd"}
    row |= {"payment_amount": "4999", "payment_currency": "eur"}

    assert Money(4999, "EUR") in decode_charge(row, "USD").sums


@pytest.mark.parametrize(
    ("email", "number", "known"),
    [
        (MAIL, "1001", MAIL),
        (None, MAIL, MAIL),
        (None, "1001", ""),
        ("n/a", "1001", ""),
        ("-", "1001", ""),
    ],
)
def test_a_placeholder_is_no_mailbox_and_a_number_may_be_one(email, number, known):
    left = decode_buyer({"key": number, "email": email})
    right = decode_customer({"id": "cus_1", "customer_id": number, "email": email})

    assert (left.email, right.email) == (known, known)


def test_what_tolt_has_of_late_is_no_question_after_an_older_state_is_restored(pusher):
    pusher.sell_left("ord-1")
    pusher.sync()
    for file in pusher.folder.glob("connector.db*"):
        file.unlink()
    pusher.build.minutes = 0  # too young for Tolt's window

    plan = pusher.sync().plan

    assert [c for c in plan.changes if c.push] == []
    assert pusher.charges == {"ord-1": 1}


def test_a_charge_id_that_comes_as_a_number_is_one():
    assert decode_charge({"id": "t", "charge_id": 7001}, "USD").key == "7001"


def test_a_second_customer_of_a_mailbox_that_we_know_is_compared_too(pusher):
    """Whom we made is remembered; the billing system makes a row of its own later."""
    right = pusher.world.tolt.codes_named("ANNA10")[0]
    pusher.build.sale_right(right, "ch_0", 1100, email=MAIL)
    pusher.sync()
    assert pusher.sales == {"ch_0": 1}
    pusher.an_hour_later()
    code = pusher.world.partnero.code("ANNA10")
    pusher.build.sale_counted(code, "50.00", "in_1", customer="cust-kim", email=MAIL)
    pusher.build.sale_right(right, "ch_1", 5000, email=MAIL)
    pusher.an_hour_later()

    plan = pusher.sync().plan

    (change,) = [c for c in plan.changes if c.push]
    assert (change.status, change.reason) == ("held", "lookalike")
    assert pusher.sales == {"ch_0": 1, "in_1": 1}


def test_a_customer_of_the_mailbox_who_comes_right_before_a_payment_is_seen(pusher):
    right = pusher.world.tolt.codes_named("ANNA10")[0]
    pusher.build.sale_right(right, "ch_1", 5000, email=MAIL)
    code = pusher.world.partnero.code("ANNA10")

    def meanwhile(_world):
        more = {"customer": "cust-kim", "email": MAIL}
        pusher.build.sale_counted(code, "50.00", "in_1", **more)

    pusher.fault("edit", "POST", "/partnero/v1/customers$", edit=meanwhile)

    pusher.sync()

    assert pusher.sales == {"in_1": 1}


def test_a_sale_that_the_log_shows_right_before_a_payment_is_not_paid_again(pusher):
    """Partnero's log shows it at once, its list of transactions a minute later."""
    pusher.sell_right("ord-1", 4999)

    def meanwhile(_world):
        pusher.switches.partnero_transactions_lag = 50.0
        pusher.sell_left("ord-1")

    pusher.fault("edit", "POST", "/partnero/v1/customers$", edit=meanwhile)

    pusher.sync()

    assert pusher.sales == {"ord-1": 1}


@pytest.mark.parametrize("version", ["v2", "v1"])
def test_the_same_number_with_another_e_mail_is_found_in_both_versions(
    open_shop, version
):
    """v1 searches customers by e-mail alone."""
    place = open_shop(version=version, policy=PUSH)
    right = place.world.tolt.codes_named("ANNA10")[0]
    mails = {"email": "old@buyers.example", "customer_id": "1001"}
    place.build.sale_right(right, "ord-1", 100, **mails)
    left = place.world.partnero.code("ANNA10")
    buyer = {"customer": "1001", "email": "new@buyers.example"}
    place.build.sale_left(left, "ord-2", "20.00", **buyer)
    place.an_hour_later()

    plan = place.sync().plan

    reasons = {c.reason for c in plan.changes if c.push and c.target == "tolt"}
    assert reasons == {"customer_differs"}
    assert len(place.world.tolt.customers) == 1
    assert "ord-2" not in place.charges
