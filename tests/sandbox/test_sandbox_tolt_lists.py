"""Tolt's v2: cursors both ways, groups, filters, words, bodies."""

import pytest

CODES = "/promotion-codes"


def listed(api, path: str = CODES, **query) -> dict:
    return api.v2.get(path, params=query).json()


def ids(page: dict) -> list[str]:
    return [row["id"] for row in page["data"]]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", ["created_at", "updated_at"])
def test_a_cursor_leads_back_to_the_page_before(api, order, sort):
    query = {"limit": 5, "order": order, "sort": sort}
    pages = [listed(api, **query)]
    for _ in range(2):
        after = pages[-1]["next_cursor"]
        pages.append(listed(api, **query, starting_after=after))

    back = listed(api, **query, ending_before=pages[2]["prev_cursor"])
    start = listed(api, **query, ending_before=back["prev_cursor"])

    assert (ids(back), back["has_more"]) == (ids(pages[1]), True)
    assert (ids(start), start["has_more"]) == (ids(pages[0]), False)
    nothing = listed(api, **query, ending_before=start["prev_cursor"])
    assert (nothing["data"], nothing["prev_cursor"]) == ([], None)


def test_an_item_id_leads_back_when_sorted_by_creation(api):
    whole = ids(listed(api, limit=9))

    assert ids(listed(api, limit=4, ending_before=whole[8])) == whole[4:8]


def test_two_cursors_at_once_are_refused(api):
    page = listed(api)
    both = {"starting_after": page["next_cursor"], "ending_before": page["prev_cursor"]}

    answer = api.v2.get(CODES, params=both)

    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert "combined" in answer.json()["message"]


@pytest.mark.parametrize("name", ["starting_after", "ending_before"])
def test_a_broken_cursor_is_told_apart_in_both_directions(api, name):
    answer = api.v2.get(CODES, params={name: "cur_nothing"}).json()

    assert (answer["code"], answer["errors"][0]["field"]) == ("invalid_cursor", name)


