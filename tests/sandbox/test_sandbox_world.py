"""The seeded worlds, the request log, the edits and the server itself."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from datetime import date
from decimal import Decimal

import httpx
import pytest

from connector.sandbox import seed
from connector.sandbox.switches import Switches
from connector.sandbox.table import Table, fold
from tests.standins import edits
from tests.standins.faults import Fault
from tests.standins.front import Sandbox

# --- worlds -----------------------------------------------------------------------


def shares(world) -> tuple[set[str], set[str], set[str]]:
    """Codes on the left only, on the right only, and on both with equal discounts."""
    left = {fold(code.code): code for code in world.partnero.codes}
    right = {fold(code.code): code for code in world.tolt.codes}
    same = {
        text
        for text in left.keys() & right.keys()
        if left[text].coupon.discount_amount
        == (right[text].value / (100 if right[text].type == "fixed" else 1))
    }
    return set(left) - set(right), set(right) - set(left), same


def test_the_small_world_mostly_agrees():
    world = seed.small()

    left, right, same = shares(world)

    assert 35 <= len(world.partnero.codes) <= 45
    assert left == {"onlypartnero20", "onlypartnero-limited", "partnermissing-tolt"}
    assert {"onlytolt20", "onlytolt30", "partnermissing-partnero"} < right
    assert len(same) > len(world.partnero.codes) * 2 / 3
    assert {"canary", "mixcase20", "fixed25", "nearly100"} < same


def test_the_small_world_has_every_trouble():
    world = seed.small()
    left, right = world.partnero, world.tolt

    assert len(right.codes_named("SAM20")) == len(right.codes_named("TWICE15")) == 2
    assert left.code("EXPIRED10").expires == date(2025, 6, 30)
    assert left.code("NEARLY100").times_redeemed == 95
    assert left.code("MINORDER10").minimum_order == Decimal(50)
    assert left.code("NOPARTNER").partners == []
    assert right.codes_named("INACTIVE10")[0].active is False
    assert all(right.codes_named(text) for text in seed.HOSTILE)
    assert all(right.codes_named(text) for text in seed.NOT_FOR_PARTNERO)
    assert max(len(text) for text in seed.NOT_FOR_PARTNERO) == 101


def test_equal_seeds_are_equal_and_tags_tell_worlds_apart():
    one, two, other = seed.small(), seed.small(), seed.big(1, tag="b")

    assert one.tolt.codes.by_created == two.tolt.codes.by_created
    assert one.tolt.program.uid != other.tolt.program.uid


def test_the_big_world_has_the_shares_that_were_asked_for():
    world = seed.big(1000, partners=7, only_partnero=0.1, only_tolt=0.05)

    left, right, same = shares(world)

    assert len(world.partnero.partners) == 7
    assert len(left) == pytest.approx(100, abs=3)
    assert len(right) == pytest.approx(50, abs=3)
    assert len(same) == pytest.approx(850, abs=6)


def test_a_big_world_agrees_unless_told_otherwise():
    left, right, same = shares(seed.big(300, coupons=150))

    assert (left, right, len(same)) == (set(), set(), 300)


def test_a_page_costs_the_same_in_a_big_table():
    sandbox = Sandbox(world=seed.big(20_000), switches={"tolt_rate_limit": 0})
    with sandbox, httpx.Client(base_url=sandbox.url) as client:
        keys = sandbox.environment
        took = {}
        for key, path in (
            ("PARTNERO_API_KEY", "/partnero/v1/promotion-codes?limit=100&page=200"),
            ("TOLT_API_KEY", "/tolt/v2/promotion-codes?limit=100&sort=updated_at"),
            ("TOLT_API_KEY", "/tolt/v2/promotion-codes?search=code010000"),
        ):
            headers = {"Authorization": f"Bearer {keys[key]}"}
            start = time.perf_counter()
            answers = [client.get(path, headers=headers) for _ in range(5)]
            took[path] = time.perf_counter() - start
            assert answers[0].json()["data"]

    # Generous: five pages, each some 2 ms on an idle machine.
    assert max(took.values()) < 1.0


def test_a_table_keeps_its_orders_while_rows_change():
    world = seed.big(50)
    table: Table = world.tolt.codes
    rows = list(table)

    table.change(rows[3], updated_at=world.now())
    table.remove(rows[4])
    table.change(rows[5], created_at=rows[0].created_at.replace(year=2020))

    assert next(iter(table)) is rows[5]
    assert table.by_updated[-1][1] == rows[3].uid
    assert len(table) == len(table.by_created) == len(table.by_updated) == 49
    assert table.slice(0, 2) == [rows[5], rows[0]]


# --- log --------------------------------------------------------------------------


def test_the_log_holds_every_request_in_order_without_the_key(api):
    api.code("NEW-ONE")
    api.v2.get("/programs", params={"limit": 5})

    post, get = api.sandbox.requests
    assert (post.method, post.path) == ("POST", "/partnero/v1/promotion-codes")
    assert (post.body["code"], post.status) == ("NEW-ONE", 201)
    assert (get.path, get.query) == ("/tolt/v2/programs", {"limit": "5"})
    assert seed.TOLT_KEY not in repr(list(api.sandbox.requests))
    assert api.sandbox.requests.writes == [post] == api.sandbox.requests[:1]
    api.sandbox.requests.clear()
    assert len(api.sandbox.requests) == 0


# --- edits ------------------------------------------------------------------------

ANNA, BEN = {"email": "anna@example.com"}, "ben@example.com"
BUYER = "buyer-of-anna10@buyers.example"
MOVE_CODE = {"action": "move_partner", "code": "ANNA10"}
EDITS = [
    ("partnero", "create_code", {"code": "E1", "coupon": "PCT10"}),
    ("partnero", "create_partner", {"email": "e@example.com"}),
    ("partnero", "delete_code", {"code": "BEN20"}),
    ("partnero", "move_partner", {"code": "BEN10", "partner": "cleo@example.com"}),
    ("partnero", "amend_sale", {"key": "ord-both", "amount": "50"}),
    ("partnero", "archive_partner", ANNA),
    ("partnero", "archive_sale", {"key": "ord-both"}),
    ("partnero", "create_coupon", {"uuid_code": "C1", "amount": 12, "active": False}),
    ("partnero", "delete_sale", {"key": "ord-both"}),
    ("partnero", "erase_partner", ANNA),
    ("partnero", "invite_again", ANNA),
    ("partnero", "move_coupon", {"code": "BEN10", "coupon": "PCT20"}),
    ("partnero", "move_customer", {"key": "buyer-of-ANNA10", "partner": BEN}),
    ("partnero", "redeem", {"code": "BEN10", "key": "k"}),
    ("partnero", "refund", {"key": "ord-both"}),
    ("partnero", "reject_partner", ANNA),
    ("partnero", "sale", {"code": "BEN10", "amount": "5", "key": "k"}),
    ("partnero", "sale_counted", {"code": "BEN10", "amount": "5"}),
    ("partnero", "set_coupon", {"coupon": "PCT10", "expires": "2030-01-31"}),
    ("partnero", "set_customer", {"key": "buyer-of-ANNA10", "email": None}),
    ("partnero", "set_partner", {**ANNA, "approved": False}),
    ("partnero", "suspend_partner", ANNA),
    ("partnero", "set_code", {"code": "CLEO10", "expires": "2030-01-31"}),
    ("partnero", "set_discount", {"coupon": "PCT15", "amount": 16}),
    ("tolt", "amend_sale", {"charge_id": "ord-both", "amount": 5000}),
    ("tolt", "create_code", {"code": "E1", "partner": "anna@example.com"}),
    ("tolt", "delete_sale", {"charge_id": "ord-both"}),
    ("tolt", "erase_partner", ANNA),
    ("tolt", "invite_again", ANNA),
    ("tolt", "move_customer", {"customer": BUYER, "partner": BEN}),
    ("tolt", "reject_partner", ANNA),
    ("tolt", "sale", {"code": "BEN10", "amount": 500, "charge_id": "k"}),
    ("tolt", "set_customer", {"customer": BUYER, "customer_id": "1001"}),
    ("tolt", "set_partner", {**ANNA, "status": "pending"}),
    ("tolt", "suspend_partner", ANNA),
    ("tolt", "create_partner", {"email": "e@example.com", "first_name": "E"}),
    ("tolt", "delete_code", {"code": "TWICE15"}),
    ("tolt", "blank_code", {"code": "TWICE15"}),
    ("tolt", "flip_active", {"code": "INACTIVE10"}),
    ("tolt", "move_partner", {"code": "BEN10", "partner": "cleo@example.com"}),
    ("tolt", "refund", {"charge_id": "ord-both"}),
    ("tolt", "rename_code", {"code": "sam20", "to": "SAM21"}),
    ("tolt", "set_code", {"code": "BEN20", "value": "21", "quietly": True}),
]


@pytest.mark.parametrize(("side", "action", "options"), EDITS)
def test_an_edit_changes_the_world_of_its_side(side, action, options):
    world, before = seed.small(), seed.small()

    edits.apply(world, Switches(), {"side": side, "action": action, **options})

    assert (repr(world.partnero) != repr(before.partnero)) is (side == "partnero")
    assert (repr(world.tolt) != repr(before.tolt)) is (side == "tolt")


@pytest.mark.parametrize(
    "edit",
    [
        {"side": "tolt", "action": "rename"},
        {"side": "tolt", "action": "rename_code", "code": "NO-SUCH", "to": "X"},
    ],
)
def test_an_edit_that_cannot_be_done_says_which(edit):
    with pytest.raises(edits.UnknownEdit, match="tolt rename"):
        edits.apply(seed.small(), Switches(), edit)


def test_every_edit_is_tried():
    tried = {(side, action) for side, action, _ in EDITS}
    known = {
        (side, name)
        for side, dashboard in edits.DASHBOARDS.items()
        for name, value in vars(dashboard).items()
        if callable(value) and not name.startswith("_")
    }

    assert tried == known


def test_a_sale_keeps_its_partner_when_code_and_customer_move_on():
    world = seed.small()
    sold = world.partnero.transactions.named("ord-both")[0]
    charged = world.tolt.transactions.named("ord-both")[0]

    for side, customer in (("partnero", "buyer-of-ANNA10"), ("tolt", BUYER)):
        named = {"key" if side == "partnero" else "customer": customer}
        for move in ({"action": "move_customer", **named}, MOVE_CODE):
            edits.apply(world, Switches(), {"side": side, "partner": BEN, **move})

    assert sold.customer.partner.email == charged.customer.partner.email == BEN
    assert sold.partner.email == charged.partner.email == ANNA["email"]


def test_a_billing_integration_counts_and_pays_and_leaves_no_log():
    world = seed.small()
    code, before = world.partnero.code("BEN10"), len(world.partnero.transactions)
    edit = {"side": "partnero", "action": "sale_counted", "code": "BEN10"}

    edits.apply(world, Switches(), {**edit, "amount": "50", "customer": "c-9"})

    sold = list(world.partnero.transactions)[-1]
    assert len(world.partnero.transactions) == before + 1
    assert (code.times_redeemed, code.redemptions) == (1, [])
    assert (sold.customer.key, sold.rewards) == ("c-9", [Decimal(10)])
    assert sold.key.startswith("in_")


def test_a_seeded_sale_has_the_buyer_money_time_and_partner_that_were_asked_for():
    build = seed.small_builder()
    left, right = build.world.partnero, build.world.tolt
    at = seed.START.replace(year=2025)

    sold = build.sale_left(
        left.code("BEN10"),
        "k",
        "49.99",
        customer="1001",
        email="x@buyers.example",
        partner="Anna",
        currency="EUR",
        at=at,
    )
    charged = build.sale_right(
        right.codes_named("BEN10")[0],
        "k",
        4999,
        email="x@buyers.example",
        customer_id="1001",
        partner="Anna",
        at=at,
    )

    assert (sold.customer.key, sold.customer.email) == ("1001", "x@buyers.example")
    assert (sold.amount_units, sold.amount) == ("EUR", Decimal("49.99"))
    assert sold.partner.email == charged.partner.email == ANNA["email"]
    assert sold.created_at == charged.created_at == at
    assert (charged.customer.customer_id, charged.customer.email) == (
        "1001",
        "x@buyers.example",
    )


# --- server -----------------------------------------------------------------------


def test_the_config_is_ready_to_use():
    with Sandbox() as sandbox:
        config = tomllib.loads(sandbox.config_text(tolt_version="v1"))

    pair = config["pairs"][0]
    assert pair["tolt"]["api_version"] == "v1"
    assert pair["tolt"]["base_url"] == f"{sandbox.url}/tolt/v1"
    assert pair["tolt"]["program_id"] == f"prg_{sandbox.world.tolt.program.uid}"
    assert set(sandbox.environment) == {"PARTNERO_API_KEY", "TOLT_API_KEY"}


def test_two_sandboxes_run_side_by_side_and_stop_at_once():
    threads = threading.active_count()
    with Sandbox() as one, Sandbox(world=seed.big(1, tag="b")) as two:
        assert one.url != two.url
        assert two.world.tolt.program.uid.startswith("b")
        start = time.monotonic()

    assert time.monotonic() - start < 1
    assert threading.active_count() == threads
    with pytest.raises(httpx.ConnectError):
        httpx.get(one.url)


def test_stopping_cuts_what_is_still_running():
    sandbox = Sandbox().start()
    sandbox.faults.add(Fault("slow", seconds=30))
    lost: list[httpx.HTTPError] = []

    def ask() -> None:
        try:
            key = {"Authorization": f"Bearer {seed.TOLT_KEY}"}
            httpx.get(f"{sandbox.url}/tolt/v2/programs", headers=key, timeout=30)
        except httpx.HTTPError as error:
            lost.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not len(sandbox.requests):
        time.sleep(0.01)
    start = time.monotonic()
    sandbox.stop()
    thread.join(5)

    assert len(lost) == 1
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_serving_in_the_foreground_ends_with_a_signal(name):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = f"from connector.sandbox.server import Sandbox; Sandbox({port}).run()"
    process = subprocess.Popen([sys.executable, "-c", line], env=os.environ.copy())
    try:
        for _ in range(200):
            try:
                status = httpx.get(f"http://127.0.0.1:{port}/tolt/v2/x").status_code
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        process.send_signal(getattr(signal, name))
        code = process.wait(5)
    finally:
        process.kill()
        process.wait()

    assert status == 401
    assert code in (0, -signal.SIGTERM, -signal.SIGINT)
