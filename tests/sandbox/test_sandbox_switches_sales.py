"""Doubts about Partnero's people and sales, in both readings."""

from datetime import timedelta

import pytest


def flip(api, **values):
    api.sandbox.switches.update(values)


def test_transaction_keys_are_not_unique_unless_switched_on(api):
    twice = [api.sale("same").status_code for _ in range(2)]
    flip(api, partnero_unique_transactions=True)

    assert twice == [201, 201]
    assert api.sale("same").status_code == 422


def test_a_sale_of_an_unknown_customer_is_refused_or_belongs_to_nobody(api):
    refused = api.sale("x", customer={"key": "nobody"})
    flip(api, partnero_unknown_customer="accept")
    accepted = api.sale("x", customer={"key": "nobody"}).json()["data"]

    assert refused.status_code == 422
    assert (accepted["partner"], accepted["rewards"]) == (None, [])


def test_created_at_is_a_number_and_perhaps_a_text(api):
    number = api.sale("n", created_at=1735689600).json()["data"]["created_at"]
    text = api.sale("t", created_at="2025-01-01T00:00:00Z").json()["data"]["created_at"]
    flip(api, partnero_integer_created_at=True)
    refused = api.sale("r", created_at="2025-01-01T00:00:00Z")

    assert number == text == "2025-01-01T00:00:00.000000Z"
    assert refused.status_code == 422


def test_amounts_are_exact_or_limited_to_two_decimals(api):
    kept = api.sale("k", amount=33.333).json()["data"]
    flip(api, partnero_two_decimals=True)

    assert kept["amount"] == 33.333
    assert api.sale("r", amount=33.333).status_code == 422


def test_a_discount_code_is_ignored_or_redeems(api):
    api.sale("ignored", discount_code="BEN10")
    flip(api, partnero_discount_code_redeems=True)
    api.sale("redeems", discount_code="BEN10")

    log = api.sandbox.world.partnero.code("BEN10").redemptions
    assert [entry.transaction_key for entry in log] == ["redeems"]


def test_a_partner_is_found_by_mail_or_only_by_scanning(api):
    found = api.partnero.get("/partner", params={"email": "Anna@Example.com"})
    flip(api, partnero_partner_by_email=False)
    hidden = api.partnero.get("/partner", params={"email": "anna@example.com"})

    assert found.json()["data"]["email"] == "anna@example.com"
    assert hidden.status_code == 404


def test_the_partner_of_a_customer_is_an_id_or_a_key(api):
    uid = api.partnero.get("/customers").json()["data"][0]["partner"]
    flip(api, partnero_customer_partner="key")
    key = api.partnero.get("/customers").json()["data"][0]["partner"]

    assert uid.startswith("prt_")
    assert key == "anna"


@pytest.mark.parametrize(
    ("rule", "sale", "customer"),
    [("exact", " Ord_1 ", " C-1 "), ("trim", "Ord_1", "C-1"), ("lower", None, None)],
)
def test_keys_of_partnero_are_kept_as_sent_or_trimmed_or_in_small_letters(
    api, rule, sale, customer
):
    flip(api, partnero_keys=rule)
    body = {"key": " C-1 ", "partner": {"key": "anna"}}

    made = api.partnero.post("/customers", json=body).json()["data"]["key"]
    sold = api.sale(" Ord_1 ").json()["data"]["key"]
    log = api.redeem("BEN10", " Ord_1 ")["additional_info"]["redemptions"]

    assert made == (customer or " c-1 ")
    assert sold == log[0]["transaction_key"] == (sale or " ord_1 ")


def test_the_key_filter_of_sales_is_exact_or_heeds_neither_case_nor_blanks(api):
    api.sale("order_1")
    api.sale("Order_1")

    def found(key: str) -> list[str]:
        rows = api.partnero.get("/transactions", params={"key": key}).json()["data"]
        return [row["key"] for row in rows]

    exact = found("ORDER_1"), found("order_1")
    flip(api, partnero_key_filter="insensitive")

    assert exact == ([], ["order_1"])
    assert found("ORDER_1") == ["Order_1", "order_1"]


def keys_at(api, path: str) -> list[str]:
    return [row["key"] for row in api.partnero.get(path).json()["data"]]


def test_a_new_sale_of_partnero_is_read_at_once_or_after_a_while(api):
    buyer = "/customers/buyer-of-ANNA10/transactions"
    lists = ("/transactions?limit=100", "/transactions?key=late", buyer)
    clock = api.sandbox.world.now()
    api.sandbox.world.clock = lambda: clock
    flip(api, partnero_transactions_lag=50.0)
    api.sale("late")

    def seen() -> list[bool]:
        one = api.partnero.get("/transactions/late").status_code == 200
        return [one, *("late" in keys_at(api, path) for path in lists)]

    before, counted = seen(), api.redeem("BEN10", "late")["times_redeemed"]
    api.sandbox.world.clock = lambda: clock + timedelta(seconds=50)

    assert (before, counted) == ([False] * 4, 1)
    assert seen() == [True] * 4


def test_amounts_are_numbers_or_texts(api):
    def shown():
        coupon = api.partnero.get("/coupons/FIX25").json()["data"]
        sale = api.partnero.get("/transactions/ord-both").json()["data"]
        amounts = coupon["coupon_discount_amount"], sale["amount"]
        return *amounts, sale["rewards"][0]["amount"]

    numbers = shown()
    flip(api, partnero_amounts="text")

    assert numbers == (25, 49.99, 9.998)
    assert shown() == ("25", "49.99", "9.998")


def test_the_partner_of_a_sale_is_an_id_or_a_key(api):
    def shown():
        sale = api.partnero.get("/transactions/ord-both").json()["data"]
        return sale["partner"], sale["rewards"][0]["partner"]

    uid = api.partnero.get("/partner?key=anna").json()["data"]["id"]
    ids = shown()
    flip(api, partnero_sale_partner="key")

    assert (ids, shown()) == ((uid, uid), ("anna", "anna"))


def test_the_key_of_a_partner_stands_in_their_link_or_in_a_field_too(api):
    def shown():
        listed = api.partnero.get("/partners?limit=100").json()["data"][-1]
        single = api.partnero.get(f"/partners/{listed['id']}").json()["data"]
        assert single["referral_link"].endswith("?aff=anna")
        return listed.get("key"), single.get("key")

    hidden = shown()
    flip(api, partnero_partner_key=True)

    assert (hidden, shown()) == ((None, None), ("anna", "anna"))
