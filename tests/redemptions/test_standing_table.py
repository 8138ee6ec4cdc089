"""How one redemption stands, row by row, and how entries are put together."""

import json

import pytest

from connector.engine.sales.redemptions import (
    LogMark,
    common_root,
    count_keys,
    merged,
    of_asked,
    of_charge,
    of_sales,
    unmatched,
    unread_entries,
)
from connector.engine.sales.standings import STANDINGS, Standing, judge
from mappings.redemptions import Charge, Entry, Log, Money, Sale

TEN, TWELVE = Money(1000, "USD"), Money(1200, "USD")
LEFT = {"logged": 1, "logged_at": "2026-03-01T00:00:00Z", "sales": 1, "sold": TEN}
RIGHT = {"charges": ("v2:t",), "charged": TEN, "charged_at": "2026-02-01T00:00:00Z"}
REFUND = {**RIGHT, "charges": (), "refunds": ("v2:t",)}


def entry(*parts, key="k", **more):
    told = {name: value for part in parts for name, value in part.items()}
    return Entry("anna10", key, **{**told, **more})


ROWS = {
    "without a key": (entry(LEFT, key=""), Standing.WITHOUT_KEY),
    "two log entries": (entry(LEFT, logged=2), Standing.TWICE),
    "two transactions on Partnero": (entry(LEFT, sales=2), Standing.TWICE),
    "two on Tolt": (entry(RIGHT, charges=("v2:a", "v2:b")), Standing.TWICE),
    "one on Tolt, seen by both versions": (
        entry(LEFT, RIGHT, charges=("v1:a", "v2:b")),
        Standing.IN_SYNC,
    ),
    "taken back on Tolt alone": (entry(LEFT, REFUND), Standing.REFUNDED),
    "deleted on Partnero alone": (entry(LEFT, RIGHT, sales=0), Standing.REFUNDED),
    "taken back on both": (entry(LEFT, REFUND, sales=0), Standing.VOID),
    "taken back, only on Tolt": (entry(REFUND), Standing.VOID),
    "deleted, only on Partnero": (entry(LEFT, sales=0), Standing.VOID),
    "other money": (entry(LEFT, RIGHT, charged=TWELVE), Standing.DIFFERS),
    "other currency": (
        entry(LEFT, RIGHT, charged=Money(1000, "EUR")),
        Standing.DIFFERS,
    ),
    "no exact money": (entry(LEFT, RIGHT, sold=None, charged=None), Standing.DIFFERS),
    "nobody has read the sale": (
        entry(LEFT, RIGHT, sales=None, sold=None),
        Standing.UNPROVEN,
    ),
    "nobody has read the sale that we have redeemed": (
        entry(LEFT, RIGHT, sales=None, sold=None, pushed="partnero"),
        Standing.UNPROVEN,
    ),
    "by us": (entry(LEFT, RIGHT, pushed="tolt"), Standing.PUSHED),
    "on both": (entry(LEFT, RIGHT), Standing.IN_SYNC),
    "twice on Tolt, one taken back": (
        entry(LEFT, RIGHT, refunds=("v2:b",)),
        Standing.IN_SYNC,
    ),
    "linked by a person": (entry(LEFT, linked="txn_1"), Standing.LINKED),
    "in doubt": (entry(RIGHT, doubt="open:partnero"), Standing.UNPROVEN),
    "in doubt, for a person": (
        entry(RIGHT, doubt="parked:partnero"),
        Standing.QUARANTINED,
    ),
    "in doubt, and seen since": (
        entry(LEFT, RIGHT, doubt="open:tolt", pushed="tolt"),
        Standing.PUSHED,
    ),
    "not matched after a switch": (entry(RIGHT, doubt="unmatched"), Standing.UNPROVEN),
    "in doubt, and taken back": (
        entry(REFUND, doubt="parked:partnero"),
        Standing.VOID,
    ),
    "with a lookalike": (entry(LEFT, evidence="tolt"), Standing.MISSING_ON_TOLT),
    "on Partnero": (entry(LEFT), Standing.MISSING_ON_TOLT),
    "on Tolt": (entry(RIGHT), Standing.MISSING_ON_PARTNERO),
    "sold by us, not redeemed yet": (
        entry(RIGHT, sales=1, sold=TEN, pushed="partnero"),
        Standing.MISSING_ON_PARTNERO,
    ),
}


