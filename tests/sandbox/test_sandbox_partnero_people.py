"""Partnero's partners, customers and sales: keys, selectors, what is put away."""

import pytest


def new_partner(api, email: str = "new@example.com", **more):
    return api.partnero.post("/partners", json={"email": email, **more})


def read(api, path: str, **query):
    return api.partnero.get(path, params=query).json()["data"]


# --- partners ---------------------------------------------------------------------


def test_a_partner_keeps_the_id_key_and_tags_that_they_were_made_with(api):
    made = new_partner(api, id="p-7", key="newbie", tags=["vip"]).json()["data"]

    assert made["id"] == "p-7"
    assert made["referral_link"].endswith("?aff=newbie")
    assert made["tags"] == [{"value": "vip"}]
    assert read(api, "/partners/p-7") == read(api, "/partner", key="newbie") == made


@pytest.mark.parametrize(
    ("name", "value"),
    [("key", "anna"), ("email", "ANNA@example.com"), ("id", "prt_a00000004")],
)
def test_no_two_partners_share_a_key_a_mail_or_an_id(api, name, value):
    anna = read(api, "/partner", key="anna")
    value = anna["id"] if name == "id" else value

    refused = new_partner(api, **{name: value})

    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == [name]


@pytest.mark.parametrize(
    "password", ["Short1", "alllower1", "NODIGITSHERE", "Nodigitts"]
)
def test_a_weak_password_is_refused(api, password):
    assert new_partner(api, password=password).status_code == 422
    assert new_partner(api, password="Secret123").status_code == 201


def test_a_list_tells_less_of_a_partner_than_a_single_read(api):
    listed = read(api, "/partners", limit=100)[-1]
    single = read(api, f"/partners/{listed['id']}")

    # The key stands in the link alone, and the link in no list.
    assert not {"key", "referral_link", "tags", "referrals"} & set(listed)
    assert single["referral_link"] == "https://shop.example/?aff=anna"
    assert single == {**single, **listed}


def test_a_partner_is_changed_by_path_or_by_mail_or_key_in_the_body(api):
    uid = read(api, "/partner", key="ben")["id"]
    changes = [
        (f"/partners/{uid}", {"update": {"name": "B"}}),
        (f"/partners/{uid}", {"surname": "C"}),
        ("/partners", {"email": "ben@example.com", "update": {"key": "benny"}}),
        ("/partners", {"key": "benny", "update": {"tags": ["x"]}}),
    ]

    for path, body in changes:
        assert api.partnero.put(path, json=body).status_code == 200

    row = read(api, f"/partners/{uid}")
    assert (row["name"], row["surname"]) == ("B", "C")
    assert (row["referral_link"][-5:], row["tags"]) == ("benny", [{"value": "x"}])
    taken = api.partnero.put(f"/partners/{uid}", json={"update": {"key": "anna"}})
    assert taken.status_code == 422
    assert api.partnero.put("/partners", json={"key": "no"}).status_code == 404


def test_a_partner_is_put_away_and_taken_back_and_erased(api):
    path = f"/partners/{read(api, '/partner', key='ben')['id']}"

    steps = []
    for step in ("/archive", "/archive", "/revoke-archive", "/revoke-archive"):
        steps.append(api.partnero.post(path + step).status_code)
        steps.append(read(api, path)["status"])
    gone = api.partnero.delete(path).status_code

    assert steps == [200, "archived", 400, "archived", 200, "active", 400, "active"]
    assert (gone, api.partnero.get(path).status_code) == (200, 404)


def test_partners_are_searched_by_a_part_of_their_key_or_id(api):
    emails = [row["email"] for row in read(api, "/partners:search", key="ann")]

    assert emails == ["anna@example.com"]
    assert read(api, "/partners:search", email="anna@example.com") == []


# --- customers --------------------------------------------------------------------


