"""Partnero as documented: envelopes, pages, restrictions, redeem, refunds."""

import pytest

from connector.sandbox.seed import Builder

CODES = "/promotion-codes"


def test_a_list_has_links_and_no_total(api):
    page = api.partnero.get(CODES, params={"limit": 10, "page": 2}).json()

    assert page["meta"]["from"] == 11
    assert page["meta"]["to"] == 20
    assert page["links"]["last"] is None
    assert page["links"]["prev"].endswith("page=1")
    assert "total" not in page["meta"]


def test_a_page_behind_the_end_is_empty(api):
    page = api.partnero.get(CODES, params={"page": 99}).json()

    assert (page["data"], page["links"]["next"]) == ([], None)
    assert (page["meta"]["from"], page["meta"]["to"]) == (None, None)


def test_an_empty_map_is_a_list_and_a_full_one_is_a_map(api):
    empty = api.partnero.get(f"{CODES}/METAEMPTY10").json()["data"]["metadata"]
    full = api.partnero.get(f"{CODES}/METAOBJECT10").json()["data"]["metadata"]

    assert (empty, full) == ([], {"campaign": "summer"})


def test_get_shows_the_coupon_and_put_does_not(api):
    read = api.partnero.get(f"{CODES}/BEN10").json()["data"]
    written = api.partnero.put(CODES, json={"code": "BEN10"}).json()

    assert read["coupon"]["coupon_discount_amount"] == 10
    assert "coupon" not in written["data"]
    assert written["message"] == "Promotion code updated in the app successfully."


@pytest.mark.parametrize(
    "code", ["WITH BLANK", "ÜMLAUT", "SLASH/10", "X" * 101, "LINE\n"]
)
def test_a_code_has_letters_digits_dash_and_underscore(api, code):
    answer = api.code(code)

    assert answer.status_code == 422
    assert "code" in answer.json()["errors"]


def test_a_code_keeps_all_its_restrictions(api):
    body = {
        "first_time_order": True,
        "limit_to_specific_customer": True,
        "coupon_specific_customers": {"id": "c1", "customer_full_name": "Vera Ip"},
        "minimum_order_status": True,
        "minimum_order_value": 50,
        "expiration_date_status": True,
        "expiration_date_value": "2030-01-31",
        "redemption_times_status": True,
        "redemption_times_value": 3,
        "metadata": {"src": "test"},
    }

    made = api.code("NEW-ONE", **body).json()["data"]

    assert {name: made[name] for name in body} == body


@pytest.mark.parametrize(
    ("flag", "missing"),
    [
        ("limit_to_specific_partner", "coupon_specific_partners"),
        ("limit_to_specific_customer", "coupon_specific_customers"),
        ("minimum_order_status", "minimum_order_value"),
        ("expiration_date_status", "expiration_date_value"),
        ("redemption_times_status", "redemption_times_value"),
    ],
)
def test_a_flag_needs_its_value(api, flag, missing):
    answer = api.code("NEW-ONE", **{flag: True})

    assert answer.status_code == 422
    assert missing in answer.json()["errors"]


def test_metadata_is_merged_and_an_empty_list_changes_nothing(api):
    for metadata in ({"a": "1"}, [], {"b": None}):
        body = {"code": "METAOBJECT10", "metadata": metadata}
        answer = api.partnero.put(CODES, json=body).json()["data"]

    assert answer["metadata"] == {"campaign": "summer", "a": "1", "b": None}


def test_the_partner_of_a_code_moves_and_goes(api):
    cleo = api.partnero.get("/partner?email=cleo@example.com").json()["data"]
    named = {"id": cleo["id"], "full_name": "Cleo Kask"}
    body = {
        "code": "BEN10",
        "limit_to_specific_partner": True,
        "coupon_specific_partners": [named],
    }

    moved = api.partnero.put(CODES, json=body).json()["data"]
    body = {"code": "BEN10", "limit_to_specific_partner": False}
    free = api.partnero.put(CODES, json=body).json()["data"]

    assert moved["coupon_specific_partners"] == named
    assert free["coupon_specific_partners"] == []


