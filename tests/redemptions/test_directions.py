"""What is pushed in one direction, from facts alone: no network, no state."""

from dataclasses import replace

import pytest

from connector.engine.causes.pushes import (
    CodesNotPushed,
    CommissionsNeeded,
    NotOnBothSides,
    NotOnePartners,
    OneBillingSystem,
)
from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.engine.policy import Policy
from connector.engine.sales.directions import (
    Direction,
    commissions_needed,
    decide,
    lacks_commissions,
    over,
    pushable_codes,
)
from connector.engine.sales.facts import PushFacts
from connector.engine.sales.lookalikes import Lookalike
from connector.engine.sales.standings import MISSING, Standing
from mappings.canonical import PromoCode, Side, Values
from mappings.redemptions import Charge, Customer, Entry, Money, Total
from state.model import Decision

P, T = Side.PARTNERO, Side.TOLT
TEN = Money(1000, "USD")
AT = "2026-03-10T12:00:00Z"
POLICY = Policy(redemptions="both", commissions=True)
PEOPLE = PartnerMap({}, {}, {"prt_1": "part_1"}, {"part_1": "prt_1"})
THERE = Lookalike("in_1@t", "in_1", AT, TEN)


def pairing(key="anna10", owner="part_1", *, there=True):
    left = PromoCode(key.upper(), key.upper(), Values(key, None, "prt_1"))
    right = PromoCode(f"promo_{key}", key.upper(), Values(key, None, owner))
    return Pairing(key, None, left, right if there else None)


def sale(number=1, **more):
    """Return a sale on Tolt that nothing keeps from being pushed to Partnero."""
    key = f"k{number}"
    buyer = Customer(f"b{number}", f"sam{number}@buyers.example", "", f"{number}", None)
    entry = Entry("anna10", key, charges=(f"v2:{key}",), charged=TEN, charged_at=AT)
    facts = {
        "source": buyer,
        "buyer": buyer,
        "origin": Charge(key, key, TEN, buyer.id, "promo_anna10", AT),
        "credited": {"partnero:prt_1"},
        "currency": "USD",
    }
    return PushFacts(
        **{"entry": entry, "pairing": pairing(), "target": P} | facts | more
    )


def direction(**more):
    known = {"totals": (), "evidence": 0, "today": "2026-03-11"}
    return Direction(**{"target": P, "policy": POLICY} | known | more)


def total(standing, number, code="anna10"):
    return Total(code, standing, "USD", number, 0, 0)


def word(change, take="keep"):
    """Return a person's word about a change."""
    about = (change.id, change.key, change.code, take, "", "sam", AT)
    return {change.id: Decision(*about, change.action, "partnero")}


# -- which codes -------------------------------------------------------------------


def test_a_code_that_one_side_lacks_or_others_are_paid_for_is_named_and_left_out():
    pairs = {
        "anna10": pairing(),
        "bob10": pairing("bob10", there=False),
        "eve10": pairing("eve10", owner="part_9"),
    }
    totals = [total(MISSING[P], 1, code) for code in ("eve10", "anna10", "bob10")]

    codes, (finding,) = pushable_codes(P, totals, pairs, PEOPLE)

    assert codes == ["anna10"]
    assert finding.codes == ("bob10", "eve10")
    why = (("bob10", NotOnBothSides()), ("eve10", NotOnePartners()))
    assert finding.causes == (CodesNotPushed(P, 2, why),)


def test_only_codes_that_lack_something_there_are_asked_about():
    totals = [total(Standing.IN_SYNC, 5), total(MISSING[T], 2)]

    assert pushable_codes(P, totals, {"anna10": pairing()}, PEOPLE) == ([], [])


@pytest.mark.parametrize(
    ("target", "commissions", "lacks"),
    [(T, False, True), (T, True, False), (P, False, False)],
)
def test_only_tolt_needs_a_yes_to_commissions(target, commissions, lacks):
    policy = Policy(redemptions="both", commissions=commissions)

    assert lacks_commissions(target, policy) is lacks


def test_what_waits_for_commissions_is_counted_where_anything_does():
    (finding,) = commissions_needed(T, [total(MISSING[T], 3), total(MISSING[P], 4)])

    assert finding.causes == (CommissionsNeeded(3),)
    assert commissions_needed(T, [total(MISSING[P], 4)]) == []


# -- what follows ------------------------------------------------------------------


