"""A verdict and all that follows from it: wherever it is cut off, all or nothing."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from sqlalchemy import event

from mappings.canonical import Both, Percentage, Values
from mappings.redemptions import Entry, Total
from state.model import (
    Decision,
    Failure,
    Intent,
    LedgerChange,
    Link,
    PartnerLink,
    Same,
    Settlement,
    Tombstone,
    Unfinished,
)

AT = "2026-01-01T00:00:00.000000Z"
WRITE = Intent(
    *("i_1", "r_1", "c_1", "sam", "SAM", "replace", "tolt"), "sending", "{}", at=AT
)
VALUES = Values("sam", Percentage(Decimal("12.5")), "prt_1")
LINK = Link(Both("SAM", "promo_1"), Both(VALUES, VALUES), "SAM", "v2")
RENAMED = Values("tom", VALUES.discount, "prt_1")
NEW = Link(Both("TOM", "promo_2"), Both(RENAMED, RENAMED), "TOM", "v2")
CONSENT = Decision("c_1", "sam", "SAM", "tolt", "seen", "me@here", "t")
ACCEPTED = replace(CONSENT, id="f_1", take="keep")
LEFT = Unfinished("tom", "TOM", "tolt", "{}", "", "why", "t")
SALE = Entry("sam", "order_1", logged=1)
TOTAL = Total("sam", "in_sync", "USD", 1, 100, 0)
DONE = replace(WRITE, state="confirmed")
PUT_ASIDE = replace(WRITE, state="quarantined", detail="nobody knows")
SETTLEMENTS = {
    "a replace": Settlement(
        DONE,
        link=NEW,
        replaces="sam",
        used=("c_1",),
        accepts=(ACCEPTED,),
        finished="tom",
        coupons={"SAM": "WINTER"},
        seen_at=AT,
    ),
    "a deletion": Settlement(
        DONE, stone=Tombstone("sam", "SAM", "tolt", "t", "12.5%"), used=("c_1",)
    ),
    "a sale": Settlement(
        DONE,
        used=("c_1",),
        customer=Same("v2", "cus_1", "cust_1"),
        sales=LedgerChange(((SALE, "in_sync"),), (TOTAL,)),
    ),
    "a partner": Settlement(DONE, partner=Same("v2", "prt_9", "part_9")),
    "a code that is missing now": Settlement(
        replace(WRITE, state="failed"),
        unfinished=replace(LEFT, key="sam"),
        failed=Failure("SAM", "why"),
    ),
    "what nobody can explain": Settlement(
        PUT_ASIDE,
        sales=LedgerChange(((replace(SALE, doubt="parked:tolt"), "quarantined"),)),
        failed=Failure("SAM", "why", parked=True),
    ),
}


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Fuse:
    """Ends the process before the statement or the commit with this number."""

    left: int

    def burn(self, *_: object) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


@pytest.fixture
def store(opened):
    """A state in which everything that a verdict can end is there."""
    made = opened()
    made.save_links([LINK])
    made.decide([CONSENT])
    made.save_coupons({"SAM": "SUMMER"}, AT)
    made.bury([Tombstone("tom", "TOM", "tolt", "t", "")])
    made.journal.begin(replace(WRITE, id="i_0"))
    missing = replace(WRITE, id="i_0", state="failed")
    made.journal.settle(Settlement(missing, unfinished=LEFT))
    made.journal.count_failures({"c_1": Failure("SAM", "once")}, ())
    made.journal.begin(WRITE)
    return made


def cut_off(dying, settlement, after):
    """Settle in a process that ends after so many statements; say whether it did."""
    fuse = Fuse(after)
    dying.links()  # connected
    engine = dying.transactions.engine
    event.listen(engine, "before_cursor_execute", fuse.burn)
    event.listen(engine, "commit", fuse.burn)
    try:
        dying.journal.settle(settlement)
    except Killed:
        return True
    finally:
        event.remove(engine, "before_cursor_execute", fuse.burn)
        event.remove(engine, "commit", fuse.burn)
    return False


@pytest.mark.parametrize("name", SETTLEMENTS)
def test_a_process_that_ends_anywhere_leaves_all_of_a_verdict_or_nothing(
    store, opened, name
):
    before, after = store.tables(), 0

    while cut_off(opened(), SETTLEMENTS[name], after):
        assert opened().tables() == before
        after += 1

    assert after >= 3  # the fence, the intent, what follows from it, the commit
    assert opened().tables() != before


def test_a_replace_moves_the_base_and_ends_what_waited_for_it(store):
    store.journal.settle(SETTLEMENTS["a replace"])

    assert store.links() == [NEW]
    assert list(store.decisions()) == ["f_1"]
    assert store.unfinished() == {}
    assert store.tombstones() == {}
    assert store.coupons() == {"SAM": "WINTER"}
    assert store.journal.failures() == {}
    assert store.journal.open_intents() == []


def test_a_coupon_is_remembered_of_no_code_that_its_listing_tells(store):
    learned = replace(SETTLEMENTS["a replace"], coupons={"TOM": "WINTER"})

    store.journal.settle(learned)

    assert store.coupons() == {"SAM": "SUMMER"}


def test_a_deletion_closes_the_base_and_remembers_the_record(store):
    store.journal.settle(SETTLEMENTS["a deletion"])

    assert store.links() == []
    assert set(store.tombstones()) == {"sam", "tom"}
    assert store.decisions() == {}


def test_a_sale_is_in_the_ledger_and_its_customer_is_one_person(store):
    store.journal.settle(SETTLEMENTS["a sale"])

    assert store.ledger.everything() == {("sam", "order_1"): (SALE, "in_sync")}
    assert store.ledger.totals() == [TOTAL]
    assert store.ledger.counterpart("tolt", "cust_1", "v2") == "cus_1"


def test_a_partner_who_was_created_is_matched(store):
    store.journal.settle(SETTLEMENTS["a partner"])

    assert store.partner_links("v2") == [PartnerLink("prt_9", "part_9", "created")]


def test_a_code_that_is_missing_is_kept_and_counted_as_failed(store):
    store.journal.settle(SETTLEMENTS["a code that is missing now"])

    assert set(store.unfinished()) == {"sam", "tom"}
    assert store.journal.failures() == {"c_1": Failure("SAM", "why", runs=2)}


def test_what_nobody_can_explain_is_parked(store):
    store.journal.settle(SETTLEMENTS["what nobody can explain"])

    (failure,) = store.journal.failures().values()
    assert failure.parked


def test_a_verdict_that_leaves_a_write_open_keeps_its_note_and_its_copy(store):
    store.journal.leave("i_1", '{"code": "SAM"}')

    store.journal.settle(Settlement(replace(WRITE, state="uncertain", looks=2)))

    (open_,) = store.journal.open_intents()
    assert (open_.state, open_.looks, open_.copy) == (
        "uncertain",
        2,
        '{"code": "SAM"}',
    )
