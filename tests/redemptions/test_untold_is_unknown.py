"""What is not told is unknown: said, before anything is made, and nothing is pushed."""

import json
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from connector.reports.messages.say import said
from tests.standins.spoiler import spoiling

PUSH = 'redemptions = "both"\ncommissions = true'
LEFT = "/partnero/v1"


@pytest.fixture
def opened(open_shop):
    """Open a shop with something in front of it that may spoil answers."""
    with ExitStack() as stack:

        def open_one(version="v2", policy=PUSH):
            place = open_shop(version=version, policy=policy)
            between = stack.enter_context(spoiling(place.sandbox.url))
            place.reach_through(between.url)
            return place, between

        yield open_one


def edit_all(between, part, edit):
    """Let ``edit`` change the rows of every answer of a path that holds ``part``."""

    def rule(method, asked, status, body):
        path = urlsplit(asked).path
        if method != "GET" or part not in path or status != 200:
            return None
        whole = json.loads(body)
        rows = whole.get("data")
        rows = rows.get("data", rows) if isinstance(rows, dict) else rows
        for row in rows if isinstance(rows, list) else [rows]:
            edit(row)
        return status, json.dumps(whole).encode()

    between.rules.append(rule)


def without(field):
    return lambda row: row.pop(field, None)


def with_(**fields):
    return lambda row: row.update(fields)


def blocked(plan):
    return [(c.target, c.reason, said(c)) for c in plan.changes if c.push]


def nothing_was_made(place):
    return not place.sandbox.asked.writes


@pytest.mark.parametrize(
    ("version", "edit"),
    [
        ("v1", without("status")),
        ("v2", without("status")),
        ("v2", with_(status="partially_refunded")),
    ],
    ids=["v1", "v2", "in part"],
)
def test_a_sale_that_may_have_been_refunded_is_not_pushed(opened, version, edit):
    place, between = opened(version)
    place.sell_right("ord-1")
    edit_all(between, "/transactions", edit)

    done = place.sync()

    ((target, reason, message),) = blocked(done.plan)
    assert (target, reason) == ("partnero", "unproven")
    assert "does not tell whether it was taken back" in message
    assert nothing_was_made(place)
    assert place.plan().redemptions["missing_on_partnero"] == 1


def test_a_sale_that_may_have_been_archived_is_not_pushed(opened):
    place, between = opened()
    place.sell_left("ord-1")
    edit_all(between, f"{LEFT}/transactions", without("deleted_at"))

    done = place.sync()

    ((target, reason, _message),) = blocked(done.plan)
    assert (target, reason) == ("tolt", "unproven")
    assert nothing_was_made(place)


@pytest.mark.parametrize("known", [True, False], ids=["known buyer", "new buyer"])
def test_where_nobody_can_see_whom_tolt_credits_nothing_is_made(opened, known):
    """v1's customers do not show the code that brought them."""
    place, between = opened("v1")
    place.configure(policy='redemptions = "to-tolt"\ncommissions = true')
    place.reach_through(between.url)
    place.sell_left("ord-1")
    email = "buyer-of-anna10@buyers.example" if known else "other@buyers.example"
    place.world.tolt.customers.change(place.sell_right("x").customer, email=email)
    edit_all(between, "/tolt/v1/customers", without("promotion_code_id"))

    done = place.sync()

    ((target, reason, message),) = blocked(done.plan)
    assert (target, reason) == ("tolt", "unproven")
    assert "does not tell by which code a customer came" in message
    assert "came by another code" not in message
    assert nothing_was_made(place)


def test_customers_of_whom_none_can_be_read_tell_no_codes(opened):
    """That there is nobody to be asked is another thing: then nothing is unknown."""
    place, between = opened("v1")
    place.configure(policy='redemptions = "to-tolt"\ncommissions = true')
    place.reach_through(between.url)
    place.sell_left("ord-1")
    place.world.tolt.customers.change(
        place.sell_right("x").customer, email="other@buyers.example"
    )
    edit_all(between, "/tolt/v1/customers", with_(id={}, customer_id="no-9"))

    done = place.sync()

    ((target, reason, _message),) = blocked(done.plan)
    assert (target, reason) == ("tolt", "unproven")
    assert nothing_was_made(place)


# -- rows that cannot be understood ----------------------------------------------------


@pytest.mark.parametrize(
    "spoilt",
    [
        {"created_at": 10**30},
        {"amount": "12,5"},
        {"status": {"refunded": True}},
    ],
    ids=repr,
)
def test_a_sale_on_tolt_that_cannot_be_understood_costs_no_other(opened, spoilt):
    place, between = opened()
    place.sell_right("bad", buyer="one")
    place.sell_right("good", buyer="two")
    edit_all(
        between,
        "/tolt/v2/transactions",
        lambda row: row.update(spoilt) if row["charge_id"] == "bad" else None,
    )

    done = place.sync()
    named = [said(f) for f in done.plan.findings if f.kind == "unreadable"]
    between.rules.clear()
    place.an_hour_later()
    after = place.sync()

    assert place.sales["good"] == 1
    assert len(named) == 1
    assert "transaction txn_" in named[0]
    assert after.status == "complete"
    assert place.sales == {"good": 1, "bad": 1}  # read again, once it can be


@pytest.mark.parametrize(
    "spoilt",
    [{"created_at": 10**30}, {"amount": "1,024"}, {"deleted_at": [1]}],
    ids=repr,
)
def test_a_sale_on_partnero_that_cannot_be_understood_costs_no_other(opened, spoilt):
    place, between = opened()
    place.sell_left("bad")
    place.sell_left("good", code="BEN20")
    edit_all(
        between,
        f"{LEFT}/transactions",
        lambda row: row.update(spoilt) if row["key"] == "bad" else None,
    )

    done = place.sync()

    kinds = place.kinds(done.plan)
    assert place.charges == {"good": 1}
    assert kinds["unreadable"] == 1
    assert {c.reason for c in done.plan.changes if c.status == "blocked"} == {
        "unproven"
    }


