"""Doubts about Tolt, in both readings."""

from datetime import timedelta

import pytest

from tests.standins import edits


def flip(api, **values):
    api.sandbox.switches.update(values)


def test_tolt_allows_25_requests_in_any_second(api):
    flip(api, tolt_rate_window=30.0)
    answers = [api.v2.get("/programs") for _ in range(26)]
    flip(api, tolt_rate_limit=0)
    free = api.v2.get("/programs")

    assert [answer.status_code for answer in answers] == [200] * 25 + [429]
    assert answers[0].headers["x-ratelimit-limit"] == "25"
    assert answers[24].headers["x-ratelimit-remaining"] == "0"
    assert answers[25].json()["code"] == "rate_limited"
    assert int(answers[25].headers["retry-after"]) >= 1
    assert free.status_code == 200


def values(api, text: str):
    query = {"program_id": api.program_id, "search": text}
    old = api.v1.get("/promotion-codes", params=query).json()["data"][0]["value"]
    return old, api.v2_code(text)["value"]


def test_a_fixed_discount_is_cents_in_v1_and_units_in_v2_or_the_raw_number(api):
    converted = values(api, "FIXED25")
    flip(api, tolt_fixed_value_passthrough=True)

    assert converted == (2500, "25")
    assert values(api, "FIXED25") == (2500, "2500")


def test_v2_values_are_short_or_padded(api):
    short = api.v2_code("FIXED25")["value"]
    flip(api, tolt_two_decimals=True)

    assert (short, api.v2_code("FIXED25")["value"]) == ("25", "25.00")


def new_code(api, text: str, **more):
    body = {
        "code": text,
        "partner_id": api.partner_id("anna@example.com"),
        "type": "percentage",
        "value": "10",
        **more,
    }
    return api.v2.post("/promotion-codes", json=body)


def test_the_duration_of_a_new_code_can_be_any_word(api):
    usual = new_code(api, "D1").json()["data"]["duration"]
    flip(api, tolt_duration="repeating")

    assert usual == "forever"
    assert new_code(api, "D2").json()["data"]["duration"] == "repeating"


def test_a_flip_of_active_moves_updated_at_or_not(api):
    def flipped(text: str) -> bool:
        before = api.v2_code(text)
        edit = {"side": "tolt", "action": "flip_active", "code": text}
        edits.apply(api.sandbox.world, api.sandbox.switches, edit)
        after = api.v2_code(text)
        assert after["active"] is not before["active"]
        return after["updated_at"] != before["updated_at"]

    bumped = flipped("BEN10")
    flip(api, tolt_active_bumps=False)

    assert (bumped, flipped("BEN20")) == (True, False)


def test_v1_and_v2_ids_differ_or_are_the_same(api):
    def ids():
        query = {"program_id": api.program_id, "search": "BEN10"}
        old = api.v1.get("/promotion-codes", params=query).json()["data"][0]["id"]
        return old, api.v2_code("BEN10")["id"]

    old, new = ids()
    flip(api, tolt_same_ids=True)
    same_old, same_new = ids()

    assert (old[:4], new[:6]) == ("prc_", "promo_")
    assert same_old == same_new == new


def test_a_transaction_inherits_the_code_of_its_customer_or_not(api):
    customer = api.v2_customer("new@buyers.example", promotion_code="anna10")

    def sale(charge: str):
        body = {"customer_id": customer["id"], "amount": 100, "charge_id": charge}
        return api.v2.post("/transactions", json=body).json()["data"]

    inherited = sale("one")
    flip(api, tolt_inherit_code=False)
    bare = sale("two")

    assert inherited["promotion_code_id"] == customer["promotion_code_id"] is not None
    assert inherited["promotion_code_name"] == "ANNA10"
    assert bare["promotion_code_id"] is None


def test_a_v2_create_answers_201_or_200(api):
    usual = new_code(api, "S1").status_code
    flip(api, tolt_v2_create_status=200)

    assert (usual, new_code(api, "S2").status_code) == (201, 200)


def test_unknown_fields_of_tolt_are_ignored_or_refused(api):
    ignored = new_code(api, "U1", colour="red")
    flip(api, tolt_reject_unknown_fields=True)
    refused = new_code(api, "U2", colour="red")

    assert ignored.status_code == 201
    assert refused.json()["errors"] == [
        {"field": "colour", "message": "Unrecognized key"}
    ]