@pytest.mark.parametrize("query", [{"order": "up"}, {"sort": "code"}])
def test_a_word_that_v2_does_not_know_is_refused(api, query):
    answer = api.v2.get(CODES, params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


# --- groups and filters -----------------------------------------------------------


def test_a_programme_has_a_default_group_that_its_partners_are_in(api):
    groups = listed(api, "/groups", program_id=api.program_id)["data"]
    partner = listed(api, "/partners")["data"][0]

    assert [group["is_default"] for group in groups] == [True]
    assert {"name", "public_key", "description"} < groups[0].keys()
    assert partner["group_id"] == groups[0]["id"]
    one = api.v2.get(f"/groups/{groups[0]['id']}").json()["data"]
    assert one == groups[0]
    assert api.v2.get("/groups/grp_none").json()["code"] == "not_found"


def test_partners_are_filtered_by_group_and_status(api):
    group = listed(api, "/groups")["data"][0]["id"]
    everybody = ids(listed(api, "/partners", limit=100))
    body = {"email": "w@x.example", "program_id": api.program_id, "status": "pending"}
    made = api.v2.post("/partners", json=body).json()["data"]

    waiting = listed(api, "/partners", status="pending", group_id=group)

    assert made["group_id"] == group
    assert ids(waiting) == [made["id"]]
    assert ids(listed(api, "/partners", limit=100, status="active")) == everybody
    assert listed(api, "/partners", group_id="grp_other")["data"] == []


def test_a_partner_is_not_put_into_a_group_that_is_not_there(api):
    body = {"email": "w@x.example", "program_id": api.program_id, "group_id": "grp_x"}

    answer = api.v2.post("/partners", json=body).json()

    assert answer["code"] == "invalid_reference"
    assert answer["errors"][0]["field"] == "group_id"


def test_the_slug_of_a_link_is_taken_once(api):
    def make(email: str):
        body = {"email": email, "program_id": api.program_id, "link": {"value": "go"}}
        return api.v2.post("/partners", json=body)

    first, second = make("a@x.example"), make("b@x.example")

    assert first.json()["data"]["link"]["value"] == "go"
    assert second.status_code == 409
    assert second.json()["errors"][0]["field"] == "link.value"


def test_a_filter_that_an_endpoint_does_not_have_is_ignored(api):
    whole = ids(listed(api, limit=100))

    assert ids(listed(api, limit=100, status="paid", customer_id="cus_x")) == whole
    assert set(ids(listed(api, limit=100, type="fixed"))) < set(whole)


# --- bodies -----------------------------------------------------------------------


def test_what_is_wrong_with_a_body_is_worded_as_by_zod(api):
    body = {"customer_id": 5, "charge_id": "x" * 256, "interval": "day"}
    errors = api.v2.post("/transactions", json=body).json()["errors"]

    assert {error["field"]: error["message"] for error in errors} == {
        "amount": "Invalid input: expected number, received undefined",
        "customer_id": "Invalid input: expected string, received number",
        "charge_id": "Too big: expected string to have <=255 characters",
        "interval": 'Invalid option: expected one of "month"|"year"',
    }


@pytest.mark.parametrize("amount", ["4999", 49.99, -1, None, True])
def test_the_amount_of_a_sale_is_a_whole_number_and_no_text(api, amount):
    customer = api.v2_customer("b@x.example")["id"]
    body = {"customer_id": customer, "amount": amount}

    for client in (api.v2, api.v1):
        assert client.post("/transactions", json=body).status_code == 400


def test_a_sale_keeps_what_it_is_told_of_its_subscription(api):
    customer = api.v2_customer("b@x.example")["id"]
    told = {"billing_type": "subscription", "interval": "year", "product_id": "p"}
    body = {"customer_id": customer, "amount": 1, "product_name": "Plan", **told}

    made = api.v2.post("/transactions", json=body).json()["data"]

    assert (made["billing_type"], made["interval"]) == ("subscription", "year")
    assert (made["product_ids"], made["product_names"]) == (["p"], ["Plan"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Kim", "partner_id": "anna"}, "email"),
        ({"email": "b@x.example"}, "partner_id"),
        ({"email": None, "customer_id": None, "partner_id": "anna"}, "email"),
        ({"email": "b@x.example", "partner_id": "anna", "status": "new"}, "status"),
    ],
)
def test_a_customer_has_a_name_for_the_shop_and_somebody_who_brought_them(
    api, body, field
):
    if "partner_id" in body:
        body = {**body, "partner_id": api.partner_id("anna@example.com")}

    answer = api.v2.post("/customers", json=body).json()

    assert answer["code"] == "validation_error"
    assert [error["field"] for error in answer["errors"]] == [field]


def test_a_link_brings_a_customer_to_its_partner(api):
    body = {"email": "p@x.example", "program_id": api.program_id}
    partner = api.v2.post("/partners", json=body).json()["data"]

    def make(link: str):
        more = {"customer_id": "shop-7", "link_id": link}
        return api.v2.post("/customers", json=more).json()

    assert make(partner["link"]["id"])["data"]["partner_id"] == partner["id"]
    assert make("lnk_none")["code"] == "invalid_reference"


def test_a_customer_may_have_any_text_for_a_mail_and_is_found_by_each_name(api):
    made = api.v2_customer("Cust_123", customer_id="shop-7", status="trialing")

    assert (made["email"], made["identifier"]) == ("cust_123", "cust_123")
    assert made["status"] == "trialing"
    for text in ("CUST_1", "shop-"):
        assert ids(listed(api, "/customers", search=text)) == [made["id"]]
    assert ids(listed(api, "/customers", customer_id="shop-7")) == [made["id"]]


def test_a_first_sale_makes_its_customer_active(api):
    customer = api.v2_customer("b@x.example")
    body = {"customer_id": customer["id"], "amount": 1}
    api.v2.post("/transactions", json=body)

    read = api.v2.get(f"/customers/{customer['id']}").json()["data"]

    assert (customer["status"], customer["active_at"]) == ("lead", None)
    assert read["status"] == "active"
    assert read["active_at"] is not None


def test_a_code_may_have_no_text(api):
    uid = api.v2_code("BEN10")["id"]
    api.sandbox.world.tolt.codes.change(
        api.sandbox.world.tolt.codes_named("BEN10")[0], code=None
    )

    read = api.v2.get(f"{CODES}/{uid}").json()["data"]
    changed = api.v2.put(f"{CODES}/{uid}", json={"value": "12"}).json()["data"]

    assert read["code"] is None
    assert (changed["code"], changed["value"]) == (None, "12")
    assert uid in ids(listed(api, limit=100))
    assert ids(listed(api, search="BEN10")) == []
    assert api.v2.delete(f"{CODES}/{uid}").json()["data"]["id"] == uid
