"""Nobody is paid twice: sales that both sides know by other names, and lost ledgers."""

import pytest

from connector.reports.messages.say import said
from state.model import Decision

PUSH = 'redemptions = "both"\ncommissions = true'
ONE_WAY = 'redemptions = "to-partnero"\ncommissions = true'


def _shared(place, number, major=None):
    """One sale of one billing system, which counts it on Partnero and logs nothing."""
    major = major or 10 + number
    log = place.world.partnero.code("ANNA10").redemptions
    before = list(log)
    place.sell_left(f"in_{number}", f"{major}")
    log[:] = before
    place.sell_right(f"ch_{number}", 100 * major)


def _both(place, key, major):
    """One sale under one key on both sides."""
    place.sell_left(key, f"{major}")
    place.sell_right(key, 100 * major)


def _decide(place, change, take):
    decision = Decision(
        change.id, change.key, change.code, take, "", "sam@shop", "2026-01-01T00:00:00Z"
    )
    store = place.store()
    store.decide([decision])
    return store


def _held(plan):
    return [c for c in plan.changes if c.status == "held" and c.push]


def test_eight_sales_of_one_billing_system_are_all_held_and_stop_the_direction(pusher):
    for number in range(8):
        _shared(pusher, number)

    done = pusher.sync()

    held = _held(done.plan)
    assert {(c.action, c.reason) for c in held} == {("transaction", "lookalike")}
    assert (len(held), pusher.log) == (8, [])
    assert (pusher.sales.total(), pusher.charges.total()) == (8, 8)
    (stop,) = [f for f in done.plan.findings if f.kind == "common_root"]
    assert "redemptions_since = " in said(stop)


def test_one_sale_a_run_is_held_each_time_and_the_evidence_grows(pusher):
    kinds = []
    for number in range(6):
        _shared(pusher, number)
        pusher.an_hour_later()
        kinds.append(pusher.kinds(pusher.sync().plan)["common_root"])

    assert kinds == [0, 0, 0, 0, 1, 1]
    assert (pusher.sales.total(), pusher.log) == (6, [])
    assert pusher.ledger.evidence("partnero", "") == 6


def test_what_was_pushed_meanwhile_takes_nothing_from_the_evidence(pusher):
    pusher.configure(policy=ONE_WAY)
    for number in range(5):
        _shared(pusher, number)
        pusher.sell_right(f"own_{number}", 5000 + number, code="BEN20")
        pusher.an_hour_later()
        done = pusher.sync()

    assert pusher.kinds(done.plan)["common_root"] == 1
    assert sum(key.startswith("own") for key in pusher.sales) == 4


def test_the_question_names_the_lookalike_and_is_one_change(pusher):
    _shared(pusher, 1)

    (held,) = _held(pusher.plan())

    told = held.values["lookalike"]
    assert (told["key"], told["amount"], told["currency"]) == ("in_1", "11.00", "USD")
    assert "in_1" in said(held)
    assert "@" not in said(held)


@pytest.mark.parametrize(
    ("how", "more"),
    [
        pytest.param("delete_sale", {}, id="deleted"),
        pytest.param("amend_sale", {"amount": "7.00"}, id="another amount"),
    ],
)
def test_a_lookalike_that_is_not_there_any_more_is_still_a_question(pusher, how, more):
    """Its sale was perhaps taken back: nobody has judged that, so nobody is paid."""
    _shared(pusher, 1)
    pusher.sync()
    pusher.edit("partnero", how, key="in_1", **more)

    done = pusher.sync()

    (held,) = _held(done.plan)
    assert held.reason == "lookalike"
    assert "lookalike" not in held.values
    assert "Partnero had in_1, which may have been this sale" in said(held)
    assert (pusher.sales["ch_1"], pusher.log) == (0, [])


