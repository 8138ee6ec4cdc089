"""Which requests leave: those that the products' pages show, and no more."""

from collections import Counter
from pathlib import Path

import pytest

from connector.sandbox import seed
from tests.harness.place import OF_EACH_RUN

ANNA = "partner00000@example.com"
BEN = "partner00001@example.com"
CODE = "CODE000000"


def agreed_world(place, **more):
    """Twelve codes that both sides have agreed on, at least one of them an amount."""
    place.inhabit(seed.big(12, partners=3, coupons=2), **more)
    world = place.sandbox.world
    world.partnero.coupons.named("PCT6")[0].discount_type = "static"
    for code in world.tolt.codes:
        if int(code.code[-1]) % 2:
            code.type, code.value = "fixed", code.value * 100
    synced = place.run("sync")
    assert synced.code == 0
    assert place.json("plan").document["summary"]["in_sync"] == 12
    place.sandbox.requests.clear()


def held(place):
    (change,) = [
        one for one in place.json("plan").document["changes"] if one["status"] == "held"
    ]
    return change["id"]


def sent(place, method):
    return [row for row in place.sandbox.requests if row.method == method]


# --- what the products' own pages show --------------------------------------------


def test_partnero_update_is_put_with_the_code_in_the_body(place):
    """Partnero's page: PUT /v1/promotion-codes, code, limit and { id, full_name }."""
    agreed_world(place)
    place.edit("tolt", "move_partner", code=CODE, partner=BEN)

    applied = place.json("apply", "--yes", "--accept", held(place))

    (put,) = place.writes
    assert applied.outcomes == {CODE: "confirmed"}
    assert (put.method, put.path, put.query) == (
        "PUT",
        "/partnero/v1/promotion-codes",
        {},
    )
    ben = place.sandbox.world.partnero.partners.named(BEN)[0]
    assert put.body == {
        "code": CODE,
        "limit_to_specific_partner": True,
        "coupon_specific_partners": {
            "id": ben.uid,
            "full_name": ben.full_name,
        },
    }


def test_partnero_code_is_read_by_get_with_the_code_in_the_path(place):
    """Partnero's page: GET /v1/promotion-codes/{code}, before a write and after it."""
    agreed_world(place)
    place.edit("tolt", "move_partner", code=CODE, partner=BEN)
    accepted = held(place)
    place.sandbox.requests.clear()

    place.run("apply", "--yes", "--accept", accepted)

    log = [(row.method, row.path) for row in place.sandbox.requests]
    before, write, after = [
        one for one in log if one[1].startswith("/partnero/v1/promotion-codes")
    ][-3:]
    assert before == after == ("GET", f"/partnero/v1/promotion-codes/{CODE}")
    assert write == ("PUT", "/partnero/v1/promotion-codes")


@pytest.mark.parametrize(
    ("code", "version", "body"),
    [
        ("CODE000000", '"v1"', {"type": "percentage", "value": 25}),
        ("CODE000001", '"v1"', {"type": "fixed", "value": 2500}),
        ("CODE000000", '"v2"', {"type": "percentage", "value": "25"}),
        ("CODE000001", '"v2"', {"type": "fixed", "value": "25"}),
    ],
    ids=["v1 percentage", "v1 cents", "v2 percentage", "v2 major units"],
)
def test_tolt_update_is_put_by_id_with_only_type_and_value(place, code, version, body):
    """Tolt's page: PUT /v1/promotion-codes/:id {"type": "fixed", "value": 2500}."""
    number = version.strip('"')
    url = f'"{place.sandbox.url}/tolt/{number}"'
    limits = "updates = 100\nshare = 1.0"
    agreed_world(place, api_version=version, base_url__1=url, limits=limits)
    uuid = "PCT5" if code.endswith("0") else "PCT6"
    place.edit("partnero", "set_discount", coupon=uuid, amount=25)

    synced = place.json("sync")

    row = place.sandbox.world.tolt.codes_named(code)[0]
    puts = {put.path.rpartition("/")[2].partition("_")[2]: put for put in place.writes}
    (put,) = [one for uid, one in puts.items() if uid.endswith(row.uid)]
    assert synced.code == 0
    assert put.method == "PUT"
    assert put.path.startswith(f"/tolt/{number}/promotion-codes/")
    assert put.body == body
    assert set(put.body) == {"type", "value"}
    assert {one.method for one in place.writes} == {"PUT"}
    assert len(place.writes) == 6


def test_the_built_in_addresses_are_those_of_the_products():
    """The pages' hosts, as a new configuration has them."""
    template = Path(__file__).parents[2] / "connector" / "commands" / "connector.toml"

    assert 'base_url = "https://api.partnero.com/v1"' in template.read_text()


# --- no more than needed ----------------------------------------------------------


@pytest.mark.slow
def test_a_plan_of_ten_thousand_codes_takes_a_hundred_requests_a_side(place):
    """J1: one listing per side, in pages of a hundred, and nothing by the code."""
    place.inhabit(seed.big(10_000, partners=150))

    planned = place.json("plan")

    counted = Counter(row.path for row in place.sandbox.requests)
    assert planned.code == 0
    assert planned.document["summary"]["in_sync"] == 10_000
    assert counted == {
        "/partnero/v1/promotion-codes": 100,
        "/partnero/v1/partners": 2,
        "/partnero/v1/coupons": 1,
        "/tolt/v2/promotion-codes": 100,
        "/tolt/v2/partners": 2,
        "/tolt/v2/transactions": 1,
    }
    assert {row.method for row in place.sandbox.requests} == {"GET"}
    sides = planned.document["sides"]
    assert (sides["partnero"]["requests"], sides["tolt"]["requests"]) == (103, 103)


