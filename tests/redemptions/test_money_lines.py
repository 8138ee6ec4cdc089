"""What finance reads: each sale that is not in step, and sums in every currency."""

import csv
import io
import json
from decimal import Decimal

import pytest

from connector.engine.certificate import certify
from connector.reports.certificates import (
    certificate_document,
    certificate_html,
    certificate_text,
)
from connector.reports.documents import plan_document
from connector.reports.money_sheet import redemptions_csv
from connector.reports.render import render
from state.model import Decision
from tests.harness.worlds import shop

REPORT = 'redemptions = "report"'


def sheet(*plans):
    text = redemptions_csv(plans).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def lines(plan):
    shown = plan_document(plan)["redemptions"]
    return {line["key"]: line for line in shown}


def partners(plan):
    shown = plan_document(plan)["redemption_report"]["partners"]
    return [(one["partnero"], one["tolt"]) for one in shown]


def unlog(place):
    """Let a sale be there that its code has not counted."""
    code = place.world.partnero.code("ANNA10")
    code.redemptions.clear()
    code.times_redeemed = 0


def standings(plan):
    return {key: line["standing"] for key, line in lines(plan).items()}


# -- the lines ----------------------------------------------------------------------


def test_a_missing_sale_is_named_with_key_time_amount_code_and_partner(place):
    place.configure(policy=REPORT)
    place.sell_left("ord-1", "49.99")

    (line,) = plan_document(place.plan())["redemptions"]

    assert line["at"].endswith("Z")
    assert (line["code"], line["key"]) == ("ANNA10", "ord-1")
    assert (line["standing"], line["why"]) == ("missing_on_tolt", None)
    assert (line["amount"], line["currency"]) == ("49.99", "USD")
    assert line["partner"].startswith("a***@example.com (prt_")


@pytest.mark.parametrize(
    ("currency", "minor", "amount"), [("JPY", 500, "500"), ("KWD", 1250, "1.250")]
)
def test_amounts_have_the_decimals_of_their_currency(
    open_shop, currency, minor, amount
):
    place = open_shop(shop(currency=currency), policy=REPORT, currency=currency)
    place.configure(policy=REPORT, currency=f'"{currency}"')
    place.sell_right("ord-1", minor)

    document = plan_document(place.plan())

    (line,), (total,) = document["redemptions"], document["redemption_sums"]
    assert (line["amount"], line["currency"]) == (amount, currency)
    assert (total["amount"], total["currency"]) == (amount, currency)


def test_two_currencies_are_never_added(place):
    place.configure(policy=REPORT)
    place.sell_left("ord-1", "10")
    place.sell_left("ord-2", "7")
    _, second = place.world.partnero.transactions
    second.amount_units = "EUR"

    document = plan_document(place.plan())

    sums = {one["currency"]: one["amount"] for one in document["redemption_sums"]}
    assert sums == {"USD": "10.00", "EUR": "7.00"}
    codes = document["redemption_report"]["codes"]
    assert {one["currency"]: one["partnero"] for one in codes} == sums


def test_one_sale_in_two_currencies_counts_on_each_side_in_its_own(place):
    place.configure(policy=REPORT)
    place.sell_left("ord-1", "10")
    place.sell_right("ord-1", 1000)
    (row,) = place.world.partnero.transactions
    row.amount_units = "EUR"

    document = plan_document(place.plan())

    (line,) = document["redemptions"]
    assert (line["standing"], line["partnero"], line["tolt"]) == (
        "differs",
        "10.00 EUR",
        "10.00 USD",
    )
    codes = document["redemption_report"]["codes"]
    assert {one["currency"]: (one["partnero"], one["tolt"]) for one in codes} == {
        "EUR": ("10.00", "0.00"),
        "USD": ("0.00", "10.00"),
    }


def test_a_lookalike_is_a_line_of_its_own_and_no_more_merely_missing(pusher):
    pusher.sell_left("ord-1", "20")
    pusher.sell_right("other-key", 2000)

    plan = pusher.plan()

    assert set(standings(plan).values()) == {"lookalike"}
    told = plan_document(plan)["summary"]["redemptions"]
    assert (told["lookalike"], told["missing_on_tolt"]) == (2, 0)
    assert all(line["change"].startswith("c_") for line in lines(plan).values())
    assert "looks like" in json.dumps(lines(plan)) or lines(plan)["ord-1"]["why"]


