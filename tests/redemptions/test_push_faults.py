"""Pushing while answers are lost, rules refuse, and other people pay first."""

import pytest

from connector.config.clients import open_readers, open_writers
from mappings.redemptions import Money

TEN = Money(1000, "USD")
SALES, CODES = "/partnero/v1/transactions", "/partnero/v1/promotion-codes"
CHARGES, CUSTOMERS = "/tolt/v2/transactions", "/tolt/v2/customers"


# -- the redeem ---------------------------------------------------------------------


def test_a_redeem_whose_answer_is_lost_is_confirmed_by_the_log(pusher):
    """F4: applied, answer lost; the counter moves by one only."""
    pusher.sell_right("ord-1")
    pusher.switches.partnero_redeem_lost_answer = True

    done = pusher.sync()

    assert pusher.steps(done)["redeem", "partnero", "confirmed"] == 1
    assert pusher.world.partnero.code("ANNA10").times_redeemed == 1
    assert pusher.sent(CODES) == 1


def test_a_redeem_that_never_arrived_is_sent_again_with_the_same_key(pusher):
    pusher.sell_right("ord-1")
    pusher.fault("lost_before", "PUT", CODES)

    done = pusher.sync()

    assert pusher.steps(done)["redeem", "partnero", "confirmed"] == 1
    assert pusher.log == ["ord-1"]


def test_a_redeem_that_comes_to_the_log_by_itself_counts_once(pusher):
    """The payment's look has shown the log; Partnero takes no key twice (docs)."""
    pusher.sell_right("ord-1")
    # Somebody else redeems it between that look and ours.
    redeemed = {
        "side": "partnero",
        "action": "redeem",
        "code": "ANNA10",
        "key": "ord-1",
    }
    pusher.fault("edit", "POST", SALES, edit=redeemed)

    done = pusher.sync()

    assert pusher.steps(done)["redeem", "partnero", "confirmed"] == 1
    assert (pusher.sent(CODES), pusher.log) == (1, ["ord-1"])


def test_a_redeem_without_its_transaction_fails_and_the_next_run_makes_it(pusher):
    pusher.sell_right("ord-1")
    gone = {"side": "partnero", "action": "refund", "key": "ord-1"}
    # It is there when it is read back, and gone when the redeem arrives.
    pusher.fault("edit", "GET", f"{SALES}.*key=ord-1", edit=gone, nth=2)

    done = pusher.sync()

    assert pusher.steps(done)["redeem", "partnero", "failed"] == 1
    assert pusher.log == []
    assert pusher.steps(pusher.sync())["transaction", "partnero", "confirmed"] == 1
    assert (pusher.log, pusher.sales) == (["ord-1"], {"ord-1": 1})


def test_a_redeem_that_a_rule_refuses_is_put_aside_and_not_repeated(pusher):
    """F7: a no-op with an existing transaction; quarantined, reason "rule"."""
    pusher.switches.partnero_redeem_rules = "no_op"
    pusher.edit("partnero", "set_code", code="ANNA10", expires="2020-01-01")
    pusher.sell_right("ord-1")

    done = pusher.sync()
    again = pusher.sync()

    (told,) = [o for o in done.outcomes if o.action == "redeem"]
    assert (told.outcome, "rule" in told.detail) == ("quarantined", True)
    (held,) = pusher.proposed(again.plan)
    assert (held.action, held.status, held.reason) == ("redeem", "held", "quarantined")
    assert pusher.sent(CODES) == 0
    assert pusher.sales == {"ord-1": 1}


def test_what_was_put_aside_is_done_once_a_person_says_so(pusher):
    pusher.switches.partnero_redeem_rules = "no_op"
    pusher.edit("partnero", "set_code", code="ANNA10", redemption_limit=0)
    pusher.sell_right("ord-1")
    pusher.sync()
    pusher.edit("partnero", "set_code", code="ANNA10", redemption_limit=None)
    (held,) = pusher.proposed(pusher.plan())

    done = pusher.sync(accepted=frozenset({held.id}))

    assert pusher.steps(done) == {("redeem", "partnero", "confirmed"): 1}


# -- the transaction on Partnero ------------------------------------------------------


def test_a_sale_whose_answer_is_lost_is_found_by_its_key(pusher):
    pusher.sell_right("ord-1")
    pusher.fault("lost_after", "POST", SALES)

    done = pusher.sync()

    assert pusher.steps(done)["transaction", "partnero", "confirmed"] == 1
    assert pusher.sales == {"ord-1": 1}


def test_a_sale_that_may_have_arrived_is_not_sent_again_in_the_same_run(pusher):
    pusher.sell_right("ord-1")
    pusher.fault("lost_before", "POST", SALES)

    done = pusher.sync()

    assert pusher.steps(done)["transaction", "partnero", "uncertain"] == 1
    assert pusher.sent(SALES) == 1
    assert done.status == "partial"