@pytest.mark.parametrize(("one", "standing"), ROWS.values(), ids=ROWS)
def test_an_entry_stands_as_the_table_says(one, standing):
    assert judge(one, since="") is standing


def test_every_row_of_the_table_is_reached_by_a_case():
    reached = {
        next(row.words for row in STANDINGS if row.holds(one))
        for one, _ in ROWS.values()
    }

    assert reached == {row.words for row in STANDINGS}


@pytest.mark.parametrize(
    ("since", "standing"),
    [
        ("2026-02-01", Standing.IN_SYNC),
        ("2026-02-02", Standing.BEFORE_START),
        ("", Standing.IN_SYNC),
    ],
)
def test_the_earliest_time_says_whether_it_counts(since, standing):
    assert judge(entry(LEFT, RIGHT), since) is standing


# -- a log, read as it grows ------------------------------------------------------


def log(*keys):
    rows = [{"transaction_key": k, "redeemed_at": f"2026-01-0{n}"} for n, k in keys]
    return Log(rows, len(rows))


ONE, TWO, THREE = (1, "a"), (2, "b"), (3, "c")


def _keys(rows):
    return [row["transaction_key"] for row in rows]


def test_only_what_was_added_to_a_log_is_read_again():
    _, mark = unread_entries(log(ONE, TWO), None)

    rows, now = unread_entries(log(ONE, TWO, THREE), mark)

    assert _keys(rows) == ["c"]
    assert not now.cut


def test_a_log_as_it_was_gives_nothing_and_the_same_mark():
    _, mark = unread_entries(log(ONE, TWO), None)

    assert unread_entries(log(ONE, TWO), mark) == ([], mark)


@pytest.mark.parametrize("now", [log(ONE), log(), log(TWO, THREE), log(TWO)])
def test_a_log_that_lost_entries_is_read_whole_and_stays_marked(now):
    """F13 from the other side: what the log does not show any more is no proof."""
    _, mark = unread_entries(log(ONE, TWO), None)

    rows, cut = unread_entries(now, mark)
    _, later = unread_entries(log(TWO, THREE), cut)

    assert rows == now.entries
    assert cut.cut
    assert later.cut


def test_a_log_that_begins_is_not_taken_for_one_that_was_cut():
    _, mark = unread_entries(log(), None)

    rows, now = unread_entries(log(ONE), mark)

    assert (_keys(rows), now.cut) == (["a"], False)


def test_an_entry_replaced_in_the_middle_is_found():
    _, mark = unread_entries(log(ONE, TWO), None)

    rows, _ = unread_entries(log(ONE, (2, "z"), THREE), mark)

    assert _keys(rows) == ["a", "z", "c"]


def test_keys_are_counted_in_the_whole_log():
    found = count_keys(log(ONE, TWO, (3, "a"), (4, None)))

    assert found == {"a": 2, "b": 1, "": 1}


def test_a_mark_survives_being_stored_as_json():
    mark = LogMark(2, "a@1", "b@2", 2, cut=True)

    assert LogMark(*json.loads(json.dumps(mark))) == mark


# -- what is known stays known ----------------------------------------------------


def test_a_log_that_was_cut_does_not_make_a_redemption_unknown():
    was = entry(LEFT, RIGHT, logged=1)

    assert merged(was, entry(RIGHT)).logged == 1


def test_an_amended_amount_of_a_side_wins():
    """F24: the source changed the amount after the push; nothing is sent again."""
    was = entry(LEFT, RIGHT, pushed="partnero")

    now = merged(was, entry(RIGHT, charged=TWELVE))

    assert judge(now, since="") is Standing.DIFFERS


def test_a_deleted_transaction_keeps_the_amount_it_had():
    now = merged(entry(LEFT, RIGHT), Entry("anna10", "k", sales=0))

    assert (now.sold, judge(now, since="")) == (TEN, Standing.REFUNDED)