def test_a_delete_names_code_and_coupon_and_is_for_ever(api):
    def delete(coupon: str) -> int:
        body = {"code": "ANNA10", "coupon": {"uuid_code": coupon}}
        return api.partnero.request("DELETE", CODES, json=body).status_code

    wrong, right, again = delete("PCT20"), delete("PCT10"), delete("PCT10")
    made = api.code("ANNA10").json()["data"]

    assert (wrong, right, again) == (404, 200, 404)
    # The counter and the log died with it.
    assert (made["times_redeemed"], made["additional_info"]) == (0, [])


# --- redeem -----------------------------------------------------------------------


def test_a_redeem_with_a_known_key_counts_once(api):
    api.sale("ord-1")

    first = api.redeem("BEN10", "ord-1")
    second = api.redeem("BEN10", "ord-1")

    keys = [row["transaction_key"] for row in first["additional_info"]["redemptions"]]
    assert keys == ["ord-1"]
    assert first["times_redeemed"] == second["times_redeemed"] == 1


def test_a_redeem_with_an_unknown_key_is_a_silent_no_op(api):
    assert api.redeem("BEN10", "no-such")["times_redeemed"] == 0


def test_a_redeem_without_a_key_counts_every_time(api):
    api.redeem("BEN10")
    data = api.redeem("BEN10")

    keys = [row["transaction_key"] for row in data["additional_info"]["redemptions"]]
    assert (data["times_redeemed"], keys) == (2, [None, None])


def test_one_key_can_be_redeemed_on_two_codes(api):
    api.sale("ord-1")

    counts = [
        api.redeem(code, "ord-1")["times_redeemed"] for code in ("BEN10", "BEN20")
    ]

    assert counts == [1, 1]


def test_a_refund_changes_no_counter(api):
    api.sale("ord-1")
    api.redeem("BEN10", "ord-1")

    api.partnero.request("DELETE", "/transactions", json={"key": "ord-1"})

    data = api.partnero.get(f"{CODES}/BEN10").json()["data"]
    assert data["times_redeemed"] == 1
    assert api.partnero.get("/transactions/ord-1").status_code == 404


# --- coupons, customers, transactions ---------------------------------------------


def test_a_coupon_is_made_once(api):
    body = {
        "uuid_code": "SPRING",
        "coupon_discount_type": "static",
        "coupon_discount_amount": 12.5,
        "coupon_duration_type": "months",
        "coupon_duration_value": 3,
    }

    made = api.partnero.post("/coupons", json=body)
    again = api.partnero.post("/coupons", json=body)

    read = api.partnero.get("/coupons/SPRING").json()["data"]
    assert made.json()["data"] == read
    assert (read["coupon_discount_amount"], read["coupon_duration_value"]) == (12.5, 3)
    assert again.status_code == 422


def test_a_customer_needs_a_partner_that_exists(api):
    def make(partner):
        body = {"key": "c-1", "partner": partner}
        return api.partnero.post("/customers", json=body).status_code

    assert make({}) == 422
    assert make({"email": "nobody@example.com"}) == 400
    assert make({"email": "BEN@example.com"}) == 201
    assert make({"key": "ben"}) == 422  # the customer's key is taken now


def test_a_transaction_pays_unless_it_says_not_to(api):
    paid = api.sale("ord-1", amount=99.99).json()["data"]["rewards"]
    none = api.sale("ord-3", rewardable=False).json()["data"]["rewards"]

    assert [row["amount"] for row in paid] == [19.998]
    assert none == []


