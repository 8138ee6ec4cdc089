"""What is proposed for one redemption, from facts alone: no network, no state."""

import pytest

from connector.engine.match import Pairing
from connector.engine.policy import Policy
from connector.engine.sales.facts import PushFacts
from connector.engine.sales.lookalikes import Lookalike
from connector.engine.sales.pushes import propose
from mappings.canonical import PromoCode, Side, Values
from mappings.redemptions import Charge, Customer, Entry, Money, Sale
from state.model import Decision

TEN = Money(1000, "USD")
AT = "2026-03-10T12:00:00Z"
POLICY = Policy(redemptions="both", commissions=True)
CODES = {
    Side.PARTNERO: PromoCode("ANNA10", "ANNA10", Values("anna10", None, "prt_1")),
    Side.TOLT: PromoCode("promo_1", "ANNA10", Values("anna10", None, "part_1")),
}
PAIR = Pairing("anna10", None, CODES[Side.PARTNERO], CODES[Side.TOLT])
THERE = Lookalike("in_1@t", "in_1", AT, TEN)


def sale(target=Side.PARTNERO, money=TEN, **more):
    """Return a sale of a known buyer that nothing keeps from being pushed."""
    source = Customer("b1", "sam@buyers.example", "Sam", "1001", None)
    buyer = Customer("b2", "sam@buyers.example", "Sam", "1001", None, "promo_1")
    if target is Side.PARTNERO:
        entry = Entry("anna10", "k", charges=("v2:t",), charged=money, charged_at=AT)
        origin = Charge("t", "k", money, "b1", "promo_1", AT)
    else:
        entry = Entry("anna10", "k", logged=1, sales=1, sold=money, sold_at=AT)
        origin = Sale("k", money, "b1", AT)
    facts = {"origin": origin, "currency": "USD", "credited": {"partnero:prt_1"}}
    return PushFacts(entry, PAIR, target, source, buyer, **(facts | more))


def proposed(one, **more):
    return propose(one, POLICY, **more)


def _reason(one):
    (blocked,) = proposed(one)
    assert blocked.status == "blocked"
    return blocked.reason


both = pytest.mark.parametrize("target", list(Side))


@both
def test_a_sale_that_nothing_speaks_against_is_ready(target):
    assert {change.status for change in proposed(sale(target))} == {"ready"}


@both
@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"currency": "EUR"}, "currency_differs"),
        ({"currency": None}, "currency_unknown"),
        ({"credited": {"partnero:prt_1", "partnero:prt_2"}}, "payee_change"),
        ({"credited": {"partnero:prt_1", ""}}, "payee_change"),
        ({"credited": {"partnero:prt_1", "tolt:part_9"}}, "payee_change"),
        ({"inactive": (Side.TOLT, "suspended")}, "partner_inactive"),
    ],
)
def test_who_and_what_is_paid_must_be_certain(target, facts, reason):
    assert _reason(sale(target, **facts)) == reason


@both
def test_a_number_that_is_another_persons_there_is_two_people(target):
    other = Customer("b3", "ann@buyers.example", "Ann", "1001", None)

    assert _reason(sale(target, stranger=other)) == "customer_differs"


@both
def test_a_key_that_may_be_changed_is_told_before_anything_else(target):
    one = sale(target, currency=None)
    bad = PushFacts(**{**_fields(one), "entry": Entry("anna10", "k ", charged=TEN)})

    assert _reason(bad) == "not_expressible"


def _fields(one):
    return {name: getattr(one, name) for name in PushFacts.__slots__}


@both
def test_a_lookalike_is_one_question_that_names_it(target):
    (held,) = proposed(sale(target, lookalikes=[THERE]))

    assert (held.action, held.status, held.reason) == (
        "transaction",
        "held",
        "lookalike",
    )
    assert held.executable
    assert held.values["lookalike"] == {
        "key": "in_1",
        "at": AT,
        "amount": "10.00",
        "currency": "USD",
    }


@both
def test_a_lookalike_is_no_question_where_another_person_would_be_paid(target):
    one = sale(target, lookalikes=[THERE], credited={"partnero:prt_1", ""})

    assert _reason(one) == "payee_change"
    assert one.brought


def test_another_lookalike_is_another_question():
    other = THERE._replace(key="in_2", reference="in_2@t")
    ids = {
        proposed(sale(lookalikes=found))[0].id
        for found in ([THERE], [other], [THERE, other], [])
    }

    assert len(ids) == 4


def test_what_else_a_buyer_has_bought_makes_no_other_change():
    ids = {proposed(sale(known=known))[0].id for known in ((), ("a",), ("a", "b"))}

    assert len(ids) == 1


def test_nothing_is_asked_where_only_the_redeem_is_missing():
    there = Sale("k", TEN, "b2", AT)

    steps = proposed(sale(there=[there], lookalikes=[THERE]))

    assert [(one.action, one.status) for one in steps] == [("redeem", "ready")]


@both
def test_a_yes_is_used_up_by_the_payment_and_by_nothing_else(target):
    one = sale(target, lookalikes=[THERE])
    (held,) = proposed(one)
    words = (held.id, held.key, held.code, "proposed", "", "sam", AT)

    steps = proposed(one, decisions={held.id: Decision(*words)})

    assert [step.consents for step in steps if step.consents] == [(held.id,)]
    assert {step.action for step in steps if step.consents} == {"transaction"}
    assert all(step.decided and step.status == "ready" for step in steps)
    assert steps[-1].id == held.id
    assert {step.decision.who for step in steps} == {"sam"}


@pytest.mark.parametrize("take", ["keep", "delete", "tolt", "partnero"])
def test_no_other_word_pushes_it(take):
    one = sale(lookalikes=[THERE])
    (held,) = proposed(one)
    words = (held.id, held.key, held.code, take, "", "sam", AT)

    assert proposed(one, decisions={held.id: Decision(*words)}) == [held]


def test_a_payment_in_doubt_waits_for_a_person_under_an_id_of_its_own():
    one = sale()
    doubted = Entry("anna10", "k", charges=("v2:t",), doubt="parked:partnero")
    parked = PushFacts(**{**_fields(one), "entry": doubted})

    (held,) = proposed(parked)

    assert (held.status, held.reason) == ("held", "quarantined")
    assert held.id not in {step.id for step in proposed(one)}


@pytest.mark.parametrize(
    ("mark", "brought"), [("partnero-tolt", False), ("sale", True)]
)
def test_what_carries_our_mark_is_no_evidence(mark, brought):
    there = Sale("k", TEN, "b2", AT, action=mark)

    assert sale(there=[there]).brought is brought


def test_a_lookalike_is_evidence_whatever_else_is_known():
    assert sale(lookalikes=[THERE]).brought
    assert not sale().brought
