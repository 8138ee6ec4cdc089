"""What v1 of Tolt leaves out: it reads as its samples do, and writes whole rows."""

import pytest

CODES = "/promotion-codes"
SAMPLES = {
    CODES: "id code type value partner_id created_at updated_at program_id "
    "organization_id",
    "/customers": "id email partner_id name customer_id created_at updated_at status "
    "program_id organization_id",
    "/transactions": "id amount customer_id billing_type charge_id click_id product_id "
    "product_name source interval created_at updated_at program_id partner_id",
    "/partners": "id first_name last_name email company_name program_id "
    "organization_id group_id payout_method payout_details country_code created_at",
    "/programs": "id name status currency_code created_at",
}


def rows(api, path: str, **query) -> list[dict]:
    data = api.v1.get(path, params={"program_id": api.program_id, **query}).json()
    return data["data"]["data"] if path == "/customers" else data["data"]


def partner(api, name: str = "anna") -> str:
    return rows(api, "/partners", email=f"{name}@example.com")[0]["id"]


def test_v1_lists_exactly_what_its_samples_show(api):
    shown = {path: sorted(rows(api, path)[0]) for path in SAMPLES}

    assert shown == {path: sorted(names.split()) for path, names in SAMPLES.items()}


@pytest.mark.parametrize(
    ("path", "more", "less"),
    [
        (CODES, "", ""),
        ("/customers", "", ""),
        ("/transactions", "", "product_id product_name"),
        ("/partners", "status custom_fields", ""),
    ],
)
def test_a_single_read_of_v1_is_hardly_more(api, path, more, less):
    listed = rows(api, path)[0]
    single = api.v1.get(f"{path}/{listed['id']}").json()["data"]

    assert set(single) - set(listed) == set(more.split())
    assert set(listed) - set(single) == set(less.split())


def test_v1_has_no_single_programme_and_no_groups(api):
    for path in (f"/programs/{api.program_id}", "/groups", "/groups/grp_x"):
        assert api.v1.get(path).status_code == 404


def test_what_v1_writes_it_shows_whole(api):
    buyer = {
        "email": "Cust_123",
        "partner_id": partner(api),
        "promotion_code": "anna10",
    }
    customer = api.v1.post("/customers", json=buyer).json()["data"][0]
    body = {"customer_id": customer["id"], "amount": 4999, "charge_id": "one"}
    sale = api.v1.post("/transactions", json=body).json()["data"][0]

    assert customer["promotion_code_id"].startswith("prc_")
    assert customer["identifier"] == customer["email"] == "cust_123"
    assert (sale["status"], sale["currency"], sale["amount"]) == ("paid", "USD", 4999)
    assert sale["amount_including_tax"] is None
    assert "promotion_code_id" not in sale
    refunded = api.v1.put(f"/transactions/{sale['id']}/refund").json()["data"][0]
    assert refunded["status"] == "refunded"


@pytest.mark.parametrize("missing", ["email", "partner_id"])
def test_v1_wants_mail_and_partner_of_a_customer(api, missing):
    body = {"email": "n@x.example", "customer_id": "7", "partner_id": partner(api)}
    del body[missing]

    assert api.v1.post("/customers", json=body).status_code == 400


def test_v1_searches_customers_by_mail_alone_and_sales_not_at_all(api):
    body = {"email": "n@x.example", "customer_id": "shop-7", "name": "Kim"}
    api.v1.post("/customers", json={**body, "partner_id": partner(api)})

    found = [len(rows(api, "/customers", search=text)) for text in ("n@X", "shop-7")]

    assert found == [1, 0]
    whole = rows(api, "/transactions", limit=100)
    assert rows(api, "/transactions", limit=100, search="ord-both") == whole
    assert rows(api, "/transactions", limit=100, status="refunded") == whole


def test_v1_finds_by_mail_also_who_is_not_listed_yet(api):
    anna = api.sandbox.world.tolt.partners.named("anna@example.com")[0]
    anna.completed_onboarding = False

    listed = [row["email"] for row in rows(api, "/partners", limit=100)]

    assert "anna@example.com" not in listed
    assert partner(api) == f"part_{anna.uid}"


def test_v1_shows_related_rows_when_it_is_asked_to(api):
    listed = rows(api, "/partners", **{"expand[]": ["program", "group"]})[0]
    sale = rows(api, "/transactions")[0]
    more = {"expand[]": ["customer", "partner", "nonsense"]}
    single = api.v1.get(f"/transactions/{sale['id']}", params=more).json()["data"]

    assert listed["program"]["currency_code"] == "USD"
    assert listed["group"]["id"] == listed["group_id"]
    assert single["customer"]["id"] == single["customer_id"]
    assert single["partner"]["id"] == single["partner_id"]
    assert "nonsense" not in single


def test_v1_pages_backward_by_object_id(api):
    whole = rows(api, CODES, limit=9)

    back = rows(api, CODES, limit=4, ending_before=whole[8]["id"])

    assert back == whole[4:8]