def test_money_in_no_currency_is_not_pushed_and_costs_no_other(opened):
    place, between = opened()
    place.sell_left("bitcoin")
    place.sell_left("good", code="BEN20")
    edit_all(
        between,
        f"{LEFT}/transactions",
        lambda r: r.update(amount_units="BTC") if r["key"] == "bitcoin" else None,
    )

    done = place.sync()

    assert done.status == "complete"
    assert place.charges == {"good": 1}


@pytest.mark.parametrize(
    "entry",
    [7, {"transaction_key": ["a"]}, {"redeemed_at": 10**30}],
    ids=repr,
)
def test_an_entry_of_a_log_that_cannot_be_understood_costs_no_other(opened, entry):
    place, between = opened(policy='redemptions = "report"')
    place.sell_left("ord-1")

    def edit(row):
        if row.get("code") == "ANNA10":
            row["additional_info"]["redemptions"].insert(0, entry)
            row["times_redeemed"] = 2

    edit_all(between, f"{LEFT}/promotion-codes", edit)
    place.sync()
    again = place.sync().plan  # it is told as long as it is so

    assert again.redemptions["missing_on_tolt"] == 1
    (finding,) = [f for f in again.findings if f.kind == "unreadable"]
    assert "log of ANNA10" in said(finding)


@pytest.mark.parametrize("status", [200, 403, 404])
def test_a_buyer_of_whom_nothing_is_known_keeps_no_other_from_being_pushed(
    opened, status
):
    place, between = opened()
    bad = place.sell_right("bad", buyer="one").customer
    place.sell_right("good", buyer="two")
    path = f"/tolt/v2/customers/cus_{bad.uid}"
    between.answer(path, status, {"detail": "blocked"} if status != 403 else b"<html>")

    done = place.sync()

    ((_target, reason, _message),) = [
        b for b in blocked(done.plan) if b[1] != "only_on_tolt"
    ]
    assert reason == "unproven"
    assert place.sales == {"good": 1}


@pytest.mark.parametrize("email", [["x"], None])
def test_a_buyer_who_may_be_one_of_a_bad_row_is_not_made_a_second_time(opened, email):
    place, between = opened()
    place.sell_left("ord-1")
    place.configure(policy='redemptions = "to-tolt"\ncommissions = true')
    place.reach_through(between.url)

    def found_by_search(method, path, _sent):
        listed = method == "GET" and path.startswith("/tolt/v2/customers?")
        row = {"id": "cus_x", "email": email, "name": ["?"]}
        body = {"success": True, "data": [row], "has_more": False}
        return (200, json.dumps(body).encode()) if listed else None

    between.blocks.append(found_by_search)

    done = place.sync()

    ((target, reason, _message),) = blocked(done.plan)
    assert (target, reason) == ("tolt", "unproven")
    assert nothing_was_made(place)


# -- the partner of a customer ---------------------------------------------------------


@pytest.fixture
def keyed(opened):
    """Customers name the key of their partner, which no list and no search tells."""
    place, between = opened()
    place.switches.partnero_customer_partner = "key"
    for path in ("partner", "partners:search"):
        between.answer(f"{LEFT}/{path}", 404, {"status": 0, "message": "No route."})

    def untold(row):
        row.pop("key", None)
        if not row.get("full"):
            row.pop("referral_link", None)

    edit_all(between, f"{LEFT}/partners", untold)
    place.sell_left("ord-1")
    return place, between


def show_links(between, place):
    """Let the single answer of a partner carry the link with their key, as it does."""
    keys = {p.uid: p.key for p in place.world.partnero.partners}

    def rule(method, asked, status, body):
        path = urlsplit(asked).path
        if not path.startswith(f"{LEFT}/partners/") or status != 200:
            return None
        whole = json.loads(body)
        key = keys[whole["data"]["id"]]
        whole["data"]["referral_link"] = f"https://acme.example/?aff={key}"
        return status, json.dumps(whole).encode()

    between.rules.append(rule)


def test_a_partner_who_is_named_by_key_is_known_by_their_own_link(keyed):
    place, between = keyed
    show_links(between, place)

    place.sync()

    assert place.charges == {"ord-1": 1}


def test_a_partner_whom_nobody_can_name_is_unknown_and_said_to_be(keyed):
    place, _ = keyed

    done = place.sync()

    ((target, reason, message),) = blocked(done.plan)
    assert (target, reason) == ("tolt", "unproven")
    assert "no one's id and no one's referral key" in message
    assert nothing_was_made(place)


def test_a_name_that_is_ones_id_and_anothers_key_is_nobodys(opened):
    place, between = opened()
    place.sell_left("ord-1")
    anna, ben = place.world.partnero.partners

    def edit(row):
        row["key"] = anna.uid if row["id"] == ben.uid else "anna-key"

    edit_all(between, f"{LEFT}/partners", edit)

    ((_target, reason, _message),) = blocked(place.sync().plan)

    assert reason == "unproven"
    assert nothing_was_made(place)


def test_a_partner_who_is_named_by_an_object_is_known(opened):
    place, between = opened()
    place.sell_left("ord-1")
    edit_all(
        between, f"{LEFT}/customers", lambda r: r.update(partner={"id": r["partner"]})
    )

    place.sync()

    assert place.charges == {"ord-1": 1}