@pytest.mark.parametrize(
    ("take", "pushed"), [pytest.param("keep", 0), pytest.param("proposed", 1)]
)
def test_a_person_ends_the_question_of_a_vanished_lookalike(pusher, take, pushed):
    _shared(pusher, 1)
    pusher.sync()
    pusher.edit("partnero", "delete_sale", key="in_1")
    (held,) = _held(pusher.sync().plan)
    store = _decide(pusher, held, take)

    pusher.sync()
    done = pusher.sync()

    assert (_held(done.plan), store.decisions()) == ([], {})
    assert pusher.sales["ch_1"] == pushed


def test_another_sale_with_its_counterpart_does_not_end_that_question(pusher):
    """The same buyer bought twice for the same amount on that day."""
    _shared(pusher, 1)
    _both(pusher, "ord-2", 11)
    assert [c.push.key for c in _held(pusher.sync().plan)] == ["ch_1"]
    pusher.edit("partnero", "delete_sale", key="in_1")

    done = pusher.sync()

    assert [c.push.key for c in _held(done.plan)] == ["ch_1"]
    assert pusher.sales["ch_1"] == 0


def test_one_that_a_person_has_linked_does_not_end_that_question(pusher):
    _shared(pusher, 0, 11)
    (held,) = _held(pusher.sync().plan)
    _decide(pusher, held, "keep")
    pusher.sync()
    _shared(pusher, 1)
    assert [c.push.key for c in _held(pusher.sync().plan)] == ["ch_1"]
    pusher.edit("partnero", "delete_sale", key="in_1")

    done = pusher.sync()

    assert [c.push.key for c in _held(done.plan)] == ["ch_1"]
    assert pusher.sales["ch_1"] == 0


def test_keep_of_an_amended_one_is_for_both_directions(open_shop):
    place = open_shop(policy=ONE_WAY)
    place.sell_left("in_1", "11")
    place.sell_right("ch_1", 1100)
    place.sync()
    place.edit("partnero", "amend_sale", key="in_1", amount="7.00")
    (held,) = _held(place.sync().plan)
    _decide(place, held, "keep")
    place.sync()

    place.configure(policy=PUSH)
    done = place.sync()

    assert place.proposed(done.plan) == []
    assert (place.charges["in_1"], place.charges["ch_1"]) == (0, 1)


@pytest.mark.parametrize("amended", [False, True])
def test_keep_holds_for_a_sale_that_is_logged_only_later(pusher, amended):
    """The word was given when the other one was in no log."""
    _shared(pusher, 1)
    pusher.sync()
    if amended:
        pusher.edit("partnero", "amend_sale", key="in_1", amount="7.00")
    (held,) = _held(pusher.sync().plan)
    _decide(pusher, held, "keep")
    pusher.sync()

    pusher.edit("partnero", "redeem", code="ANNA10", key="in_1")
    pusher.an_hour_later()
    done = pusher.sync()

    assert pusher.proposed(done.plan) == []
    assert (pusher.charges["in_1"], pusher.charges["ch_1"]) == (0, 1)


def test_a_nearly_equal_key_that_found_its_counterpart_holds_nothing(open_shop):
    """Of another buyer, so that it is no sale of this one's that could have gone."""
    place = open_shop(policy=ONE_WAY)
    place.sell_left("order_1", "10")
    place.sell_right("Order_1", 4999, buyer="someone")
    assert [c.push.key for c in _held(place.sync().plan)] == ["Order_1"]

    place.sell_right("order_1", 1000)
    place.an_hour_later()
    done = place.sync()

    assert _held(done.plan) == []


@pytest.mark.parametrize("origin", ["partnero", "tolt"])
def test_what_another_state_has_pushed_does_not_go_back_to_where_it_came_from(
    pusher, origin
):
    """Its sale was deleted meanwhile: our mark alone tells that it was there."""
    if origin == "tolt":
        pusher.sell_right("ch_9", 1100)
    else:
        pusher.sell_left("ch_9", "11")
    pusher.an_hour_later()
    pusher.sync()
    assert (pusher.sales["ch_9"], pusher.charges["ch_9"]) == (1, 1)
    named = {"partnero": {"key": "ch_9"}, "tolt": {"charge_id": "ch_9"}}
    pusher.edit(origin, "delete_sale", **named[origin])
    if origin == "partnero":  # what its log says of it goes with the sale
        pusher.world.partnero.code("ANNA10").redemptions.clear()
    pusher.database.unlink()

    done = pusher.sync()

    assert pusher.proposed(done.plan) == []
    assert pusher.sales["ch_9"] + pusher.charges["ch_9"] == 1