def test_a_second_sync_writes_nothing_there_and_nothing_here(place):
    """B1, law 6: also the partners, the coupons and the links stay as they are."""
    place.inhabit(seed.big(40, partners=4, coupons=3, only_partnero=0.1, only_tolt=0.1))
    at = place.sandbox.world.now()
    place.sandbox.world.clock = lambda: at
    first = place.json("sync")
    assert first.document["plan"]["create"] > 4
    assert first.document["plan"]["blocked"] == 0
    before = place.tables(but=OF_EACH_RUN)
    place.sandbox.requests.clear()

    second = place.json("sync")

    assert second.code == 0
    assert second.document["outcomes"] == []
    assert second.document["plan"]["in_sync"] == 40
    assert place.writes == []
    assert place.tables(but=OF_EACH_RUN) == before


def test_a_plan_leaves_the_state_as_it_was_to_the_byte(place):
    """H8: GET requests only, and not a byte of the state's file."""
    agreed_world(place)
    place.edit("tolt", "set_code", code=CODE, value=33)
    place.edit("partnero", "delete_code", code="CODE000002")
    before = place.database.read_bytes()

    planned = place.json("plan")
    place.run("explain", CODE)
    place.run("check")
    place.run("state", "check")

    held = [one["action"] for one in planned.document["changes"]]
    assert sorted(held) == ["coupon", "delete", "replace"]
    assert place.database.read_bytes() == before
    assert {row.method for row in place.sandbox.requests} == {"GET"}


def test_writes_are_as_many_as_the_changes(place):
    """J1: no write beside the plan's."""
    place.inhabit(seed.big(60, partners=4, coupons=3, only_partnero=0.2))
    planned = place.json("plan").document

    place.run("sync")

    assert planned["summary"]["create"] == len(place.writes)
    assert Counter((row.method, row.path) for row in place.writes) == {
        ("POST", "/tolt/v2/promotion-codes"): planned["summary"]["create"]
    }
    texts = [row.body["code"] for row in place.writes]
    assert sorted(texts) == sorted(
        change["code"] for change in planned["changes"] if change["action"] == "create"
    )


def test_with_one_direction_the_other_side_is_only_read(place):
    """B27: its requests are GETs alone; what it lacks is a finding, not an error."""
    place.inhabit(
        seed.big(40, partners=4, coupons=3, only_partnero=0.1, only_tolt=0.1),
        name='"acme"\ndirection = "to-partnero"',
    )

    synced = place.json("sync")

    assert synced.code == 0
    assert synced.document["plan"]["findings"] > 0
    methods = {row.method for row in place.sandbox.requests if "/tolt/" in row.path}
    assert methods == {"GET"}
    assert place.writes


# --- a write costs one more read, on the other side ---------------------------------


def singles(place, side):
    """Count the reads of single codes of one side, found by id or by text."""
    return Counter(
        (row.method, row.path.rpartition("/")[2])
        for row in place.sandbox.requests
        if f"/{side}/" in row.path
        and ("/promotion-codes/" in row.path or "search" in row.query)
    )


def test_a_create_on_tolt_reads_its_source_once(place):
    agreed_world(place)
    place.edit("partnero", "create_code", code="NEW", coupon="PCT5", partner=ANNA)

    place.json("sync")

    assert singles(place, "partnero") == {("GET", "NEW"): 1}
    assert [row.method for row in sent(place, "POST")] == ["POST"]
    assert singles(place, "tolt").total() == 2  # searched before, read after


def test_an_update_on_tolt_reads_its_source_once(place):
    agreed_world(place, limits="updates = 100\nshare = 1.0")
    place.edit("partnero", "set_discount", coupon="PCT5", amount=25)

    place.json("sync")

    assert len(place.writes) == 6
    assert set(singles(place, "partnero").values()) == {1}
    assert singles(place, "partnero").total() == 6
    reads = [m for m, _ in singles(place, "tolt").elements() if m == "GET"]
    assert len(reads) == 12  # before and after


def test_a_payee_on_partnero_reads_its_source_once(place):
    agreed_world(place)
    place.edit("tolt", "move_partner", code=CODE, partner=BEN)
    accepted = held(place)
    place.sandbox.requests.clear()

    place.run("apply", "--yes", "--accept", accepted)

    assert singles(place, "tolt").total() == 1
    assert singles(place, "partnero") == {("GET", CODE): 2}


def test_new_codes_under_one_coupon_ask_for_that_coupon_once(place):
    """A coupon is read afresh before a code hangs on it; many share one reading."""
    agreed_world(place, limits="creates = 100\nshare = 1.0")
    for number in range(5):
        place.edit("tolt", "create_code", code=f"NEW{number}", partner=ANNA, value=5)

    place.json("sync")

    coupons = [r.path for r in sent(place, "GET") if "/coupons/" in r.path]
    assert len(place.writes) == 5
    assert 1 <= len(coupons) <= 5
    assert {path.rpartition("/")[2] for path in coupons} == {"PCT5"}
    assert singles(place, "tolt").total() == 5