def test_the_same_sale_from_elsewhere_is_adopted_and_not_paid_again(pusher):
    pusher.sell_left("ord-0")
    pusher.sell_right("ord-1")
    before = pusher.sales.total()

    def somebody(world):
        pusher.sell_left("ord-1", "49.99")
        world.partnero.code("ANNA10").redemptions.pop()

    pusher.fault("edit", "GET", CHARGES, edit=somebody, nth=2)

    pusher.sync()

    assert (pusher.sales["ord-1"], pusher.sales.total()) == (1, before + 1)
    assert "ord-1" in pusher.log


# -- the transaction on Tolt --------------------------------------------------------


@pytest.mark.parametrize("kind", ["lost_before", "lost_after", "status_after"])
def test_a_charge_whose_answer_is_lost_is_there_once(pusher, kind):
    pusher.sell_left("ord-1")
    pusher.fault(kind, "POST", CHARGES)

    done = pusher.sync()

    assert pusher.steps(done)["transaction", "tolt", "confirmed"] == 1
    assert pusher.charges == {"ord-1": 1}
    assert len(pusher.world.tolt.commissions) == 1


def test_a_charge_id_that_is_taken_for_another_amount_is_put_aside(pusher):
    """F11"""
    pusher.sell_left("ord-0")
    pusher.sync()
    pusher.an_hour_later()
    pusher.sell_left("ord-1", "49.99")

    def somebody(_world):
        pusher.sell_right("ord-1", 100)

    pusher.fault("edit", "GET", CHARGES, edit=somebody, nth=5)

    done = pusher.sync()

    assert pusher.steps(done) == {("transaction", "tolt", "quarantined"): 1}
    assert pusher.charges["ord-1"] == 1


def test_a_code_that_tolt_does_not_match_is_noticed_by_the_id_that_comes_back(pusher):
    """F21: 2xx, no attribution; nothing is paid for it."""
    pusher.edit("tolt", "flip_active", code="ANNA10")
    pusher.sell_left("ord-1")

    done = pusher.sync()

    assert pusher.steps(done)["customer", "tolt", "quarantined"] == 1
    assert pusher.charges == {}


def test_a_customer_whose_answer_is_lost_is_there_once(pusher):
    pusher.sell_left("ord-1")
    pusher.sell_right("ord-2", code="BEN20")
    pusher.fault("lost_after", "POST", CUSTOMERS)
    pusher.fault("lost_after", "POST", "/partnero/v1/customers")

    pusher.sync()

    assert pusher.sales == pusher.charges == {"ord-1": 1, "ord-2": 1}


def test_an_amount_that_is_amended_after_the_push_is_only_told(pusher):
    """F24"""
    row = pusher.sell_right("ord-1", 5000)
    pusher.sync()
    pusher.an_hour_later()
    row.amount = 6000
    pusher.world.tolt.transactions.touch(row, pusher.build.world.now())
    pusher.an_hour_later()

    done = pusher.sync()

    assert pusher.kinds(done.plan)["amount_differs"] == 1
    assert pusher.sandbox.requests.writes == []


def test_a_refund_after_the_push_is_told_and_nothing_is_undone(pusher):
    """F15, after the push: never a negative redeem."""
    pusher.sell_right("ord-1", 5000)
    pusher.sync()
    pusher.an_hour_later()
    pusher.edit("tolt", "refund", charge_id="ord-1")
    pusher.an_hour_later()

    done = pusher.sync()

    assert pusher.kinds(done.plan)["refunded"] == 1
    assert pusher.sandbox.requests.writes == []
    assert pusher.log == ["ord-1"]


# -- refused before any request -----------------------------------------------------


@pytest.fixture
def money(pusher):
    writers = open_writers(pusher.pair)
    pusher.sandbox.requests.clear()
    yield writers.sales(), writers.charges()
    assert list(pusher.sandbox.requests) == []
    writers.close()


@pytest.mark.parametrize("key", ["", " "])
def test_a_redeem_without_a_key_never_leaves(money, key):
    """F8"""
    with pytest.raises(ValueError, match="count every time"):
        money[0].redeem("ANNA10", key)


@pytest.mark.parametrize("key", ["", "\t"])
def test_a_charge_without_an_id_never_leaves(money, key):
    """F10"""
    with pytest.raises(ValueError, match="paid twice"):
        money[1].create_charge(key, TEN, "cus_1", "")


def test_a_sale_without_a_key_never_leaves(money):
    with pytest.raises(ValueError, match="never be found"):
        money[0].create_sale("", TEN, "buyer", "", rewardable=False)


WRITES = ("create_customer", "create_sale", "redeem", "set_code", "create_charge")


def test_what_only_reads_has_nothing_that_writes_money(place):
    readers, writers = open_readers(place.pair), open_writers(place.pair)

    def able(clients):
        parts = (clients.sales(), clients.charges())
        return {name for name in WRITES for part in parts if hasattr(part, name)}

    assert able(readers) == set()
    assert able(writers) == set(WRITES)
    readers.close()
    writers.close()