def test_keep_links_the_two_and_nothing_is_ever_pushed(pusher):
    _shared(pusher, 1)
    (held,) = _held(pusher.sync().plan)
    store = _decide(pusher, held, "keep")

    done = pusher.sync()

    assert _held(done.plan) == []
    assert store.decisions() == {}
    assert done.plan.redemptions["in_sync"] == 1
    assert pusher.proposed(pusher.sync().plan) == []
    assert (pusher.sales, pusher.log) == ({"in_1": 1}, [])


def test_keep_answers_for_both_directions_at_once(pusher):
    pusher.sell_left("in_1", "11")
    pusher.sell_right("ch_1", 1100)
    held = _held(pusher.sync().plan)
    assert sorted(c.target for c in held) == ["partnero", "tolt"]
    _decide(pusher, next(c for c in held if c.target == "partnero"), "keep")

    done = pusher.sync()

    assert pusher.proposed(done.plan) == []
    assert (pusher.sales, pusher.charges) == ({"in_1": 1}, {"ch_1": 1})


def test_a_yes_to_one_direction_is_none_to_the_way_back(pusher):
    pusher.sell_left("in_1", "11")
    pusher.sell_right("ch_1", 1100)
    held = _held(pusher.sync().plan)
    _decide(pusher, next(c for c in held if c.target == "tolt"), "proposed")
    pusher.sync()
    pusher.an_hour_later()

    done = pusher.sync()

    assert [(c.target, c.reason) for c in _held(done.plan)] == [
        ("partnero", "lookalike")
    ]
    assert (pusher.sales, pusher.charges) == ({"in_1": 1}, {"ch_1": 1, "in_1": 1})


def test_as_proposed_pushes_it_once_and_uses_the_word_up(pusher):
    _shared(pusher, 1)
    (held,) = _held(pusher.sync().plan)
    store = _decide(pusher, held, "proposed")

    done = pusher.sync()

    assert pusher.steps(done)["transaction", "partnero", "confirmed"] == 1
    assert store.decisions() == {}
    assert (pusher.sales, pusher.log) == ({"in_1": 1, "ch_1": 1}, ["ch_1"])
    assert pusher.proposed(pusher.sync().plan) == []


def test_the_question_can_be_accepted_by_its_id_with_all_its_steps(pusher):
    _shared(pusher, 1)
    (held,) = _held(pusher.plan())

    done = pusher.sync(accepted=frozenset({held.id}), only=frozenset({held.id}))

    assert pusher.steps(done) == {
        ("transaction", "partnero", "confirmed"): 1,
        ("redeem", "partnero", "confirmed"): 1,
    }


def test_a_second_honest_purchase_on_the_same_day_is_pushed(pusher):
    pusher.sell_left("ord-1")
    pusher.sell_right("ord-1")
    pusher.sell_right("ord-2")

    pusher.sync()

    assert pusher.sales == {"ord-1": 1, "ord-2": 1}


def test_two_sales_against_one_unknown_one_are_both_held(pusher):
    pusher.sell_left("in_1")
    pusher.world.partnero.code("ANNA10").redemptions.clear()
    pusher.sell_right("ch_1")
    pusher.sell_right("ch_2")

    held = _held(pusher.sync().plan)

    assert sorted(c.push.key for c in held) == ["ch_1", "ch_2"]
    assert pusher.sales == {"in_1": 1}


def test_once_one_is_linked_the_other_is_pushed(pusher):
    test_two_sales_against_one_unknown_one_are_both_held(pusher)
    first = min(_held(pusher.plan()), key=lambda change: change.push.key)
    _decide(pusher, first, "keep")
    pusher.sync()

    pusher.sync()

    assert pusher.sales == {"in_1": 1, "ch_2": 1}


