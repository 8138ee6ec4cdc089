"""Partnero's coupons: what an update reaches, and what a sync needs."""

import pytest

COUPON = {
    "coupon_discount_type": "percent",
    "coupon_discount_amount": 12,
    "coupon_duration_type": "once",
}


def put(api, **body):
    return api.partnero.put("/coupons", json={"uuid_code": "PCT10", **body})


def test_an_update_reaches_name_and_metadata_and_never_the_discount(api):
    put(api, metadata={"a": "b"})

    done = put(api, name="Ten", metadata={"c": "d"}, coupon_discount_amount=99)

    shown = done.json()["data"]
    assert (shown["name"], shown["metadata"]) == ("Ten", {"a": "b", "c": "d"})
    assert shown["coupon_discount_amount"] == 10
    assert done.json()["message"] == "Coupon updated in the app successfully."
    assert done.json()["synchronization_enabled"] is False


@pytest.mark.parametrize(
    ("body", "status"), [({}, 422), ({"uuid_code": "NO-SUCH"}, 404)]
)
def test_an_update_names_a_coupon_that_exists(api, body, status):
    assert api.partnero.put("/coupons", json=body).status_code == status


def test_a_coupon_is_redeemed_once_for_a_sale_and_its_codes_are_not(api):
    api.sale("ord-1")
    body = {"redeem": True, "transaction_key": "ord-1"}

    counts = [put(api, **body).json()["data"]["times_redeemed"] for _ in range(2)]
    unknown = put(api, redeem=True, transaction_key="no-such").json()["data"]

    assert counts == [1, 1]
    log = unknown["additional_info"]["redemptions"]
    assert [row["transaction_key"] for row in log] == ["ord-1"]
    code = api.partnero.get("/promotion-codes/BEN10").json()["data"]
    assert code["times_redeemed"] == 0


@pytest.mark.parametrize("provider", ["stripe", "shopify", "paypal", ""])
def test_a_sync_is_refused_where_nothing_is_connected(api, provider):
    sync = {"sync": {"provider": provider}}

    made = api.partnero.post("/coupons", json={**COUPON, "uuid_code": "NEW", **sync})
    changed = put(api, name="Ten", **sync)

    assert (made.status_code, changed.status_code) == (422, 422)
    assert list(made.json()["errors"]) == ["sync.provider"] or provider == ""
    assert api.partnero.get("/coupons/NEW").status_code == 404
    assert api.partnero.get("/coupons/PCT10").json()["data"]["name"] == "PCT10"


def test_a_coupon_is_made_together_with_its_codes_or_not_at_all(api):
    def make(uuid_code: str, *codes: str) -> int:
        body = {**COUPON, "uuid_code": uuid_code}
        body["promotion_codes"] = [{"code": code} for code in codes]
        return api.partnero.post("/coupons", json=body).status_code

    done, refused = make("ONE", "A-1", "A-2"), make("TWO", "B-1", "BEN10")

    read = api.partnero.get("/promotion-codes/A-2").json()["data"]
    assert (done, refused) == (201, 422)
    assert read["coupon"]["uuid_code"] == "ONE"
    for path in ("/coupons/TWO", "/promotion-codes/B-1"):
        assert api.partnero.get(path).status_code == 404


def test_a_code_without_a_text_gets_one(api):
    texts = {api.code("").json()["data"]["code"] for _ in range(2)}
    bare = api.partnero.post("/promotion-codes", json={"coupon_uuid": "PCT10"})

    texts.add(bare.json()["data"]["code"])
    assert len(texts) == 3
    assert all(texts)


def test_a_minimum_order_is_a_whole_number(api):
    def make(code: str, value) -> int:
        body = {"minimum_order_status": True, "minimum_order_value": value}
        return api.code(code, **body).status_code

    assert make("WHOLE", 50) == 201
    assert make("CENTS", 49.99) == 422


def test_a_code_for_one_subscriber_names_them(api):
    flag = {"limit_to_specific_subscriber": True}
    named = {"coupon_specific_subscribers": {"id": "s", "subscriber_full_name": "S"}}

    assert api.code("NOBODY", **flag).status_code == 422
    assert api.code("SOMEBODY", **flag, **named).status_code == 201


def test_a_missing_field_is_said_to_be_required(api):
    errors = api.partnero.post("/promotion-codes", json={}).json()["errors"]

    assert errors == {"coupon_uuid": ["The coupon uuid field is required."]}
