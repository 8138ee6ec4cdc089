"""One holder at a time, and nothing of a former one, in a file and on a server."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from sqlalchemy import insert

from state.tables import COUPON
from state.transactions import LeaseLost

AT = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("pairs", [8, pytest.param(200, marks=pytest.mark.slow)])
def test_of_four_takers_of_a_new_pair_one_gets_it(opened, pairs):
    opened()
    start = Barrier(4)

    def taken(taker, number):
        store = opened(f"p{number}")
        start.wait()
        refused = store.leases.take(f"taker {taker}", 60)
        return None if refused else store.transactions.hold

    with ThreadPoolExecutor(4) as takers:
        for number in range(pairs):
            each = [takers.submit(taken, taker, number) for taker in range(4)]
            holds = [hold for task in each if (hold := task.result())]
            assert [hold.token for hold in holds] == [1]


def test_a_pair_that_changes_hands_gets_a_number_each_time(opened):
    tokens = Counter()
    for _ in range(20):
        store = opened()
        assert store.leases.take("me", 60) is None
        tokens[store.transactions.hold.token] += 1
        store.leases.release()

    assert set(tokens.values()) == {1}


@pytest.mark.parametrize("tries", [20, pytest.param(1000, marks=pytest.mark.slow)])
def test_nothing_is_written_by_a_former_holder_after_a_take_over(opened, tries):
    """Its check has passed, somebody takes the pair over, and then it writes."""
    with ThreadPoolExecutor(1) as others:
        for number in range(tries):
            old, new, checked = opened(), opened(), Event()
            old.leases.take(f"old {number}", 60)

            def take_over(successor=new, number=number, checked=checked):
                checked.wait()
                dead = [f"old {number}"]
                assert successor.leases.take("new", 60, dead=dead) is None
                return successor.coupons()

            seen = others.submit(take_over)
            with old.transactions.writing() as connection:
                checked.set()
                connection.exec_driver_sql("SELECT 1")
                connection.exec_driver_sql("DELETE FROM coupon")
                row = {"pair": "acme", "code": "LATE", "uuid": f"n{number}"}
                connection.execute(insert(COUPON).values(row | {"checked": ""}))

            # Whoever has taken over sees all that the former one has ever written.
            assert seen.result() == {"LATE": f"n{number}"}
            with pytest.raises(LeaseLost):
                old.save_coupons({"LATE": "too late"}, AT)
            assert new.coupons() == {"LATE": f"n{number}"}
            new.leases.release()
