"""Sales in a wave of a migration: of its codes and their buyers, and no others."""

from connector.engine.waves import Asked


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
