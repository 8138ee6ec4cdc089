"""Doubts about Partnero's codes and coupons, in both readings."""

import threading

import httpx
import pytest

from tests.standins import edits


def flip(api, **values):
    api.sandbox.switches.update(values)


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


def test_dates_come_bare_or_with_a_time(api):
    def shown():
        answer = api.partnero.get("/promotion-codes/EXPIRED10").json()
        return answer["data"]["expiration_date_value"]

    bare = shown()
    flip(api, partnero_dates_as_timestamps=True)

    assert (bare, shown()) == ("2025-06-30", "2025-06-30T00:00:00.000000Z")


def test_a_coupon_says_whether_it_is_synchronized(api):
    alone = api.partnero.post("/coupons", json=COUPON).json()
    flip(api, partnero_synchronized=True)
    bound = api.partnero.post("/coupons", json=COUPON).json()

    assert alone["synchronization_enabled"] is False
    assert bound["synchronization_enabled"] is True


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


def test_a_list_can_show_a_counter_beside_an_empty_log(api):
    flip(api, partnero_list_shape="no_log")

    rows = api.partnero.get("/promotion-codes?limit=100").json()["data"]
    listed = next(row for row in rows if row["code"] == "ANNA10")
    single = api.partnero.get("/promotion-codes/ANNA10").json()["data"]

    assert (listed["additional_info"], listed["times_redeemed"]) == ([], 6)
    assert len(single["additional_info"]["redemptions"]) == 6


def test_coupons_are_updated_by_path_only_when_switched_on(api):
    def put() -> int:
        return api.partnero.put("/coupons/PCT10", json={"name": "Ten"}).status_code

    before = put()
    flip(api, partnero_path_addressing=True)

    assert (before, put()) == (405, 200)
    assert api.partnero.get("/coupons/PCT10").json()["data"]["name"] == "Ten"


def test_a_coupon_is_synced_to_what_is_connected_and_once(api):
    flip(api, partnero_connected="stripe")
    sync = {"sync": {"provider": "stripe"}}

    made = api.partnero.post("/coupons", json={**COUPON, **sync})
    foreign = {**COUPON, "sync": {"provider": "paddle"}}
    again = {"uuid_code": made.json()["data"]["uuid_code"], **sync}
    assigned = api.partnero.put("/coupons", json={"uuid_code": "PCT10", **sync})

    assert made.json()["synchronization_enabled"] is True
    assert assigned.json()["synchronization_successful"] is True
    assert api.partnero.post("/coupons", json=foreign).status_code == 422
    assert api.partnero.put("/coupons", json=again).status_code == 422


def test_the_limit_of_a_coupon_counts_all_its_codes(api):
    flip(api, partnero_redeem_rules="no_op")
    coupon = api.sandbox.world.partnero.coupons.exact("PCT10")
    used = sum(code.times_redeemed for code in coupon.codes.values())
    coupon.redemption_limit = used + 1

    counted = [api.redeem(code)["times_redeemed"] for code in ("BEN10", "FRED10")]

    assert counted == [1, 0]
