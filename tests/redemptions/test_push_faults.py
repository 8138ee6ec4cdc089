"""Pushing while answers are lost, rules refuse, and other people pay first."""

from connector.config.clients import open_readers, open_writers
from mappings.redemptions import Money

TEN = Money(1000, "USD")
SALES, CODES = "/partnero/v1/transactions", "/partnero/v1/promotion-codes"
CHARGES, CUSTOMERS = "/tolt/v2/transactions", "/tolt/v2/customers"


# -- the redeem ---------------------------------------------------------------------


def test_a_redeem_without_its_transaction_fails_and_a_person_says_what_follows(pusher):
    """Whoever deletes a transaction takes it back: it is not made anew by itself."""
    pusher.sell_right("ord-1")
    gone = {"side": "partnero", "action": "refund", "key": "ord-1"}
    # It is there when it is read back, and gone when the redeem arrives.
    pusher.fault("edit", "GET", f"{SALES}.*key=ord-1", edit=gone, nth=2)

    done = pusher.sync()

    assert pusher.steps(done)["redeem", "partnero", "failed"] == 1
    assert pusher.log == []
    (held,) = pusher.proposed(pusher.sync().plan)
    assert (held.status, held.reason, pusher.sales) == ("held", "lookalike", {})

    done = pusher.sync(accepted=frozenset({held.id}))

    assert pusher.steps(done)["transaction", "partnero", "confirmed"] == 1
    pusher.sync()
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


# -- the transaction on Tolt --------------------------------------------------------


def test_a_code_that_tolt_does_not_match_is_noticed_by_the_id_that_comes_back(pusher):
    """F21: 2xx, no attribution; nothing is paid for it."""
    pusher.edit("tolt", "flip_active", code="ANNA10")
    pusher.sell_left("ord-1")

    done = pusher.sync()

    assert pusher.steps(done)["customer", "tolt", "quarantined"] == 1
    assert pusher.charges == {}


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
    assert pusher.sandbox.asked.writes == []


def test_a_refund_after_the_push_is_told_and_nothing_is_undone(pusher):
    """F15, after the push: never a negative redeem."""
    pusher.sell_right("ord-1", 5000)
    pusher.sync()
    pusher.an_hour_later()
    pusher.edit("tolt", "refund", charge_id="ord-1")
    pusher.an_hour_later()

    done = pusher.sync()

    assert pusher.kinds(done.plan)["refunded"] == 1
    assert pusher.sandbox.asked.writes == []
    assert pusher.log == ["ord-1"]


# -- refused before any request -----------------------------------------------------


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