@pytest.mark.parametrize("direction", ["to-partnero", "to-tolt"])
def test_keys_that_differ_in_case_alone_are_held(open_shop, direction):
    place = open_shop(policy=f'redemptions = "{direction}"\ncommissions = true')
    place.sell_left("order_1", "10")
    place.sell_right("Order_1", 4999)

    held = _held(place.sync().plan)

    assert [c.reason for c in held] == ["lookalike"]
    assert (place.sales, place.charges) == ({"order_1": 1}, {"Order_1": 1})


@pytest.mark.parametrize("key", ["order_1 ", " order_1", "order\u00a01", "e\u0301"])
def test_a_key_that_a_server_may_change_is_blocked(pusher, key):
    pusher.sell_right(key)

    (blocked,) = pusher.proposed(pusher.sync().plan)

    assert (blocked.status, blocked.reason) == ("blocked", "not_expressible")
    assert pusher.sales == {}


def test_a_ledger_that_is_lost_after_many_pushes_stops_no_direction(pusher):
    """Sales with our own mark are adopted, and are no evidence."""
    for number in range(6):
        pusher.sell_right(f"r-{number}", 1000 + number)
        pusher.sell_left(f"l-{number}", f"{20 + number}", code="BEN20")
    pusher.sync()
    pusher.an_hour_later()
    pusher.database.unlink()
    pusher.sell_right("new", 7777)
    pusher.an_hour_later()

    done = pusher.sync()

    assert pusher.kinds(done.plan)["common_root"] == 0
    assert (pusher.sales["new"], pusher.sales.total()) == (1, 13)
    assert pusher.charges.total() == 13


def test_customers_without_a_listing_of_their_own_are_asked_by_filter(pusher):
    pusher.fault(
        "status", "GET", r"/customers/[^/]+/transactions", status=404, count=None
    )
    _shared(pusher, 1)

    assert [c.reason for c in _held(pusher.plan())] == ["lookalike"]


def test_without_a_sentinel_every_report_says_that_nothing_prevents_another_machine(
    pusher,
):
    assert pusher.kinds(pusher.plan())["no_sentinel"] == 1
    pusher.configure(policy=PUSH, limits='sentinel = "BEN20"')
    assert pusher.kinds(pusher.plan())["no_sentinel"] == 0
    pusher.configure()
    assert pusher.kinds(pusher.plan())["no_sentinel"] == 0


BETWEEN = r"/partnero/v1/customers/[^/]+/transactions"
"""The last look of a plan to Partnero, before the first write."""


def test_a_lookalike_that_comes_after_the_plan_makes_it_stale(pusher):
    pusher.sell_left("old", "1")
    pusher.sell_right("ch_1", 1100)

    def somebody(_world):
        pusher.sell_left("in_1", "11")

    pusher.fault("edit", "GET", BETWEEN, edit=somebody)

    done = pusher.sync()

    assert pusher.steps(done)["transaction", "partnero", "stale"] == 1
    assert (pusher.sales["ch_1"], pusher.sales["in_1"]) == (0, 1)


def _asked(place, sell):
    """Count the requests of a run with one sale more to push, beyond one with none."""
    place.sync()
    place.sync()
    quiet = len(place.sandbox.asked)
    sell()
    place.an_hour_later()
    done = place.sync()
    assert place.steps(done), done.plan.changes
    return len(place.sandbox.asked) - quiet


@pytest.mark.parametrize(
    ("target", "known", "before"),
    [
        ("partnero", True, 9),
        ("partnero", False, 13),
        ("tolt", True, 11),
        ("tolt", False, 17),
    ],
)
def test_a_pushed_sale_costs_four_reads_more_at_most(open_shop, target, known, before):
    """``before`` is what it took when nothing but the key was looked at."""
    place = open_shop(policy=f'redemptions = "to-{target}"\ncommissions = true')
    if known:
        place.sell_left("old-left", "1")
        place.sell_right("old-right", 200)
    place.an_hour_later()

    def sell():
        if target == "partnero":
            place.sell_right("new", 3000)
        else:
            place.sell_left("new", "30")

    assert _asked(place, sell) <= before + 4