@pytest.mark.parametrize(
    ("found", "missing", "stops"),
    [
        (5, 0, True),
        (4, 0, False),
        (4, 100, False),
        (5, 20, True),
        (5, 21, False),
        (20, 80, True),
    ],
)
def test_both_hang_on_one_system_from_five_keys_and_a_fifth(found, missing, stops):
    """F17"""
    assert common_root(found, missing) is stops


# -- what is asked for again --------------------------------------------------------

DOUBLE = entry(LEFT, RIGHT, sales=2)


def _sale(at="2026-03-01T00:00:00Z", *, archived=False):
    return Sale("k", TEN, "buyer", at, archived)


def _charge(id_="t", *, refunded=False):
    at = "2026-02-01T00:00:00Z"
    return Charge(id_, "k", TEN, "c", "anna10", at, refunded)


@pytest.mark.parametrize(
    "sales", [[_sale()], [_sale(), _sale(archived=True)]], ids=["deleted", "archived"]
)
def test_a_double_that_was_mended_on_partnero_is_none_any_more(sales):
    assert judge(DOUBLE, "") is Standing.TWICE

    assert judge(of_asked(DOUBLE, sales, {}), "") is Standing.IN_SYNC


@pytest.mark.parametrize("mended", [_charge("u", refunded=True), None])
def test_a_double_that_was_mended_on_tolt_is_none_any_more(mended):
    double = entry(LEFT, RIGHT, charges=("v2:t", "v2:u"))
    assert judge(double, "") is Standing.TWICE

    now = of_asked(double, [_sale()], {"v2:t": _charge(), "v2:u": mended})

    assert judge(now, "") is Standing.IN_SYNC
    assert now.charged == TEN


def test_a_refund_after_the_push_is_seen_on_either_side():
    pushed = entry(LEFT, RIGHT, pushed="tolt")

    left = of_asked(pushed, [], {"v2:t": _charge()})
    right = of_asked(pushed, [_sale()], {"v2:t": _charge(refunded=True)})

    assert judge(left, "") is judge(right, "") is Standing.REFUNDED


def test_what_could_not_be_proven_changes_nothing():
    pushed = entry(LEFT, RIGHT, pushed="tolt")

    assert of_asked(pushed, None, {}) == pushed


def test_a_push_that_is_seen_is_in_doubt_no_more_and_keeps_its_evidence():
    was = entry(RIGHT, doubt="open:partnero", evidence="partnero")

    now = merged(was, entry(LEFT, pushed="partnero"))

    assert (now.doubt, now.evidence) == ("", "partnero")


@pytest.mark.parametrize(
    ("sale", "pushed"),
    [(Sale("k", TEN, "b", "", action="partnero-tolt"), "partnero"), (_sale(), "")],
)
def test_a_sale_with_our_mark_was_pushed_by_us(sale, pushed):
    assert of_sales("anna10", "k", [sale]).pushed == pushed


@pytest.mark.parametrize(
    ("source", "charge_id", "pushed"),
    [
        ("partnero-tolt", "k", "tolt"),
        ("partnero", "k", "tolt"),
        ("stripe", "k", ""),
        ("partnero", "", ""),
    ],
)
def test_a_charge_with_our_mark_was_pushed_by_us(source, charge_id, pushed):
    charge = Charge("t", charge_id, TEN, "c", "anna10", "", source=source)

    assert of_charge("anna10", charge, "v2").pushed == pushed


# -- after a switch of Tolt's version -----------------------------------------------

OLD = entry(RIGHT, key="t")
NEW = Charge("w", "", TEN, "c", "anna10", "2026-02-01T00:00:00Z")


def test_a_sale_without_a_charge_id_is_matched_by_amount_and_time():
    assert unmatched(NEW, "v1", [OLD]) == (OLD, True)


@pytest.mark.parametrize(
    "others",
    [
        [OLD, entry(RIGHT, key="u", charges=("v2:u",))],
        [entry(RIGHT, key="t", charged=TWELVE)],
        [entry(RIGHT, key="order")],
        [entry(RIGHT, key="t", charges=("v1:x", "v2:t"))],
    ],
    ids=["two alike", "other amount", "has a charge id", "matched already"],
)
def test_a_sale_that_is_not_the_only_one_alike_is_not_matched(others):
    assert unmatched(NEW, "v1", others)[0] is None
