"""Each doubt of the API notes, in both readings."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connector.sandbox.switches import Switches, UnknownSwitch
from tests.standins import edits
from tests.standins.faults import Fault


def flip(api, **values):
    api.sandbox.switches.update(values)


def test_every_switch_is_played_in_this_file():
    text = Path(__file__).read_text(encoding="utf-8")

    missing = [
        name for name in Switches().as_dict() if not re.search(rf"\b{name}\b", text)
    ]

    assert missing == []


def test_an_unknown_switch_is_an_error_that_names_the_nearest():
    with pytest.raises(UnknownSwitch, match="nearest is 'partnero_case'"):
        Switches().set("partnero_cases", "upper")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("partnero_case", "lower", id="a word that is not in the list"),
        pytest.param("partnero_embed_codes", 1, id="a number for a flag"),
        pytest.param("tolt_rate_limit", "25", id="a text for a number"),
        pytest.param("partnero_create_status", True, id="a flag for a status"),
    ],
)
def test_a_switch_refuses_a_value_it_cannot_have(name, value):
    with pytest.raises(ValueError, match=name):
        Switches().set(name, value)


def test_any_key_accepts_what_is_otherwise_a_wrong_key(api):
    wrong = {"Authorization": "Bearer wrong"}

    before = [c.get("/partners", headers=wrong) for c in (api.partnero, api.v2)]
    flip(api, any_key=True)
    after = [c.get("/partners", headers=wrong) for c in (api.partnero, api.v2)]

    assert [answer.status_code for answer in before] == [401, 401]
    assert [answer.status_code for answer in after] == [200, 200]


# --- Partnero ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("seconds", r"\d+$"),
        ("absent", None),
    ],
)
def test_partnero_limits_requests_only_when_switched_on(api, form, pattern):
    free = [api.partnero.get("/test").status_code for _ in range(5)]
    flip(
        api,
        partnero_rate_limit=2,
        partnero_rate_window=30.0,
        partnero_retry_after=form,
    )

    answers = [api.partnero.get("/test") for _ in range(3)]

    assert free == [200] * 5
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json() == {"message": "Too Many Attempts."}
    header = answers[2].headers.get("retry-after")
    assert header is None if pattern is None else re.match(pattern, header)


def size_of(api, limit: str) -> int:
    answer = api.partnero.get(f"/promotion-codes{limit}")
    return answer.json()["meta"]["per_page"]


def test_partnero_page_sizes_have_two_readings(api):
    narrow = [size_of(api, limit) for limit in ("", "?limit=5", "?limit=250")]
    flip(api, partnero_limit_range="1-250")
    wide = [size_of(api, limit) for limit in ("", "?limit=5", "?limit=250")]

    assert narrow == [10, 10, 100]
    assert wide == [15, 5, 250]


def test_a_limit_out_of_range_is_clamped_or_refused(api):
    clamped = api.partnero.get("/promotion-codes?limit=5")
    flip(api, partnero_limit_out_of_range="reject")
    refused = api.partnero.get("/promotion-codes?limit=5")

    assert clamped.json()["meta"]["per_page"] == 10
    assert refused.status_code == 422
    assert "limit" in refused.json()["errors"]


def test_the_next_link_keeps_or_drops_the_limit(api):
    kept = api.partnero.get("/promotion-codes?limit=20").json()["links"]["next"]
    flip(api, partnero_next_keeps_limit=False)
    dropped = api.partnero.get("/promotion-codes?limit=20").json()["links"]["next"]

    assert "limit=20" in kept
    assert "limit" not in dropped


@pytest.mark.parametrize(
    ("reading", "plural", "singular"),
    [("both", 201, 201), ("plural", 201, 404), ("singular", 405, 201)],
)
def test_a_code_is_created_under_the_plural_or_the_singular_path(
    api, reading, plural, singular
):
    flip(api, partnero_create_path=reading)

    one = api.code("NEW-ONE").status_code
    body = {"coupon_uuid": "PCT10", "code": "NEW-TWO"}
    two = api.partnero.post("/promotion-code", json=body).status_code

    assert (one, two) == (plural, singular)


def test_codes_are_addressed_by_path_only_when_switched_on(api):
    body = {"metadata": {"a": "b"}}

    before = api.partnero.put("/promotion-codes/BEN10", json=body)
    flip(api, partnero_path_addressing=True)
    after = api.partnero.put("/promotion-codes/BEN10", json=body)
    gone = api.partnero.delete("/promotion-codes/BEN10")

    assert before.status_code == 405
    assert after.json()["data"]["metadata"] == {"a": "b"}
    assert gone.status_code == 200
    assert api.partnero.get("/promotion-codes/BEN10").status_code == 404


def delete(api, code: str, coupon: str = "PCT10"):
    body = {"code": code, "coupon": {"uuid_code": coupon}}
    return api.partnero.request("DELETE", "/promotion-codes", json=body)


def test_a_delete_whose_body_was_dropped_is_refused(api):
    flip(api, partnero_drop_delete_body=True)
    dropped = delete(api, "BEN10")
    flip(api, partnero_drop_delete_body=False)
    done = delete(api, "BEN10")

    assert dropped.status_code == 422
    assert "code" in dropped.json()["errors"]
    assert done.json()["data"]["status"] == 1


def test_a_create_answers_201_or_200(api):
    usual = api.code("NEW-ONE").status_code
    flip(api, partnero_create_status=200)

    assert (usual, api.code("NEW-TWO").status_code) == (201, 200)


def test_duplicate_codes_are_refused_or_unique_by_coupon_or_accepted(api):
    def again(coupon: str) -> int:
        return api.code("BEN10", coupon_uuid=coupon).status_code

    strict = again("PCT10"), again("PCT20")
    flip(api, partnero_duplicate_code="per_coupon")
    by_coupon = again("PCT10"), again("PCT20")
    flip(api, partnero_duplicate_code="silent")
    silent = again("PCT10")

    assert strict == (422, 422)
    assert by_coupon == (422, 201)
    assert silent == 201
    assert len(api.sandbox.world.partnero.codes.named("ben10")) == 3


def test_letter_case_is_folded_or_kept_or_raised(api):
    folded = api.code("ben10").status_code
    flip(api, partnero_case="sensitive")
    sensitive = api.code("ben10")
    missing = api.partnero.get("/promotion-codes/BeN10").status_code
    flip(api, partnero_case="upper")
    upper = api.code("small-letters")

    assert folded == 422
    assert sensitive.json()["data"]["code"] == "ben10"
    assert missing == 404
    assert upper.json()["data"]["code"] == "SMALL-LETTERS"


def test_an_unknown_partner_id_is_refused_or_ignored(api):
    named = {
        "limit_to_specific_partner": True,
        "coupon_specific_partners": {"id": "prt_nobody", "full_name": "No Body"},
    }

    refused = api.code("NEW-ONE", **named)
    flip(api, partnero_unknown_partner="ignore")
    ignored = api.code("NEW-ONE", **named)

    assert refused.status_code == 422
    shown = ignored.json()["data"]["coupon_specific_partners"]
    assert shown == {"id": "prt_nobody", "full_name": "No Body"}


def test_the_partner_of_a_code_is_shown_as_object_or_array(api):
    def shown():
        answer = api.partnero.get("/promotion-codes/BEN10").json()
        return answer["data"]["coupon_specific_partners"]

    one = shown()
    flip(api, partnero_partners_as_array=True)

    assert one["full_name"] == "Ben Kask"
    assert shown() == [one]


def test_lists_show_the_counter_and_the_log_or_neither(api):
    new = api.partnero.get("/promotion-codes").json()["data"][0]
    flip(api, partnero_list_shape="old")
    old = api.partnero.get("/promotion-codes").json()["data"][0]

    assert new.keys() - old.keys() == {"times_redeemed", "additional_info"}
    assert "coupon" not in new


def test_a_single_code_is_shown_with_or_without_its_counter(api):
    new = api.partnero.get("/promotion-codes/NEARLY100").json()["data"]
    flip(api, partnero_get_counter=False)
    old = api.partnero.get("/promotion-codes/NEARLY100").json()["data"]

    assert new["times_redeemed"] == 95
    assert "times_redeemed" not in old


def test_coupon_lists_embed_their_codes_or_nothing(api):
    def embedded():
        coupons = api.partnero.get("/coupons").json()["data"]
        return coupons[-1]["promotion_codes"]["data"]

    full = [code["code"] for code in embedded()]
    flip(api, partnero_embed_codes=False)

    assert "CANARY" in full
    assert embedded() == []


def test_unknown_fields_of_an_update_are_ignored_or_refused(api):
    body = {"code": "BEN10", "active": False}

    ignored = api.partnero.put("/promotion-codes", json=body)
    flip(api, partnero_reject_unknown_fields=True)
    refused = api.partnero.put("/promotion-codes", json=body)

    assert (ignored.status_code, refused.status_code) == (200, 422)


def test_undocumented_fields_of_an_update_are_ignored_or_applied(api):
    body = {
        "code": "BEN10",
        "expiration_date_status": True,
        "expiration_date_value": "2030-01-31",
    }

    def put():
        answer = api.partnero.put("/promotion-codes", json=body)
        return answer.json()["data"]["expiration_date_value"]

    ignored = put()
    flip(api, partnero_put_applies_all=True)

    assert ignored is None
    assert put() == "2030-01-31"


def test_rules_of_a_code_are_ignored_or_a_no_op_or_an_error_when_redeemed(api):
    counted = api.redeem("EXPIRED10")["times_redeemed"]
    flip(api, partnero_redeem_rules="no_op")
    same = api.redeem("EXPIRED10")["times_redeemed"]
    flip(api, partnero_redeem_rules="reject")
    body = {"code": "EXPIRED10", "redeem": True}
    refused = api.partnero.put("/promotion-codes", json=body)

    assert (counted, same) == (1, 1)
    assert refused.status_code == 422


def test_a_redeem_bumps_the_coupon_only_when_switched_on(api):
    coupon = api.sandbox.world.partnero.code("BEN10").coupon

    api.redeem("BEN10")
    before = coupon.times_redeemed
    flip(api, partnero_redeem_bumps_coupon=True)
    api.redeem("BEN10")

    assert (before, coupon.times_redeemed) == (0, 1)


def test_concurrent_redeems_of_one_key_count_once_unless_they_race(api):
    api.sale("race")

    def together(code: str) -> int:
        threads = [
            threading.Thread(target=api.redeem, args=(code, "race")) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return api.sandbox.world.partnero.code(code).times_redeemed

    once = together("BEN10")
    flip(api, partnero_redeem_race=True)

    assert once == 1
    assert together("BEN20") == 2


def test_a_redeem_can_be_done_with_its_answer_lost(api):
    api.sale("lost")
    flip(api, partnero_redeem_lost_answer=True)

    with pytest.raises(httpx.RemoteProtocolError):
        api.redeem("BEN10", "lost")

    assert api.sandbox.world.partnero.code("BEN10").times_redeemed == 1


def test_the_rest_of_a_redeem_that_did_nothing_is_dropped_or_applied(api):
    dropped = api.redeem("BEN10", "no-such-key", metadata={"a": "b"})
    flip(api, partnero_no_op_applies_rest=True)
    applied = api.redeem("BEN10", "no-such-key", metadata={"a": "b"})

    assert dropped["metadata"] == []
    assert applied["metadata"] == {"a": "b"}
    assert applied["times_redeemed"] == 0


def test_an_archived_transaction_counts_as_missing_or_as_there(api):
    api.sale("archived")
    api.partnero.post("/transactions/archived/archive")

    missing = api.redeem("BEN10", "archived")["times_redeemed"]
    flip(api, partnero_archived_counts=True)

    assert missing == 0
    assert api.redeem("BEN10", "archived")["times_redeemed"] == 1


def test_the_log_is_shown_whole_or_cut(api):
    def keys():
        data = api.partnero.get("/promotion-codes/ANNA10").json()["data"]
        return [
            row["transaction_key"] for row in data["additional_info"]["redemptions"]
        ]

    whole = keys()
    flip(api, partnero_log_limit=2)

    assert len(whole) == 6
    assert keys() == whole[-2:]


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


COUPON = {
    "coupon_discount_type": "percent",
    "coupon_discount_amount": 12,
    "coupon_duration_type": "once",
}


def test_active_of_a_new_coupon_is_optional_or_required(api):
    optional = api.partnero.post("/coupons", json=COUPON)
    flip(api, partnero_active_required=True)
    required = api.partnero.post("/coupons", json=COUPON)
    given = api.partnero.post("/coupons", json={**COUPON, "active": True})

    assert optional.json()["data"]["active"] is True
    assert "active" in required.json()["errors"]
    assert given.status_code == 201


def test_deleting_a_coupon_leaves_its_codes_or_takes_them_along(api):
    api.partnero.delete("/coupons/FIX25")
    stays = api.partnero.get("/promotion-codes/FIXED25").status_code
    flip(api, partnero_coupon_delete_cascades=True)
    api.partnero.delete("/coupons/PCT10")

    assert stays == 200
    assert api.partnero.get("/coupons/FIX25").status_code == 404
    assert api.partnero.get("/promotion-codes/CANARY").status_code == 404


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


def test_dates_come_bare_or_with_a_time(api):
    def shown():
        answer = api.partnero.get("/promotion-codes/EXPIRED10").json()
        return answer["data"]["expiration_date_value"]

    bare = shown()
    flip(api, partnero_dates_as_timestamps=True)

    assert (bare, shown()) == ("2025-06-30", "2025-06-30T00:00:00.000000Z")


def test_a_wrong_key_is_401_or_403(api):
    wrong = {"Authorization": "Bearer wrong"}

    usual = api.partnero.get("/test", headers=wrong)
    flip(api, partnero_wrong_key_status=403)
    other = api.partnero.get("/test", headers=wrong)

    assert (usual.status_code, other.status_code) == (401, 403)
    assert usual.json() == {"message": "Unauthenticated."}


def test_a_coupon_says_whether_it_is_synchronized(api):
    alone = api.partnero.post("/coupons", json=COUPON).json()
    flip(api, partnero_synchronized=True)
    bound = api.partnero.post("/coupons", json=COUPON).json()

    assert alone["synchronization_enabled"] is False
    assert bound["synchronization_enabled"] is True


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


def test_an_erased_partner_of_a_code_is_an_id_without_a_name_or_nobody(api):
    partner = api.sandbox.world.partnero.code("BEN10").partners[0][0]
    edit = {"side": "partnero", "action": "erase_partner", "email": "ben@example.com"}
    edits.apply(api.sandbox.world, api.sandbox.switches, edit)

    def shown():
        data = api.partnero.get("/promotion-codes/BEN10").json()["data"]
        return data["limit_to_specific_partner"], data["coupon_specific_partners"]

    unnamed = shown()
    flip(api, partnero_erased_partner="nobody")

    assert api.partnero.get(f"/partners/{partner}").status_code == 404
    assert unnamed == (True, {"id": partner, "full_name": ""})
    assert shown() == (True, [])


def test_flags_are_flags_or_numbers_or_texts(api):
    api.sandbox.world.partnero.code("BEN10").metadata = {"mine": True}

    def shown():
        data = api.partnero.get("/promotion-codes/BEN10").json()["data"]
        assert data["metadata"] == {"mine": True}
        flags = data["limit_to_specific_partner"], data["first_time_order"]
        return *flags, data["coupon"]["active"]

    forms = [shown()]
    for form in ("int", "text"):
        flip(api, partnero_flags=form)
        forms.append(shown())

    assert repr(forms) == repr([(True, False, True), (1, 0, 1), ("1", "0", "1")])


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


# --- Tolt -------------------------------------------------------------------------


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


def test_server_errors_of_partnero_are_json_or_a_page(api):
    api.sandbox.faults.add(Fault("status", path="/test", count=2))

    json = api.partnero.get("/test")
    flip(api, partnero_html_errors=True)
    html = api.partnero.get("/test")

    assert (json.status_code, json.json()["status"]) == (500, 0)
    assert (html.status_code, html.headers["content-type"]) == (500, "text/html")