def test_steps_of_one_buyer_are_proposed_once():
    """Two sales of somebody who is to be made known: one customer, two payments."""
    buyer = sale().source
    two = [sale(n, source=buyer, buyer=None) for n in (1, 2)]

    pushes = decide(direction(), two, {})

    actions = [change.action for change in pushes.changes]
    assert sorted(actions) == ["customer", *["redeem"] * 2, *["transaction"] * 2]
    assert pushes.asked >= {change.id for change in pushes.changes}


def test_what_a_look_up_has_noted_is_kept_whatever_is_proposed():
    refunded = Entry("anna10", "k7", refunds=("v2:k7",))

    pushes = decide(direction(), [sale()], {("anna10", "k7"): refunded})

    assert refunded in pushes.learnt


def test_what_the_target_has_without_us_is_remembered_once():
    pushes = decide(direction(), [sale(lookalikes=[THERE])], {})

    (entry,) = pushes.learnt
    assert entry.evidence == "partnero"
    again = decide(direction(), [sale(entry=entry, lookalikes=[THERE])], {})
    assert again.learnt == ()


@pytest.mark.parametrize(
    ("in_sync", "evidence", "missing", "stops"),
    [
        pytest.param(4, 0, 4, False, id="four are chance"),
        pytest.param(5, 0, 20, True, id="five of twenty-five"),
        pytest.param(5, 0, 21, False, id="five of twenty-six"),
        pytest.param(0, 5, 25, True, id="as lookalikes in earlier runs"),
        pytest.param(3, 2, 10, True, id="both together"),
    ],
)
def test_sales_that_came_to_both_sides_by_themselves_stop_a_direction(
    in_sync, evidence, missing, stops
):
    totals = [total(Standing.IN_SYNC, in_sync), total(MISSING[P], missing)]

    pushes = decide(direction(totals=totals, evidence=evidence), [sale()], {})

    assert bool(pushes.findings) is stops
    assert (pushes.changes == ()) is stops
    if stops:
        cause = OneBillingSystem(P, in_sync + evidence, "2026-03-11")
        assert pushes.findings[0].causes == (cause,)


def test_a_direction_that_stops_still_asks_and_names_what_is_blocked():
    totals = [total(Standing.IN_SYNC, 9)]
    sales = [sale(1), sale(2, lookalikes=[THERE]), sale(3, currency="EUR")]

    pushes = decide(direction(totals=totals), sales, {})

    assert {c.reason for c in pushes.changes} == {"lookalike", "currency_differs"}


# -- what a person has said --------------------------------------------------------


def test_the_same_sale_is_linked_on_both_entries_and_the_word_is_used():
    held = sale(lookalikes=[THERE])
    (question,) = decide(direction(), [held], {}).changes
    theirs = Entry("anna10", "in_1", logged=1)
    held = replace(held, nearby=[theirs, Entry("anna10", "IN_1", logged=1)])

    pushes = decide(direction(decisions=word(question)), [held], {})

    assert pushes.changes == ()
    assert pushes.used == (question.id,)
    linked = {entry.key: entry.linked for entry in pushes.learnt}
    assert linked == {"k1": "in_1@t", "in_1": "k1"}


def test_a_counterpart_that_is_on_both_sides_already_is_not_linked():
    held = sale(lookalikes=[THERE])
    (question,) = decide(direction(), [held], {}).changes
    whole = Entry("anna10", "in_1", logged=1, charges=("v2:in_1",))
    held = replace(held, nearby=[whole])

    pushes = decide(direction(decisions=word(question)), [held], {})

    assert {entry.key for entry in pushes.learnt} == {"k1"}


def test_what_is_blocked_and_accepted_as_it_is_is_named_with_who():
    blocked = sale(currency="EUR")
    (change,) = decide(direction(), [blocked], {}).changes

    pushes = decide(direction(decisions=word(change)), [blocked], {})

    (finding,) = pushes.accepted
    assert (pushes.changes, pushes.used) == ((), ())
    assert (finding.kind, finding.decision.who) == ("currency_differs", "sam")


def test_a_word_about_a_sale_is_over_once_nobody_could_be_asked_about_it():
    (change,) = decide(direction(), [sale(currency="EUR")], {}).changes
    asked = direction(decisions=word(change))

    same = decide(asked, [sale(currency="EUR")], {})
    gone = decide(asked, [sale()], {})

    assert over(asked, same.asked) == frozenset()
    assert over(asked, gone.asked) == {change.id}


def test_a_word_about_a_sale_of_which_nothing_can_be_told_waits():
    (change,) = decide(direction(), [sale(currency="EUR")], {}).changes
    asked = direction(decisions=word(change))

    pushes = decide(asked, [sale(2, unknown="Tolt does not tell")], {})

    assert over(asked, pushes.asked) == frozenset()