def old_code(api, text: str = "BEN10"):
    body = {
        "code": text,
        "partner_id": api.partner_id("ben@example.com"),
        "type": "percentage",
        "value": 10,
    }
    return api.v1.post("/promotion-codes", json=body)


@pytest.mark.parametrize(
    ("reading", "status"), [("409", 409), ("400", 400), ("silent", 200)]
)
def test_a_duplicate_of_v1_is_refused_or_a_second_row(api, reading, status):
    flip(api, tolt_v1_duplicate=reading)

    assert old_code(api).status_code == status
    rows = api.sandbox.world.tolt.codes_named("BEN10")
    assert len(rows) == (2 if status == 200 else 1)


@pytest.mark.parametrize(
    ("reading", "body"),
    [
        (
            "object",
            {
                "success": False,
                "error": {
                    "message": "Promotion code already exists",
                    "type": "invalid_request_error",
                },
            },
        ),
        ("string", {"success": False, "error": "Promotion code already exists"}),
        ("message", {"message": "Promotion code already exists"}),
    ],
)
def test_v1_errors_come_in_three_shapes(api, reading, body):
    flip(api, tolt_v1_errors=reading)

    assert old_code(api).json() == body


def test_v1_warns_about_a_code_that_did_not_match_in_two_shapes(api):
    def warnings(email: str):
        body = {
            "email": email,
            "partner_id": api.partner_id("ben@example.com"),
            "promotion_code": "NO-SUCH",
        }
        return api.v1.post("/customers", json=body).json()["warnings"]

    objects = warnings("one@buyers.example")
    flip(api, tolt_v1_warnings="strings")

    assert objects[0]["code"] == "promotion_code_not_applied"
    assert warnings("two@buyers.example") == ["promotion_code_not_applied"]


def test_v1_transactions_carry_no_code_unless_switched_on(api):
    def row():
        query = {"program_id": api.program_id}
        return api.v1.get("/transactions", params=query).json()["data"][0]

    bare = row()
    flip(api, tolt_v1_transaction_codes=True)

    assert "promotion_code_id" not in bare
    assert row()["promotion_code_name"] == "ANNA10"


@pytest.mark.parametrize(
    ("rule", "charge"), [("exact", " Ch_1 "), ("trim", "Ch_1"), ("lower", " ch_1 ")]
)
def test_charge_ids_are_kept_as_sent_or_trimmed_or_in_small_letters(api, rule, charge):
    flip(api, tolt_charge_ids=rule)
    customer = api.v2_customer("new@buyers.example")["id"]
    body = {"customer_id": customer, "amount": 100, "charge_id": " Ch_1 "}

    made = api.v2.post("/transactions", json=body)
    again = api.v2.post("/transactions", json=body)

    assert made.json()["data"]["charge_id"] == charge
    assert again.status_code == 409


def test_a_new_sale_of_tolt_is_read_at_once_or_after_a_while(api):
    clock = api.sandbox.world.now()
    api.sandbox.world.clock = lambda: clock
    flip(api, tolt_transactions_lag=50.0)
    customer = api.v2_customer("new@buyers.example")["id"]
    body = {"customer_id": customer, "amount": 100, "charge_id": "late"}
    uid = api.v2.post("/transactions", json=body).json()["data"]["id"]
    old = {"program_id": api.program_id}

    def seen() -> list[bool]:
        new = api.v2.get("/transactions", params={"search": "late"}).json()["data"]
        listed = api.v1.get("/transactions", params=old).json()
        assert listed["total_count"] == len(listed["data"])
        one = api.v2.get(f"/transactions/{uid}").status_code == 200
        return [one, len(new) == 1, "late" in [r["charge_id"] for r in listed["data"]]]

    before = seen()
    again = api.v2.post("/transactions", json=body).status_code
    api.sandbox.world.clock = lambda: clock + timedelta(seconds=50)

    assert (before, again) == ([False] * 3, 409)
    assert seen() == [True] * 3


def test_v1_accepts_a_charge_again_or_refuses_it(api):
    customer = api.v2_customer("new@buyers.example")["id"].replace("cus_", "cust_")

    def sale():
        body = {"customer_id": customer, "amount": 100, "charge_id": "one"}
        return api.v1.post("/transactions", json=body).status_code

    twice = [sale(), sale()]
    flip(api, tolt_v1_unique_charges=True)

    assert twice == [200, 200]
    assert sale() == 409