def test_a_sale_of_a_code_with_two_payees_says_who_is_paid_and_comes_first(place):
    place.configure(policy=REPORT)
    place.sell_right("ord-0", code="BEN20")
    place.sell_left("ord-1")
    place.edit("partnero", "move_partner", code="ANNA10", partner="ben@example.com")

    first, _ = plan_document(place.plan())["redemptions"]

    assert (first["key"], first["reason"]) == ("ord-1", "payee_change")
    assert first["partner"].startswith("b***@example.com")
    assert "a***@example.com" in first["why"]


def test_a_partner_with_two_addresses_is_one_line_where_the_alias_file_says_so(
    open_shop,
):
    build = shop()
    build.partner("Tina", "tina@partnero.example", "tina@tolt.example")
    build.both("TINA10", "Tina", "10")
    place = open_shop(build, policy=REPORT)
    place.sell_left("ord-1", "10", code="TINA10")
    place.sell_right("ord-2", 500, code="TINA10")
    apart = partners(place.plan())
    lines = "partnero_email,tolt_email\ntina@partnero.example,tina@tolt.example\n"
    (place.folder / "aliases.csv").write_text(lines)
    place.configure('[pairs.partners]\naliases = "aliases.csv"', policy=REPORT)

    joined = partners(place.plan())

    assert apart == [("10.00", "0.00"), ("0.00", "5.00")]
    assert joined == [("10.00", "5.00")]


def test_a_refund_after_a_push_is_a_line_with_what_still_counts(pusher):
    pusher.sell_left("ord-1", "20")
    pusher.sync()
    (row,) = pusher.world.tolt.transactions.rows.values()
    row.status = "refunded"
    row.updated_at = pusher.world.clock()

    line = lines(pusher.plan())["ord-1"]

    assert (line["standing"], line["amount"]) == ("refunded", "20.00")
    assert (line["partnero"], line["tolt"]) == ("20.00 USD", None)


# -- a month, in a spreadsheet ------------------------------------------------------


def test_the_sheet_has_the_lines_of_the_document_and_adds_up(place):
    place.configure(policy=REPORT)
    for number in range(5):
        place.sell_left(f"left-{number}", f"{number}.10")
        place.sell_right(f"right-{number}", 250, buyer=f"buyer-{number}")
    plan = place.plan()

    rows = sheet(plan)

    document = plan_document(plan)
    assert [row["key"] for row in rows] == [o["key"] for o in document["redemptions"]]
    assert {row["pair"] for row in rows} == {plan.pair}
    summed = sum(Decimal(one["amount"]) for one in document["redemption_sums"])
    assert sum(Decimal(row["amount"]) for row in rows) == summed == Decimal("23.00")


@pytest.mark.parametrize("key", ["=1+1", "+49", "-5", "@x", "\t=cmd"])
def test_no_key_is_a_formula_in_the_sheet(place, key):
    place.configure(policy=REPORT)
    place.sell_left(key)

    (row,) = sheet(place.plan())

    assert row["key"][0] not in "=+-@\t"


def test_a_long_number_keeps_its_digits(place):
    place.configure(policy=REPORT)
    place.sell_left("00123456789012345678")

    (row,) = sheet(place.plan())

    assert row["key"] == "00123456789012345678"


def test_a_sheet_without_a_comparison_says_so_instead_of_being_empty(place):
    place.sell_right("ord-1")
    place.fault("status", path="/tolt/v2/transactions", status=400, count=None)

    (row,) = sheet(place.plan())

    assert row["key"] == row["standing"] == ""
    assert row["why"].startswith("Not compared: ")


# -- every format, and the certificate ------------------------------------------------


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
def test_each_format_names_the_sale_and_the_money(place, format_):
    place.configure(policy=REPORT)
    place.sell_left("ord-1", "49.99")
    place.sell_right("ord-2", 1000)

    told = " ".join(render(place.plan(), format_).split())

    for part in ("ord-1", "ord-2", "49.99 USD", "10.00 USD", "By partner", "By code"):
        assert part in told


def test_a_difference_of_amounts_is_told_once_and_not_as_a_finding_too(place):
    place.configure(policy=REPORT)
    place.sell_left("ord-1", "10")
    place.sell_right("ord-1", 1200)
    plan = place.plan()

    told = " ".join(render(plan, "text").split())

    assert told.count("is 10.00 USD on Partnero and 12.00 USD on Tolt") == 1
    assert "1 more, told with the sales below." in told
    assert "amount_differs" in render(plan, "csv")


