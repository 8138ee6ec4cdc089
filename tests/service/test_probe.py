"""probe settles each open point, whichever way the product answers."""

import json

import pytest

EXPECTED = {
    "partnero.1": "none",
    "partnero.2": "100",
    "partnero.14": "shown",
    "partnero.15": "yes",
    "partnero.41": "accepted",
    "tolt.20": "none",
    "tolt.9": "shown",
    "tolt.27": "none",
    "tolt.date": "yes",
    "tolt.11": "yes",
}


def answers(town, *arguments: str) -> dict[str, dict]:
    code, out = town.call("probe", "--format", "json", *arguments)
    assert code == 0
    document = json.loads(out)
    assert document["format"] == "partnero-tolt/probe"
    return {one["point"]: one for one in document["answers"]}


def seen(found) -> dict[str, str]:
    return {point: one["seen"] for point, one in found.items()}


OWN = ("--write", "--i-own-this-programme")


def test_probe_alone_sends_gets_only_and_settles_what_reading_can(town):
    town.settle("@hourly")

    found = answers(town)

    assert seen(found) == EXPECTED
    assert {one.method for one in town.sandbox.requests} == {"GET"}


def test_writing_needs_both_words_and_sends_nothing_without(town):
    town.settle("@hourly")

    assert town.call("probe", "--write")[0] == 2

    assert len(town.sandbox.requests) == 0


def test_writing_settles_the_rest_and_leaves_nothing_that_can_be_removed(town):
    town.settle("@hourly")
    before = len(town.sandbox.world.programmes["pk_0"].codes)

    found = answers(town, *OWN)

    assert [one for one in found.values() if not one["as_expected"]] == [
        found["tolt.20"]  # the sandbox has its rate limit switched off here
    ]
    left = town.sandbox.world.programmes["pk_0"]
    right = town.sandbox.world.organizations["tlt_0"]
    assert len(left.codes) == len(right.codes) == before
    assert not [one for one in left.coupons if not one.deleted_at and _ours(one)]
    assert not [one for one in left.customers if one.key.startswith("PTPROBE")]
    assert not [one for one in left.transactions if one.key.startswith("PTPROBE")]
    writes = town.sandbox.requests.writes
    assert sum(one.method == "POST" for one in writes) <= 20


def _ours(coupon) -> bool:
    return coupon.uuid_code.startswith("PTPROBE")


@pytest.mark.parametrize(
    ("switch", "value", "point", "expected"),
    [
        ("partnero_limit_range", "1-250", "partnero.2", "250"),
        ("partnero_list_shape", "old", "partnero.14", "not shown"),
        ("partnero_embed_codes", False, "partnero.15", "no"),
        ("partnero_partner_by_email", False, "partnero.41", "refused"),
        ("partnero_active_required", True, "partnero.38", "refused"),
        ("partnero_create_status", 200, "partnero.6", "200"),
        ("partnero_duplicate_code", "silent", "partnero.8", "accepted"),
        ("partnero_duplicate_code", "per_coupon", "partnero.8b", "accepted"),
        ("partnero_case", "sensitive", "partnero.9", "accepted"),
        ("partnero_put_applies_all", True, "partnero.17", "applied"),
        ("partnero_reject_unknown_fields", True, "partnero.17", "refused"),
        ("partnero_unique_transactions", True, "partnero.31", "refused"),
        ("tolt_v2_create_status", 200, "tolt.18", "200"),
        ("tolt_two_decimals", True, "tolt.3", "25.50"),
        ("tolt_duration", "once", "tolt.8", "once"),
        ("tolt_reject_unknown_fields", True, "tolt.24", "refused"),
        ("tolt_rate_limit", 25, "tolt.20", "25"),
    ],
)
def test_each_reading_of_the_documentation_gives_its_own_answer(
    town, switch, value, point, expected
):
    town.settle("@hourly")
    town.sandbox.switches.set(switch, value)

    assert answers(town, *OWN)[point]["seen"] == expected


def test_the_next_probe_says_what_has_changed(town):
    town.settle("@hourly")
    answers(town)
    town.sandbox.switches.partnero_limit_range = "1-250"

    changed = answers(town)["partnero.2"]

    assert (changed["before"], changed["seen"]) == ("100", "250")


def test_a_product_that_cannot_be_asked_is_a_failure_that_is_named(town):
    town.settle("@hourly")
    town.fault("lost_before", path="/tolt/", count=None)

    code, out = town.call("probe")

    assert code == 1
    assert "FAIL Tolt cannot be asked" in out
    assert "ok   partnero.2" in out
