"""A community client against the Partnero stand-in: it was not written here.

It addresses codes and coupons by path, which the current documentation contradicts;
that is one of the switches.
"""

import pytest
from partnero import PartneroClient
from partnero.base_api import PartneroAPIException


@pytest.fixture
def client(api):
    client = PartneroClient(api.sandbox.environment["PARTNERO_API_KEY"])
    parts = (client.coupon, client.customer, client.partner)
    for part in (*parts, client.promotion_code, client.transaction):
        part.base_url = f"{api.sandbox.url}/partnero/v1/"
    yield client
    for part in (*parts, client.promotion_code, client.transaction, client.webhook):
        part.session.close()


@pytest.fixture
def by_path(api):
    api.sandbox.switches.set("partnero_path_addressing", True)


def test_codes_are_listed_by_page(api, client):
    first = client.promotion_code.list_promotion_codes(limit=20)
    last = client.promotion_code.list_promotion_codes(limit=20, page=2)

    texts = [row["code"] for row in first["data"] + last["data"]]
    assert texts[::-1] == [code.code for code in api.sandbox.world.partnero.codes]
    assert first["links"]["next"]
    assert last["links"]["next"] is None


def test_a_code_lives_through_all_calls_by_path(client, by_path):
    codes = client.promotion_code

    made = codes.create_promotion_code(0, "NEW-ONE", {"coupon_uuid": "PCT10"})
    changed = codes.update_promotion_code("NEW-ONE", {"metadata": {"a": "b"}})
    read = codes.fetch_promotion_code("new-one")
    codes.delete_promotion_code("NEW-ONE")

    assert made["status"] == 1
    assert changed["data"]["metadata"] == {"a": "b"}
    assert read["data"]["coupon"]["uuid_code"] == "PCT10"
    with pytest.raises(PartneroAPIException, match="404"):
        codes.fetch_promotion_code("NEW-ONE")


def test_a_coupon_is_made_read_and_deleted(client):
    made = client.coupon.create_coupon("Spring", "percent", 12.5, "months", 3, 10)
    uuid_code = made["data"]["uuid_code"]

    read = client.coupon.fetch_coupon(uuid_code)["data"]
    listed = client.coupon.list_coupons()["data"]
    client.coupon.delete_coupon(uuid_code)

    assert (read["name"], read["coupon_discount_amount"]) == ("Spring", 12.5)
    assert uuid_code in [row["uuid_code"] for row in listed]
    with pytest.raises(PartneroAPIException, match="404"):
        client.coupon.fetch_coupon(uuid_code)


def test_a_partner_is_made_changed_and_listed(api, client):
    made = client.partner.create_partner("new@example.com", "New", "Secret123")

    changed = client.partner.update_partner(made["data"]["id"], surname="One")
    listed = client.partner.list_partners(limit=100)["data"]

    assert changed["data"] == {**changed["data"], **listed[0]}
    assert listed[0]["surname"] == "One"
    assert len(listed) == 17
    assert [mail.to for mail in api.sandbox.world.mails] == ["new@example.com"]


def test_a_customer_is_made_and_deleted(client):
    customers = client.customer

    made = customers.create_customer("ben", "c-1", "c1@shop.example", "Kim")
    listed = customers.list_customers()["data"]
    customers.delete_customer("c-1")

    assert listed[0] == made["data"]
    assert len(customers.list_customers()["data"]) == len(listed) - 1


def test_a_transaction_is_made_and_deleted(api, client):
    made = client.transaction.create_transaction(
        "buyer-of-ANNA10", "ord-new", 99.99, "p-1", "plan", "sale"
    )["data"]
    reward = made["rewards"][0]
    before = len(api.sandbox.world.partnero.transactions)
    client.transaction.delete_transaction("ord-new")

    assert (made["amount"], reward["amount"]) == (99.99, 19.998)
    assert len(api.sandbox.world.partnero.transactions) == before - 1
    assert client.transaction.list_transactions(limit=100)["meta"]["to"] == before - 1