def test_a_customer_is_changed_by_path_or_by_key_in_the_body(api):
    api.partnero.post("/customers", json={"key": "c-1", "partner": {"key": "ben"}})
    changes = [
        ("/customers/c-1", {"update": {"email": "c1@shop.example"}}),
        ("/customers/c-1", {"name": "Kim"}),
        ("/customers", {"key": "c-1", "update": {"tags": ["x"], "key": "c-2"}}),
        ("/customers/c-2", {"update": {"tags": []}}),
    ]

    for path, body in changes:
        assert api.partnero.put(path, json=body).status_code == 200

    row = read(api, "/customers/c-2")
    assert (row["email"], row["name"], row["tags"]) == ("c1@shop.example", "Kim", [])
    taken = {"update": {"key": "buyer-of-ANNA10"}}
    assert api.partnero.put("/customers/c-2", json=taken).status_code == 422
    assert api.partnero.put("/customers", json={}).status_code == 422


def test_an_older_form_of_a_new_customer_is_nested(api):
    body = {"customer": {"key": "c-1", "name": "Kim"}, "partner": {"key": "ben"}}

    made = api.partnero.post("/customers", json=body)

    assert (made.status_code, made.json()["data"]["name"]) == (201, "Kim")


def test_a_customer_is_put_away_and_taken_back(api):
    def state() -> tuple:
        row = read(api, "/customers/buyer-of-ANNA10")
        return row["deleted"], row["deleted_at"] is None

    codes = []
    for step in ("archive", "archive", "revoke-archive", "revoke-archive"):
        answer = api.partnero.post(f"/customers/buyer-of-ANNA10/{step}")
        codes.append((answer.status_code, *state()))

    away, back = (True, False), (False, True)
    assert codes == [(200, *away), (400, *away), (200, *back), (400, *back)]


# --- sales ------------------------------------------------------------------------


def test_a_sale_that_was_rewarded_elsewhere_owes_nothing_more(api):
    shown = api.sale("paid", rewarded=True).json()["data"]
    api.sale("owed")

    sales = api.sandbox.world.partnero.transactions
    assert [reward["amount"] for reward in shown["rewards"]] == [2]
    assert "rewarded" not in shown
    assert [sales.exact(key).owed for key in ("paid", "owed")] == [[], [2]]


def test_a_sale_has_an_amount_or_a_reward(api):
    body = {"key": "r", "customer": {"key": "buyer-of-ANNA10"}}

    neither = api.partnero.post("/transactions", json=body)
    reward = api.partnero.post("/transactions", json={**body, "reward": 7.5})

    assert "amount" in neither.json()["errors"]
    assert [one["amount"] for one in reward.json()["data"]["rewards"]] == [7.5]


def test_a_sale_tells_its_product_with_its_reward(api):
    told = {"product_id": "p", "product_type": "plan"}

    rewards = api.sale("p", **told).json()["data"]["rewards"]

    assert rewards[0]["product_type_data"] == told
    assert api.sale("q").json()["data"]["rewards"][0]["product_type_data"] == {}


def test_a_sale_makes_its_customer_when_it_is_asked_to(api):
    def sell(partner) -> int:
        customer = {"key": "fresh", "name": "Kim", "partner": partner}
        more = {"options": {"create_customer": True}, "customer": customer}
        return api.sale("s", **more).status_code

    assert sell({}) == 422
    assert sell({"email": "ben@example.com"}) == 201
    assert read(api, "/customers/fresh")["name"] == "Kim"


def test_a_sale_that_was_put_away_is_taken_back_once(api):
    api.sale("ord-1")

    api.partnero.post("/transactions/ord-1/archive")
    away = read(api, "/transactions/ord-1")
    steps = [
        api.partnero.post("/transactions/ord-1/revoke-archive").status_code
        for _ in range(2)
    ]

    assert away["deleted_at"] == away["rewards"][0]["deleted_at"] is not None
    assert steps == [200, 400]
    assert read(api, "/transactions/ord-1")["deleted_at"] is None