def test_a_key_filter_is_exact_and_shows_every_twin(api):
    api.sale("ord-1")
    api.sale("ord-1", amount=20)
    api.sale("ord-10")

    rows = api.partnero.get("/transactions?key=ord-1").json()["data"]

    assert [row["amount"] for row in rows] == [20, 10]
    assert api.partnero.get("/transactions/ord-1").json()["data"]["amount"] == 20


def sale_keys(api, path: str, **query) -> list[str]:
    rows = api.partnero.get(path, params=query).json()["data"]
    return [row["key"] for row in rows]


@pytest.mark.parametrize(
    "query",
    [
        {"customer.key": "c-1"},
        {"customer_key": "c-1"},
        {"partner.key": "ben"},
        {"partner_email": "Ben@example.com"},
    ],
)
def test_sales_are_listed_by_customer_or_partner(api, query):
    body = {"key": "c-1", "email": "c1@buyers.example", "partner": {"key": "ben"}}
    api.partnero.post("/customers", json=body)
    api.sale("ord-1", customer={"key": "c-1"})
    api.sale("ord-2")

    assert sale_keys(api, "/transactions", **query) == ["ord-1"]
    assert sale_keys(api, "/transactions", key="ord-2", **query) == []
    assert sale_keys(api, "/transactions", **dict.fromkeys(query, "nobody")) == []


def test_the_sales_of_a_customer_come_in_pages(api):
    for number in range(12):
        api.sale(f"ord-{number}")
    buyer = "/customers/buyer-of-ANNA10"

    first = api.partnero.get(f"{buyer}/transactions").json()
    second = api.partnero.get(first["links"]["next"]).json()
    other = api.partnero.get("/customers/nobody/transactions")

    keys = [row["key"] for row in (*first["data"], *second["data"])]
    assert len(first["data"]) == 10
    assert keys[:12] == [f"ord-{number}" for number in range(11, -1, -1)]
    assert other.status_code == 404


def test_customers_are_searched_by_a_part_of_their_mail_or_id(api):
    def found(**query) -> list[str]:
        rows = api.partnero.get("/customers:search", params=query).json()["data"]
        return [row["key"] for row in rows]

    uid = api.sandbox.world.partnero.customers.exact("buyer-of-ANNA10").uid

    assert found(email="OF-anna10@buyers") == found(id=uid) == ["buyer-of-ANNA10"]
    assert found(email="nobody@x") == found() == []


def test_a_partner_is_found_by_the_key_of_their_link(api):
    found = api.partnero.get("/partner", params={"key": "anna"}).json()["data"]
    partial = api.partnero.get("/partner", params={"key": "ann"})

    assert (found["email"], found["status"]) == ("anna@example.com", "active")
    assert partial.status_code == 404


def test_a_key_with_a_slash_works_when_it_is_encoded(api):
    api.sale("ord/1")

    assert api.partnero.get("/transactions/ord%2F1").status_code == 200


def test_archiving_works_once(api):
    api.sale("ord-1")

    answers = [api.partnero.post("/transactions/ord-1/archive") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 400]


def test_each_programme_has_its_own_key(api):
    Builder(api.sandbox.world, 900).programme("pk_other", "Other", "JPY")

    other = {"Authorization": "Bearer pk_other"}
    checked = api.partnero.get("/test", headers=other).json()["data"]["program"]

    assert (checked["name"], checked["currency"]) == ("Other", "JPY")
    assert api.partnero.get(CODES, headers=other).json()["data"] == []


def test_every_made_partner_is_a_mail_sent(api):
    api.partnero.post("/partners", json={"email": "new@example.com"})
    twin = api.partnero.post("/partners", json={"email": "NEW@example.com"})

    assert twin.status_code == 422
    assert [mail.side for mail in api.sandbox.world.mails] == ["partnero"]


@pytest.mark.parametrize("raw", [b"{", b"\xff", b'{"code": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_a_400(api, raw):
    answer = api.partnero.put(CODES, content=raw)

    assert answer.status_code == 400
    assert answer.json()["message"]