def test_a_long_list_is_bounded_and_names_the_command_for_all_of_it(place):
    place.configure(policy=REPORT)
    for number in range(30):
        place.sell_left(f"ord-{number:02}", "1")
    plan = place.plan()

    told = render(plan, "text")

    assert "... and 10 more; all of them:" in told
    assert "partnero-tolt plan --format csv --of redemptions" in told
    assert len(plan_document(plan)["redemptions"]) == len(sheet(plan)) == 30


def test_missing_sales_stand_in_a_certificate_and_are_no_exceptions_of_a_report(place):
    place.configure(policy=REPORT)
    place.sell_left("ord-1", "49.99")
    seen = place.prepared()

    proof = certify(seen.plan, seen.sides)

    document = certificate_document(proof)
    assert [one["key"] for one in document["redemption_lines"]] == ["ord-1"]
    assert document["redemption_sums"][0]["amount"] == "49.99"
    assert document["exceptions"] == []
    for told in (certificate_text(proof), certificate_html(proof)):
        assert "ord-1" in told
        assert "49.99 USD" in told


def test_where_they_are_pushed_missing_sales_are_exceptions_code_by_code(pusher):
    pusher.sell_left("ord-1", "20")
    pusher.sell_left("ord-2", "5")
    seen = pusher.prepared()

    document = certificate_document(certify(seen.plan, seen.sides))

    (one,) = document["exceptions"]
    assert (one["code"], one["reason"]) == ("ANNA10", "missing_on_tolt")
    assert one["message"] == "2 sales are missing on Tolt (25.00 USD): ord-1, ord-2."


def test_a_sale_that_a_person_accepts_stays_missing_and_is_no_open_exception(pusher):
    pusher.sell_right("ord-1")
    for side in ("partnero", "tolt"):
        pusher.edit(side, "move_partner", code="ANNA10", partner="ben@example.com")
    (blocked,) = [c for c in pusher.sync().plan.changes if c.status == "blocked"]
    words = (blocked.id, blocked.key, blocked.code, "keep", "", "sam", "2026-01-01")
    pusher.store().decide([Decision(*words)])
    seen = pusher.prepared()

    document = certificate_document(certify(seen.plan, seen.sides))

    (line,) = document["redemption_lines"]
    assert (line["standing"], line["reason"]) == ("missing_on_partnero", "payee_change")
    assert line["why"].endswith("Accepted as it is by sam, 2026-01-01.")
    assert [one["accepted"] for one in document["exceptions"]] == [True]
    assert document["open"] == 0


def test_what_the_last_run_summed_up_is_there_without_reading_a_side(place):
    place.configure(policy=REPORT)
    place.sell_left("ord-1", "49.99")
    place.sync()
    asked = len(place.sandbox.asked)

    (total,) = place.ledger.sums()

    assert (total.code, total.standing, total.minor) == (
        "ANNA10",
        "missing_on_tolt",
        4999,
    )
    assert len(place.sandbox.asked) == asked


# -- who is paid ----------------------------------------------------------------------


def test_a_redeem_of_a_sale_that_was_there_leaves_no_amount_unknown(pusher):
    """A Partnero that lists no log does not make an equal sale another one."""
    pusher.switches.partnero_list_shape = "no_log"
    pusher.sell_left("ord-1", "20")
    pusher.sell_right("ord-1", 2000)
    unlog(pusher)

    done = pusher.sync()

    assert done.status == "complete"
    assert standings(pusher.plan()) == {}
    assert pusher.plan().redemptions["in_sync"] == 1


def test_a_sale_that_partnero_records_for_nobody_is_not_called_confirmed(pusher):
    """The buyer goes between plan and payment: what is recorded then is nobody's."""
    pusher.switches.partnero_unknown_customer = "accept"
    pusher.sell_left("old", "1")
    pusher.sell_right("ord-1")

    def leaves(world):
        for customer in list(world.partnero.customers):
            world.partnero.customers.remove(customer)

    between = r"/partnero/v1/customers/[^/]+/transactions"
    pusher.fault("edit", "GET", between, edit=leaves)

    done = pusher.sync()

    assert pusher.steps(done)["transaction", "partnero", "quarantined"] == 1
    again = pusher.sync().plan
    assert "payee_change" in {c.reason for c in again.changes if c.status == "blocked"}
    assert standings(again)["ord-1"] == "quarantined"


def test_a_sale_under_the_key_that_is_nobodys_is_not_redeemed(pusher):
    pusher.sell_left("ord-1")
    pusher.sell_right("ord-1")
    unlog(pusher)
    (sale,) = pusher.world.partnero.transactions
    sale.partner = None

    plan = pusher.sync().plan

    assert lines(plan)["ord-1"]["reason"] == "payee_change"
    assert pusher.log == []
