"""Laws of the ledger on random histories: the order of reading changes nothing."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.engine.sales.redemptions import (
    learnt_all,
    merged,
    of_charge,
    of_log,
    of_sales,
    unread_entries,
)
from connector.engine.sales.standings import Standing, judge
from connector.engine.sales.totals import added, counts, weight
from mappings.redemption_wire import (
    decode_charge,
    decode_sale,
    encode_charge,
    encode_sale,
)
from mappings.redemptions import (
    Charge,
    Entry,
    Log,
    Logged,
    Money,
    Sale,
)

CODES, KEYS = ("anna10", "ben20"), ("k1", "k2", "k3", "")
money = st.builds(Money, st.integers(0, 3), st.sampled_from(["USD", "JPY"]))
times = st.sampled_from(["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"])
standings = list(Standing)


@st.composite
def learnt(draw):
    """Return what any one reading may say of any one redemption."""
    code, key = draw(st.sampled_from(CODES)), draw(st.sampled_from(KEYS))
    match draw(st.sampled_from(["log", "sales", "charge", "push"])):
        case "log":
            times_logged = draw(st.integers(1, 2))
            return of_log(
                code, [Logged(key, draw(times))], Counter({key: times_logged})
            )[0]
        case "sales":
            made = st.builds(Sale, st.just(key), money, st.just("b"), times)
            return of_sales(code, key, draw(st.lists(made, max_size=2)))
        case "charge":
            charge = Charge(
                draw(st.sampled_from("xy")), key, draw(money), "c", code, ""
            )
            return of_charge(code, charge, draw(st.sampled_from(["v1", "v2"])))
        case _:
            side = draw(st.sampled_from(["partnero", "tolt"]))
            return Entry(code, key, pushed=side)


@given(st.lists(learnt(), max_size=12))
def test_reading_the_same_again_changes_nothing(facts):
    once = learnt_all({}, facts)

    assert once | learnt_all(once, facts[-1:]) == once


@given(st.lists(learnt(), max_size=12))
def test_reading_in_two_runs_ends_as_reading_in_one(facts):
    half = len(facts) // 2
    first = learnt_all({}, facts[:half])

    second = first | learnt_all(first, facts[half:])

    assert second == learnt_all({}, facts)


@given(st.lists(learnt(), max_size=12), st.sampled_from(["", "2026-01-15"]))
def test_every_redemption_stands_in_exactly_one_way(facts, since):
    """Law 13: one entry for each (code, key), whatever was read of it."""
    entries = learnt_all({}, facts)

    assert len(entries) == len({(one.code, one.key) for one in facts})
    assert all(judge(one, since) in standings for one in entries.values())


@given(st.lists(learnt(), min_size=1, max_size=12))
def test_totals_that_are_carried_on_are_the_sums_of_the_entries(facts):
    """The state adds what a run changed; nobody ever counts the whole ledger."""
    carried, known = (), {}
    for one in facts:
        now = learnt_all(known, [one])
        for id_, entry in now.items():
            old = known.get(id_)
            less = [weight(old, judge(old, ""), -1)] if old else []
            carried = added(carried, [*less, weight(entry, judge(entry, ""))])
        known |= now

    assert carried == added([], [weight(e, judge(e, "")) for e in known.values()])
    in_any = sum(counts(carried).values())
    # What was taken back or is in doubt is counted line by line.
    uncounted = {Standing.REFUNDED, Standing.VOID, Standing.UNPROVEN}
    left_out = sum(judge(e, "") in uncounted for e in known.values())
    assert in_any + left_out == len(known)


@given(learnt(), learnt())
def test_nothing_that_was_seen_is_ever_unseen(was, seen):
    now = merged(was, Entry(was.code, was.key) if was.key != seen.key else seen)

    assert now.logged >= was.logged
    assert {*now.charges, *now.refunds} >= {*was.charges, *was.refunds}
    assert now.pushed or not was.pushed


logs = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 99)), max_size=16, unique=True
)


@given(logs, st.integers(0, 16), st.integers(0, 8))
def test_no_entry_of_a_log_is_ever_missed(whole, read, cut):
    """However much of it was read before, and however much it has lost since."""

    def log(entries):
        rows = [{"transaction_key": k, "redeemed_at": str(n)} for k, n in entries]
        return Log(rows, len(rows))

    _, mark = unread_entries(log(whole[:read]), None)

    rows, _ = unread_entries(log(whole[cut:]), mark)

    found = {(row["transaction_key"], int(row["redeemed_at"])) for row in rows}
    assert found >= {one for one in whole[cut:] if one not in whole[:read]}


amounts = st.tuples(
    st.integers(0, 10**12), st.sampled_from(["USD", "JPY", "KWD", "EUR", "BHD"])
)


@given(amounts)
def test_money_that_goes_out_comes_back_the_same_on_both_sides(amount):
    """F18"""
    sum_ = Money(*amount)

    sale = encode_sale("k", sum_, "b", "2026-01-01T00:00:00Z", rewardable=False)
    charge = encode_charge("k", sum_, "c", "2026-01-01T00:00:00Z")

    # As a server would read the JSON that leaves: digits, and no float in between.
    heard = {**sale, "amount": Decimal(repr(sale["amount"]))}
    assert decode_sale(heard, None).money == sum_
    assert decode_charge({"id": "t", **charge}, sum_.currency).money == sum_


@pytest.mark.parametrize("rewardable", [True, False])
def test_a_sale_always_says_whether_it_pays(rewardable):
    body = encode_sale("k", Money(1, "USD"), "b", "", rewardable=rewardable)

    assert body["rewardable"] is rewardable
    assert "discount_code" not in body
