"""Tolt as documented: two versions over one store, cursors, windows, shapes."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

CODES = "/promotion-codes"


def texts(rows) -> list[str]:
    return [row["code"] for row in rows]


def old_list(api, path: str = CODES, **query) -> dict:
    query = {"program_id": api.program_id, **query}
    return api.v1.get(path, params=query).json()


def test_both_versions_list_the_same_rows_in_the_same_order(api):
    new = api.v2.get(CODES, params={"limit": 100}).json()
    old = old_list(api, limit=100)

    assert texts(new["data"]) == texts(old["data"])
    assert old["total_count"] == len(new["data"]) == len(api.sandbox.world.tolt.codes)
    assert (new["has_more"], old["has_more"]) == (False, False)
    assert "total_count" not in new


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", ["created_at", "updated_at"])
def test_a_cursor_leads_to_the_next_page(api, order, sort):
    query = {"limit": 20, "order": order, "sort": sort}

    first = api.v2.get(CODES, params=query).json()
    after = {**query, "starting_after": first["next_cursor"]}
    second = api.v2.get(CODES, params=after).json()

    whole = api.v2.get(CODES, params={**query, "limit": 100}).json()["data"]
    assert texts(first["data"]) + texts(second["data"]) == texts(whole)[:40]


def test_the_last_page_names_a_cursor_and_the_empty_one_does_not(api):
    last = api.v2.get(CODES, params={"limit": 100}).json()
    query = {"limit": 100, "starting_after": last["next_cursor"]}
    empty = api.v2.get(CODES, params=query).json()

    assert (last["has_more"], bool(last["next_cursor"])) == (False, True)
    assert empty["data"] == []
    assert empty["has_more"] is False
    assert (empty["next_cursor"], empty["prev_cursor"]) == (None, None)


def test_a_cursor_outlives_its_row(api):
    first = api.v2.get(CODES, params={"limit": 3}).json()
    api.v2.delete(f"{CODES}/{first['data'][-1]['id']}")

    query = {"limit": 3, "starting_after": first["next_cursor"]}
    second = api.v2.get(CODES, params=query)

    assert second.status_code == 200
    assert not set(texts(second.json()["data"])) & set(texts(first["data"]))


def test_an_item_id_serves_as_cursor_when_sorted_by_creation(api):
    first = api.v2.get(CODES, params={"limit": 3}).json()
    query = {"limit": 3, "starting_after": first["data"][-1]["id"]}

    by_id = api.v2.get(CODES, params=query).json()
    query["sort"] = "updated_at"
    wrong = api.v2.get(CODES, params=query)

    query = {"limit": 3, "starting_after": first["next_cursor"]}
    assert by_id == api.v2.get(CODES, params=query).json()
    assert wrong.json()["code"] == "validation_error"


@pytest.mark.parametrize("cursor", ["cur_", "cur_xx", "cur_e30=", "promo_nothing", "x"])
def test_a_broken_cursor_is_told_apart(api, cursor):
    answer = api.v2.get(CODES, params={"starting_after": cursor})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_a_cursor_of_another_sort_is_refused(api):
    cursor = api.v2.get(CODES).json()["next_cursor"]

    query = {"sort": "updated_at", "starting_after": cursor}
    assert api.v2.get(CODES, params=query).json()["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "ten"},
        {"updated_after": "2026-01-01T00:00:00"},
    ],
)
def test_a_bad_parameter_is_named(api, query):
    answer = api.v2.get(CODES, params=query).json()

    assert answer["code"] == "validation_error"
    assert answer["errors"][0]["field"] in query


def test_a_window_includes_its_start_and_excludes_its_end(api):
    rows = api.v2.get(CODES, params={"limit": 100, "order": "asc"}).json()["data"]
    start, end = rows[5]["created_at"], rows[9]["created_at"]

    for name in ("created", "updated"):
        query = {f"{name}_after": start, f"{name}_before": end, "order": "asc"}
        for sort in ("created_at", "updated_at"):
            found = api.v2.get(CODES, params={**query, "sort": sort}).json()["data"]
            assert texts(found) == texts(rows[5:9])


def test_v1_bounds_are_both_inclusive(api):
    rows = old_list(api, limit=100, order="asc")["data"]

    found = old_list(
        api,
        created_gte=rows[5]["created_at"],
        created_lte=rows[9]["created_at"],
        order="asc",
    )

    assert texts(found["data"]) == texts(rows[5:10])
    assert (found["has_more"], found["total_count"]) == (False, 5)


def test_v1_pages_by_object_id(api):
    first = old_list(api, limit=4)["data"]
    second = old_list(api, limit=4, starting_after=first[-1]["id"])["data"]

    assert texts(first + second) == texts(old_list(api, limit=8)["data"])


def test_v1_wants_a_programme_on_every_list_but_its_own(api):
    assert api.v1.get(CODES).status_code == 400
    assert api.v1.get("/programs").json()["data"][0]["id"] == api.program_id


def test_v1_nests_the_customers_and_wraps_what_was_written(api):
    customers = old_list(api, "/customers")["data"]["data"]
    made = api.v1.post(
        "/customers",
        json={"email": "n@x.example", "partner_id": customers[0]["partner_id"]},
    )

    assert customers[0]["id"].startswith("cust_")
    assert made.json()["data"][0]["email"] == "n@x.example"
    one = api.v1.get(f"/customers/{made.json()['data'][0]['id']}").json()["data"]
    assert one["email"] == "n@x.example"


def test_v1_changes_the_discount_and_ignores_a_rename(api):
    uid = old_list(api, search="FIXED25")["data"][0]["id"]

    body = {"code": "RENAMED", "value": 3000}
    changed = api.v1.put(f"{CODES}/{uid}", json=body).json()["data"][0]

    assert (changed["code"], changed["value"]) == ("FIXED25", 3000)
    assert api.v2_code("FIXED25")["value"] == "30"


@pytest.mark.parametrize(
    ("currency", "cents", "units"),
    [("USD", 2500, "25"), ("JPY", 25, "25"), ("KWD", 25000, "25")],
)
def test_fixed_discounts_follow_the_currency(api, currency, cents, units):
    api.sandbox.world.tolt.program.currency = currency
    body = {"code": "F", "partner_id": api.partner_id("anna@example.com")}
    body |= {"type": "fixed", "value": "25.00"}

    made = api.v2.post(CODES, json=body).json()["data"]

    assert made["value"] == units
    assert old_list(api, limit=1)["data"][0]["value"] == cents


def test_a_code_survives_with_any_text_and_compares_folded(api):
    body = {"code": " Straße/€ \U0001f389", "type": "percentage", "value": "10"}
    body["partner_id"] = api.partner_id("anna@example.com")

    made = api.v2.post(CODES, json=body)
    body["code"] = "STRASSE/€ \U0001f389"
    twin = api.v2.post(CODES, json=body)

    assert made.json()["data"]["code"] == " Straße/€ \U0001f389"
    assert twin.status_code == 409


def test_an_update_that_changes_nothing_leaves_updated_at(api):
    before = api.v2_code("BEN10")

    same = api.v2.put(f"{CODES}/{before['id']}", json={}).json()["data"]
    changed = api.v2.put(f"{CODES}/{before['id']}", json={"value": "11"}).json()["data"]
    cleared = api.v2.put(f"{CODES}/{before['id']}", json={"value": None}).json()["data"]

    assert same == before
    assert changed["updated_at"] > before["updated_at"]
    assert cleared["value"] is None


def test_a_deleted_code_is_gone_and_its_traces_stay(api):
    code = api.v2_code("ANNA10")
    customer = api.v2.get("/customers").json()["data"][0]

    gone = [api.v2.delete(f"{CODES}/{code['id']}").status_code for _ in range(2)]

    assert gone == [200, 404]
    assert customer["promotion_code_id"] == code["id"]
    again = api.v2.get(f"/customers/{customer['id']}").json()["data"]
    assert again["promotion_code_id"] == code["id"]


def test_a_customer_finds_a_code_of_partner_then_group_then_programme(api):
    world = api.sandbox.world
    shared = [code for code in world.tolt.codes if code.code in ("BEN10", "BEN20")]
    shared[0].partner, shared[0].group_id = None, "grp_a"
    shared[1].partner = None
    world.tolt.partners.named("anna@example.com")[0].group_id = "grp_a"

    customers = [
        api.v2_customer(f"c{n}@x.example", promotion_code=text)
        for n, text in enumerate(("ben10", "ben20", "anna10", "cleo10"))
    ]

    scopes = [api.v2_code(text)["entity_type"] for text in ("BEN10", "BEN20", "ANNA10")]
    assert scopes == ["group", "program", "partner"]
    found = [bool(customer["promotion_code_id"]) for customer in customers]
    assert found == [True, True, True, False]


def test_only_onboarded_partners_are_listed_and_all_are_found_by_id(api):
    partner = next(iter(api.sandbox.world.tolt.partners))
    partner.completed_onboarding = False

    rows = api.v2.get("/partners", params={"limit": 100}).json()["data"]

    assert partner.email not in [row["email"] for row in rows]
    assert api.v2.get(f"/partners/part_{partner.uid}").status_code == 200


def test_a_mail_goes_out_only_when_asked_for(api):
    body = {"email": "quiet@example.com", "program_id": api.program_id}
    api.v2.post("/partners", json=body)
    quiet = len(api.sandbox.world.mails)
    body = {**body, "email": "loud@example.com", "notify_partner": True}
    api.v2.post("/partners", json=body)

    assert (quiet, len(api.sandbox.world.mails)) == (0, 1)


def test_a_body_over_a_megabyte_is_too_large(api):
    answer = api.v2.post(CODES, json={"code": "X" * 1_000_001})

    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_the_date_header_is_the_clock_of_the_world(api):
    api.sandbox.world.clock = lambda: datetime.now(UTC) + timedelta(hours=1)

    date = parsedate_to_datetime(api.v2.get("/programs").headers["date"])

    assert date > datetime.now(UTC) + timedelta(minutes=59)


def test_a_missing_key_is_unauthorized_in_the_words_of_each_version(api):
    old = httpx.get(f"{api.sandbox.url}/tolt/v1/programs")
    new = httpx.get(f"{api.sandbox.url}/tolt/v2/programs")

    assert (old.status_code, new.status_code) == (401, 401)
    assert old.json()["error"]["type"] == "authentication_error"
    assert new.json()["code"] == "unauthorized"


def test_the_rate_limit_is_a_sliding_window(api):
    api.sandbox.switches.update({"tolt_rate_limit": 3, "tolt_rate_window": 0.3})

    burst = [api.v2.get("/programs").status_code for _ in range(4)]
    # v1 shares the key, so it shares the limit.
    shared = api.v1.get("/programs")

    assert burst == [200, 200, 200, 429]
    assert shared.json()["error"]["type"] == "rate_limit_error"
    assert "retry-after" not in shared.headers


def test_a_sale_is_backdated_and_found_by_its_day(api):
    customer = api.v2_customer("b@x.example")
    body = {
        "customer_id": customer["id"],
        "amount": 100,
        "created_at": "2024-05-05T12:00:00+02:00",
    }

    made = api.v2.post("/transactions", json=body).json()["data"]

    query = {"created_before": "2025-01-01T00:00:00Z"}
    found = api.v2.get("/transactions", params=query).json()["data"]
    assert made["created_at"] == "2024-05-05T10:00:00.000Z"
    assert [row["id"] for row in found] == [made["id"]]


def test_v1_refunds_by_put(api):
    row = old_list(api, "/transactions")["data"][1]

    done = api.v1.put(f"/transactions/{row['id']}/refund").json()["data"][0]
    again = api.v1.put(f"/transactions/{row['id']}/refund")

    assert done["status"] == "refunded"
    assert again.status_code == 409


def test_v1_deletes_say_only_that(api):
    uid = old_list(api, search="FIXED25")["data"][0]["id"]

    answer = api.v1.delete(f"{CODES}/{uid}").json()

    assert answer == {"success": True, "data": {"id": uid, "deleted": True}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CODES, {"code": 5, "partner_id": "x", "type": "half", "value": True}),
        ("/customers", {"email": "no mail", "lead_at": "yesterday"}),
        ("/transactions", {"amount": 1.5, "customer_id": None}),
        ("/transactions", {"amount": -1, "customer_id": "cus_x"}),
        ("/partners", {"email": "a@b.example", "notify_partner": "yes"}),
    ],
)
def test_every_bad_field_is_named(api, path, body):
    new, old = api.v2.post(path, json=body), api.v1.post(path, json=body)

    assert (new.status_code, old.status_code) == (400, 400)
    assert new.json()["code"] == "validation_error"
    assert len(new.json()["errors"]) >= 1


def test_a_customer_is_changed_and_its_code_taken_back(api):
    customer = f"/customers/{api.v2_customer('f@x.example', name='F')['id']}"
    typed = {"email": "G@x.example", "promotion_code": "anna10"}
    taken = {"email": "buyer-of-anna10@buyers.example"}

    changed = api.v2.put(customer, json=typed).json()["data"]
    cleared = api.v2.put(customer, json={"promotion_code": None}).json()["data"]

    assert (changed["email"], changed["name"]) == ("g@x.example", "F")
    assert changed["promotion_code_id"] is not None
    assert cleared["promotion_code_id"] is None
    assert api.v2.put(customer, json=taken).status_code == 409
