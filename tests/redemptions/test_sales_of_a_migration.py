"""Sales in a migration: in a wave those of its codes, and one way as everything."""

import pytest

from connector.commands.certificates import Way, one_way
from connector.engine.waves import Asked
from connector.run.run import run
from mappings.canonical import Side


def test_a_wave_pushes_the_sales_of_its_codes_with_their_buyers_and_no_other(pusher):
    pusher.sync()
    pusher.sell_left("order_1", code="ANNA10")
    pusher.sell_left("order_2", code="BEN20")
    pusher.an_hour_later()

    done = pusher.sync(wave=Asked(codes=("ANNA10",)))

    assert done.status == "complete"
    assert pusher.steps(done) == {
        ("customer", "tolt", "confirmed"): 1,
        ("transaction", "tolt", "confirmed"): 1,
    }
    assert pusher.charges == {"order_1": 1}
    pusher.sync()
    assert pusher.charges == {"order_1": 1, "order_2": 1}


@pytest.mark.parametrize("target", Side)
def test_a_migration_pushes_no_sale_to_the_side_that_it_comes_from(pusher, target):
    pusher.sync()
    pusher.sell_left("order_1", code="ANNA10")
    pusher.sell_right("ch_1", code="BEN20", buyer="zed")
    pusher.an_hour_later()

    with pusher.session() as session:
        done = run(one_way(session, Way(target.other, target), yes=True))

    assert done.status == "complete"
    assert {outcome.target for outcome in done.outcomes} == {target}
    pushed = {Side.TOLT: "order_1", Side.PARTNERO: "ch_1"}[target]
    both = pusher.charges if target is Side.TOLT else pusher.sales
    assert both[pushed] == 1
