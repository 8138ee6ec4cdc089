"""What the stand-ins refuse, field by field."""

import httpx
import pytest

NEW_COUPON = {
    "coupon_discount_type": "percent",
    "coupon_discount_amount": 5,
    "coupon_duration_type": "once",
}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("promotion-codes", {}, "coupon_uuid"),
        ("promotion-codes", {"coupon_uuid": "NO", "code": "A"}, "coupon_uuid"),
        ("promotion-codes", {"coupon_uuid": "PCT10", "code": "A B"}, "code"),
        ("promotion-codes", {"coupon_uuid": 5}, "coupon_uuid"),
        ("promotion-codes", {"coupon_uuid": "PCT10", "metadata": 5}, "metadata"),
        (
            "promotion-codes",
            {"coupon_uuid": "PCT10", "first_time_order": "yes"},
            "first_time_order",
        ),
        (
            "promotion-codes",
            {
                "coupon_uuid": "PCT10",
                "redemption_times_status": True,
                "redemption_times_value": 1.5,
            },
            "redemption_times_value",
        ),
        (
            "promotion-codes",
            {
                "coupon_uuid": "PCT10",
                "minimum_order_status": True,
                "minimum_order_value": "much",
            },
            "minimum_order_value",
        ),
        (
            "promotion-codes",
            {
                "coupon_uuid": "PCT10",
                "expiration_date_status": True,
                "expiration_date_value": "soon",
            },
            "expiration_date_value",
        ),
        ("coupons", {**NEW_COUPON, "uuid_code": "A B"}, "uuid_code"),
        ("coupons", {**NEW_COUPON, "coupon_discount_type": "gift"}, "coupon_discount"),
        ("coupons", {**NEW_COUPON, "coupon_discount_amount": 101}, "coupon_discount"),
        ("coupons", {**NEW_COUPON, "coupon_duration_type": "days"}, "coupon_duration"),
        ("partners", {}, "email"),
        ("partners", {"email": "no mail"}, "email"),
        ("partners", {"email": "ANNA@example.com"}, "email"),
        ("customers", {"partner": {"key": "ben"}}, "key"),
        ("transactions", {"amount": 5}, "customer"),
        ("transactions", {"amount": 5, "customer": {"key": ""}}, "customer.key"),
        ("transactions", {"customer": {"key": "buyer-of-ANNA10"}}, "amount"),
        (
            "transactions",
            {"customer": {"key": "buyer-of-ANNA10"}, "amount": 5, "created_at": "x"},
            "created_at",
        ),
    ],
)
def test_partnero_names_the_field_at_fault(api, path, body, field):
    world = api.sandbox.world
    before = repr(world.partnero)

    answer = api.partnero.post(f"/{path}", json=body)

    assert answer.status_code == 422
    assert any(name.startswith(field) for name in answer.json()["errors"])
    assert repr(world.partnero) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/promotion-codes", {}),
        ("DELETE", "/promotion-codes", {"code": "BEN10"}),
    ],
)
def test_partnero_wants_a_selector_in_the_body(api, method, path, body):
    assert api.partnero.request(method, path, json=body).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/partners/anna"),  # an id is wanted, not a key
        ("GET", "/partner"),
        ("GET", "/partner?email=nobody@example.com"),
        ("GET", "/customers/nobody"),
        ("GET", "/coupons/NO"),
        ("DELETE", "/transactions/no"),
        ("GET", "/affiliates"),
    ],
)
def test_partnero_says_404_for_what_is_not_there(api, method, path):
    answer = api.partnero.request(method, path)

    assert answer.status_code == 404
    assert answer.json()["status"] == 0


def test_partnero_finds_a_customer_by_key_id_and_mail(api):
    customer = next(iter(api.sandbox.world.partnero.customers))

    for text in (customer.key, customer.uid, customer.email):
        found = api.partnero.get(f"/customers/{text}").json()["data"]
        assert found["key"] == customer.key


def test_partnero_takes_an_update_wrapped_or_flat(api):
    ben = api.partnero.get("/partner?key=ben").json()["data"]["id"]

    wrapped = {"update": {"email": "b@x.example"}}
    row = api.partnero.put(f"/partners/{ben}", json=wrapped).json()["data"]
    taken = api.partnero.put(f"/partners/{ben}", json={"email": "anna@example.com"})

    assert row["email"] == "b@x.example"
    assert taken.status_code == 422
    assert api.partnero.get(f"/partner?id={ben}").json()["data"] == row


def test_a_coupon_keeps_its_own_limits(api):
    body = {
        **NEW_COUPON,
        "redemption_specific_date_status": True,
        "redemption_specific_date_value": "2030-01-31",
        "redemption_times_status": True,
        "redemption_times_value": 5,
        "metadata": {"a": "b"},
    }

    made = api.partnero.post("/coupons", json=body).json()["data"]

    assert {name: made[name] for name in body} == body


def test_v1_names_a_bad_page(api):
    for query in (
        {"limit": "0"},
        {"starting_after": "prc_nothing"},
        {"created_gte": "yesterday"},
    ):
        whole = {"program_id": api.program_id, **query}
        assert api.v1.get("/promotion-codes", params=whole).status_code == 400


def test_a_token_without_bearer_is_no_key(api):
    headers = {"Authorization": f"Basic {api.sandbox.environment['TOLT_API_KEY']}"}

    url = f"{api.sandbox.url}/tolt/v2/programs"
    assert httpx.get(url, headers=headers).status_code == 401