def test_the_mail_filter_of_v1_works_or_is_ignored(api):
    def found():
        query = {"program_id": api.program_id, "email": "BEN@example.com"}
        rows = api.v1.get("/partners", params=query).json()["data"]
        return [row["email"] for row in rows]

    filtered = found()
    flip(api, tolt_v1_email_filter=False)

    assert filtered == ["ben@example.com"]
    assert len(found()) == 10


def test_v1_entity_type_is_null_or_the_scope(api):
    null = old_code(api, "E1").json()["data"][0]["entity_type"]
    flip(api, tolt_v1_entity_type=True)

    assert null is None
    assert old_code(api, "E2").json()["data"][0]["entity_type"] == "partner"


def test_v1_announces_its_end_only_when_switched_on(api):
    quiet = api.v1.get("/programs").headers
    flip(api, tolt_v1_deprecation=True)
    loud = api.v1.get("/programs").headers

    assert "deprecation" not in quiet
    assert loud["deprecation"] == "true"
    assert "sunset" in loud


PEOPLE = ("/partners", "/customers")


def old_rows(api, path: str) -> list[dict]:
    data = api.v1.get(path, params={"program_id": api.program_id}).json()["data"]
    return data["data"] if path == "/customers" else data


def test_v1_reads_are_as_short_as_its_samples_or_whole(api):
    def shown():
        paths = ("/promotion-codes", "/transactions", *PEOPLE)
        code, sale, partner, customer = (old_rows(api, path)[0] for path in paths)
        told = ("active", code), ("status", sale), ("promotion_code_id", customer)
        return [name in row for name, row in (*told, ("status", partner))]

    short = shown()
    flip(api, tolt_v1_whole_rows=True)
    rows = shown()
    flip(api, tolt_v1_whole_partners=True)

    assert (short, rows) == ([False] * 4, [True] * 3 + [False])
    assert shown() == [True] * 4


def test_amounts_of_v1_are_numbers_or_texts(api):
    def shown():
        code = old_code(api, "A1").json()["data"][0]
        api.v1.delete(f"/promotion-codes/{code['id']}")
        return code["value"], old_rows(api, "/transactions")[0]["amount"]

    numbers = shown()
    flip(api, tolt_v1_amounts="text")

    assert (numbers, shown()) == ((10, 8000), ("10", "8000"))


def test_times_of_v1_end_in_a_letter_or_in_an_offset(api):
    def shown() -> str:
        return old_rows(api, "/transactions")[0]["created_at"]

    usual = shown()
    flip(api, tolt_v1_times="offset")

    assert usual.endswith(".000Z")
    assert shown() == usual.replace(".000Z", ".000000+00:00")


def test_people_of_v1_have_ids_with_a_prefix_or_bare(api):
    def shown():
        found = tuple(old_rows(api, path)[0]["id"] for path in PEOPLE)
        for path, uid in zip(PEOPLE, found, strict=True):
            assert api.v1.get(f"{path}/{uid}").json()["data"]["id"] == uid
        return found

    prefixed = shown()
    flip(api, tolt_v1_ids="bare")

    assert [uid.partition("_")[0] for uid in prefixed] == ["part", "cust"]
    assert shown() == tuple(uid.partition("_")[2] for uid in prefixed)
    assert old_rows(api, "/promotion-codes")[0]["id"].startswith("prc_")


def test_v1_lists_its_programmes_or_does_not_know_them(api):
    known = api.v1.get("/programs").status_code
    flip(api, tolt_v1_programs=False)

    assert (known, api.v1.get("/programs").status_code) == (200, 404)
    assert api.v2.get("/programs").status_code == 200


def test_v1_answers_a_new_partner_with_an_array_or_the_bare_row(api):
    def made(email: str):
        body = {"first_name": "N", "last_name": "N", "program_id": api.program_id}
        return api.v1.post("/partners", json={**body, "email": email}).json()["data"]

    array = made("a@x.example")
    flip(api, tolt_v1_new_partner="object")

    assert array[0]["email"] == "a@x.example"
    assert made("b@x.example")["email"] == "b@x.example"
